"""Assignments come in from files, history as well."""

from datetime import date

import pytest

from accounts.roles import Role
from core.models import AuditEvent
from distributors.profiles.models import Assignment, Distributor
from tests import factories
from tests.ledger.records import bring, lines, picture, problems, small_world

pytestmark = pytest.mark.django_db

HEAD = "distributor,day,territory,owner,reason"


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-10"
    found = small_world()
    found["south"] = factories.territory("South", code="T2")
    found["rep"] = factories.user(Role.REP, found["territory"], code="E1")
    found["gone"] = factories.user(Role.REP, found["territory"], code="E2", is_active=False)
    Assignment.objects.all().delete()
    return found


def covered(distributor):
    found = Assignment.objects.filter(distributor=distributor).order_by("starts_on")
    return [(one.starts_on.isoformat(), one.territory.code, one.owner and one.owner.code) for one in found]


def test_a_history_comes_in_and_what_holds_today_stands_on_the_distributor(world):
    made = bring(
        lines("D1,2024-01-01,T1,E2,", "D1,2025-03-01,T2,E1,moved", "D1,2025-06-01,T1,,", head=HEAD), "assignments"
    )
    assert (made.state, made.rows_new) == ("published", 3), problems(made)
    assert covered(world["one"]) == [("2024-01-01", "T1", "E2"), ("2025-03-01", "T2", "E1"), ("2025-06-01", "T1", None)]
    now = Distributor.objects.get(pk=world["one"].pk)
    assert (now.territory.code, now.owner.code) == ("T2", "E1")
    assert AuditEvent.objects.filter(verb="distributor.assigned", target_id=str(now.pk)).count() == 3


def test_the_same_file_again_changes_nothing_and_a_changed_row_is_corrected(world):
    bring(lines("D1,2025-03-01,T1,E1,", head=HEAD), "assignments")
    again = bring(lines("D1,2025-03-01,T1,E1,", head=HEAD), "assignments")
    assert (again.rows_new, again.rows_changed, again.rows_same) == (0, 0, 1)
    bring(lines("D1,2025-03-01,T2,E1,", head=HEAD), "assignments")
    assert covered(world["one"]) == [("2025-03-01", "T2", "E1")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("D1,2025-03-02,T1,E1,", "first of a month"),
        ("D1,2025-03-01,T1,E2,", "who may sign in"),
        ("D1,2025-03-01,T3,E1,", "is closed"),
        ("D9,2025-03-01,T1,E1,", "not known"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(world, row, said):
    factories.territory("Closed", code="T3", closed_on=date(2025, 1, 1))
    before = picture()
    made = bring(lines(row, head=HEAD), "assignments")
    assert [said in one[3] for one in problems(made)] == [True]
    assert picture() == before


def test_two_rows_for_one_month_are_refused(world):
    made = bring(lines("D1,2025-03-01,T1,E1,", "D1,2025-03-01,T2,E1,", head=HEAD), "assignments")
    assert "about the same" in problems(made)[0][3]
