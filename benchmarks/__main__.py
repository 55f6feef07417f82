"""Measures the bars on the PostgreSQL of DATABASE_URL: `python -m benchmarks --write docs/benchmarks.md`."""

import argparse
import importlib
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.databases import ROOT, SEED, TODAY, Databases
from benchmarks.report import Row, circumstances, document, table
from benchmarks.work import Work

NAMES = ("import", "rerun", "abc", "credit", "list", "page", "rest", "export", "check")
PROGRAMS = ("django", "psycopg2-binary", "numpy", "pyarrow", "gunicorn")


def main() -> int:
    """Measure, print, and write the document where asked; return 1 when a bar is not met."""
    options = arguments()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        print("Set DATABASE_URL to a PostgreSQL database (make bench starts one).", file=sys.stderr)
        return 2
    sizes = ("region", "group") if options.size == "both" else (options.size,)
    with tempfile.TemporaryDirectory(prefix="qudao-bench-") as folder:
        databases = Databases(url, Path(folder))
        work = Work(databases, sizes, Path(folder))
        try:
            rows, notes = measured(work, options.only or list(NAMES))
            facts = circumstances(
                {"PostgreSQL": databases.version(), **{name: version(name) for name in PROGRAMS}}, sizes_text(sizes)
            )
        finally:
            databases.close()
    print("\n" + "\n".join(facts) + "\n\n" + table(rows))
    if options.write:
        (ROOT / options.write).write_text(document(rows, notes, facts), encoding="utf-8")
    return int(any(row.counts and not row.holds for row in rows))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=("region", "group", "both"), default="both")
    parser.add_argument("--only", action="append", choices=NAMES)
    parser.add_argument("--write", metavar="FILE", help="write the page of the documentation")
    return parser.parse_args()


def measured(work: Work, names: list[str]) -> tuple[list[Row], list[str]]:
    """Run the benchmarks and return their lines and what they measure."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    os.environ["QUDAO_VAR"] = str(work.folder)
    django.setup()
    rows: list[Row] = []
    notes: list[str] = []
    for name in names:
        module = importlib.import_module(f"benchmarks.bench_{name}")
        print(f"--- {name}", flush=True)
        found = module.rows(work)
        print(table(found), flush=True)
        rows += found
        notes += module.NOTES
    return rows, notes


def sizes_text(sizes: tuple[str, ...]) -> list[str]:
    """Return how large the data was."""
    from config.demo.sizes import MONTHS, SIZES

    return [
        f"Size `{name}`: {SIZES[name].distributors:,} distributors, {SIZES[name].lines:,} sale lines, {MONTHS} months, "
        f"{SIZES[name].products:,} products (seed {SEED}, today {TODAY})."
        for name in sizes
    ]


if __name__ == "__main__":
    sys.exit(main())
