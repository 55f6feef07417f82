"""An import that is cut off anywhere ends, when it is taken up again, as if nothing had happened."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from core import clock, jobs
from core.database import run, stages
from core.errors import DomainError
from core.models import AuditEvent, Company, Job
from core.sentences import Sentence
from distributors.ledger import reading, services, work
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import Batch, Import, SaleLine
from distributors.ledger.selectors import failed_imports
from distributors.ledger.services import import_cancel, import_process, import_start, stages_sweep, standings_renew
from distributors.ledger.staging import PREFIX
from distributors.ledger.verification import verify
from distributors.profiles.models import Standing
from tests import factories
from tests.ledger.records import Foreground, lines, picture, problems, small_world, started

pytestmark = pytest.mark.django_db

ROWS = [f"L{number},D{number % 2 + 1},P{number % 2 + 1},2025-03-0{number % 9 + 1},2,10.00,CNY" for number in range(60)]


class Killed(BaseException):
    """The process is gone."""


def facts():
    found = picture()
    for line in ("SaleLine", "MonthlySales", "MonthlyLineSales"):
        assert found[line]
    return {name: len(rows) if isinstance(rows, list) else rows for name, rows in found.items()} | {
        "months": found["MonthlySales"]
    }


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 400)


def steps():
    """Return how many calls an undisturbed import of ROWS makes of its runner."""
    made, runner = started(lines(*ROWS)), Foreground()
    import_process(import_id=made.pk, runner=runner)
    return len(runner.calls)


def test_an_import_killed_at_any_step_goes_on_where_it_was(small_chunks):
    small_world()
    total = 0
    for step in range(1, 200):
        made = started(lines(*(row.replace("L", f"S{step}-", 1) for row in ROWS)))

        def kill(count, _what, step=step):
            if count == step:
                raise Killed

        try:
            import_process(import_id=made.pk, runner=Foreground(kill))
        except Killed:
            import_process(import_id=made.pk, runner=Foreground())
        else:
            break
        finally:
            total += len(ROWS)
        made.refresh_from_db()
        assert (made.state, made.rows_read, made.rows_new) == (Import.State.PUBLISHED, len(ROWS), len(ROWS)), step
        assert SaleLine.objects.count() == total
    assert step > 10
    assert [verdict.name for verdict in verify() if verdict.wrong] == []
    assert not [name for name in connection.introspection.table_names() if name.startswith("stage_")]


@pytest.mark.parametrize("phase", ["advance reading", "advance checking", "advance publishing"])
def test_a_stage_that_a_crash_of_the_database_emptied_is_read_anew(small_chunks, phase):
    small_world()
    made = started(lines(*ROWS))
    seen = []

    def kill(_count, what):
        seen.append(what)
        if what == phase and seen.count("advance reading") > 1:
            raise Killed

    with pytest.raises(Killed):
        import_process(import_id=made.pk, runner=Foreground(kill))
    run(f"DELETE FROM {PREFIX}{made.pk}")
    import_process(import_id=made.pk, runner=Foreground())
    made.refresh_from_db()
    assert (made.state, made.rows_read, made.rows_new) == (Import.State.PUBLISHED, len(ROWS), len(ROWS))
    assert SaleLine.objects.count() == len(ROWS)


def test_publishing_that_dies_in_the_middle_leaves_nothing_and_can_be_done_again(small_chunks, monkeypatch):
    from distributors.ledger import facts

    small_world()
    made, before = started(lines(*ROWS)), picture()

    def dies(**_options):
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(facts, "standings_refresh", dies)
        with pytest.raises(Killed):
            import_process(import_id=made.pk, runner=Foreground())
    assert picture() == before
    import_process(import_id=made.pk, runner=Foreground())
    assert SaleLine.objects.count() == len(ROWS)
    assert Batch.objects.count() == 1


def test_an_import_delivered_twice_is_published_once(small_chunks):
    small_world()
    made = started(lines(*ROWS))
    first = import_process(import_id=made.pk, runner=Foreground())
    after = picture()
    assert import_process(import_id=made.pk, runner=Foreground()) == first
    assert picture() == after


def test_a_worker_that_lost_its_lease_writes_nothing(small_chunks):
    small_world()
    made, before = started(lines(*ROWS)), picture()

    def lost(count, what):
        if count > 6 and what == "fence":
            raise jobs.LeaseLost

    with pytest.raises(jobs.LeaseLost):
        import_process(import_id=made.pk, runner=Foreground(lost))
    assert picture() == before


def test_a_cancelled_import_leaves_nothing(small_chunks):
    small_world()
    made, before = started(lines(*ROWS)), picture()

    def cancel(count, what):
        if count > 4 and what.startswith("advance"):
            raise jobs.Cancelled

    with pytest.raises(jobs.Cancelled):
        import_process(import_id=made.pk, runner=Foreground(cancel))
    made.refresh_from_db()
    assert made.state == Import.State.CANCELLED
    assert picture() == before
    assert not [name for name in connection.introspection.table_names() if name.startswith("stage_")]


@pytest.mark.parametrize(
    ("error", "words"),
    [(DomainError("No room is left."), "No room is left."), (ZeroDivisionError(), "Something unexpected happened")],
)
@pytest.mark.parametrize("phase", ["advance reading", "advance checking", "advance publishing"])
def test_an_import_that_fails_is_refused_with_the_reason(small_chunks, phase, error, words):
    actor = factories.user("admin")
    small_world()
    made, before = queued(actor), picture()

    def fail(_count, what):
        if what == phase:
            raise error

    with pytest.raises(type(error)):
        import_process(import_id=made.pk, runner=Foreground(fail))
    made.refresh_from_db()
    assert (made.state, made.problems_count) == (Import.State.REFUSED, 1)
    assert [(found[0], words in found[3]) for found in problems(made)] == [(0, True)]
    assert picture() == before
    assert failed_imports(actor, clock.instant()) == [made]
    assert not [name for name in connection.introspection.table_names() if name.startswith("stage_")]


def test_a_failure_that_is_tried_again_leaves_the_import_open(small_chunks):
    small_world()
    made = queued(factories.user())

    def fail(count, _what):
        if count > 5:
            raise OperationalError

    with pytest.raises(OperationalError):
        import_process(import_id=made.pk, runner=Foreground(fail))
    made.refresh_from_db()
    assert made.is_open
    Job.objects.filter(pk=made.job_id).update(state=Job.State.FAILED, error=Sentence("Given up."))
    stages_sweep()
    made.refresh_from_db()
    assert made.state == Import.State.REFUSED
    assert problems(made) == [(0, "", "", "Given up.")]


def test_the_night_reads_the_work_tables_before_it_asks_which_imports_are_open(monkeypatch):
    small_world()
    made = []

    def first():
        found = stages()
        made.append(started(lines(*ROWS)))
        with pytest.raises(Killed):
            import_process(import_id=made[0].pk, runner=Foreground(killed_after(5)))
        return found

    monkeypatch.setattr(services, "stages", first)
    assert stages_sweep() == 0
    assert f"{PREFIX}{made[0].pk}" in stages()


def killed_after(calls):
    def kill(count, _what):
        if count > calls:
            raise Killed

    return kill


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("change", [{"base_currency": "USD"}, {"rate_kind": "close"}])
def test_a_file_that_was_read_for_another_base_currency_is_refused(small_chunks, change, again):
    small_world()
    made = started(lines(*ROWS))

    def alter(_count, what):
        if what == "advance publishing":
            Company.objects.update(**change)
            if again:
                raise Killed

    try:
        import_process(import_id=made.pk, runner=Foreground(alter))
    except Killed:
        import_process(import_id=made.pk, runner=Foreground())
    made.refresh_from_db()
    assert made.state == Import.State.REFUSED
    assert [(found[0], "Base currency" in found[3]) for found in problems(made)] == [(0, True)]
    assert not SaleLine.objects.exists()


def queued(actor):
    import io

    return import_start(
        actor=actor, kind=kind_of("sales"), file=io.BytesIO(lines(*ROWS).encode()), filename="lines.csv"
    )


def test_the_job_brings_the_import_to_its_end_and_tells_what_came_of_it():
    small_world()
    made = queued(factories.user())
    jobs.job_run(made.job_id)
    job = Job.objects.get(pk=made.job_id)
    assert (job.state, job.result["new"], job.result["state"]) == (Job.State.DONE, 60, "published")
    assert job.result["url"] == made.get_absolute_url()


def test_an_import_that_has_not_begun_is_cancelled_at_once():
    small_world()
    actor = factories.user()
    made = queued(actor)
    import_cancel(actor=actor, instance=made)
    made.refresh_from_db()
    assert made.state == Import.State.CANCELLED
    jobs.job_run(made.job_id)
    assert SaleLine.objects.count() == 0


def test_an_import_is_cancelled_by_its_job_too(client):
    small_world()
    actor = factories.user()
    made = queued(actor)
    client.force_login(actor)
    assert client.post(reverse("core:job-cancel", args=[made.job_id])).url == made.job.get_absolute_url()
    made.refresh_from_db()
    assert (made.state, made.job.state) == (Import.State.CANCELLED, Job.State.CANCELLED)
    assert AuditEvent.objects.get(verb="import.cancelled").actor == actor
    with pytest.raises(DomainError):
        import_cancel(actor=actor, instance=made)


def test_a_running_import_that_is_cancelled_by_its_job_stops_at_its_next_step_and_leaves_nothing(
    small_chunks, monkeypatch
):
    small_world()
    actor, before = factories.user(), picture()
    made = queued(actor)
    keep, seen = work.Work._keep, []

    def cancel(self, chunk, total):
        keep(self, chunk, total)
        seen.append(chunk)
        if len(seen) == 2:
            jobs.job_cancel(job=made.job, actor=actor)

    monkeypatch.setattr(work.Work, "_keep", cancel)
    jobs.job_run(made.job_id)
    made.refresh_from_db()
    assert (len(seen), made.state, made.job.state) == (2, Import.State.CANCELLED, Job.State.CANCELLED)
    assert AuditEvent.objects.filter(verb="import.cancelled").count() == 1
    assert picture() == before | {"audit": before["audit"] + 2}
    assert not [name for name in connection.introspection.table_names() if name.startswith("stage_")]


def test_the_night_closes_what_was_left_behind(small_chunks):
    small_world()
    made = queued(factories.user())

    def kill(count, _what):
        if count > 5:
            raise Killed

    with pytest.raises(Killed):
        import_process(import_id=made.pk, runner=Foreground(kill))
    assert stages_sweep() == 0
    Job.objects.filter(pk=made.job_id).update(
        state=Job.State.CANCELLED, finished_at=clock.instant() - timedelta(days=1)
    )
    assert stages_sweep() == 1
    made.refresh_from_db()
    assert made.state == Import.State.CANCELLED


def test_an_import_that_a_killed_command_left_is_brought_to_its_end_by_a_worker(small_chunks, monkeypatch):
    small_world()
    made, keep = started(lines(*ROWS)), work.Work._keep

    def kill(self, chunk, total):
        keep(self, chunk, total)
        raise Killed

    with monkeypatch.context() as killed:
        killed.setattr(work.Work, "_keep", kill)
        with pytest.raises(Killed):
            jobs.job_run_own(job=made.job)
    made.refresh_from_db()
    assert (made.state, made.job.state) == (Import.State.STAGING, Job.State.RUNNING)
    assert 0 < made.rows_read < len(ROWS)
    Job.objects.filter(pk=made.job_id).update(lease_until=clock.instant() - timedelta(seconds=1))
    jobs.job_run(made.job_id)
    made.refresh_from_db()
    assert (made.state, made.rows_new, made.job.state) == (Import.State.PUBLISHED, len(ROWS), Job.State.DONE)
    assert SaleLine.objects.count() == len(ROWS)


def test_the_night_closes_what_was_left_open_by_nobody(small_chunks):
    small_world()
    made = started(lines(*ROWS))
    with pytest.raises(Killed):
        import_process(import_id=made.pk, runner=Foreground(killed_after(5)))
    assert stages_sweep() == 0
    Import.objects.filter(pk=made.pk).update(job=None)
    assert stages_sweep() == 1
    made.refresh_from_db()
    assert made.state == Import.State.CANCELLED


def test_the_night_moves_no_standing_once_its_lease_is_lost(monkeypatch):
    small_world()
    import_process(import_id=started(lines(*ROWS)).pk, runner=Foreground())
    Standing.objects.update(orders_12m=77)
    order = []
    monkeypatch.setattr(services, "lock", order.append)

    def lost(_count, what):
        order.append(what)
        if len(order) == 2:
            raise jobs.LeaseLost

    with pytest.raises(jobs.LeaseLost):
        standings_renew(runner=Foreground(lost))
    assert set(Standing.objects.values_list("orders_12m", flat=True)) == {77}
    assert standings_renew(runner=Foreground(lost)) == 2
    assert order == ["batch", "fence"] * 2
    assert 77 not in Standing.objects.values_list("orders_12m", flat=True)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_give_two_batches_and_right_sums(small_chunks):
    small_world()
    made = [started(lines(*(row.replace("L", f"{name}-", 1) for row in ROWS))) for name in ("A", "B")]
    made.append(started(lines(*(row.replace("L", "A-", 1) for row in ROWS))))
    errors = []

    def run(pk):
        try:
            import_process(import_id=pk, runner=Foreground())
        except BaseException as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one.pk,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert SaleLine.objects.count() == 2 * len(ROWS)
    assert sorted(Batch.objects.values_list("number", flat=True)) == [1, 2]
    assert [verdict.name for verdict in verify() if verdict.wrong] == []
