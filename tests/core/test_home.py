import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core import figures
from core.models import Company
from distributors.ledger.models import MonthlySales
from distributors.profiles.models import Distributor, Standing
from distributors.profiles.needs import review_needs
from distributors.profiles.services import lifecycle_move
from tests import factories

pytestmark = pytest.mark.django_db

HOME = reverse("core:home")
TODAY = date(2025, 11, 20)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


def enter(client, user):
    client.force_login(user, backend="accounts.backends.EmailBackend")
    return client


def sold(distributor, month, amount, kind="sell_in"):
    MonthlySales.objects.create(
        distributor=distributor,
        month=month,
        kind=kind,
        counted=True,
        quantity=1,
        amount=amount,
        tax=0,
        cost=0,
        lines=1,
        orders=1,
        products=1,
        first_on=month,
        last_on=month,
    )


def shown(client, user):
    response = enter(client, user).get(HOME)
    assert response.status_code == 200
    return response, {str(kpi["label"]): kpi for kpi in response.context["kpis"]}


@pytest.fixture
def region():
    """A region of two towns with a rep each; what tier 2 bought from tier 1 is no sale of ours."""
    top = factories.territory("Region")
    east, west = factories.territory("East", top), factories.territory("West", top)
    rui, lan = factories.user(Role.REP, east), factories.user(Role.REP, west)
    large = factories.distributor(
        east,
        rui,
        legal_name="Large",
        standing={
            "abc": "A",
            "net_sales_12m": Decimal(900),
            "last_order_on": date(2025, 11, 1),
            "order_gap_days": 30,
        },
    )
    silent = factories.distributor(
        west,
        lan,
        legal_name="Quiet",
        standing={"abc": "B", "net_sales_12m": Decimal(300), "last_order_on": date(2025, 9, 1), "order_gap_days": 20},
    )
    factories.distributor(west, lan, state="prospect", standing={"abc": "N"})
    below = factories.distributor(west, lan, tier=2, parent=large, standing={"abc": "A"})
    sold(below, date(2025, 10, 1), Decimal(5000))
    sold(large, date(2025, 10, 1), Decimal(1000))
    sold(large, date(2025, 10, 1), Decimal(-100), "return")
    sold(large, date(2025, 10, 1), Decimal(7777), "sell_through")
    sold(large, date(2024, 10, 1), Decimal(600))
    goods = factories.product()
    for buyer, day, amount, kind in (
        (large, date(2025, 11, 3), 60, "sell_in"),
        (large, TODAY, -10, "return"),
        (large, date(2025, 11, 4), 7777, "sell_through"),
        (large, date(2025, 10, 31), 900, "sell_in"),
        (below, date(2025, 11, 5), 5000, "sell_in"),
        (silent, date(2024, 11, 20), 40, "sell_in"),
        (silent, date(2024, 11, 21), 260, "sell_in"),
    ):
        factories.sale_line(buyer, goods, day=day, amount=Decimal(amount), kind=kind)
    sold(large, date(2023, 10, 1), Decimal(12345))
    sold(silent, date(2024, 11, 1), Decimal(300))
    sold(silent, date(2023, 11, 1), Decimal(400))
    return factories.user(Role.MANAGER, top), rui, lan


def test_the_figures_of_home_are_those_of_the_rows(client, region):
    manager, _rui, _lan = region
    response, kpis = shown(client, manager)
    year = kpis["Net sales to tier 1, 12 months"]
    assert (year["value"], year["detail"], year["tone"]) == ("1.2 k", "+20.0 % on the year before", "up")
    month = kpis["Net sales to tier 1, November"]
    assert (month["value"], month["detail"], month["tone"]) == ("50", "+25.0 % on last year to 20 November (40)", "up")
    assert (kpis["Ordered in the last 90 days"]["value"], kpis["Silent"]["value"]) == ("2", "1")
    assert kpis["Ordered in the last 90 days"]["detail"] == "of 4 distributors, all tiers"
    classes = kpis["Class A in force, tier 1"]
    assert (classes["value"], classes["detail"]) == ("1", "B 1 · C 0 · N 1")
    (chart,) = [chart for chart in response.context["charts"] if chart["id"] == "sales-by-month"]
    assert chart["title"] == "Sales passed last year in 1 of 12 months"
    assert chart["subtitle"] == "Net sales to tier 1, CNY"
    assert chart["table"]["rows"][-1] == ["October 2025", "900", "600", "+50.0 %"]
    assert [row["cells"][0]["text"] for row in response.context["lists"][0]["table"]["rows"]] == ["Large"]


