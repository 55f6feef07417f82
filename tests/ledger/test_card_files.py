"""Files bring outlets, figures by date and terms of cooperation: new, changed, as they were; and what is refused."""

import pytest

from core.models import AuditEvent
from distributors.profiles.models import BusinessFigures, Cooperation, Distributor, Outlet, Standing
from tests.ledger.records import bring, problems, small_world

pytestmark = pytest.mark.django_db
OUTLETS = (
    "distributor,name,kind,city,size_m2,latitude,longitude,opened_on\n"
    "D1,North,store,Hangzhou,80,30.2741,120.1551,2021-05-01\n"
)
FIGURES = "distributor,as_of,wallet,currency,staff,sales_staff\nD1,2025-01-31,5000000,CNY,30,12\n"
TERMS = "distributor,settlement_method,settlement_days,invoice_kind\nD1,transfer,45,vat_special\n"


@pytest.fixture(autouse=True)
def world(settings):
    settings.TODAY = "2025-04-01"
    return small_world()


def counted(made):
    return made.state, made.rows_new, made.rows_changed, made.rows_same


def test_outlets_come_in_change_and_stay():
    assert counted(bring(OUTLETS, "outlets")) == ("published", 1, 0, 0)
    held = Outlet.objects.get()
    assert (held.city, held.size_m2, str(held.latitude), held.version) == ("Hangzhou", 80, "30.274100", 1)
    assert counted(bring(OUTLETS, "outlets")) == ("published", 0, 0, 1)
    assert counted(bring("distributor,name,size_m2\nD1,North,90\n", "outlets")) == ("published", 0, 1, 0)
    held.refresh_from_db()
    assert (held.city, held.size_m2, held.version) == ("Hangzhou", 90, 2)
    assert Standing.objects.get(distributor__code="D1").completeness > 0
    events = AuditEvent.objects.filter(verb="card.outlet_saved").order_by("pk")
    assert [event.after.get("size_m2") for event in events] == ["80", "90"]


def test_figures_come_in_by_date():
    assert counted(bring(FIGURES, "figures")) == ("published", 1, 0, 0)
    assert counted(bring(FIGURES.replace("30,12", "31,12"), "figures")) == ("published", 0, 1, 0)
    held = BusinessFigures.objects.get()
    assert (held.wallet, held.staff, held.turnover, held.version) == (5_000_000, 31, None, 2)


def test_terms_come_in_and_leave_what_the_file_does_not_give():
    assert counted(bring(TERMS, "cooperation")) == ("published", 1, 0, 0)
    assert counted(bring("distributor,settlement_days\nD1,30\n", "cooperation")) == ("published", 0, 1, 0)
    held = Cooperation.objects.get()
    assert (held.settlement_method, held.settlement_days, held.delivery_windows) == ("transfer", 30, "")


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("outlets", OUTLETS.replace("30.2741", "north"), "Not a number of degrees"),
        ("outlets", OUTLETS.replace("30.2741", "91"), "no such place"),
        ("outlets", OUTLETS.replace("30.2741", ""), "both or none"),
        ("outlets", OUTLETS.replace(",80,", ",-1,"), "from 0 to ten millions"),
        ("outlets", OUTLETS.replace("D1", "D9"), ""),
        ("figures", FIGURES.replace("30,12", "3,12"), "More sellers"),
        ("figures", FIGURES.replace("5000000", "-5"), "not below zero"),
        ("figures", FIGURES.replace("2025-01-31", "2025-04-02"), ""),
        ("cooperation", TERMS.replace("45", "731"), "between 0 and 730"),
        ("cooperation", TERMS.replace("transfer", "barter"), ""),
    ],
)
def test_a_row_that_cannot_be_refuses_the_file(kind, text, says):
    made = bring(text, kind)
    assert made.state == "refused"
    assert any(says in str(one) for one in problems(made))
    assert not Outlet.objects.exists()
    assert not BusinessFigures.objects.exists()
    assert not Cooperation.objects.exists()


def test_a_merged_card_is_refused(world):
    Distributor.objects.filter(code="D1").update(merged_into=world["two"])
    assert bring(OUTLETS, "outlets").state == "refused"
    assert not Outlet.objects.exists()
