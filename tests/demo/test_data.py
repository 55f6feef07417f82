"""What the demo holds, against the description of the manufacturer."""

from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Avg, Count, F, Max, Min, Q, Sum

from accounts.models import Notification, Territory, User
from core import clock
from core.database import rows
from distributors.classification.models import ClassRun
from distributors.ledger.facts import FACTS
from distributors.ledger.models import (
    Batch,
    ExchangeRate,
    LineKind,
    MonthlySales,
    OrderType,
    Product,
    ProductLine,
    ProductUnit,
    RetailPrice,
    SaleLine,
)
from distributors.profiles.models import (
    Assignment,
    BrandSurvey,
    BusinessFigures,
    CardFile,
    Distributor,
    LifecycleChange,
    Merge,
    Outlet,
    Place,
    Standing,
    Task,
)

pytestmark = pytest.mark.django_db
CURRENT = Q(superseded_by=None)


def lines():
    return SaleLine.objects.filter(CURRENT)


def top_fifth_share(tier: int) -> Decimal:
    amounts = sorted(
        lines().filter(distributor__tier=tier).order_by().values_list("distributor").annotate(total=Sum("base_amount")),
        key=lambda row: -row[1],
    )
    largest = amounts[: round(len(amounts) / 5)]
    return sum(row[1] for row in largest) / sum(row[1] for row in amounts)


def test_the_channel_has_the_described_shape(demo):
    types = Counter(Distributor.objects.values_list("currency", "type__code"))
    home = {code: count for (currency, code), count in types.items() if currency == "CNY"}
    abroad = Counter()
    for (currency, code), count in types.items():
        abroad[code] += count if currency != "CNY" else 0
    assert home == {"general": 12, "authorised": 70, "ordinary": 104, "value_added": 20, "retailer": 16, "online": 12}
    assert +abroad == {"general": 6, "authorised": 24, "ordinary": 36}
    assert Counter(Distributor.objects.values_list("tier", flat=True)) == {1: 210, 2: 90}
    assert Counter(Distributor.objects.values_list("state", flat=True)) == {
        "active": 246, "watch": 16, "exiting": 8, "ended": 10, "review": 12, "prospect": 8,
    }  # fmt: skip


def test_the_people_are_the_described_ones(demo):
    assert Counter(User.objects.values_list("role", flat=True)) == {
        "rep": 26, "manager": 9, "admin": 1, "finance": 1, "inspector": 1, "analyst": 1, "api_client": 1,
    }  # fmt: skip
    assert all(user.is_demo and user.email.endswith("@jianghe.example") for user in User.objects.all())


def test_names_numbers_and_addresses_are_marked_as_invented(demo):
    for row in Distributor.objects.all():
        assert row.legal_name.endswith(("（演示）", "(Demo)"))
        assert row.registration_number.startswith("DEMO-")
        assert row.phone.startswith("+86 000-0000-")
        assert row.email.endswith(".example")
    assert Distributor.objects.values("short_name").distinct().count() == 300


def test_everybody_has_card_place_assignment_and_standing(demo):
    assert Place.objects.filter(kind="registered", latitude__isnull=False).count() == 300
    assert Standing.objects.count() == 300
    for row in Distributor.objects.select_related("territory", "owner"):
        assert row.territory_path == row.territory.path
    latest = {row.distributor_id: row for row in Assignment.objects.order_by("starts_on")}
    assert all(
        (latest[row.pk].owner_id, latest[row.pk].territory_id) == (row.owner_id, row.territory_id)
        for row in Distributor.objects.all()
    )


def test_each_life_leads_to_its_state(demo):
    last = {change.distributor_id: change for change in LifecycleChange.objects.order_by("id")}
    for row in Distributor.objects.exclude(state="prospect"):
        assert last[row.pk].after == row.state
    assert not LifecycleChange.objects.filter(on__gte=date(2026, 3, 18)).exists()


def test_who_buys_of_whom(demo):
    buyers = Distributor.objects.filter(tier=2).select_related("parent")
    assert all(buyer.parent.tier == 1 and buyer.parent.state == "active" for buyer in buyers)
    assert not Distributor.objects.filter(tier=1, parent__isnull=False).exists()


def test_reps_cover_what_they_own(demo):
    paths = {user.pk: [node.path for node in user.territories.all()] for user in User.objects.filter(role="rep")}
    for row in Distributor.objects.all():
        assert any(row.territory_path.startswith(path) for path in paths[row.owner_id])
    assert Territory.objects.filter(parent=None).count() == 2


def test_sixty_thousand_lines_end_yesterday(demo):
    assert abs(lines().count() - 60_000) <= 20
    days = lines().order_by("day").values_list("day", flat=True)
    assert days.first() >= date(2023, 4, 1)
    assert days.last() == date(2026, 3, 17)
    assert Batch.objects.filter(kind="sales").count() == 36


def test_the_largest_fifth_sells_four_fifths(demo):
    for tier in (1, 2):
        assert Decimal("0.75") <= top_fifth_share(tier) <= Decimal("0.85")


