"""Files that wait until someone confirms which column is what, and the mappings that are kept for the next file."""

from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from core import audit, clock, jobs
from core.database import lock
from core.errors import DomainError
from core.files import LOCK, blob_path, blob_store
from core.scope import require_permission
from core.sentences import Sentence
from core.versions import version_write
from distributors.ledger.across import with_year, year_in, year_of
from distributors.ledger.contracts import SOURCE as CONTRACTS
from distributors.ledger.guessing import profile_guessed
from distributors.ledger.kept_files import file_refuse
from distributors.ledger.kinds.declaration import Kind, kind_of
from distributors.ledger.mapping import Profile, profile_check, profile_read
from distributors.ledger.models import DropRule, Import, ImportProfile, Source
from distributors.ledger.profile_text import profile_text
from distributors.ledger.sampling import Sample, sample_of
from distributors.ledger.surroundings import Surroundings


def draft_start(
    *,
    actor: User,
    kind: Kind,
    file: IO[bytes],
    filename: str,
    profile: str | bytes | None = None,
    saved: ImportProfile | None = None,
) -> Import:
    """Keep a file and a mapping for it, given or recognised; raise DomainError where it is no table."""
    require_permission(actor, kind.permission)
    given = profile_read(profile, kind) if profile else None
    if saved is not None:
        given = profile_read(saved.text, kind)
    blob = blob_store(source=file, limit=settings.IMPORT_MAX_BYTES)
    mapping = given or draft_guess(kind, sample_of(blob_path(blob), {}), actor, filename)
    sample_of(blob_path(blob), mapping)
    with transaction.atomic():
        made: Import = Import.objects.create(
            kind=kind.name,
            filename=filename[:200],
            blob=blob,
            state=Import.State.DRAFT,
            profile_name=str(mapping.get("name", ""))[:80],
            profile=mapping,
            created_by=actor,
        )
        audit.record(actor=actor, verb="import.uploaded", target=made, after={"kind": kind.name, "file": blob.sha256})
    return made


def draft_guess(kind: Kind, sample: Sample, actor: User, called: str = "") -> dict[str, Any]:
    """Return the saved mapping of files with these columns, the last one changed, else one that is recognised.

    `called` is the name of the file, which may tell of what year it is.
    """
    for one in ImportProfile.objects.filter(kind=kind.name).order_by("-updated_at"):
        if set(one.header) == set(sample.header):
            return of_its_year(profile_read(one.text, kind), sample, called)
    guessed = profile_guessed(kind, sample, Surroundings(source_code=source_usual(), actor=actor), called)
    if not guessed.get("columns") and not guessed.get("levels"):
        guessed["columns"] = {}
    return guessed


def of_its_year(profile: dict[str, Any], sample: Sample, called: str) -> dict[str, Any]:
    """Return a saved mapping for another file: months without a year are of the year that this file says, or open."""
    across = profile.get("across")
    if not across or year_of(across["columns"]) is None:
        return profile
    year = year_in(sample.title, sample.sheet, called)
    return {**profile, "across": {**across, "columns": with_year(across["columns"], year)}}


def source_usual() -> str:
    """Return the code of the only source that files come from, or the one that a first file gets."""
    codes = list(Source.objects.exclude(code=CONTRACTS).order_by("pk").values_list("code", flat=True)[:2])
    return codes[0] if len(codes) == 1 else "erp"


def draft_keep(*, actor: User, instance: Import, profile: dict[str, Any]) -> None:
    """Keep the mapping as it is now on a file that waits; raise DomainError where it went in meanwhile."""
    require_permission(actor, kind_of(instance.kind).permission)
    drafts = Import.objects.filter(pk=instance.pk, state=Import.State.DRAFT)
    if not drafts.update(profile=profile, profile_name=str(profile.get("name", ""))[:80]):
        raise DomainError(_("This file is on its way already."))
    instance.profile = profile


@transaction.atomic
def draft_send(*, actor: User, instance: Import, dry_run: bool = False, good_only: bool = False) -> Import:
    """Bring a file in by the mapping that was confirmed; raise ProfileError for a mapping that is not whole.

    With `good_only` the rows that are wrong stay out, as a file to be corrected.
    """
    kind = kind_of(instance.kind)
    require_permission(actor, kind.permission)
    profile_check(instance.profile, kind)
    sent = Import.objects.filter(pk=instance.pk, state=Import.State.DRAFT)
    if not sent.update(state=Import.State.WAITING, dry_run=dry_run, good_only=good_only, created_by=actor):
        raise DomainError(_("This file is on its way already."))
    audit.record(actor=actor, verb="import.started", target=instance, after={"kind": kind.name})
    job = jobs.job_create(
        kind="ledger.import",
        actor=actor,
        args={"import": instance.pk},
        title=Sentence(gettext_noop("Import of %(file)s"), file=instance.filename),
    )
    Import.objects.filter(pk=instance.pk).update(job=job)
    instance.refresh_from_db()
    return instance


