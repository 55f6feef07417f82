"""What holds for the company: changed on its page, fixed once facts depend on it."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.services import user_save
from core.company import company, fiscal_calendar
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent, Company
from distributors.ledger.company import company_set
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.EmailBackend"
PAGE = "ledger:company-edit"


@pytest.fixture
def admin(client):
    made = factories.user()
    client.force_login(made, backend=BACKEND)
    return made


def data(**changed):
    found = company()
    kept = {
        "name": found.name,
        "base_currency": found.base_currency,
        "rate_kind": found.rate_kind,
        "time_zone": found.time_zone,
        "fiscal_start_month": found.fiscal_start_month,
        "cut_off_day": "",
        "go_live_on": "",
        "default_language": "en",
        "version": found.version,
    }
    return {**kept, **changed}


def test_the_page_changes_the_calendar_and_writes_the_trail(client, admin, settings):
    settings.TODAY = "2026-05-20"
    given = data(fiscal_start_month=4, cut_off_day=25, go_live_on="2026-04-01")
    assert client.post(reverse(PAGE), given).status_code == 302
    found = company()
    assert (found.fiscal_start_month, found.cut_off_day, found.go_live_on) == (4, 25, date(2026, 4, 1))
    assert (fiscal_calendar().start_month, fiscal_calendar().cut_off_day) == (4, 25)
    row = AuditEvent.objects.get(verb="company.changed")
    assert (row.actor, row.before["fiscal_start_month"], row.after["fiscal_start_month"]) == (admin, "1", "4")
    assert "2026/27" in client.get(reverse("ledger:company")).content.decode()


def test_the_base_currency_is_fixed_once_lines_exist_and_the_page_says_so(client, admin):
    factories.sale_line(factories.distributor(), factories.product())
    with pytest.raises(DomainError, match="fixed"):
        company_set(actor=admin, base_currency="EUR")
    assert company().base_currency == "CNY"
    assert "fixed: facts have come in" in client.get(reverse("ledger:company")).content.decode()
    assert client.post(reverse(PAGE), data(name="New name", base_currency="EUR")).status_code == 302
    assert (company().name, company().base_currency) == ("New name", "CNY")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cut_off_day", 29),
        ("cut_off_day", -1),
        ("fiscal_start_month", 13),
        ("time_zone", "Mars/Base"),
        ("base_currency", "yuan"),
        ("default_language", "xx"),
        ("name", " "),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changed(admin, name, value):
    before = Company.objects.filter(pk=company().pk).values().get()
    with pytest.raises(DomainError):
        company_set(actor=admin, **{name: value})
    assert Company.objects.values().get() == before


def test_of_two_who_edit_the_company_the_second_sees_both_versions(client, admin):
    opened = data(name="Mine")
    company_set(actor=admin, name="Theirs")
    response = client.post(reverse(PAGE), opened)
    assert response.status_code == 409
    assert response.context["conflict"]["rows"] == [{"label": "Name", "yours": "Mine", "theirs": "Theirs"}]
    with pytest.raises(StaleVersion):
        company_set(actor=admin, version=opened["version"], name="Mine")
    assert company().name == "Theirs"


def test_new_people_read_the_companys_language(admin):
    company_set(actor=admin, default_language="zh-hans")
    given = {"email": "n@test.example", "name": "N", "role": "rep", "code": "", "title": "", "everywhere": False}
    assert user_save(actor=admin, instance=User(), territories=[], **given).language == "zh-hans"
