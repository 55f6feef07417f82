import pytest
from django.urls import reverse

from accounts.roles import Role
from core import filters
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "profiles:distributor-list"


@pytest.fixture
def rep(client, monkeypatch):
    monkeypatch.setattr(filters, "MANY_CHOICES", 2)
    home, foreign = factories.territory("Home"), factories.territory("Foreign")
    for number in range(3):
        factories.territory(f"Town {number}", parent=home)
    user = factories.user(Role.REP, home)
    factories.distributor(home)
    factories.distributor(foreign)
    client.force_login(user, backend="accounts.backends.EmailBackend")
    return home, foreign


def territory_field(response):
    return response.context["filterset"].form.fields["territory"]


def test_a_long_list_of_choices_holds_only_what_is_chosen(client, rep):
    home, _foreign = rep
    field = territory_field(client.get(reverse(LIST)))
    assert [label for _value, label in field.widget.choices] == ["All"]
    assert field.widget.attrs["data-choices"] == "territory"
    chosen = territory_field(client.get(reverse(LIST), {"territory": home.pk}))
    assert [label for _value, label in chosen.widget.choices] == ["All", "Home"]


def test_the_rest_is_fetched_and_keeps_to_the_users_scope(client, rep):
    options = client.get(reverse(LIST), {"choices": "territory"}).content.decode()
    assert options.count("<option") == 5
    assert "Town 2" in options
    assert "Foreign" not in options


def test_a_territory_out_of_reach_is_no_choice_even_by_its_key(client, rep):
    _home, foreign = rep
    response = client.get(reverse(LIST), {"territory": foreign.pk})
    assert "territory" in response.context["filterset"].form.errors


@pytest.mark.parametrize("name", ["nothing", "q", "state"])
def test_what_has_no_long_list_is_not_found(client, rep, name):
    assert client.get(reverse(LIST), {"choices": name}).status_code == 404
