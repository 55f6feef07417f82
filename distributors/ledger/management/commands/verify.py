"""Prove that what pages read agrees with the facts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.company import company
from core.money import amount_text
from distributors.ledger.verification import totals, verify


class Command(BaseCommand):
    help = "Prove that roll-ups and standings agree with the lines, and that the ledger is whole."

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = verify()
        for verdict in verdicts:
            self.stdout.write(f"{'ok  ' if not verdict.wrong else 'FAIL'} {verdict.name}")
            if verdict.wrong:
                self.stdout.write(f"     {verdict.wrong:,} differ, such as {verdict.examples}")
        self._totals()
        wrong = sum(1 for verdict in verdicts if verdict.wrong)
        if wrong:
            raise CommandError(f"{wrong} of {len(verdicts)} checks failed.")

    def _totals(self) -> None:
        found, currency = totals(), company().base_currency
        self.stdout.write(f"lines in force: {found.lines:,}")
        self.stdout.write(f"net sales, all time: {amount_text(found.net_sales, 4)} {currency}")
        if found.as_of:
            year = amount_text(found.net_sales_12m, 4)
            self.stdout.write(f"net sales, twelve full months before {found.as_of}: {year} {currency}")
