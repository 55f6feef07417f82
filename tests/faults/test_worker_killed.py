"""The kill that every run of the suite sees: on whatever database and queue it has."""

import pytest

from tests.conftest import DEMO
from tests.faults.running import LEASE, assert_sound, import_ask, job_state, send, sweep, wait_for_job
from tests.faults.salesfile import sales_file

pytestmark = pytest.mark.worker


def kill_once(stack, path):
    """Kill the worker as soon as it works on an import, and let another one finish it."""
    lines = stack.sql("SELECT count(*) FROM ledger_saleline")[0][0]
    batches = stack.sql("SELECT count(*) FROM ledger_batch")[0][0]
    job = import_ask(stack, sales_file(stack, path))
    stack.wait_for(lambda: job_state(stack, job) != "queued", what="begin of the import")
    stack.kill_worker()
    assert job_state(stack, job) == "running"
    stack.start_worker()
    sweep(stack, job)
    wait_for_job(stack, job)
    send(stack, "core.run_job", job)
    assert stack.sql("SELECT rows_new, rows_changed, rows_same FROM ledger_import") == [(7_000, 7_000, 7_000)]
    assert stack.sql("SELECT count(*) FROM ledger_saleline") == [(lines + 14_000,)]
    assert stack.sql("SELECT count(*) FROM ledger_batch") == [(batches + 1,)]
    assert stack.sql("SELECT attempts FROM core_job WHERE id = %s", job) == [(2,)]
    assert_sound(stack)


def test_an_import_whose_worker_was_killed_is_finished_once(fresh_stack, tmp_path):
    kill_once(fresh_stack(data=DEMO, web=False, QUDAO_LEASE_SECONDS=LEASE), tmp_path / "sales.csv")


def test_on_sqlite_and_its_queue_in_a_file_too(embedded_stack, tmp_path):
    kill_once(embedded_stack, tmp_path / "sales.csv")
