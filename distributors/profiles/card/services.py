"""Changes to the card beside its identity: its groups, and the rows that are dated or many."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.money import amount_text
from core.search import index_write
from core.sentences import Sentence
from core.versions import version_write
from distributors.profiles.card.calculations import WHOLE, shares_left
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.card.search import OUTLETS
from distributors.profiles.card.selectors import brands_text, shares_text
from distributors.profiles.models import (
    BrandShare,
    BrandSurvey,
    BusinessFigures,
    Distributor,
    OtherName,
    Outlet,
)
from distributors.profiles.search import SEARCH

FIGURES = ("turnover", "wallet", "staff", "sales_staff", "warehouse_m2", "showroom_m2", "vehicles")
UNSAID = frozenset({"blob", "content_type"})  # the name of a file says enough in the trail
MOST_BRANDS = 40


@transaction.atomic
def group_save(*, actor: User, instance: Any, version: int | None = None, **fields: Any) -> Any:
    """Write a group of the card; raise StaleVersion after a lost race, DomainError for a day still to come.

    A group that holds what is saved already leaves no trace.
    """
    _refuse_merged(instance.distributor_id)
    _refuse_future(fields.get("first_contact_on"), "first_contact_on")
    for name in ("opened_with", "settlement_contact"):
        _refuse_stranger(fields.get(name), instance.distributor_id, name)
    model = type(instance)
    model.objects.bulk_create([model(distributor_id=instance.distributor_id)], ignore_conflicts=True)
    rows = model.objects.filter(distributor=instance.distributor_id)
    before = rows.get()
    was, now = audit.changes({name: getattr(before, name) for name in fields}, fields)
    if now:
        version_write(rows, version, actor=actor, **fields)
        _note(actor, instance.distributor_id, "card.changed", was, now)
    return rows.get()


def _refuse_stranger(contact: Any, distributor: int, name: str) -> None:
    if contact is not None and (contact.distributor_id != distributor or contact.erased_at is not None):
        raise DomainError(Sentence(_("Choose somebody who is entered at this distributor.")), name)


def _refuse_merged(pk: int) -> None:
    if not Distributor.objects.filter(pk=pk, merged_into=None).exists():
        raise DomainError(Sentence(_("This card is merged into another one; undo the merge first.")))


def _refuse_future(day: date | None, name: str) -> None:
    if day is not None and day > clock.today():
        raise DomainError(Sentence(_("This day is still to come.")), name)


def _note(actor: User, pk: int, verb: str, before: dict[str, str], after: dict[str, str]) -> None:
    """Write the trail of a card, and bring its completeness in step."""
    audit.record(actor=actor, verb=verb, target=Distributor.objects.get(pk=pk), before=before, after=after)
    completeness_write(distributors=[pk])


def row_write(
    *, actor: User, instance: Any, version: int | None, fields: dict[str, Any], verb: str, taken: DomainError
) -> Any:
    """Write a row of a card, new or changed, with its trail; raise `taken` where its key belongs to another row."""
    _refuse_merged(instance.distributor_id)
    model, pk = type(instance), instance.pk
    rows = model.objects.filter(pk=pk)
    shown = {name: getattr(rows.get(), name) for name in fields} if pk else {}
    was, now = audit.changes(shown, {name: value for name, value in fields.items() if name not in UNSAID})
    if pk and not now:
        return rows.get()
    try:
        with transaction.atomic():
            if pk:
                version_write(rows, version, actor=actor, **fields)
            else:
                kept = {"distributor_id": instance.distributor_id, "version": 1, "updated_by": actor, **fields}
                pk = model.objects.create(**kept).pk
    except IntegrityError as error:
        raise taken from error
    saved = model.objects.get(pk=pk)
    if not instance.pk:
        now = {name: text for name, text in now.items() if text}
    elif str(saved) not in now.values():
        was, now = {"row": str(saved), **was}, {"row": str(saved), **now}
    _note(actor, instance.distributor_id, verb, was, now)
    return saved


@transaction.atomic
def figures_save(
    *, actor: User, instance: BusinessFigures, version: int | None = None, as_of: date, **fields: Any
) -> BusinessFigures:
    """Write what is known of the size of a company on a day; raise DomainError for figures that cannot be."""
    _refuse_future(as_of, "as_of")
    if all(fields.get(name) is None for name in FIGURES):
        raise DomainError(Sentence(_("Give at least one figure of this day.")), "turnover")
    for name in ("turnover", "wallet"):
        if fields.get(name) is not None and fields[name] < 0:
            raise DomainError(Sentence(_("An amount is not below zero.")), name)
    paid = fields.get("turnover") is not None or fields.get("wallet") is not None
    if paid and not fields.get("currency"):
        raise DomainError(Sentence(_("Say in which currency the amounts are.")), "currency")
    staff, sellers = fields.get("staff"), fields.get("sales_staff")
    if staff is not None and sellers is not None and sellers > staff:
        raise DomainError(Sentence(_("More sellers than staff: mend one of both.")), "sales_staff")
    day = Sentence(_("There are figures of this day already; change those."))
    saved: BusinessFigures = row_write(
        actor=actor,
        instance=instance,
        version=version,
        fields={"as_of": as_of, **fields},
        verb="card.figures_saved",
        taken=DomainError(day, "as_of"),
    )
    return saved


@transaction.atomic
def brands_save(
    *,
    actor: User,
    instance: BrandSurvey,
    version: int | None = None,
    as_of: date,
    shares: Sequence[dict[str, Any]],
) -> BrandSurvey:
    """Write all brands of a day, each {brand, share, ours}; raise DomainError for more than 100 % together."""
    _refuse_future(as_of, "as_of")
    _refuse_shares(shares)
    lock("profiles.brands")
    _refuse_merged(instance.distributor_id)
    if instance.pk:
        instance = _survey_held(instance.pk, version)
    was = {"as_of": instance.as_of, "brands": brands_text(instance)} if instance.pk else {}
    before, after = audit.changes(was, {"as_of": as_of, "brands": shares_text(shares)})
    if instance.pk and not after:
        return instance
    try:
        with transaction.atomic():
            saved = _survey(actor, instance, version, as_of)
    except IntegrityError as error:
        day = Sentence(_("The brands of this day are entered already; change those."))
        raise DomainError(day, "as_of") from error
    BrandShare.objects.filter(survey=saved).delete()
    BrandShare.objects.bulk_create(BrandShare(survey=saved, **share) for share in shares)
    _note(actor, instance.distributor_id, "card.brands_saved", before, {"as_of": as_of.isoformat(), **after})
    return saved


def _survey_held(pk: int, version: int | None) -> BrandSurvey:
    """Return the brands of a day as they are under the lock; raise StaleVersion where they are not of `version`."""
    held: BrandSurvey | None = BrandSurvey.objects.filter(pk=pk).first()
    if held is None or (version is not None and held.version != version):
        raise StaleVersion
    return held


def _survey(actor: User, instance: BrandSurvey, version: int | None, as_of: date) -> BrandSurvey:
    if instance.pk:
        version_write(BrandSurvey.objects.filter(pk=instance.pk), version, actor=actor, as_of=as_of)
        return BrandSurvey.objects.get(pk=instance.pk)
    return BrandSurvey.objects.create(distributor_id=instance.distributor_id, as_of=as_of, version=1, updated_by=actor)


def _refuse_shares(shares: Sequence[dict[str, Any]]) -> None:
    if not shares:
        raise DomainError(Sentence(_("Name at least one brand.")))
    if len(shares) > MOST_BRANDS:
        raise DomainError(Sentence(_("Name at most %(most)s brands."), most=MOST_BRANDS))
    names = [share["brand"].strip().casefold() for share in shares]
    if len(set(names)) < len(names):
        raise DomainError(Sentence(_("A brand is named twice; keep one row of it.")))
    if any(not 0 <= share["share"] <= WHOLE for share in shares):
        raise DomainError(Sentence(_("A share lies between 0 and 100 %.")))
    left = shares_left(share["share"] for share in shares)
    if left < 0:
        total = Sentence(
            _("The shares come to %(total)s %%; together they are 100 %% at most."), total=amount_text(WHOLE - left, 2)
        )
        raise DomainError(total)


@transaction.atomic
def outlet_save(*, actor: User, instance: Outlet, version: int | None = None, **fields: Any) -> Outlet:
    """Write an outlet; raise DomainError for a name taken, a day to come, half a place, or closing before opening."""
    fields["name"] = fields["name"].strip()
    if not fields["name"]:
        raise DomainError(Sentence(_("An outlet has a name.")), "name")
    for name in ("opened_on", "closed_on"):
        _refuse_future(fields.get(name), name)
    opened, closed = fields.get("opened_on"), fields.get("closed_on")
    if opened and closed and closed < opened:
        raise DomainError(Sentence(_("It closed before it opened: mend one of both days.")), "closed_on")
    if (fields.get("latitude") is None) != (fields.get("longitude") is None):
        raise DomainError(Sentence(_("A place has a latitude and a longitude: give both or none.")), "latitude")
    taken = Sentence(_("This distributor has an outlet called “%(name)s” already."), name=fields["name"])
    saved: Outlet = row_write(
        actor=actor,
        instance=instance,
        version=version,
        fields=fields,
        verb="card.outlet_saved",
        taken=DomainError(taken, "name"),
    )
    index_write(OUTLETS, [saved.pk])
    return saved


@transaction.atomic
def name_save(*, actor: User, instance: OtherName, version: int | None = None, language: str, name: str) -> OtherName:
    """Write what a company is called in another language; one name for each."""
    if not name.strip():
        raise DomainError(Sentence(_("Write the name.")), "name")
    taken = Sentence(_("There is a name in this language already; change that one."))
    saved: OtherName = row_write(
        actor=actor,
        instance=instance,
        version=version,
        fields={"language": language, "name": name.strip()},
        verb="card.name_saved",
        taken=DomainError(taken, "language"),
    )
    index_write(SEARCH, [saved.distributor_id])
    return saved


@transaction.atomic
def row_remove(*, actor: User, instance: Any, verb: str) -> None:
    """Take a row from a card; the trail says which it was."""
    _refuse_merged(instance.distributor_id)
    before = {"row": str(instance)}
    if isinstance(instance, BrandSurvey):
        before["brands"] = brands_text(instance)
        BrandShare.objects.filter(survey=instance).delete()
    model, pk = type(instance), instance.pk
    gone, _models = model.objects.filter(pk=pk).delete()
    if not gone:
        return
    if isinstance(instance, Outlet):
        index_write(OUTLETS, [pk])
    if isinstance(instance, OtherName):
        index_write(SEARCH, [instance.distributor_id])
    _note(actor, instance.distributor_id, verb, before, {})
