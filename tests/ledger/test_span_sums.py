"""Sums over fiscal months and years: whole months from the roll-up, the days at the ends from the lines."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from core.models import Company
from core.periods import FiscalCalendar, month_last, month_of, year_before
from distributors.ledger.home_territories import territory_comparison
from distributors.ledger.models import MonthlySales, SaleLine
from distributors.ledger.records import Target
from distributors.ledger.rollups import rollups_refresh
from distributors.ledger.span_sums import parts_of, sums_of
from tests import factories

DAYS = st.dates(date(2001, 1, 1), date(2098, 12, 31))
CALENDARS = st.builds(FiscalCalendar, st.integers(1, 12), st.none() | st.integers(1, 28))


@given(DAYS, st.integers(0, 800))
def test_the_parts_of_a_span_are_its_days_each_once(first, days):
    last = first + timedelta(days=days)
    parts = parts_of((first, last))
    spans = sorted([*parts.edges, *((month, month_last(month)) for month in parts.months)])
    assert spans[0][0] == first
    assert spans[-1][1] == last
    assert all(before[1] + timedelta(days=1) == after[0] for before, after in pairwise(spans))
    assert all(month_of(start) == month_of(end) for start, end in parts.edges)


@given(CALENDARS, DAYS)
def test_this_year_and_month_so_far_end_today_and_are_held_against_the_last(calendar, day):
    for now, then in (calendar.month_so_far(day), calendar.year_so_far(day)):
        assert now[0] <= now[1] == day
        assert then[0] <= then[1] < now[0]
    (_now, then) = calendar.year_so_far(day)
    assert then[1] == year_before(day)
    assert calendar.fiscal_year(then[0]).start == then[0]


def test_of_29_february_the_year_before_is_the_28th():
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert year_before(date(2027, 2, 28)) == date(2026, 2, 28)


@pytest.fixture
def sold(db):
    """Sell one on each day of some fourteen months, for as much as the days since the first."""
    distributor, product, batch = factories.distributor(), factories.product(), factories.batch()
    first = date(2025, 1, 1)
    for step in range(0, 430, 3):
        day = first + timedelta(days=step)
        factories.sale_line(distributor, product, batch=batch, day=day, amount=Decimal(step + 1))
    rollups_refresh(pairs=None)
    return distributor


@pytest.mark.parametrize(
    "span",
    [
        (date(2025, 1, 1), date(2025, 12, 31)),
        (date(2025, 1, 26), date(2026, 2, 25)),
        (date(2025, 3, 5), date(2025, 3, 9)),
        (date(2025, 3, 26), date(2025, 4, 2)),
        (date(2025, 4, 1), date(2025, 4, 1)),
    ],
)
def test_a_span_sums_what_its_lines_sum(sold, span):
    other = date(2025, 7, 2), date(2025, 9, 10)
    sums = sums_of(MonthlySales.objects.all(), SaleLine.objects.all(), [span, other])
    for one in (span, other):
        lines = SaleLine.objects.filter(day__range=one).values_list("base_amount", flat=True)
        assert sums.of(one) == sum(lines, Decimal(0))
    assert sums.months[date(2025, 2, 1)] > 0


@pytest.mark.django_db
def test_spans_without_a_line_sum_to_nothing():
    span = date(2025, 1, 26), date(2025, 3, 5)
    assert sums_of(MonthlySales.objects.all(), SaleLine.objects.all(), [span]).of(span) == 0


def test_two_years_cost_one_question(sold, django_assert_num_queries):
    spans = [(date(2025, 4, 26), date(2026, 2, 10)), (date(2025, 1, 26), date(2025, 2, 10))]
    with django_assert_num_queries(1):
        sums_of(MonthlySales.objects.all(), SaleLine.objects.all(), spans)


@pytest.mark.django_db
def test_with_a_cut_off_the_month_against_its_target_is_the_fiscal_one(settings):
    settings.TODAY = "2026-05-27"
    Company.objects.update_or_create(pk=1, defaults={"cut_off_day": 25})
    top = factories.territory()
    manager, made, product = factories.user(Role.MANAGER, top), factories.distributor(top), factories.product()
    facts = {"source": product.source, "batch": factories.batch(), "territory": top, "value": Decimal(100)}
    for month, value in ((date(2026, 5, 1), 9999), (date(2026, 6, 1), 100)):
        Target.objects.create(**{**facts, "value": Decimal(value)}, day=month, owner_kind="territory", owner_key=top.pk)
    for day, amount in ((date(2026, 5, 25), 1000), (date(2026, 5, 26), 20), (date(2026, 5, 27), 5)):
        factories.sale_line(made, product, day=day, amount=Decimal(amount))
    (block,) = territory_comparison(manager, date(2026, 5, 27))
    (tile,) = block["kpis"]
    assert (str(tile["label"]), tile["value"]) == ("Of the target, June", "25 %")
    assert "since=2026-05-26" in tile["url"]


@pytest.mark.parametrize(
    ("start", "label"), [(1, "Net sales, 2026 so far"), (4, "Net sales, fiscal year 2025/26 so far")]
)
def test_the_sales_tab_shows_the_fiscal_year_so_far(sold, client, settings, start, label):
    settings.TODAY = "2026-02-20"
    Company.objects.update_or_create(pk=1, defaults={"fiscal_start_month": start})
    client.force_login(factories.user(), backend="accounts.backends.EmailBackend")
    answer = client.get(f"/distributors/{sold.pk}/sales/")
    (tile,) = answer.context["kpis"]
    first = date(2026 if start == 1 else 2025, start, 1)
    lines = SaleLine.objects.filter(day__range=(first, date(2026, 2, 20))).values_list("base_amount", flat=True)
    assert str(tile["label"]) == label
    assert tile["value"] in {f"{sum(lines) / 1000:.1f} k", f"{sum(lines):,.0f}"}
