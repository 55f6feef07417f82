"""Classify as of a day, from the command line."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.company import company
from core.errors import DomainError
from core.money import amount_text
from distributors.classification.calculations import CLASSES
from distributors.classification.models import ClassRun, Policy
from distributors.classification.services import classification_run, policy_default


class Command(BaseCommand):
    """Classifies the population of each policy and prints what came of it."""

    help = "Classify all populations as of a day: the month's close on the first of a month, a preview on other days."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day, and what else than the usual is wanted."""
        parser.add_argument("--as-of", required=True, type=date.fromisoformat, metavar="DATE", help="YYYY-MM-DD")
        parser.add_argument("--preview", action="store_true", help="only a preview, also on the first of a month")
        parser.add_argument("--again", action="store_true", help="make the last close again, on what is known by now")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run each policy and print its figures."""
        as_of: date = options["as_of"]
        official = as_of.day == 1 and not options["preview"]
        policy_default()
        try:
            for policy in Policy.objects.all():
                run = classification_run(policy=policy, as_of=as_of, official=official, again=options["again"])
                self.report(run)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def report(self, run: ClassRun) -> None:
        """Print a run's counts, cuts and ten largest."""
        version, currency = run.version, company()
        kind = "official" if run.official else "preview"
        self.stdout.write(f"{run.policy}, as of {run.as_of}, {kind}, version {version.number}, batch {run.batch_id}")
        self.stdout.write(
            f"  members {run.members:,}, ranked {run.ranked:,}, cuts {version.cut_a:%} and {version.cut_b:%}"
        )
        self.stdout.write(f"  {version.get_basis_display()} {amount_text(run.total, 4)} {currency.base_currency}")
        for label, key in (("class", "effective"), ("by rank", "raw")):
            counts = ", ".join(f"{letter} {run.counts[key][letter]:,}" for letter in CLASSES)
            self.stdout.write(f"  {label}: {counts}")
        rows = (
            run.classifications.exclude(rank=None).order_by("rank", "distributor__code").select_related("distributor")
        )
        for row in rows[:10]:
            name = f"{row.distributor.code} {row.distributor}"
            share = f"{row.cumulative_share:.2%}"
            self.stdout.write(f"  {row.rank:>4} {row.effective} {amount_text(row.basis, 2):>20} {share:>8}  {name}")
