"""Runs one function of a benchmark in a process of its own: `python -m benchmarks.child MODULE FUNCTION OUT ...`."""

import importlib
import json
import os
import resource
import sys
from pathlib import Path


def main(module: str, function: str, out: str, *arguments: str) -> None:
    """Call the function with Django set up and write what it returns, with the process's peak memory, as JSON."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    found = getattr(importlib.import_module(f"benchmarks.{module}"), function)(*arguments)
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
