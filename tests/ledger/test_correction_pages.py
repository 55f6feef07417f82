"""Books, batches and undo in the browser, over REST and from the command line."""

import re
from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from core import jobs
from core.models import Job
from distributors.ledger.books import books_close, first_open
from distributors.ledger.models import Batch, SaleLine
from tests import factories
from tests.ledger.records import bring, lines, picture, small_world
from tests.ledger.test_books import line

pytestmark = pytest.mark.django_db


def signed_in(role=Role.FINANCE):
    client = Client()
    client.force_login(factories.user(role))
    return client


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def _in_april(settings):
    settings.TODAY = "2025-04-15"


@pytest.mark.usefixtures("_in_april")
def test_finance_closes_months_and_opens_the_last_one_again():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    client = signed_in()
    page = text_of(client.get(reverse("ledger:books")))
    assert "No month is closed" in page
    form = text_of(client.get(reverse("ledger:books-close")))
    assert "The sums of closed months never change again" in form
    assert client.post(reverse("ledger:books-close"), {"month": "2025-04-01"}).status_code == 422
    assert client.post(reverse("ledger:books-close"), {"month": "2025-02-01"}).status_code == 302
    assert first_open() == date(2025, 3, 1)
    bring(lines(line("A", "2025-01-10", 90), line("B", "2025-01-10", 1)))
    page = text_of(client.get(reverse("ledger:books")))
    assert "Closed before March 2025" in page
    assert "Open February 2025 again" in page
    row = re.search(r"<td>March 2025</td>(.*?)</tr>", page)[1]
    assert re.findall(r">([^<> ]+)<", row) == ["open", "1", "2", "1"]
    assert client.post(reverse("ledger:books-reopen"), {"reason": ""}).status_code == 422
    assert client.post(reverse("ledger:books-reopen"), {"reason": "forgotten"}).status_code == 302
    assert first_open() == date(2025, 2, 1)


@pytest.mark.usefixtures("_in_april")
def test_an_administrator_reads_the_books_and_has_no_buttons():
    books_close(actor=factories.user(Role.FINANCE), month=date(2025, 1, 1))
    page = text_of(signed_in(Role.ADMIN).get(reverse("ledger:books")))
    assert "Closed before February 2025" in page
    assert reverse("ledger:books-close") not in page
    assert reverse("ledger:books-reopen") not in page


def test_the_page_of_an_import_says_what_came_late_and_leads_to_the_undo():
    small_world()
    books_close(actor=factories.user(Role.FINANCE), month=date(2025, 2, 1))
    made = bring(lines(line("A", "2025-01-10", 100), line("B", "2025-01-12", 100), line("C", "2025-03-01", 1)))
    page = text_of(signed_in().get(made.get_absolute_url()))
    assert "2 rows of closed months count in March 2025" in page
    assert reverse("ledger:batch-undo", args=[1]) in page
    master = bring("code,name\nT9,Nine\n", "territories")
    page = text_of(signed_in(Role.ADMIN).get(master.get_absolute_url()))
    assert "This import cannot be undone" in page


def test_an_undo_shows_what_it_does_and_is_done_by_a_worker():
    small_world()
    bring(lines(line("A", "2025-01-10", 100), line("B", "2025-02-12", 100)))
    bring(lines(line("A", "2025-01-10", 101), line("C", "2025-01-12", 100)))
    client, url = signed_in(), reverse("ledger:batch-undo", args=[2])
    page = text_of(client.get(url))
    assert "<dt>Rows that go</dt> <dd>2</dd>" in page
    assert "<dt>Earlier values that come back</dt> <dd>1</dd>" in page
    before = picture()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert {**picture(), "User": before["User"]} == before
    answer = client.post(url, {"reason": "sent twice"})
    job = Job.objects.get(kind="ledger.undo")
    assert answer["Location"] == job.get_absolute_url()
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["batch"]) == (Job.State.DONE, 3)
    assert f'href="{reverse("ledger:batch-detail", args=[3])}"' in text_of(client.get(job.get_absolute_url()))
    page = text_of(client.get(reverse("ledger:batch-detail", args=[2])))
    assert "#2 is undone already, by #3." in page
    assert client.post(url, {"reason": "again"}).status_code == 409
    assert Batch.objects.count() == 3
    listed = text_of(client.get(reverse("ledger:batch-list")))
    assert reverse("ledger:batch-detail", args=[3]) in listed


def test_a_batch_that_later_ones_corrected_says_so_and_has_no_button():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    bring(lines(line("A", "2025-01-10", 101)))
    page = text_of(signed_in().get(reverse("ledger:batch-detail", args=[1])))
    assert "Later batches changed rows of #1: #2 (1 row)" in page
    assert reverse("ledger:batch-undo", args=[1]) not in page


def test_lines_of_closed_months_can_be_listed_alone():
    world = small_world()
    books_close(actor=factories.user(Role.FINANCE), month=date(2025, 2, 1))
    bring(lines(line("LATE", "2025-01-10", 100), line("OWN", "2025-03-01", 1)))
    url = f"{reverse('ledger:saleline-list')}?distributor={world['one'].pk}"
    client = signed_in()
    assert {"LATE", "OWN"} == {name for name in ("LATE", "OWN") if name in text_of(client.get(url))}
    late = text_of(client.get(f"{url}&late=yes"))
    assert "LATE" in late
    assert "OWN" not in late


def test_the_command_undoes_a_batch(capsys):
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    call_command("undo_batch", "1", reason="wrong")
    assert "batch #1 undone by #2: 1 rows taken out, 0 put back" in capsys.readouterr().out
    assert not SaleLine.objects.current().exists()
    with pytest.raises(CommandError, match="undone already"):
        call_command("undo_batch", "1", reason="wrong")
    with pytest.raises(CommandError, match="no batch #9"):
        call_command("undo_batch", "9", reason="wrong")


def test_rest_shows_batches_with_their_undo_and_the_books():
    small_world()
    books_close(actor=factories.user(Role.FINANCE), month=date(2024, 12, 1), reason="year end")
    bring(lines(line("A", "2024-12-10", 100)))
    call_command("undo_batch", "1", reason="wrong")
    _token, secret = factories.api_token("batches:read")
    client = Client(HTTP_AUTHORIZATION=f"Bearer {secret}")
    rows = client.get("/api/v1/batches/").json()["results"]
    first = next(row for row in rows if row["number"] == 1)
    assert (first["undone_by"], first["of_closed_months"], first["undoes"]) == (2, 1, None)
    undone = client.get("/api/v1/batches/?undone=true").json()["results"]
    assert [row["number"] for row in undone] == [1]
    books = client.get("/api/v1/books/").json()["results"]
    assert [(row["first_open"], row["reopened"], row["reason"]) for row in books] == [("2025-01-01", False, "year end")]
