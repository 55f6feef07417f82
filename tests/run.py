"""Run the suite against private servers: `python -m tests.run suite|faults|bench|screenshots [pytest arguments]`."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.services import Postgres, Redis, install_missing

ROOT = Path(__file__).resolve().parent.parent
PARALLEL = ("-n", os.environ.get("TEST_PROCESSES", "2"), "--dist", "loadgroup")
NOTHING_SELECTED = 5
CONSEQUENCE = {
    "PostgreSQL": "nothing ran on PostgreSQL, the production database",
    "Redis": "nothing ran with Redis as the broker",
    "Chromium": "no page was opened in a browser",
    "gettext": "the translations were not compared with the source",
}


def pytest_step(title: str, arguments: tuple[str, ...], environment: dict[str, str]) -> tuple[str, int, float]:
    """Run pytest once and return its title, exit code and seconds."""
    print(f"\n=== {title} ===", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", "--durations-min=5", *arguments]
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if code == NOTHING_SELECTED and "-k" in arguments:
        code = 0
    return title, code, time.monotonic() - started


def plain_environment() -> dict[str, str]:
    """Return this environment without the addresses of anybody's servers."""
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}


def served_environment(stack: ExitStack, missing: list[str]) -> dict[str, str]:
    """Start what is installed and return the environment that points at it."""
    environment = plain_environment() | {"TESTS_LEFT_OUT": ", ".join(missing)}
    if "PostgreSQL" not in missing:
        environment["DATABASE_URL"] = stack.enter_context(Postgres()).url("qudao")
    if "Redis" not in missing:
        environment["TESTS_REDIS_SERVER"] = stack.enter_context(Redis()).url(0).removesuffix("/0")
    return environment


def suite(extra: tuple[str, ...]) -> int:
    missing = install_missing()
    with ExitStack() as stack:
        served = served_environment(stack, missing)
        on_postgres = "PostgreSQL" not in missing
        rest = "not sqlite" if on_postgres else "(browser or worker) and not postgres"
        sqlite = plain_environment() | {"TESTS_LEFT_OUT": served["TESTS_LEFT_OUT"]}
        steps = [
            pytest_step("SQLite", (*PARALLEL, "-m", "not (postgres or browser or worker or faults)", *extra), sqlite),
            pytest_step(
                "PostgreSQL, Redis, worker, browser" if on_postgres else "Worker, browser (no PostgreSQL)",
                (*PARALLEL, "-m", f"{rest} and not faults", *extra),
                served,
            ),
        ]
        if files := sorted(str(path) for path in (ROOT / "tests").rglob("test_*calculations*.py")):
            coverage = ("--cov", "--cov-report=term-missing:skip-covered", *files, *extra)
            steps.append(pytest_step("Branches of the calculations", coverage, sqlite))
    return report(steps, missing)


def faults(extra: tuple[str, ...]) -> int:
    missing = install_missing()
    with ExitStack() as stack:
        step = pytest_step("Faults", (*PARALLEL, "-m", "faults", *extra), served_environment(stack, missing))
    return report([step], missing)


def screenshots(extra: tuple[str, ...]) -> int:
    missing = install_missing()
    with ExitStack() as stack:
        step = pytest_step("Browser", ("-m", "browser", *extra), served_environment(stack, missing))
    return report([step], missing)


def bench(extra: tuple[str, ...]) -> int:
    """Run the benchmarks on DATABASE_URL if given, else on a private server with production's durability."""
    with ExitStack() as stack:
        environment = dict(os.environ)
        if "DATABASE_URL" not in environment:
            missing = install_missing()
            if "PostgreSQL" in missing:
                print("The benchmarks need PostgreSQL: install it, or set DATABASE_URL.", file=sys.stderr)
                return 1
            server = stack.enter_context(Postgres(durable=True))
            server.create_database("qudao_bench")
            environment["DATABASE_URL"] = server.url("qudao_bench")
        command = [sys.executable, "-m", "benchmarks", *extra]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def report(steps: list[tuple[str, int, float]], missing: list[str]) -> int:
    """Print a line per step and, loudly, what was left out; return the exit code of all."""
    print()
    for title, code, seconds in steps:
        print(f"{'FAILED' if code else 'passed'}  {seconds:5.0f} s  {title}")
    if missing:
        print("\n" + "!" * 100)
        for name in missing:
            print(f"!!  LEFT OUT: {name} is not installed and could not be: {CONSEQUENCE[name]}.")
        print("!" * 100)
    return max(code for _, code, _ in steps)


if __name__ == "__main__":
    commands = {"suite": suite, "faults": faults, "bench": bench, "screenshots": screenshots}
    (ROOT / "var").mkdir(exist_ok=True)
    try:
        sys.exit(commands[sys.argv[1]](tuple(sys.argv[2:])))
    except KeyboardInterrupt:
        sys.exit(130)
