"""What the fault tests share: twins of a prepared stack, people who press buttons, and what must hold afterwards."""

import hashlib
import os
import random
import re
import shutil
import signal
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import redis
import requests
from celery import Celery

from tests.faults.salesfile import MAPPING
from tests.stack import Database, Stack, StackMaker, children
from tests.waiting import wait_until

LEASE = "1.5"
TIMEOUT = 60

# What a run leaves, without the numbers that a sequence gives and the moments of the clock.
OWN = {
    "ledger_saleline": ("id",),
    "ledger_monthlysales": ("id",),
    "ledger_monthlylinesales": ("id",),
    "ledger_batch": ("created_at",),
    "ledger_import": ("created_at", "finished_at"),
    "profiles_standing": (),
    "classification_classification": ("id", "run_id"),
    "classification_classevent": ("id", "run_id"),
    "core_auditevent": ("id", "at", "target_id"),
}
OF_RUN = (
    "SELECT r.policy_id, r.as_of, r.official, {columns} FROM {table} t "
    "JOIN classification_classrun r ON r.id = t.run_id"
)
PLAIN = "SELECT {columns} FROM {table} t"

# Each of these queries finds nothing.
WRONG = {
    "two current revisions of one line": "SELECT source_id, external_id FROM ledger_saleline "
    "WHERE superseded_by_id IS NULL GROUP BY source_id, external_id HAVING count(*) > 1",
    "a line without a current revision that no undo took out": "SELECT t.source_id, t.external_id "
    "FROM ledger_saleline t LEFT JOIN ledger_batch b ON b.number = t.superseded_by_id AND b.undoes_id IS NOT NULL "
    "GROUP BY t.source_id, t.external_id HAVING sum(CASE WHEN t.superseded_by_id IS NULL THEN 1 ELSE 0 END) "
    "<> CASE WHEN max(CASE WHEN b.number IS NOT NULL THEN t.revision ELSE 0 END) = max(t.revision) THEN 0 ELSE 1 END",
    "revisions with a gap": "SELECT source_id, external_id FROM ledger_saleline "
    "GROUP BY source_id, external_id HAVING max(revision) <> count(*) OR min(revision) <> 1",
    "a revision not superseded by the next one": "SELECT a.id FROM ledger_saleline a JOIN ledger_saleline b "
    "ON b.source_id = a.source_id AND b.external_id = a.external_id AND b.revision = a.revision + 1 "
    "WHERE a.superseded_by_id IS NULL OR a.superseded_by_id <> b.batch_id",
    "batch numbers with a gap": "SELECT count(*), max(number) FROM ledger_batch "
    "HAVING max(number) <> count(*) OR min(number) <> 1",
    "a batch whose lines are not there": "SELECT b.number FROM ledger_batch b "
    "LEFT JOIN ledger_saleline t ON t.batch_id = b.number WHERE b.kind = 'sales' GROUP BY b.number, b.rows_new, "
    "b.rows_changed HAVING count(t.id) <> b.rows_new + b.rows_changed",
    "a month that is not the sum of its lines": "SELECT m.distributor_id FROM "
    "(SELECT distributor_id, sum(amount) AS amount, sum(quantity) AS quantity, sum(lines) AS lines "
    "FROM ledger_monthlysales GROUP BY distributor_id) m "
    "JOIN (SELECT coalesce(d.merged_into_id, d.id) AS distributor_id, sum(base_amount) AS amount, "
    "sum(base_quantity) AS quantity, count(*) AS lines FROM ledger_saleline l JOIN profiles_distributor d "
    "ON d.id = l.distributor_id WHERE superseded_by_id IS NULL GROUP BY 1) t ON t.distributor_id = m.distributor_id "
    "WHERE t.amount <> m.amount OR t.quantity <> m.quantity OR t.lines <> m.lines",
    "sums by product line that differ from the month": "SELECT m.distributor_id FROM "
    "(SELECT distributor_id, sum(amount) AS amount FROM ledger_monthlysales GROUP BY distributor_id) m JOIN "
    "(SELECT distributor_id, sum(amount) AS amount FROM ledger_monthlylinesales GROUP BY distributor_id) t "
    "ON t.distributor_id = m.distributor_id WHERE t.amount <> m.amount",
    "a class twice in one run": "SELECT run_id, distributor_id FROM classification_classification "
    "GROUP BY run_id, distributor_id HAVING count(*) > 1",
    "a run without all its members": "SELECT r.id FROM classification_classrun r "
    "LEFT JOIN classification_classification c ON c.run_id = r.id GROUP BY r.id, r.members "
    "HAVING count(c.id) <> r.members",
    "a job that still runs": "SELECT id FROM core_job WHERE state = 'running'",
}


def columns(stack: Stack, table: str) -> list[str]:
    """Return the names of a table's columns, in alphabetical order."""
    question = (
        "SELECT name FROM pragma_table_info(%s) ORDER BY name"
        if stack.database.is_sqlite
        else "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY column_name"
    )
    return [name for (name,) in stack.sql(question, table)]


