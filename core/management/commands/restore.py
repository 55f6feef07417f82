"""`manage.py restore FILE`: a backup into an empty database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.backups import backup_restore
from core.errors import DomainError


class Command(BaseCommand):
    """Restores a backup."""

    help = "Restore a backup into an empty database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source."""
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        """Restore it."""
        try:
            backup_restore(source=file.resolve())
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"restored from {file}")
