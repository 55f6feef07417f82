"""Make an API token at the server's command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.tokens import DEFAULT_DAYS, SCOPES, token_create
from core.errors import DomainError


class Command(BaseCommand):
    """Prints the token, this once."""

    help = "Make an API token for a user of role API client; prints it, this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for whom, for what and for how long."""
        parser.add_argument("--user", required=True, help="e-mail of the API client")
        parser.add_argument("--scope", required=True, nargs="+", help=f"of: {', '.join(SCOPES)}")
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help=f"until it expires (default {DEFAULT_DAYS})")
        parser.add_argument("--name", default="command line", help="what the token is for")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the token."""
        user = User.objects.filter(email__iexact=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        try:
            _token, text = token_create(
                actor=None, user=user, name=options["name"], scopes=options["scope"], days=options["days"]
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text)
