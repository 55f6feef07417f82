"""The page of settings, roles in words, tokens by state."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Territory
from accounts.role_words import GROUPS
from accounts.roles import MATRIX, Role
from accounts.services import territory_save
from core import clock
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.EmailBackend"


def test_every_permission_of_the_matrix_has_its_words_once():
    worded = [name for _title, permissions in GROUPS for name in permissions]
    assert len(worded) == len(set(worded))
    assert set(worded) == set(MATRIX)


def test_the_page_of_roles_shows_how_far_each_goes(client):
    client.force_login(factories.user(), backend=BACKEND)
    response = client.get(reverse("accounts:roles"))
    rows = {row["text"]: row["cells"] for group in response.context["groups"] for row in group["rows"]}
    place = list(Role).index(Role.REP)
    assert str(rows["Change the card, addresses and state of a distributor"][place]["text"]) == "own"
    assert rows["Add a territory"][place]["text"] == ""


def test_the_page_of_settings_says_who_changed_what_last(client):
    admin = factories.user(name="Mei")
    territory_save(actor=admin, instance=Territory(), code="N", name="North", level="", parent=None)
    client.force_login(admin, backend=BACKEND)
    entries = {str(entry["label"]): entry for entry in client.get(reverse("core:settings")).context["entries"]}
    assert (str(entries["Territories"]["last"]["who"]), entries["Territories"]["last"]["what"]) == ("Mei", "North")
    assert entries["Company"]["last"] is None
    assert {"People", "Roles", "API tokens"} <= set(entries)


def test_finance_finds_only_the_settings_it_may_read(client):
    client.force_login(factories.user(Role.FINANCE), backend=BACKEND)
    labels = {str(entry["label"]) for entry in client.get(reverse("core:settings")).context["entries"]}
    assert "Company" in labels
    assert not {"People", "Roles", "API tokens"} & labels


def test_tokens_are_listed_by_state_and_one_that_expires_soon_needs_someone(client):
    now = clock.instant()
    states = {
        "good": {"expires_at": now + timedelta(days=30)},
        "soon": {"expires_at": now + timedelta(days=3, hours=1), "last_used_at": now, "name": "ERP sales"},
        "expired": {"expires_at": now - timedelta(days=1)},
        "revoked": {"revoked_at": now},
    }
    made = {name: factories.api_token(**fields)[0] for name, fields in states.items()}
    client.force_login(factories.user(), backend=BACKEND)
    for state, token in made.items():
        text = client.get(reverse("accounts:apitoken-list"), {"state": state}).content.decode()
        assert [one for one in made.values() if one.prefix in text] == [token]
    assert "will be refused in 3 days" in client.get(reverse("core:home")).content.decode()