def test_each_figure_leads_to_as_many_rows_as_it_counts(client, region):
    _response, kpis = shown(client, region[0])
    for name in ("Ordered in the last 90 days", "Silent", "Class A in force, tier 1"):
        rows = client.get(kpis[name]["url"]).context["count"]["value"]
        assert str(rows) == kpis[name]["value"], name


@pytest.mark.parametrize(
    ("name", "column", "total"),
    [
        ("Net sales to tier 1, 12 months", "Net sales 12 m (CNY)", 1200),
        ("Net sales to tier 1, November", "In base currency", 50),
    ],
)
def test_the_rows_behind_an_amount_add_up_to_it(client, region, name, column, total):
    url = shown(client, region[0])[1][name]["url"]
    assert client.get(url).status_code == 200
    content = b"".join(client.get(url + "&export=csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert sum(Decimal(row[column]) for row in rows) == total


def test_the_year_so_far_is_the_fiscal_year_of_the_company_against_the_same_days_of_the_last(client, region):
    large = Distributor.objects.get(legal_name="Large")
    sold(large, date(2025, 3, 1), Decimal(70))
    sold(large, date(2024, 4, 1), Decimal(200))
    sold(large, date(2024, 3, 1), Decimal(5000))
    for start, name, value, detail in (
        (1, "2025", "1.0 k", "\N{MINUS SIGN}82.5 % on last year to 20 November (5.8 k)"),
        (4, "fiscal year 2025/26", "950", "+13.1 % on last year to 20 November (840)"),
        (11, "fiscal year 2025/26", "50", "+25.0 % on last year to 20 November (40)"),
    ):
        Company.objects.update_or_create(pk=1, defaults={"fiscal_start_month": start})
        _response, kpis = shown(client, region[0])
        assert [label for label in kpis if "so far" in label] == [f"Net sales to tier 1, {name} so far"]
        tile = kpis[f"Net sales to tier 1, {name} so far"]
        assert (tile["value"], tile["detail"]) == (value, detail), name
        assert client.get(tile["url"]).status_code == 200


def test_on_29_february_last_year_ends_a_day_earlier(client, region, settings):
    settings.TODAY = "2028-02-29"
    large, goods = Distributor.objects.get(legal_name="Large"), factories.product()
    for day, amount in ((date(2027, 2, 28), 100), (date(2027, 3, 1), 900), (date(2028, 2, 29), 50)):
        factories.sale_line(large, goods, day=day, amount=Decimal(amount))
    month = shown(client, region[0])[1]["Net sales to tier 1, February"]
    assert (month["value"], month["detail"]) == ("50", "\N{MINUS SIGN}50.0 % on last year to 28 February (100)")


def test_whoever_has_only_lower_tiers_sees_no_sales_of_ours(client):
    rep, goods = factories.user(Role.REP), factories.product()
    found = factories.distributor(owner=rep, tier=2, standing={"abc": "A"})
    sold(found, date(2025, 10, 1), Decimal(5000))
    factories.sale_line(found, goods, day=TODAY)
    response, kpis = shown(client, rep)
    assert set(kpis) == {"Ordered in the last 90 days", "Silent"}
    assert response.context["charts"] == response.context["lists"] == []


def test_two_reps_see_only_their_own_figures_and_needs(client, region):
    _manager, rui, lan = region
    response, kpis = shown(client, rui)
    assert kpis["Net sales to tier 1, 12 months"]["value"] == "900"
    assert kpis["Silent"]["value"] == "0"
    assert not [item for item in response.context["items"] if "Quiet" in str(item.title)]
    response, kpis = shown(client, lan)
    assert kpis["Net sales to tier 1, 12 months"]["value"] == "300"
    assert (kpis["Class A in force, tier 1"]["value"], kpis["Silent"]["value"]) == ("0", "1")
    (need,) = [item for item in response.context["items"] if item.key.startswith("silent-")]
    assert str(need.title) == "Quiet has not ordered for 80 days"


def test_a_need_is_gone_when_its_cause_is(client, region):
    lan = region[2]
    quiet = Distributor.objects.get(legal_name="Quiet")
    type(quiet.standing).objects.filter(pk=quiet.pk).update(last_order_on=TODAY)
    assert shown(client, lan)[0].context["items"] == []


def test_someone_under_review_waits_for_everyone_but_the_one_who_put_them_there(client):
    found = factories.distributor(state="prospect")
    asks, decides = (factories.user(Role.MANAGER, found.territory) for _person in range(2))
    lifecycle_move(actor=asks, distributor=found, name="submit", reason="Ready")
    assert shown(client, asks)[0].context["items"] == []
    (need,) = shown(client, decides)[0].context["items"]
    assert need.url.endswith(f"/distributors/{found.pk}/move/approve/")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.API_CLIENT])
