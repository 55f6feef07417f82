"""Exposure and holds brought in step with the facts: each night, and for whom a payment or an invoice changed."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.company import company
from core.database import date_sql, differs_sql, is_postgres, lock, rows, run
from core.errors import DomainError
from core.scope import require_permission, require_visible
from core.sentences import Sentence
from distributors.credit.limits.base import account_lock
from distributors.credit.limits.figures import (
    COOPERATION,
    HOLDS,
    OVERRIDES,
    PAYS_BEFORE,
    STANDING,
    acceptances_sql,
    late_sql,
    limits_sql,
)
from distributors.credit.limits.models import CreditLimit, Hold, HoldOverride, LimitPolicy, LimitState, Security
from distributors.credit.limits.rates import rate_on, worth
from distributors.credit.limits.rules import policy_now
from distributors.ledger.merged import family_sql
from distributors.profiles.models import Distributor, Standing
from distributors.profiles.outbound import messages_post

COLUMNS = ("exposure", "credit_limit", "headroom", "exposure_as_of")


def one_sql(distributor_id: int) -> str:
    """Return a table of one distributor, for what takes a table of those touched."""
    return f"(SELECT {int(distributor_id)} AS distributor_id) AS one"


def _only(touched: str | None, family: bool = False) -> str:
    if not touched:
        return ""
    inside = family_sql(touched) if family else f"SELECT distributor_id FROM {touched}"
    return f" AND t.distributor_id IN ({inside})"


def accounts_sql(as_of: date, touched: str | None) -> str:
    """Return the SELECT of exposure, limit and headroom of every distributor, or of those in table `touched`."""
    exposure = "(t.receivable + t.ordered_open - t.prepaid + coalesce(a.total, 0))"
    limit = f"CASE WHEN {PAYS_BEFORE} THEN NULL ELSE l.total END"
    return (
        f"SELECT t.distributor_id, {exposure} AS exposure, {limit} AS credit_limit, "
        f"{limit} - {exposure} AS headroom, {date_sql(as_of)} AS exposure_as_of FROM {STANDING} t "
        f"LEFT JOIN {COOPERATION} c ON c.distributor_id = t.distributor_id "
        f"LEFT JOIN ({acceptances_sql(as_of, _only(touched, family=True))}) a ON a.distributor_id = t.distributor_id "
        f"LEFT JOIN ({limits_sql(as_of)}) l ON l.distributor_id = t.distributor_id WHERE 1 = 1{_only(touched)}"
    )


def accounts_refresh(touched: str | None, as_of: date) -> int:
    """Write exposure, limit and headroom into Standing where they differ; return how many rows changed."""
    sets = ", ".join(f"{name} = f.{name}" for name in COLUMNS)
    differ = " OR ".join(differs_sql(f"t.{name}", f"f.{name}") for name in COLUMNS)
    return run(
        f"UPDATE {STANDING} AS t SET {sets} FROM ({accounts_sql(as_of, touched)}) AS f "
        f"WHERE f.distributor_id = t.distributor_id AND ({differ})"
    )


def wanted_sql(as_of: date, touched: str | None, policy: LimitPolicy, base: str) -> str:
    """Return the SELECT of the accounts that belong on hold, with why and with their figures."""
    least = int(policy.hold_least * 10_000)
    share = f"coalesce(t.credit_limit, 0) * {int(policy.hold_share)} / 100"
    late = f"(coalesce(late.largest, 0) > {least} AND coalesce(late.largest, 0) > {share})"
    over = "(t.credit_limit IS NOT NULL AND t.exposure > t.credit_limit)"
    return (
        f"SELECT t.distributor_id, {late} AS overdue, {over} AS over_limit, coalesce(late.largest, 0) AS largest_late, "
        f"t.exposure, t.credit_limit FROM {STANDING} t "
        f"LEFT JOIN ({late_sql(as_of, policy, base, _only(touched))}) late ON late.distributor_id = t.distributor_id "
        f"WHERE ({late} OR {over}){_only(touched)}"
    )


def holds_refresh(touched: str | None, as_of: date) -> tuple[int, int]:
    """Set and release holds by the rules, and tell other systems whose orders stop or go; return how many of each."""
    wanted = wanted_sql(as_of, touched, policy_now(), company().base_currency)
    run(
        f"UPDATE {HOLDS} AS t SET released_on = {date_sql(as_of)} WHERE released_on IS NULL{_only(touched)} "
        f"AND t.distributor_id NOT IN (SELECT distributor_id FROM ({wanted}) AS w)"
    )
    run(
        f"UPDATE {HOLDS} AS t SET overdue = w.overdue, over_limit = w.over_limit FROM ({wanted}) AS w "
        "WHERE w.distributor_id = t.distributor_id AND t.released_on IS NULL "
        "AND (t.overdue <> w.overdue OR t.over_limit <> w.over_limit)"
    )
    names = "distributor_id, overdue, over_limit, largest_late, exposure, credit_limit"
    now = "CURRENT_TIMESTAMP"
    run(
        f"INSERT INTO {HOLDS} ({names}, set_on, set_at) SELECT {names}, {date_sql(as_of)}, {now} FROM ({wanted}) AS w "
        f"WHERE NOT EXISTS (SELECT 1 FROM {HOLDS} h WHERE h.distributor_id = w.distributor_id "
        "AND h.released_on IS NULL) ON CONFLICT DO NOTHING"
    )
    return _stops_tell(touched, as_of)


def _stops_tell(touched: str | None, as_of: date) -> tuple[int, int]:
    """Write into Standing whose orders stop now, overrides counted, and post what changed; each change once.

    The rows are held from the question on: who asks at the same time waits, and finds that nothing changes any more.
    """
    day, held_still = date_sql(as_of), " FOR NO KEY UPDATE OF t" if is_postgres() else ""
    flips = rows(
        f"SELECT t.distributor_id, t.on_hold, h.overdue, h.over_limit FROM {STANDING} t "
        f"LEFT JOIN {HOLDS} h ON h.distributor_id = t.distributor_id AND h.released_on IS NULL "
        f"LEFT JOIN {OVERRIDES} o ON o.distributor_id = t.distributor_id AND o.ended_at IS NULL "
        f"AND o.starts_on <= {day} AND o.ends_on >= {day} "
        f"WHERE t.on_hold <> (h.id IS NOT NULL AND o.id IS NULL){_only(touched)} ORDER BY t.distributor_id{held_still}"
    )
    stops = [(pk, _why(overdue, over)) for pk, was, overdue, over in flips if not was]
    goes = [(pk, {"on": as_of.isoformat()}) for pk, was, _overdue, _over in flips if was]
    for keys, held in (([pk for pk, _data in stops], True), ([pk for pk, _data in goes], False)):
        for start in range(0, len(keys), 900):
            Standing.objects.filter(pk__in=keys[start : start + 900]).update(on_hold=held)
    messages_post(kind="credit.held", about=((pk, {"on": as_of.isoformat(), **why}) for pk, why in stops))
    messages_post(kind="credit.released", about=goes)
    return len(stops), len(goes)


def _why(overdue: Any, over_limit: Any) -> dict[str, Any]:
    return {"reasons": [name for name, held in (("overdue", overdue), ("over_limit", over_limit)) if held]}


def credit_follow(touched: str | None, as_of: date) -> list[None]:
    """Bring exposure and holds in step with facts that changed: of those in table `touched`, or of all."""
    accounts_refresh(touched, as_of)
    holds_refresh(touched, as_of)
    return []


@transaction.atomic
def credit_refresh(*, runner: Any) -> dict[str, int]:
    """Bring every account to today: amounts in other currencies, overrides that ended, exposure, holds."""
    lock("batch")
    runner.fence()
    today = clock.today()
    HoldOverride.objects.filter(ended_at=None, ends_on__lt=today).update(ended_at=clock.instant())
    converted = amounts_convert(today)
    changed = accounts_refresh(None, today)
    held, released = holds_refresh(None, today)
    return {"converted": converted, "accounts": changed, "held": held, "released": released}


def amounts_convert(day: date) -> int:
    """Value limits and securities in other currencies at the rate of a day; one without a rate keeps its value."""
    firm, count = company(), 0
    rates: dict[str, Decimal | None] = {}
    limits = CreditLimit.objects.filter(state__in=[LimitState.APPROVED, LimitState.REQUESTED], ends_on__gte=day)
    for model, rows_ in ((CreditLimit, limits), (Security, Security.objects.filter(released_on=None))):
        valued: list[Any] = []
        for row in rows_.exclude(currency=firm.base_currency).exclude(converted_on=day).iterator():
            if row.currency not in rates:
                rates[row.currency] = rate_on(row.currency, day, firm)
            if (rate := rates[row.currency]) is not None:
                row.base_amount, row.converted_on = worth(row.amount, rate), day
                valued.append(row)
        model.objects.bulk_update(valued, ["base_amount", "converted_on"], batch_size=500)
        count += len(valued)
    return count


@transaction.atomic
def hold_override(*, actor: User, distributor: Distributor, ends_on: date, reason: str) -> HoldOverride:
    """Sign that orders go in spite of the hold until a day; raise DomainError without a hold, a reason, or too long."""
    require_permission(actor, "credit.add_holdoverride")
    today, most = clock.today(), policy_now().override_days
    if not reason.strip():
        raise DomainError(Sentence(_("Say why: the reason stays with the signature.")), "reason")
    if not today <= ends_on or (ends_on - today).days > most:
        text = _("The last day lies ahead, at most %(days)s days from today.")
        raise DomainError(Sentence(text, days=most), "ends_on")
    account_lock(distributor.pk)
    if not Hold.objects.filter(distributor=distributor, released_on=None).exists():
        raise DomainError(Sentence(_("This account is not on hold.")))
    HoldOverride.objects.filter(distributor=distributor, ended_at=None, ends_on__lt=today).update(
        ended_at=clock.instant()
    )
    if HoldOverride.objects.filter(distributor=distributor, ended_at=None).exists():
        raise DomainError(Sentence(_("An override is in force already; end it first.")))
    made: HoldOverride = HoldOverride.objects.create(
        distributor=distributor, starts_on=today, ends_on=ends_on, reason=reason.strip(), signed_by=actor
    )
    require_visible(made, actor, "add")
    audit.record(
        actor=actor, verb="credit.overridden", target=distributor, after={"until": str(ends_on)}, note=reason.strip()
    )
    holds_refresh(one_sql(distributor.pk), today)
    return made


@transaction.atomic
def override_end(*, actor: User, override: HoldOverride) -> None:
    """End an override before its day; raise DomainError where it is over already."""
    require_permission(actor, "credit.add_holdoverride")
    rows_ = HoldOverride.objects.filter(pk=override.pk, ended_at=None)
    if not rows_.update(ended_at=clock.instant(), ended_by=actor if actor.pk else None):
        raise DomainError(Sentence(_("This override is over already.")))
    audit.record(actor=actor, verb="credit.override_ended", target=override.distributor)
    holds_refresh(one_sql(override.distributor_id), clock.today())
