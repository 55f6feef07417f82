"""Prove that what pages read agrees with the facts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from distributors.ledger.verification import verify


class Command(BaseCommand):
    help = "Prove that roll-ups and standings agree with the lines, and that the ledger is whole."

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = verify()
        for verdict in verdicts:
            self.stdout.write(f"{'ok  ' if not verdict.wrong else 'FAIL'} {verdict.name}")
            if verdict.wrong:
                self.stdout.write(f"     {verdict.wrong:,} differ, such as {verdict.examples}")
        wrong = sum(1 for verdict in verdicts if verdict.wrong)
        if wrong:
            raise CommandError(f"{wrong} of {len(verdicts)} checks failed.")
