"""Tasks: given, ticked off by one of two, postponed, and seen by whom."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError, StaleVersion, TransitionRefused
from core.models import AuditEvent
from core.needs import needs_of
from distributors.profiles.models import Task
from distributors.profiles.task_services import task_end, task_postpone, task_reopen, task_save
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def east():
    return factories.territory("East")


@pytest.fixture
def lin(east):
    return factories.user(Role.MANAGER, east, name="Lin")


@pytest.fixture
def rui(east):
    return factories.user(Role.REP, east, name="Rui")


def give(actor, owner, distributor=None, days=0, **fields):
    values = {"title": "Call them", "note": "", "due_on": TODAY + timedelta(days=days), **fields}
    return task_save(actor=actor, instance=Task(), distributor=distributor, owner=owner, **values)


def url(name, *args):
    return reverse(f"profiles:task-{name}", args=args)


def test_a_task_is_given_and_ticked_off(lin, rui, east, client):
    distributor = factories.distributor(east, rui, legal_name="Hangzhou Trading")
    client.force_login(lin)
    body = {"title": "Ask for the forecast", "distributor": distributor.code, "owner": rui.pk, "due_on": TODAY}
    assert client.post(url("add"), {**body, "note": ""}).status_code == 302
    task = Task.objects.get()
    assert (task.owner, task.created_by, task.distributor) == (rui, lin, distributor)
    client.force_login(rui)
    assert "Hangzhou Trading" in client.get(url("list")).content.decode()
    assert client.post(url("done", task.pk)).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.ended_on, task.ended_by) == ("done", TODAY, rui)
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == ["task.created", "task.done"]
    assert "Ask for the forecast" in client.get(distributor.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"title": "  "}, "what is to be done"), ({"days": -1}, "today at the earliest")],
)
def test_a_task_without_words_or_of_yesterday_is_refused(lin, fields, says):
    with pytest.raises(DomainError, match=says):
        give(lin, lin, **fields)
    assert not Task.objects.exists()


def test_a_task_goes_to_somebody_who_sees_its_distributor(lin, east):
    stranger = factories.user(Role.REP, factories.territory(), name="Other")
    gone = factories.user(Role.REP, east, is_active=False)
    for person, says in ((stranger, "does not see"), (gone, "can no longer")):
        with pytest.raises(DomainError, match=says):
            give(lin, person, factories.distributor(east))
    assert not Task.objects.exists()


def test_of_two_who_tick_off_one_task_one_wins(lin, rui):
    task = give(lin, rui)
    first, second = Task.objects.get(), Task.objects.get()
    task_end(actor=rui, task=first)
    with pytest.raises(TransitionRefused):
        task_end(actor=lin, task=second)
    task.refresh_from_db()
    assert task.ended_by == rui
    assert AuditEvent.objects.filter(verb="task.done").count() == 1


def test_two_who_edit_one_task_do_not_overwrite_each_other(lin, rui):
    task = give(lin, rui)
    fields = {"distributor": None, "note": "", "owner": rui, "due_on": TODAY}
    task_save(actor=lin, instance=task, version=1, title="First", **fields)
    with pytest.raises(StaleVersion):
        task_save(actor=rui, instance=task, version=1, title="Second", **fields)
    assert Task.objects.get().title == "First"


def test_dropping_reopening_and_postponing_ask_why(lin, rui):
    task = give(lin, rui)
    for refused in (
        lambda: task_end(actor=rui, task=task, done=False, reason=" "),
        lambda: task_postpone(actor=rui, task=task, due_on=TODAY + timedelta(days=2), reason=""),
        lambda: task_reopen(actor=rui, task=task, reason=""),
    ):
        with pytest.raises(DomainError, match="Say why"):
            refused()
    task.refresh_from_db()
    assert (task.state, task.due_on, task.version) == ("open", TODAY, 1)


def test_a_task_is_postponed_to_a_later_day_only(lin, rui):
    task = give(lin, rui, days=3)
    with pytest.raises(DomainError, match="later day"):
        task_postpone(actor=rui, task=task, due_on=TODAY + timedelta(days=3), reason="ill")
    task_postpone(actor=rui, task=task, due_on=TODAY + timedelta(days=5), reason="ill")
    assert AuditEvent.objects.get(verb="task.postponed").note == "ill"
    assert Task.objects.get().due_on == TODAY + timedelta(days=5)


def test_a_task_that_ended_is_reopened_before_it_changes(lin, rui):
    task = give(lin, rui)
    task_end(actor=rui, task=task, done=False, reason="not needed")
    with pytest.raises(DomainError, match="reopen it first"):
        task_save(
            actor=lin, instance=task, distributor=None, title="Again", note="", owner=rui, due_on=TODAY, version=None
        )
    task_reopen(actor=lin, task=task, reason="needed after all")
    task.refresh_from_db()
    assert (task.state, task.ended_on, task.ended_by) == ("open", None, None)


def test_what_is_due_needs_its_owner_and_nobody_else(lin, rui):
    late, now = give(lin, rui), give(lin, rui, title="Today")
    Task.objects.filter(pk=late.pk).update(due_on=TODAY - timedelta(days=3))
    give(lin, rui, days=1, title="Tomorrow")
    needs = needs_of(rui, TODAY)
    assert [str(need.title) for need in needs] == ["Call them", "Today"]
    assert "3 days late" in str(needs[0].reason)
    assert needs_of(lin, TODAY) == []
    task_end(actor=rui, task=now)
    assert len(needs_of(rui, TODAY)) == 1


def test_tasks_are_seen_by_the_distributors_scope_or_as_ones_own(lin, rui, east, client):
    west = factories.territory("West")
    stranger = factories.user(Role.REP, west)
    give(lin, rui, factories.distributor(east), title="About the east")
    give(rui, rui, title="My own note")
    give(stranger, stranger, factories.distributor(west), title="About the west")
    seen = {
        person.name: set(Task.objects.visible_to(person).values_list("title", flat=True))
        for person in (lin, rui, stranger)
    }
    assert seen["Lin"] == seen["Rui"] == {"About the east", "My own note"}
    assert seen[stranger.name] == {"About the west"}
    colleague = factories.user(Role.REP, east)
    assert set(Task.objects.visible_to(colleague).values_list("title", flat=True)) == {"About the east"}
    assert not Task.objects.visible_to(colleague, "change").exists()


def test_a_distributor_that_left_ones_reach_is_not_named(rui, east, client):
    west = factories.territory("West")
    moved = factories.distributor(east, legal_name="Moved Trading")
    task = give(rui, rui, moved)
    type(moved).objects.filter(pk=moved.pk).update(territory=west, territory_path=west.path)
    client.force_login(rui)
    for page in (url("list"), url("detail", task.pk), url("edit", task.pk), url("list") + "?export=csv"):
        response = client.get(page)
        text = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"Call them" in text, page
        assert b"Moved Trading" not in text, page
        assert moved.code.encode() not in text, page
    body = {"title": "Still mine", "owner": rui.pk, "due_on": TODAY, "note": "", "version": 1}
    client.post(url("edit", task.pk), body)
    task.refresh_from_db()
    assert task.title == "Call them"
    assert task.distributor == moved


def test_the_list_begins_with_ones_own_open_tasks(lin, rui, client):
    give(lin, rui, title="For Rui")
    give(lin, lin, title="For Lin")
    client.force_login(lin)
    page = client.get(url("list")).content.decode()
    assert "For Lin" in page
    assert "For Rui" not in page
    assert "For Rui" in client.get(url("list") + "?whose=team").content.decode()
    assert "For Rui" in client.get(url("list") + "?whose=given").content.decode()


def test_the_list_takes_as_many_queries_however_many_tasks(lin, rui, east, client, django_assert_max_num_queries):
    client.force_login(rui)
    for _number in range(12):
        give(lin, rui, factories.distributor(east, rui))
    with django_assert_max_num_queries(16):
        client.get(url("list"))


def test_over_rest_a_task_is_given_once_read_and_ticked_off(rui, east, client):
    machine = factories.user(Role.API_CLIENT, east)
    token = factories.api_token("tasks:read", "tasks:write", user=machine)[1]
    distributor = factories.distributor(east, rui)
    sent = {"title": "Send the price list", "owner": rui.email, "due_on": "2026-03-12", "distributor": distributor.code}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "crm-1"}

    def post(path, body):
        return client.post(path, body, content_type="application/json", headers=headers)

    first, again = post("/api/v1/tasks/", sent), post("/api/v1/tasks/", sent)
    assert first.json() == again.json() == {"id": Task.objects.get().pk, "state": "open"}
    row = client.get(f"/api/v1/tasks/?distributor={distributor.code}", headers=headers).json()["results"][0]
    assert (row["owner"], row["source"], row["due_on"]) == (rui.email, "rest", "2026-03-12")
    headers.pop("Idempotency-Key")
    assert post(f"/api/v1/tasks/{row['id']}/complete/", {}).json()["state"] == "done"
    assert post(f"/api/v1/tasks/{row['id']}/complete/", {}).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"owner": "nobody@test.example"}, "owner"),
        ({"distributor": "none"}, "distributor"),
        ({"due_on": "soon"}, "due_on"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_over_rest_what_cannot_be_is_refused_by_field(rui, east, client, change, field):
    token = factories.api_token("tasks:write", user=factories.user(Role.API_CLIENT, east))[1]
    body = {"title": "x", "owner": rui.email, "due_on": "2026-03-12", **change}
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post("/api/v1/tasks/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not Task.objects.exists()
