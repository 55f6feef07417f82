"""The timeline: everything that happened, newest first, by kind, period and words; page by page and as a file."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core import timeline
from core.timeline import Span, timeline_events, timeline_kinds, timeline_page
from distributors.classification.services.overrides import override_add
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.services import facts_upsert, sale_lines_upsert
from distributors.profiles.contracts.documents import document_add
from distributors.profiles.contracts.services import contract_withdraw
from distributors.profiles.merging import distributor_merge
from distributors.profiles.models import CardFile, LifecycleChange, Outlet, Task
from distributors.profiles.people.services import contact_erase, contact_leave
from distributors.profiles.selection.services import check_document_add
from distributors.profiles.services import distributor_save, lifecycle_move
from distributors.profiles.tagging import tags_put
from distributors.profiles.task_services import task_end
from tests import factories
from tests.access import stored_blob
from tests.api.conftest import TokenClient, error_of
from tests.ledger.records import company
from tests.profiles.contracts import draft, signed

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def admin():
    return factories.user(Role.ADMIN)


@pytest.fixture
def one():
    company()
    return factories.distributor(factories.territory("Town"), code="D1")


def changes(one, *days, reason="why"):
    LifecycleChange.objects.bulk_create(
        LifecycleChange(distributor=one, before="active", after="watch", on=day, reason=f"{reason} {number}")
        for number, day in enumerate(days)
    )


def page_of(client, one, **asked):
    return client.get(reverse("profiles:distributor-timeline", args=[one.pk]), asked)


def facts(admin, one):
    """Bring one of each fact."""
    factories.product("P1")
    head = {"distributor": "D1", "day": "2026-02-10", "currency": "CNY"}
    line = {"distributor": "D1", "product": "P1", "day": "2026-02-11", "quantity": "1", "currency": "CNY"}
    sale_lines_upsert(
        actor=admin,
        source_code="erp",
        rows=[
            {**line, "external_id": "1", "amount": "100", "order_number": "O1"},
            {**line, "external_id": "2", "amount": "-30", "quantity": "-1", "kind": "return"},
            {**line, "external_id": "3", "amount": "70", "kind": "sell_through"},
        ],
    )
    for kind, row in (
        ("invoices", {**head, "external_id": "R1", "due_on": "2026-03-01", "amount": "50"}),
        ("invoices", {**head, "external_id": "G1", "due_on": "2026-03-01", "amount": "5", "kind": "credit_note"}),
        ("payments", {**head, "external_id": "Z1", "amount": "20"}),
        ("stock", {"distributor": "D1", "product": "P1", "day": "2026-02-28", "quantity": "3"}),
        ("targets", {"distributor": "D1", "day": "2026-04-01", "value": "900", "reason": "agreed"}),
        ("occurrences", {"distributor": "D1", "day": "2026-02-20", "external_id": "S1", "kind": "penalty"}),
    ):
        facts_upsert(actor=admin, kind=kind_of(kind), source_code="erp", rows=[row])


def everything(admin, one):
    """Let one of each kind happen."""
    facts(admin, one)
    type(one.standing).objects.filter(pk=one.pk).update(abc="B")
    one.refresh_from_db()
    lifecycle_move(actor=admin, distributor=one, name="watch", reason="pays late")
    contact = factories.contact(one, name="Lin")
    contact_leave(actor=admin, contact=contact, left_on=TODAY)
    tags_put(actor=admin, rows=type(one).objects.filter(pk=one.pk), names=["key"])
    task_end(actor=admin, task=Task.objects.create(title="Call", owner=admin, due_on=TODAY, distributor=one))
    override_add(actor=admin, distributor=one, klass="A", reason="new city", ends_on=TODAY + timedelta(days=30))
    signed(admin, one, "C-1", [])
    contract_withdraw(actor=admin, contract=draft(admin, one, "C-2", []), reason="not wanted")
    Outlet.objects.create(distributor=one, name="North", opened_on=date(2021, 5, 1), closed_on=date(2025, 6, 30))
    factories.scorecard(one)
    CardFile.objects.create(distributor=one, blob=stored_blob(), name="licence.pdf", kind="licence")
    distributor_merge(actor=admin, survivor=one, source=factories.distributor(one.territory), reason="one firm")


def test_every_kind_of_fact_stands_on_the_timeline(admin, one):
    everything(admin, one)
    events = timeline_events(admin, [one.pk], Span(TODAY))
    # What credit tells has tests of its own.
    apart = {"card", "credit", "creditreview", "grade"}
    assert set(timeline_kinds()) - {event.code for event in events} == apart
    titles = {event.code: str(event.title) for event in events}
    assert titles["order"] == "1 order, 100 CNY without tax"
    assert titles["return"] == "1 return, \N{MINUS SIGN}30 CNY without tax"
    assert titles["sell_through"] == "1 sale, 70 CNY without tax"
    assert titles["credit_note"] == "1 credit note, 5 CNY with tax"
    assert titles["stock"] == "1 product"
    assert titles["target"] == "net sales, April 2026: 900 CNY"
    assert titles["occurrence"] == "penalty"
    assert titles["tag"] == "given: key"
    assert titles["outlet"] == "North: outlet opened"
    assert titles["scorecard"] == "scorecard submitted: 75.0 of 100"
    told = {str(event.title): event.text for event in events if event.code == "contract"}
    assert told["C-2: withdrawn"] == "not wanted"
    assert [event.on for event in events] == sorted((event.on for event in events), reverse=True)


def test_files_of_card_contract_and_due_diligence_are_told_to_who_sees_them(admin):
    prospect = factories.distributor(factories.territory("Town"), state="prospect", bare=True)
    paper = {"source": io.BytesIO(b"%PDF-1.7 signed"), "name": "signed.pdf"}
    document_add(actor=admin, contract=draft(admin, prospect, "C-1", []), **paper)
    paper["source"].seek(0)
    check_document_add(actor=admin, distributor=prospect, kind="tax", **paper)
    CardFile.objects.create(distributor=prospect, blob=stored_blob(), name="licence.pdf", kind="licence")
    asked = Span(TODAY, kinds=frozenset({"file"}))
    found = {(str(event.title), str(event.text)) for event in timeline_events(admin, [prospect.pk], asked)}
    assert found == {("signed.pdf", "C-1"), ("signed.pdf", "tax"), ("licence.pdf", "business licence")}
    assert timeline_events(factories.user(Role.REP, factories.territory("Far")), [prospect.pk], asked) == []


def test_a_change_of_the_card_names_the_fields_and_never_what_stood_in_them(admin, one):
    fields = {name: getattr(one, name) for name in ("code", "legal_name", "type", "tier", "parent")}
    distributor_save(actor=admin, instance=one, version=1, **fields, phone="4711")
    (event,) = timeline_events(admin, [one.pk], Span(TODAY, kinds=frozenset({"card"})))
    assert (event.title, event.text) == ("Card changed", "Phone")


def test_of_an_erased_person_no_name_is_told(admin, one):
    lin = factories.contact(one, name="Lin", title="Buyer")
    contact_erase(actor=admin, contact=lin, version=None)
    events = timeline_events(admin, [one.pk], Span(TODAY, kinds=frozenset({"contact"})))
    assert {str(event.title) for event in events} == {"erased person: person entered", "erased person: person erased"}
    assert not any("Buyer" in event.text for event in events)


def test_pages_follow_each_other_without_gap_or_double_also_within_one_day(admin, one):
    day = date(2026, 2, 1)
    changes(one, *[day] * 7, *[day - timedelta(days=number) for number in range(5)])
    whole = [event.text for event in timeline_events(admin, [one.pk], Span(TODAY))]
    read, mark = [], ""
    while True:
        page = timeline_page(admin, [one.pk], Span(TODAY), mark=mark, size=3)
        assert len(page.events) <= 3
        read += [event.text for event in page.events]
        mark = page.earlier
        if not mark:
            break
    assert read == whole
    assert len(read) == 13


def test_a_day_of_more_events_than_are_told_goes_on_with_the_day_before(admin, one, monkeypatch):
    monkeypatch.setattr(timeline, "MOST_TOLD", 4)
    changes(one, *[date(2026, 2, 1)] * 9, date(2026, 1, 31), date(2026, 1, 30))
    first = timeline_page(admin, [one.pk], Span(TODAY), size=5)
    second = timeline_page(admin, [one.pk], Span(TODAY), mark=first.earlier, size=5)
    assert [event.on for event in first.events] == [date(2026, 2, 1)] * 5
    assert [event.on for event in second.events][:2] == [date(2026, 1, 31), date(2026, 1, 30)]


def test_a_month_is_told_once_though_a_page_ends_within_it(admin, one):
    facts(admin, one)
    changes(one, *[date(2026, 2, day) for day in range(1, 20)])
    read, mark = [], ""
    while True:
        page = timeline_page(admin, [one.pk], Span(TODAY), mark=mark, size=4)
        read += [event.code for event in page.events]
        mark = page.earlier
        if not mark:
            break
    assert read.count("order") == read.count("invoice") == 1
    assert read.count("state") == 19


def test_words_are_looked_for_in_all_that_is_told_and_a_page_is_filled(client, admin, one):
    changes(one, *[date(2025, 1, 1)] * 60, reason="noise")
    changes(one, date(2020, 5, 1), reason="the needle")
    client.force_login(admin)
    page = page_of(client, one, q="NEEDLE watch")
    assert [event.text for event in page.context["events"]] == ["the needle 0"]
    assert page.context["earlier_url"] == ""


def test_kind_and_period_narrow_it_and_stay_in_the_address(client, admin, one):
    changes(one, date(2026, 1, 5), date(2025, 6, 1))
    client.force_login(admin)
    page = page_of(client, one, kind="state", since="2026-01-01", until="2026-01-31")
    assert [event.on for event in page.context["events"]] == [date(2026, 1, 5)]
    assert "kind=state" in page.context["export_url"]
    assert page_of(client, one, kind="assignment").context["events"][0].code == "assignment"
    assert page_of(client, one, since="2026-02-01").context["events"] == []


@pytest.mark.parametrize(
    "wrong", [{"since": "x"}, {"kind": "nonsense"}, {"since": "2026-02-02", "until": "2026-02-01"}, {"q": "x" * 101}]
)
def test_what_cannot_be_read_is_said_and_nothing_shown(client, admin, one, wrong):
    client.force_login(admin)
    answer = page_of(client, one, **wrong)
    assert answer.status_code == 422
    assert "events" not in answer.context
    for mark in ("tomorrow", "2026-02-01~5001", "2026-02-01~999999"):
        assert page_of(client, one, before=mark).status_code == 404


def test_earlier_events_come_page_by_page(client, admin, one):
    changes(one, *[date(2025, 1, 1) + timedelta(days=number) for number in range(70)])
    client.force_login(admin)
    first = page_of(client, one)
    assert len(first.context["events"]) == 50
    rest = client.get(first.context["earlier_url"])
    assert len(rest.context["events"]) == 21
    assert rest.context["newest_url"] == reverse("profiles:distributor-timeline", args=[one.pk])


def test_the_file_has_every_event_and_no_formula(client, admin, one):
    changes(one, *[date(2025, 1, 1)] * 260, reason="=1+1")
    client.force_login(admin)
    text = b"".join(page_of(client, one, export="csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["Date", "Kind", "What", "More", "Who"]
    assert len(rows) == 262
    assert rows[1][:4] == ["2025-01-01", "State", "active → on watch", "'=1+1 259"]
    sheet = page_of(client, one, export="xlsx")
    assert b"".join(sheet.streaming_content)[:2] == b"PK"
    assert page_of(client, one, export="pdf").status_code == 404


def test_nothing_of_what_a_person_may_not_see_is_told(admin, one):
    everything(admin, one)
    stranger = factories.user(Role.REP, factories.territory())
    assert timeline_events(stranger, [one.pk], Span(TODAY)) == []
    rep = factories.user(Role.REP, one.territory)
    told = {event.code for event in timeline_events(rep, [one.pk], Span(TODAY))}
    assert not told & {"contract", "merge"}
    assert {"order", "contact", "tag"} <= told


def test_it_takes_as_many_queries_for_many_events_as_for_few(client, admin, one):
    client.force_login(admin)
    everything(admin, one)
    page_of(client, one)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page_of(client, one)
        return len(queries)

    before = asked()
    changes(one, *[date(2025, 1, 1)] * 40)
    for _number in range(5):
        factories.contact(one)
    assert asked() == before


def test_an_empty_timeline_says_so(client, admin, one):
    one.assignments.all().delete()
    client.force_login(admin)
    text = page_of(client, one).content.decode()
    assert "Nothing happened yet" in text
    assert "Nothing like this happened" in page_of(client, one, q="x").content.decode()


def test_rest_gives_the_timeline_in_pages_within_the_scopes_of_the_token(admin, one):
    facts(admin, one)
    changes(one, *[date(2025, 1, 1)] * 3)
    url = "/api/v1/distributors/D1/timeline/"
    every = TokenClient(factories.api_token()[1])
    first = every.get(url, {"page_size": 8}).json()
    rest = every.get(first["next"]).json()
    assert len(first["results"]) == 8
    kinds = {row["kind"] for row in first["results"] + rest["results"]}
    assert {"order", "invoice", "state"} <= kinds
    narrow = TokenClient(factories.api_token("distributors:read")[1])
    assert {row["kind"] for row in narrow.get(url).json()["results"]} == {"state", "assignment"}
    asked = every.get(url, {"kind": "invoice", "from": "2026-01-01", "until": "2026-03-01"}).json()
    assert [row["title"] for row in asked["results"]] == ["1 invoice, 50 CNY with tax"]
    far = {"before": "2026-02-01~999999"}
    for wrong in ({"kind": "x"}, {"from": "x"}, {"before": "x"}, far, {"page_size": 0}, {"since": "2026-01-01"}):
        assert list(error_of(every.get(url, wrong))["fields"]) == list(wrong)
    assert every.get("/api/v1/distributors/NONE/timeline/").status_code == 404
    far = TokenClient(factories.api_token(user=factories.user(Role.API_CLIENT, factories.territory()))[1])
    assert far.get(url).status_code == 404


def test_a_target_is_told_once_for_each_time_it_was_set(admin, one):
    facts(admin, one)
    row = {"distributor": "D1", "day": "2026-04-01", "value": str(Decimal(950)), "reason": "agreed anew"}
    facts_upsert(actor=admin, kind=kind_of("targets"), source_code="erp", rows=[row])
    events = timeline_events(admin, [one.pk], Span(TODAY, kinds=frozenset({"target"})))
    assert {event.text for event in events} == {"agreed", "agreed anew"}
