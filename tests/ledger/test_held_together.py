"""Whoever changes the same things holds the same locks, taken in one order, and asks its rules under them."""

import re
from datetime import date
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Territory
from accounts.roles import Role
from accounts.territory_services import territory_close
from core.errors import DomainError
from distributors.ledger.models import Import
from distributors.ledger.services import import_process
from distributors.profiles.merging import distributor_merge, distributor_unmerge
from distributors.profiles.models import Distributor
from distributors.profiles.services import distributor_save
from tests import factories
from tests.ledger.records import Foreground, bring, problems, small_world, started
from tests.profiles.test_services import fields_of

pytestmark = pytest.mark.django_db


def taken(work):
    """Return the names of the locks that some work takes, in the order in which it first does."""
    with CaptureQueriesContext(
        connection,
    ) as seen:
        work()
    found = [re.search(r"pg_advisory_xact_lock\(hashtext\('(.+?)'\)\)", one["sql"]) for one in seen.captured_queries]
    return list(dict.fromkeys(one[1] for one in found if one))


@pytest.mark.postgres
def test_merge_import_and_form_take_their_locks_in_one_order():
    world, admin = small_world(), factories.user(Role.ADMIN)
    one, two = world["one"], world["two"]
    file = "code,legal_name,territory,tier,parent,tags\nD7,Seven,T1,2,D1,east\nD1,One,T1,1,,west\n"
    new = {**fields_of(one, code="NEW"), "territory": world["territory"], "tags": ["north"]}
    orders = {
        "import": taken(lambda: bring(file, "distributors")),
        "form": taken(lambda: distributor_save(actor=admin, instance=Distributor(), **new)),
        "merge": taken(lambda: distributor_merge(actor=admin, source=two, survivor=one, reason="one company")),
        "undo": taken(lambda: distributor_unmerge(actor=admin, source=two, reason="two after all")),
    }
    assert orders["merge"][:5] == ["batch", "profiles.people", "profiles.supply", "profiles.tags", "territory"]
    for (mine, first), (theirs, second) in combinations(orders.items(), 2):
        common = set(first) & set(second)
        assert [n for n in first if n in common] == [n for n in second if n in common], (mine, theirs)


def change_before_publishing(text, change):
    made = started(text, "territories")
    import_process(import_id=made.pk, runner=Foreground(lambda _n, what: what == "advance publishing" and change()))
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("gone", [False, True], ids=["closed", "gone"])
def test_a_territory_that_closes_or_goes_while_a_file_is_read_takes_nothing_in(gone):
    factories.territory("Home", code="T1")
    there = Territory.objects.filter(code="T1")
    made = change_before_publishing(
        "code,name,parent\nA,A,T1\n", there.delete if gone else lambda: there.update(closed_on=date(2025, 1, 1))
    )
    reason = (
        "This territory is not known: mend the code, or bring it in with the file."
        if gone
        else "This territory is closed: name one that is open."
    )
    assert (made.state, [found[1:] for found in problems(made)]) == (Import.State.REFUSED, [("parent", "T1", reason)])
    assert not Territory.objects.filter(code="A").exists()


def test_a_file_as_ever_of_a_closed_branch_is_taken_and_nothing_new_goes_into_it():
    top = factories.territory("Home", code="T1", closed_on=date(2025, 1, 1))
    factories.territory("Low", top, code="T2", closed_on=date(2025, 1, 1))
    assert bring("code,name,parent\nT1,Home,\nT2,Low,T1\n", "territories").rows_same == 2
    made = bring("code,name,parent\nT1,Home,\nT3,New,T1\n", "territories")
    assert [found[:3] for found in problems(made)] == [(3, "parent", "T1")]
    assert not Territory.objects.filter(code="T3").exists()


def test_a_successor_that_closed_meanwhile_takes_nothing_over(settings):
    settings.TODAY = "2025-06-15"
    old, new, admin = factories.territory(), factories.territory(), factories.user(Role.ADMIN)
    held = factories.distributor(old)
    Territory.objects.filter(pk=new.pk).update(closed_on=date(2025, 6, 1))
    with pytest.raises(DomainError, match="another territory that is open"):
        territory_close(actor=admin, territory=old, successor=new, starts_on=date(2025, 6, 1))
    held.refresh_from_db()
    assert (held.territory, Territory.objects.get(pk=old.pk).closed_on) == (old, None)
