"""The commands: what they refuse, and that the same seed makes the same rows."""

import hashlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import User
from config.demo.loading import indexes_later
from config.demo.services import demo_create
from core.database import rows
from core.errors import DomainError
from distributors.ledger.models import SaleLine
from distributors.profiles.models import Distributor
from tests import factories
from tests.demo.conftest import demo_settings, rolled_back

pytestmark = pytest.mark.django_db


def fingerprint() -> str:
    lines = SaleLine.objects.order_by("external_id", "revision").values_list(
        "external_id",
        "revision",
        "distributor__code",
        "product__sku",
        "day",
        "kind",
        "quantity",
        "amount",
        "base_amount",
    )
    cards = Distributor.objects.order_by("code").values_list(
        "code", "legal_name", "state", "owner__email", "territory__code"
    )
    return hashlib.sha256(repr([*lines, *cards]).encode()).hexdigest()


def made_with(seed: int, folder) -> str:
    with demo_settings(folder), rolled_back():
        demo_create(size="demo", seed=seed)
        return fingerprint()


def test_the_same_seed_makes_the_same_rows_and_another_seed_others(tmp_path):
    first = made_with(1, tmp_path)
    assert made_with(1, tmp_path) == first
    assert made_with(2, tmp_path) != first


@override_settings(DEBUG=False)
def test_with_debug_off_it_refuses_and_writes_nothing():
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("demo_data", stdout=StringIO())
    assert not Distributor.objects.exists()
    assert not User.objects.exists()


def test_a_database_with_people_is_refused_unless_told_so(tmp_path):
    own = factories.user()
    with demo_settings(tmp_path):
        with pytest.raises(DomainError, match="not empty"):
            demo_create(size="demo", seed=1)
        assert list(User.objects.all()) == [own]
        demo_create(size="demo", seed=1, force=True)
        assert Distributor.objects.count() == 300


def test_a_database_with_facts_is_refused_even_by_force(tmp_path):
    own = factories.distributor()
    with demo_settings(tmp_path):
        with pytest.raises(DomainError, match="not empty"):
            demo_create(size="demo", seed=1, force=True)
        output = StringIO()
        call_command("demo_data", "--if-empty", stdout=output)
    assert output.getvalue() == ""
    assert list(Distributor.objects.all()) == [own]


@pytest.mark.postgres
def test_keys_and_indexes_are_back_after_a_load():
    question = "SELECT indexdef FROM pg_indexes WHERE tablename = 'ledger_saleline' ORDER BY indexdef"
    before = rows(question)
    with indexes_later("ledger_saleline"):
        assert rows(question) == []
    assert rows(question) == before
    assert len(before) >= 4
