"""Turn off a person's two-step log-in at the server's command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.second_factor import second_factor_reset
from core.errors import DomainError


class Command(BaseCommand):
    """Lets the last administrator back in who lost the phone and the backup codes."""

    help = "Turn off the two-step log-in of a person who lost the phone and the backup codes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for whom."""
        parser.add_argument("--user", required=True, help="e-mail of the person")

    def handle(self, *_args: Any, user: str, **_options: Any) -> None:
        """Turn it off."""
        person = User.objects.filter(email__iexact=user).first()
        if person is None:
            raise CommandError(f"There is no user {user}.")
        try:
            second_factor_reset(actor=None, user=person)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{person.email} logs in with the password alone again.")
