"""How people of one distributor stand to each other: entered, refused in a circle, drawn, kept through erasure."""

import itertools
import re
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError
from core.models import AuditEvent
from distributors.profiles.merging import distributor_merge, distributor_unmerge
from distributors.profiles.models import ContactRelation
from distributors.profiles.people.pictures import ROOM, shortened
from distributors.profiles.people.relating import LONGEST_CHAIN, relation_remove, relation_set
from distributors.profiles.people.services import contact_erase
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def company(town):
    return factories.distributor(town)


@pytest.fixture
def three(company):
    return [factories.contact(company, name=name) for name in ("Ada", "Bea", "Cai")]


@pytest.fixture
def manager(client, town):
    person = factories.user(Role.MANAGER, town)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


def held():
    return set(ContactRelation.objects.values_list("kind", "source__name", "target__name"))


def relate(client, contact, kind, other):
    return client.post(reverse("profiles:contact-relate", args=[contact.pk]), {"kind": kind, "other": other.pk})


def test_a_new_boss_takes_the_place_of_the_one_before(client, manager, three):
    ada, bea, cai = three
    assert relate(client, cai, "reports_to", ada).status_code == 302
    assert relate(client, cai, "reports_to", bea).status_code == 302
    assert held() == {("reports_to", "Cai", "Bea")}
    event = AuditEvent.objects.filter(verb="contact.related").latest("pk")
    assert event.after == {"reports_to": f"{bea.distributor.code} #{bea.pk}"}
    assert AuditEvent.objects.filter(verb="contact.unrelated").count() == 1


def test_reports_never_run_in_a_circle(client, manager, three):
    ada, bea, cai = three
    for one, boss in ((bea, ada), (cai, bea)):
        relation_set(actor=manager, contact=one, kind="reports_to", other=boss)
    before = held()
    for boss in (bea, cai):
        answer = relate(client, ada, "reports_to", boss)
        assert answer.status_code == 422
        assert "reports, directly or through others, to Ada" in str(answer.context["form"].errors["other"])
    assert relate(client, ada, "reports_to", ada).status_code == 422
    with pytest.raises(DomainError):
        relation_set(actor=manager, contact=ada, kind="reports_to", other=ada)
    assert held() == before


def test_the_rule_is_asked_of_what_is_saved_not_of_what_was_read(manager, three):
    """Who holds people read before another save is refused by what holds now."""
    ada, bea, _cai = three
    stale_ada, stale_bea = type(ada).objects.get(pk=ada.pk), type(bea).objects.get(pk=bea.pk)
    relation_set(actor=manager, contact=bea, kind="reports_to", other=ada)
    with pytest.raises(DomainError):
        relation_set(actor=manager, contact=stale_ada, kind="reports_to", other=stale_bea)
    assert held() == {("reports_to", "Bea", "Ada")}


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_make_no_circle():
    admin, at = factories.user(Role.ADMIN), factories.distributor()
    one, other = factories.contact(at), factories.contact(at)
    together, said = Barrier(2), []

    def report(pair):
        together.wait()
        try:
            relation_set(actor=admin, contact=pair[0], kind="reports_to", other=pair[1])
            said.append("saved")
        except DomainError:
            said.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=report, args=[pair]) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["refused", "saved"]
    assert ContactRelation.objects.count() == 1


def test_a_chain_may_be_long_and_not_endless(manager, company):
    people = [factories.contact(company) for _number in range(LONGEST_CHAIN + 1)]
    ContactRelation.objects.bulk_create(
        ContactRelation(kind="reports_to", source=one, target=boss) for boss, one in itertools.pairwise(people)
    )
    with pytest.raises(DomainError):
        relation_set(actor=manager, contact=factories.contact(company), kind="reports_to", other=people[-1])
    assert ContactRelation.objects.count() == LONGEST_CHAIN


def test_a_mutual_relation_is_one_row_whoever_enters_it(client, manager, three):
    ada, bea, _cai = three
    assert relate(client, bea, "ally", ada).status_code == 302
    for one, other in ((ada, bea), (bea, ada)):
        assert relate(client, one, "ally", other).status_code == 422
    assert relate(client, ada, "kin", bea).status_code == 302
    assert held() == {("ally", "Ada", "Bea"), ("kin", "Ada", "Bea")}


