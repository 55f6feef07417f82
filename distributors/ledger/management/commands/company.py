"""Say who the manufacturer is."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from distributors.ledger.company import company_set


class Command(BaseCommand):
    help = (
        "Show the company, or set its name, time zone, calendar and, before the first line came in, its base currency."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name")
        parser.add_argument("--currency", help="three letters, such as USD")
        parser.add_argument("--time-zone", help="such as Asia/Shanghai")
        parser.add_argument("--rate-kind", choices=["average", "close"])
        parser.add_argument("--fiscal-start", type=int, help="the month in which the fiscal year starts, 1 to 12")
        parser.add_argument("--cut-off", type=int, help="the last day of a fiscal month, 1 to 28")
        parser.add_argument("--go-live", type=date.fromisoformat, help="such as 2026-04-01")
        parser.add_argument("--language", help="of new people: en or zh-hans")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = {
                "name": options["name"],
                "base_currency": options["currency"],
                "time_zone": options["time_zone"],
                "rate_kind": options["rate_kind"],
                "fiscal_start_month": options["fiscal_start"],
                "cut_off_day": options["cut_off"],
                "go_live_on": options["go_live"],
                "default_language": options["language"],
            }
            found = company_set(actor=None, **{name: value for name, value in given.items() if value is not None})
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found.name}: base currency {found.base_currency}, time zone {found.time_zone}")
