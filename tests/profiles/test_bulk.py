"""Actions on many distributors: what is chosen, previewed, confirmed, refused."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notification
from accounts.roles import Role
from core import bulk, jobs
from core.models import AuditEvent, Job
from distributors.profiles.bulk import move_apply
from distributors.profiles.models import Assignment, Distributor, LifecycleChange
from tests import factories

pytestmark = pytest.mark.django_db

LIST = reverse("profiles:distributor-list")


def url(name):
    return reverse("core:list-action", args=["profiles.distributor", name])


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


def ask(client, name, step, rows=(), **data):
    chosen = {"pk": [row.pk for row in rows]} if rows else {"all": "1"}
    return client.post(url(name), {**chosen, "step": step, **data})


def confirm(client, name, rows=(), **data):
    """Preview, then confirm what the preview showed."""
    seen = ask(client, name, "preview", rows, **data)
    assert seen.status_code == 200, seen.context["form"].errors
    return ask(client, name, "apply", rows, mark=seen.context["mark"], **data)


def numbers(response):
    preview = response.context["preview"]
    return preview.ready, dict(preview.refused)


def assignment(town, owner, **data):
    return {"starts_on": "2025-12-01", "territory": town.pk, "owner": owner.pk, "reason": "Handover", **data}


def covers(rows):
    """Return territory and owner of each row from December on."""
    found = Assignment.objects.filter(distributor__in=rows, starts_on=date(2025, 12, 1)).order_by("distributor")
    return list(found.values_list("territory__name", "owner__name"))


@pytest.fixture
def covered(town):
    """Two distributors of two reps in two parts of the town."""
    parts = [factories.territory(name, town) for name in ("East", "West")]
    return [factories.distributor(part, factories.user(Role.REP, part, name=f"Rep {part}")) for part in parts]


def test_another_owner_leaves_each_its_territory(client, manager, town, covered):
    new = factories.user(Role.REP, town, name="New")
    data = assignment(town, new, territory="")
    seen = ask(client, "reassign", "preview", covered, **data)
    assert numbers(seen) == (2, {})
    assert "Each keeps its territory; only the owner changes." in seen.content.decode()
    done = confirm(client, "reassign", covered, **data)
    assert (
        f'<a href="{reverse("profiles:handover-list")}">Hand-over sheets</a>' in client.get(done.url).content.decode()
    )
    assert covers(covered) == [("East", "New"), ("West", "New")]
    for event in AuditEvent.objects.filter(verb="distributor.assigned"):
        assert set(event.before) == {"owner"}
        assert event.after == {"from": "2025-12-01", "owner": "New"}


def test_another_territory_leaves_each_its_owner(client, manager, town, covered):
    data = {"starts_on": "2025-12-01", "territory": town.pk, "owner": "", "reason": ""}
    assert "Each keeps its owner" in ask(client, "reassign", "preview", covered, **data).content.decode()
    confirm(client, "reassign", covered, **data)
    assert covers(covered) == [("Town", "Rep East"), ("Town", "Rep West")]
    assert {frozenset(one.before) for one in AuditEvent.objects.filter(verb="distributor.assigned")} == {
        frozenset({"territory"})
    }


def test_the_owner_can_be_taken_away_without_another(client, manager, town, covered):
    confirm(client, "reassign", covered, starts_on="2025-12-01", territory="", owner="nobody", reason="")
    assert covers(covered) == [("East", None), ("West", None)]


def test_what_is_kept_is_what_holds_in_that_month(client, manager, town, covered):
    """A move that is planned for December is kept by a change of owner from then on."""
    Assignment.objects.create(
        distributor=covered[0], starts_on=date(2025, 12, 1), territory=town, owner=covered[0].owner
    )
    new = factories.user(Role.REP, town, name="New")
    confirm(client, "reassign", covered, **assignment(town, new, territory=""))
    assert covers(covered) == [("Town", "New"), ("West", "New")]


def test_keeping_both_is_refused_and_nothing_changes(client, manager, covered):
    data = {"starts_on": "2025-12-01", "territory": "", "owner": "", "reason": ""}
    refused = ask(client, "reassign", "preview", covered, **data)
    assert refused.status_code == 422
    assert "Choose a territory, an owner, or both" in refused.content.decode()
    assert ask(client, "reassign", "apply", covered, mark="x", **data).status_code == 422
    assert Assignment.objects.count() == 2


def test_who_is_covered_by_nobody_in_that_month_has_nothing_to_keep(client, manager, town, covered):
    Assignment.objects.filter(distributor=covered[0]).update(starts_on=date(2025, 11, 1))
    new = factories.user(Role.REP, town)
    data = assignment(town, new, territory="", starts_on="2025-10-01")
    rule = "nobody covers it in that month, so there is nothing to keep"
    assert numbers(ask(client, "reassign", "preview", covered, **data)) == (1, {rule: 1})
    confirm(client, "reassign", covered, **data)
    assert list(Assignment.objects.filter(starts_on=date(2025, 10, 1)).values_list("distributor")) == [(covered[1].pk,)]


def test_a_job_keeps_what_was_to_be_kept(client, manager, town, covered, monkeypatch):
    monkeypatch.setattr(bulk, "JOB_ABOVE", 1)
    confirm(client, "reassign", covered, **assignment(town, factories.user(Role.REP, town, name="New"), territory=""))
    jobs.job_run(Job.objects.get(kind=bulk.KIND).pk)
    assert covers(covered) == [("East", "New"), ("West", "New")]


def moves_offered(client, rows):
    return [name for name, _label in ask(client, "move", "", rows).context["form"].fields["move"].choices]


def test_only_moves_that_one_of_the_rows_can_make_are_offered(client, manager, town):
    active, watched = factories.distributor(town), factories.distributor(town, state="watch")
    ended = factories.distributor(town, state="ended")
    assert moves_offered(client, [active]) == ["watch", "exit"]
    assert moves_offered(client, [active, watched]) == ["watch", "restore", "exit"]
    assert moves_offered(client, [ended]) == ["reopen"]
    mine = factories.distributor(town, state="review")
    LifecycleChange.objects.create(
        distributor=mine, before="prospect", after="review", on=date(2025, 11, 1), by=manager
    )
    assert moves_offered(client, [mine]) == ["send_back", "end"]


def test_where_no_row_can_move_the_page_says_so(client, town):
    client.force_login(factories.user(Role.REP, town), backend="accounts.backends.EmailBackend")
    page = ask(client, "move", "", [factories.distributor(town)])
    assert list(page.context["form"].fields["move"].choices) == []
    assert "There is no move of yours that any of these rows can make." in page.content.decode()


def test_the_preview_names_those_that_stay(client, manager, town):
    active = factories.distributor(town, legal_name="Goes")
    stays = factories.distributor(town, state="prospect", legal_name="Stays here")
    text = ask(client, "move", "preview", [active, stays], move="watch", reason="Late").content.decode()
    assert "1 of 2 will change" in text
    assert "These stay as they are: Stays here" in text


def test_a_preview_changes_nothing_and_says_how_many_would_be_reassigned(client, manager, town):
    rep = factories.user(Role.REP, town)
    rows = [factories.distributor(town), factories.distributor(town), factories.distributor(town, rep)]
    response = ask(client, "reassign", "preview", rows, **assignment(town, rep))
    assert numbers(response) == (2, {"covered like this from then on already": 1})
    assert not Assignment.objects.filter(starts_on=date(2025, 12, 1)).exists()


def test_all_that_match_are_reassigned_with_an_audit_row_each(client, manager, town):
    rep = factories.user(Role.REP, town)
    rows = [factories.distributor(town) for _number in range(3)]
    watched = factories.distributor(town, state="watch")
    data = {"query": "state=active", **assignment(town, rep, starts_on="2025-11-01")}
    response = confirm(client, "reassign", **data)
    assert response["Location"] == f"{LIST}?state=active"
    assert {row.owner for row in Distributor.objects.filter(pk__in=[row.pk for row in rows])} == {rep}
    assert AuditEvent.objects.filter(verb="distributor.assigned", note="Handover").count() == 3
    watched.refresh_from_db()
    assert watched.owner is None


def test_rows_of_another_territory_are_neither_counted_nor_changed(client, manager, town):
    rep, mine = factories.user(Role.REP, town), factories.distributor(town)
    far = factories.distributor(factories.territory("Far"))
    assert numbers(ask(client, "reassign", "preview", [mine, far], **assignment(town, rep))) == (1, {})
    confirm(client, "reassign", [mine, far], **assignment(town, rep))
    assert Assignment.objects.filter(starts_on=date(2025, 12, 1)).get().distributor == mine


def test_what_a_rep_may_only_look_at_stays_and_is_counted(client, town):
    rep = factories.user(Role.REP, town)
    client.force_login(rep, backend="accounts.backends.EmailBackend")
    own, other = factories.distributor(town, rep), factories.distributor(town)
    data = {"move": "watch", "reason": "Late"}
    assert numbers(ask(client, "move", "preview", [own, other], **data)) == (1, {"not yours to change": 1})
    confirm(client, "move", [own, other], **data)
    assert list(Distributor.objects.order_by("pk").values_list("state", flat=True)) == ["watch", "active"]
    assert client.post(url("reassign"), {"all": "1"}).status_code == 403


def test_what_changed_since_the_preview_is_shown_again_before_anything_is_done(client, manager, town):
    rows = [factories.distributor(town), factories.distributor(town)]
    data = {"move": "watch", "reason": "Late"}
    mark = ask(client, "move", "preview", **data).context["mark"]
    Distributor.objects.filter(pk=rows[0].pk).update(state="exiting")
    again = ask(client, "move", "apply", mark=mark, **data)
    assert again.status_code == 409
    assert numbers(again)[0] == 1
    assert "Something changed since the preview" in again.content.decode()
    assert not LifecycleChange.objects.exists()
    other_reason = ask(client, "move", "apply", mark=again.context["mark"], move="watch", reason="Another")
    assert other_reason.status_code == 409


def test_the_page_says_when_the_list_showed_another_number(client, manager, town):
    factories.distributor(town)
    page = client.post(url("move"), {"all": "1", "seen": "7"})
    assert "the list showed 7" in page.content.decode()


def test_only_moves_that_the_workflow_allows_are_made_and_each_refusal_names_its_rule(client, manager, town):
    active, watched = factories.distributor(town), factories.distributor(town, state="watch")
    prospect = factories.distributor(town, state="prospect")
    data = {"move": "watch", "reason": "Late payers"}
    ready, refused = numbers(ask(client, "move", "preview", **data))
    assert ready == 1
    assert refused == {
        "“Put on watch” is not possible from “on watch”": 1,
        "“Put on watch” is not possible from “prospect”": 1,
    }
    confirm(client, "move", **data)
    active.refresh_from_db()
    change = LifecycleChange.objects.get()
    assert (active.state, change.distributor, change.reason) == ("watch", active, "Late payers")
    assert AuditEvent.objects.get(verb="watch").before == {"state": "active"}
    for row in (watched, prospect):
        before = row.state
        row.refresh_from_db()
        assert row.state == before


def test_nobody_approves_what_they_put_under_review_not_in_bulk_either(client, manager, town):
    rows = [factories.distributor(town, state="review") for _number in range(2)]
    LifecycleChange.objects.create(
        distributor=rows[0], before="prospect", after="review", on=date(2025, 11, 1), by=manager
    )
    data = {"move": "approve", "reason": "Checked"}
    assert numbers(ask(client, "move", "preview", **data)) == (
        1,
        {"You put it under review; a second person approves.": 1},
    )
    confirm(client, "move", **data)
    assert [row.state for row in Distributor.objects.order_by("pk")] == ["review", "approved"]


def test_a_rep_is_not_offered_decisions(client, town):
    client.force_login(factories.user(Role.REP, town), backend="accounts.backends.EmailBackend")
    page = client.post(url("move"), {"all": "1"})
    assert {name for name, _label in page.context["form"].fields["move"].choices}.isdisjoint(
        {"approve", "end", "reopen"}
    )


def test_a_month_that_is_over_needs_a_reason_and_nothing_changes(client, manager, town):
    factories.distributor(town)
    data = assignment(town, factories.user(Role.REP, town), starts_on="2025-10-01", reason="")
    response = ask(client, "reassign", "preview", **data)
    assert response.status_code == 422
    assert "reason" in response.context["form"].errors
    assert Assignment.objects.count() == 1


def test_nothing_selected_and_filters_that_cannot_be_read_do_nothing(client, manager, town):
    factories.distributor(town)
    assert client.post(url("move"), {"step": "apply"})["Location"].startswith(LIST)
    assert client.post(url("move"), {"all": "1", "query": "tier=x", "step": "apply"})["Location"].startswith(LIST)
    assert client.post(url("nothing"), {"all": "1"}).status_code == 404
    assert not LifecycleChange.objects.exists()


def test_many_rows_are_changed_by_a_job_that_asks_again(client, manager, town, monkeypatch):
    monkeypatch.setattr(bulk, "JOB_ABOVE", 1)
    rows = [factories.distributor(town) for _number in range(3)]
    answer = confirm(client, "move", move="watch", reason="Late")
    job = Job.objects.get(kind=bulk.KIND)
    assert answer["Location"] == job.get_absolute_url()
    assert not LifecycleChange.objects.exists()
    far = factories.territory("Far")
    Distributor.objects.filter(pk=rows[0].pk).update(territory=far, territory_path=far.path)
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["changed"], job.result["asked"]) == (Job.State.DONE, 2, 3)
    assert "Confirmed" in client.get(job.get_absolute_url()).content.decode()


def test_selected_rows_are_exported_alone(client, manager, town):
    rows = [factories.distributor(town, legal_name=name) for name in ("One", "Two")]
    answer = client.post(url("csv"), {"pk": [rows[0].pk], "query": "columns=name"})
    text = b"".join(client.get(answer["Location"]).streaming_content).decode()
    assert "One" in text
    assert "Two" not in text


def test_more_rows_cost_no_more_statements(manager, town):
    def moved(count):
        for _number in range(count):
            factories.distributor(town)
        with CaptureQueriesContext(connection) as caught:
            done = move_apply(
                actor=manager, rows=Distributor.objects.filter(state="active"), move="watch", reason="Late"
            )
        assert done.count == count
        return len(caught)

    assert moved(2) == moved(30)


def test_a_card_that_was_merged_into_another_stays_as_it_is(client, manager, town):
    survivor = factories.distributor(town, state="ended")
    factories.distributor(town, state="ended", merged_into=survivor)
    rep, data = factories.user(Role.REP, town), {"move": "reopen", "reason": "Again"}
    chosen = list(Distributor.objects.all())
    assert numbers(ask(client, "reassign", "preview", chosen, **assignment(town, rep))) == (1, {})
    confirm(client, "move", chosen, **data)
    assert list(Distributor.objects.order_by("pk").values_list("state", flat=True)) == ["prospect", "ended"]
    confirm(client, "reassign", chosen, **assignment(town, rep))
    assert Assignment.objects.get(starts_on=date(2025, 12, 1)).distributor == survivor


def test_each_who_may_approve_hears_once_how_many_were_put_under_review(client, manager, town):
    rep = factories.user(Role.REP, town)
    rows = [factories.distributor(town, rep, state="prospect") for _number in range(3)]
    chosen = Distributor.objects.filter(pk__in=[row.pk for row in rows])
    assert move_apply(actor=rep, rows=chosen, move="submit", reason="ready").count == 3
    (told,) = Notification.objects.filter(user=manager)
    assert "3" in str(told)
    assert not Notification.objects.filter(user=rep).exists()


def test_each_row_counts_its_version_on_and_says_who_moved_it(client, manager, town):
    row, other = factories.distributor(town), factories.distributor(town, state="watch")
    confirm(client, "move", move="watch", reason="Late")
    found = {one.pk: (one.version, one.updated_by) for one in Distributor.objects.all()}
    assert found == {row.pk: (row.version + 1, manager), other.pk: (other.version, other.updated_by)}