def test_every_role_has_a_home_with_and_without_rows(client, role):
    user = factories.user(role)
    assert shown(client, user)[0].context["empty"]
    factories.distributor(owner=user)
    assert shown(client, user)[0].status_code == 200


def test_home_takes_as_many_queries_for_200_distributors_as_for_10(client):
    where = factories.territory()
    manager = factories.user(Role.MANAGER, where)

    def grow(count):
        for _number in range(count):
            made = factories.distributor(
                where,
                standing={
                    "abc": "A",
                    "abc_next": "B",
                    "last_order_on": date(2025, 1, 1),
                    "order_gap_days": 9,
                },
            )
            sold(made, date(2025, 10, 1), Decimal(10))

    grow(10)
    enter(client, manager).get(HOME)
    with CaptureQueriesContext(connection) as few:
        client.get(HOME)
    grow(190)
    with CaptureQueriesContext(connection) as many:
        client.get(HOME)
    assert len(few) == len(many) <= 25


def test_over_very_many_rows_a_figure_is_remembered_for_the_reach_and_no_other(client, region, monkeypatch):
    manager, rui, _lan = region
    monkeypatch.setattr(figures, "LARGE", 0)
    assert shown(client, manager)[1]["Net sales to tier 1, 12 months"]["value"] == "1.2 k"
    sold(Distributor.objects.get(legal_name="Large"), date(2025, 9, 1), Decimal(1000))
    assert shown(client, manager)[1]["Net sales to tier 1, 12 months"]["value"] == "1.2 k"
    assert shown(client, rui)[1]["Net sales to tier 1, 12 months"]["value"] == "1.9 k"
    cache.clear()
    assert shown(client, manager)[1]["Net sales to tier 1, 12 months"]["value"] == "2.2 k"


def test_who_sent_one_back_that_another_submits_again_may_decide_and_is_asked(client):
    found = factories.distributor(state="prospect")
    first, second = factories.user(Role.MANAGER, found.territory), factories.user(Role.MANAGER, found.territory)
    for actor, name in ((first, "submit"), (second, "send_back"), (second, "submit")):
        lifecycle_move(actor=actor, distributor=found, name=name, reason="papers")
    assert [need.key.rpartition("-")[0] for need in review_needs(first, TODAY)] == [f"review-{found.pk}"]
    assert review_needs(second, TODAY) == []
    lifecycle_move(actor=first, distributor=found, name="approve", reason="complete")


def test_one_day_is_one_day(client):
    rep = factories.user(Role.REP)
    factories.distributor(
        owner=rep, legal_name="Daily", standing={"last_order_on": date(2025, 11, 19), "order_gap_days": 0}
    )
    (need,) = shown(client, rep)[0].context["items"]
    assert need.title == "Daily has not ordered for 1 day"
    Standing.objects.update(last_order_on=date(2025, 11, 17), order_gap_days=1)
    (need,) = shown(client, rep)[0].context["items"]
    assert (need.title, need.reason) == (
        "Daily has not ordered for 3 days",
        "usually every 1 day, last on 17 November",
    )


def test_a_cache_that_is_away_costs_only_time(client, region, monkeypatch):
    monkeypatch.setattr(figures, "LARGE", 0)

    def away(*_args):
        raise ConnectionRefusedError

    monkeypatch.setattr(figures, "cache", type("Away", (), {"get": away, "set": away})())
    assert shown(client, region[0])[1]["Silent"]["value"] == "1"


# Search


def hits(client, user, words):
    response = enter(client, user).get(reverse("core:search"), {"q": words}, headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    return response, [hit.title for hit in response.context_data["hits"]]


def test_search_keeps_to_the_scope_and_finds_codes_names_territories_and_pages(client, region):
    manager, rui, lan = region
    assert hits(client, manager, "large")[1] == ["Large"]
    assert hits(client, lan, "large")[1] == []
    code = Distributor.objects.get(legal_name="Large").code
    assert hits(client, rui, code.lower())[1][0] == "Large"
    assert "East" in hits(client, manager, "east")[1]
    assert "East" not in hits(client, lan, "east")[1]
    assert "Distributors" in hits(client, rui, "distri")[1]


def test_a_search_that_finds_nothing_says_so_and_an_empty_one_is_silent(client, region):
    assert b"zzz" in hits(client, region[0], "zzz")[0].content
    assert hits(client, region[0], " ")[1] == []
    assert hits(client, region[0], "a\x00%_'")[1] == []
