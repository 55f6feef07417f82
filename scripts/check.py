"""Everything that looks at the source without running the tests: one line a step, its output where it fails."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
PRODUCTION = {
    "DEBUG": "0",
    "SECURE": "1",
    "SECRET_KEY": "only-for-the-check-c9f1d24e87ab40d3b56e1f7a9283c4d5e6f70819a2b3",
    "ALLOWED_HOSTS": "qudao.example",
    "CSRF_TRUSTED_ORIGINS": "https://qudao.example",
    "QUDAO_VAR": str(ROOT / "var" / "check"),
}
DEVELOPMENT = {"DEBUG": "1", "QUDAO_VAR": str(ROOT / "var" / "check")}
SCHEMA = ("spectacular", "--validate", "--fail-on-warn")
UNREACHED = ("ConnectionError", "ServiceError", "Max retries", "timed out", "could not be audited: django ")


@dataclass(frozen=True)
class Step:
    """One command that must end with 0."""

    title: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    needs_network: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    step: Step
    code: int
    output: str
    seconds: float
    skipped: bool = False


def program(name: str, *arguments: str) -> list[str]:
    return [str(BIN / name), *arguments]


def manage(*arguments: str) -> list[str]:
    return [PYTHON, "manage.py", *arguments]


def audit() -> Step:
    """Return pip-audit against its default index; where that cannot be reached, the step counts as skipped."""
    arguments = ("-r", "requirements.lock", "--disable-pip", "--require-hashes", "--progress-spinner", "off")
    return Step("pip-audit", program("pip-audit", *arguments, "--timeout", "15"), needs_network=True)


def steps() -> list[Step]:
    templates = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
    return [
        Step("mypy", program("mypy"), DEVELOPMENT),
        Step("ruff check", program("ruff", "check", "--quiet", ".")),
        Step("ruff format", program("ruff", "format", "--check", "--quiet", ".")),
        Step("djlint", program("djlint", "--lint", "--quiet", *templates)),
        Step("import-linter", program("lint-imports", "--no-cache"), DEVELOPMENT),
        Step("migrations complete", manage("makemigrations", "--check", "--dry-run"), DEVELOPMENT),
        Step("system checks", manage("check", "--fail-level", "WARNING"), DEVELOPMENT),
        Step("deployment checks", manage("check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
        Step(
            "OpenAPI document", manage("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull), DEVELOPMENT
        ),
        Step("translations", [PYTHON, "-m", "pytest", "-q", "tests/test_translations.py"]),
        audit(),
    ]


def run(step: Step) -> Outcome:
    started = time.monotonic()
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env=environment | step.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    away = step.needs_network and any(sign in done.stdout for sign in UNREACHED)
    return Outcome(step, 0 if away else done.returncode, done.stdout, time.monotonic() - started, skipped=away)


def line(outcome: Outcome) -> str:
    if outcome.skipped:
        return f"skipped          {outcome.step.title}: its index cannot be reached from here"
    return f"{'FAILED' if outcome.code else 'ok':7} {outcome.seconds:5.1f} s  {outcome.step.title}"


def main() -> int:
    (ROOT / "var" / "check").mkdir(parents=True, exist_ok=True)
    outcomes = []
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        for outcome in pool.map(run, steps()):
            outcomes.append(outcome)
            print(line(outcome), flush=True)
    failed = [outcome for outcome in outcomes if outcome.code]
    for outcome in failed:
        print(f"\n--- {outcome.step.title} ---\n{outcome.output.strip()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
