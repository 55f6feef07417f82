"""Absences, and decisions that pass to a named delegate."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.absences import absence_remove, absence_save, delegate_away, represented_by
from accounts.calendars import (
    calendar_of,
    calendar_save,
    company_calendar,
    exception_remove,
    exception_set,
    work_calendar,
)
from accounts.models import Absence, BusinessCalendar, CalendarException
from accounts.roles import Role
from accounts.selectors import colleagues_of, team_of
from core import clock
from core.calendar import is_working_day
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent
from core.needs import needs_of
from distributors.profiles.models import LifecycleChange
from distributors.profiles.services import lifecycle_move
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def east():
    return factories.territory("East")


@pytest.fixture
def lin(east):
    return factories.user(Role.MANAGER, east, name="Lin")


@pytest.fixture
def hua(east):
    """A manager of another territory, who stands in for Lin."""
    return factories.user(Role.MANAGER, factories.territory("West"), name="Hua")


def away(user, delegate=None, days=(0, 5), actor=None, **fields):
    start, end = (TODAY + timedelta(days=step) for step in days)
    values = {"starts_on": start, "ends_on": end, "reason": "", **fields}
    return absence_save(actor=actor or user, instance=Absence(), user=user, delegate=delegate, **values)


def test_a_delegate_decides_only_while_the_person_is_away(lin, hua):
    away(lin, hua, (1, 3))
    decides = {step: lin in represented_by(hua, TODAY + timedelta(days=step)) for step in (0, 1, 3, 4)}
    assert decides == {0: False, 1: True, 3: True, 4: False}
    assert represented_by(hua, TODAY + timedelta(days=2)) == [lin]
    assert represented_by(lin, TODAY + timedelta(days=2)) == []


def test_a_delegate_who_is_away_does_not_pass_it_on(lin, hua):
    third = factories.user(Role.MANAGER, factories.territory())
    away(hua, third)
    absence = away(lin, hua)
    assert delegate_away(absence) is not None
    assert represented_by(hua, TODAY) == []
    assert represented_by(third, TODAY) == [hua]


@pytest.mark.parametrize(
    ("days", "says"),
    [((3, 1), "before the first"), ((-2, 1), "lie ahead"), ((-5, -2), "lie ahead"), ((4, 8), "already")],
)
def test_days_that_cannot_be_are_refused(lin, days, says):
    away(lin, None, (2, 5))
    with pytest.raises(DomainError, match=says):
        away(lin, None, days)
    assert Absence.objects.count() == 1


def test_nobody_is_their_own_delegate(lin):
    with pytest.raises(DomainError, match="Nobody stands in"):
        away(lin, lin)
    assert not Absence.objects.exists()


def test_a_machine_or_a_closed_account_stands_in_for_nobody(lin):
    for delegate in (factories.user(Role.API_CLIENT), factories.user(Role.MANAGER, is_active=False)):
        with pytest.raises(DomainError, match="can no longer sign in"):
            away(lin, delegate)
    assert not Absence.objects.exists()


def test_what_is_over_stays_as_it_was(lin, hua, settings):
    absence = away(lin, hua)
    settings.TODAY = (TODAY + timedelta(days=9)).isoformat()
    with pytest.raises(DomainError, match="it stays as it was"):
        absence_save(
            actor=lin, instance=absence, user=lin, starts_on=TODAY, ends_on=clock.today(), delegate=None, reason=""
        )
    absence.refresh_from_db()
    assert absence.delegate == hua


def test_two_people_who_change_one_absence_do_not_overwrite_each_other(lin, hua):
    absence = away(lin, hua)
    fields = {"user": lin, "starts_on": absence.starts_on, "delegate": None, "reason": ""}
    absence_save(actor=lin, instance=absence, version=1, ends_on=TODAY, **fields)
    with pytest.raises(StaleVersion):
        absence_save(actor=lin, instance=absence, version=1, ends_on=TODAY + timedelta(days=2), **fields)
    absence.refresh_from_db()
    assert absence.ends_on == TODAY


def test_an_absence_is_taken_back_before_it_begins_only(lin):
    begun, ahead = away(lin, None, (0, 1)), away(lin, None, (5, 6))
    with pytest.raises(DomainError, match="has begun"):
        absence_remove(actor=lin, absence=begun)
    absence_remove(actor=lin, absence=ahead)
    assert list(Absence.objects.all()) == [begun]


def test_a_manager_leads_the_reps_of_the_territory_and_who_stands_below(east, lin):
    below = factories.territory("Shanghai", parent=east)
    rep, other_rep = factories.user(Role.REP, east), factories.user(Role.REP, factories.territory())
    city, peer = factories.user(Role.MANAGER, below), factories.user(Role.MANAGER, east)
    assert set(team_of(lin)) == {rep, city}
    assert set(team_of(rep)) == set()
    assert {lin, city, peer} <= set(colleagues_of(rep))
    assert other_rep not in colleagues_of(rep)


def test_a_manager_sees_and_enters_absences_of_own_people_only(east, lin, client):
    rep = factories.user(Role.REP, east, name="Rui")
    stranger = factories.user(Role.REP, factories.territory("Far"), name="Nobody of ours")
    away(rep)
    away(stranger)
    client.force_login(lin)
    page = client.get(reverse("accounts:absence-list")).content.decode()
    assert "Rui" in page
    assert "Nobody of ours" not in page
    body = {"user": stranger.pk, "starts_on": "2026-04-01", "ends_on": "2026-04-02", "delegate": "", "reason": ""}
    assert client.post(reverse("accounts:absence-add"), body).status_code == 422
    assert client.post(reverse("accounts:absence-add"), {**body, "user": rep.pk}).status_code == 302
    assert Absence.objects.filter(user=rep).count() == 2
    assert Absence.objects.filter(user=stranger).count() == 1


# A decision in place of someone absent


@pytest.fixture
def review(east):
    rep = factories.user(Role.REP, east)
    made = factories.distributor(east, rep, state="prospect", legal_name="Hangzhou Trading")
    lifecycle_move(actor=rep, distributor=made, name="submit", reason="complete")
    return made


def decide(user, distributor, name="approve"):
    client = Client()
    client.force_login(user)
    return client.post(reverse("profiles:distributor-move", args=[distributor.pk, name]), {"reason": "looks good"})


def test_a_delegate_decides_for_the_absent_and_both_are_named(lin, hua, review, client):
    assert decide(hua, review).status_code == 404
    away(lin, hua)
    assert [need.key.rsplit("-", 1)[0] for need in needs_of(hua, TODAY)] == [f"review-{review.pk}"]
    assert decide(hua, review).status_code == 302
    review.refresh_from_db()
    assert review.state == "approved"
    row = AuditEvent.objects.get(verb="approve")
    assert (row.actor, row.on_behalf_of) == (hua, lin)
    client.force_login(lin)
    page = client.get(reverse("profiles:distributor-history", args=[review.pk])).content.decode()
    assert "Hua for Lin" in page
    assert "Hua for Lin" in client.get(review.get_absolute_url()).content.decode()


def test_the_delegate_reaches_the_decision_and_nothing_else(lin, hua, review, client):
    away(lin, hua)
    client.force_login(hua)
    assert client.get(reverse("profiles:distributor-move", args=[review.pk, "approve"])).status_code == 200
    for name in ("detail", "profile", "edit", "history", "reassign"):
        assert client.get(reverse(f"profiles:distributor-{name}", args=[review.pk])).status_code == 404
    assert decide(hua, review, "watch").status_code == 404


def test_a_delegate_who_proposed_it_does_not_approve_it(east, lin, review):
    proposer = LifecycleChange.objects.get(distributor=review).by
    away(lin, proposer)
    assert needs_of(proposer, TODAY) == []
    assert decide(proposer, review).status_code == 409
    review.refresh_from_db()
    assert review.state == "review"


def test_nobody_approves_in_place_of_the_one_who_proposed_it(east, lin, hua):
    made = factories.distributor(east, state="prospect")
    lifecycle_move(actor=lin, distributor=made, name="submit", reason="complete")
    away(lin, hua)
    assert needs_of(hua, TODAY) == []
    assert decide(hua, made).status_code == 404
    made.refresh_from_db()
    assert made.state == "review"


def test_who_decides_in_their_own_name_is_named_alone(lin, hua, review):
    away(hua, lin)
    assert decide(lin, review).status_code == 302
    assert AuditEvent.objects.get(verb="approve").on_behalf_of is None


# Calendars


def test_a_territory_has_the_calendar_of_the_nearest_one_above(east, lin):
    city = factories.territory("Munich", parent=east)
    rep = factories.user(Role.REP, city)
    assert calendar_of(rep) == company_calendar()
    german = calendar(name="Bavaria", country="DE", subdivision="BY", territories=[east])
    assert calendar_of(rep) == calendar_of(lin) == german
    assert not is_working_day(work_calendar(german), date(2026, 1, 6))
    calendar(german, name="Bavaria", country="DE", subdivision="", territories=[])
    assert calendar_of(rep) == company_calendar()


def calendar(instance=None, **fields):
    fields = {"subdivision": "", "weekend": ["5", "6"], **fields}
    return calendar_save(actor=factories.user(), instance=instance or BusinessCalendar(), **fields)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"country": "DE", "subdivision": "XX"}, "not known"),
        ({"country": "CN", "weekend": list("0123456")}, "is worked"),
        ({"country": "CN", "name": "Qudao"}, "has this name"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(fields, says):
    company_calendar()
    with pytest.raises(DomainError, match=says):
        calendar(**{"name": "Other", "territories": [], **fields})
    assert BusinessCalendar.objects.count() == 1


def test_an_exception_is_set_changed_and_removed(client):
    admin, own = factories.user(), company_calendar()
    client.force_login(admin)
    url = reverse("accounts:businesscalendar-exception", args=[own.pk])
    body = {"day": "2026-03-14", "worked": "1", "name": "Stocktaking"}
    assert client.post(url, body).status_code == 302
    assert is_working_day(work_calendar(own), date(2026, 3, 14))
    assert "Stocktaking" in client.get(reverse("accounts:businesscalendar-detail", args=[own.pk])).content.decode()
    exception_set(actor=admin, calendar=own, day=date(2026, 3, 14), worked=False, name="Not after all")
    assert not is_working_day(work_calendar(own), date(2026, 3, 14))
    exception_remove(actor=admin, exception=CalendarException.objects.get())
    assert not CalendarException.objects.exists()
    verbs = ["calendar.exception_set", "calendar.exception_set", "calendar.exception_removed"]
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == verbs


def test_the_month_shows_holidays_absences_and_free_days(lin, hua, client):
    away(lin, hua, (20, 22), reason="leave")
    client.force_login(lin)
    page = client.get(reverse("accounts:calendar") + "?month=2026-04").content.decode()
    assert "Tomb-Sweeping" in page
    page = client.get(reverse("accounts:calendar") + "?month=2026-03").content.decode()
    assert "Lin is away, Hua decides" in page
    assert client.get(reverse("accounts:calendar") + "?month=nonsense").status_code == 200


def test_the_month_takes_as_many_queries_however_many_are_away(east, lin, client, django_assert_max_num_queries):
    client.force_login(lin)
    url = reverse("accounts:calendar")
    client.get(url)
    for _number in range(12):
        away(factories.user(Role.REP, east), lin)
    with django_assert_max_num_queries(15):
        client.get(url)
