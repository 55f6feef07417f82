"""`manage.py create_admin`: the first administrator."""

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.roles import Role
from accounts.services import user_save, user_set_password


class Command(BaseCommand):
    """Creates an administrator."""

    help = "Create an administrator; the password is asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who it is."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)

    def handle(self, *_args: Any, email: str, name: str, **_options: Any) -> None:
        """Ask for a password and create the administrator."""
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"{email} is taken.")
        password = getpass("Password: ")
        user = User(email=email, name=name, role=Role.ADMIN)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        made = user_save(
            actor=User(),
            instance=User(),
            email=email,
            name=name,
            role=Role.ADMIN,
            code="",
            title="",
            everywhere=True,
            is_active=True,
            territories=[],
        )
        user_set_password(actor=made, user=made, password=password)
        self.stdout.write(f"{made.email} may sign in.")
