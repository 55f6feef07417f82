"""Only the good rows of a file go in where someone chose that, and the others stay out as a file."""

import csv
import io

import pytest
from django.urls import reverse

from accounts.roles import Role
from core import jobs
from distributors.ledger.models import Import, SaleLine
from tests import factories
from tests.ledger.records import bring, lines, picture, small_world

pytestmark = pytest.mark.django_db

GOOD = "L1,D1,P1,2025-03-01,2,10.00,CNY"


@pytest.fixture
def admin(client, settings):
    settings.TODAY = "2025-04-01"
    small_world()
    user = factories.user(Role.ADMIN)
    client.force_login(user)
    return user


def separated(client, made):
    """Ask for the good rows of a refused file, and return the check of them."""
    client.post(reverse("ledger:import-good", args=[made.pk]))
    checked = Import.objects.latest("pk")
    jobs.job_run(checked.job_id)
    checked.refresh_from_db()
    return checked


def left_out(client, made):
    response = client.get(reverse("ledger:import-rejects", args=[made.pk]))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


BAD = [
    GOOD.replace("L1,D1", "L2,D9"),
    GOOD.replace("L1", "L3").replace("10.00", "=1+1"),
    "L4,D1,P1",
    GOOD.replace("10.00", "11.00"),
]


def test_nothing_goes_in_until_the_good_rows_are_counted_and_chosen(client, admin):
    made = bring(lines(GOOD, *BAD, GOOD.replace("L1", "L9")), actor=admin)
    assert made.state == Import.State.REFUSED
    before = picture()["SaleLine"]
    checked = separated(client, made)
    assert (checked.state, checked.dry_run, checked.rows_rejected, checked.notes["good"]) == ("valid", True, 4, 2)
    assert picture()["SaleLine"] == before == []
    page = client.get(checked.get_absolute_url()).content.decode()
    assert "2 rows are good, 4 would stay out. Nothing is imported yet." in page
    assert "Import 2 good rows, leave 4 out" in page
    client.post(reverse("ledger:import-publish", args=[checked.pk]))
    done = Import.objects.latest("pk")
    jobs.job_run(done.job_id)
    done.refresh_from_db()
    assert (done.state, done.rows_new, done.rows_rejected) == ("published", 2, 4)
    assert set(SaleLine.objects.values_list("external_id", flat=True)) == {"L1", "L9"}
    assert "2 rows went in, 4 stayed out, as was chosen." in client.get(done.get_absolute_url()).content.decode()


def test_what_stays_out_is_a_file_with_the_columns_it_came_with(client, admin):
    made = bring(lines(GOOD, *BAD), actor=admin)
    assert left_out(client, separated(client, made)) == [row.split(",") for row in lines(*BAD).splitlines()]


def test_what_only_a_bad_row_made_good_stays_out_with_it(client, admin):
    head = "code,legal_name,territory,tier,parent"
    made = bring(lines("A,A,T1,2,B", "B,B,NONE,1,", "C,C,T1,1,", head=head), "distributors", actor=admin)
    checked = separated(client, made)
    assert (checked.notes["good"], checked.rows_rejected) == (1, 2)
    assert [row[0] for row in left_out(client, checked)[1:]] == ["A", "B"]


def test_a_file_without_a_good_row_stays_refused(client, admin):
    made = bring(lines(BAD[0]), actor=admin)
    checked = separated(client, made)
    assert checked.state == Import.State.REFUSED
    assert not SaleLine.objects.exists()


def test_a_file_that_went_in_or_that_is_wrong_as_a_whole_offers_no_good_rows(client, admin):
    whole = bring(lines(GOOD), actor=admin)
    headless = bring("nothing\n1\n", actor=admin)
    for made in (whole, headless):
        assert "Find the good rows" not in client.get(made.get_absolute_url()).content.decode()
    client.post(reverse("ledger:import-good", args=[whole.pk]))
    assert Import.objects.count() == 2
