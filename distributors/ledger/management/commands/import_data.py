"""Bring a file in from the command line."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core.errors import DomainError
from distributors.ledger.kinds.declaration import kind_of, kinds_all
from distributors.ledger.models import Import
from distributors.ledger.services import import_process, import_start

SHOWN = 100


class _Foreground:
    """Runs an import in this process and says how far it is."""

    def __init__(self, say: Any):
        self.say, self.last = say, ""

    def fence(self) -> None:
        """Nobody else runs this import."""

    def advance(
        self, done: int | None = None, total: int | None = None, message: str | None = None, place: Any = None
    ) -> None:
        """Print a line."""
        if done is not None:
            self.say(f"  {done:,} rows")
        elif message and message != self.last:
            self.last = message
            self.say(f"  {message}")


class Command(BaseCommand):
    help = "Bring a file in: check it whole, then publish it or say what is wrong with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=[kind.name for kind in kinds_all()])
        parser.add_argument("file", type=Path)
        parser.add_argument("--profile", type=Path, help="a TOML file; without it the columns are named as the fields")
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--user", help="the e-mail of whoever brings it in")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = self._start(options)
            import_process(import_id=made.pk, runner=_Foreground(self.stdout.write))
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        made.refresh_from_db()
        if made.state == Import.State.REFUSED:
            self._report(made)
            raise CommandError(f"{made.problems_count:,} problems; nothing was changed.")
        word = "would go in" if made.state == Import.State.VALID else "published"
        self.stdout.write(
            f"{made.filename}: {made.rows_read:,} rows {word}"
            + (
                ""
                if made.dry_run
                else f": {made.rows_new:,} new, {made.rows_changed:,} changed, {made.rows_same:,} unchanged"
            )
        )

    def _start(self, options: dict[str, Any]) -> Import:
        actor = None
        if options["user"]:
            actor = User.objects.filter(email__iexact=options["user"]).first()
            if actor is None:
                raise CommandError(f"Nobody has the e-mail {options['user']}.")
        with options["file"].open("rb") as file:
            return import_start(
                actor=actor,
                kind=kind_of(options["kind"]),
                file=file,
                filename=options["file"].name,
                profile=options["profile"].read_bytes() if options["profile"] else None,
                dry_run=options["dry_run"],
                background=False,
            )

    def _report(self, made: Import) -> None:
        self.stderr.write("row\tcolumn\tvalue\treason")
        for problem in made.problems.all()[:SHOWN]:
            self.stderr.write(f"{problem.row}\t{problem.column}\t{problem.value}\t{problem.reason}")
        if made.problems_count > SHOWN:
            self.stderr.write(f"and {made.problems_count - SHOWN:,} more")
