"""Who pulls what changed since a batch has what the server has: also what an undo took away."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from core.errors import DomainError
from distributors.ledger.facts import FACTS, fact_of
from distributors.ledger.models import Batch
from distributors.ledger.services import sale_lines_upsert
from distributors.ledger.undoing import batch_undo
from tests import factories
from tests.api.conftest import error_of
from tests.api.test_facts import ROWS, bulk, sent
from tests.ledger.records import company

pytestmark = pytest.mark.django_db
LINES = "/api/v1/sale-lines/"
CODES = ("D1", "D2", "FAR")


def send(actor, *lines):
    """Bring in lines, each (number, card, kind, amount)."""
    rows = [
        {
            "external_id": f"L{number}",
            "distributor": CODES[card],
            "product": "P1",
            "day": "2025-01-10",
            "kind": kind,
            "quantity": "1",
            "amount": str(amount),
            "currency": "CNY",
        }
        for number, card, kind, amount in lines
    ]
    sale_lines_upsert(actor=actor, source_code="erp", rows=rows)


def undo(actor, number):
    batch_undo(actor=actor, batch=Batch.objects.get(pk=number), reason="wrong")


class Copy:
    """A client that keeps a copy of the lines and pulls what changed, `size` rows a page."""

    def __init__(self, client, size=2, **filters):
        self.client, self.filters = client, {"page_size": size, **filters}
        self.rows, self.batch, self.following = {}, 0, None

    def page(self):
        """Read the next page of a pull, or the first; return whether there are more."""
        params = {} if self.following else {**self.filters, "changed_since_batch": self.batch}
        response = self.client.get(self.following or LINES, params)
        assert response.status_code == 200, response.content
        body = response.json()
        for row in body["results"]:
            key = (row["source"], row["external_id"])
            if row["removed"]:
                self.rows.pop(key, None)
            else:
                self.rows[key] = row
        self.following = body["next"]
        assert body["through_batch"] >= self.batch
        self.batch = body["through_batch"]
        return self.following is not None

    def pull(self):
        """Read to the last page."""
        while self.page():
            pass

    def give_up(self):
        """Forget where the pull was, as a client that was stopped: only the batch is kept."""
        self.following = None

    def truth(self):
        """Return what the server has in force now."""
        params = {**self.filters, "page_size": 500}
        found = {(row["source"], row["external_id"]): row for row in self.client.rows(LINES, **params)}
        return {key: {**row, "through": None} for key, row in found.items()}

    def same(self):
        """Tell whether the copy is what the server has."""
        return {key: {**row, "through": None} for key, row in self.rows.items()} == self.truth()


@pytest.fixture
def people(token_client):
    company()
    near, far = factories.territory(), factories.territory()
    for code in CODES:
        factories.distributor(far if code == "FAR" else near, code=code)
    factories.product("P1")
    return {
        "admin": factories.user(),
        "all": token_client(),
        "near": token_client(user=factories.user(Role.API_CLIENT, near)),
    }


LINE = st.tuples(st.integers(0, 4), st.integers(0, 2), st.sampled_from(["sell_in", "sell_through"]), st.integers(1, 9))
SEND = st.tuples(st.just("send"), st.lists(LINE, min_size=1, max_size=4, unique_by=lambda one: one[0]))
UNDO = st.tuples(st.just("undo"), st.integers(1, 9))
READ = st.tuples(st.sampled_from(["page", "page", "pull", "give up"]), st.integers(0, 2))
STEPS = st.lists(st.one_of(SEND, UNDO, UNDO, READ, READ), min_size=3, max_size=16)
FIRST, OTHER = (0, 0, "sell_in", 5), (0, 2, "sell_in", 6)


TAKEN_TWICE = [
    ("send", [(0, 0, "sell_in", 5), (1, 0, "sell_in", 5)]),
    ("pull", 0),
    ("send", [(3, 0, "sell_in", 2), (1, 0, "sell_in", 2), (0, 1, "sell_in", 2)]),
    ("undo", 1),
    ("send", [(0, 2, "sell_in", 3)]),
    ("send", [(0, 1, "sell_in", 1)]),
    ("send", [(2, 2, "sell_in", 3), (0, 0, "sell_in", 5), (4, 1, "sell_in", 2), (1, 1, "sell_through", 9)]),
    ("send", [(4, 0, "sell_in", 4), (2, 2, "sell_in", 6)]),
    ("undo", 3),
    ("page", 0),
    ("page", 0),
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([("send", [FIRST]), ("pull", 1), ("undo", 1), ("send", [OTHER])])
@example([("send", [FIRST]), ("pull", 2), ("send", [(0, 0, "sell_through", 5)])])
@example([("send", [FIRST, (1, 0, "sell_in", 1), (2, 0, "sell_in", 1)]), ("page", 0), ("undo", 1), ("undo", 2)])
@example(TAKEN_TWICE)
@given(STEPS)
def test_after_whatever_was_sent_corrected_and_undone_the_copy_is_what_the_server_has(people, steps):
    with transaction.atomic():
        copies = [Copy(people["all"]), Copy(people["near"], 1), Copy(people["all"], 2, kind="sell_in")]
        for step, what in steps:
            try:
                with transaction.atomic():
                    if step == "send":
                        send(people["admin"], *what)
                    elif step == "undo" and Batch.objects.filter(pk=what).exists():
                        undo(people["admin"], what)
            except DomainError:
                pass
            if step == "page":
                copies[what].page()
            elif step == "pull":
                copies[what].pull()
            elif step == "give up":
                copies[what].give_up()
        for copy in copies:
            copy.pull()
            copy.pull()
            assert copy.same()
            copy.give_up()
            assert not copy.page()
        transaction.set_rollback(True)


def test_a_line_that_an_undo_took_away_is_told_as_it_was_last(people):
    send(people["admin"], (1, 0, "sell_in", 5), (2, 0, "sell_in", 7))
    send(people["admin"], (1, 0, "sell_in", 6), (3, 1, "sell_in", 8))
    undo(people["admin"], 2)
    body = people["all"].get(LINES, {"changed_since_batch": 2}).json()
    told = [
        (row["external_id"], row["batch"], row["revision"], row["removed"], row["amount"]) for row in body["results"]
    ]
    assert told == [("L3", 3, 1, True, "8.0000"), ("L1", 3, 3, False, "5.0000")]
    assert body["through_batch"] == 3
    assert people["near"].rows(LINES, changed_since_batch=3) == []


def test_who_has_nothing_yet_hears_only_of_what_goes_meanwhile(people):
    send(people["admin"], (1, 0, "sell_in", 5))
    undo(people["admin"], 1)
    send(people["admin"], (2, 0, "sell_in", 5), (3, 0, "sell_in", 5))
    first = people["all"].get(LINES, {"changed_since_batch": 0, "page_size": 1}).json()
    assert [row["external_id"] for row in first["results"]] == ["L2"]
    assert first["through_batch"] == 2
    undo(people["admin"], 3)
    rest = people["all"].get(first["next"]).json()
    assert [(row["external_id"], row["removed"]) for row in rest["results"]] == [("L2", True)]
    last = people["all"].get(rest["next"]).json()
    assert [(row["external_id"], row["removed"]) for row in last["results"]] == [("L3", True)]
    assert (last["next"], last["through_batch"]) == (None, 4)


def test_a_line_out_of_reach_is_not_told_of_when_it_goes(people):
    send(people["admin"], (1, 2, "sell_in", 5), (2, 0, "sell_in", 5))
    undo(people["admin"], 1)
    assert [row["external_id"] for row in people["near"].rows(LINES, changed_since_batch=1)] == ["L2"]


def test_what_a_correction_takes_out_of_a_filter_goes(people):
    send(people["admin"], (1, 0, "sell_in", 5), (2, 0, "sell_in", 5))
    send(people["admin"], (1, 0, "sell_through", 5), (2, 0, "sell_in", 6))
    found = people["all"].rows(LINES, changed_since_batch=1, kind="sell_in")
    assert [(row["external_id"], row["removed"], row["revision"]) for row in found] == [
        ("L1", True, 1),
        ("L2", False, 2),
    ]
    assert [row["removed"] for row in people["all"].rows(LINES, changed_since_batch=1, distributor="D1")] == [False] * 2


def test_a_pull_of_chosen_fields_still_tells_what_went(people):
    send(people["admin"], (1, 0, "sell_in", 5))
    undo(people["admin"], 1)
    assert people["all"].rows(LINES, changed_since_batch=1, fields="external_id") == [
        {"external_id": "L1", "removed": True}
    ]


def test_without_an_undo_nobody_looks_for_what_went(people, django_assert_max_num_queries):
    send(people["admin"], (1, 0, "sell_in", 5), (2, 0, "sell_in", 5))
    send(people["admin"], (1, 0, "sell_in", 6))
    with django_assert_max_num_queries(7):
        assert len(people["all"].rows(LINES, changed_since_batch=1)) == 1


def test_a_cursor_of_another_list_is_refused_by_a_pull(people):
    send(people["admin"], (1, 0, "sell_in", 5), (2, 0, "sell_in", 5))
    pull = people["all"].get(LINES, {"changed_since_batch": 0, "page_size": 1}).json()["next"]
    plain = people["all"].get(LINES, {"page_size": 1}).json()["next"]
    for params, other in (({"changed_since_batch": 0}, plain), ({}, pull), ({"date_from": "2025-01-01"}, pull)):
        cursor = other.split("cursor=")[1].split("&")[0]
        response = people["all"].get(LINES, {**params, "cursor": cursor})
        assert (response.status_code, list(error_of(response)["fields"])) == (400, ["cursor"])


@pytest.mark.parametrize("resource", ROWS)
def test_rows_of_every_kind_that_an_undo_took_away_are_told(people, resource):
    client = people["all"]
    made = client.send(bulk(resource), sent(resource)).json()["batch"]
    (row,) = client.rows(f"/api/v1/{resource}/", changed_since_batch=0)
    undo(people["admin"], made)
    (gone,) = client.rows(f"/api/v1/{resource}/", changed_since_batch=made)
    assert gone == {**row, "batch": made + 1, "removed": True}
    assert client.rows(f"/api/v1/{resource}/", changed_since_batch=made + 1) == []
    assert {fact.kind for fact in FACTS} == {*ROWS, "sales"}
    assert fact_of(resource).model.objects.count() == 1
