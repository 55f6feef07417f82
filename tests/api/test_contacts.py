"""People over REST: their work by one scope, what is personal by another, and never the one with the other's."""

from datetime import date

import pytest

from accounts.roles import Role
from core.models import AuditEvent
from distributors.profiles.models import Contact, ContactPersonal
from distributors.profiles.people.services import contact_erase
from tests import factories
from tests.api.conftest import error_of
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
LIST = "/api/v1/contacts/"
NEW = {"name": "林海", "level": "owner", "stance": "opponent", "relationship": 4, "since": "2020-01-01"}


def address(contact, more=""):
    return f"{LIST}{contact.pk}/{more}"


def test_the_list_has_the_work_and_nothing_personal(token_client):
    lin = factories.contact(name="Lin", stance="neutral", phones="+86 4711", family="two sons")
    client = token_client("contacts:read")
    (row,) = client.rows(LIST)
    assert (row["id"], row["name"], row["distributor"]) == (lin.pk, "Lin", lin.distributor.code)
    assert "4711" not in str(row)
    assert client.rows(LIST, stance="opponent") == []
    assert len(client.rows(LIST, distributor=lin.distributor.code)) == 1
    assert client.get(address(lin, "personal/")).status_code == 403
    assert error_of(client.send(LIST, NEW))["code"] == "scope_missing"
    assert not AuditEvent.objects.filter(verb="contact.personal_read").exists()


def test_an_erased_person_is_told_without_a_name(token_client):
    lin = factories.contact(name="Lin", family="two sons")
    contact_erase(actor=factories.user(), contact=lin, version=None)
    client = token_client()
    (row,) = client.rows(LIST)
    assert (row["name"], row["erased_at"] is not None) == ("", True)
    assert client.get(address(lin, "personal/")).status_code == 404
    assert client.send(address(lin, "change/"), {"name": "back"}).status_code == 404


def test_a_person_is_entered_once_and_changed_by_version(token_client):
    at = factories.distributor()
    client = token_client("contacts:write")
    sent = {"distributor": at.code, **NEW}
    answers = [client.send(LIST, sent, **{"Idempotency-Key": "k"}).json() for _twice in range(2)]
    made = Contact.objects.get()
    assert answers == [{"id": made.pk, "version": 1}] * 2
    assert (made.name, made.relationship, made.since, made.distributor) == ("林海", 4, date(2020, 1, 1), at)
    assert client.send(address(made, "change/"), {"title": "Owner", "version": 1}).json()["version"] == 2
    assert client.send(address(made, "change/"), {"title": "Buyer", "version": 1}).status_code == 409
    made.refresh_from_db()
    assert (made.title, made.name, made.stance) == ("Owner", "林海", "opponent")
    assert AuditEvent.objects.get(verb="contact.created").origin.startswith("token ")


def test_a_change_of_one_field_gives_nobody_their_old_name_back(token_client):
    person = factories.contact(name="林海")
    client, other = token_client("contacts:write"), Contact.objects.filter(pk=person.pk)
    with meanwhile('FROM "profiles_contact"', lambda: other.update(name="林涛", version=2)):
        assert client.send(address(person, "change/"), {"title": "Owner"}).status_code == 409
    assert (other.get().name, other.get().title) == ("林涛", person.title)
    assert client.send(address(person, "change/"), {"title": "Owner"}).json()["version"] == 3
    assert other.get().name == "林涛"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"level": "king"}, "level"),
        ({"relationship": 6}, "relationship"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"distributor": "nobody"}, "distributor"),
        ({"phones": "1"}, "phones"),
        ({"religion": "x"}, "religion"),
        ({"version": 1}, "version"),
    ],
)
def test_what_is_wrong_is_named_and_nobody_is_entered(token_client, wrong, field):
    at = factories.distributor()
    answer = token_client().send(LIST, {"distributor": at.code, **NEW, **wrong})
    assert answer.status_code == 400
    assert list(error_of(answer)["fields"]) == [field]
    assert not Contact.objects.exists()


def test_what_is_personal_needs_its_own_scope_and_each_reading_is_noted(token_client):
    lin = factories.contact(phones="+86 4711")
    client = token_client("contacts-personal:read")
    assert client.get(address(lin, "personal/")).json()["phones"] == "+86 4711"
    event = AuditEvent.objects.get(verb="contact.personal_read")
    assert (event.target_id, event.after) == (str(lin.pk), {"fields": "REST"})
    assert client.send(address(lin, "personal/"), {"family": "x"}).status_code == 403
    assert client.get(LIST).status_code == 403


def test_personal_answers_are_written_with_purpose_and_consent_only(token_client):
    lin = factories.contact(phones="+86 4711")
    client = token_client("contacts-personal:write")
    url = address(lin, "personal/")
    refused = client.send(url, {"family": "two sons"})
    assert refused.status_code == 409
    assert ContactPersonal.objects.get().family == ""
    agreed = {"family": "two sons", "purpose_life": "visits", "consent_life": "2026-01-05"}
    assert client.send(url, agreed | {"version": 1}).json() == {"id": lin.pk, "version": 2}
    assert client.send(url, {"family": "", "version": 1}).status_code == 409
    assert client.send(url, {"politics": "x"}).status_code == 400
    saved = ContactPersonal.objects.get()
    assert (saved.family, saved.phones) == ("two sons", "+86 4711")
    assert "two sons" not in str(list(AuditEvent.objects.values_list("before", "after", "note")))
    assert client.get(url).status_code == 403


def test_people_of_another_territory_do_not_exist(token_client):
    mine, far = factories.contact(phones="1"), factories.contact(phones="2")
    user = factories.user(Role.API_CLIENT, mine.distributor.territory)
    client = token_client(user=user)
    assert [row["id"] for row in client.rows(LIST)] == [mine.pk]
    for answer in (
        client.get(address(far)),
        client.get(address(far, "personal/")),
        client.send(address(far, "change/"), {"title": "x"}),
        client.send(address(far, "personal/"), {"family": ""}),
    ):
        assert answer.status_code == 404
    assert client.send(LIST, {"distributor": far.distributor.code, **NEW}).status_code == 400
    assert Contact.objects.count() == 2


def test_a_person_signed_in_reaches_no_further_than_on_the_pages(client):
    rep = factories.user(Role.REP, factories.territory())
    other = factories.contact(factories.distributor(rep.territories.get()), phones="1")
    client.force_login(rep, backend="accounts.backends.EmailBackend")
    sent = {"distributor": other.distributor.code, **NEW}
    assert client.post(LIST, sent, content_type="application/json").status_code == 403
    assert client.get(address(other)).status_code == 200
    assert client.get(address(other, "personal/")).status_code == 404
    assert client.post(address(other, "change/"), {}, content_type="application/json").status_code == 404
    assert Contact.objects.count() == 1
