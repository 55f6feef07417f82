import pytest
from django.http import QueryDict
from django.urls import reverse
from django_filters import ChoiceFilter

from accounts.roles import Role
from core import filters
from core.listing import Listing
from core.sections import Section
from distributors.profiles.models import Distributor
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


WRONG = [("abc", "x"), ("state", "gone"), ("no_order", "soon"), ("tier", "abc"), ("territory", "1e9"), ("owner", "0")]


@pytest.mark.parametrize(("name", "value"), WRONG)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_filter_that_cannot_be_read_is_named_and_nothing_is_shown(client, rep, name, value, headers):
    shown = Distributor.objects.get(territory=rep[0])
    assert shown.code in client.get(reverse(LIST), headers=headers).content.decode()
    response = client.get(reverse(LIST), {name: value, "sort": "code"}, headers=headers)
    text = response.content.decode()
    assert response.status_code == 422
    assert shown.code not in text
    assert f"<q>{value}</q>" in text
    assert 'href="?sort=code"' in text
    assert "Nothing matches" not in text
    assert "Export CSV" not in text


def test_a_filter_that_cannot_be_read_exports_nothing(client, rep):
    shown = Distributor.objects.get(territory=rep[0])
    response = client.get(reverse(LIST), {"tier": "abc", "export": "csv"})
    assert response.status_code == 422
    assert "Content-Disposition" not in response.headers
    assert shown.code not in response.content.decode()
    assert client.get(reverse(LIST), {"tier": "1", "export": "csv"}).status_code == 200


def test_every_list_refuses_a_choice_that_it_does_not_have(client):
    readers = [factories.user(role) for role in (Role.ADMIN, Role.FINANCE)]
    asked = {
        (section.url("list"), name): reader
        for reader in readers
        for section in Section.all
        if (listing := Listing(section, reader, QueryDict())).allowed
        for name, one in listing.filterset.filters.items()
        if isinstance(one, ChoiceFilter)
    }
    declared = {
        (section.url("list"), name)
        for section in Section.all
        for name, one in section.filterset.base_filters.items()
        if isinstance(one, ChoiceFilter)
    }
    assert set(asked) == declared
    for (url, name), reader in asked.items():
        client.force_login(reader, backend="accounts.backends.EmailBackend")
        response = client.get(url, {name: "no-such-choice"})
        assert response.status_code == 422, (url, name)
        assert "<q>no-such-choice</q>" in response.content.decode(), (url, name)


@pytest.mark.parametrize("name", ["nothing", "q", "state"])
def test_what_has_no_long_list_is_not_found(client, rep, name):
    assert client.get(reverse(LIST), {"choices": name}).status_code == 404
