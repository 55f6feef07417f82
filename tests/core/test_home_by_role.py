"""Home for each role: territories side by side, the month against its target, what is owed, what lacks something."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core import clock
from core.models import Job
from distributors.ledger.home_books import books_and_imports
from distributors.ledger.home_receivables import receivable_by_age
from distributors.ledger.home_territories import compared_territories, territory_comparison
from distributors.ledger.models import DropFile, ExchangeRate, Import, PeriodLock
from distributors.ledger.rate_selectors import coverage
from distributors.ledger.records import Invoice, OpenItem, Payment, Target
from distributors.profiles.models import Standing
from tests import factories
from tests.access import imported

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.EmailBackend"
TODAY, MONTH = date(2026, 5, 20), date(2026, 5, 1)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()
    cache.clear()


@pytest.fixture
def land():
    top = factories.territory("Land")
    return top, factories.territory("East", top), factories.territory("West", top)


def target(value, **owner):
    (kind, row), *_rest = owner.items()
    return Target.objects.create(
        source=factories.product().source,
        batch=factories.batch(),
        owner_kind=kind,
        owner_key=row.pk,
        day=MONTH,
        value=Decimal(value),
        **owner,
    )


def sold(distributor, amount, day=TODAY):
    return factories.sale_line(distributor, factories.product(), day=day, amount=Decimal(amount))


def texts(block):
    return [[cell["text"] for cell in row["cells"]] for row in block["lists"][0]["table"]["rows"]]


def test_a_manager_sees_the_territories_below_their_own_the_largest_first(land):
    top, east, west = land
    manager = factories.user(Role.MANAGER, top)
    standing = {"net_sales_12m": Decimal(200), "net_sales_before": Decimal(100), "abc": "A"}
    factories.distributor(east, standing={"net_sales_12m": Decimal(50), "net_sales_before": Decimal(100)})
    factories.distributor(factories.territory("Town", west), standing=standing)
    factories.distributor(west, tier=2, standing=standing)
    (block,) = territory_comparison(again(manager), TODAY)
    assert texts(block) == [["West", "200", "+100.0 %", "1", "0"], ["East", "50", "−50.0 %", "0", "0"]]
    urls = [cell["url"] for cell in block["lists"][0]["table"]["rows"][0]["cells"]]
    assert urls[3].endswith(f"?territory={west.pk}&tier=1&abc=A")


def test_somebody_elses_territories_are_not_compared(land):
    _top, east, west = land
    factories.distributor(west)
    assert [one.name for one in compared_territories(factories.user(Role.MANAGER, east))] == []
    assert territory_comparison(factories.user(Role.REP, east), TODAY) == []
    assert territory_comparison(factories.user(Role.MANAGER, east), TODAY) == []


def again(user):
    """Return a person as the next request reads them: within one, nothing is computed twice."""
    return type(user).objects.get(pk=user.pk)


def tile(user):
    (block,) = territory_comparison(again(user), TODAY)
    found = [one for one in block["kpis"] if "target" in str(one["label"])]
    return found[0] if found else None


def test_the_month_is_held_against_the_highest_target_in_reach_and_only_the_sales_under_it(land):
    top, east, west = land
    manager, made = factories.user(Role.MANAGER, top), factories.distributor(east)
    target(1000, territory=east)
    target(400, territory=factories.territory("Town", east))
    sold(made, 300)
    sold(made, 50, day=date(2026, 4, 30))
    sold(factories.distributor(west), 900)
    found = tile(manager)
    assert (found["value"], found["tone"]) == ("30 %", "w")
    (block,) = territory_comparison(again(manager), TODAY)
    assert "working days left" in block["lists"][0]["table"]["rows"][4]["cells"][0]["sub"]
    sold(made, 700)
    assert (tile(manager)["value"], tile(manager)["tone"]) == ("100 %", "g")


def test_a_rep_is_held_against_their_own_target_and_their_own_distributors(land):
    rep = factories.user(Role.REP, land[1])
    sold(factories.distributor(land[1], rep), 250)
    sold(factories.distributor(land[1]), 999)
    target(1000, person=rep)
    assert (tile(rep)["value"], tile(rep)["tone"]) == ("25 %", "w")
    assert "working days left" in tile(rep)["detail"]


def test_nobody_without_a_target_sees_the_tile(land):
    factories.distributor(land[1])
    assert tile(factories.user(Role.MANAGER, land[0])) is None


def owed(distributor, amount, late):
    fields = {"source": factories.product().source, "batch": factories.batch(), "distributor": distributor}
    money = {"amount": Decimal(amount), "currency": "CNY", "base_amount": Decimal(amount)}
    due = TODAY - timedelta(days=late)
    number = f"I{Invoice.objects.count()}"
    invoice = Invoice.objects.create(**fields, **money, external_id=number, day=due, due_on=due)
    OpenItem.objects.create(distributor=distributor, kind="invoice", invoice=invoice, due_on=due, **money)


def test_finance_sees_the_receivable_by_age(land, client):
    made = factories.distributor(land[1])
    for late, amount in ((0, 1), (1, 10), (30, 20), (31, 100), (90, 1000), (91, 10000)):
        owed(made, amount, late)
    finance = factories.user(Role.FINANCE)
    assert receivable_by_age(finance, TODAY) == [Decimal(one) for one in (1, 30, 100, 1000, 10000)]
    client.force_login(finance, backend=BACKEND)
    page = client.get(reverse("core:home")).content.decode()
    assert "Receivable by age" in page
    assert "owed=overdue" in page


def test_an_administrator_sees_what_lacks_something_and_the_rows_that_make_it(land, client):
    admin = factories.user()
    factories.distributor(land[1], code="UNOWNED")
    factories.user(Role.REP, name="Nowhere")
    client.force_login(admin, backend=BACKEND)
    lists = client.get(reverse("core:home")).context["lists"]
    (found,) = [one for one in lists if str(one["title"]) == "To be put in order"]
    rows = [[cell["text"] for cell in row["cells"]] for row in found["table"]["rows"]]
    assert [row[1] for row in rows] == ["1", "1"]
    pages = [client.get(row["url"]).content.decode() for row in found["table"]["rows"]]
    assert "UNOWNED" in pages[0]
    assert "Nowhere" in pages[1]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.FINANCE, Role.REP, Role.ANALYST])
def test_home_asks_at_most_25_times_whatever_there_is(land, client, role):
    top, east, west = land
    person = factories.user(role, top)
    client.force_login(person, backend=BACKEND)

    def queries():
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("core:home")).status_code == 200
        return len(captured)

    def grow():
        for where in (east, west, factories.territory(parent=top)):
            made = factories.distributor(where, person if role == Role.REP else None)
            sold(made, 100)
            owed(made, 10, 5)
            target(1000, territory=factories.territory(parent=where))

    grow()
    queries()
    few = queries()
    for _each in range(3):
        grow()
    assert queries() == few <= 25


def test_two_reps_of_the_same_reach_are_each_held_against_their_own_sales(land, monkeypatch):
    monkeypatch.setattr("core.figures.LARGE", 0)
    first, second = (factories.user(Role.REP, everywhere=True) for _number in range(2))
    sold(factories.distributor(land[1], first), 250)
    sold(factories.distributor(land[1], second), 900)
    for rep in (first, second):
        target(1000, person=rep)
    assert [tile(rep)["value"] for rep in (first, second)] == ["25 %", "90 %"]


def test_a_manager_sees_whether_the_month_can_still_be_made(land):
    top, east, _west = land
    manager, made = factories.user(Role.MANAGER, top), factories.distributor(east)
    target(1000, territory=east)
    sold(made, 300)
    Standing.objects.filter(distributor=made).update(ordered_open=Decimal(200))
    fields = {"source": factories.product().source, "batch": factories.batch(), "distributor": made}
    money = {"amount": Decimal(120), "base_amount": Decimal(120), "currency": "CNY"}
    Payment.objects.create(**fields, **money, external_id="P1", day=TODAY)
    (block,) = territory_comparison(again(manager), TODAY)
    rows = {row[0]: row[1] for row in texts(block)}
    assert (rows["Target"], rows["Ordered, not invoiced"], rows["Missing"]) == ("1,000", "200", "500")
    assert rows["Collected"] == "120"
    assert block["lists"][0]["title"] == "The target of May needs a faster pace"
    assert tile(manager)["tone"] == "w"
    Standing.objects.filter(distributor=made).update(ordered_open=Decimal(700))
    (block,) = territory_comparison(again(manager), TODAY)
    assert block["lists"][0]["title"] == "With what is ordered, the target of May is made"
    found = tile(manager)
    assert found["tone"] == ""
    assert found["url"].startswith(reverse("ledger:saleline-list"))


def test_finance_sees_how_far_the_books_are_closed_and_what_came_in_last():
    finance = factories.user(Role.FINANCE)
    (block,) = books_and_imports(finance, TODAY)
    assert (block["kpis"][0]["value"], block["lists"]) == ("–", [])
    PeriodLock.objects.create(number=1, first_open=date(2026, 3, 1), created_by=finance)
    imported(finance)
    (block,) = books_and_imports(finance, TODAY)
    (kpi,), (last,) = block["kpis"], block["lists"]
    assert (kpi["value"], kpi["tone"], kpi["url"]) == ("March 2026", "w", reverse("ledger:books"))
    assert "February 2026 was closed on" in kpi["detail"]
    assert "months that are over and open: 2" in kpi["detail"]
    assert [cell["text"] for cell in last["table"]["rows"][0]["cells"]][:3] == ["sales.csv", "Sale lines", "published"]
    assert books_and_imports(factories.user(Role.MANAGER), TODAY) == []


def test_an_administrator_sees_what_failed_and_what_is_missing_each_with_its_rows(land, client):
    admin = factories.user(Role.ADMIN)
    factories.distributor(land[1])
    now = clock.instant()
    Job.objects.create(kind="x", title="broken job", state="failed", created_by=admin)
    Import.objects.filter(pk=imported(admin).pk).update(state="refused")
    DropFile.objects.create(name="who.csv", size=1, modified=1, state="unknown", seen_at=now, first_seen_at=now)
    rate = {"currency": "USD", "kind": "average", "rate": Decimal(7)}
    ExchangeRate.objects.create(**rate, day=TODAY)
    ExchangeRate.objects.create(**rate, day=TODAY - timedelta(days=300))
    (block,) = territory_comparison(admin, TODAY)
    rows = block["lists"][-1]["table"]["rows"]
    found = {row["cells"][0]["text"]: (row["cells"][1]["text"], row["url"]) for row in rows}
    assert found["Days without an exchange rate, last 5 weeks"][0] == "35"
    assert found["Files of the drop folder nobody has explained"] == ("1", reverse("ledger:droprule-list"))
    assert sum(len(one.missing) for one in coverage(TODAY)) == 35
    client.force_login(admin, backend=BACKEND)
    shown = {"Jobs that failed, last 14 days": "broken job", "Files that were refused, last 14 days": "sales.csv"}
    for label, row in shown.items():
        count, url = found[label]
        assert count == "1"
        assert row in client.get(url).content.decode()
