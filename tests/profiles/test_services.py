from datetime import date

import pytest
from django.db import OperationalError, connection

from accounts.roles import Role
from core.errors import DomainError, StaleVersion, TransitionRefused
from core.models import AuditEvent
from distributors.profiles import assignments, services
from distributors.profiles.models import Assignment, Distributor, DistributorType, LifecycleChange, Place, Standing
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2025, 11, 20)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


def card(**fields):
    return {"code": "H1", "legal_name": "Harbour Trading", "type": factories.distributor_type(), "tier": 1, **fields}


def save(actor, instance=None, version=None, **fields):
    return services.distributor_save(actor=actor, instance=instance or Distributor(), version=version, **fields)


def fields_of(found, **changed):
    return {"code": found.code, "legal_name": found.legal_name, "type": found.type, "tier": found.tier, **changed}


def test_a_new_distributor_has_its_standing_first_assignment_registered_address_and_audit_row():
    admin, where, rep = factories.user(), factories.territory(), factories.user(Role.REP)
    made = save(admin, territory=where, owner=rep, city="Dalian", address="1 Harbour Road", **card())
    assert (made.territory_path, made.city, made.state) == (where.path, "Dalian", "prospect")
    assert Standing.objects.filter(distributor=made).count() == 1
    assigned = Assignment.objects.get(distributor=made)
    assert (assigned.starts_on, assigned.territory, assigned.owner) == (date(2025, 11, 1), where, rep)
    assert Place.objects.get(distributor=made).kind == "registered"
    event = AuditEvent.objects.get(verb="distributor.created")
    assert (event.actor, event.after["city"]) == (admin, "Dalian")


def test_a_distributor_without_a_territory_is_refused():
    with pytest.raises(DomainError, match="territory"):
        save(factories.user(), **card())
    assert not Distributor.objects.exists()


def test_a_taken_code_is_refused_by_name_and_nothing_is_made():
    other = factories.distributor(code="H1")
    with pytest.raises(DomainError, match="H1"):
        save(factories.user(), territory=other.territory, **card())
    assert Distributor.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_a_change_keeps_territory_and_owner_and_says_what_changed():
    found = factories.distributor(code="H1", legal_name="Harbour")
    admin = factories.user()
    saved = save(admin, found, 1, city="Dalian", **fields_of(found, legal_name="Harbour Trading"))
    assert (saved.legal_name, saved.city, saved.version, saved.territory) == (
        "Harbour Trading",
        "Dalian",
        2,
        found.territory,
    )
    event = AuditEvent.objects.get(verb="distributor.changed")
    assert event.before == {"legal_name": "Harbour", "city": ""}
    assert event.after == {"legal_name": "Harbour Trading", "city": "Dalian"}


def test_the_second_of_two_editors_is_refused_and_changes_nothing():
    found, admin = factories.distributor(), factories.user()
    save(admin, found, 1, **fields_of(found, legal_name="First"))
    with pytest.raises(StaleVersion):
        save(admin, found, 1, city="Nowhere", **fields_of(found, legal_name="Second"))
    now = Distributor.objects.get(pk=found.pk)
    assert (now.legal_name, now.city) == ("First", "")
    assert not Place.objects.exists()


def test_a_supplier_of_the_same_or_a_higher_tier_is_refused():
    found, other = factories.distributor(tier=2), factories.distributor(tier=2)
    with pytest.raises(DomainError, match="lower tier") as refused:
        save(factories.user(), found, 1, **fields_of(found, parent=other))
    assert refused.value.field == "parent"
    assert Distributor.objects.get(pk=found.pk).parent is None