def test_the_database_knows_one_boss_one_row_and_nobody_to_themselves(three):
    ada, bea, cai = three
    ContactRelation.objects.create(kind="reports_to", source=cai, target=ada)
    ContactRelation.objects.create(kind="ally", source=ada, target=bea)
    for kind, one, other in (
        ("reports_to", cai, bea),
        ("ally", ada, bea),
        ("ally", bea, ada),
        ("rival", ada, ada),
        ("reports_to", ada, ada),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContactRelation.objects.create(kind=kind, source=one, target=other)


def test_nobody_of_another_distributor_and_nobody_erased(client, manager, town, three):
    ada, bea, cai = three
    far = factories.contact(factories.distributor(town))
    contact_erase(actor=manager, contact=cai, version=None)
    for other in (far, cai):
        assert relate(client, ada, "reports_to", other).status_code == 422
        with pytest.raises(DomainError):
            relation_set(actor=manager, contact=ada, kind="reports_to", other=other)
    assert relate(client, ada, "enemy", bea).status_code == 422
    assert held() == set()


def test_a_relation_is_removed_from_either_page_and_twice_is_once(client, manager, three):
    ada, bea, _cai = three
    relation = relation_set(actor=manager, contact=ada, kind="rival", other=bea)
    for contact in (ada, bea):
        page = client.get(contact.get_absolute_url()).content.decode()
        assert reverse("profiles:contactrelation-remove", args=[relation.pk]) in page
    answer = client.post(reverse("profiles:contactrelation-remove", args=[relation.pk]), {"back": str(bea.pk)})
    assert answer.headers["Location"] == bea.get_absolute_url()
    relation_remove(actor=manager, relation=relation)
    assert held() == set()
    assert AuditEvent.objects.filter(verb="contact.unrelated").count() == 1


def test_a_rep_relates_people_at_own_distributors_only(client, town, three):
    rep = factories.user(Role.REP, town)
    client.force_login(rep, backend="accounts.backends.EmailBackend")
    assert relate(client, three[0], "ally", three[1]).status_code == 404
    assert held() == set()


# Drawn


def picture(client, company, name):
    return client.get(reverse("profiles:distributor-picture", args=[company.pk, name]))


def test_chart_and_map_say_in_words_what_they_draw_and_the_table_says_it_again(client, manager, company):
    chief = factories.contact(company, name="林海 Lin Hai", decision_role="decider", stance="opponent")
    buyer = factories.contact(company, name="Wang", decision_role="gatekeeper", stance="supporter")
    relation_set(actor=manager, contact=buyer, kind="reports_to", other=chief)
    relation_set(actor=manager, contact=buyer, kind="rival", other=chief)
    for name in ("chart", "map"):
        answer = picture(client, company, name)
        text = answer.content.decode()
        drawn = text[text.index("<svg viewBox") : text.index("</svg>", text.index("<svg viewBox"))]
        assert "decider · ▼ opponent" in drawn
        assert chief.get_absolute_url() in drawn
        rows = {row["contact"]: (row["boss"], row["ties"]) for row in answer.context["rows"]}
        assert rows[buyer] == ("林海 Lin Hai", ["", "林海 Lin Hai", ""])
    assert 'class="tie rival"' in drawn
    assert 'class="sign"' in drawn
    assert picture(client, company, "tree").status_code == 404


def test_numbers_in_the_drawing_have_no_separators(client, manager, company):
    for level in ("owner", "senior", "middle", "operational"):
        for part in ("decider", "influencer", "gatekeeper", "user", "coach", ""):
            factories.contact(company, level=level, decision_role=part)
    text = picture(client, company, "map").content.decode()
    width = re.search(r'viewBox="0 0 ([^ ]+) [^"]+"', text).group(1)
    assert int(width) > 1000


def test_who_left_or_was_erased_is_drawn_only_where_somebody_still_reports_to_them(client, manager, company, three):
    ada, bea, cai = three
    gone = factories.contact(company, name="Gone", left_on="2026-01-01")
    relation_set(actor=manager, contact=cai, kind="reports_to", other=bea)
    relation_set(actor=manager, contact=bea, kind="ally", other=ada)
    contact_erase(actor=manager, contact=bea, version=None)
    contact_erase(actor=manager, contact=ada, version=None)
    assert held() == {("reports_to", "Cai", "")}
    text = picture(client, company, "chart").content.decode()
    assert "erased person" in text
    assert gone.name not in text
    assert [row["contact"] for row in picture(client, company, "map").context["rows"]] == [cai]


def test_two_hundred_people_cost_no_more_queries_than_two(client, manager, company):
    counts = []
    picture(client, company, "chart")
    for many in (2, 198):
        people = [factories.contact(company) for _number in range(many)]
        for one in people[1:]:
            ContactRelation.objects.create(kind="reports_to", source=one, target=people[0])
        with CaptureQueriesContext(connection) as queries:
            answer = picture(client, company, "chart")
        counts.append(len(queries))
    assert len(answer.context["picture"]["boxes"]) == 200
    assert counts[0] == counts[1] <= 25


@pytest.mark.parametrize("text", ["Lin", "x" * 60, "海" * 40, "", "海"])
def test_a_name_is_cut_to_the_room_of_its_box(text):
    short = shortened(text)
    assert sum(2 if one > "\u2e7f" else 1 for one in short) <= ROOM + 1
    assert text.startswith(short.rstrip("…"))


def test_relations_across_cards_end_when_a_merge_is_undone(town, company, three):
    admin = factories.user(Role.ADMIN)
    survivor = factories.distributor(town)
    own = factories.contact(survivor, name="Own")
    ada, bea, _cai = three
    relation_set(actor=admin, contact=ada, kind="ally", other=bea)
    distributor_merge(actor=admin, source=company, survivor=survivor, reason="the same company")
    relation_set(actor=admin, contact=ada, kind="reports_to", other=own)
    distributor_unmerge(actor=admin, source=company, reason="two after all")
    assert held() == {("ally", "Ada", "Bea")}
