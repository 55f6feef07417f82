"""Tags given to, or taken from, many distributors at once; each change can be undone as a whole."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.bulk import BulkAction, Done, Preview
from distributors.profiles.models import Tag, TagChange
from distributors.profiles.tag_forms import TagManyForm, UntagManyForm
from distributors.profiles.tagging import tag_key, tags_put, tags_take


def tag_preview(*, actor: Any, rows: QuerySet, names: Iterable[str]) -> Preview:
    """Return how many would get a tag that they lack, and which tags would be new."""
    wanted = {tag_key(name): name for name in names}
    known = dict(Tag.objects.filter(key__in=wanted).values_list("key", "pk"))
    new = [name for key, name in wanted.items() if key not in known]
    rows = rows.filter(merged_into=None)
    total, same = rows.count(), 0
    if not new:
        carrying = rows
        for tag in known.values():
            carrying = carrying.filter(taggings__tag=tag)
        same = carrying.count()
    notes = [_("“%(name)s” is a new tag.") % {"name": name} for name in new]
    return Preview(total - same, [(_("tagged like this already"), same)], notes)


def tag_apply(*, actor: Any, rows: QuerySet, names: Iterable[str]) -> Done:
    """Give the tags to the rows that lack them."""
    return _done(tags_put(actor=actor, rows=rows, names=names))


def untag_preview(*, actor: Any, rows: QuerySet, tags: Iterable[Tag]) -> Preview:
    """Return how many carry one of the tags."""
    rows = rows.filter(merged_into=None)
    total, carrying = rows.count(), rows.filter(taggings__tag__in=list(tags)).distinct().count()
    return Preview(carrying, [(_("not tagged like this"), total - carrying)])


def untag_apply(*, actor: Any, rows: QuerySet, tags: Iterable[Tag]) -> Done:
    """Take the tags from the rows that carry them."""
    return _done(tags_take(actor=actor, rows=rows, tags=list(tags)))


def _done(change: TagChange) -> Done:
    pairs: Any = change.pairs
    return Done(pairs.values("distributor").distinct().count(), change.get_absolute_url())


TAG = BulkAction("tag", gettext_lazy("Tag"), "change", TagManyForm, tag_preview, tag_apply)
UNTAG = BulkAction("untag", gettext_lazy("Untag"), "change", UntagManyForm, untag_preview, untag_apply)
