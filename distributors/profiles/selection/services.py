"""Changes to what a prospect is selected by: scorecards, due diligence with its files, risks, and the policy."""

from collections.abc import Mapping
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.files import blob_store
from core.scope import require_permission
from core.sentences import Sentence
from core.versions import version_write
from distributors.profiles.contracts.documents import LARGEST, content_type_of, plain_name
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.selection.calculations import CRITERIA, SCALE, WEIGHTS, WHOLE, score_of, unrated
from distributors.profiles.selection.models import (
    Assessment,
    AssessmentState,
    CheckState,
    Criterion,
    DiligenceDocument,
    DiligenceItem,
    Rating,
    Risk,
    SelectionPolicy,
)
from distributors.profiles.selection.rules import hold
from distributors.profiles.selection.selectors import draft_of, policy_now

EDITABLE = (Lifecycle.PROSPECT, Lifecycle.REVIEW)
POLICY = "profiles.selection"
SETTINGS = (*WEIGHTS, "threshold", "risk_limit")
Given = Mapping[str, tuple[int | None, str]]


def _open(distributor: Distributor) -> Distributor:
    """Hold a distributor and return it as it is now; raise DomainError where its selection is closed."""
    hold(distributor.pk)
    current: Distributor = Distributor.objects.get(pk=distributor.pk)
    if current.merged_into_id is not None:
        raise DomainError(Sentence(_("This card is merged into another one; undo the merge first.")))
    if current.state not in EDITABLE:
        raise DomainError(
            Sentence(
                _("The selection is closed: it is “%(state)s”, and what that rests on stays as it is."),
                state=str(current.get_state_display()),
            )
        )
    return current


@transaction.atomic
def assessment_save(
    *, actor: User, distributor: Distributor, ratings: Given, version: int | None = None, submit: bool = False
) -> Assessment:
    """Keep a scorecard as a draft, or submit it; raise DomainError, and StaleVersion where another kept one meanwhile.

    `ratings` are rating and note by criterion. `version` is that of the draft that was opened, 0 where there was none,
    None of an interface that shows none. One that is submitted is complete, has its score, and does not change.
    """
    require_permission(actor, "profiles.change_assessment")
    _open(distributor)
    _refuse_ratings(ratings)
    values = {name: ratings.get(name, (None, ""))[0] for name in CRITERIA}
    missing = unrated(values) if submit else ()
    if missing:
        names = ", ".join(str(Criterion(name).label) for name in missing)
        raise DomainError(Sentence(_("Not rated yet: %(names)s. Keep it as a draft, or rate them."), names=names))
    draft = draft_of(distributor.pk)
    if version is not None and version != (draft.version if draft else 0):
        raise StaleVersion
    was = {one.criterion: str(one.value or "") for one in draft.ratings.all()} if draft else {}
    if draft is None:
        draft = Assessment.objects.create(distributor=distributor, updated_by=actor if actor.pk else None)
    else:
        version_write(Assessment.objects.filter(pk=draft.pk), draft.version, actor=actor)
    Rating.objects.filter(assessment=draft).delete()
    Rating.objects.bulk_create(
        Rating(assessment=draft, criterion=name, value=values[name], note=ratings.get(name, (None, ""))[1].strip())
        for name in CRITERIA
    )
    before, after = audit.changes(was, {name: str(values[name] or "") for name in CRITERIA})
    if submit:
        after |= _submit(actor, draft, {name: value for name, value in values.items() if value is not None})
    verb = "assessment.submitted" if submit else "assessment.saved"
    audit.record(actor=actor, verb=verb, target=distributor, before=before, after=after)
    draft.refresh_from_db()
    return draft


def _refuse_ratings(ratings: Given) -> None:
    for name, (value, _note) in ratings.items():
        if name not in CRITERIA:
            raise DomainError(Sentence(_("There is no criterion “%(name)s”."), name=name), "ratings")
        if value is not None and value not in SCALE:
            raise DomainError(Sentence(_("A rating is a whole number from 1 to 5.")), name)


def _submit(actor: User, draft: Assessment, ratings: Mapping[str, int]) -> dict[str, str]:
    policy = policy_ensure()
    score = score_of(policy.weights, ratings).value
    Assessment.objects.filter(pk=draft.pk, state=AssessmentState.DRAFT).update(
        state=AssessmentState.SUBMITTED,
        policy=policy,
        score=score,
        rated_on=clock.today(),
        rated_by=actor if actor.pk else None,
    )
    return {"score": str(score)}


def policy_ensure() -> SelectionPolicy:
    """Return the version that holds, written down where it is as delivered."""
    lock(POLICY)
    found = policy_now()
    if found._state.adding:
        found = SelectionPolicy.objects.get_or_create(number=found.number)[0]
    return found


@transaction.atomic
def policy_change(*, actor: User, opened: int, note: str = "", **settings: int) -> SelectionPolicy:
    """Add a version with changed weights or limits; raise DomainError, or StaleVersion where `opened` is not the last.

    Scorecards that are submitted keep the version that made them.
    """
    require_permission(actor, "profiles.change_selectionpolicy")
    current = policy_ensure()
    if current.number != opened:
        raise StaleVersion(Sentence(_("Someone else changed this meanwhile; look at it and save again.")))
    before = {name: getattr(current, name) for name in SETTINGS}
    after = {**before, **{name: value for name, value in settings.items() if name in SETTINGS}}
    total = sum(after[name] for name in WEIGHTS)
    if total != WHOLE:
        raise DomainError(Sentence(_("The weights make up %(sum)s; together they are 100."), sum=total))
    if after == before:
        raise DomainError(Sentence(_("Nothing is changed.")))
    made = SelectionPolicy.objects.create(number=current.number + 1, note=note.strip(), created_by=actor, **after)
    was, now = audit.changes(before, after)
    audit.record(actor=actor, verb="selection.policy_changed", target=made, before=was, after=now, note=note.strip())
    return made


