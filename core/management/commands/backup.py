"""`manage.py backup FILE`: the database and the stored files in one archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.backups import backup_write
from core.errors import DomainError


class Command(BaseCommand):
    """Writes a backup."""

    help = "Write the database and the stored files to FILE (.tar.gz)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the target."""
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        """Write it."""
        try:
            size = backup_write(target=file.resolve())
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {size:,} bytes")
