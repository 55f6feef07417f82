"""The rows of the page of the drop folder: which files are read how."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock
from core.errors import DomainError, StaleVersion
from core.scope import require_permission
from distributors.ledger.drop_folder import DEEPEST, HIDDEN, ROOMS
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import DropRule, ImportProfile


def drop_rule_save(
    *,
    actor: User,
    instance: DropRule,
    version: int | None = None,
    pattern: str,
    kind: str,
    profile: ImportProfile | None,
    good_only: bool,
    active: bool,
) -> DropRule:
    """Say how files are read whose names fit a pattern; raise DomainError, or StaleVersion after another's change."""
    require_permission(actor, "ledger.change_droprule" if instance.pk else "ledger.add_droprule")
    pattern = pattern.strip().strip("/")
    _refuse_pattern(pattern)
    if profile is not None and profile.kind != kind:
        words = {"mapping": profile.name, "kind": kind_of(profile.kind).title}
        raise DomainError(_("The mapping “%(mapping)s” is for %(kind)s.") % words, "profile")
    fields: dict[str, Any] = {
        "pattern": pattern,
        "kind": kind_of(kind).name,
        "profile": profile,
        "good_only": good_only,
        "active": active,
    }
    try:
        with transaction.atomic():
            saved = _written(actor, instance, version, fields)
    except IntegrityError as error:
        raise DomainError(_("There is a row for this pattern already; change that one."), "pattern") from error
    return saved


def _refuse_pattern(pattern: str) -> None:
    parts = pattern.split("/")
    if not pattern:
        raise DomainError(_("Say how the files are called, for example sales-*.csv."), "pattern")
    if any(not part or part.startswith(HIDDEN) for part in parts):
        raise DomainError(_("Files and folders whose names begin with a point are never read."), "pattern")
    if parts[0].lower() in ROOMS:
        raise DomainError(_("In %(folders)s lies what was read already.") % {"folders": ", ".join(ROOMS)}, "pattern")
    if len(parts) > DEEPEST:
        raise DomainError(_("Folders are read %(count)s deep.") % {"count": DEEPEST - 1}, "pattern")


def _written(actor: User, instance: DropRule, version: int | None, fields: dict[str, Any]) -> DropRule:
    stamp = {"updated_by": actor, "updated_at": clock.instant()}
    saved: DropRule
    if not instance.pk:
        was = {}
        saved = DropRule.objects.create(**fields, **stamp)
    else:
        was = _said(DropRule.objects.select_related("profile").get(pk=instance.pk))
        rows = DropRule.objects.filter(pk=instance.pk)
        if version is not None:
            rows = rows.filter(version=version)
        if not rows.update(**fields, **stamp, version=F("version") + 1):
            raise StaleVersion
        saved = DropRule.objects.select_related("profile").get(pk=instance.pk)
    before, after = audit.changes(was, _said(saved))
    audit.record(actor=actor, verb="droprule.saved", target=saved, before=before, after=after)
    return saved


def _said(rule: DropRule) -> dict[str, Any]:
    return {
        "pattern": rule.pattern,
        "kind": rule.kind,
        "mapping": rule.profile.name if rule.profile else "",
        "good rows only": rule.good_only,
        "active": rule.active,
    }