def test_sales_of_a_year_are_about_six_hundred_million(demo):
    year = lines().filter(distributor__tier=1, day__gte=date(2025, 3, 1), day__lt=date(2026, 3, 1))
    assert 520_000_000 < year.aggregate(total=Sum("base_amount"))["total"] < 680_000_000


def test_the_product_lines_have_their_shares_prices_and_floors(demo):
    assert Product.objects.count() == 120
    year = lines().filter(day__gte=date(2025, 3, 1), day__lt=date(2026, 3, 1))
    total = year.aggregate(total=Sum("base_amount"))["total"]
    shares = dict(year.order_by().values_list("product__line__code").annotate(share=Sum("base_amount")))
    expected = {"generators": 20, "pumps": 19, "tools": 16, "garden": 12, "compressors": 10, "welders": 8, "parts": 4}
    for code, share in expected.items():
        assert abs(shares[code] / total * 100 - share) < 4, code
    assert not Product.objects.filter(line__code="parts", floor_price__isnull=False).exists()
    pump = Product.objects.filter(line__code="pumps").order_by("list_price")
    assert (pump.first().list_price, pump.last().list_price) == (260, 6500)
    assert ProductLine.objects.count() == 9


def test_solar_pumps_begin_in_month_22(demo):
    first = lines().filter(product__line__code="solar").order_by("day").first()
    assert date(2025, 1, 1) <= first.day < date(2025, 3, 1)


def test_distributors_buy_at_seventy_to_eighty_percent_of_list(demo):
    recent = lines().filter(
        currency="CNY", order_type=OrderType.REGULAR, kind=LineKind.SELL_IN, day__gte=date(2026, 1, 1)
    )
    for line in recent.select_related("product")[:2000]:
        share = line.amount / line.base_quantity / line.product.list_price
        assert Decimal("0.66") < share < Decimal("0.82"), line.external_id


