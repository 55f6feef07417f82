"""One line a bar: what was done, ours, the floor, the ratio, the bar, and whether it holds."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADS = ("work", "size", "ours", "floor", "ratio", "bar", "")


@dataclass(frozen=True)
class Row:
    """One measurement; `value` is compared with `bar`, at most or at least; `also` is a condition beside it."""

    work: str
    size: str
    ours: str
    floor: str
    value: float
    bar: float
    unit: str = "x"
    at_least: bool = False
    counts: bool = True
    also: bool = True

    @property
    def holds(self) -> bool:
        """Tell whether the bar is met."""
        return self.also and (self.value >= self.bar if self.at_least else self.value <= self.bar)

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the texts of the line."""
        bar = f"{'>=' if self.at_least else '<='} {self.bar:g} {self.unit}"
        verdict = ("ok" if self.holds else "over") if self.counts else "for information"
        return (self.work, self.size, self.ours, self.floor, f"{self.value:.2f} {self.unit}", bar, verdict)


def seconds(value: float) -> str:
    """Return a duration for a reader."""
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.1f} s"


def table(rows: list[Row]) -> str:
    """Return the lines as a Markdown table with even columns."""
    lines = [HEADS, *(row.cells for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])


def circumstances(versions: dict[str, str], sizes: list[str]) -> list[str]:
    """Return when, on what and with what this was measured."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    programs = ", ".join(f"{name} {version}" for name, version in versions.items())
    return [
        f"Measured {datetime.now(UTC):%Y-%m-%d} at commit {described or 'unknown'}.",
        f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB, {processor()}; load {os.getloadavg()[0]:.1f}.",
        f"Programs: Python {platform.python_version()}, {programs}.",
        *sizes,
    ]


def processor() -> str:
    """Return the processor's name."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def document(rows: list[Row], notes: list[str], facts: list[str]) -> str:
    """Return docs/benchmarks.md."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "`make bench` measures these ratios on a private PostgreSQL. A ratio compares ours with a stated floor",
            "in the same run, or the same work at two sizes of data; absolute times depend on the machine.",
            "",
            *facts,
            "",
            table(rows),
            "",
            "## What is measured",
            "",
            *(f"- {note}" for note in notes),
            "",
        ]
    )
