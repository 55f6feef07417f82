"""Credit in "Needs you" and on the timeline: requests, holds, securities that expire, decisions."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.absences import represented_on_page
from accounts.roles import Role
from core.contributors import NEEDS_EACH, Event, Need
from core.database import Unindexed
from core.money import MoneyField, amount_text
from core.scope import visibility
from core.timeline import Span
from distributors.credit.limits.models import CreditLimit, Hold, HoldOverride, LimitPolicy, LimitState, Security
from distributors.credit.limits.pages import tab_url
from distributors.credit.limits.securities import SOON_DAYS
from distributors.profiles.contracts.selectors import NAME
from distributors.profiles.models import Distributor

LIMIT_WEIGHT, HOLD_WEIGHT, SECURITY_WEIGHT = 5600, 5800, 4200


def decidable_requests(user: Any, people: Iterable[Any]) -> Any:
    """Return the requests on which the user may decide, in their own name or for one of `people`, who are absent.

    Who decides what follows the amount of the request itself; an increase that makes a limit too large for a sales
    manager says so on its page.
    """
    waiting, whole = Q(state=LimitState.REQUESTED), Q()
    rules, delivered = LimitPolicy.objects.order_by("-number"), LimitPolicy()
    for person in (user, *people):
        condition = visibility(CreditLimit, person, "approve")
        if condition is None or person.pk is None:
            continue
        if person.role != Role.FINANCE:
            two = Q(base_amount__gt=F("second_from"))
            two &= Q(first_by=None) | Q(first_by__role=Role.FINANCE)
            condition &= Q(base_amount__lte=F("manager_most")) | two
        whole |= (condition or Q(pk__isnull=False)) & ~Q(requested_by=person) & ~_first(person)
    if not whole:
        return CreditLimit.objects.none()
    rows = CreditLimit.objects.annotate(
        manager_most=_rule(rules, "manager_most", delivered), second_from=_rule(rules, "second_from", delivered)
    ).filter(waiting & whole)
    return rows.exclude(requested_by=user.pk) if user.pk else rows


def _rule(rules: Any, name: str, delivered: LimitPolicy) -> Any:
    """Return an amount of the rules in force as a column, as delivered where none was ever written."""
    money = MoneyField()
    return Coalesce(
        Subquery(rules.values(name)[:1], output_field=money),
        Value(Decimal(getattr(delivered, name)), output_field=money),
    )


def _first(person: Any) -> Q:
    return Q(first_by__isnull=False, first_by=person.pk) | Q(first_for__isnull=False, first_for=person.pk)


def limit_needs(user: Any, as_of: date) -> list[Need]:
    """Return the requests of limits that wait for the user, the largest first."""
    people = [] if user.role in (Role.ADMIN, Role.FINANCE) else represented_on_page(user, as_of)
    if user.reach("credit.approve_creditlimit") is None and not people:
        return []
    rows = decidable_requests(user, people).annotate(name=NAME).select_related("requested_by")
    return [
        Need(
            key=f"limit-{one.pk}-{1 if one.first_by_id else 0}",
            kind=_("Credit limit"),
            chip=_("Credit limit"),
            tone="",
            distributor=one.name,
            title=_("%(name)s: %(amount)s waits for a decision") % {"name": one.name, "amount": one},
            reason=_("asked for by %(person)s: %(reason)s")
            % {"person": one.requested_by or _("the product"), "reason": one.reason},
            consequence=_("orders above the limit stay where they are"),
            url=one.get_absolute_url(),
            action=_("Decide"),
            weight=LIMIT_WEIGHT - place,
        )
        for place, one in enumerate(rows.order_by("-base_amount", "pk")[: NEEDS_EACH + 1])
    ]


def hold_needs(user: Any, as_of: date) -> list[Need]:
    """Return the accounts on hold that the user answers for, the largest exposure first; finance sees them all."""
    if user.reach("credit.view_hold") is None:
        return []
    answers = user.reach("profiles.change_distributor") is not None
    if not answers and user.reach("credit.add_holdoverride") is None:
        return []
    rows = (
        Distributor.objects.visible_to(user, "change" if answers else "view")
        .named()
        .filter(standing__on_hold=True, credit_holds__released_on=None, credit_holds__isnull=False)
        .annotate(since=F("credit_holds__set_on"), late=F("credit_holds__overdue"))
        .order_by(Unindexed(F("standing__exposure")).desc(), "pk")
        .values("pk", "name", "standing__exposure", "since", "late")[: NEEDS_EACH + 1]
    )
    return [
        Need(
            key=f"hold-{row['pk']}-{row['since'].isoformat()}",
            kind=_("Credit hold"),
            chip=_("On hold"),
            tone="b",
            distributor=row["name"],
            title=_("%(name)s is on hold since %(day)s")
            % {"name": row["name"], "day": date_format(row["since"], "MONTH_DAY_FORMAT")},
            reason=_("an item is overdue beyond grace") if row["late"] else _("the exposure is over the limit"),
            consequence=_("no order goes"),
            url=tab_url(row["pk"]),
            action=_("Look"),
            weight=HOLD_WEIGHT - place,
        )
        for place, row in enumerate(rows)
    ]


def security_needs(user: Any, as_of: date) -> list[Need]:
    """Return the securities that expire within thirty days, or have expired and were not given back."""
    if user.reach("credit.change_security") is None:
        return []
    rows = (
        Security.objects.visible_to(user, "change")
        .filter(released_on=None, expires_on__lte=as_of + timedelta(days=SOON_DAYS))
        .annotate(name=NAME)
        .order_by("expires_on", "pk")[: NEEDS_EACH + 1]
    )
    ending: list[Any] = list(rows)
    return [
        Need(
            key=f"security-{one.pk}-{one.expires_on.isoformat()}",
            kind=_("Security"),
            chip=_("Security"),
            tone="b" if one.expires_on < as_of else "w",
            distributor=one.name,
            title=(_("%(name)s: a security has expired") if one.expires_on < as_of else _("%(name)s: a security ends"))
            % {"name": one.name},
            reason=f"{one.get_kind_display()} · {one} · {date_format(one.expires_on, 'DATE_FORMAT')}",
            consequence=_("it counts no longer from the day after"),
            url=one.get_absolute_url(),
            action=_("Renew"),
            weight=SECURITY_WEIGHT - place,
            due=one.expires_on,
        )
        for place, one in enumerate(ending)
    ]


def credit_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return holds and their ends, overrides, and limits that were decided."""
    return span.newest([*_hold_events(user, ids, span), *_override_events(user, ids, span), *_limits(user, ids, span)])


