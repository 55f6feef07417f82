from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import Notification
from core import audit, clock, jobs
from core.errors import DomainError
from core.models import AuditEvent, Job, Schedule
from core.sentences import Sentence
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    signals = []
    monkeypatch.setattr(jobs, "job_signal", signals.append)
    return signals


@pytest.fixture
def work(monkeypatch):
    def put(function):
        monkeypatch.setitem(jobs._handlers, "test", function)

    return put


def make(**fields):
    return jobs.job_create(**{"kind": "test", "actor": None, **fields})


def test_a_job_is_signalled_only_after_the_commit_of_its_cause(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = make()
        assert sent == []
    assert sent == [job.pk]


def test_a_cause_that_rolls_back_leaves_no_job(sent):
    def cause():
        with transaction.atomic():
            make()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cause()
    assert not Job.objects.exists()
    assert sent == []


def test_the_same_key_makes_one_job(sent):
    assert make(key="k").pk == make(key="k").pk


def test_a_job_runs_once_however_often_it_is_delivered(work):
    runs = []
    work(lambda run: runs.append(run.job.pk) or {"rows": 3})
    job = make()
    jobs.job_run(job.pk)
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert (runs, job.state, job.result) == ([job.pk], Job.State.DONE, {"rows": 3})


def test_a_refusal_is_kept_as_the_jobs_error(work):
    def refuse(run):
        raise DomainError("Row 3: the amount is missing.")

    work(refuse)
    job = make()
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, str(job.error)) == (Job.State.FAILED, "Row 3: the amount is missing.")


def test_an_unexpected_error_fails_the_job_and_still_reaches_the_log(work):
    def broken(run):
        raise ZeroDivisionError

    work(broken)
    job = make()
    with pytest.raises(ZeroDivisionError):
        jobs.job_run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert str(job.pk) in str(job.error)


def test_a_lost_database_puts_the_job_back(work, monkeypatch):
    def lost(run):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(jobs.connection, "close", lambda: None)
    work(lost)
    job = make()
    with pytest.raises(OperationalError):
        jobs.job_run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_cancel_stops_at_the_next_step_and_what_waits_at_once(work):
    steps = []

    def long(run):
        for step in range(5):
            steps.append(step)
            jobs.job_cancel(job=run.job, actor=None)
            run.advance(done=step)

    work(long)
    job, waiting = make(), make()
    jobs.job_run(job.pk)
    jobs.job_cancel(job=waiting, actor=None)
    job.refresh_from_db()
    waiting.refresh_from_db()
    assert (steps, job.state, waiting.state) == ([0], Job.State.CANCELLED, Job.State.CANCELLED)


def test_a_job_that_nobody_runs_any_more_is_cancelled_at_once(work):
    job = make()
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, lease="dead", lease_until=clock.instant() - timedelta(seconds=1)
    )
    jobs.job_cancel(job=job, actor=None)
    job.refresh_from_db()
    assert (job.state, job.lease) == (Job.State.CANCELLED, "")
    work(lambda run: pytest.fail("ran"))
    jobs.job_run(job.pk)


def test_a_job_that_is_over_is_not_cancelled(work):
    work(lambda run: {"rows": 3})
    job = make()
    jobs.job_run(job.pk)
    before = AuditEvent.objects.count()
    with pytest.raises(DomainError, match="over already"):
        jobs.job_cancel(job=job, actor=None)
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == (Job.State.DONE, False)
    assert AuditEvent.objects.count() == before


def test_a_job_that_its_own_process_runs_is_nobody_elses_while_the_lease_lasts(work):
    runs, told = [], []
    work(lambda run: runs.append(run.job.pk) or run.advance(done=2, message=Sentence("reading")) or {"rows": 2})
    job = jobs.job_begin(kind="test", actor=None, args={}, title="own")
    jobs.job_run(job.pk)
    assert (runs, job.state) == ([], Job.State.RUNNING)
    jobs.job_run_own(job=job, told=lambda one: told.append((one.done, str(one.message))))
    job.refresh_from_db()
    assert (runs, job.state, job.result, told) == ([job.pk], Job.State.DONE, {"rows": 2}, [(2, "reading")])


def test_the_job_of_a_process_that_is_gone_is_taken_over_by_a_worker(work, sent, monkeypatch):
    monkeypatch.setattr(jobs, "_schedules", {})
    work(lambda run: {"rows": 2})
    job = jobs.job_begin(kind="test", actor=None, args={}, title="own")
    jobs.tick()
    assert sent == []
    Job.objects.filter(pk=job.pk).update(lease_until=clock.instant() - timedelta(seconds=1))
    jobs.tick()
    assert sent == [job.pk]
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)


def test_a_process_that_is_asked_to_stop_gives_its_lease_back(work):
    def interrupted(run):
        raise KeyboardInterrupt

    work(interrupted)
    job = jobs.job_begin(kind="test", actor=None, args={}, title="own")
    with pytest.raises(KeyboardInterrupt):
        jobs.job_run_own(job=job)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    assert job.lease_until < clock.instant()


def test_how_long_a_job_took_counts_from_its_first_begin(work):
    work(lambda run: {})
    job, began = make(), clock.instant() - timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, started_at=began, lease="dead", lease_until=began + timedelta(minutes=1)
    )
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert job.took > timedelta(minutes=5)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.01, "0.1 s"),
        (0.42, "0.4 s"),
        (59.6, "1 min 0 s"),
        (12, "12 s"),
        (130, "2 min 10 s"),
        (3 * 3600 + 299, "3 h 4 min"),
    ],
)
def test_a_span_of_time_is_told_in_its_two_largest_units(seconds, text):
    assert clock.span_text(timedelta(seconds=seconds)) == text


