import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import override_settings

from config.demo.services import Made, demo_create

TODAY = "2026-03-18"


@dataclass(frozen=True)
class Demo:
    made: Made
    planted: list[dict]

    def plants(self, kind: str) -> list[dict]:
        return [plant for plant in self.planted if plant["kind"] == kind]


@contextmanager
def demo_settings(folder) -> Iterator[None]:
    with override_settings(DEBUG=True, VAR_DIR=folder, TODAY=TODAY):
        yield


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Demo]:
    """Make the smallest demo once for a module; it goes away with it."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), demo_settings(folder), rolled_back():
        made = demo_create(size="demo", seed=1)
        yield Demo(made, json.loads(made.file.read_text(encoding="utf-8"))["planted"])