def test_the_tier_of_a_supplier_is_asked_as_it_is_now():
    """The form was filled in while the supplier was of tier 1; someone has changed that since."""
    top, found = factories.distributor(tier=1), factories.distributor(tier=2)
    Distributor.objects.filter(pk=top.pk).update(tier=2)
    with pytest.raises(DomainError, match="is of tier 2"):
        save(factories.user(), found, 1, **fields_of(found, parent=top))
    assert Distributor.objects.get(pk=found.pk).parent is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_tier_waits_for_whoever_changes_supply_even_where_nobody_is_above():
    top = factories.distributor(tier=1)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        other.cursor().execute("SELECT pg_advisory_xact_lock(hashtext('profiles.supply'))")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(OperationalError):
            save(factories.user(), top, 1, **fields_of(top, tier=2))
    finally:
        other.rollback()
        other.close()
        connection.close()
    assert Distributor.objects.get(pk=top.pk).tier == 1


def test_a_circle_of_supply_is_refused_even_where_tiers_were_imported_wrongly():
    top = factories.distributor(tier=3)
    middle = factories.distributor(tier=2, parent=top)
    low = factories.distributor(tier=1, parent=middle)
    with pytest.raises(DomainError, match="through others"):
        save(factories.user(), top, 1, **fields_of(top, parent=low))
    assert Distributor.objects.get(pk=top.pk).parent is None


def test_a_tier_that_its_buyers_do_not_allow_is_refused():
    top = factories.distributor(tier=1)
    factories.distributor(tier=2, parent=top)
    with pytest.raises(DomainError, match="1 distributor"):
        save(factories.user(), top, 1, **fields_of(top, tier=2))
    assert Distributor.objects.get(pk=top.pk).tier == 1


def test_shipping_addresses_come_change_and_go_and_the_registered_one_stays():
    admin = factories.user()
    made = save(admin, territory=factories.territory(), city="Dalian", **card())
    parts = {"address": "Dock 4", "city": "Dalian", "province": "", "postal_code": "", "country": ""}
    place = services.place_save(actor=admin, distributor=made, **parts)
    services.place_save(actor=admin, distributor=made, place=place, **{**parts, "address": "Dock 5"})
    assert Place.objects.get(pk=place.pk).address == "Dock 5"
    services.place_remove(actor=admin, place=place)
    registered = Place.objects.get(distributor=made)
    with pytest.raises(DomainError, match="registered"):
        services.place_remove(actor=admin, place=registered)
    with pytest.raises(DomainError, match="at least one line"):
        services.place_save(actor=admin, distributor=made, **dict.fromkeys(parts, ""))
    assert Place.objects.count() == 1


def test_types_are_seeded_once_in_two_languages():
    first, again = services.types_seed(), services.types_seed()
    assert len(first) == len(again) == DistributorType.objects.count() == 7
    assert first["authorised"].name_zh == "特约经销商"


# Assignments


def assign(found, **fields):
    data = {"starts_on": date(2025, 12, 1), "territory": found.territory, "owner": found.owner, **fields}
    return assignments.assignment_start(actor=factories.user(), distributors=[found], **data)


def test_a_future_assignment_waits_for_its_month():
    found, there = factories.distributor(), factories.territory()
    assert assign(found, territory=there) == 1
    assert Distributor.objects.get(pk=found.pk).territory == found.territory
    assert assignments.assignments_apply(as_of=date(2025, 11, 30)) == 0
    assert assignments.assignments_apply(as_of=date(2025, 12, 1)) == 1
    now = Distributor.objects.get(pk=found.pk)
    assert (now.territory, now.territory_path) == (there, there.path)
    assert assignments.assignments_apply(as_of=date(2025, 12, 1)) == 0


def test_an_assignment_from_this_month_holds_at_once_and_may_take_the_owner_away():
    found = factories.distributor(owner=factories.user(Role.REP))
    assign(found, starts_on=date(2025, 11, 1), owner=None)
    assert Distributor.objects.get(pk=found.pk).owner is None
    event = AuditEvent.objects.get(verb="distributor.assigned")
    assert (event.target_id, event.after["owner"]) == (str(found.pk), "")


