"""Securities from files: known by their reference, converted, refused where they cannot be."""

from datetime import date
from decimal import Decimal

import pytest

from core.models import AuditEvent
from distributors.credit.models import Security
from distributors.ledger.models import ExchangeRate
from tests.credit.accounts import TODAY, account
from tests.ledger.records import bring, problems

pytestmark = pytest.mark.django_db
HEAD = "reference,distributor,kind,amount,currency,starts_on,expires_on"


@pytest.fixture
def one(settings):
    settings.TODAY = TODAY
    account(code="D2")
    return account()


def came(*rows):
    return bring("\n".join([HEAD, *rows]) + "\n", "securities")


def test_securities_come_in_converted_are_corrected_and_come_again_unchanged(one):
    made = came("S1,D1,deposit,100,CNY,2025-01-01,", "S2,D1,guarantee,100,USD,2025-01-01,2025-12-31")
    assert (made.state, made.rows_new, problems(made)) == ("published", 2, [])
    assert dict(Security.objects.values_list("reference", "base_amount")) == {"S1": 100, "S2": 700}
    again = came("S1,D1,deposit,150,CNY,2025-01-01,", "S2,D1,guarantee,100,USD,2025-01-01,2025-12-31")
    assert (again.rows_changed, again.rows_same) == (1, 1)
    found = Security.objects.get(reference="S1")
    assert (found.amount, found.base_amount, found.version) == (150, 150, 2)
    verbs = AuditEvent.objects.filter(target_type="credit.Security").values_list("verb", flat=True)
    assert sorted(verbs) == ["security.added", "security.added", "security.changed"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("S9,D1,deposit,0,CNY,2025-01-01,", "amount"),
        ("S9,D1,deposit,5,EUR,2025-01-01,", "currency"),
        ("S9,D1,deposit,5,CNY,2025-01-01,2024-12-31", "expires_on"),
        ("S1,D2,deposit,5,CNY,2025-01-01,", "reference"),
        ("S9,D1,promise,5,CNY,2025-01-01,", "kind"),
        ("S9,D7,deposit,5,CNY,2025-01-01,", "distributor"),
    ],
)
def test_a_row_that_cannot_be_is_named_and_nothing_comes_in(one, row, column):
    came("S1,D1,deposit,100,CNY,2025-01-01,")
    made = came("S8,D1,deposit,100,CNY,2025-01-01,", row)
    assert (made.state, [found[:2] for found in problems(made)]) == ("refused", [(3, column)])
    assert Security.objects.count() == 1


def test_one_that_was_given_back_is_not_changed_by_a_file(one):
    came("S1,D1,deposit,100,CNY,2025-01-01,")
    Security.objects.update(released_on=date(2025, 4, 1))
    assert came("S1,D1,deposit,900,CNY,2025-01-01,").state == "refused"
    assert Security.objects.get().amount == Decimal(100)
    assert ExchangeRate.objects.exists()
