"""Serves the few files that are needed of each npm package."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage


class NpmFinder(BaseFinder):
    """Finds the files that NPM_FILES names below node_modules, under their public names."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.root = Path(settings.BASE_DIR) / "node_modules"

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        source = settings.NPM_FILES.get(path)
        found = str(self.root / source) if source and (self.root / source).exists() else None
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        for name, source in settings.NPM_FILES.items():
            yield name, _Renamed(self.root / source)


class _Renamed(FileSystemStorage):
    """One file under another name."""

    def __init__(self, source: Path):
        super().__init__(location=source.parent)
        self.source = source

    def path(self, name: str) -> str:
        return str(self.source)
