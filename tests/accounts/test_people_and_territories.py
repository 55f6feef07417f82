from datetime import date

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import Territory, User
from accounts.roles import MATRIX, Role
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


def save(actor, instance=None, **fields):
    data = {"code": "N", "name": "North", "level": "", "parent": None, **fields}
    return services.territory_save(actor=actor, instance=instance or Territory(), **data)


def test_siblings_get_successive_paths_and_children_extend_them():
    admin = factories.user()
    north = save(admin)
    south = save(admin, code="S", name="South")
    town = save(admin, code="TN", name="Town", parent=north)
    assert (north.path, south.path, town.path) == ("0001", "0002", "00010001")
    assert AuditEvent.objects.filter(verb="territory.created", actor=admin).count() == 3


def test_a_taken_code_is_refused_and_nothing_changed():
    admin = factories.user()
    save(admin)
    with pytest.raises(DomainError, match="N"):
        save(admin, name="Other")
    assert Territory.objects.count() == 1


def test_a_territory_is_renamed_and_stays_where_it_lies():
    admin = factories.user()
    north = save(admin)
    renamed = save(admin, north, name="Far north")
    assert (renamed.name, renamed.path, renamed.version) == ("Far north", "0001", 2)


def test_nothing_is_added_below_a_closed_territory():
    admin = factories.user()
    closed = factories.territory(closed_on=date(2026, 1, 1))
    with pytest.raises(DomainError, match="closed"):
        save(admin, parent=closed)
    assert Territory.objects.count() == 1


def test_of_two_who_edit_one_territory_the_second_is_told():
    admin = factories.user()
    north = save(admin)
    save(admin, north, version=1, name="First")
    with pytest.raises(StaleVersion):
        save(admin, north, version=1, name="Second")
    assert Territory.objects.get().name == "First"


def test_a_territory_or_person_saved_unchanged_leaves_no_trace():
    admin = factories.user()
    north = save(admin)
    fields = person(territories=[north])
    made = services.user_save(actor=admin, instance=User(), **fields)
    trail = AuditEvent.objects.count()
    assert save(admin, north, version=1).version == 1
    assert services.user_save(actor=admin, instance=made, version=1, **fields).version == 1
    assert AuditEvent.objects.count() == trail


def person(**fields):
    base = {"email": "New@Test.example", "name": "New", "role": Role.REP, "territories": [], "everywhere": False}
    return {**base, "code": "", "title": "", "is_active": True, **fields}


def test_a_new_person_has_no_password_and_an_email_in_lower_case():
    made = services.user_save(actor=factories.user(), instance=User(), **person())
    assert (made.email, made.has_usable_password()) == ("new@test.example", False)


def test_an_administrator_cannot_lock_themselves_out():
    admin = factories.user()
    with pytest.raises(DomainError):
        services.user_save(actor=admin, instance=admin, **person(email=admin.email, role=Role.ADMIN, is_active=False))
    admin.refresh_from_db()
    assert admin.is_active


def test_only_administrators_open_people(client):
    client.force_login(factories.user(Role.MANAGER, everywhere=True), backend="accounts.backends.EmailBackend")
    assert client.get(reverse("accounts:user-list")).status_code == 403


def test_a_taken_email_is_refused_in_the_form(client):
    client.force_login(factories.user(), backend="accounts.backends.EmailBackend")
    factories.user(email="taken@test.example")
    data = {"email": "TAKEN@test.example", "name": "X", "role": "rep", "is_active": "on"}
    response = client.post(reverse("accounts:user-add"), data)
    assert response.status_code == 422
    assert User.objects.filter(email__iexact="taken@test.example").count() == 1


def test_the_second_of_two_editors_sees_both_versions_and_may_save_knowingly(client):
    admin = factories.user()
    client.force_login(admin, backend="accounts.backends.EmailBackend")
    north = save(admin)
    url = reverse("accounts:territory-edit", args=[north.pk])
    save(admin, north, name="Theirs")
    data = {"code": "N", "name": "Mine", "level": "", "parent": "", "version": "1"}
    response = client.post(url, data)
    assert response.status_code == 409
    assert response.context["conflict"]["rows"] == [{"label": "Name", "yours": "Mine", "theirs": "Theirs"}]
    assert Territory.objects.get().name == "Theirs"
    assert client.post(url, {**data, "version": response.context["form"]["version"].value()}).status_code == 302
    assert Territory.objects.get().name == "Mine"


def test_every_permission_of_the_matrix_names_a_role_that_exists():
    assert {role for extents in MATRIX.values() for role in extents} <= set(Role)


def test_the_trail_says_whose_reach_was_widened():
    admin, north = factories.user(), factories.territory("North")
    made = services.user_save(actor=admin, instance=User(), **person(territories=[]))
    services.user_save(actor=admin, instance=made, **person(territories=[north]))
    row = AuditEvent.objects.get(verb="user.changed")
    assert (row.before["territories"], row.after["territories"]) == ("", "North")


def test_a_taken_email_is_a_refusal_also_when_two_add_it_at_once():
    admin = factories.user()
    services.user_save(actor=admin, instance=User(), **person())
    with pytest.raises(DomainError):
        services.user_save(actor=admin, instance=User(), **person())
    assert User.objects.filter(email="new@test.example").count() == 1


def test_an_administrator_sets_the_first_password_of_a_person_and_nobody_else_does(client):
    admin, rep = factories.user(), factories.user(Role.REP, password=None)
    url = reverse("accounts:user-password", args=[rep.pk])
    words = {"new_password1": "river-moon-4711", "new_password2": "river-moon-4711"}
    client.force_login(factories.user(Role.MANAGER, everywhere=True), backend="accounts.backends.EmailBackend")
    assert client.post(url, words).status_code == 403
    client.force_login(admin, backend="accounts.backends.EmailBackend")
    assert client.post(url, {**words, "new_password2": "other"}).status_code == 422
    weak = client.post(url, {"new_password1": rep.email, "new_password2": rep.email}).context["form"]
    assert weak.errors.keys() == {"new_password1"}
    assert "Your" not in str(weak["new_password1"].help_text), "the password is somebody else's"
    rep.refresh_from_db()
    assert not rep.has_usable_password()
    assert client.post(url, words).status_code == 302
    rep.refresh_from_db()
    assert rep.check_password("river-moon-4711")
    assert AuditEvent.objects.filter(verb="user.password_set", target_id=str(rep.pk), actor=admin).exists()
