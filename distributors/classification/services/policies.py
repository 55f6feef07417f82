"""Policies: a population and the versions of its settings."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Territory
from core import audit
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.scope import require_permission
from distributors.classification.models import ClassRun, Policy, PolicyVersion
from distributors.classification.selectors.policies import SETTINGS, overlapping
from distributors.ledger.models import ProductLine

BEGINNING = date(2000, 1, 1)


@transaction.atomic
def policy_default() -> Policy:
    """Return the first policy; where there is none yet, make that of tier 1 with the settings as delivered."""
    found = Policy.objects.first()
    if found is not None:
        return found
    lock("classification.policies")
    policy, created = Policy.objects.get_or_create(name="Tier 1", defaults={"tier": 1})
    if created:
        PolicyVersion.objects.create(policy=policy, number=1, valid_from=BEGINNING)
    return policy


@transaction.atomic
def policy_add(*, actor: Any, name: str, tier: int, territories: Iterable[Territory] = ()) -> Policy:
    """Make a policy for a further population, with the settings as delivered; refuse one that overlaps another."""
    require_permission(actor, "classification.change_policy")
    lock("classification.policies")
    chosen = list(territories)
    if Policy.objects.filter(name=name).exists():
        raise DomainError(_("There is a policy of this name."))
    other = overlapping(tier, [territory.path for territory in chosen])
    if other is not None:
        raise DomainError(_("“%(policy)s” classifies some of these distributors already.") % {"policy": other})
    policy = Policy.objects.create(name=name, tier=tier)
    policy.territories.set(chosen)
    PolicyVersion.objects.create(policy=policy, number=1, valid_from=BEGINNING, created_by=actor)
    audit.record(actor=actor, verb="policy.created", target=policy, after={"name": name, "tier": tier})
    return policy


@transaction.atomic
def scarce_set(*, actor: Any, policy: Policy, lines: Iterable[ProductLine]) -> None:
    """Choose the product lines of a policy that are scarce."""
    require_permission(actor, "classification.change_policy")
    lock("classification.policies")
    before, after = sorted(line.code for line in policy.scarce_lines.all()), sorted(line.code for line in lines)
    if before == after:
        return
    policy.scarce_lines.set(lines)
    audit.record(
        actor=actor,
        verb="policy.scarce_changed",
        target=policy,
        before={"scarce": ", ".join(before)},
        after={"scarce": ", ".join(after)},
    )


@transaction.atomic
def version_add(
    *, actor: Any, policy: Policy, opened: int, valid_from: date, note: str = "", **settings: Any
) -> PolicyVersion:
    """Add a version with changed settings; raise StaleVersion where one was added since number `opened`.

    Closed months keep the version that closed them, so it is valid after the last close at the earliest.
    """
    require_permission(actor, "classification.change_policy")
    lock("classification.policies")
    current = policy.versions.order_by("-number").first()
    if current is None or current.number != opened:
        raise StaleVersion(_("Someone else changed this policy since you opened it."))
    before = {name: getattr(current, name) for name in SETTINGS}
    changed = {name: value for name, value in settings.items() if name in SETTINGS and value != before[name]}
    if not changed:
        raise DomainError(_("Nothing is changed."))
    settings_refuse(**{**before, **changed})
    closed = ClassRun.objects.filter(policy=policy, official=True).order_by("-as_of").first()
    if closed is not None and valid_from <= closed.as_of:
        raise DomainError(
            _("The month before %(day)s is closed with version %(number)s; a change can be valid after that day.")
            % {"day": closed.as_of.isoformat(), "number": closed.version.number}
        )
    made = PolicyVersion.objects.create(
        policy=policy,
        number=current.number + 1,
        valid_from=valid_from,
        note=note,
        created_by=actor,
        **{**before, **changed},
    )
    was, now = audit.changes(before, {**before, **changed})
    audit.record(actor=actor, verb="policy.version_added", target=made, before=was, after=now, note=note)
    return made


def settings_refuse(
    *,
    cut_a: Decimal,
    cut_b: Decimal,
    cut_five: Decimal,
    cut_three: Decimal,
    window_months: int,
    new_months: int,
    dynamics_margin: Decimal,
    plan_five: int,
    plan_three: int,
    plan_two: int,
    **_others: Any,
) -> None:
    """Raise DomainError for settings that cannot classify."""
    if not 0 < cut_a < cut_b <= 1:
        raise DomainError(_("The cuts must rise: A above 0, B above A and at most 100 %."))
    if not 0 < cut_five < cut_three <= 1:
        raise DomainError(_("The cuts by volume must rise: 5 above 0, 3 above 5 and at most 100 %."))
    if plan_five + plan_three + plan_two != 100:
        raise DomainError(
            _("The shares of resources add up to %(sum)s %%, not to 100 %%.")
            % {"sum": plan_five + plan_three + plan_two}
        )
    if new_months > window_months:
        raise DomainError(_("Nobody can be new for longer than the months counted."))
    if not 0 <= dynamics_margin < 1:
        raise DomainError(_("The margin lies between 0 and 100 points."))
