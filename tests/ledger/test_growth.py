"""Growth against a year that was not whole misleads: whoever began later is new, on every page and in every answer."""

import csv
import io
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from core.contributors import collect
from core.periods import whole_year_before
from distributors.ledger.home_territories import territory_comparison
from distributors.ledger.verification import verify
from distributors.profiles.models import Standing
from tests import factories
from tests.ledger.records import bring, lines, problems, small_world

pytestmark = pytest.mark.django_db
LIST = reverse("profiles:distributor-list")
TODAY = date(2025, 4, 15)


@pytest.fixture
def world(settings):
    """D1 sells since April 2023, D2 since October 2024 and D3 since May 2023; sales are compared with 2023-04 on."""
    settings.TODAY = TODAY.isoformat()
    cache.clear()
    made = small_world()
    made["three"] = factories.distributor(made["territory"], code="D3")
    sold = [
        ("D1", "2023-04-30", 100), ("D1", "2024-05-10", 150),
        ("D2", "2024-10-01", 500),
        ("D3", "2023-05-01", 10), ("D3", "2024-04-10", 400),
    ]  # fmt: skip
    rows = (f"L{place},{code},P1,{day},1,{amount},CNY" for place, (code, day, amount) in enumerate(sold))
    assert problems(bring(lines(*rows))) == []
    made["client"] = Client()
    made["client"].force_login(factories.user(Role.MANAGER, made["territory"]))
    return made


def test_the_year_before_is_whole_for_who_began_in_its_first_month():
    assert whole_year_before(TODAY) == date(2023, 5, 1)
    assert whole_year_before(date(2024, 2, 29)) == date(2022, 3, 1)


def test_who_began_later_has_no_growth(world):
    growths = dict(Standing.objects.values_list("distributor__code", "growth"))
    assert {code: None if one is None else float(one) for code, one in growths.items()} == {
        "D1": 0.5,
        "D2": None,
        "D3": None,
    }
    assert all(verdict.wrong == 0 for verdict in verify())


def cells(world, query=""):
    page = world["client"].get(f"{LIST}?columns=code,growth{query}")
    return [tuple(cell["text"] for cell in row["cells"][1:]) for row in page.context["table"]["rows"]]


def test_the_list_calls_them_new_and_sorts_them_last_both_ways(world):
    assert sorted(cells(world)) == [("D1", "+50 %"), ("D2", "new"), ("D3", "new")]
    assert cells(world, "&sort=-growth")[0] == cells(world, "&sort=growth")[0] == ("D1", "+50 %")


def test_an_export_and_rest_give_no_figure(world):
    answer = world["client"].get(f"{LIST}?export=csv&columns=code,growth&sort=code")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[1:] for row in rows[1:]] == [["D1", "0.5000"], ["D2", ""], ["D3", ""]]
    _token, secret = factories.api_token("distributors:read")
    answer = Client(HTTP_AUTHORIZATION=f"Bearer {secret}").get("/api/v1/distributors/").json()
    growths = {row["code"]: row["growth"] for row in answer["results"]}
    assert growths == {"D1": "0.5000", "D2": None, "D3": None}


def test_the_page_of_one_says_why_there_is_no_percentage(world):
    for code, shown in (("one", False), ("two", True), ("three", True)):
        for tab in ("detail", "sales"):
            name = "profiles:distributor-detail" if tab == "detail" else "ledger:distributor-sales"
            text = world["client"].get(reverse(name, args=[world[code].pk])).content.decode()
            assert ("new: no whole year before" in text) is shown


def growth_of_territory(user):
    (block,) = territory_comparison(user, TODAY)
    (found,) = [one for one in block["lists"] if "side by side" in str(one["title"])]
    return {row["cells"][0]["text"]: row["cells"][2]["text"] for row in found["table"]["rows"]}


def test_home_compares_no_territory_and_no_reach_that_is_new(world):
    top = factories.territory("Top")
    old, new = factories.territory("Old", top), factories.territory("New", top)
    for one, where in (("one", old), ("three", new)):
        world[one].territory, world[one].territory_path = where, where.path
        world[one].save()
    assert growth_of_territory(factories.user(Role.MANAGER, top)) == {"Old": "+50.0 %", "New": "new"}

    def detail(where):
        found = [
            kpi
            for block in collect("home", factories.user(Role.MANAGER, where), TODAY)
            for kpi in block.get("kpis", [])
        ]
        return next(kpi["detail"] for kpi in found if kpi["label"] == "Net sales to tier 1, 12 months")

    assert detail(new) == "new: no whole year before"
    assert detail(old) == "+50.0 % on the year before"
    assert "on the year before" in detail(top)