def _hold_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    rows: Any = Hold.objects.visible_to(user).filter(distributor__in=ids)
    begun, ended = _("Put on credit hold"), _("Credit hold released")
    late, over = _("an item is overdue beyond grace"), _("the exposure is over the limit")
    set_now = rows.filter(span.days("set_on"))[: span.most]
    released = rows.filter(span.days("released_on")).order_by("-released_on")[: span.most]
    return [
        *(_event(one.set_on, begun, late if one.overdue else over, tab_url(one.distributor_id)) for one in set_now),
        *(_event(one.released_on, ended, "", tab_url(one.distributor_id)) for one in released),
    ]


def _override_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    rows = HoldOverride.objects.visible_to(user).filter(span.days("starts_on"), distributor__in=ids)
    return [
        _event(
            one.starts_on,
            _("Delivery signed in spite of the hold, until %(day)s") % {"day": date_format(one.ends_on, "DATE_FORMAT")},
            one.reason,
            tab_url(one.distributor_id),
            str(one.signed_by or ""),
        )
        for one in rows.select_related("signed_by")[: span.most]
    ]


def _limits(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    rows = CreditLimit.objects.visible_to(user).filter(
        span.moments("decided_at"), distributor__in=ids, state__in=[LimitState.APPROVED, LimitState.DECLINED]
    )
    return [
        _event(
            localdate(one.decided_at),
            _("%(kind)s of %(amount)s %(currency)s: %(state)s")
            % {
                "kind": str(one.get_kind_display()).capitalize(),
                "amount": amount_text(one.amount),
                "currency": one.currency,
                "state": one.get_state_display(),
            },
            one.note or one.reason,
            one.get_absolute_url(),
            one.who,
        )
        for one in rows.select_related("decided_by", "decided_for").order_by("-decided_at")[: span.most]
    ]


def _event(on: date, title: str, text: str, url: str, who: str = "") -> Event:
    return Event(on=on, code="credit", kind=_("Credit"), title=title, text=text, url=url, who=who)
