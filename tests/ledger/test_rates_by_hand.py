"""Exchange rates one at a time, where they are missing, and one currency over a year."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent
from distributors.ledger.models import ExchangeRate, SaleLine
from distributors.ledger.rate_selectors import carried_days, coverage, rates_of_year
from distributors.ledger.rate_services import rate_add, rate_correct
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.EmailBackend"
TODAY = date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def finance(client):
    made = factories.user(Role.FINANCE)
    client.force_login(made, backend=BACKEND)
    return made


def given(**fields):
    return {"currency": "USD", "day": TODAY, "kind": "average", "rate": Decimal("7.1"), **fields}


def test_a_rate_is_added_once_and_the_second_is_told_to_correct_it(finance):
    rate_add(actor=finance, **given())
    with pytest.raises(DomainError, match="correct that one"):
        rate_add(actor=finance, **given(rate=Decimal("7.2")))
    assert ExchangeRate.objects.get().rate == Decimal("7.1")


@pytest.mark.parametrize(
    "wrong",
    [{"rate": Decimal(0)}, {"rate": Decimal(-1)}, {"currency": "dollar"}, {"currency": "CNY", "rate": Decimal(2)}],
)
def test_a_rate_that_cannot_be_is_refused(finance, wrong):
    with pytest.raises(DomainError):
        rate_add(actor=finance, **given(**wrong))
    assert not ExchangeRate.objects.exists()


def test_a_correction_says_why_is_in_the_trail_and_leaves_what_came_in(finance):
    made = rate_add(actor=finance, **given())
    line = factories.sale_line(
        factories.distributor(), factories.product(), currency="USD", day=TODAY, base_amount=Decimal(7100)
    )
    with pytest.raises(DomainError, match="why"):
        rate_correct(actor=finance, instance=made, rate=Decimal("7.3"), reason=" ")
    saved = rate_correct(actor=finance, instance=made, rate=Decimal("7.3"), reason="typing error")
    assert (saved.rate, saved.version, saved.updated_by) == (Decimal("7.3"), 2, finance)
    assert SaleLine.objects.get(pk=line.pk).base_amount == Decimal(7100)
    row = AuditEvent.objects.get(verb="rate.corrected")
    assert (row.before["rate"].rstrip("0"), row.after["rate"], row.note) == ("7.1", "7.3", "typing error")


def test_of_two_who_correct_a_rate_the_second_sees_both(client, finance):
    made = rate_add(actor=finance, **given())
    rate_correct(actor=finance, instance=made, rate=Decimal("7.2"), reason="first")
    with pytest.raises(StaleVersion):
        rate_correct(actor=finance, instance=made, rate=Decimal("7.3"), reason="second", version=1)
    url = reverse("ledger:exchangerate-edit", args=[made.pk])
    response = client.post(url, {"rate": "7.3", "reason": "second", "version": "1"})
    assert response.status_code == 409
    assert ExchangeRate.objects.get().rate == Decimal("7.2")


def test_analysts_read_rates_and_change_none(client):
    analyst = factories.user(Role.ANALYST)
    with pytest.raises(PermissionDenied):
        rate_add(actor=analyst, **given())
    client.force_login(analyst, backend=BACKEND)
    page = client.get(reverse("ledger:exchangerate-list")).content.decode()
    assert "Add" not in page.split("<main")[1]


def test_facts_valued_by_an_earlier_rate_are_found_with_their_days(finance):
    who, what = factories.distributor(), factories.product()
    carried = {"currency": "USD", "rate_carried": True}
    for day in (TODAY, TODAY, TODAY - timedelta(days=3), TODAY - timedelta(days=36)):
        factories.sale_line(who, what, day=day, **carried)
    factories.sale_line(who, what, day=TODAY, currency="USD")
    rate_add(actor=finance, **given(day=TODAY - timedelta(days=3)))
    found = [(one.currency, one.day, one.facts, one.there is not None) for one in carried_days(TODAY)]
    assert found == [("USD", TODAY, 2, False), ("USD", TODAY - timedelta(days=3), 1, True)]


def test_the_coverage_names_the_days_without_a_rate_and_until_when_facts_come_in(finance):
    for back in range(10, 36):
        rate_add(actor=finance, **given(day=TODAY - timedelta(days=back)))
    (one,) = coverage(TODAY)
    assert (one.currency, one.last, one.until) == ("USD", date(2026, 5, 10), date(2026, 5, 17))
    assert one.missing == [TODAY - timedelta(days=back) for back in range(10)]


def test_the_pages_show_the_year_and_what_is_missing(client, finance):
    for back in (0, 100, 400):
        rate_add(actor=finance, **given(day=TODAY - timedelta(days=back), rate=Decimal(7) + back))
    assert [rate for _day, rate in rates_of_year("USD", TODAY)] == [Decimal(107), Decimal(7)]
    response = client.get(reverse("ledger:rate-year", args=["USD"]))
    assert len(response.context["chart"]["table"]["rows"]) == 2
    assert client.get(reverse("ledger:rate-year", args=["XXX"])).status_code == 404
    assert "carried forward at most 7 days" in client.get(reverse("ledger:rate-missing")).content.decode()


def test_the_form_adds_a_rate_and_shows_a_refusal_beside_its_field(client, finance):
    data = {"currency": "usd", "day": "2026-05-20", "kind": "average", "rate": "7.1"}
    assert client.post(reverse("ledger:exchangerate-add"), data).status_code == 302
    again = client.post(reverse("ledger:exchangerate-add"), data)
    assert again.status_code == 422
    assert "day" in again.context["form"].errors
    assert ExchangeRate.objects.get().currency == "USD"