def figures(stack: Stack) -> dict[str, tuple[int, str]]:
    """Return (rows, checksum) of everything that imports and classifications write."""
    found = {}
    for table, left_out in OWN.items():
        names = ", ".join(f't."{name}"' for name in columns(stack, table) if name not in left_out)
        query = (OF_RUN if "run_id" in left_out else PLAIN).format(columns=names, table=table)
        lines = sorted(map(repr, stack.sql(query)))
        found[table] = len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return found


def stage_tables(stack: Stack) -> list[str]:
    """Return the work tables that are there."""
    catalogue = "sqlite_master" if stack.database.is_sqlite else "pg_tables"
    name = "name" if stack.database.is_sqlite else "tablename"
    query = f"SELECT {name} FROM {catalogue} WHERE substr({name}, 1, 6) = 'stage_'"
    return [table for (table,) in stack.sql(query)]


def assert_sound(stack: Stack) -> None:
    """Assert that nothing is doubled, lost or left over, by SQL of this test and by the product's own `verify`."""
    wrong = {what: rows[:3] for what, query in WRONG.items() if (rows := stack.sql(query))}
    assert wrong == {}
    assert stage_tables(stack) == []
    stack.manage("verify")


def send(stack: Stack, task: str, *arguments: Any) -> None:
    """Put a message into the stack's queue, as the product or beat would."""
    broker = stack.env.get("REDIS_URL") or f"sqla+sqlite:///{stack.folder / 'queue.sqlite3'}"
    app = Celery("tests", broker=broker, set_as_current=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of SQLAlchemy, about how kombu declares its tables
            app.send_task(task, args=arguments, ignore_result=True)
    finally:
        app.close()


def job_state(stack: Stack, job: int) -> str:
    return stack.sql("SELECT state FROM core_job WHERE id = %s", job)[0][0]


def wait_for_job(stack: Stack, job: int, state: str = "done", within: float = 120) -> None:
    """Wait until a job is over; fail at once where it ended otherwise than in `state`."""
    try:
        wait_until(lambda: job_state(stack, job) not in {"queued", "running"}, within=within, what=f"end of job {job}")
    except TimeoutError as late:
        row = stack.sql("SELECT state, message, attempts, sent_at, lease_until FROM core_job WHERE id = %s", job)
        raise AssertionError(f"{late} {row}\n{stack.log('worker')[-3000:]}") from late
    ended, error = stack.sql("SELECT state, error FROM core_job WHERE id = %s", job)[0]
    assert ended == state, error


def sweep(stack: Stack, job: int) -> None:
    """Let a dead job's lease run out and the sweeper send it again; it ticks more often here than once a minute.

    A dead worker's statement may run on in the database and hold the row; only a later tick finds it free then.
    """
    attempts = stack.sql("SELECT attempts FROM core_job WHERE id = %s", job)[0][0]
    next_tick = time.monotonic()

    def taken_up() -> bool:
        nonlocal next_tick
        state, lease, now = stack.sql("SELECT state, lease_until, attempts FROM core_job WHERE id = %s", job)[0]
        if now > attempts or state not in {"queued", "running"}:
            return True
        if (state == "queued" or moment(lease) < time.time()) and time.monotonic() >= next_tick:
            next_tick = time.monotonic() + 3
            stack.sql("UPDATE core_job SET sent_at = NULL WHERE id = %s AND state = 'queued'", job)
            send(stack, "core.tick")
        return False

    try:
        wait_until(taken_up, within=60, what=f"other worker for job {job}")
    except TimeoutError as late:
        raise AssertionError(f"{late}\n{stack.log('worker')[-3000:]}") from late


def moment(value: Any) -> float:
    """Return a moment of either database in seconds since 1970."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def kill_children(stack: Stack, name: str) -> None:
    """SIGKILL the children of a process, as the kernel does when memory is short; the parent lives on."""
    for pid in children(stack.processes[name].pid):
        os.kill(pid, signal.SIGKILL)


def wait_out(delay: float) -> None:
    """Return at a random moment's time: `delay` seconds from now."""
    at = time.monotonic() + delay
    wait_until(lambda: time.monotonic() >= at, within=delay + 5, what="moment of the kill")


def moments(count: int, *, seed: int) -> list[float]:
    """Return shares of a duration, one at random from each of `count` equal parts, in an order that spreads early."""
    randomly = random.Random(seed)
    shares = [(number + randomly.random()) / count for number in range(count)]
    return sorted(shares, key=lambda share: (share * 1000003 * 0.6180339887) % 1)


def at_once(*presses: Callable[[], Any]) -> list[Any]:
    """Call all of them at the same moment, each in a thread, and return their answers."""
    barrier = Barrier(len(presses))

    def press(action: Callable[[], Any]) -> Any:
        barrier.wait(timeout=TIMEOUT)
        return action()

    with ThreadPoolExecutor(len(presses)) as pool:
        return [future.result(timeout=2 * TIMEOUT) for future in [pool.submit(press, action) for action in presses]]


class Person:
    """Someone at a browser without scripts: signs in, reads pages, sends forms."""

    def __init__(self, stack: Stack, email: str, password: str) -> None:
        self.stack, self.url = stack, stack.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.get("/login/")
        answer = self.post("/login/", {"username": email, "password": password})
        assert answer.status_code == 302, answer.text[:500]

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=TIMEOUT, allow_redirects=False)

    def post(self, path: str, data: dict[str, Any], **given: Any) -> requests.Response:
        token = {"csrfmiddlewaretoken": self.session.cookies.get("csrftoken", "")}
        try:
            return self.session.post(
                self.url + path, data=token | data, timeout=TIMEOUT, allow_redirects=False, **given
            )
        except requests.Timeout as error:
            raise AssertionError(f"POST {path} was not answered.\n{self.stack.standing()}") from error

    def upload(self, content: bytes) -> int:
        """Import a sales file with the mapping of these tests, as it is proposed; return the import."""
        files = {"file": ("sales.csv", content), "profile": ("map.toml", MAPPING.encode())}
        answer = self.post("/imports/add/", {"kind": "sales"}, files=files)
        assert answer.status_code == 302, answer.text[:500]
        number = int(re.fullmatch(r"/imports/(\d+)/columns/", answer.headers["Location"])[1])  # type: ignore[index]
        sent = self.post(answer.headers["Location"], {"action": "import"})
        assert (sent.status_code, sent.headers.get("Location")) == (302, f"/imports/{number}/"), sent.text[:500]
        return number

    def job_asked(self, answer: requests.Response) -> int:
        """Return the job that a page led to."""
        assert answer.status_code == 302, answer.text[:500]
        return int(re.fullmatch(r"/jobs/(\d+)/", answer.headers["Location"])[1])  # type: ignore[index]


