"""Changes to what a credit card rests on: evidence, accounts, reviews; each scores the card again at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.files import blob_store
from core.scope import require_visible
from core.sentences import Sentence
from distributors.credit.cards.items import ENTERED
from distributors.credit.cards.models import Accounts, CreditReview, CreditScore, Evidence
from distributors.credit.cards.runs import SCORES, card_score
from distributors.profiles.contracts.documents import LARGEST, content_type_of, plain_name
from distributors.profiles.models import Distributor, Lifecycle

FIGURES = (
    "registered_capital",
    "equity",
    "liabilities",
    "current_assets",
    "current_liabilities",
    "operating_margin",
    "own_premises",
)


@dataclass(frozen=True)
class Upload:
    """A file that evidence rests on."""

    source: IO[bytes]
    name: str


def _hold(distributor: Distributor) -> Distributor:
    """Hold the scores and return the distributor as it is now; raise DomainError where it has no card any more."""
    lock(SCORES)
    current: Distributor = Distributor.objects.get(pk=distributor.pk)
    if current.merged_into_id is not None:
        raise DomainError(Sentence(_("This card is merged into another one; undo the merge first.")))
    if current.state == Lifecycle.ENDED:
        raise DomainError(Sentence(_("This distributor has ended; it has no credit card any more.")))
    return current


def _filed(upload: Upload | None) -> dict[str, Any]:
    """Keep a file and return its columns; raise DomainError for another kind of file."""
    if upload is None:
        return {}
    found = content_type_of(upload.source)
    if found is None:
        text = _("“%(name)s” is no PDF, JPEG, PNG or DOCX file; its content says so.")
        raise DomainError(Sentence(text, name=upload.name), "file")
    blob = blob_store(source=upload.source, limit=LARGEST)
    return {"blob": blob, "document": plain_name(upload.name, found), "content_type": found}


def _reviewed(day: date) -> None:
    if day > clock.today():
        raise DomainError(Sentence(_("A review lies in the past, or is of today.")), "reviewed_on")


@transaction.atomic
def evidence_add(
    *,
    actor: Any,
    distributor: Distributor,
    item: str,
    score: int,
    reviewed_on: date,
    expires_on: date,
    note: str = "",
    upload: Upload | None = None,
) -> Evidence:
    """Enter the score of a sub-criterion with what it rests on; raise DomainError. The same entry twice is one."""
    current, note = _hold(distributor), note.strip()
    if item not in ENTERED:
        raise DomainError(Sentence(_("This sub-criterion is computed; it cannot be typed in.")), "item")
    if not 0 <= score <= 100:
        raise DomainError(Sentence(_("A score lies between 0 and 100.")), "score")
    _reviewed(reviewed_on)
    if expires_on < reviewed_on:
        raise DomainError(Sentence(_("Evidence counts at least until the day of its review.")), "expires_on")
    if not note and upload is None:
        raise DomainError(Sentence(_("Say what the score rests on, or attach a document.")), "note")
    filed = _filed(upload)
    values = {"score": score, "expires_on": expires_on, "note": note}
    there = Evidence.objects.filter(distributor=current, item=item, reviewed_on=reviewed_on, withdrawn_at=None).first()
    if there is not None:
        if all(getattr(there, name) == value for name, value in values.items()) and there.blob == filed.get("blob"):
            return there
        text = _("There is evidence of this day already. Withdraw it first, or give another day.")
        raise DomainError(Sentence(text), "reviewed_on")
    made = Evidence.objects.create(
        distributor=current,
        item=item,
        reviewed_on=reviewed_on,
        created_by=actor if actor.pk else None,
        **values,
        **filed,
    )
    require_visible(made, actor, "add")
    after = {"item": item, "score": str(score), "until": expires_on.isoformat(), "file": made.document}
    audit.record(actor=actor, verb="credit.evidence_added", target=current, after=after, note=note)
    card_score(distributor=current, actor=actor)
    return made


@transaction.atomic
def evidence_withdraw(*, actor: Any, evidence: Evidence) -> None:
    """Withdraw evidence that was wrong; of two people who press at once one wins."""
    current = _hold(evidence.distributor)
    rows = Evidence.objects.visible_to(actor, "add").filter(pk=evidence.pk, withdrawn_at=None)
    if not rows.update(withdrawn_at=clock.instant(), withdrawn_by=actor if actor.pk else None):
        raise DomainError(Sentence(_("This was withdrawn already.")))
    before = {"item": evidence.item, "score": str(evidence.score), "reviewed": evidence.reviewed_on.isoformat()}
    audit.record(actor=actor, verb="credit.evidence_withdrawn", target=current, before=before)
    card_score(distributor=current, actor=actor)


@transaction.atomic
def accounts_save(
    *,
    actor: Any,
    distributor: Distributor,
    year: int,
    currency: str,
    reviewed_on: date,
    figures: Mapping[str, Any],
    note: str = "",
    upload: Upload | None = None,
    opened: int | None = None,
) -> Accounts:
    """Enter the accounts of a year, or a correction of them; raise DomainError, StaleVersion after a lost race.

    `opened` is the key of the entry that was looked at, 0 where there was none, None of an interface that shows none.
    """
    current = _hold(distributor)
    values = {name: figures.get(name) for name in FIGURES}
    _refuse_figures(year, values)
    _reviewed(reviewed_on)
    there = Accounts.objects.filter(distributor=current, year=year, withdrawn_at=None).first()
    if opened is not None and opened != (there.pk if there else 0):
        raise StaleVersion
    given = {**values, "currency": currency, "reviewed_on": reviewed_on, "note": note.strip()}
    was = {name: getattr(there, name) for name in given} if there else {}
    filed = _filed(upload) or (_document_of(there) if there else {})
    before, after = audit.changes(was, given)
    if there is not None and not after and there.blob == filed.get("blob"):
        return there
    made = Accounts.objects.create(
        distributor=current, year=year, created_by=actor if actor.pk else None, **given, **filed
    )
    require_visible(made, actor, "add")
    entry = {"year": str(year), **after, **({"file": made.document} if upload else {})}
    audit.record(actor=actor, verb="credit.accounts_saved", target=current, before=before, after=entry)
    card_score(distributor=current, actor=actor)
    return made


def _document_of(there: Accounts) -> dict[str, Any]:
    return {name: getattr(there, name) for name in ("blob", "document", "content_type")}


def _refuse_figures(year: int, values: Mapping[str, Any]) -> None:
    if year >= clock.today().year:
        raise DomainError(Sentence(_("Accounts are of a year that is over.")), "year")
    if year < 1990:
        raise DomainError(Sentence(_("Accounts this old say nothing.")), "year")
    if all(value is None for value in values.values()):
        raise DomainError(Sentence(_("Enter at least one figure.")))
    for name in ("registered_capital", "liabilities", "current_assets", "current_liabilities"):
        if values[name] is not None and values[name] < 0:
            raise DomainError(Sentence(_("An amount is not below zero.")), name)
    margin = values["operating_margin"]
    if margin is not None and not -100 <= margin <= 100:
        raise DomainError(Sentence(_("A margin lies between -100 and 100 %.")), "operating_margin")


@transaction.atomic
def accounts_withdraw(*, actor: Any, accounts: Accounts) -> None:
    """Withdraw the accounts of a year with all their corrections."""
    current = _hold(accounts.distributor)
    rows = Accounts.objects.visible_to(actor, "add").filter(distributor=current, year=accounts.year, withdrawn_at=None)
    if not rows.update(withdrawn_at=clock.instant(), withdrawn_by=actor if actor.pk else None):
        raise DomainError(Sentence(_("This was withdrawn already.")))
    audit.record(actor=actor, verb="credit.accounts_withdrawn", target=current, before={"year": str(accounts.year)})
    card_score(distributor=current, actor=actor)


@transaction.atomic
def review_add(*, actor: Any, distributor: Distributor, next_on: date, note: str = "") -> CreditReview:
    """Stand by a card as it is, until it is to be looked at again; raise DomainError. Twice a day is once."""
    current, today = _hold(distributor), clock.today()
    if next_on <= today:
        raise DomainError(Sentence(_("The next review lies ahead.")), "next_on")
    card = CreditScore.objects.filter(distributor=current, run__monthly=False).first()
    if card is None or not card.grade:
        raise DomainError(Sentence(_("There is no grade yet that could be reviewed.")))
    values = {"next_on": next_on, "note": note.strip(), "grade": card.grade, "score": card.score}
    made, _created = CreditReview.objects.update_or_create(
        distributor=current, on=today, defaults={**values, "created_by": actor if actor.pk else None}
    )
    require_visible(card, actor, "review")
    after = {"grade": card.grade, "score": str(card.score), "next": next_on.isoformat()}
    audit.record(actor=actor, verb="credit.reviewed", target=current, after=after, note=note.strip())
    card_score(distributor=current, actor=actor)
    return made
