"""A whole Qudao of its own: database, gunicorn, Celery worker and beat as processes, for tests from the outside."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.services import end_with_parent, free_port
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent


ACTIVITY = (
    "SELECT pid, state, wait_event_type, wait_event, now() - xact_start, pg_blocking_pids(pid), left(query, 300) "
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Stack:
    """A running product on a database of its own.

    `url` is the address of the web process, `env` the environment of every process, `folder` its QUDAO_VAR.
    """

    def __init__(self, database: "Database", *, redis_url: str = "", **env: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="qudao-stack-", dir=os.environ.get("TESTS_FOLDER")))
        self.database = database
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.env = inherited | {
            "DEBUG": "1",
            "QUDAO_VAR": str(self.folder),
            "DATABASE_URL": database.url,
            "LOG_LEVEL": "INFO",
            "THROTTLE_ADDRESS": "100000/min",
            "THROTTLE_TOKEN": "100000/min",
            "PYTHONUNBUFFERED": "1",
            **({"REDIS_URL": redis_url} if redis_url else {}),
            **env,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    # Commands and reading.

    def manage(self, *arguments: str, check: bool = True, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` with the stack's environment; its output is text."""
        return self._run([sys.executable, "manage.py", *arguments], check=check, timeout=timeout)

    def python(self, code: str, *, timeout: float = 120) -> str:
        """Run Python with Django set up and return what it prints."""
        setup = "import django; django.setup()\n"
        environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
        return self._run([sys.executable, "-c", setup + code], timeout=timeout, **environment).stdout

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query (placeholders %s on both databases) read past the product; writes commit."""
        return self.database.sql(query, parameters)

    def log(self, name: str) -> str:
        """Return what the process `web`, `worker` or `beat` has printed."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def standing(self) -> str:
        """Return where the threads of the web process and the statements of the database stand, to explain a hang."""
        before = len(self.log("web"))
        for pid in children(self.processes["web"].pid):
            os.kill(pid, signal.SIGUSR2)
        activity = "" if self.database.is_sqlite else "\n".join(map(str, self.sql(ACTIVITY)))
        with suppress(TimeoutError):
            wait_until(lambda: self.log("web").count("most recent call first") >= 2, within=5, what="dump")
        return f"{activity}\n{self.log('web')[before:]}"

    def _run(self, command: list[str], *, check: bool = True, timeout: float, **env: str) -> Any:
        done = subprocess.run(
            command, cwd=ROOT, env=self.env | env, capture_output=True, text=True, timeout=timeout, check=False
        )
        if check and done.returncode:
            output = done.stdout[-2000:] + done.stderr[-4000:]
            raise AssertionError(f"{' '.join(command[1:3])} failed ({done.returncode}):\n{output}")
        return done

    # Processes.

    def start_web(self) -> None:
        """Start gunicorn and wait until /healthz answers."""
        options = ["--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "4", "--timeout", "60"]
        options += ["--no-control-socket", "--config", "python:tests.gunicorn_dump"]
        self._start("web", ["gunicorn", "config.wsgi", *options])
        wait_until(self._healthy, within=60, what=f"healthy web process\n{self.log('web')}")

    def start_worker(self, name: str = "worker", *, concurrency: int = 1) -> None:
        """Start a Celery worker and wait until it takes work."""
        seen = self.log(name).count(" ready.")
        options = ["--concurrency", str(concurrency), "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        self._start(name, ["celery", "-A", "config", "worker", *options, "-n", f"{name}-{uuid.uuid4().hex[:8]}@tests"])
        self._await_line(name, " ready.", seen)

    def start_beat(self, name: str = "beat") -> None:
        """Start Celery beat and wait until it has begun."""
        seen = self.log(name).count("beat: Starting")
        options = ["--loglevel", "INFO", "--schedule", str(self.folder / f"{name}-schedule"), "--pidfile="]
        self._start(name, ["celery", "-A", "config", "beat", *options])
        self._await_line(name, "beat: Starting", seen)

    def kill(self, name: str) -> None:
        """SIGKILL a process and all its children, as a machine that loses power would."""
        self._signal(name, signal.SIGKILL)

    def kill_worker(self, name: str = "worker") -> None:
        """SIGKILL the Celery worker with its children."""
        self.kill(name)

    def stop(self, name: str) -> None:
        """Ask a process to end, and end it after ten seconds."""
        self._signal(name, signal.SIGTERM)

    def stop_worker(self, name: str = "worker") -> None:
        """Ask the Celery worker to end after the job it runs."""
        self.stop(name)

    def wait_for(self, fact: Any, *, within: float = 60, what: str = "expected state") -> Any:
        """Return the first true answer of `fact()`, polling until a deadline."""
        return wait_until(fact, within=within, what=what)

    def close(self) -> None:
        """End every process at once and drop the database."""
        for name in list(self.processes):
            self.kill(name)
        self.database.drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, name: str, command: list[str]) -> None:
        if name in self.processes:
            raise RuntimeError(f"{name} runs already")
        program, *arguments = command
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(PROGRAMS / program), *arguments],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def _signal(self, name: str, number: signal.Signals) -> None:
        process = self.processes.pop(name)
        _signal_group(process.pid, number)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        _signal_group(process.pid, signal.SIGKILL)  # children that outlived their parent

    def _await_line(self, name: str, line: str, seen: int) -> None:
        def printed() -> bool:
            if self.processes[name].poll() is not None:
                raise RuntimeError(f"{name} ended while starting:\n{self.log(name)[-3000:]}")
            return self.log(name).count(line) > seen

        wait_until(printed, within=60, what=f"line {line!r} from {name}")

    def _healthy(self) -> bool:
        if self.processes["web"].poll() is not None:
            raise RuntimeError(f"The web process ended while starting:\n{self.log('web')[-3000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:  # noqa: S310  our own address
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


class Database:
    """An SQLite file or a PostgreSQL database that a test may fill, copy and drop."""

    def __init__(self, url: str, *, template: "Database | None" = None) -> None:
        self.url = url
        self.parts = urlsplit(url)
        self.name = self.parts.path.removeprefix("/")
        self.is_sqlite = self.parts.scheme == "sqlite"
        if self.is_sqlite:
            if template is not None:
                shutil.copyfile(template.path, self.path)
        else:
            source = f' TEMPLATE "{template.name}"' if template is not None else ""
            self._maintain(f'CREATE DATABASE "{self.name}"{source}')

    @property
    def path(self) -> Path:
        """Return the SQLite file."""
        return Path(self.parts.path)

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self.is_sqlite:
            connection: Any = sqlite3.connect(self.path, timeout=30)
            query = query.replace("%s", "?")
        else:
            connection = psycopg2.connect(self.url)
        try:
            cursor = connection.cursor()
            cursor.execute(query, parameters)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return rows
        finally:
            connection.close()

    def settle(self) -> None:
        """Bring everything into the one file that is copied."""
        if self.is_sqlite:
            self.sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def drop(self) -> None:
        if self.is_sqlite:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        else:
            self._maintain(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _maintain(self, statement: str) -> None:
        connection = psycopg2.connect(self.parts._replace(path="/postgres").geturl())
        try:
            connection.autocommit = True
            connection.cursor().execute(statement)
        finally:
            connection.close()


class StackMaker:
    """Makes stacks; a database that several want is filled once and copied.

    `server_url` names the kind of database (and for PostgreSQL the server), `redis_server` a private Redis whose
    databases from `first_redis_database` on may be used.
    """

    def __init__(self, server_url: str, folder: Path, *, redis_server: str = "", first_redis_database: int = 1) -> None:
        self.server = urlsplit(server_url)
        self.folder = folder
        self.redis_server = redis_server
        self.redis_database = first_redis_database
        self.templates: dict[tuple[Any, ...], Database] = {}
        self.stacks: list[Stack] = []

    def __call__(
        self,
        *,
        data: Sequence[str] | None = None,
        web: bool = True,
        worker: bool = True,
        beat: bool = False,
        database_url: str = "",
        redis_url: str | None = None,
        **env: str,
    ) -> Stack:
        """Return a migrated, running stack; `data` are arguments of `manage.py demo_data` to fill it with.

        `database_url` or `redis_url` put it on a server of the test's own ("" for no Redis).
        """
        if redis_url is None:
            redis_url = self._next_redis()
        if database_url:
            database = Database(database_url)
            stack = Stack(database, redis_url=redis_url, **env)
            self._fill(stack, data)
        else:
            stack = Stack(self._copy(data, env), redis_url=redis_url, **env)
        self.stacks.append(stack)
        if web:
            stack.start_web()
        if worker:
            stack.start_worker()
        if beat:
            stack.start_beat()
        return stack

    def close(self) -> None:
        for stack in self.stacks:
            stack.close()
        for template in self.templates.values():
            template.drop()

    def _copy(self, data: Sequence[str] | None, env: dict[str, str]) -> Database:
        key = (*(data or ()), *sorted(env.items()))
        if key not in self.templates:
            template = self._new_database()
            filler = Stack(template, **env)
            self._fill(filler, data)
            template.settle()
            self.templates[key] = template
        return self._new_database(self.templates[key])

    def _fill(self, stack: Stack, data: Sequence[str] | None) -> None:
        stack.manage("migrate", "--verbosity", "0")
        if data is not None:
            stack.manage("demo_data", *data, timeout=600)

    def _new_database(self, template: Database | None = None) -> Database:
        name = f"stack_{uuid.uuid4().hex[:12]}"
        path = str(self.folder / f"{name}.sqlite3") if self.server.scheme == "sqlite" else f"/{name}"
        url = f"sqlite:///{path}" if self.server.scheme == "sqlite" else self.server._replace(path=path).geturl()
        return Database(url, template=template)

    def _next_redis(self) -> str:
        if not self.redis_server:
            return ""
        self.redis_database += 1
        return f"{self.redis_server}/{self.redis_database}"


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def _end_with_parent() -> None:
    end_with_parent(signal.SIGKILL)


def _signal_group(number: int, kind: signal.Signals) -> None:
    try:
        os.killpg(number, kind)
    except ProcessLookupError:
        return
