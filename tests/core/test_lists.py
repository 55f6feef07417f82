"""What every list has: exports in both forms, columns of one's choice, counts that are honest."""

import csv
import io
import tracemalloc
import zipfile
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core import downloads, exports, jobs, sections
from core.database import Tally, tallied
from core.exports import XLSX_ROWS, csv_lines, safe_cell
from core.files import blob_path
from core.listing import Listing
from core.models import Blob, Job
from core.scope import permission_name
from core.sections import Section
from distributors.profiles.models import Distributor
from distributors.profiles.tables import DistributorTable
from tests import factories

pytestmark = pytest.mark.django_db

LIST = reverse("profiles:distributor-list")
EXPORT = reverse("core:list-export", args=["profiles.distributor"])
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def manager(client, town):
    person = factories.user(Role.MANAGER, town)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


def csv_rows(client, query=""):
    response = client.get(f"{LIST}?export=csv{query}")
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def sheet_of(content):
    """Return the cells of the first sheet as rows of (type, text)."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314  our own file
    assert tree.find(f".//{SHEET}f") is None, "a formula"
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{SHEET}c")]
        for row in tree.iter(f"{SHEET}row")
    ]


def xlsx_rows(client, query=""):
    return sheet_of(b"".join(client.get(f"{LIST}?export=xlsx{query}").streaming_content))


def columns_of(client, query=""):
    return [column["name"] for column in client.get(f"{LIST}{query}").context["table"]["columns"]]


# Exports


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", "－1"])
def test_what_would_start_a_formula_is_text(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12.5", "+3", "a=1", "", "1e3"])
def test_numbers_and_plain_words_stay_as_they_are(text):
    assert safe_cell(text) == text


def test_xlsx_holds_the_same_rows_as_csv_with_numbers_as_numbers(client, manager, town):
    factories.distributor(town, legal_name="=1+1", standing={"net_sales_12m": Decimal("1234.5")})
    factories.distributor(town, legal_name="Second", standing={"net_sales_12m": Decimal(9)})
    factories.distributor(factories.territory("Elsewhere"), legal_name="Hidden")
    query = "&sort=name&columns=net_sales"
    assert csv_rows(client, query) == [
        ["Distributor", "Net sales 12 m (CNY)"],
        ["'=1+1", "1234.5000"],
        ["Second", "9.0000"],
    ]
    head, first, second = xlsx_rows(client, query)
    assert [text for _type, text in head] == ["Distributor", "Net sales 12 m (CNY)"]
    assert first == [("inlineStr", "'=1+1"), ("n", "1234.5000")]
    assert second == [("inlineStr", "Second"), ("n", "9.0000")]


def test_an_export_of_chosen_rows_keeps_to_the_scope(client, manager, town):
    mine, other = factories.distributor(town, legal_name="Mine"), factories.distributor(town, legal_name="Other")
    hidden = factories.distributor(factories.territory("Elsewhere"), legal_name="Hidden")
    found = csv_rows(client, f"&columns=name&pk={mine.pk}&pk={hidden.pk}&pk=x&pk={10**20}")
    assert found == [["Distributor"], ["Mine"]]
    assert other.legal_name not in str(found)


def test_a_file_costs_as_many_queries_for_many_rows_as_for_few(town):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            "".join(csv_lines(DistributorTable(Distributor.objects.all())))
        return len(caught)

    factories.distributor(town)
    queries()
    few = queries()
    for _number in range(40):
        factories.distributor(town)
    assert queries() == few


def test_more_rows_do_not_need_more_memory(town, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 50)
    monkeypatch.setattr(exports, "AT_ONCE", 50)
    first = factories.distributor(town)
    rows = [
        Distributor(code=f"M{number}", legal_name="x" * 150, type=first.type, territory=town, territory_path=town.path)
        for number in range(3000)
    ]
    Distributor.objects.bulk_create(rows)
    standing = type(first.standing)
    standing.objects.bulk_create(standing(distributor=row) for row in rows)
    del rows
    tracemalloc.start()
    written = sum(len(line) for line in csv_lines(DistributorTable(Distributor.objects.all())))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert written > 500_000
    assert peak < written / 2


def test_a_long_xlsx_is_written_by_a_job_and_fetched_by_its_owner_alone(client, manager, town, monkeypatch):
    monkeypatch.setattr(sections, "XLSX_AT_ONCE", 1)
    for name in ("One", "Two"):
        factories.distributor(town, legal_name=name)
    page = client.get(f"{LIST}?export=xlsx&sort=name&columns=name,code")
    assert page.context["count"] == 2
    answer = client.post(EXPORT, {"query": page.context["query"]})
    job = Job.objects.get(kind=downloads.KIND)
    assert answer["Location"] == job.get_absolute_url()
    jobs.job_run(job.pk)
    link = reverse("core:job-file", args=[job.pk])
    assert link in client.get(job.get_absolute_url()).content.decode()
    rows = sheet_of(b"".join(client.get(link).streaming_content))
    assert [row[0][1] for row in rows] == ["Distributor", "One", "Two"]
    client.force_login(factories.user(Role.MANAGER, town), backend="accounts.backends.EmailBackend")
    assert client.get(link).status_code == 404


def test_the_job_asks_again_what_its_owner_may_see(client, manager, town):
    factories.distributor(town, legal_name="Mine")
    client.post(EXPORT, {"query": "columns=name"})
    job = Job.objects.get(kind=downloads.KIND)
    manager.territories.clear()
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert job.result["rows"] == 0
    client.post(EXPORT, {"query": "columns=name"})
    type(manager).objects.filter(pk=manager.pk).update(is_active=False)
    late = Job.objects.filter(kind=downloads.KIND).first()
    jobs.job_run(late.pk)
    late.refresh_from_db()
    assert late.state == Job.State.FAILED
    assert str(late.error) == "You may no longer see this list."


def test_more_rows_than_a_sheet_holds_are_refused(client, manager, monkeypatch):
    monkeypatch.setattr("django.db.models.query.QuerySet.count", lambda _rows: XLSX_ROWS + 1)
    answer = client.post(EXPORT, {"query": ""}, headers={"Referer": f"http://testserver{LIST}"})
    assert answer["Location"].endswith(LIST)
    assert client.get(f"{LIST}?export=xlsx&state=active")["Location"] == f"{LIST}?state=active"
    monkeypatch.undo()
    assert not Job.objects.exists()
    assert "do not fit an XLSX sheet, which holds 1,048,575" in client.get(LIST).content.decode()


def test_an_export_of_what_cannot_be_read_makes_no_job(client, manager):
    client.post(EXPORT, {"query": "tier=x"})
    assert not Job.objects.exists()
    assert client.post(reverse("core:list-export", args=["core.nothing"])).status_code == 404


def test_files_go_after_a_week(client, manager, town):
    client.post(EXPORT, {"query": ""})
    job = Job.objects.get(kind=downloads.KIND)
    jobs.job_run(job.pk)
    job.refresh_from_db()
    path = blob_path(Blob.objects.get(pk=job.result["blob"]))
    assert downloads.exports_remove() == 0
    assert path.exists()
    Job.objects.filter(pk=job.pk).update(finished_at=job.finished_at - timedelta(days=8))
    assert downloads.exports_remove() == 1
    assert not path.exists()
    assert client.get(reverse("core:job-file", args=[job.pk])).status_code == 404
    assert "No longer kept" in client.get(job.get_absolute_url()).content.decode()


# Columns


def test_columns_come_as_chosen_and_the_export_follows(client, manager, town):
    factories.distributor(town)
    usual = columns_of(client)
    assert "phone" not in usual
    assert columns_of(client, "?columns=abc,phone") == ["name", "abc", "phone"]
    assert columns_of(client, "?columns=code&columns=name") == ["code", "name"]
    assert csv_rows(client, "&columns=abc,phone")[0] == ["Distributor", "Class", "Phone"]


def test_a_column_that_is_gone_is_named(client, manager):
    response = client.get(f"{LIST}?columns=code,weight&colour=red")
    assert response.status_code == 200
    assert response.context["unknown"] == ["colour", "weight"]
    assert "This list has none of “colour, weight” any more" in response.content.decode()
    assert [column["name"] for column in response.context["table"]["columns"]] == ["name", "code"]


def test_sorting_and_paging_keep_the_columns(client, manager, town):
    for _number in range(51):
        factories.distributor(town)
    context = client.get(f"{LIST}?columns=code&columns=abc").context
    assert all("columns=code%2Cabc" in column["sort_url"] for column in context["table"]["columns"])
    assert "columns=code&columns=abc&page=2" in context["page_urls"]["next"]


@pytest.mark.parametrize("section", Section.all, ids=lambda section: section.__name__)
def test_every_list_exports_every_column_it_has(client, section):
    people = (factories.user(role) for role in (Role.ADMIN, Role.FINANCE))
    reader = next(one for one in people if one.has_perm(permission_name(section.model, "view")))
    client.force_login(reader, backend="accounts.backends.EmailBackend")
    names = ",".join(column.name for column in Listing(section, reader, QueryDict()).table.get_columns())
    for kind in ("csv", "xlsx"):
        response = client.get(f"{section.url('list')}?export={kind}&columns={names}")
        assert b"".join(response.streaming_content)


# Counts


def test_a_count_that_is_estimated_says_about_and_is_exact_on_demand(client, manager, town, monkeypatch):
    factories.distributor(town)

    def few(rows, sums, *, exact=False):
        return tallied(rows, sums, exact=True) if exact else Tally(12_000, True, {})

    monkeypatch.setattr("core.listing.tallied", few)
    page = client.get(f"{LIST}?state=active")
    assert "about 12,000 rows" in page.content.decode()
    url = page.context["exact_url"]
    assert url == "?state=active&count=exact"
    exact = client.get(LIST + url, headers={"HX-Request": "true"}).content.decode()
    assert "1 row" in exact
    assert "about" not in exact
