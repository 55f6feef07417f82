"""The sums of sale lines and payments that Home shows: one statement for all of its figures."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Sum, Value
from django.db.models.functions import Cast

from core.figures import figures_of
from core.periods import full_months
from distributors.ledger.models import NET_SALES, MonthlySales, SaleLine
from distributors.ledger.records import Payment
from distributors.ledger.span_sums import Sums, parts_of
from distributors.profiles.models import OUR_TIER
from distributors.profiles.standing_sums import standings_counted

ZERO = Decimal(0)
PLACE = "distributor__territory_path"


@dataclass(frozen=True)
class SalesSums:
    """Our net sales by month of two years; of the fiscal month so far by territory path; of the fiscal year so far.

    `then` and `year_then` are those of the same days a year before. What we sell is what tier 1 buys; its sales to
    lower tiers are not ours and would count the goods twice.
    """

    months: dict[date, Decimal] = field(default_factory=dict)
    month: dict[str, Decimal] = field(default_factory=dict)
    collected: dict[str, Decimal] = field(default_factory=dict)
    then: Decimal = ZERO
    year: Decimal = ZERO
    year_then: Decimal = ZERO

    @property
    def now(self) -> Decimal:
        """Return our net sales of this month so far."""
        return sum(self.month.values(), ZERO)


def sales_sums(user: Any, as_of: date) -> SalesSums:
    """Return the sums over the user's distributors."""
    fiscal = user.company.fiscal
    found: SalesSums = figures_of(
        f"ledger.sales.{fiscal.start_month}.{fiscal.cut_off_day}",
        user=user,
        permission="ledger.view_monthlysales",
        as_of=as_of,
        compute=lambda: _asked(user, as_of),
        count=lambda _sums: standings_counted(user, as_of),
    )
    return found


def _asked(user: Any, as_of: date) -> SalesSums:
    window, fiscal = full_months(as_of, 12), user.company.fiscal
    month, then = fiscal.month_so_far(as_of)
    year, year_then = fiscal.year_so_far(as_of)
    edges = {edge: f"edge{place}" for place, edge in enumerate((*parts_of(year).edges, *parts_of(year_then).edges))}
    edges |= {month: "month", then: "then"}
    months = MonthlySales.objects.visible_to(user).filter(
        distributor__tier=OUR_TIER, month__gte=window.before().start, month__lt=window.end, kind__in=NET_SALES
    )
    paid = Payment.objects.visible_to(user).current().filter(day__range=month, distributor__tier=OUR_TIER)
    # Each goes by the index on the day: asked with "or", PostgreSQL reads every line there is.
    parts = [
        *(_part(name, our_lines(user, *edge), PLACE, "base_amount") for edge, name in edges.items()),
        _part("collected", paid, PLACE, "base_amount"),
        _part("months", months, "month", "amount"),
    ]
    found: dict[str, dict[str, Decimal]] = {name: {} for name in ("collected", "months", *edges.values())}
    for part, key, total in parts[0].union(*parts[1:], all=True):
        found[part][key] = total
    sums = Sums(
        months={date.fromisoformat(key): total for key, total in found["months"].items()},
        spans={edge: sum(found[name].values(), ZERO) for edge, name in edges.items()},
    )
    return SalesSums(
        months=sums.months,
        month=found["month"],
        collected=found["collected"],
        then=sums.spans[then],
        year=sums.of(year),
        year_then=sums.of(year_then),
    )


def our_lines(user: Any, first: date, last: date) -> Any:
    """Return the lines that make our net sales of some days."""
    lines = SaleLine.objects.visible_to(user).current()
    return lines.filter(day__range=(first, last), kind__in=NET_SALES, distributor__tier=OUR_TIER)


def _part(name: str, rows: Any, key: str, amount: str) -> Any:
    """Return the part's name, a key as text and the sum of an amount, to be asked together with others."""
    named = rows.order_by().annotate(part=Value(name, CharField()), key=Cast(key, CharField()))
    return named.values_list("part", "key").annotate(total=Sum(amount))
