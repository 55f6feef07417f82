"""Prints how to sign in to the demo."""

import os
from typing import Any

from django.core.management.base import BaseCommand

from accounts.selectors import demo_logins


class Command(BaseCommand):
    """`demo_logins`."""

    help = "Print a log-in for each role of the demo."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print a small table."""
        logins = demo_logins()
        if not logins:
            self.stdout.write("No demo people here.")
            return
        heads = {"role": "Role", "name": "Name", "email": "E-mail", "password": "Password"}
        widths = {key: max(len(str(row[key])) for row in [heads, *logins]) for key in heads}
        self.stdout.write(f"Sign in at http://127.0.0.1:{os.environ.get('PORT', '8000')}/ as")
        for row in [heads, *logins]:
            self.stdout.write("  " + "  ".join(str(row[key]).ljust(widths[key]) for key in heads).rstrip())
