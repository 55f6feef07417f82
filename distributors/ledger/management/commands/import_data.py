"""Bring a file in from the command line."""

from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core import clock, jobs
from core.errors import DomainError
from core.models import Job
from distributors.ledger.kinds.declaration import kind_of, kinds_all
from distributors.ledger.models import Import
from distributors.ledger.services import import_cancel, import_start

SHOWN = 100


def _outcome(made: Import) -> str:
    """Return what came of an import that was checked or published."""
    if made.state == Import.State.VALID:
        return f"{made.rows_read:,} rows would go in"
    counts = f"{made.rows_new:,} new, {made.rows_changed:,} changed, {made.rows_same:,} unchanged"
    batch = f", batch {made.batch}" if hasattr(made, "batch") else ""
    took = made.job.took if made.job else None
    spent = f", in {clock.span_text(took)}" if took else ""
    return f"{made.rows_read:,} rows published: {counts}{batch}{spent}"


class Command(BaseCommand):
    help = "Bring a file in: check it whole, then publish it or say what is wrong with it."
    said = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=[kind.name for kind in kinds_all()])
        parser.add_argument("file", type=Path)
        parser.add_argument("--profile", type=Path, help="a TOML file; without it the columns are named as the fields")
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--user", help="the e-mail of whoever brings it in")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = self._start(options)
            self._run(made)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        made.refresh_from_db()
        if made.state == Import.State.REFUSED:
            self._report(made)
            problems = "problem" if made.problems_count == 1 else "problems"
            raise CommandError(f"{made.problems_count:,} {problems}; nothing was changed.")
        if made.is_open or made.state == Import.State.CANCELLED:
            raise CommandError(f"The import is {made.state}: see {made.get_absolute_url()}.")
        self.stdout.write(f"{made.filename}: {_outcome(made)}")

    def _run(self, made: Import) -> None:
        """Run the import's job here; whoever interrupts it cancels it."""
        try:
            jobs.job_run_own(job=cast(Job, made.job), told=self._tell)
        except KeyboardInterrupt:
            import_cancel(actor=made.created_by, instance=made)

    def _tell(self, job: Job) -> None:
        line = f"  {job.message}: {job.done:,} rows" if job.done else f"  {job.message}"
        if line != self.said:
            self.said = line
            self.stdout.write(line)

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