@transaction.atomic
def check_decide(
    *, actor: User, distributor: Distributor, kind: str, state: str, note: str = "", version: int | None = None
) -> DiligenceItem:
    """Say what an item of due diligence found; raise DomainError for a concern or a block without a note.

    `version` is that of the item that was opened, 0 where nobody had touched it yet.
    """
    require_permission(actor, "profiles.change_diligenceitem")
    _open(distributor)
    note = note.strip()
    if state in (CheckState.CONCERN, CheckState.BLOCKING) and not note:
        raise DomainError(Sentence(_("Say in the note what was found.")), "note")
    found = DiligenceItem.objects.filter(distributor=distributor, kind=kind).first()
    if version is not None and version != (found.version if found else 0):
        raise StaleVersion
    item = found or _item(distributor, kind)
    before, after = audit.changes({"state": item.state, "note": item.note}, {"state": state, "note": note})
    if not after:
        return item
    decided = state != CheckState.OPEN
    version_write(
        DiligenceItem.objects.filter(pk=item.pk),
        item.version,
        actor=actor,
        state=state,
        note=note,
        decided_on=clock.today() if decided else None,
        decided_by=actor if decided and actor.pk else None,
    )
    item.refresh_from_db()
    entry = {"check": str(kind)}
    audit.record(actor=actor, verb="diligence.decided", target=distributor, before=before, after={**entry, **after})
    return item


def _item(distributor: Distributor, kind: str) -> DiligenceItem:
    found: DiligenceItem = DiligenceItem.objects.get_or_create(distributor=distributor, kind=kind)[0]
    return found


@transaction.atomic
def check_document_add(
    *, actor: User, distributor: Distributor, kind: str, source: IO[bytes], name: str
) -> DiligenceDocument:
    """Keep a file with an item of due diligence; raise DomainError for another kind of file, or one that is there."""
    _open(distributor)
    found = content_type_of(source)
    if found is None:
        raise DomainError(
            Sentence(_("“%(name)s” is no PDF, JPEG, PNG or DOCX file; its content says so."), name=name), "file"
        )
    blob = blob_store(source=source, limit=LARGEST)
    item = _item(distributor, kind)
    if DiligenceDocument.objects.filter(item=item, blob=blob).exists():
        raise DomainError(Sentence(_("This file is with the item already.")), "file")
    made: DiligenceDocument = DiligenceDocument.objects.create(
        item=item, blob=blob, name=plain_name(name, found), content_type=found, created_by=actor if actor.pk else None
    )
    entry = {"check": kind, "file": made.name}
    audit.record(actor=actor, verb="diligence.file_added", target=distributor, after=entry)
    return made


@transaction.atomic
def check_document_remove(*, actor: User, document: DiligenceDocument) -> None:
    """Take a file from an item of due diligence; the trail says which."""
    distributor = document.item.distributor
    _open(distributor)
    gone, _models = DiligenceDocument.objects.filter(pk=document.pk).delete()
    if gone:
        before = {"check": document.item.kind, "file": document.name, "sha256": document.blob.sha256}
        audit.record(actor=actor, verb="diligence.file_removed", target=distributor, before=before)


@transaction.atomic
def risk_save(*, actor: User, instance: Risk, version: int | None = None, **fields: Any) -> Risk:
    """Name a risk of the instance's distributor, or change one; raise DomainError, StaleVersion after a lost race."""
    require_permission(actor, "profiles.change_risk")
    distributor = _open(instance.distributor)
    for side in ("likelihood", "impact"):
        if fields[side] not in SCALE:
            raise DomainError(Sentence(_("Likelihood and impact are whole numbers from 1 to 5.")), side)
    if not fields["title"].strip():
        raise DomainError(Sentence(_("Say what may go wrong.")), "title")
    fields = {**fields, "title": fields["title"].strip(), "mitigation": fields.get("mitigation", "").strip()}
    saved = Risk.objects.select_related("owner").filter(pk=instance.pk).first()
    if saved is None and instance.pk:
        raise StaleVersion
    was = {name: getattr(saved, name) for name in fields} if saved else {}
    before, after = audit.changes(was, fields)
    if saved is None:
        saved = Risk.objects.create(distributor=distributor, updated_by=actor if actor.pk else None, **fields)
    elif not after:
        return saved
    else:
        version_write(Risk.objects.filter(pk=saved.pk), version, actor=actor, **fields)
        saved.refresh_from_db()
    verb = "risk.changed" if was else "risk.added"
    audit.record(actor=actor, verb=verb, target=distributor, before=before, after={"risk": saved.title, **after})
    return saved


@transaction.atomic
def risk_remove(*, actor: User, risk: Risk) -> None:
    """Take a risk that is none off the matrix; the trail keeps it."""
    require_permission(actor, "profiles.change_risk")
    _open(risk.distributor)
    gone, _models = Risk.objects.filter(pk=risk.pk).delete()
    if gone:
        before = {"risk": risk.title, "likelihood": str(risk.likelihood), "impact": str(risk.impact)}
        audit.record(actor=actor, verb="risk.removed", target=risk.distributor, before=before)
