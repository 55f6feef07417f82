"""Policies: a change is a new version, and a closed month keeps the one that closed it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import Role
from core.errors import DomainError, StaleVersion
from distributors.classification.models import Policy, PolicyVersion
from distributors.classification.selectors.policies import moves_if
from distributors.classification.selectors.runs import version_on
from distributors.classification.services import policy_add, policy_default, version_add
from tests import factories
from tests.classification.records import CLOSE, close, letters, month, population

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return factories.user()


def change(actor, policy, opened=1, valid_from=date(2024, 2, 1), **settings):
    return version_add(actor=actor, policy=policy, opened=opened, valid_from=valid_from, **settings)


def test_the_default_policy_has_the_settings_as_delivered_and_is_made_once():
    policy = policy_default()
    assert policy_default().pk == policy.pk
    version = policy.versions.get()
    assert (version.cut_a, version.cut_b, version.window_months) == (Decimal("0.7"), Decimal("0.9"), 12)
    assert (version.new_months, version.crossing_above, version.annualise) == (3, False, False)
    assert (version.dynamics_margin, version.dynamics_periods, version.basis) == (Decimal("0.02"), 2, "net_sales")


def test_a_change_is_a_new_version_and_closed_months_keep_theirs(admin):
    population(400, 220, 80, 80, 70, 50, 40)
    policy = policy_default()
    first = close()
    change(admin, policy, cut_a=Decimal("0.5"))
    assert first.version.number == 1
    assert close(again=True).version.number == 1
    second = close(month(1))
    assert second.version.number == 2
    assert letters(second, "raw")[1] == "B"
    assert PolicyVersion.objects.get(number=1).cut_a == Decimal("0.7")


def test_a_change_cannot_reach_back_into_closed_months(admin):
    population(1)
    policy = policy_default()
    close()
    with pytest.raises(DomainError):
        change(admin, policy, valid_from=CLOSE, cut_a=Decimal("0.5"))
    assert policy.versions.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"cut_a": Decimal("0.95")},
        {"cut_b": Decimal("1.01")},
        {"new_months": 13},
        {"dynamics_margin": Decimal("1.5")},
        {},
    ],
)
def test_settings_that_cannot_classify_are_refused(admin, wrong):
    policy = policy_default()
    with pytest.raises(DomainError):
        change(admin, policy, **wrong)
    assert policy.versions.count() == 1


def test_of_two_who_change_a_policy_the_second_is_told(admin):
    policy = policy_default()
    change(admin, policy, cut_a=Decimal("0.6"))
    with pytest.raises(StaleVersion):
        change(admin, policy, cut_a=Decimal("0.5"))
    assert policy.versions.count() == 2


def test_only_an_administrator_changes_a_policy():
    policy = policy_default()
    for role in (Role.MANAGER, Role.REP, Role.ANALYST, Role.FINANCE):
        with pytest.raises(PermissionDenied):
            change(factories.user(role, everywhere=True), policy, cut_a=Decimal("0.6"))
    assert policy.versions.count() == 1


def test_who_would_move_is_known_before_saving(admin):
    members = population(400, 220, 80, 80, 70, 50, 40)
    policy = policy_default()
    current = policy.versions.get()
    proposed = PolicyVersion(policy=policy, cut_a=Decimal("0.5"), cut_b=Decimal("0.9"))
    moves = moves_if(user=admin, current=current, proposed=proposed, as_of=CLOSE)
    assert (moves.up, moves.down, moves.members) == (0, 1, 7)
    assert [(mover.distributor, mover.before, mover.after) for mover in moves.shown] == [(members[1], "A", "B")]
    assert policy.versions.count() == 1


def test_a_policy_changed_during_a_run_leaves_the_run_with_the_version_it_began_with(admin, monkeypatch):
    population(400, 220, 80)
    policy = policy_default()
    from distributors.classification.services import runs

    read = runs.population_read

    def read_and_change(**arguments):
        found = read(**arguments)
        change(admin, policy, cut_a=Decimal("0.5"), valid_from=date(2023, 12, 1))
        return found

    monkeypatch.setattr(runs, "population_read", read_and_change)
    run = close()
    assert run.version.number == 1
    assert run.classifications.filter(raw="A").count() == 1
    assert version_on(policy, CLOSE).number == 2


def test_populations_do_not_overlap(admin):
    policy_default()
    home, abroad = factories.territory(), factories.territory()
    with pytest.raises(DomainError):
        policy_add(actor=admin, name="Home", tier=1, territories=[home])
    policy_add(actor=admin, name="Tier 2 home", tier=2, territories=[home])
    policy_add(actor=admin, name="Tier 2 abroad", tier=2, territories=[abroad])
    with pytest.raises(DomainError):
        policy_add(actor=admin, name="Within", tier=2, territories=[factories.territory(parent=home)])
    assert Policy.objects.count() == 3


def test_home_and_overseas_are_ranked_apart(admin):
    home, abroad = factories.territory(), factories.territory()
    population(100, 10, where=home, tier=2)
    population(5, 1, where=abroad, tier=2)
    close_of = {
        name: close(policy=policy_add(actor=admin, name=name, tier=2, territories=[place]))
        for name, place in (("home", home), ("abroad", abroad))
    }
    assert {name: letters(run) for name, run in close_of.items()} == {"home": ["A", "C"], "abroad": ["A", "C"]}
