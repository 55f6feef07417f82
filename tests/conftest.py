"""What every test may use: private databases per process, running stacks, and a summary of what was left out."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from tests import environment
from tests.services import Postgres, Redis, chromium, missing
from tests.stack import Stack, StackMaker

DEMO = ("--size", "demo", "--seed", "1")
FAULTS = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.register_profile("no-timing", deadline=None)
    hypothesis.settings.load_profile("no-timing")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.MEDIA_ROOT = environment.FOLDER / "files"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the browser tests on one process and skip what this machine or database cannot run, counting it."""
    browser = Path(__file__).parent / "browser"
    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if browser in item.path.parents:
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
            if not chromium():
                leave_out(item, "Chromium is not installed")
        if item.get_closest_marker("postgres") and not on_postgres:
            leave_out(item, "needs PostgreSQL (make test starts one)")
        if item.get_closest_marker("sqlite") and on_postgres:
            leave_out(item, "is about SQLite")
    config.stash[FAULTS] = sum(1 for item in items if item.get_closest_marker("faults"))


def leave_out(item: pytest.Item, reason: str) -> None:
    item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what this machine could not run."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "rounds" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}: {value} rounds, then its time was over")
    absent = os.environ.get("TESTS_LEFT_OUT", "")
    if absent:
        terminalreporter.section("LEFT OUT", sep="!", red=True, bold=True)
        terminalreporter.write_line(f"Not installed here, and could not be: {absent}.", red=True, bold=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Put SQLite's test database into a file, so that two connections see the same rows."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = str(environment.FOLDER / "tests.sqlite3")
        database.setdefault("TEST", {})["NAME"] = name
        connection.settings_dict.setdefault("TEST", {})["NAME"] = name


@pytest.fixture(scope="session", autouse=True)
def _flush_lifts_triggers() -> Iterator[None]:
    """Let the flush after a test with real transactions empty the tables whose rows are never changed."""
    from django.test import TransactionTestCase

    from core.triggers import lifted

    plain = TransactionTestCase._fixture_teardown

    def flush(self: TransactionTestCase) -> None:
        with lifted():
            plain(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush)
        yield


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Begin each test that uses the database with an empty cache: throttles and lock-outs live there."""
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        from django.core.cache import cache

        cache.clear()


@pytest.fixture(scope="session")
def make_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackMaker]:
    """Make running stacks, each on a fresh database: `make_stack(data=..., worker=True, beat=False, NAME="env")`.

    They stop at the end of the session; `fresh_stack` gives one that stops with its test.
    """
    maker = new_maker(tmp_path_factory.mktemp("stacks"))
    yield maker
    maker.close()


def new_maker(folder: Path) -> StackMaker:
    return StackMaker(
        os.environ["DATABASE_URL"],
        folder,
        redis_server=os.environ.get("TESTS_REDIS_SERVER", ""),
        first_redis_database=environment.worker_number() * environment.REDIS_DATABASES_PER_PROCESS + 1,
    )


@pytest.fixture(scope="session")
def stack(make_stack: StackMaker) -> Stack:
    """Return one running stack with the demo data and a worker, shared by the tests of this process."""
    return make_stack(data=DEMO, worker=True)


@pytest.fixture
def fresh_stack(make_stack: StackMaker) -> Iterator[Callable[..., Stack]]:
    """Make stacks that stop with the test; takes what `make_stack` takes."""
    before = len(make_stack.stacks)
    yield make_stack
    for own in make_stack.stacks[before:]:
        own.close()
    del make_stack.stacks[before:]


@pytest.fixture
def private_redis() -> Iterator[Redis]:
    """Give a Redis that the test may stop and restart."""
    if "Redis" in missing():
        pytest.skip("Redis is not installed")
    with Redis() as server:
        yield server


@pytest.fixture
def private_postgres() -> Iterator[Postgres]:
    """Give a PostgreSQL that the test may stop and restart."""
    if "PostgreSQL" in missing():
        pytest.skip("PostgreSQL is not installed")
    with Postgres() as server:
        yield server


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int], Iterator[int]]:
    """Count rounds within this test's share of FAULT_SECONDS: `for number in rounds(20)`; at least three are made."""
    limit = float(os.environ.get("FAULT_SECONDS", "inf"))
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = limit * processes / max(1, request.config.stash[FAULTS])
    started = time.monotonic()

    def count(wanted: int) -> Iterator[int]:
        for number in range(wanted):
            if number >= 3 and time.monotonic() - started > share:
                request.node.user_properties.append(("rounds", f"{number} of {wanted}"))
                return
            yield number

    return count
