"""Say who the manufacturer is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from distributors.ledger.company import company_set


class Command(BaseCommand):
    help = "Show the company, or set its name, time zone and, before the first line came in, its base currency."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name")
        parser.add_argument("--currency", help="three letters, such as USD")
        parser.add_argument("--time-zone", help="such as Asia/Shanghai")
        parser.add_argument("--rate-kind", choices=["average", "close"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = company_set(
                actor=None,
                name=options["name"],
                base_currency=options["currency"],
                time_zone=options["time_zone"],
                rate_kind=options["rate_kind"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found.name}: base currency {found.base_currency}, time zone {found.time_zone}")
