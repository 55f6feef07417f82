"""What was done to many distributors and is taken back: what goes back, what stays, and that it happens once."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notification
from accounts.roles import Role
from core import bulk, jobs
from core.errors import DomainError
from core.models import AuditEvent, Job
from distributors.profiles import bulk_undo as undoing
from distributors.profiles.assignments import Kept, assignment_start
from distributors.profiles.bulk import move_apply, reassign_apply
from distributors.profiles.bulk_undo import bulk_undo, undo_of
from distributors.profiles.models import (
    Assignment,
    BulkChange,
    Distributor,
    LifecycleChange,
    OutboundMessage,
)
from distributors.profiles.selectors import own_reviews
from distributors.profiles.services import lifecycle_move
from tests import factories

pytestmark = pytest.mark.django_db

MONTH = date(2025, 11, 1)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = "2025-11-20"


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def manager(client, town):
    person = factories.user(Role.MANAGER, town)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


@pytest.fixture
def rows(town):
    """Three distributors of one rep."""
    rep = factories.user(Role.REP, town, name="Old rep")
    return [factories.distributor(town, rep, legal_name=name) for name in ("One", "Two", "Three")]


def chosen(rows):
    return Distributor.objects.filter(pk__in=[row.pk for row in rows])


def reassigned(manager, rows, owner, starts_on=MONTH):
    """Give the rows to another and return the change."""
    reassign_apply(
        actor=manager, rows=chosen(rows), starts_on=starts_on, territory=Kept.AS_IT_IS, owner=owner, reason="Swap"
    )
    return BulkChange.objects.get()


def moved(actor, rows, move="watch"):
    move_apply(actor=actor, rows=chosen(rows), move=move, reason="Late")
    return BulkChange.objects.latest("pk")


def owners(rows):
    return [row.owner.name for row in chosen(rows).order_by("pk")]


def states(rows):
    return list(chosen(rows).order_by("pk").values_list("state", flat=True))


def facts(rows):
    return list(Assignment.objects.filter(distributor__in=rows).order_by("pk").values_list("pk", "owner", "reason"))


def test_all_rows_go_back_to_whom_they_had_with_an_audit_row_each(manager, town, rows):
    before = list(
        Assignment.objects.order_by("distributor_id", "starts_on").values("distributor", "starts_on", "owner")
    )
    change = reassigned(manager, rows, factories.user(Role.REP, town, name="New rep"))
    assert owners(rows) == ["New rep"] * 3
    done = bulk_undo(actor=manager, change=change, reason="Wrong list")
    assert (done.ready, done.staying) == (3, 0)
    assert owners(rows) == ["Old rep"] * 3
    after = Assignment.objects.order_by("distributor_id", "starts_on").values("distributor", "starts_on", "owner")
    assert list(after) == before
    trail = AuditEvent.objects.filter(verb="distributor.assignment_undone", note="Wrong list")
    assert {(one.before["owner"], one.after["owner"]) for one in trail} == {("New rep", "Old rep")}
    assert trail.count() == 3
    assert AuditEvent.objects.get(verb="bulk.undone").after == {"back": 3, "stay": 0}


def test_an_assignment_that_started_in_that_month_comes_back_as_it_was(manager, town, rows):
    Assignment.objects.filter(distributor=rows[0]).update(starts_on=date(2025, 1, 1))
    planned = factories.user(Role.REP, town, name="Planned")
    assignment_start(
        actor=manager, distributors=rows[:1], starts_on=MONTH, territory=town, owner=planned, reason="Plan"
    )
    change = reassigned(manager, rows[:1], factories.user(Role.REP, town, name="New rep"))
    bulk_undo(actor=manager, change=change, reason="Wrong")
    back = Assignment.objects.get(distributor=rows[0], starts_on=MONTH)
    assert (back.owner, back.reason, back.created_by) == (planned, "Plan", manager)
    assert owners(rows[:1]) == ["Planned"]


def test_rows_that_somebody_gave_to_another_since_are_named_and_stay(client, manager, town, rows):
    change = reassigned(manager, rows, factories.user(Role.REP, town, name="New rep"))
    third = factories.user(Role.REP, town, name="Third")
    assignment_start(actor=manager, distributors=rows[1:2], starts_on=MONTH, territory=town, owner=third)
    page = client.get(change.get_absolute_url()).content.decode()
    assert "2 of 3 would go back" in page
    assert "1 stays as it is: somebody covered it otherwise since <small>(Two)</small>" in page
    answer = client.post(change.get_absolute_url(), {"reason": "Wrong list"}, follow=True)
    assert "Undone for 2 distributors. 1 stays as it is." in answer.content.decode()
    assert owners(rows) == ["Old rep", "Third", "Old rep"]


def test_owners_hear_that_their_distributors_come_back_to_them(manager, town, rows):
    old, new = rows[0].owner, factories.user(Role.REP, town, name="New rep")
    change = reassigned(manager, rows, new)
    bulk_undo(actor=manager, change=change, reason="Wrong")
    told = Notification.objects.filter(kind=Notification.Kind.HANDOVER).order_by("pk")
    assert [(one.user, "distributors: 3" in str(one)) for one in told] == [(new, True), (old, True)]


def test_an_undo_happens_once(client, manager, town, rows):
    change = reassigned(manager, rows, factories.user(Role.REP, town))
    bulk_undo(actor=manager, change=change, reason="Wrong")
    count = AuditEvent.objects.count()
    with pytest.raises(DomainError, match="undone already"):
        bulk_undo(actor=manager, change=change, reason="Wrong")
    refused = client.post(change.get_absolute_url(), {"reason": "Again"})
    assert refused.status_code == 409
    assert "it cannot be undone again" in refused.content.decode()
    assert AuditEvent.objects.count() == count


def test_where_all_rows_were_changed_since_nothing_is_undone(manager, town, rows):
    change = reassigned(manager, rows, factories.user(Role.REP, town))
    assignment_start(
        actor=manager, distributors=rows, starts_on=MONTH, territory=town, owner=factories.user(Role.REP, town)
    )
    was = facts(rows)
    with pytest.raises(DomainError, match="None of these rows can go back"):
        bulk_undo(actor=manager, change=change, reason="Wrong")
    assert facts(rows) == was
    assert BulkChange.objects.get().undone_at is None


def test_an_undo_needs_a_reason(client, manager, town, rows):
    change = reassigned(manager, rows, factories.user(Role.REP, town))
    assert client.post(change.get_absolute_url(), {"reason": " "}).status_code == 422
    with pytest.raises(DomainError, match="Say why"):
        bulk_undo(actor=manager, change=change, reason=" ")
    assert BulkChange.objects.get().undone_at is None


def test_nobody_gets_back_what_they_can_no_longer_look_after(manager, town, rows):
    gone = rows[0].owner
    change = reassigned(manager, rows[:1], factories.user(Role.REP, town, name="New rep"))
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    undo = undo_of(change, manager)
    assert undo.ready == 0
    assert undo.staying[0].reason == "the owner that it would go back to can no longer sign in"


def test_rows_that_left_ones_territory_stay(manager, town, rows):
    change = reassigned(manager, rows, factories.user(Role.REP, town, name="New rep"))
    far = factories.territory("Far")
    Distributor.objects.filter(pk=rows[0].pk).update(territory=far, territory_path=far.path)
    assert bulk_undo(actor=manager, change=change, reason="Wrong").ready == 2
    assert owners(rows) == ["New rep", "Old rep", "Old rep"]


def test_moves_go_back_and_leave_their_history(manager, rows):
    change = moved(manager, rows)
    assert states(rows) == ["watch"] * 3
    assert bulk_undo(actor=manager, change=change, reason="Wrong list").ready == 3
    assert states(rows) == ["active"] * 3
    assert [(one.version, one.updated_by) for one in chosen(rows)] == [(rows[0].version + 2, manager)] * 3
    last = LifecycleChange.objects.filter(distributor=rows[0]).order_by("pk").values_list("before", "after", "reason")
    assert list(last) == [("active", "watch", "Late"), ("watch", "active", "Wrong list")]
    assert AuditEvent.objects.filter(verb="distributor.move_undone").count() == 3
    kinds = OutboundMessage.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["distributor.watched"] * 3 + ["distributor.restored"] * 3


def test_a_row_that_somebody_moved_on_since_stays_even_where_its_state_is_the_same(manager, rows):
    change = moved(manager, rows)
    one = Distributor.objects.get(pk=rows[0].pk)
    lifecycle_move(actor=manager, distributor=one, name="restore", reason="Paid")
    lifecycle_move(actor=manager, distributor=one, name="watch", reason="Late again")
    undo = undo_of(change, manager)
    assert (undo.ready, [(one.count, one.names) for one in undo.staying]) == (2, [(1, ["One"])])
    bulk_undo(actor=manager, change=change, reason="Wrong")
    assert states(rows) == ["watch", "active", "active"]


def test_an_approval_taken_back_may_still_not_be_given_by_who_asked_for_it(client, manager, town):
    rep = factories.user(Role.REP, town)
    asked = [factories.distributor(town, rep, state="prospect")]
    other = factories.user(Role.MANAGER, town)
    moved(other, asked, "submit")
    change = moved(manager, asked, "approve")
    bulk_undo(actor=manager, change=change, reason="Too early")
    assert states(asked) == ["review"]
    assert own_reviews(other).filter(distributor=asked[0]).exists()
    assert not own_reviews(manager).filter(distributor=asked[0]).exists()
    assert OutboundMessage.objects.latest("pk").kind == "distributor.approval_withdrawn"


def test_a_rep_does_not_see_the_change_of_a_manager(client, manager, town, rows):
    change = reassigned(manager, rows, factories.user(Role.REP, town))
    client.force_login(factories.user(Role.REP, town), backend="accounts.backends.EmailBackend")
    assert client.get(change.get_absolute_url()).status_code == 404
    assert client.post(change.get_absolute_url(), {"reason": "Mine"}).status_code == 404
    assert BulkChange.objects.get().undone_at is None


def test_the_undo_is_offered_after_the_change_in_its_job_and_in_the_trail(client, manager, town, rows, monkeypatch):
    monkeypatch.setattr(bulk, "JOB_ABOVE", 2)
    monkeypatch.setattr(undoing, "JOB_ABOVE", 2)
    asked = {"pk": [row.pk for row in rows], "move": "watch", "reason": "Late"}
    address = reverse("core:list-action", args=["profiles.distributor", "move"])
    mark = client.post(address, {**asked, "step": "preview"}).context["mark"]
    client.post(address, {**asked, "step": "apply", "mark": mark})
    job = Job.objects.get(kind=bulk.KIND)
    jobs.job_run(job.pk)
    change = BulkChange.objects.get()
    assert change.get_absolute_url() in client.get(job.get_absolute_url()).content.decode()
    entry = AuditEvent.objects.get(verb="bulk.done")
    admin = factories.user(Role.ADMIN)
    client.force_login(admin, backend="accounts.backends.EmailBackend")
    shown = client.get(reverse("core:auditevent-detail", args=[entry.pk])).content.decode()
    assert change.get_absolute_url() in shown
    client.post(change.get_absolute_url(), {"reason": "Wrong"})
    back = Job.objects.get(kind=undoing.JOB)
    jobs.job_run(back.pk)
    assert states(rows) == ["active"] * 3
    assert "Went back" in client.get(back.get_absolute_url()).content.decode()


def test_more_rows_cost_no_more_statements(manager, town):
    def undone(count):
        made = [factories.distributor(town) for _number in range(count)]
        change = moved(manager, made)
        with CaptureQueriesContext(connection) as caught:
            assert bulk_undo(actor=manager, change=change, reason="Wrong").ready == count
        return len(caught)

    undone(1)  # what the person may do is asked once
    assert undone(2) == undone(30)
