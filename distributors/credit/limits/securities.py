"""The register of securities: entered, changed, given back, with the file that proves each."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.errors import DomainError, StaleVersion, TransitionRefused
from core.files import blob_store
from core.scope import require_permission, require_visible
from core.sentences import Sentence
from core.versions import version_write
from distributors.credit.limits.base import account_lock
from distributors.credit.limits.models import Security
from distributors.credit.limits.rates import in_base
from distributors.profiles.contracts.documents import LARGEST, content_type_of, plain_name

SOON_DAYS = 30
TAKEN = _("There is a security with this reference already.")


@transaction.atomic
def security_save(
    *,
    actor: User,
    instance: Security,
    version: int | None = None,
    reference: str,
    kind: str,
    amount: Decimal,
    currency: str,
    starts_on: date,
    expires_on: date | None = None,
    counts: int | None = None,
    holder: str = "",
    note: str = "",
) -> Security:
    """Enter or change a security of the instance's distributor; raise DomainError, StaleVersion after a lost race."""
    require_permission(actor, "credit.change_security" if instance.pk else "credit.add_security")
    saved = Security.objects.filter(pk=instance.pk).first() if instance.pk else None
    if instance.pk and saved is None:
        raise StaleVersion
    _refuse(saved, instance, reference, amount, starts_on, expires_on)
    fields: dict[str, Any] = {
        "reference": reference.strip(),
        "kind": str(kind),
        "amount": amount,
        "currency": currency,
        "starts_on": starts_on,
        "expires_on": expires_on,
        "counts": counts,
        "holder": holder.strip(),
        "note": note.strip(),
    }
    was = {name: getattr(saved, name) for name in fields} if saved else {}
    before, after = audit.changes(was, fields)
    if saved is not None and not after:
        return saved
    worth = {"base_amount": in_base(amount, currency, clock.today()), "converted_on": clock.today()}
    if saved is None:
        stamp = {"updated_by": actor if actor.pk else None}
        saved = _written(lambda: Security.objects.create(distributor=instance.distributor, **fields, **worth, **stamp))
    else:
        rows = Security.objects.filter(pk=saved.pk)
        _written(lambda: version_write(rows, version, actor=actor, **fields, **worth))
        saved.refresh_from_db()
    require_visible(saved, actor, "change")
    verb = "security.changed" if was else "security.added"
    audit.record(actor=actor, verb=verb, target=saved, before=before, after=after)
    return saved


def _written(write: Callable[[], Any]) -> Any:
    """Write, and say of a reference that another entered at the same moment what is said of one that was there."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        raise DomainError(Sentence(TAKEN), "reference") from None


def _refuse(
    saved: Security | None, given: Security, reference: str, amount: Decimal, starts_on: date, expires_on: date | None
) -> None:
    if saved is not None and saved.released_on is not None:
        raise DomainError(Sentence(_("This security was given back; enter another one.")))
    if given.distributor.merged_into_id is not None:
        raise DomainError(Sentence(_("This card is merged into another one: ask about that one.")))
    if not reference.strip():
        raise DomainError(Sentence(_("Give it the reference under which it is filed.")), "reference")
    if amount <= 0:
        raise DomainError(Sentence(_("The amount is above zero.")), "amount")
    if expires_on is not None and expires_on < starts_on:
        raise DomainError(Sentence(_("The last day lies before the first.")), "expires_on")
    if Security.objects.filter(reference=reference.strip()).exclude(pk=given.pk).exists():
        raise DomainError(Sentence(TAKEN), "reference")


@transaction.atomic
def security_release(*, actor: User, instance: Security) -> Security:
    """Note that a security was given back: it counts no longer; of two who press at once one wins."""
    require_permission(actor, "credit.change_security")
    rows = Security.objects.filter(pk=instance.pk, released_on=None)
    if not rows.update(released_on=clock.today()):
        raise TransitionRefused(Sentence(_("This security was given back; enter another one.")))
    instance.refresh_from_db()
    audit.record(actor=actor, verb="security.released", target=instance)
    return instance


@transaction.atomic
def security_file(*, actor: User, instance: Security, source: IO[bytes], name: str) -> Security:
    """Keep the file that proves a security, in place of the one before; raise DomainError for another kind of file."""
    require_permission(actor, "credit.change_security")
    kind = content_type_of(source)
    if kind is None:
        text = _("“%(name)s” is no PDF, JPEG, PNG or DOCX file; its content says so.")
        raise DomainError(Sentence(text, name=name), "file")
    blob, kept = blob_store(source=source, limit=LARGEST), plain_name(name, kind)
    account_lock(instance.distributor_id)
    instance = Security.objects.get(pk=instance.pk)
    if instance.released_on is not None:
        raise DomainError(Sentence(_("This security was given back; enter another one.")))
    if (instance.blob_id, instance.file_name) == (blob.pk, kept):
        return instance
    before = {"file": instance.file_name} if instance.file_name else {}
    Security.objects.filter(pk=instance.pk).update(blob=blob, file_name=kept, content_type=kind)
    instance.refresh_from_db()
    audit.record(actor=actor, verb="security.file_added", target=instance, before=before, after={"file": kept})
    return instance
