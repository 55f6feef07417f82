"""Classes set by hand: with a reason and an end, seen as such, gone when they end."""

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction

from accounts.roles import Role
from core.errors import DomainError
from distributors.classification.models import Cause, ClassEvent, Override
from distributors.classification.selectors.runs import last_closed
from distributors.classification.services import override_add, override_end, overrides, overrides_apply
from distributors.profiles.models import Standing
from tests import factories
from tests.classification.records import CLOSE, close, letters, month, population

pytestmark = pytest.mark.django_db
END = date(2024, 6, 30)


@pytest.fixture(autouse=True)
def today(settings):
    settings.TODAY = "2024-01-10"


@pytest.fixture
def admin():
    return factories.user()


@pytest.fixture
def small():
    made = population(90, 10)
    close()
    return made[1]


def add(actor, distributor, **fields):
    return override_add(
        **{"actor": actor, "distributor": distributor, "klass": "A", "reason": "new city", "ends_on": END, **fields}
    )


def standing(distributor):
    row = Standing.objects.get(pk=distributor.pk)
    return row.abc, row.abc_overridden


def test_an_override_is_in_force_at_once_and_is_an_event(admin, small):
    add(admin, small)
    assert standing(small) == ("A", True)
    event = ClassEvent.objects.filter(distributor=small).first()
    assert (event.before, event.after, event.cause, event.on) == ("C", "A", Cause.OVERRIDE, date(2024, 1, 10))


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": None},
        {"reason": "  "},
        {"klass": "D"},
        {"ends_on": date(2024, 1, 9)},
        {"starts_on": date(2024, 1, 9)},
    ],
)
def test_without_end_reason_or_class_it_is_refused_and_nothing_changes(admin, small, wrong):
    with pytest.raises(DomainError):
        add(admin, small, **wrong)
    assert standing(small) == ("C", False)
    assert not Override.objects.exists()


def test_the_database_itself_refuses_one_without_reason_or_ending_before_it_starts(admin, small):
    for wrong in ({"reason": "", "ends_on": END}, {"reason": "x", "ends_on": date(2023, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Override.objects.create(distributor=small, klass="A", starts_on=CLOSE, created_by=admin, **wrong)


def test_two_for_the_same_days_are_refused(admin, small):
    add(admin, small)
    with pytest.raises(DomainError):
        add(admin, small, klass="B")
    assert Override.objects.count() == 1


def test_it_holds_at_month_closes_until_its_end_and_the_rules_go_on_beneath(admin, small):
    add(admin, small, ends_on=date(2024, 2, 15))
    run = close(month(1))
    assert letters(run) == ["A", "A"]
    assert letters(run, "settled") == ["A", "C"]
    assert run.counts["overridden"] == 1
    run = close(month(2))
    assert letters(run) == ["A", "C"]
    assert ClassEvent.objects.get(run=run).cause == Cause.RETURNED
    assert standing(small) == ("C", False)


def test_it_ends_by_itself_the_night_after_its_last_day(admin, small):
    add(admin, small, ends_on=date(2024, 1, 20))
    assert overrides_apply(on=date(2024, 1, 20)) == 0
    assert overrides_apply(on=date(2024, 1, 21)) == 1
    assert standing(small) == ("C", False)
    assert ClassEvent.objects.filter(distributor=small).first().cause == Cause.RETURNED
    assert overrides_apply(on=date(2024, 1, 21)) == 0


def test_one_that_starts_later_begins_on_its_day(admin, small):
    add(admin, small, starts_on=date(2024, 1, 20))
    assert standing(small) == ("C", False)
    overrides_apply(on=date(2024, 1, 20))
    assert standing(small) == ("A", True)


def test_it_can_be_ended_early_once(admin, small):
    override = add(admin, small)
    override_end(actor=admin, override=override)
    assert standing(small) == ("C", False)
    with pytest.raises(DomainError):
        override_end(actor=admin, override=override)
    assert ClassEvent.objects.filter(distributor=small, cause=Cause.RETURNED).count() == 1


def test_after_an_early_end_another_can_be_set_the_same_day(admin, small):
    override_end(actor=admin, override=add(admin, small))
    add(admin, small, klass="B")
    assert standing(small) == ("B", True)


def test_a_manager_of_another_territory_cannot_set_or_end_one(admin, small):
    stranger = factories.user(Role.MANAGER, factories.territory())
    with pytest.raises(PermissionDenied), transaction.atomic():
        add(stranger, small)
    assert standing(small) == ("C", False)
    override = add(admin, small)
    with pytest.raises(DomainError):
        override_end(actor=stranger, override=override)
    assert standing(small) == ("A", True)


def test_one_that_began_since_the_day_of_a_close_stays_in_force_and_is_no_change_again(admin, small):
    add(admin, small)
    events = list(ClassEvent.objects.order_by("pk").values_list("distributor", "on", "before", "after", "cause"))
    run = close(again=True)
    assert letters(run) == ["A", "C"]
    assert standing(small) == ("A", True)
    after = ClassEvent.objects.order_by("on", "pk").values_list("distributor", "on", "before", "after", "cause")
    assert list(after) == events


def test_one_that_began_since_is_put_into_force_by_a_late_close(admin, small, settings):
    settings.TODAY = "2024-02-05"
    add(admin, small)
    run = close(month(1))
    assert letters(run) == ["A", "C"]
    assert standing(small) == ("A", True)
    assert not ClassEvent.objects.filter(run=run).exists()


def test_one_whose_first_day_no_night_saw_begins_with_the_close(admin, small, settings):
    add(admin, small, starts_on=date(2024, 2, 5))
    settings.TODAY = "2024-02-05"
    close(month(1))
    assert standing(small) == ("A", True)
    assert ClassEvent.objects.filter(distributor=small, on=date(2024, 2, 5), before="C", after="A").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_that_is_ended_while_the_night_reads_stays_ended(admin, small, monkeypatch):
    override = add(admin, small)
    ended = threading.Thread(target=in_a_thread, args=(lambda: override_end(actor=admin, override=override),))

    def meanwhile():
        monkeypatch.undo()
        ended.start()
        ended.join(timeout=1)
        return last_closed()

    monkeypatch.setattr(overrides, "last_closed", meanwhile)
    overrides_apply(on=date(2024, 1, 10))
    ended.join()
    assert standing(small) == ("C", False)


def in_a_thread(work):
    try:
        work()
    finally:
        connections.close_all()


def test_who_has_no_class_cannot_be_given_one(admin):
    prospect = factories.distributor(state="prospect")
    with pytest.raises(DomainError):
        add(admin, prospect)
