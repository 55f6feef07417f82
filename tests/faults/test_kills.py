"""A worker killed at any instant loses nothing and doubles nothing."""

import os
import random

import pytest

from tests.conftest import DEMO
from tests.faults.running import (
    Again,
    assert_sound,
    figures,
    job_state,
    kill_children,
    moment,
    moments,
    send,
    stage_tables,
    sweep,
    wait_for_job,
    wait_out,
)
from tests.faults.salesfile import LINES

ROUNDS = 20
OLD_CLOSE = """
from core import clock
from core.periods import month_of, month_shift
from distributors.classification.models import Policy
from distributors.classification.services import classification_run, policy_default
policy_default()
for policy in Policy.objects.all():
    classification_run(policy=policy, as_of=month_shift(month_of(clock.today()), -24), official=True)
"""
CLASSIFY = 'from core import jobs; print(jobs.job_create(kind="classification.nightly", actor=None).pk)'


def seed() -> int:
    """Return the seed of the moments: FAULT_SEED to repeat a run, else a new one, which is printed."""
    chosen = int(os.environ.get("FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    print(f"FAULT_SEED={chosen}")  # noqa: T201  shown with a failure
    return chosen


def undisturbed(stack, job):
    """Run a job to its end and return what it leaves and how long it took."""
    send(stack, "core.run_job", job)
    wait_for_job(stack, job)
    assert_sound(stack)
    return figures(stack), duration_of(stack, job)


def duration_of(stack, job):
    began, ended = stack.sql("SELECT started_at, finished_at FROM core_job WHERE id = %s", job)[0]
    return moment(ended) - moment(began)


def disturbed(stack, job, delay, *, whole):
    """Kill the worker, or only the process that does the work, `delay` seconds into a job; let another one finish it.

    Returns what the killed attempt was doing.
    """
    send(stack, "core.run_job", job)
    stack.wait_for(lambda: job_state(stack, job) != "queued", what="begin of the job")
    wait_out(delay)
    if whole:
        stack.kill_worker()
    else:
        kill_children(stack, "worker")
    state, message = stack.sql("SELECT state, message FROM core_job WHERE id = %s", job)[0]
    if whole:
        stack.start_worker()
    sweep(stack, job)
    wait_for_job(stack, job)
    return (message or "beginning") if state == "running" else state


def kill_often(again, job, rounds):
    """Assert that a job killed at random moments always leaves what it leaves undisturbed."""
    expected, duration = undisturbed(again.begin(), job)
    caught: list[str] = []

    def kill(number, delay):
        stack = again.begin()
        at = disturbed(stack, job, delay, whole=number % 4 == 0)
        caught.append(at)
        print(f"round {number}: killed after {delay:.2f} of {duration:.2f} s, {at}")  # noqa: T201
        # What is as after the undisturbed run is as sound: `verify` need not say so each time.
        assert figures(stack) == expected, f"round {number}, killed while {at}"
        assert stage_tables(stack) == []
        return min(duration, duration_of(stack, job)) if at == "done" else duration  # this machine is quicker by now

    shares = moments(ROUNDS, seed=seed())
    for number in rounds(ROUNDS):
        duration = kill(number, shares[number] * duration)
    for halved in range(2, 8):  # measured while others ran, a duration is too long: then earlier moments are tried
        if any(at not in {"done", "queued"} for at in caught):
            break
        duration = kill(halved, duration / 2**halved)
    assert any(at not in {"done", "queued"} for at in caught), "no kill came while the job ran"
    return expected


@pytest.mark.faults
@pytest.mark.worker
@pytest.mark.postgres
def test_an_import_killed_at_random_moments_ends_like_one_that_was_not(importing, fresh_stack, rounds):
    prepared, job = importing
    before = prepared.sql("SELECT count(*) FROM ledger_saleline")[0][0]
    expected = kill_often(Again(fresh_stack, prepared), job, rounds)
    assert expected["ledger_saleline"][0] == before + 2 * LINES // 3


@pytest.mark.faults
@pytest.mark.worker
@pytest.mark.postgres
def test_a_classification_killed_at_random_moments_ends_like_one_that_was_not(fresh_stack, rounds):
    prepared = fresh_stack(data=DEMO, web=False, worker=False, redis_url="")
    for statement in (
        "UPDATE profiles_standing SET abc = '', abc_next = '', abc_share = NULL, abc_rank = NULL, abc_as_of = NULL",
        "DELETE FROM classification_classevent",
        "DELETE FROM classification_classification",
        "DELETE FROM classification_classrun",
    ):
        prepared.sql(statement)
    prepared.python(OLD_CLOSE)
    job = int(prepared.python(CLASSIFY))
    expected = kill_often(Again(fresh_stack, prepared), job, rounds)
    assert expected["classification_classification"][0] > 0