def person(stack: Stack, role: str) -> Person:
    """Sign in the demo's person of a role."""
    rows = stack.sql("SELECT email FROM accounts_user WHERE is_demo AND role = %s ORDER BY id", role)
    names = {email for (email,) in rows}
    listed = stack.manage("demo_logins").stdout.splitlines()
    line = next(line for line in listed if names & set(line.split()))
    return Person(stack, next(word for word in line.split() if word in names), line.split()[-1])


class Machine:
    """An ERP that sends lines by REST, with a token of its own."""

    def __init__(self, stack: Stack, name: str = "erp") -> None:
        self.url = stack.url
        self.headers = {"Authorization": f"Bearer {stack.python(TOKEN.format(name=name)).strip()}"}

    def send(self, lines: list[dict[str, Any]], key: str = "") -> requests.Response:
        return self.post("sale-lines", {"source": "erp", "lines": lines}, key)

    def post(self, resource: str, body: dict[str, Any], key: str = "") -> requests.Response:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return requests.post(f"{self.url}/api/v1/{resource}/bulk/", json=body, headers=headers, timeout=TIMEOUT)

    def pull(self, since: int) -> list[dict[str, Any]]:
        """Return the current lines of all batches after `since`."""
        url, lines = f"{self.url}/api/v1/sale-lines/?changed_since_batch={since}", []
        while url:
            answer = requests.get(url, headers=self.headers, timeout=TIMEOUT)
            assert answer.status_code == 200, answer.text[:500]
            body = answer.json()
            lines += body["results"]
            url = body["next"]
        return lines


TOKEN = """
from accounts.models import User
from accounts.tokens import SCOPES, token_create
client = User.objects.create(email="{name}@machine.example", name="ERP", role="api_client", everywhere=True)
print(token_create(actor=None, user=client, name="tests", scopes=list(SCOPES), days=2)[1])
"""

IMPORT = """
from pathlib import Path
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.services import import_start
with open({path!r}, "rb") as file:
    made = import_start(actor=None, kind=kind_of("sales"), file=file, filename="sales.csv", profile={profile!r})
print(made.job_id)
"""


def import_ask(stack: Stack, path: Path) -> int:
    """Ask for the import of a sales file and return its job."""
    return int(stack.python(IMPORT.format(path=str(path), profile=MAPPING)))


class Again:
    """A stack on PostgreSQL that begins anew, exactly like a prepared one, as often as a test wants.

    Its worker lives on: it finds the new database where the old one was.
    """

    def __init__(self, maker: StackMaker, prepared: Stack) -> None:
        self.prepared = prepared
        self.stack = maker(web=False, worker=False, QUDAO_LEASE_SECONDS=LEASE)
        if (files := prepared.folder / "files").exists():
            shutil.copytree(files, self.stack.folder / "files")

    def begin(self) -> Stack:
        """Put the database and the queue back, and see to a worker."""
        database = self.stack.database
        database.drop()
        self.stack.database = Database(database.url, template=self.prepared.database)
        if url := self.stack.env.get("REDIS_URL"):
            with redis.Redis.from_url(url) as server:
                server.flushdb()
        if "worker" not in self.stack.processes:
            self.stack.start_worker()
        return self.stack
