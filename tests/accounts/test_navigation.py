"""The bar at the foot of the phone: what each role opens most, and nothing that it may not open."""

import pytest
from django.urls import reverse

from accounts.navigation import TABS, tabs
from accounts.roles import MATRIX, Role
from core.contributors import links_for
from tests import factories

pytestmark = pytest.mark.django_db
PEOPLE = [role for role in Role if role != Role.API_CLIENT]
SHOWN = {
    Role.ADMIN: ["Home", "Distributors", "Imports", "Jobs", "Settings"],
    Role.MANAGER: ["Home", "Distributors", "Receivables", "Tasks", "Calendar"],
    Role.REP: ["Home", "Distributors", "Tasks", "Calendar", "Receivables"],
    Role.FINANCE: ["Home", "Receivables", "Distributors", "Imports", "Settings"],
    Role.INSPECTOR: ["Home", "Distributors", "Tasks", "Calendar"],
    Role.ANALYST: ["Home", "Distributors", "Receivables", "Products", "Calendar"],
}


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_has_its_own_bar_and_every_entry_opens(client, role):
    client.force_login(factories.user(role, factories.territory()), backend="accounts.backends.EmailBackend")
    bar = client.get(reverse("core:home")).context["shell"]["tabbar"]
    assert [str(item["label"]) for item in bar] == SHOWN[role]
    for item in bar:
        assert client.get(item["url"]).status_code == 200
        opened = client.get(item["url"]).context["shell"]["tabbar"]
        assert [str(one["label"]) for one in opened if one["active"]] == [str(item["label"])]


@pytest.mark.parametrize("role", PEOPLE)
def test_the_bar_holds_at_most_four_beside_home_and_each_is_an_entry_of_the_navigation(role):
    user = factories.user(role, factories.territory())
    known = {link.url_name for group in ("main", "setup") for link in links_for(user, group)}
    assert len(TABS[role]) <= 4
    assert set(TABS[role]) <= known


def test_what_a_role_may_not_open_is_not_in_its_bar(monkeypatch):
    user = factories.user(Role.FINANCE)
    monkeypatch.setitem(MATRIX, "ledger.view_import", {Role.ADMIN: MATRIX["ledger.view_import"][Role.ADMIN]})
    assert [link.url_name for link in tabs(user)] == [
        name for name in TABS[Role.FINANCE] if name != "ledger:import-list"
    ]