def test_a_worker_that_lost_its_lease_writes_nothing(work):
    def slow(run):
        Job.objects.filter(pk=run.job.pk).update(lease="another")
        with transaction.atomic():
            run.fence()
            pytest.fail("wrote without the lease")

    work(slow)
    job = make()
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.lease) == (Job.State.RUNNING, "another")


def test_a_killed_workers_job_is_taken_over_with_its_place(work):
    places = []
    work(lambda run: places.append(run.job.place) or {})
    job = make()
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, lease="dead", place={"chunk": 7}, lease_until=clock.instant() + timedelta(minutes=1)
    )
    jobs.job_run(job.pk)
    assert places == []
    Job.objects.filter(pk=job.pk).update(lease_until=clock.instant() - timedelta(seconds=1))
    jobs.job_run(job.pk)
    assert places == [{"chunk": 7}]


def test_the_sweeper_sends_again_what_was_lost_and_nothing_else(sent, monkeypatch):
    monkeypatch.setattr(jobs, "_schedules", {})
    now = clock.instant()
    lost, fresh, dead, alive = make(), make(), make(), make()
    Job.objects.filter(pk=fresh.pk).update(sent_at=now)
    Job.objects.filter(pk=dead.pk).update(state=Job.State.RUNNING, lease_until=now - timedelta(seconds=5))
    Job.objects.filter(pk=alive.pk).update(state=Job.State.RUNNING, lease_until=now + timedelta(seconds=50))
    sent.clear()
    jobs.tick()
    assert sent == [lost.pk, dead.pk]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_sweeper_does_not_wait_for_a_worker_that_publishes(sent, monkeypatch):
    monkeypatch.setattr(jobs, "_schedules", {})
    long_ago = clock.instant() - timedelta(minutes=5)
    publishing, dead = make(), make()
    Job.objects.update(state=Job.State.RUNNING, lease_until=long_ago)
    sent.clear()
    worker = connection.copy()
    try:
        worker.set_autocommit(False)
        worker.cursor().execute("UPDATE core_job SET attempts = 2 WHERE id = %s", [publishing.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        jobs.tick()
    finally:
        worker.rollback()
        worker.close()
        connection.close()
    assert sent == [dead.pk]


def test_two_days_without_beat_give_one_catch_up_run_and_two_beats_one_job(sent, monkeypatch):
    monkeypatch.setattr(jobs, "_schedules", {"nightly": time(2, 0)})
    jobs.tick()
    assert not Job.objects.exists()
    Schedule.objects.update(last_due=clock.instant() - timedelta(days=2, hours=3))
    jobs.tick()
    jobs.tick()
    assert Job.objects.filter(kind="nightly").count() == 1


def test_a_schedule_that_is_off_makes_nothing(sent, monkeypatch):
    monkeypatch.setattr(jobs, "_schedules", {"nightly": time(2, 0)})
    Schedule.objects.create(name="nightly", at=time(2, 0), active=False)
    jobs.tick()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 1, 17, 59, tzinfo=UTC), datetime(2026, 2, 28, 18, 0, tzinfo=UTC)),
        (datetime(2026, 3, 1, 18, 0, tzinfo=UTC), datetime(2026, 3, 1, 18, 0, tzinfo=UTC)),
    ],
)
def test_a_due_time_is_one_of_the_companys_clock(now, due):
    assert jobs.due_before(now, time(2, 0), "Asia/Shanghai") == due


def test_a_broker_that_is_away_leaves_the_job_waiting(monkeypatch):
    from core.tasks import run_job

    def away(**_kwargs):
        raise OSError("connection refused")

    monkeypatch.setattr(run_job, "apply_async", away)
    job = make()
    jobs.job_signal(job.pk)
    job.refresh_from_db()
    assert (job.state, job.sent_at) == (Job.State.QUEUED, None)


def test_only_the_own_jobs_are_visible_except_to_an_administrator():
    one, other, admin = factories.user("rep"), factories.user("rep"), factories.user("admin")
    jobs.job_create(kind="test", actor=one)
    assert Job.objects.visible_to(one).count() == 1
    assert Job.objects.visible_to(other).count() == 0
    assert Job.objects.visible_to(admin).count() == 1


def test_who_asked_for_work_that_is_given_up_hears_of_it(monkeypatch):
    monkeypatch.setattr(jobs, "_schedules", {})
    asker = factories.user()
    job = make(actor=asker)
    past = clock.instant() - timedelta(seconds=5)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, lease_until=past, attempts=jobs.MAX_ATTEMPTS)
    jobs.tick()
    jobs.tick()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert Notification.objects.filter(user=asker).count() == 1


def test_what_a_job_changes_says_in_the_trail_which_job_it_was(work):
    asker = factories.user()
    work(lambda run: audit.record(actor=run.job.created_by, verb="tests.done", target=run.job) and {})
    job = make(actor=asker)
    jobs.job_run(job.pk)
    assert AuditEvent.objects.get(verb="tests.done").origin == f"job {job.pk}"


def test_the_job_of_a_schedule_is_called_in_words(sent, monkeypatch):
    monkeypatch.setattr(jobs, "_schedules", {"core.exports_remove": time(3, 0)})
    jobs.tick()
    Schedule.objects.update(last_due=clock.instant() - timedelta(days=2))
    jobs.tick()
    assert str(Job.objects.get(kind="core.exports_remove").title) == "Old exports removed"