def test_a_month_that_is_over_needs_a_reason_and_a_later_assignment_goes_before():
    found, there = factories.distributor(), factories.territory()
    with pytest.raises(DomainError, match="reason"):
        assign(found, starts_on=date(2025, 5, 1), territory=there)
    assert Assignment.objects.count() == 1
    assign(found, starts_on=date(2025, 11, 1), owner=factories.user(Role.REP))
    assign(found, starts_on=date(2025, 5, 1), territory=there, reason="The border moved")
    assert Distributor.objects.get(pk=found.pk).territory == found.territory
    assert Assignment.objects.filter(distributor=found).count() == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"starts_on": date(2025, 12, 2)}, "first of a month"), ({}, "already")],
    ids=["inside a month", "nothing new"],
)
def test_an_assignment_that_breaks_a_rule_is_refused(fields, words):
    found = factories.distributor()
    with pytest.raises(DomainError, match=words):
        assign(found, **fields)
    assert Assignment.objects.count() == 1


def test_nobody_who_left_becomes_owner():
    found = factories.distributor()
    with pytest.raises(DomainError, match="sign in"):
        assign(found, owner=factories.user(Role.REP, is_active=False))
    assert Assignment.objects.count() == 1


def test_many_are_assigned_in_as_few_statements_as_two(django_assert_max_num_queries):
    where, there, admin = factories.territory(), factories.territory(), factories.user()
    for _number in range(30):
        factories.distributor(where)
    rows = list(Distributor.objects.select_related("territory", "owner"))
    # On PostgreSQL the locks are statements too.
    with django_assert_max_num_queries(14):
        assignments.assignment_start(
            actor=admin, distributors=rows, starts_on=date(2025, 11, 1), territory=there, owner=None
        )
    assert Distributor.objects.filter(territory=there, territory_path=there.path).count() == 30


# Lifecycle


def move(actor, found, name, reason="Agreed in the meeting"):
    return services.lifecycle_move(actor=actor, distributor=found, name=name, reason=reason)


def test_a_prospect_becomes_active_by_two_people_with_reasons():
    rep, manager = factories.user(Role.REP), factories.user(Role.MANAGER)
    found = factories.distributor(state="prospect")
    move(rep, found, "submit")
    move(manager, found, "approve")
    move(manager, found, "activate")
    assert Distributor.objects.get(pk=found.pk).state == "active"
    changes = LifecycleChange.objects.filter(distributor=found).order_by("id")
    assert [(change.after, change.by, change.on) for change in changes] == [
        ("review", rep, TODAY),
        ("approved", manager, TODAY),
        ("active", manager, TODAY),
    ]
    assert AuditEvent.objects.filter(verb__in=("submit", "approve", "activate")).count() == 3


@pytest.mark.parametrize(
    ("role", "state", "name", "reason", "words"),
    [
        (Role.MANAGER, "active", "watch", "  ", "Say why"),
        (Role.MANAGER, "active", "approve", "x", "not possible"),
        (Role.MANAGER, "active", "promote", "x", "no such move"),
        (Role.REP, "review", "approve", "x", "sales manager"),
    ],
    ids=["no reason", "wrong state", "unknown", "not decided by reps"],
)
def test_a_move_that_breaks_a_rule_is_refused(role, state, name, reason, words):
    found = factories.distributor(state=state)
    with pytest.raises(DomainError, match=words):
        move(factories.user(role), found, name, reason)
    assert Distributor.objects.get(pk=found.pk).state == state
    assert not LifecycleChange.objects.exists()
    assert not AuditEvent.objects.exists()


def test_nobody_approves_what_they_put_under_review_themselves():
    manager, found = factories.user(Role.MANAGER), factories.distributor(state="prospect")
    move(manager, found, "submit")
    with pytest.raises(TransitionRefused, match="second person"):
        move(manager, found, "approve")
    assert Distributor.objects.get(pk=found.pk).state == "review"


def test_of_two_who_move_one_distributor_at_once_one_wins():
    manager, found = factories.user(Role.MANAGER), factories.distributor()
    mine, theirs = Distributor.objects.get(pk=found.pk), Distributor.objects.get(pk=found.pk)
    move(manager, mine, "watch")
    with pytest.raises(TransitionRefused):
        move(manager, theirs, "exit")
    assert Distributor.objects.get(pk=found.pk).state == "watch"
    assert LifecycleChange.objects.count() == 1
