"""Two at once: of the same message, the same button, the same lines."""

import random
import time
from functools import partial
from threading import Thread

import pytest
import requests

from tests.conftest import DEMO
from tests.faults.running import (
    Machine,
    assert_sound,
    at_once,
    import_ask,
    kill_children,
    person,
    send,
    wait_for_job,
    wait_out,
)
from tests.faults.salesfile import sales_file

pytestmark = [pytest.mark.faults, pytest.mark.worker, pytest.mark.xdist_group("rivals")]

PRESSES = 4
STORM_SECONDS = 20
KEYS = 1_500


@pytest.fixture(scope="module")
def running(make_stack):
    """Return a stack of demo data for the tests of this file."""
    stack = make_stack(data=DEMO, worker=False)
    stack.start_worker(concurrency=2)
    yield stack
    stack.close()
    make_stack.stacks.remove(stack)


@pytest.fixture(scope="module")
def erp(running):
    return Machine(running)


@pytest.fixture(scope="module")
def admins(running):
    """Return the administrator at several browsers."""
    return [person(running, "admin") for _number in range(PRESSES)]


@pytest.fixture(scope="module")
def line_of(running):
    """Return a maker of lines: the same key is always of the same distributor and day."""
    distributors = [code for (code,) in running.sql("SELECT code FROM profiles_distributor ORDER BY code LIMIT 40")]
    products = [sku for (sku,) in running.sql("SELECT sku FROM ledger_product ORDER BY sku LIMIT 40")]
    day = str(running.sql("SELECT max(day) FROM ledger_saleline")[0][0])

    def make(key, number, amount):
        return {
            "external_id": f"{key}-{number}",
            "distributor": distributors[number % len(distributors)],
            "product": products[number % len(products)],
            "date": day,
            "quantity": "1",
            "amount": str(amount),
            "currency": "CNY",
        }

    return make


def batches(stack):
    return stack.sql("SELECT count(*) FROM ledger_batch")[0][0]


def test_an_import_delivered_four_times_to_two_workers_happens_once(running, tmp_path):
    before = batches(running)
    running.start_worker("second", concurrency=2)
    job = import_ask(running, sales_file(running, tmp_path / "sales.csv", 3_000))
    for _number in range(PRESSES):
        send(running, "core.run_job", job)
    wait_for_job(running, job)
    running.stop("second")
    assert running.sql("SELECT attempts FROM core_job WHERE id = %s", job) == [(1,)]
    assert batches(running) == before + 1
    assert_sound(running)


def test_one_file_uploaded_by_four_at_once_goes_in_once(running, admins, line_of, tmp_path):
    before = batches(running)
    content = sales_file(running, tmp_path / "sales.csv", 900).read_bytes()
    content = content.replace(b"new-", b"upload-")
    numbers = at_once(*(lambda one=one: one.upload(content) for one in admins))
    for number in numbers:
        wait_for_job(running, running.sql("SELECT job_id FROM ledger_import WHERE id = %s", number)[0][0])
    query = "SELECT state, rows_new, rows_changed, rows_same FROM ledger_import WHERE id = %s"
    found = sorted(running.sql(query, number)[0] for number in numbers)
    assert found[:-1] == [("published", 0, 0, 900)] * (PRESSES - 1)
    assert found[-1][1] == 300
    assert sum(found[-1][1:]) == 900
    assert batches(running) == before + 1
    assert_sound(running)


def test_of_four_who_press_the_same_move_one_wins_and_the_others_are_told(running, admins):
    number = running.sql("SELECT id FROM profiles_distributor WHERE state = 'active' ORDER BY id LIMIT 1")[0][0]
    path = f"/distributors/{number}/move/watch/"
    answers = at_once(*(lambda one=one: one.post(path, {"reason": "late payer"}) for one in admins))
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409, 409]
    changes = running.sql("SELECT after FROM profiles_lifecyclechange WHERE distributor_id = %s", number)
    assert changes.count(("watch",)) == 1
    trail = "SELECT count(*) FROM core_auditevent WHERE verb = 'watch' AND target_id = %s"
    assert running.sql(trail, str(number)) == [(1,)]


