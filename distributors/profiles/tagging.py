"""Tags given to distributors and taken from them: a few by hand, many at once, undone, renamed, merged, deleted."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion
from distributors.profiles.models import Distributor, Tag, TagChange, TagChangePair, Tagging
from distributors.profiles.tag_models import LONGEST

LOCK = "profiles.tags"
CHUNK = 2000
MOST = 20
BETWEEN = re.compile("[,，;；、\n]")

Pair = tuple[int, int]


def tag_key(name: str) -> str:
    """Return what two spellings of one tag have in common."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def tag_names(text: str) -> tuple[str, ...]:
    """Return the names that a text lists between commas, each once; raise DomainError for one that is too long."""
    found: dict[str, str] = {}
    for part in BETWEEN.split(text.replace("\x00", "")):
        name = " ".join(part.split())
        key = tag_key(name)
        if max(len(name), len(key)) > LONGEST:
            raise DomainError(_("“%(name)s” is too long: a tag has at most 40 characters.") % {"name": name})
        if key:
            found.setdefault(key, name)
    if len(found) > MOST:
        raise DomainError(_("A distributor carries at most %(most)s tags.") % {"most": MOST})
    return tuple(found.values())


def tags_ensure(*, actor: User | None, names: Iterable[str]) -> list[Tag]:
    """Return the tags called so; those that nobody made yet are made."""
    wanted = {tag_key(name): name for name in names}
    found = {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
    for key, name in wanted.items():
        if key not in found:
            found[key] = Tag.objects.create(name=name, key=key, created_by=_person(actor))
            audit.record(actor=actor, verb="tag.created", target=found[key], after={"name": name})
    return [found[key] for key in wanted]


@transaction.atomic
def tags_put(*, actor: User, rows: QuerySet[Distributor], names: Iterable[str]) -> TagChange:
    """Give every distributor of `rows` these tags, where it lacks them; return the change, which can be undone."""
    lock(LOCK)
    tags = tags_ensure(actor=actor, names=names)
    change = TagChange.objects.create(adds=True, created_by=actor)
    for keys in _chunks(rows.filter(merged_into=None)):
        carried = _pairs(keys)
        added = {(key, tag.pk) for key in keys for tag in tags} - carried
        _write(actor, "distributor.tagged", added=added, change=change)
    return change


@transaction.atomic
def tags_take(*, actor: User, rows: QuerySet[Distributor], tags: Iterable[Tag]) -> TagChange:
    """Take these tags from every distributor of `rows` that carries one; return the change, which can be undone."""
    lock(LOCK)
    keys_of_tags = {tag.pk for tag in tags}
    change = TagChange.objects.create(adds=False, created_by=actor)
    for keys in _chunks(rows.filter(merged_into=None, taggings__tag__in=keys_of_tags).distinct()):
        removed = {pair for pair in _pairs(keys) if pair[1] in keys_of_tags}
        _write(actor, "distributor.untagged", removed=removed, change=change)
    return change


@transaction.atomic
def tag_change_undo(*, actor: User, change: TagChange) -> int:
    """Take back what a change gave, or give back what it took; return how many distributors that concerned.

    What somebody changed since stays: a tag that is gone anyway, or came back, is left alone.
    """
    lock(LOCK)
    if not TagChange.objects.filter(pk=change.pk, undone_at=None).update(undone_at=clock.instant()):
        raise DomainError(_("This was undone already."))
    concerned = 0
    mine = Distributor.objects.visible_to(actor, "change").filter(merged_into=None)
    touched = mine.filter(pk__in=change.pairs.values("distributor"))
    for keys in _chunks(touched):
        pairs = set(change.pairs.filter(distributor__in=keys).values_list("distributor", "tag"))
        carried = _pairs(keys)
        if change.adds:
            concerned += _write(actor, "distributor.untagged", removed=pairs & carried)
        else:
            concerned += _write(actor, "distributor.tagged", added=pairs - carried)
    return concerned


@transaction.atomic
def tags_assign(*, actor: User | None, wanted: Mapping[int, Iterable[str]], note: str = "") -> set[int]:
    """Let each distributor, by its key, carry exactly the tags of these names; return the keys that changed."""
    lock(LOCK)
    tags = {tag.key: tag.pk for tag in tags_ensure(actor=actor, names={n for names in wanted.values() for n in names})}
    changed: set[int] = set()
    for keys in _parts(wanted):
        asked = {(key, tags[tag_key(name)]) for key in keys for name in wanted[key]}
        carried = _pairs(keys)
        _write(actor, "distributor.tagged", added=asked - carried, removed=carried - asked, note=note)
        changed |= {key for key, _tag in asked ^ carried}
    return changed


def tags_refuse_stale(*, distributor: Distributor, names: Iterable[str], version: int | None) -> None:
    """Raise StaleVersion where other tags than those carried are asked for from a card that changed meanwhile."""
    lock(LOCK)
    carried = set(Tag.objects.filter(taggings__distributor=distributor.pk).values_list("key", flat=True))
    if version is None or carried == {tag_key(name) for name in names}:
        return
    if not Distributor.objects.filter(pk=distributor.pk, version=version).exists():
        raise StaleVersion


@transaction.atomic
def tags_carry(*, actor: User, source: Distributor, survivor: Distributor) -> list[int]:
    """Give the survivor of a merge the tags of the card that goes; return those that it lacked."""
    lock(LOCK)
    lacking = {tag for _one, tag in _pairs([source.pk])} - {tag for _one, tag in _pairs([survivor.pk])}
    _write(actor, "distributor.tagged", added={(survivor.pk, tag) for tag in lacking})
    return sorted(lacking)


@transaction.atomic
def tags_give_back(*, actor: User, survivor: Distributor, tags: Iterable[int]) -> None:
    """Take from the survivor what a merge brought it, once that is undone."""
    lock(LOCK)
    brought = {(survivor.pk, tag) for tag in tags}
    _write(actor, "distributor.untagged", removed=brought & _pairs([survivor.pk]))


@transaction.atomic
def tag_save(*, actor: User, instance: Tag, name: str, version: int | None = None) -> Tag:
    """Make a tag, or call one otherwise; raise DomainError where another one is called so."""
    if instance.pk:
        return tag_rename(actor=actor, tag=instance, name=name)
    lock(LOCK)
    name = _one_name(name)
    if Tag.objects.filter(key=tag_key(name)).exists():
        raise DomainError(_("There is a tag “%(name)s” already.") % {"name": name}, "name")
    return tags_ensure(actor=actor, names=[name])[0]


@transaction.atomic
def tag_rename(*, actor: User, tag: Tag, name: str) -> Tag:
    """Call a tag otherwise; raise DomainError where another one is called so."""
    lock(LOCK)
    name = _one_name(name)
    before = Tag.objects.get(pk=tag.pk)
    other = Tag.objects.filter(key=tag_key(name)).exclude(pk=tag.pk).first()
    if other is not None:
        raise DomainError(_("There is a tag “%(name)s” already; merge the two instead.") % {"name": other}, "name")
    if before.name == name:
        return before
    Tag.objects.filter(pk=tag.pk).update(name=name, key=tag_key(name))
    after = Tag.objects.get(pk=tag.pk)
    audit.record(actor=actor, verb="tag.renamed", target=after, before={"name": before.name}, after={"name": name})
    Distributor.objects.filter(taggings__tag=tag.pk).update(updated_at=clock.instant())
    return after


@transaction.atomic
def tag_merge(*, actor: User, tag: Tag, into: Tag) -> int:
    """Let those who carry `tag` carry `into` instead, and delete it; return how many that were."""
    lock(LOCK)
    if tag.pk == into.pk:
        raise DomainError(_("A tag is not merged into itself."), "into")
    changed = 0
    for keys in _chunks(Distributor.objects.filter(taggings__tag=tag.pk)):
        lacking = {(key, into.pk) for key in keys} - _pairs(keys)
        gone = {(key, tag.pk) for key in keys}
        changed += _write(actor, "distributor.tagged", added=lacking, removed=gone, note=f"{tag} → {into}")
    for one in (tag, into):
        audit.record(actor=actor, verb="tag.merged", target=one, after={"merged": f"{tag} → {into}"})
    Tag.objects.filter(pk=tag.pk).delete()
    return changed


@transaction.atomic
def tag_delete(*, actor: User, tag: Tag, seen: int) -> int:
    """Take a tag from all who carry it and delete it; raise DomainError where they are not as many as were `seen`."""
    lock(LOCK)
    carriers = Distributor.objects.filter(taggings__tag=tag.pk)
    if carriers.filter(merged_into=None).count() != seen:
        raise DomainError(_("Other distributors carry it by now; look again before you delete it."))
    changed = 0
    for keys in _chunks(carriers):
        changed += _write(actor, "distributor.untagged", removed={(key, tag.pk) for key in keys})
    audit.record(actor=actor, verb="tag.deleted", target=tag, before={"name": tag.name})
    Tag.objects.filter(pk=tag.pk).delete()
    return changed


def _one_name(text: str) -> str:
    names = tag_names(text)
    if len(names) != 1:
        raise DomainError(_("Give one name, without commas."), "name")
    return names[0]


def _person(actor: User | None) -> User | None:
    return actor if actor is not None and actor.pk else None


def _chunks(rows: QuerySet) -> Iterator[list[int]]:
    return _parts(list(rows.order_by("pk").values_list("pk", flat=True)))


def _parts(keys: Iterable[int]) -> Iterator[list[int]]:
    left = iter(keys)
    while part := list(islice(left, CHUNK)):
        yield part


def _pairs(keys: Iterable[int]) -> set[Pair]:
    return set(Tagging.objects.filter(distributor__in=keys).order_by().values_list("distributor", "tag"))


def _write(
    actor: User | None,
    verb: str,
    *,
    added: Iterable[Pair] = (),
    removed: Iterable[Pair] = (),
    change: TagChange | None = None,
    note: str = "",
) -> int:
    """Write a chunk of pairs and what they change in the trail; return how many distributors they concern.

    The version of the card moves on, so that nobody who has it open saves over its tags.
    """
    added, removed = sorted(added), sorted(removed)
    keys = sorted({key for key, _tag in (*added, *removed)})
    if not keys:
        return 0
    before = tags_text(keys)
    who, now = _person(actor), clock.instant()
    Tagging.objects.bulk_create(
        (Tagging(distributor_id=key, tag_id=tag, created_by=who) for key, tag in added), batch_size=1000
    )
    for tag in {tag for _key, tag in removed}:
        Tagging.objects.filter(tag=tag, distributor__in=[key for key, one in removed if one == tag]).delete()
    if change is not None:
        pairs = (TagChangePair(change=change, distributor_id=key, tag_id=tag) for key, tag in (*added, *removed))
        TagChangePair.objects.bulk_create(pairs, batch_size=1000)
    Distributor.objects.filter(pk__in=keys).update(version=F("version") + 1, updated_by=who, updated_at=now)
    after, cards = tags_text(keys), Distributor.objects.only("short_name", "legal_name").in_bulk(keys)
    entries = ((cards[key], {"tags": before.get(key, "")}, {"tags": after.get(key, "")}) for key in keys)
    audit.record_many(actor=who, verb=verb, entries=entries, note=note)
    return len(keys)


def tags_by_distributor(keys: Iterable[int]) -> dict[int, list[Tag]]:
    """Return the tags that distributors carry, by their keys."""
    found: dict[int, list[Tag]] = {}
    for one in Tagging.objects.filter(distributor__in=keys).select_related("tag").order_by("tag__key"):
        found.setdefault(one.distributor_id, []).append(one.tag)
    return found


def tags_text(keys: Iterable[int]) -> dict[int, str]:
    """Return the names of the tags that distributors carry, with commas between them."""
    return {key: ", ".join(tag.name for tag in tags) for key, tags in tags_by_distributor(keys).items()}


def tags_listed(keys: Iterable[int]) -> dict[int, Any]:
    """Return the names of the tags that distributors carry, as lists."""
    return {key: [tag.name for tag in tags] for key, tags in tags_by_distributor(keys).items()}
