"""Undo a batch from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from distributors.ledger.models import Batch
from distributors.ledger.undoing import batch_undo


class Command(BaseCommand):
    help = "Undo a batch by a new one: its rows go, the values before them come back, nothing is deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", type=int)
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        batch = Batch.objects.filter(pk=options["batch"]).first()
        if batch is None:
            raise CommandError(f"There is no batch #{options['batch']}.")
        try:
            made = batch_undo(actor=None, batch=batch, reason=options["reason"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"batch {batch} undone by {made}: {made.rows_removed:,} rows taken out, {made.rows_changed:,} put back"
        )
