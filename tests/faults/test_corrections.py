"""An undo that is killed, and a month that is closed while a file goes in."""

import pytest

from tests.conftest import DEMO
from tests.faults.running import Again, assert_sound, at_once, import_ask, person, wait_for_job
from tests.faults.salesfile import sales_file
from tests.faults.test_kills import kill_often

pytestmark = [pytest.mark.faults, pytest.mark.worker]

UNDO = """
from core import jobs
from distributors.ledger.models import SaleLine
last = SaleLine.objects.order_by("-batch").values_list("batch", flat=True)[0]
args = {"batch": last, "reason": "killed on purpose"}
print(jobs.job_create(kind="ledger.undo", actor=None, args=args).pk)
"""


@pytest.mark.postgres
def test_an_undo_killed_at_random_moments_ends_like_one_that_was_not(fresh_stack, rounds):
    prepared = fresh_stack(data=DEMO, web=False, worker=False, redis_url="")
    lines, batches = (prepared.sql(f"SELECT count(*) FROM {one}")[0][0] for one in ("ledger_saleline", "ledger_batch"))
    expected = kill_often(Again(fresh_stack, prepared), int(prepared.python(UNDO)), rounds)
    assert expected["ledger_batch"][0] == batches + 1
    assert expected["ledger_saleline"][0] >= lines


def test_a_month_closed_while_a_file_goes_in_counts_the_file_before_or_after_never_half(fresh_stack, tmp_path):
    stack = fresh_stack(data=DEMO)
    finance = person(stack, "finance")
    last = stack.sql("SELECT max(month) FROM ledger_monthlysales")[0][0]
    month = stack.sql("SELECT max(month) FROM ledger_monthlysales WHERE month < %s", str(last))[0][0]
    job = import_ask(stack, sales_file(stack, tmp_path / "sales.csv", 6_000))
    stack.wait_for(lambda: stack.sql("SELECT rows_read FROM ledger_import")[0][0] > 0, what="first rows")
    closed, _none = at_once(
        lambda: finance.post("/settings/books/close/", {"month": str(month)[:10]}), lambda: wait_for_job(stack, job)
    )
    assert closed.status_code == 302
    first_open = str(stack.sql("SELECT first_open FROM ledger_periodlock")[0][0])[:10]
    came = "SELECT count(*), count(booked_in) FROM ledger_saleline WHERE batch_id = %s AND day < %s"
    batch = stack.sql("SELECT max(number) FROM ledger_batch")[0][0]
    before, late = stack.sql(came, batch, first_open)[0]
    assert before > 0
    assert late in {0, before}
    assert_sound(stack)
