"""Fills an empty database with the invented manufacturer."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.services import demo_create, demo_is_empty
from config.demo.sizes import SIZES
from core.errors import DomainError


class Command(BaseCommand):
    """`demo_data --size demo --seed 1`."""

    help = "Fill an empty database with the demo manufacturer, tied to today. Only with DEBUG on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--size", choices=SIZES, default="demo")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is data already")
        parser.add_argument("--force", action="store_true", help="allow people to be there already")

    def handle(self, *_args: Any, size: str, seed: int, if_empty: bool, force: bool, **_options: Any) -> None:
        """Make the demo and say what is in it."""
        if if_empty and not demo_is_empty():
            return
        started = time.monotonic()
        self.stdout.write(f"Demo data, size {size}: this takes a moment ...")
        self.stdout.flush()
        try:
            made = demo_create(size=size, seed=seed, force=force)
        except DomainError as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{made.distributors:,} distributors, {made.people:,} people, {made.lines:,} sale lines in {seconds:.0f} s"
        )
        planted = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in made.planted.counts().items())
        self.stdout.write(f"Planted ({made.file}): {planted}")