def test_amounts_agree_with_tax_rate_and_units(demo):
    step = Decimal("0.0001")
    rates = {(rate.currency, rate.day): rate.rate for rate in ExchangeRate.objects.all()}
    for line in SaleLine.objects.exclude(currency="CNY")[:3000]:
        expected = (line.amount * rates[line.currency, line.day]).quantize(step, ROUND_HALF_UP)
        assert (line.base_amount, line.tax) == (expected, 0)
    for line in SaleLine.objects.filter(currency="CNY")[:3000]:
        assert line.base_amount == line.amount
        assert line.tax == (line.amount * Decimal("0.13")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    held = {(unit.product_id, unit.unit): unit.factor for unit in ProductUnit.objects.all()}
    for line in SaleLine.objects.filter(unit="carton")[:500]:
        assert line.base_quantity == line.quantity * held[line.product_id, "carton"]


def test_returns_are_negative_and_few(demo):
    back = lines().filter(kind=LineKind.RETURN)
    assert not back.filter(base_amount__gt=0).exists()
    assert 0.012 < back.count() / lines().count() < 0.03
    assert not lines().filter(kind=LineKind.SELL_IN, quantity__lte=0).exists()


def test_quarters_end_with_a_rush_and_march_is_bought_ahead(demo):
    by_day = Counter()
    for day, amount in lines().order_by().values_list("day").annotate(total=Sum("base_amount")):
        by_day[day] += amount
    quarter = [day for day in by_day if date(2025, 7, 1) <= day < date(2025, 10, 1)]
    rush = sum(by_day[day] for day in quarter if day >= date(2025, 9, 26)) / sum(by_day[day] for day in quarter)
    assert Decimal("0.22") < rush < Decimal("0.34")
    month = Counter()
    for day, amount in by_day.items():
        month[day.replace(day=1)] += amount
    assert month[date(2025, 3, 1)] > 1.6 * float(month[date(2025, 4, 1)])


def test_rollups_hold_what_the_lines_hold(demo):
    assert MonthlySales.objects.aggregate(total=Sum("amount")) == lines().aggregate(total=Sum("base_amount"))


def test_classes_of_thirteen_closes_are_there_for_both_tiers(demo):
    assert ClassRun.objects.filter(official=True).count() == 26
    assert ClassRun.objects.filter(official=False).count() == 2
    assert set(Standing.objects.filter(distributor__state="active").values_list("abc", flat=True)) >= {"A", "B", "C"}


def test_duplicates_came_under_two_keys(demo):
    assert len(demo.plants("duplicate")) == 12
    for plant in demo.plants("duplicate"):
        one, two = (SaleLine.objects.get(external_id=plant["facts"][name]) for name in ("line", "again"))
        same = ("distributor_id", "product_id", "day", "quantity", "amount", "order_number")
        assert [getattr(one, name) for name in same] == [getattr(two, name) for name in same]
        assert (one.distributor.code, str(one.day)) == (plant["who"], plant["when"])


def test_exactly_the_silent_ones_are_found(demo):
    planted = {plant["who"] for plant in demo.plants("silent")}
    found = set(Distributor.objects.silent(date(2026, 3, 18)).values_list("code", flat=True))
    assert len(planted) == 6
    assert planted <= found
    assert len(found - planted) <= 6


def test_class_moves_are_about_to_happen(demo):
    assert len(demo.plants("class_move")) >= 3
    for plant in demo.plants("class_move"):
        standing = Standing.objects.get(distributor__code=plant["who"])
        assert (standing.abc, standing.abc_next) == (plant["facts"]["before"], plant["facts"]["after"])


def test_gaps_are_one_month_without_lines(demo):
    assert len(demo.plants("gap")) == 3
    for plant in demo.plants("gap"):
        month = date.fromisoformat(plant["when"])
        own = lines().filter(distributor__code=plant["who"])
        following = (month + timedelta(days=32)).replace(day=1)
        assert not own.filter(day__gte=month, day__lt=following).exists()
        assert own.filter(day__gte=following, day__lt=following + timedelta(days=31)).exists()
        assert own.filter(day__lt=month, day__gte=month - timedelta(days=31)).exists()


def test_moved_owners_sold_before_and_after(demo):
    assert len(demo.plants("moved_owner")) >= 8
    for plant in demo.plants("moved_owner"):
        own = lines().filter(distributor__code=plant["who"])
        before = set(own.filter(day__lt=plant["when"]).values_list("salesperson", flat=True))
        after = set(own.filter(day__gte=plant["when"]).values_list("salesperson", flat=True))
        assert before <= {plant["facts"]["before"]}
        assert after <= {plant["facts"]["after"]}
        assert Assignment.objects.filter(distributor__code=plant["who"]).count() == 2


def test_one_pair_is_merged_and_two_never_ordered(demo):
    (merged,) = demo.plants("merged")
    double = Distributor.objects.get(code=merged["who"])
    assert (double.merged_into.code, double.state) == (merged["facts"]["survivor"], "ended")
    assert [(one.source, one.survivor) for one in Merge.objects.all()] == [(double, double.merged_into)]
    for plant in demo.plants("never_ordered"):
        assert not SaleLine.objects.filter(distributor__code=plant["who"]).exists()
        assert Distributor.objects.get(code=plant["who"]).state == "active"


def test_corrections_are_revisions_of_a_later_batch(demo):
    again = SaleLine.objects.filter(revision=2)
    assert again.count() > 60
    first = {line.external_id: line for line in SaleLine.objects.filter(superseded_by__isnull=False)}
    for line in again:
        was = first[line.external_id]
        assert was.superseded_by_id == line.batch_id > was.batch_id
        assert (was.distributor_id, was.day) == (line.distributor_id, line.day)
        assert was.amount != line.amount
    keys = SaleLine.objects.values("external_id").annotate(count=Count("id")).filter(count__gt=1)
    assert keys.count() == len(first)


def test_batches_count_their_rows(demo):
    counted = {
        batch: count
        for fact in FACTS
        for batch, count in fact.model.objects.order_by().values_list("batch").annotate(count=Count("id"))
    }
    held = dict(Batch.objects.annotate(held=F("rows_new") + F("rows_changed")).values_list("number", "held"))
    assert counted == held


def test_numbering_goes_on_behind_the_demo(demo):
    template = Distributor.objects.select_related("type", "territory").first()
    made = Distributor.objects.create(
        code="NEW", legal_name="New", type=template.type, territory=template.territory, territory_path="0001"
    )
    assert made.pk > template.pk
    (last,) = rows("SELECT max(id) FROM profiles_distributor")[0]
    assert made.pk == last


def test_the_logins_are_one_a_role(demo):
    output = StringIO()
    call_command("demo_logins", stdout=output)
    text = output.getvalue()
    assert all(f"{who}@jianghe.example" in text for who in ("lin", "rui", "mei", "finance", "inspector", "analyst"))
    assert "erp@" not in text


def test_reps_have_tasks_about_their_own_distributors_and_were_told(demo):
    tasks = list(Task.objects.select_related("owner", "distributor", "created_by"))
    assert len(tasks) > 60
    assert {task.owner.role for task in tasks} == {"rep"}
    assert all(task.distributor.owner_id == task.owner_id for task in tasks)
    assert {task.state for task in tasks} == {"open", "done"}
    assert any(task.due_on < clock.today() for task in tasks)
    assert Notification.objects.filter(kind=Notification.Kind.TASK).count() == len(tasks)


def test_cards_are_filled_in_with_gaps_as_cards_have_them(demo):
    complete = Standing.objects.aggregate(low=Min("completeness"), high=Max("completeness"), mean=Avg("completeness"))
    assert complete["low"] < 50 < complete["mean"] < complete["high"]
    assert Outlet.objects.count() > 600
    assert CardFile.objects.filter(name__contains="demo").count() == CardFile.objects.count() > 30
    over = BrandSurvey.objects.annotate(total=Sum("shares__share")).filter(total__gt=100)
    assert not over.exists()
    days = BrandSurvey.objects.aggregate(first=Min("as_of"), last=Max("as_of"))
    assert days["last"] - days["first"] > timedelta(days=700)
    assert BusinessFigures.objects.filter(wallet__isnull=False).exists()
    assert RetailPrice.objects.filter(price__lt=F("product__floor_price")).exists()