def test_a_token_revoked_by_four_at_once_is_revoked_once(running, admins, erp):
    token = running.python(
        "from accounts.models import User\nfrom accounts.tokens import token_create\n"
        "client = User.objects.get(email='erp@machine.example')\n"
        "print(token_create(actor=None, user=client, name='old', scopes=['products:read'], days=2)[0].pk)"
    ).strip()
    answers = at_once(*(lambda one=one: one.post(f"/tokens/{token}/revoke/", {}) for one in admins))
    assert [answer.status_code for answer in answers] == [302] * PRESSES
    assert [answer.headers["Location"] for answer in answers].count(f"/tokens/{token}/") == 1
    trail = "SELECT count(*) FROM core_auditevent WHERE verb = 'token.revoked' AND target_id = %s"
    assert running.sql(trail, token) == [(1,)]


def test_the_classification_asked_for_four_times_at_once_closes_each_month_once(running, admins):
    asked = at_once(*(lambda one=one: one.job_asked(one.post("/classification/run/", {})) for one in admins))
    for job in asked:
        wait_for_job(running, job)
    twice = (
        "SELECT policy_id, as_of FROM classification_classrun GROUP BY policy_id, as_of, official HAVING count(*) > 1"
    )
    assert running.sql(twice) == []
    assert_sound(running)


def test_one_request_sent_four_times_at_once_with_one_key_is_one_batch(running, erp, line_of):
    before = batches(running)
    lines = [line_of("same", number, 10) for number in range(300)]
    answers = at_once(*(lambda: erp.send(lines, key="one-key") for _number in range(PRESSES)))
    assert [answer.status_code for answer in answers] == [200] * PRESSES
    assert len({answer.json()["batch"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == PRESSES - 1
    assert batches(running) == before + 1


@pytest.mark.postgres
def test_lines_upserted_by_four_at_once_keep_one_truth_and_whoever_follows_batches_misses_nothing(
    running, erp, line_of
):
    start = running.sql("SELECT max(number) FROM ledger_batch")[0][0]
    until = time.monotonic() + STORM_SECONDS
    sent, copy = [], {}

    def upsert(seed):
        randomly = random.Random(seed)
        while time.monotonic() < until:
            chosen = randomly.sample(range(KEYS), 150)
            answer = erp.send([line_of("storm", number, randomly.randrange(1, 10_000)) for number in chosen])
            sent.append((answer.status_code, answer.text[:300]))

    def follow(seen=start):
        while time.monotonic() < until:
            seen = copied(seen)
        copied(seen)

    def copied(seen):
        lines = erp.pull(seen)
        copy.update((line["external_id"], (line["amount"], line["batch"])) for line in lines)
        return max([seen, *(line["batch"] for line in lines)])

    threads = [Thread(target=upsert, args=[seed]) for seed in range(PRESSES)]
    follower = Thread(target=follow)
    for thread in (*threads, follower):
        thread.start()
    for thread in (*threads, follower):
        thread.join(timeout=180)
    last = max([start, *(batch for _amount, batch in copy.values())])
    copied(last)
    assert {status for status, _text in sent} == {200}, sent
    assert len(sent) >= PRESSES
    stored = (
        "SELECT external_id, amount, batch_id FROM ledger_saleline WHERE superseded_by_id IS NULL AND batch_id > %s"
    )
    expected = {key: (f"{amount / 10_000:.4f}", batch) for key, amount, batch in running.sql(stored, start)}
    assert copy == expected
    assert_sound(running)


def kill_after(stack, delay):
    wait_out(delay)
    kill_children(stack, "web")


def test_a_web_process_killed_during_an_upsert_writes_all_or_nothing(running, erp, line_of, rounds):
    size = 1_500
    count = "SELECT count(*), count(DISTINCT batch_id) FROM ledger_saleline WHERE external_id LIKE %s"
    began = time.monotonic()
    assert erp.send([line_of("whole", number, 5) for number in range(size)]).status_code == 200
    duration = time.monotonic() - began
    randomly = random.Random()
    outcomes = []
    for number in rounds(10):
        lines = [line_of(f"killed{number}", place, 5) for place in range(size)]

        def post(lines=lines, number=number):
            try:
                return erp.send(lines, key=f"killed-{number}").status_code
            except requests.ConnectionError:
                return 0

        kill = partial(kill_after, running, randomly.random() * duration)
        outcomes.append(at_once(post, kill)[0])
        assert running.sql(count, f"killed{number}-%")[0][0] in {0, size}
        running.wait_for(lambda post=post: post() == 200, what="answer of the processes that came after")
        assert running.sql(count, f"killed{number}-%") == [(size, 1)]
    assert 0 in outcomes, "no kill came while a request ran"
    assert_sound(running)
