"""A file of people keeps the rules of their page: who leaves holds nothing, and nobody answers for what is closed."""

from datetime import date

import pytest

from accounts.models import ApiToken, User
from accounts.roles import Role
from core.models import AuditEvent
from distributors.profiles.models import Assignment, Task
from tests import factories
from tests.ledger.records import bring, lines, picture, problems, small_world

pytestmark = pytest.mark.django_db

HEAD = "email,name,role,territory,is_active"


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-06-15"
    world = small_world()
    world["rui"] = factories.user(Role.REP, world["territory"], name="Rui", email="rui@x.example")
    world["admin"] = factories.user(Role.ADMIN)
    return world


def row(active, territory="T1"):
    return lines(f"rui@x.example,Rui,rep,{territory},{active}", head=HEAD)


def refused(text, column, words):
    before = picture()
    made = bring(text, "people")
    assert [(found[0], found[1]) for found in problems(made)] == [(2, column)]
    assert words in problems(made)[0][3]
    assert picture() == before


@pytest.mark.parametrize("starts_on", [date(2025, 1, 1), date(2025, 9, 1)], ids=["now", "later"])
def test_who_covers_a_distributor_does_not_leave_by_a_file(world, starts_on):
    Assignment.objects.update_or_create(
        distributor=world["one"],
        starts_on=starts_on,
        defaults={"owner": world["rui"], "territory": world["territory"]},
    )
    refused(row("no"), "is_active", "on their page")
    assert bring(row("yes"), "people").state == "published"


def test_who_has_an_open_task_does_not_leave_by_a_file_and_does_once_it_is_gone(world):
    made = Task.objects.create(title="call", owner=world["rui"], due_on=date(2025, 7, 1))
    refused(row("no"), "is_active", "on their page")
    made.delete()
    assert bring(row("no"), "people").state == "published"
    assert not User.objects.get(pk=world["rui"].pk).is_active


def test_who_leaves_by_a_file_leaves_their_tokens_and_comes_back_without_them(world):
    token = ApiToken.objects.create(user=world["rui"], prefix="p", digest="d", expires_at="2027-01-01T00:00Z")
    bring(row("no"), "people", actor=world["admin"], filename="people.csv")
    gone = User.objects.get(pk=world["rui"].pk)
    assert (gone.is_active, gone.updated_by, gone.updated_at is None) == (False, world["admin"], False)
    bring(row("yes"), "people", actor=world["admin"], filename="people.csv")
    assert User.objects.get(pk=gone.pk).is_active
    token.refresh_from_db()
    assert token.revoked_at is not None
    events = AuditEvent.objects.filter(target_type="accounts.User").order_by("pk").values_list("verb", "note")
    assert list(events) == [("user.deactivated", "people.csv"), ("user.reactivated", "people.csv")]


def test_a_file_that_does_not_say_who_signs_in_lets_nobody_in(world):
    User.objects.filter(pk=world["rui"].pk).update(is_active=False)
    bring(lines("rui@x.example,Rui Wang,rep,T1", head="email,name,role,territory"), "people", actor=world["admin"])
    found = User.objects.get(pk=world["rui"].pk)
    assert (found.name, found.is_active, found.updated_by) == ("Rui Wang", False, world["admin"])


def test_nobody_comes_to_answer_for_a_closed_territory(world):
    closed = factories.territory("Closed", code="T9", closed_on=date(2025, 1, 1))
    refused(row("yes", "T9"), "territory", "is closed")
    refused(lines("new@x.example,New,rep,T9,yes", head=HEAD), "territory", "is closed")
    world["rui"].territories.set([closed])
    assert bring(row("yes", "T9"), "people").state == "published"