@transaction.atomic
def draft_again(*, actor: User, instance: Import) -> Import:
    """Return a new draft of a file that was sent before, with the mapping that it had.

    Raise DomainError where the file is no longer kept.
    """
    require_permission(actor, kind_of(instance.kind).permission)
    lock(LOCK)
    file_refuse(instance)
    made: Import = Import.objects.create(
        kind=instance.kind,
        filename=instance.filename,
        blob_id=instance.blob_id,
        state=Import.State.DRAFT,
        profile_name=instance.profile_name,
        profile=instance.profile,
        created_by=actor,
    )
    audit.record(actor=actor, verb="import.uploaded", target=made, after={"kind": made.kind, "again": instance.pk})
    return made


def draft_drop(*, actor: User, instance: Import) -> None:
    """Give a file up that waits for its columns."""
    require_permission(actor, kind_of(instance.kind).permission)
    with transaction.atomic():
        drafts = Import.objects.filter(pk=instance.pk, state=Import.State.DRAFT)
        if not drafts.update(state=Import.State.CANCELLED, finished_at=clock.instant()):
            raise DomainError(_("This file is on its way already."))
        audit.record(actor=actor, verb="import.cancelled", target=instance)


def profile_save(
    *,
    actor: User,
    instance: ImportProfile,
    version: int | None = None,
    name: str,
    text: str,
    header: list[str] | None = None,
) -> ImportProfile:
    """Create or change a saved mapping; raise DomainError, or StaleVersion after someone else's change."""
    kind = kind_of(instance.kind)
    require_permission(actor, kind.permission)
    given = profile_read(text, kind) | {"name": name}
    fields: dict[str, Any] = {
        "name": name,
        "text": profile_text(given),
        "source": Profile.from_frozen(given, kind).source,
    }
    if header is not None:
        fields["header"] = header
    try:
        with transaction.atomic():
            stored = ImportProfile.objects.filter(pk=instance.pk).values("name", "text").first()
            was: dict[str, Any] = {**stored} if stored else {}
            saved = _profile_written(actor, instance, version, fields)
            before, after = audit.changes(was, {"name": name, "text": fields["text"]})
            audit.record(actor=actor, verb="profile.saved", target=saved, before=before, after=after)
    except IntegrityError as error:
        raise DomainError(_("Another mapping of this kind has this name."), "name") from error
    return saved


def _profile_written(
    actor: User, instance: ImportProfile, version: int | None, fields: dict[str, Any]
) -> ImportProfile:
    if not instance.pk:
        stamp = {"updated_by": actor, "updated_at": clock.instant()}
        made: ImportProfile = ImportProfile.objects.create(kind=instance.kind, **fields, **stamp)
        return made
    version_write(ImportProfile.objects.filter(pk=instance.pk), version, actor=actor, **fields)
    saved: ImportProfile = ImportProfile.objects.get(pk=instance.pk)
    return saved


@transaction.atomic
def profile_copy(*, actor: User, instance: ImportProfile) -> ImportProfile:
    """Return a copy of a saved mapping under a name that is free."""
    require_permission(actor, kind_of(instance.kind).permission)
    taken = set(ImportProfile.objects.filter(kind=instance.kind).values_list("name", flat=True))
    names = (f"{instance.name[:70]} ({number})" for number in range(2, len(taken) + 3))
    name = next(name for name in names if name not in taken)
    fresh = ImportProfile(kind=instance.kind)
    return profile_save(actor=actor, instance=fresh, name=name, text=instance.text, header=instance.header)


@transaction.atomic
def profile_delete(*, actor: User, instance: ImportProfile) -> None:
    """Remove a saved mapping; imports keep their own copy. Raise DomainError where the drop folder needs it."""
    require_permission(actor, kind_of(instance.kind).permission)
    rule = DropRule.objects.filter(profile=instance.pk).first()
    if rule is not None:
        text = _("Files of the drop folder named %(pattern)s are read by it; choose another mapping for these first.")
        raise DomainError(text % {"pattern": rule.pattern})
    audit.record(actor=actor, verb="profile.deleted", target=instance, before={"text": instance.text})
    ImportProfile.objects.filter(pk=instance.pk).delete()
