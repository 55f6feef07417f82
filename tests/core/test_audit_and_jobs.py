"""The audit trail and the jobs as an administrator works with them."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core import audit, jobs, keyset, schedules, trail_words
from core.audit_sections import AuditSection
from core.errors import DomainError
from core.listing import Listing
from core.models import AuditEvent, Job, Schedule
from core.sentences import Sentence
from core.trail_words import with_words
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei(client):
    made = factories.user(name="Mei")
    client.force_login(made)
    return made


def changed(actor, name="Old", new="New"):
    target = factories.territory(name)
    return audit.record(
        actor=actor, verb="territory.changed", target=target, before={"name": name}, after={"name": new}, note="why"
    )


def test_an_entry_shows_both_sides_and_leads_to_its_record_and_person(mei, client):
    row = changed(mei)
    page = client.get(reverse("core:auditevent-detail", args=[row.pk])).content.decode()
    assert "<td>Old</td><td>New</td>" in page
    assert f"?type=accounts.Territory&amp;record={row.target_id}" in page
    assert f"?actor={mei.pk}" in page


def test_the_trail_is_filtered_by_person_verb_record_day_and_word(mei, client):
    other = factories.user(name="Lin")
    mine, hers = changed(mei, "East"), changed(other, "West")
    url = reverse("core:auditevent-list")
    today = mine.at.date().isoformat()
    for query, kept in (
        (f"actor={other.pk}", ["West"]),
        ("verb=territory.changed&q=East", ["East"]),
        (f"type=accounts.Territory&record={hers.target_id}", ["West"]),
        (f"since={today}", ["East", "West"]),
        ("until=2020-01-01", []),
    ):
        rows = client.get(f"{url}?{query}").content.decode()
        body = rows[rows.index('id="rows"') :]
        assert [name for name in ("East", "West") if name in body] == kept, query


def test_the_trail_is_exported_and_takes_as_many_queries_however_long(mei, client, django_assert_num_queries):
    url = reverse("core:auditevent-list")
    changed(mei)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _number in range(20):
        changed(mei)
    with django_assert_num_queries(len(few)):
        client.get(url)
    text = b"".join(client.get(f"{url}?export=csv").streaming_content).decode()
    assert text.count("Mei") == 21


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMIN, Role.API_CLIENT}])
def test_nobody_but_an_administrator_reads_the_trail(role, client):
    client.force_login(factories.user(role))
    assert client.get(reverse("core:auditevent-list")).status_code == 403


def test_everyone_sees_their_own_jobs_and_an_administrator_all(mei, client):
    rui = factories.user(Role.REP)
    for owner, title in ((mei, "Import of Mei"), (rui, "Export of Rui")):
        Job.objects.create(kind="x", title=title, created_by=owner)
    page = client.get(reverse("core:job-list")).content.decode()
    assert "Import of Mei" in page
    assert "Export of Rui" in page
    client.force_login(rui)
    page = client.get(reverse("core:job-list")).content.decode()
    assert "Export of Rui" in page
    assert "Import of Mei" not in page
    assert reverse("core:schedule-run", args=[1]) not in page


def test_the_page_looks_again_only_while_something_is_at_work(mei, client):
    job = Job.objects.create(kind="x", title="Import", created_by=mei)
    url = reverse("core:job-list")
    fragment = {"HX-Request": "true"}
    assert "every 3s" in client.get(url).content.decode()
    assert "every 3s" in client.get(url, headers=fragment).content.decode()
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error=Sentence("The file is empty."))
    again = client.get(url, headers=fragment).content.decode()
    assert "every 3s" not in again
    assert "The file is empty." in again


@jobs.handler("tests.planned")
def _work(run):
    return {}


def test_a_schedule_is_paused_resumed_and_run_now(mei, client):
    row = Schedule.objects.create(name="tests.planned", at="02:00")
    url = reverse("core:schedule-switch", args=[row.pk])
    client.post(url, {"active": "0"})
    row.refresh_from_db()
    assert not row.active
    assert "paused" in client.get(reverse("core:job-list")).content.decode()
    with pytest.raises(DomainError, match="meanwhile"):
        schedules.schedule_switch(actor=mei, schedule=row, active=False)
    client.post(url, {"active": "1"})
    client.post(reverse("core:schedule-run", args=[row.pk]))
    job = Job.objects.get(kind="tests.planned")
    assert job.created_by == mei
    with pytest.raises(DomainError, match="at work already"):
        schedules.schedule_run(actor=mei, schedule=row)
    assert Job.objects.filter(kind="tests.planned").count() == 1
    verbs = ["schedule.paused", "schedule.resumed", "schedule.run"]
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == verbs


def planned_row(client):
    page = client.get(reverse("core:job-list")).content.decode()
    return " ".join(page[page.index('id="schedules"') :].split())


def test_a_schedule_says_when_it_ran_last_how_that_ended_and_when_it_is_due(mei, client):
    row = Schedule.objects.create(name="tests.planned", at="02:00", last_due="2026-01-05T18:00Z")
    assert "never yet" in planned_row(client)
    (never,) = schedules.planned()
    assert (never.last, never.tone) == (None, "")
    jobs.job_run(schedules.schedule_run(actor=mei, schedule=row).pk)
    failed = schedules.schedule_run(actor=mei, schedule=row)
    Job.objects.filter(pk=failed.pk).update(
        state=Job.State.FAILED, finished_at="2026-01-07T03:30Z", error=Sentence("The disk is full.")
    )
    jobs.job_create(kind="tests.other", actor=mei)
    (planned,) = schedules.planned()
    assert (planned.last, planned.tone) == (failed, "b")
    assert planned.next_due is not None
    shown = planned_row(client)
    for fact in (failed.get_absolute_url(), "7 Jan 2026", "failed", "The disk is full."):
        assert fact in shown
    assert "6 Jan 2026" not in shown


def test_more_schedules_cost_no_more_queries(mei):
    def counted():
        with CaptureQueriesContext(connection) as caught:
            schedules.planned()
        return len(caught)

    jobs.job_run(
        schedules.schedule_run(actor=mei, schedule=Schedule.objects.create(name="tests.planned", at="02:00")).pk
    )
    counted()
    before = counted()
    for number in range(5):
        Schedule.objects.create(name=f"tests.{number}", at="02:00")
    assert counted() == before


@pytest.fixture
def long_trail(mei):
    """Write 130 entries, many of one moment, about records that are called Entry 1 to Entry 130."""
    records = [(factories.territory(f"Entry {number}"), {}, {"name": "x"}) for number in range(1, 131)]
    audit.record_many(actor=mei, verb="territory.changed", entries=records, note="窜货调查 with INV-2026/7")
    return records


def names(page):
    return [row["cells"][4]["text"] for row in page.context["table"]["rows"]]


def test_the_pages_of_the_trail_hold_every_entry_once_there_and_back(mei, client, long_trail):
    url = reverse("core:auditevent-list") + "?verb=territory.changed"
    page, seen, pages = client.get(url), [], []
    while True:
        seen += names(page)
        pages.append(names(page))
        if not page.context["page_urls"]["next"]:
            break
        page = client.get(reverse("core:auditevent-list") + page.context["page_urls"]["next"])
    assert seen == [f"Entry {number}" for number in range(130, 0, -1)]
    assert len(pages) == 3
    page = client.get(reverse("core:auditevent-list") + page.context["page_urls"]["previous"])
    assert names(page) == pages[1]
    first = client.get(url)
    assert not first.context["page_urls"]["previous"]
    oldest = client.get(reverse("core:auditevent-list") + first.context["page_urls"]["last"])
    assert names(oldest) == [f"Entry {number}" for number in range(50, 0, -1)]
    assert not oldest.context["page_urls"]["next"]


@pytest.mark.parametrize("place", ["x", "-1", "9" * 30, "999999999"])
def test_a_place_that_is_none_begins_with_the_newest(mei, client, long_trail, place):
    page = client.get(reverse("core:auditevent-list") + f"?older={place}")
    assert names(page)[0] == "Entry 130"


def test_no_page_of_the_trail_is_counted_or_skipped_over(mei, client, long_trail):
    """Every statement about the trail is limited, and none has an offset."""
    middle = AuditEvent.objects.filter(target_text="Entry 60").get().pk
    for query in ("", f"older={middle}", f"newer={middle}", "newer=0", "q=entry", f"actor={mei.pk}&older={middle}"):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("core:auditevent-list") + f"?{query}").status_code == 200
        about = [one["sql"] for one in caught if '"core_auditevent"' in one["sql"]]
        assert about
        assert all("LIMIT" in sql or "EXPLAIN" in sql for sql in about), about
        assert not any("OFFSET" in sql for sql in about)


def test_the_trail_says_more_than_where_it_does_not_count(mei, client, long_trail, monkeypatch):
    monkeypatch.setattr(keyset, "COUNTED", 100)
    url = reverse("core:auditevent-list")
    text = client.get(f"{url}?verb=territory.changed").content.decode()
    assert "more than 100 rows" in text or "about 1" in text
    assert client.get(f"{url}?verb=territory.changed&count=exact").context["count"]["value"] == 130


@pytest.mark.parametrize(
    ("words", "found"),
    [("Entry 77", 1), ("entr 77", 1), ("调查", 130), ("窜货 inv", 130), ("INV-2026", 130), ("nowhere", 0), ("货查", 0)],
)
def test_words_are_found_in_name_and_reason(mei, client, long_trail, words, found):
    page = client.get(reverse("core:auditevent-list"), {"q": words, "count": "exact"})
    assert page.context["count"]["value"] == found


@pytest.mark.parametrize("words", ["'", "\\", "&|!:*()<->", "a' | b:*", "\\'", "😀", "a:b & !c"])
def test_no_word_breaks_the_search(mei, client, long_trail, words):
    assert client.get(reverse("core:auditevent-list"), {"q": words}).status_code == 200


@pytest.mark.postgres
def test_words_are_asked_of_the_index(mei, long_trail):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    assert "core_audit_words" in with_words(AuditEvent.objects.all(), "entry 77").explain()


@pytest.mark.sqlite
def test_words_are_looked_for_in_the_newest_entries_only(mei, client, long_trail, monkeypatch):
    monkeypatch.setattr(trail_words, "MOST", 10)
    found = with_words(AuditEvent.objects.filter(verb="territory.changed"), "entry")
    assert found.count() == 10


@pytest.mark.parametrize(
    "query",
    ["", "actor={mei}", "verb=territory.changed", "type=accounts.Territory", "since=2020-01-01&until=2031-01-01"],
)
def test_a_page_follows_an_index_and_sorts_no_trail(mei, client, long_trail, query):
    """Nothing but entries of one moment is ever sorted."""
    middle = AuditEvent.objects.filter(target_text="Entry 60").get().pk
    asked = QueryDict(query.format(mei=mei.pk) + f"&older={middle}")
    with CaptureQueriesContext(connection) as caught:
        keyset.keyset_page(Listing(AuditSection, mei, asked), "at")
    sql = next(one["sql"] for one in caught if "ORDER BY" in one["sql"] and "LIMIT 51" in one["sql"])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " | ".join(row[-1] for row in cursor.fetchall())
        assert "SEARCH core_auditevent USING INDEX core_audit" in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {sql}")
            plan = " | ".join(row[0] for row in cursor.fetchall())
        assert "core_audit" in plan


def test_the_history_of_a_distributor_leads_administrators_to_its_entries(mei, client):
    row = factories.distributor()
    link = f"?type=profiles.Distributor&amp;record={row.pk}"
    url = reverse("profiles:distributor-history", args=[row.pk])
    assert link in client.get(url).content.decode()
    client.force_login(factories.user(Role.MANAGER, row.territory))
    assert link not in client.get(url).content.decode()
