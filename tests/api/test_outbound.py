"""The outbound feed: posted with its cause, read in order, acknowledged, and kept until it is."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.errors import DomainError
from core.models import AuditEvent
from core.needs import needs_of
from core.periods import month_of, month_shift
from distributors.ledger.books import books_close, books_reopen
from distributors.ledger.models import Batch
from distributors.ledger.services import sale_lines_upsert
from distributors.ledger.undoing import batch_undo
from distributors.profiles import outbound
from distributors.profiles.assignments import assignment_start, assignments_apply
from distributors.profiles.bulk import move_apply, reassign_apply
from distributors.profiles.merging import distributor_merge, distributor_unmerge
from distributors.profiles.models import Distributor, OutboundMessage, OutboundReader, OutboundReceipt
from distributors.profiles.services import lifecycle_move
from tests import factories
from tests.api.conftest import error_of
from tests.api.test_reads import all_pages
from tests.ledger.records import company

pytestmark = pytest.mark.django_db
FEED = "/api/v1/outbound/"
SUBSCRIBE, ACKNOWLEDGE = f"{FEED}subscribe/", f"{FEED}acknowledge/"


def posted(*names):
    """Return the messages there are, in order."""
    return list(OutboundMessage.objects.order_by("pk").values_list("kind", *names))


def said(acknowledged, waiting, already=(), unknown=()):
    """Return the answer to an acknowledgement."""
    return {"acknowledged": acknowledged, "already": [*already], "unknown": [*unknown], "waiting": waiting}


def watched(one):
    return outbound.message_post(kind="distributor.watched", distributor=one)


def moved(actor, one, *names):
    for name in names:
        lifecycle_move(actor=actor, distributor=one, name=name, reason="because")


@pytest.fixture
def machine():
    return factories.user(Role.API_CLIENT, everywhere=True)


@pytest.fixture
def reader(token_client, machine):
    client = token_client(user=machine)
    assert client.send(SUBSCRIBE, {}).json() == {"begins_after": 0}
    return client


# What is posted


def test_moves_of_the_lifecycle_are_posted_with_their_states():
    one, first, second = factories.distributor(state="prospect"), factories.user(), factories.user()
    moved(first, one, "submit")
    assert posted() == []
    moved(second, one, "approve", "activate", "watch", "restore", "exit", "end", "reopen")
    assert posted("distributor", "data__before", "data__after") == [
        ("distributor.approved", one.pk, "review", "approved"),
        ("distributor.activated", one.pk, "approved", "active"),
        ("distributor.watched", one.pk, "active", "watch"),
        ("distributor.restored", one.pk, "watch", "active"),
        ("distributor.exiting", one.pk, "active", "exiting"),
        ("distributor.ended", one.pk, "exiting", "ended"),
        ("distributor.reopened", one.pk, "ended", "prospect"),
    ]


def test_an_approval_that_is_taken_back_is_posted_and_a_review_that_ends_is_not():
    one, first, second = factories.distributor(state="prospect"), factories.user(), factories.user()
    moved(first, one, "submit", "send_back", "submit")
    assert posted() == []
    moved(second, one, "approve", "send_back")
    assert [kind for (kind,) in posted()] == ["distributor.approved", "distributor.approval_withdrawn"]


def test_a_move_that_is_refused_posts_nothing():
    one = factories.distributor(state="prospect")
    with pytest.raises(DomainError):
        moved(factories.user(), one, "watch")
    with pytest.raises(DomainError):
        lifecycle_move(actor=factories.user(), distributor=one, name="submit", reason=" ")
    assert posted() == []


def test_a_message_goes_with_its_cause_where_that_is_undone():
    one = factories.distributor(state="active")
    with transaction.atomic():
        moved(factories.user(), one, "watch")
        assert len(posted()) == 1
        transaction.set_rollback(True)
    assert posted() == []


def test_many_moves_at_once_are_posted_in_few_statements():
    made = [factories.distributor(state="active") for _each in range(5)]
    actor, rows = factories.user(), Distributor.objects.all()
    with CaptureQueriesContext(connection) as captured:
        assert move_apply(actor=actor, rows=rows, move="watch", reason="all").count == 5
    assert posted("distributor") == [("distributor.watched", one.pk) for one in made]
    assert len([one for one in captured if 'INSERT INTO "profiles_outboundmessage"' in one["sql"]]) == 1


def test_another_territory_or_owner_is_posted_on_the_day_it_holds():
    here, there, owner = factories.territory(), factories.territory(), factories.user(Role.REP)
    made = [factories.distributor(here) for _each in range(2)]
    actor, month = factories.user(), month_of(clock.today())
    rows = Distributor.objects.all()
    assert reassign_apply(actor=actor, rows=rows, starts_on=month, territory=there, owner=owner, reason="").count == 2
    assert posted("distributor", "data__territory", "data__owner") == [
        ("distributor.assigned", one.pk, there.code, owner.email) for one in made
    ]
    later = month_shift(month, 1)
    assignment_start(actor=actor, distributors=rows[:1], starts_on=later, territory=here, owner=None)
    assert len(posted()) == 2
    assignments_apply(as_of=later)
    assert posted("data__territory", "data__owner")[2:] == [("distributor.assigned", here.code, None)]
    assignments_apply(as_of=later)
    assert len(posted()) == 3


def test_a_merge_and_its_undo_name_both_cards():
    actor, source, survivor = factories.user(), factories.distributor(), factories.distributor()
    distributor_merge(actor=actor, source=source, survivor=survivor, reason="one")
    distributor_unmerge(actor=actor, source=source, reason="two")
    assert posted("distributor", "other", "data__state") == [
        ("distributor.merged", source.pk, survivor.pk, None),
        ("distributor.unmerged", source.pk, survivor.pk, "active"),
    ]


def test_months_closed_and_opened_and_a_batch_undone_are_about_the_company():
    company()
    finance, admin, near = factories.user(Role.FINANCE), factories.user(), factories.distributor(code="D1")
    product, month = factories.product("P1"), month_shift(month_of(clock.today()), -2)
    books_close(actor=finance, month=month)
    books_reopen(actor=finance, month=month, reason="again")
    line = {"external_id": "1", "distributor": near.code, "product": product.sku, "day": clock.today().isoformat()}
    sale_lines_upsert(actor=admin, source_code="erp", rows=[line | {"quantity": 1, "amount": 1, "currency": "CNY"}])
    batch_undo(actor=admin, batch=Batch.objects.get(), reason="wrong")
    assert posted("distributor", "data") == [
        ("books.closed", None, {"first_open": month_shift(month, 1).isoformat()}),
        ("books.reopened", None, {"first_open": month.isoformat()}),
        ("batch.undone", None, {"batch": 1, "kind": "sales", "by": 2}),
    ]


def test_a_kind_that_nobody_declared_is_not_posted():
    with pytest.raises(ValueError, match="sung"):
        outbound.message_post(kind="distributor.sung", distributor=factories.distributor())
    assert posted() == []


# Reading and acknowledging


def test_a_client_reads_what_waits_in_order_and_acknowledges_it_once(reader):
    made = [factories.distributor(), factories.distributor()]
    for one in (*made, made[0]):
        watched(one)
    rows = reader.rows(FEED)
    assert [(row["id"], row["distributor"]) for row in rows] == [
        (1, made[0].code),
        (2, made[1].code),
        (3, made[0].code),
    ]
    assert reader.rows(FEED) == rows
    assert reader.send(ACKNOWLEDGE, {"ids": [2]}).json() == said(1, 2)
    assert [row["id"] for row in reader.rows(FEED)] == [1, 3]
    assert reader.send(ACKNOWLEDGE, {"ids": [2, 1]}).json() == said(1, 1, already=[2])
    for acknowledged in (1, 0):
        assert reader.send(ACKNOWLEDGE, {"up_to": 3}).json() == said(acknowledged, 0)
    assert reader.rows(FEED) == []
    assert reader.get(f"{FEED}2/").json() == rows[1]
    assert OutboundReceipt.objects.count() == 3


def test_each_client_acknowledges_for_itself(reader, token_client):
    other = token_client()
    other.send(SUBSCRIBE, {"begin": "first"})
    watched(factories.distributor())
    reader.rows(FEED)
    reader.send(ACKNOWLEDGE, {"up_to": 1})
    assert [row["id"] for row in other.rows(FEED)] == [1]


def test_a_new_client_begins_now_or_with_what_is_kept(token_client):
    watched(factories.distributor())
    now, first = token_client(), token_client()
    assert now.send(SUBSCRIBE, {}).json() == {"begins_after": 1}
    assert first.send(SUBSCRIBE, {"begin": "first"}).json() == {"begins_after": 0}
    watched(factories.distributor())
    assert [row["id"] for row in now.rows(FEED)] == [2]
    assert [row["id"] for row in first.rows(FEED)] == [1, 2]
    assert now.send(SUBSCRIBE, {"begin": "first"}).json() == {"begins_after": 1}
    assert AuditEvent.objects.filter(verb="outbound.begun").count() == 2


def test_pages_of_the_feed_go_on_where_they_ended_whatever_is_acknowledged_meanwhile(reader):
    for _each in range(5):
        watched(factories.distributor())
    first = reader.get(FEED, {"page_size": 2}).json()
    reader.send(ACKNOWLEDGE, {"up_to": 2})
    watched(factories.distributor())
    assert [row["id"] for row in all_pages(reader, first["next"])] == [3, 4, 5, 6]
    assert [row["id"] for row in reader.rows(FEED, after=4, fields="id")] == [5, 6]


@pytest.mark.parametrize("cursor", ["", "MQ", "ZmVlZCA", "ZmVlZCB4", "é", "ZmVlZCA5OTk5OTk5OTk5OTk5OTk5OTk5OQ"])
def test_a_cursor_that_the_feed_did_not_give_is_refused(reader, cursor):
    response = reader.get(FEED, {"cursor": cursor})
    assert (response.status_code, list(error_of(response)["fields"])) == (400, ["cursor"])


def test_what_is_committed_later_comes_later_whichever_was_posted_first(reader):
    late, early = watched(factories.distributor()), watched(factories.distributor())
    OutboundMessage.objects.filter(pk=late.pk).delete()
    assert [row["id"] for row in reader.rows(FEED)] == [1]
    OutboundMessage.objects.bulk_create([late])
    rows = reader.rows(FEED)
    assert [(row["id"], row["distributor"]) for row in rows] == [
        (1, early.distributor.code),
        (2, late.distributor.code),
    ]


def test_messages_of_another_territory_do_not_exist_and_are_not_acknowledged(token_client):
    near, far = factories.territory(), factories.territory()
    mine, hidden = factories.distributor(near), factories.distributor(far)
    client = token_client(user=factories.user(Role.API_CLIENT, near))
    client.send(SUBSCRIBE, {})
    outbound.message_post(kind="distributor.watched", distributor=hidden)
    outbound.message_post(kind="distributor.merged", distributor=mine, other=hidden)
    outbound.message_post(kind="books.closed")
    rows = client.rows(FEED)
    assert [(row["id"], row["distributor"], row["other"]) for row in rows] == [(2, mine.code, None), (3, None, None)]
    assert client.get(f"{FEED}1/").status_code == 404
    assert client.send(ACKNOWLEDGE, {"ids": [1]}).json() == said(0, 2, unknown=[1])
    assert client.send(ACKNOWLEDGE, {"up_to": 3}).json() == said(2, 0)
    assert set(OutboundReceipt.objects.values_list("message__number", flat=True)) == {2, 3}


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": [1], "up_to": 1}, {"up_to": -1}, {"id": 1}, {"ids": ["x"]}, []]
)
def test_an_acknowledgement_that_cannot_be_read_is_refused(reader, body):
    watched(factories.distributor())
    reader.rows(FEED)
    response = reader.send(ACKNOWLEDGE, body)
    assert response.status_code == 400
    error_of(response)
    assert not OutboundReceipt.objects.exists()


@pytest.mark.parametrize("body", [{"ids": [1, 2]}, {"up_to": 2}])
def test_a_number_that_was_never_given_is_refused_whole(reader, body):
    watched(factories.distributor())
    reader.rows(FEED)
    response = reader.send(ACKNOWLEDGE, body)
    assert (response.status_code, error_of(response)["code"]) == (409, "refused")
    assert not OutboundReceipt.objects.exists()


def test_who_is_not_subscribed_is_told_so_is_given_nothing_and_acknowledges_nothing(token_client):
    client = token_client()
    watched(factories.distributor())
    assert client.get(FEED).json() == {"subscribed": False, "next": None, "results": []}
    assert client.get(f"{FEED}1/").json()["id"] == 1
    answer = client.send(ACKNOWLEDGE, {"up_to": 1})
    assert (answer.status_code, error_of(answer)["code"]) == (409, "refused")
    assert not OutboundReceipt.objects.exists()
    client.send(SUBSCRIBE, {"begin": "first"})
    assert client.get(FEED).json()["subscribed"] is True
    assert [row["id"] for row in client.rows(FEED)] == [1]


def test_what_happened_before_the_subscription_is_not_in_the_feed_and_cannot_be_acknowledged(token_client):
    watched(factories.distributor())
    client = token_client()
    client.send(SUBSCRIBE, {})
    watched(factories.distributor())
    assert [row["id"] for row in client.rows(FEED)] == [2]
    assert client.send(ACKNOWLEDGE, {"ids": [1, 2]}).json() == said(1, 0, unknown=[1])
    assert list(OutboundReceipt.objects.values_list("message__number", flat=True)) == [2]


def test_an_administrator_sees_what_is_kept_without_being_a_client(client):
    watched(factories.distributor())
    client.force_login(factories.user())
    found = client.get(FEED).json()
    assert (found["subscribed"], [row["id"] for row in found["results"]]) == (False, [1])


def test_reading_and_acknowledging_are_two_scopes(token_client, machine):
    reads, writes = token_client("outbound:read", user=machine), token_client("outbound:acknowledge", user=machine)
    assert reads.send(SUBSCRIBE, {}).status_code == 403
    assert writes.send(SUBSCRIBE, {}).status_code == 200
    assert writes.get(FEED).status_code == 403
    assert reads.get(FEED).status_code == 200
    watched(factories.distributor())
    reads.rows(FEED)
    assert reads.send(ACKNOWLEDGE, {"up_to": 1}).status_code == 403
    assert writes.send(ACKNOWLEDGE, {"up_to": 1}).json() == said(1, 0)


@pytest.mark.parametrize(("address", "body"), [(SUBSCRIBE, {"begin": "first"}), (ACKNOWLEDGE, {"up_to": 1})])
def test_with_a_key_the_same_request_gets_the_same_answer(reader, address, body):
    watched(factories.distributor())
    reader.rows(FEED)
    first, again = (reader.send(address, body, **{"Idempotency-Key": "k"}) for _each in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert reader.send(address, {"up_to": 0}, **{"Idempotency-Key": "k"}).status_code in {400, 409}


def test_the_feed_costs_the_same_for_few_messages_and_many(reader, django_assert_max_num_queries):
    for _each in range(60):
        watched(factories.distributor())
    reader.rows(FEED)
    with django_assert_max_num_queries(6):
        assert len(reader.rows(FEED)) == 60


# Keeping and removing


def grown_old(days):
    at = clock.instant() - timedelta(days=days)
    OutboundMessage.objects.update(created_at=at)
    OutboundReceipt.objects.update(at=at)


def test_messages_go_once_all_have_acknowledged_and_the_days_are_over(reader, token_client, settings):
    settings.OUTBOUND_KEPT_DAYS = 30
    other = token_client()
    other.send(SUBSCRIBE, {})
    for _each in range(3):
        watched(factories.distributor())
    reader.rows(FEED)
    reader.send(ACKNOWLEDGE, {"up_to": 3})
    other.send(ACKNOWLEDGE, {"ids": [1]})
    grown_old(31)
    assert outbound.messages_remove() == 1
    assert list(OutboundMessage.objects.values_list("number", flat=True)) == [2, 3]
    other.send(ACKNOWLEDGE, {"up_to": 3})
    assert outbound.messages_remove() == 0
    grown_old(31)
    assert outbound.messages_remove() == 1
    assert outbound.messages_remove() == 0
    watched(factories.distributor())
    assert [row["id"] for row in reader.rows(FEED)] == [4]
    assert reader.send(ACKNOWLEDGE, {"ids": [1, 3]}).json() == said(0, 1, already=[3], unknown=[1])


def test_nothing_is_kept_for_a_client_that_may_no_longer_sign_in_or_whose_subscription_ended(reader, machine):
    admin = factories.user()
    for _each in range(2):
        watched(factories.distributor())
    outbound.messages_number()
    grown_old(31)
    assert outbound.messages_remove() == 0
    User.objects.filter(pk=machine.pk).update(is_active=False)
    assert outbound.messages_remove() == 1
    User.objects.filter(pk=machine.pk).update(is_active=True)
    with pytest.raises(PermissionDenied):
        outbound.reader_end(actor=factories.user(Role.MANAGER), reader=OutboundReader.objects.get())
    outbound.reader_end(actor=admin, reader=OutboundReader.objects.get())
    assert not OutboundReader.objects.exists()
    assert AuditEvent.objects.filter(verb="outbound.ended", actor=admin).count() == 1


# The administrator's pages


def test_the_page_shows_what_waits_for_whom_and_since_when(reader, machine, client):
    client.force_login(factories.user())
    one = factories.distributor(short_name="Harbour", state="active")
    moved(factories.user(), one, "watch")
    page = client.get("/settings/outbound/").content.decode()
    assert machine.name in page
    assert "waits too long" not in page
    rows = client.get(f"/settings/outbound/messages/?reader={OutboundReader.objects.get().pk}").content.decode()
    assert "Harbour" in rows
    assert "put on watch" in rows
    assert "after: watch, before: active" in rows
    grown_old(2)
    assert "waits too long" in client.get("/settings/outbound/").content.decode()
    reader.send(ACKNOWLEDGE, {"up_to": 1})
    assert "waits too long" not in client.get("/settings/outbound/").content.decode()
    rows = client.get(f"/settings/outbound/messages/?reader={OutboundReader.objects.get().pk}").content.decode()
    assert "Harbour" not in rows


def test_what_waits_too_long_needs_an_administrator_until_it_is_taken(reader, machine):
    admin, manager = factories.user(), factories.user(Role.MANAGER, everywhere=True)

    def needed(person):
        return [str(one.title) for one in needs_of(person, clock.today()) if one.code == "outbound"]

    watched(factories.distributor())
    outbound.messages_number()
    assert needed(admin) == []
    grown_old(2)
    assert needed(admin) == [f"{machine.name} has not taken 1 message"]
    assert needed(manager) == []
    reader.send(ACKNOWLEDGE, {"up_to": 1})
    assert needed(admin) == []


def test_an_administrator_ends_a_subscription_after_a_question(reader, client):
    client.force_login(factories.user())
    address = f"/settings/outbound/{OutboundReader.objects.get().pk}/end/"
    assert client.get(address).status_code == 200
    assert OutboundReader.objects.exists()
    assert client.post(address).status_code == 302
    assert not OutboundReader.objects.exists()
    assert client.post(address).status_code == 404
    assert "No client is subscribed" in client.get("/settings/outbound/").content.decode()
