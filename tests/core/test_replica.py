"""Reports read from a copy of the database where the installation has one; nothing else does."""

import csv
import io

import pytest
from django.db import connection, connections, router, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from core.listing import Listing
from core.replica import REPORTS, report_rows
from distributors.profiles.models import Distributor, Standing
from distributors.profiles.sections import DistributorSection
from tests import factories
from tests.api.conftest import TokenClient

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", REPORTS])


@pytest.fixture(scope="module", autouse=True)
def _second_name(django_db_setup):
    """Give the same database a second name, as a copy without lag."""
    same = connection.settings_dict
    connections.databases[REPORTS] = {**same, "TEST": {**same["TEST"], "MIRROR": "default"}}
    yield
    connections[REPORTS].close()
    del connections[REPORTS]
    del connections.databases[REPORTS]


@pytest.fixture
def copy():
    return connections[REPORTS]


def asked(alias, work):
    with CaptureQueriesContext(connections[alias]) as captured:
        work()
    return [one["sql"] for one in captured if 'FROM "profiles_distributor"' in one["sql"]]


def both(work):
    """Return how often distributors were read from the database and from its copy."""
    there: list[str] = []
    here = asked("default", lambda: there.extend(asked(REPORTS, work)))
    return len(here), len(there)


def test_without_a_copy_everything_is_read_where_it_is_written(monkeypatch):
    monkeypatch.setattr("core.replica.connections", ["default"])
    assert report_rows(Distributor.objects.all()).db == "default"


def test_lists_and_files_over_rest_are_read_from_the_copy(copy):
    factories.distributor(code="D1")
    client = TokenClient(factories.api_token()[1])
    answers = []
    for query in ({}, {"format": "csv"}, {"format": "xlsx"}):

        def read(query=query):
            answer = client.get("/api/v1/distributors/", query)
            answers.append(b"".join(answer.streaming_content) if answer.streaming else answer.content)

        here, there = both(read)
        assert (here, bool(there)) == (0, True), query
    assert all(answers)
    assert b"D1" in answers[1]
    assert both(lambda: client.get("/api/v1/distributors/D1/"))[1] == 0


def test_what_changed_since_a_batch_and_the_feed_are_read_where_they_are_written(copy):
    client = TokenClient(factories.api_token()[1])
    factories.sale_line(factories.distributor(), factories.product())
    for address in ("sale-lines/?changed_since_batch=0", "outbound/"):
        with CaptureQueriesContext(copy) as captured:
            assert client.get(f"/api/v1/{address}").status_code == 200
        assert len(captured) == 0, address
    with CaptureQueriesContext(copy) as captured:
        assert len(client.rows("/api/v1/sale-lines/")) == 1
    assert len(captured) == 1


def test_an_export_of_a_list_is_read_from_the_copy_and_its_page_is_not(copy):
    near, far = factories.territory(), factories.territory()
    factories.distributor(near, code="MINE")
    factories.distributor(far, code="FAR")
    client = Client()
    client.force_login(factories.user(Role.MANAGER, near), backend="accounts.backends.EmailBackend")
    address = DistributorSection.url("list")
    texts = []
    here, there = both(lambda: texts.append(b"".join(client.get(address, {"export": "csv"}).streaming_content)))
    assert there == 1
    rows = list(csv.reader(io.StringIO(texts[0].decode("utf-8-sig"))))
    assert "MINE" in str(rows)
    assert "FAR" not in str(rows)
    assert both(lambda: client.get(address))[1] == 0
    assert here == 0


def test_within_a_transaction_nothing_is_read_from_the_copy(copy):
    with transaction.atomic():
        assert report_rows(Distributor.objects.all()).db == "default"
        listing = Listing(DistributorSection, factories.user(), QueryDict(""))
        assert listing.reported().queryset.db == "default"
    assert report_rows(Distributor.objects.all()).db == REPORTS


def test_what_was_read_from_the_copy_is_written_to_the_database(copy):
    made = factories.distributor()
    read = report_rows(Distributor.objects.all()).get()
    assert read._state.db == REPORTS
    assert router.db_for_write(Distributor, instance=read) == "default"
    assert router.allow_relation(made, read)
    Standing.objects.filter(distributor=read).update(abc="A")
    assert made.standing.abc == ""
    assert not router.allow_migrate(REPORTS, "profiles")
    assert router.allow_migrate("default", "profiles")
