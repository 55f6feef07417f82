"""A person leaves, what they hold going over to someone else; and comes back."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import ApiToken, User
from accounts.people_services import user_deactivate, user_reactivate
from accounts.roles import Role
from core.errors import DomainError
from core.models import AuditEvent
from distributors.profiles.assignments import assignments_apply
from distributors.profiles.handover import people_holding
from distributors.profiles.models import Assignment, Task
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.EmailBackend"
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = "2026-05-20"


@pytest.fixture
def admin():
    return factories.user()


@pytest.fixture
def pair():
    return factories.user(Role.REP, name="Rui"), factories.user(Role.REP, name="Hao")


def covers(distributor):
    rows = Assignment.objects.filter(distributor=distributor).order_by("starts_on")
    return [(row.starts_on, row.owner.name if row.owner else "") for row in rows]


def test_who_leaves_signs_in_no_more_and_their_distributors_go_over_from_the_month(admin, pair):
    rui, hao = pair
    made = factories.distributor(owner=rui)
    other = factories.distributor(owner=hao)
    user_deactivate(actor=admin, user=rui, successor=hao, starts_on=JUNE)
    assert not User.objects.get(pk=rui.pk).is_active
    assert covers(made) == [(date(2020, 1, 1), "Rui"), (JUNE, "Hao")]
    assert covers(other) == [(date(2020, 1, 1), "Hao")]
    made.refresh_from_db()
    assert made.owner == rui
    assignments_apply(as_of=JUNE)
    made.refresh_from_db()
    assert made.owner == hao


def test_from_a_month_that_has_begun_the_successor_covers_at_once(admin, pair):
    rui, hao = pair
    made = factories.distributor(owner=rui)
    user_deactivate(actor=admin, user=rui, successor=hao, starts_on=MAY)
    made.refresh_from_db()
    assert made.owner == hao


def test_an_assignment_that_begins_later_goes_over_too_and_keeps_its_territory(admin, pair):
    rui, hao = pair
    made, later = factories.distributor(owner=hao), factories.territory()
    Assignment.objects.create(distributor=made, starts_on=JULY, territory=later, owner=rui)
    user_deactivate(actor=admin, user=rui, successor=hao, starts_on=JUNE)
    assert covers(made) == [(date(2020, 1, 1), "Hao"), (JULY, "Hao")]
    assert Assignment.objects.get(distributor=made, starts_on=JULY).territory == later


def test_who_holds_something_leaves_only_with_a_successor_and_nothing_changed(admin, pair):
    rui, _hao = pair
    made = factories.distributor(owner=rui)
    with pytest.raises(DomainError, match="1 distributor"):
        user_deactivate(actor=admin, user=rui, starts_on=JUNE)
    assert User.objects.get(pk=rui.pk).is_active
    assert covers(made) == [(date(2020, 1, 1), "Rui")]


@pytest.mark.parametrize(("starts_on", "says"), [(date(2026, 6, 2), "first of a month"), (date(2026, 4, 1), "reason")])
def test_a_hand_over_begins_with_a_month_and_one_that_is_over_needs_a_reason(admin, pair, starts_on, says):
    with pytest.raises(DomainError, match=says):
        user_deactivate(actor=admin, user=pair[0], successor=pair[1], starts_on=starts_on)
    assert User.objects.get(pk=pair[0].pk).is_active


def test_nobody_deactivates_themselves_or_somebody_twice(admin, pair):
    with pytest.raises(DomainError):
        user_deactivate(actor=admin, user=admin, starts_on=JUNE)
    user_deactivate(actor=admin, user=pair[0], starts_on=JUNE)
    with pytest.raises(DomainError):
        user_deactivate(actor=admin, user=pair[0], starts_on=JUNE)
    assert AuditEvent.objects.filter(verb="user.deactivated").count() == 1


def test_open_tasks_go_over_at_once_and_ended_ones_stay(admin, pair):
    rui, hao = pair
    for state, ended in (("open", None), ("done", date(2026, 5, 1))):
        Task.objects.create(title=state, owner=rui, due_on=JUNE, state=state, ended_on=ended)
    with pytest.raises(DomainError, match="1 open task"):
        user_deactivate(actor=admin, user=rui, starts_on=JUNE)
    user_deactivate(actor=admin, user=rui, successor=hao, starts_on=JUNE)
    assert dict(Task.objects.values_list("title", "owner__name")) == {"open": "Hao", "done": "Rui"}


def test_risks_of_prospects_go_over_at_once_and_those_of_a_closed_selection_stay(admin, pair):
    rui, hao = pair
    open_one, closed = factories.distributor(state="prospect", bare=True), factories.distributor(state="active")
    risks = [factories.risk(one, owner=rui) for one in (open_one, closed)]
    assert people_holding([rui.pk, hao.pk]) == {rui.pk}
    with pytest.raises(DomainError, match="1 risk of a prospect"):
        user_deactivate(actor=admin, user=rui, starts_on=JUNE)
    user_deactivate(actor=admin, user=rui, successor=hao, starts_on=JUNE, reason="left")
    for risk in risks:
        risk.refresh_from_db()
    assert [(risk.owner, risk.version) for risk in risks] == [(hao, 2), (rui, 1)]
    event = AuditEvent.objects.get(verb="risk.changed")
    assert (event.target_id, event.before, event.after["owner"], event.note) == (
        str(open_one.pk),
        {"owner": "Rui"},
        "Hao",
        "left",
    )


def test_who_may_not_cover_distributors_takes_none_over_and_nothing_changed(admin, pair):
    made = factories.distributor(owner=pair[0])
    with pytest.raises(DomainError, match="managers and reps"):
        user_deactivate(actor=admin, user=pair[0], successor=factories.user(Role.FINANCE), starts_on=MAY)
    made.refresh_from_db()
    assert made.owner == pair[0]
    assert User.objects.get(pk=pair[0].pk).is_active


def test_the_tokens_of_a_machine_end_with_it(admin):
    token, _text = factories.api_token()
    user_deactivate(actor=admin, user=token.user, starts_on=JUNE)
    assert ApiToken.objects.get(pk=token.pk).revoked_at is not None


def test_who_comes_back_signs_in_again_without_what_went_over(admin, pair):
    rui, hao = pair
    made = factories.distributor(owner=rui)
    user_deactivate(actor=admin, user=rui, successor=hao, starts_on=MAY)
    user_reactivate(actor=admin, user=rui)
    assert User.objects.get(pk=rui.pk).is_active
    made.refresh_from_db()
    assert made.owner == hao
    with pytest.raises(DomainError):
        user_reactivate(actor=admin, user=rui)


def test_the_page_says_what_they_hold_and_names_who_takes_over(admin, pair, client):
    rui, hao = pair
    factories.distributor(owner=rui)
    client.force_login(admin, backend=BACKEND)
    url = reverse("accounts:user-deactivate", args=[rui.pk])
    assert "1 distributor" in client.get(url).content.decode()
    assert client.post(url, {"starts_on": "2026-06-01", "successor": ""}).status_code == 422
    assert client.post(url, {"starts_on": "2026-06-01", "successor": hao.pk}).status_code == 302
    page = client.get(reverse("accounts:user-detail", args=[rui.pk])).content.decode()
    assert "Reactivate" in page
