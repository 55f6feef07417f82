"""The drill: two web and two worker processes under mixed load for a minute, while workers die and Redis restarts."""

import random
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
import requests

from tests.conftest import DEMO
from tests.faults.running import Machine, assert_sound, kill_children, person, send, wait_out
from tests.faults.salesfile import sales_file

pytestmark = [pytest.mark.faults, pytest.mark.worker, pytest.mark.postgres]

SECONDS = 60
LEASE = "3"
KEYS = 400
FILE_LINES = 600
PAGES = ("/", "/distributors/", "/distributors/?class=A", "/sale-lines/", "/jobs/", "/imports/")
PAID = "SELECT external_id FROM ledger_payment WHERE external_id LIKE 'DRILL-%%'"
STORED = """
SELECT external_id, amount FROM ledger_saleline
WHERE superseded_by_id IS NULL AND external_id LIKE 'drill%%' AND external_id NOT LIKE 'drill-file%%'
"""


class Load:
    """What everybody did, as they were told: the answers that must still be true at the end."""

    def __init__(self, stack: Any) -> None:
        self.stack = stack
        self.until = time.monotonic() + SECONDS
        self.lines: dict[str, int] = {}
        self.payments: set[str] = set()
        self.jobs: list[int] = []
        self.files = 0
        self.moves = 0
        self.pages = 0
        self.wrong: list[str] = []

    def going(self) -> bool:
        return time.monotonic() < self.until

    def run(self, *people: Callable[[], None]) -> list[Thread]:
        def guarded(work: Callable[[], None]) -> None:
            try:
                while self.going():
                    work()
            except (AssertionError, requests.RequestException) as fault:
                self.wrong.append(repr(fault))

        threads = [Thread(target=guarded, args=[work]) for work in people]
        for thread in threads:
            thread.start()
        return threads


def erp(load: Load, seed: int, distributors: list[str], products: list[str], day: str) -> Callable[[], None]:
    """Return one step of an ERP that corrects its own lines and sends each request twice, with one key."""
    machine, randomly, step = Machine(load.stack, f"erp{seed}"), random.Random(seed), iter(range(1_000_000))

    def work() -> None:
        number = next(step)
        amounts = {f"drill{seed}-{key}": randomly.randrange(1, 9_999) for key in randomly.sample(range(KEYS), 60)}
        lines = [
            {
                "external_id": key,
                "distributor": distributors[hash_of(key) % len(distributors)],
                "product": products[hash_of(key) % len(products)],
                "date": day,
                "quantity": "1",
                "amount": str(amount),
                "currency": "CNY",
            }
            for key, amount in amounts.items()
        ]
        for _twice in range(2):
            answer = machine.send(lines, key=f"drill-{seed}-{number}")
            assert answer.status_code == 200, answer.text[:300]
        load.lines |= amounts
        paid = f"DRILL-{seed}-{number}"
        rows = [{"number": paid, "distributor": distributors[seed], "date": day, "amount": "100", "currency": "CNY"}]
        answer = machine.post("payments", {"source": "erp", "rows": rows}, key=f"drill-pay-{seed}-{number}")
        assert answer.status_code == 200, answer.text[:300]
        load.payments.add(paid)

    return work


def hash_of(key: str) -> int:
    """Return the number in a key: one key is always of one distributor and product."""
    return int(key.rpartition("-")[2])


def administrator(load: Load, content: bytes) -> Callable[[], None]:
    """Return one step of an administrator: upload a file of its own lines, ask for the classes."""
    admin = person(load.stack, "admin")

    def work() -> None:
        admin.upload(content.replace(b"new-", b"drill-file%d-" % load.files))
        load.files += 1
        load.jobs.append(admin.job_asked(admin.post("/classification/run/", {})))
        wait_out(5)

    return work


def manager(load: Load) -> Callable[[], None]:
    """Return one step of somebody who reads pages and moves one distributor there and back."""
    admin = person(load.stack, "admin")
    number = load.stack.sql("SELECT id FROM profiles_distributor WHERE state = 'active' ORDER BY id LIMIT 1")[0][0]

    def work() -> None:
        for page in PAGES:
            answer = admin.get(page)
            assert answer.status_code == 200, f"{page}: {answer.status_code}"
            load.pages += 1
        for name in ("watch", "restore"):
            answer = admin.post(f"/distributors/{number}/move/{name}/", {"reason": "drill"})
            assert answer.status_code == 302, f"{name}: {answer.status_code}"
            load.moves += 1

    return work


def finish(stack: Any) -> None:
    """Wait until no job is left, ticking oftener than once a minute."""

    def over() -> bool:
        stack.sql("UPDATE core_job SET sent_at = NULL WHERE state = 'queued'")
        send(stack, "core.tick")
        wait_out(2)
        return not stack.sql("SELECT id FROM core_job WHERE state IN ('queued', 'running')")

    stack.wait_for(over, within=240, what=f"end of all jobs\n{stack.log('worker')[-2000:]}")


def test_a_minute_of_everything_with_a_dead_worker_and_a_restarted_redis_loses_and_doubles_nothing(
    private_redis, fresh_stack, tmp_path
):
    stack = fresh_stack(data=DEMO, redis_url=private_redis.url(), beat=True, QUDAO_LEASE_SECONDS=LEASE)
    stack.start_worker("second")
    distributors = [code for (code,) in stack.sql("SELECT code FROM profiles_distributor ORDER BY code LIMIT 40")]
    products = [sku for (sku,) in stack.sql("SELECT sku FROM ledger_product ORDER BY sku LIMIT 40")]
    day = str(stack.sql("SELECT max(day) FROM ledger_saleline")[0][0])
    content = sales_file(stack, tmp_path / "sales.csv", FILE_LINES).read_bytes()

    load = Load(stack)
    sellers = [erp(load, seed, distributors, products, day) for seed in (1, 2)]
    threads = load.run(*sellers, administrator(load, content), manager(load))
    wait_out(SECONDS / 4)
    stack.kill_worker("second")
    wait_out(SECONDS / 8)
    stack.start_worker("second")
    private_redis.restart()
    wait_out(SECONDS / 8)
    kill_children(stack, "worker")
    wait_out(SECONDS / 8)
    kill_children(stack, "second")
    for thread in threads:
        thread.join(timeout=180)
    finish(stack)

    assert load.wrong == []
    assert min(len(load.lines), len(load.payments), load.files, load.moves, load.pages) > 0
    assert {key: amount // 10_000 for key, amount in stack.sql(STORED)} == load.lines
    numbers = [number for (number,) in stack.sql(PAID)]
    assert sorted(numbers) == sorted(load.payments)
    imports = stack.sql("SELECT state FROM ledger_import")
    assert imports == [("published",)] * load.files
    of_files = stack.sql("SELECT count(*) FROM ledger_saleline WHERE external_id LIKE 'drill-file%%'")
    assert of_files == [(load.files * FILE_LINES // 3,)]
    assert {state for (state,) in stack.sql("SELECT state FROM core_job")} == {"done"}
    assert set(load.jobs) <= {job for (job,) in stack.sql("SELECT id FROM core_job")}
    moved = "SELECT count(*) FROM profiles_lifecyclechange WHERE reason = 'drill'"
    assert stack.sql(moved) == [(load.moves,)]
    assert_sound(stack)
