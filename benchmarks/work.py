"""What a benchmark is given: databases by size, and child processes to measure in."""

import json
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.databases import ROOT, Databases


@dataclass(frozen=True)
class Work:
    """One run of the benchmarks."""

    databases: Databases
    sizes: tuple[str, ...]
    folder: Path

    @property
    def largest(self) -> str:
        """Return the largest size of this run, where the bars hold."""
        return self.sizes[-1]

    def child(self, url: str, module: str, function: str, *arguments: str) -> dict[str, Any]:
        """Return what `function` of a benchmark gives in a process of its own on the database `url`."""
        out = self.folder / f"{uuid.uuid4().hex}.json"
        command = [sys.executable, "-m", "benchmarks.child", module, function, str(out), *arguments]
        subprocess.run(command, cwd=ROOT, env=self.databases.environment(url), check=True)
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return found

    def by_size(self, module: str, function: str, *, rounds: int = 1) -> dict[str, list[dict[str, Any]]]:
        """Return the figures of each size, the sizes taken in turns."""
        urls = {size: self.databases.filled(size) for size in self.sizes}
        found: dict[str, list[dict[str, Any]]] = {size: [] for size in self.sizes}
        for _round in range(rounds):
            for size, url in urls.items():
                found[size].append(self.child(url, module, function))
        return found
