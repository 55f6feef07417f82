"""Relations of people over REST: read with them, entered and taken away by whoever changes them, never in a circle."""

import pytest

from accounts.roles import Role
from core.models import AuditEvent
from distributors.profiles.models import ContactRelation
from distributors.profiles.people.services import contact_erase
from tests import factories
from tests.api.conftest import error_of

pytestmark = pytest.mark.django_db
LIST = "/api/v1/contact-relations/"


@pytest.fixture
def three():
    at = factories.distributor()
    return [factories.contact(at, name=name) for name in ("Ada", "Bea", "Cai")]


def held():
    return set(ContactRelation.objects.values_list("kind", "source__name", "target__name"))


def related(one, kind, other):
    return {"contact": one.pk, "kind": kind, "other": other.pk}


def test_whom_a_person_reports_to_is_entered_replaced_and_read(token_client, three):
    ada, bea, cai = three
    client = token_client("contacts:write")
    assert client.send(LIST, related(cai, "reports_to", ada)).status_code == 200
    made = client.send(LIST, related(cai, "reports_to", bea)).json()["id"]
    client.send(LIST, related(bea, "ally", ada))
    assert held() == {("reports_to", "Cai", "Bea"), ("ally", "Ada", "Bea")}
    reader = token_client("contacts:read")
    (row,) = reader.rows(LIST, kind="reports_to")
    assert (row["id"], row["contact"], row["other"], row["distributor"]) == (
        made, cai.pk, bea.pk, ada.distributor.code,
    )  # fmt: skip
    assert [one["id"] for one in reader.rows(LIST, contact=cai.pk)] == [made]
    assert len(reader.rows(LIST, distributor=ada.distributor.code)) == 2
    bosses = {one["name"]: one["reports_to"] for one in reader.rows("/api/v1/contacts/")}
    assert bosses == {"Ada": None, "Bea": None, "Cai": bea.pk}
    assert AuditEvent.objects.filter(verb="contact.related").count() == 3


def test_reports_in_a_circle_are_refused_with_a_sentence_that_names_both(token_client, three):
    ada, bea, cai = three
    client = token_client()
    for one, boss in ((bea, ada), (cai, bea)):
        client.send(LIST, related(one, "reports_to", boss))
    before = held()
    answer = client.send(LIST, related(ada, "reports_to", cai))
    assert answer.status_code == 409
    assert error_of(answer)["message"] == "Cai reports, directly or through others, to Ada."
    assert client.send(LIST, related(ada, "reports_to", ada)).status_code == 409
    assert client.send(LIST, related(cai, "reports_to", bea)).status_code == 409
    assert held() == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"kind": "friend"}, "kind"), ({"other": 0}, "other"), ({"other": 2**40}, "other"), ({"since": "x"}, "since")],
)
def test_what_is_wrong_is_named_and_nothing_is_entered(token_client, three, wrong, field):
    answer = token_client().send(LIST, {**related(three[0], "kin", three[1]), **wrong})
    assert answer.status_code == 400
    assert list(error_of(answer)["fields"]) == [field]
    assert not held()


def test_people_of_two_distributors_and_erased_ones_are_not_related(token_client, three):
    ada, bea, _cai = three
    client, far = token_client(), factories.contact()
    assert client.send(LIST, related(ada, "ally", far)).status_code == 409
    contact_erase(actor=factories.user(), contact=bea, version=None)
    assert list(error_of(client.send(LIST, related(ada, "ally", bea)))["fields"]) == ["other"]
    assert not held()


def test_a_relation_is_taken_away_once(token_client, three):
    relation = ContactRelation.objects.create(kind="kin", source=three[0], target=three[1])
    client, url = token_client("contacts:write"), f"{LIST}{relation.pk}/remove/"
    assert client.send(url, {}).json() == {"id": relation.pk}
    assert client.send(url, {}).status_code == 404
    assert AuditEvent.objects.filter(verb="contact.unrelated").count() == 1
    assert not held()


def test_who_reports_to_an_erased_person_is_still_read(token_client, three):
    ada, bea, _cai = three
    ContactRelation.objects.create(kind="reports_to", source=bea, target=ada)
    contact_erase(actor=factories.user(), contact=ada, version=None)
    (row,) = token_client().rows(LIST)
    assert (row["contact"], row["other"]) == (bea.pk, ada.pk)


def test_relations_beyond_the_territory_do_not_exist(token_client, three):
    far = [factories.contact(at) for at in [factories.distributor()] * 2]
    hidden = ContactRelation.objects.create(kind="kin", source=far[0], target=far[1])
    client = token_client(user=factories.user(Role.API_CLIENT, three[0].distributor.territory))
    assert client.rows(LIST) == []
    assert client.get(f"{LIST}{hidden.pk}/").status_code == 404
    assert client.send(f"{LIST}{hidden.pk}/remove/", {}).status_code == 404
    assert client.send(LIST, related(three[0], "ally", far[0])).status_code == 400
    assert held() == {("kin", far[0].name, far[1].name)}


def test_a_token_without_the_scope_and_a_reader_write_nothing(token_client, three):
    for scopes in (("contacts:read",), ("distributors:read",)):
        assert token_client(*scopes).send(LIST, related(three[0], "kin", three[1])).status_code == 403
    assert token_client("contacts-personal:read").get(LIST).status_code == 403
    assert not held()
