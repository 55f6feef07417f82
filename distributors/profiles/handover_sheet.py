"""What a new owner must know of what they take over, set-wise: for one distributor, or for all that go over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock
from core.contributors import collect
from core.money import amount_text
from core.periods import month_shift
from core.scope import permission_name, visibility
from distributors.profiles.contracts.models import Contract
from distributors.profiles.models import Assignment, Contact, Distributor, Task, TaskState
from distributors.profiles.people.models import DecisionRole, Level

MOST = 200
LISTED = 200
PEOPLE = 40
LOOKED_BACK = 24
KEPT = timedelta(days=31)
LEVELS = list(Level.values)


@dataclass(frozen=True)
class HandOver:
    """Who gives which distributors to whom, from which day on; `old` is None where nobody covered them before."""

    old: User | None
    new: User
    starts_on: date
    keys: tuple[int, ...]


def changes_of_owner() -> QuerySet[Any]:
    """Return the assignments with which another owner begins, with `before`, the key of the one until then."""
    earlier = Assignment.objects.filter(distributor=OuterRef("distributor"), starts_on__lt=OuterRef("starts_on"))
    before = Subquery(earlier.order_by("-starts_on").values("owner")[:1])
    rows = Assignment.objects.filter(distributor__merged_into=None, owner__isnull=False)
    return rows.annotate(before=before).filter(Q(before=None) | ~Q(owner=F("before")))


def seen_changes(user: Any, today: date) -> QuerySet[Any]:
    """Return the changes of owner that `user` may see: one's own, and those of who assigns there.

    Whoever gives sees what they gave for a month from its day on; whoever takes as long as nobody takes it from them.
    """
    if user.reach("profiles.view_distributor") is None:
        return Assignment.objects.none()
    later = Assignment.objects.filter(distributor=OuterRef("distributor"), starts_on__gt=OuterRef("starts_on"))
    rows = changes_of_owner().annotate(passed_on=Exists(later.exclude(owner=OuterRef("owner"))))
    taken = Q(owner=user.pk, passed_on=False)
    given = Q(before=user.pk, starts_on__gte=today - KEPT)
    led = visibility(Distributor, user, "assign", via="distributor")
    if led is None:
        return rows.filter(taken | given)
    return rows.filter(taken | given | led) if led else rows


def hand_over_of(user: Any, distributor: int, today: date, day: date | None, *, whole: bool) -> HandOver | None:
    """Return the last change of owner of a distributor, or that of `day`; the `whole` is all that went over with it."""
    rows = seen_changes(user, today)
    mine = rows.filter(distributor=distributor, **({"starts_on": day} if day else {}))
    found = mine.select_related("owner").order_by("-starts_on").first()
    if found is None or found.owner is None:
        return None
    before = found.before
    keys = [distributor]
    if whole:
        together = rows.filter(starts_on=found.starts_on, owner=found.owner, before=before)
        keys = list(together.order_by("distributor__code").values_list("distributor", flat=True))
    old = User.objects.filter(pk=before).first()
    return HandOver(old, found.owner, found.starts_on, tuple(keys))


def hand_overs(user: Any, today: date, person: int | None = None) -> list[dict[str, Any]]:
    """Return the hand-overs of the last months and those to come, the latest first: who, to whom, from when, how many.

    `person` names one of both.
    """
    rows = seen_changes(user, today).filter(starts_on__gte=month_shift(today, -LOOKED_BACK), before__isnull=False)
    if person is not None:
        rows = rows.filter(Q(owner=person) | Q(before=person))
    grouped = rows.order_by().values("starts_on", "before", "owner").annotate(n=Count("pk"), first=Min("distributor"))
    found = list(grouped.order_by("-starts_on", "-n", "first")[:LISTED])
    people = User.objects.in_bulk({pk for row in found for pk in (row["before"], row["owner"])})
    return [{**row, "old": people.get(row["before"]), "new": people.get(row["owner"])} for row in found]


def sheet_of(user: Any, found: HandOver, today: date, currency: str) -> dict[str, Any]:
    """Return the sheet: sums, and for each distributor its figures, contracts, tasks, people and last orders.

    Who hands over sees the distributor for a month after; which kinds of its rows, their own permissions say.
    """
    keys = found.keys[:MOST]
    cards = Distributor.objects.filter(pk__in=keys).select_related("standing", "territory", "type")
    tasks = _tasks(keys) if _may_see(user, Task) else None
    contracts = _contracts(keys, today, currency) if _may_see(user, Contract) else None
    people = _people(keys) if _may_see(user, Contact) else None
    more: dict[int, list[dict[str, Any]]] = {}
    for pk, block in collect("handover", user, keys, today):
        more.setdefault(pk, []).append(block)
    sections = [
        {
            "distributor": one,
            "figures": _figures(one.standing, currency),
            "overdue": one.standing.overdue > 0,
            "contracts": _each(contracts, one.pk),
            "tasks": _each(tasks, one.pk),
            "people": _each(people, one.pk),
            "more": more.get(one.pk, []),
        }
        for one in cards.order_by("code")
    ]
    return {
        "found": found,
        "sections": sections,
        "left_out": len(found.keys) - len(keys),
        "kpis": _sums([section["distributor"].standing for section in sections], tasks, currency, len(found.keys)),
    }


def _may_see(user: Any, model: Any) -> bool:
    return user.reach(permission_name(model, "view")) is not None


def _each(found: dict[int, list[Any]] | None, pk: int) -> list[Any] | None:
    """Return the rows of a distributor; None where the reader sees none of their kind."""
    return None if found is None else found.get(pk, [])


def _sums(standings: Sequence[Any], tasks: dict[int, Any] | None, currency: str, count: int) -> list[dict[str, Any]]:
    def total(name: str) -> str:
        return amount_text(sum((getattr(one, name) for one in standings), Decimal(0)))

    found = [
        {"label": _("Distributors"), "value": f"{count:,}"},
        {"label": _("Receivable"), "value": total("receivable"), "unit": currency},
        {"label": _("Overdue"), "value": total("overdue"), "unit": currency},
        {"label": _("Ordered, not invoiced"), "value": total("ordered_open"), "unit": currency},
    ]
    if tasks is not None:
        found.append({"label": _("Open tasks"), "value": f"{sum(len(rows) for rows in tasks.values()):,}"})
    return found


def _figures(standing: Any, currency: str) -> list[dict[str, str]]:
    def money(value: Decimal) -> str:
        return f"{amount_text(value)} {currency}"

    def day(value: date | None) -> str:
        return date_format(value, "DATE_FORMAT") if value else "–"

    rows = [
        (_("Net sales, 12 months"), money(standing.net_sales_12m)),
        (_("Receivable"), money(standing.receivable)),
        (_("Overdue"), money(standing.overdue)),
        (_("Oldest overdue since"), day(standing.oldest_overdue_on)),
        (_("Ordered, not invoiced"), money(standing.ordered_open)),
        (_("Last order"), day(standing.last_order_on)),
    ]
    return [{"label": label, "text": text} for label, text in rows]


def _by_distributor(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.distributor_id, []).append(row)
    return found


def _tasks(keys: Collection[int]) -> dict[int, list[Any]]:
    rows = Task.objects.filter(distributor__in=keys, state=TaskState.OPEN).select_related("owner")
    return _by_distributor(rows.order_by("due_on", "pk"))


def _contracts(keys: Collection[int], today: date, currency: str) -> dict[int, list[Any]]:
    rows = Contract.objects.not_over(today).filter(distributor__in=keys)
    found = _by_distributor(rows.order_by(F("ends_on").asc(nulls_last=True), "number"))
    return {pk: [_contract_row(row, today, currency) for row in held] for pk, held in found.items()}


def _contract_row(one: Contract, today: date, currency: str) -> dict[str, Any]:
    """Return a contract with what was promised in it, on either side."""
    amounts = [(_("Yearly target"), one.yearly_target), (_("Minimum purchase a year"), one.minimum_purchase)]
    promised = [
        *((label, f"{amount_text(value)} {currency}") for label, value in amounts if value is not None),
        (_("Coverage commitment"), one.coverage_commitment),
        (_("Sub-distributors committed"), str(one.sub_distributors or "")),
        (_("Reporting duty"), one.reporting_duty),
        (_("Spare-parts stock"), one.spare_parts),
        (_("Minimum stock"), one.minimum_stock),
        (_("Price terms"), one.price_terms),
        (_("Credit terms"), one.credit_terms),
        (_("Buy-back clause"), one.buy_back),
    ]
    soon = one.ends_on is not None and one.ends_on <= today + timedelta(days=90)
    return {"contract": one, "soon": soon, "promised": [(label, text) for label, text in promised if text]}


def _people(keys: Collection[int]) -> dict[int, list[Any]]:
    """Return who works there, the highest first; of a person nothing but their work."""
    rows = Contact.objects.filter(distributor__in=keys, left_on=None, erased_at=None)
    deciding: dict[str, int] = {DecisionRole.DECIDER: 0, DecisionRole.INFLUENCER: 1}
    ordered = sorted(rows, key=lambda one: (LEVELS.index(one.level), deciding.get(one.decision_role, 2), one.name))
    return {pk: people[:PEOPLE] for pk, people in _by_distributor(ordered).items()}


def sheet_read(*, actor: Any, found: HandOver) -> None:
    """Note in the trail that somebody opened a sheet: of which hand-over, and how many distributors stood on it."""
    after = {
        "from": found.starts_on.isoformat(),
        "old": str(found.old or ""),
        "new": str(found.new),
        "distributors": str(len(found.keys)),
    }
    audit.record(actor=actor, verb="handover.read", target=found.new, after=after)


def assignments_of(distributor: Distributor, user: Any) -> list[Assignment]:
    """Return the assignments of a distributor, the latest first, each with `handed_over`: there is a sheet for it."""
    rows = list(Assignment.objects.filter(distributor=distributor).select_related("territory", "owner", "created_by"))
    changes = seen_changes(user, clock.today(user.company)).filter(distributor=distributor, before__isnull=False)
    handed = set(changes.values_list("pk", flat=True))
    for row in rows:
        row.handed_over = row.pk in handed  # type: ignore[attr-defined]  # for the template
    return rows
