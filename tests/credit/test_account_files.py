"""Files bring yearly accounts: new, corrected, as they were; and what is refused."""

import pytest

from core.models import Job
from distributors.credit.models import Accounts
from tests import factories
from tests.ledger.records import bring, problems

pytestmark = pytest.mark.django_db
FILE = (
    "distributor,year,currency,registered_capital,equity,liabilities,operating_margin,own_premises\n"
    "D1,2023,CNY,2000000,500,500,4.5,yes\nD1,2022,CNY,,400,500,,\n"
)


@pytest.fixture(autouse=True)
def world(settings):
    settings.TODAY = "2025-06-15"
    factories.distributor(code="D1")


def counted(made):
    return made.state, made.rows_new, made.rows_changed, made.rows_same


def test_accounts_come_in_are_corrected_and_stay():
    assert counted(bring(FILE, "accounts")) == ("published", 2, 0, 0)
    first = Accounts.objects.get(year=2023)
    assert (first.operating_margin, first.own_premises, str(first.reviewed_on)) == (4.5, True, "2025-06-15")
    assert Job.objects.filter(kind="credit.cards").count() == 1
    assert counted(bring(FILE, "accounts")) == ("published", 0, 0, 2)
    assert Accounts.objects.count() == 2
    assert counted(bring("distributor,year,currency,equity\nD1,2023,CNY,900\n", "accounts")) == ("published", 0, 1, 0)
    assert Accounts.objects.count() == 3
    last = Accounts.objects.filter(year=2023).first()
    assert (last.equity, last.liabilities, last.operating_margin, last.own_premises) == (900, 500, 4.5, True)
    assert counted(bring(FILE.splitlines()[0] + "\nD1,2023,CNY,2000000,500,500,4.5,yes\n", "accounts"))[2] == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("D1,2025,CNY,1,1,1,1,yes", "year that is over"),
        ("D1,1980,CNY,1,1,1,1,yes", "year that is over"),
        ("D1,2023,CNY,1,1,-1,1,yes", "below zero"),
        ("D1,2023,CNY,1,1,1,101,yes", "between -100 and 100"),
        ("D1,2023,CNY,,,,,", "at least one figure"),
        ("D1,2023,,1,1,1,1,yes", ""),
        ("D9,2023,CNY,1,1,1,1,yes", ""),
    ],
)
def test_accounts_that_cannot_be_are_refused_and_nothing_comes_in(line, words):
    made = bring(FILE.splitlines()[0] + f"\n{line}\n", "accounts")
    assert made.state == "refused"
    assert words in str(problems(made))
    assert not Accounts.objects.exists()
