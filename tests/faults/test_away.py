"""Redis or PostgreSQL away for a while, and beat away for two days."""

import signal
import time

import pytest
import requests

from tests.conftest import DEMO
from tests.faults.running import (
    LEASE,
    assert_sound,
    figures,
    import_ask,
    job_state,
    person,
    send,
    sweep,
    wait_for_job,
)
from tests.faults.salesfile import sales_file

pytestmark = [pytest.mark.faults, pytest.mark.worker]

PAGES = ("/", "/distributors/", "/classification/", "/imports/", "/search/?q=a", "/api/v1/distributors/", "/healthz")
PATIENCE = 10


def published(stack, number):
    return stack.sql("SELECT state FROM ledger_import WHERE id = %s", number)[0][0] == "published"


def test_while_redis_is_away_pages_serve_and_save_and_work_waits_for_its_return(private_redis, fresh_stack, tmp_path):
    stack = fresh_stack(data=DEMO, redis_url=private_redis.url(), QUDAO_LEASE_SECONDS=LEASE)
    admin = person(stack, "admin")
    path = sales_file(stack, tmp_path / "sales.csv", 600)
    private_redis.stop()

    for page in PAGES:
        began = time.monotonic()
        assert admin.get(page).status_code == 200, page
        assert time.monotonic() - began < PATIENCE, page
    assert person(stack, "rep").get("/").status_code == 200
    assert admin.post("/account/preferences/", {"theme": "dark"}).status_code == 302
    assert ("dark",) in stack.sql("SELECT theme FROM accounts_user WHERE role = 'admin'")
    number = admin.upload(path.read_bytes())
    classify = admin.job_asked(admin.post("/classification/run/", {}))
    jobs = stack.sql("SELECT id, state, sent_at FROM core_job ORDER BY id")
    assert [(state, sent) for _id, state, sent in jobs] == [("queued", None), ("queued", None)]

    private_redis.start()
    send(stack, "core.tick")
    for job, _state, _sent in jobs:
        wait_for_job(stack, job)
    assert classify in [job for job, _state, _sent in jobs]
    assert published(stack, number)
    assert_sound(stack)


def test_beat_away_for_two_days_and_then_twice_gives_one_run_of_each_schedule(fresh_stack):
    stack = fresh_stack(data=DEMO, web=False, QUDAO_LEASE_SECONDS="60")
    send(stack, "core.tick")
    schedules = stack.wait_for(lambda: stack.sql("SELECT name FROM core_schedule ORDER BY name"), what="schedules")
    stack.wait_for(lambda: stack.log("worker").count("core.tick") >= 2, what="end of the first tick")
    schedules = stack.sql("SELECT name FROM core_schedule ORDER BY name")
    assert stack.sql("SELECT count(*) FROM core_job") == [(0,)]
    days = "datetime(last_due, '-2 days')" if stack.database.is_sqlite else "last_due - interval '2 days'"
    stack.sql(f"UPDATE core_schedule SET last_due = {days}")

    ticks = stack.log("worker").count("succeeded")
    stack.start_beat("beat")
    stack.start_beat("another")
    stack.wait_for(lambda: stack.log("worker").count("succeeded") >= ticks + 2, within=150, what="tick of both beats")
    stack.wait_for(
        lambda: {state for (state,) in stack.sql("SELECT state FROM core_job")} == {"done"}, what="end of the jobs"
    )
    send(stack, "core.tick")
    made = stack.sql("SELECT kind FROM core_job ORDER BY kind")
    assert len(schedules) >= 3
    assert made == schedules
    assert_sound(stack)


@pytest.fixture
def on_private(private_postgres, fresh_stack):
    """Make a stack whose PostgreSQL the test may restart or crash."""

    def make(**given):
        url = private_postgres.url("qudao")
        return fresh_stack(database_url=url, data=DEMO, QUDAO_LEASE_SECONDS=LEASE, **given)

    return make


def crash(server):
    """End every process of the server at once, so that it recovers from its log when it starts."""
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait(timeout=30)


def test_a_restart_of_postgresql_needs_no_restart_of_web_or_worker(private_postgres, on_private, tmp_path):
    stack = on_private()
    admin = person(stack, "admin")
    wait_for_job(stack, admin.job_asked(admin.post("/classification/run/", {})))
    pids = {name: process.pid for name, process in stack.processes.items()}

    private_postgres.stop()
    assert requests.get(f"{stack.url}/healthz", timeout=30).status_code >= 500
    private_postgres.start()

    def page_is_back():
        return admin.get("/distributors/").status_code == 200

    stack.wait_for(page_is_back, within=30, what="page after the restart")
    wait_for_job(stack, admin.job_asked(admin.post("/classification/run/", {})))
    wait_for_job(stack, import_ask(stack, sales_file(stack, tmp_path / "sales.csv", 600)))
    assert {name: process.pid for name, process in stack.processes.items() if process.poll() is None} == pids
    assert_sound(stack)


@pytest.mark.parametrize("phase", ["reading", "checking", "publishing"])
def test_an_import_survives_a_crash_of_postgresql(private_postgres, on_private, tmp_path, phase):
    stack = on_private(web=False)
    path = sales_file(stack, tmp_path / "sales.csv")
    lines = stack.sql("SELECT count(*) FROM ledger_saleline")[0][0]
    job = import_ask(stack, path)
    stack.wait_for(
        lambda: stack.sql("SELECT message FROM core_job WHERE id = %s", job)[0][0] in {phase, "publishing"},
        what=f"phase {phase}",
    )
    crash(private_postgres)
    private_postgres.start()
    if job_state(stack, job) != "done":
        sweep(stack, job)
        wait_for_job(stack, job)
    read, new, changed, same = stack.sql("SELECT rows_read, rows_new, rows_changed, rows_same FROM ledger_import")[0]
    assert (read, new, changed, same) == (21_000, 7_000, 7_000, 7_000)
    assert figures(stack)["ledger_saleline"][0] == lines + new + changed
    assert_sound(stack)
