"""People at distributors come in from files: their work and whom they report to, and nothing personal."""

import pytest

from core.models import AuditEvent
from distributors.ledger.kinds.declaration import kind_of
from distributors.profiles.models import Contact, ContactPersonal, ContactRelation, Distributor
from tests import factories
from tests.ledger.records import bring, lines, problems, small_world

pytestmark = pytest.mark.django_db
HEAD = "distributor,name,level,title,function,decision_role,stance,disc,relationship,since,reports_to"
BOSS = "D1,林海,owner,总经理,general,decider,neutral,D,4,2019-05-01,"
BUYER = "D1,芮敏,middle,Buyer,purchasing,influencer,supporter,,,,林海"


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-10"
    return small_world()


def came(*rows, head=HEAD, **options):
    return bring(lines(*rows, head=head), "contacts", **options)


def reporting():
    return set(ContactRelation.objects.filter(kind="reports_to").values_list("source__name", "target__name"))


def counts(made):
    return (made.rows_new, made.rows_changed, made.rows_same)


def test_people_come_in_with_their_work_and_whom_they_report_to(world):
    made = came(BUYER, BOSS)
    assert (made.state, counts(made)) == ("published", (2, 0, 0)), problems(made)
    lin = Contact.objects.get(name="林海")
    assert (lin.title, lin.level, lin.decision_role, lin.disc, lin.relationship) == (
        "总经理",
        "owner",
        "decider",
        "D",
        4,
    )
    assert (lin.distributor.code, lin.since.isoformat(), lin.version) == ("D1", "2019-05-01", 1)
    assert reporting() == {("芮敏", "林海")}
    assert ContactPersonal.objects.count() == 2
    trail = AuditEvent.objects.filter(target_type="profiles.Contact")
    assert trail.filter(verb="contact.created").count() == 2
    assert "林海" not in str(list(trail.values_list("target_text", "before", "after", "note")))


def test_the_same_file_again_changes_nothing(world):
    came(BUYER, BOSS)
    before = list(Contact.objects.order_by("pk").values_list()), AuditEvent.objects.count(), reporting()
    again = came(BUYER, BOSS)
    assert counts(again) == (0, 0, 2)
    rows = list(Contact.objects.order_by("pk").values_list())
    assert (rows, reporting()) == (before[0], before[2])
    assert not AuditEvent.objects.filter(verb="contact.changed").exists()
    assert ContactRelation.objects.count() == 1


def test_a_changed_row_changes_what_the_file_gives_and_the_rest_stays(world):
    came(BUYER, BOSS)
    made = came("D1,芮敏,senior,Head of buying", head="distributor,name,level,title")
    assert counts(made) == (0, 1, 0)
    person = Contact.objects.get(name="芮敏")
    assert (person.level, person.title, person.stance, person.version) == ("senior", "Head of buying", "supporter", 2)
    assert reporting() == {("芮敏", "林海")}
    event = AuditEvent.objects.get(verb="contact.changed")
    assert (event.before["level"], event.after["level"]) == ("middle", "senior")
    assert event.after["title"] == "•••"
    trail = str(list(AuditEvent.objects.values("before", "after")))
    assert [one for one in ("Head of buying", "supporter") if one in trail] == []


def test_another_boss_takes_the_place_and_an_empty_cell_takes_it_away(world):
    came(BOSS, BUYER, "D1,Cai,operational,,,,,,,,芮敏")
    moved = came("D1,Cai,operational,林海", head="distributor,name,level,reports_to")
    assert counts(moved) == (0, 1, 0)
    assert reporting() == {("芮敏", "林海"), ("Cai", "林海")}
    came("D1,Cai,operational,", head="distributor,name,level,reports_to")
    assert reporting() == {("芮敏", "林海")}


def test_a_boss_may_be_named_by_the_number_of_somebody_there(world):
    ada = factories.contact(Distributor.objects.get(code="D1"), name="Ada")
    factories.contact(Distributor.objects.get(code="D1"), name="Ada")
    refused = came("D1,Bea,middle,Ada", head="distributor,name,level,reports_to")
    assert "Several people" in problems(refused)[0][3]
    made = came(f"D1,Bea,middle,#{ada.pk}", head="distributor,name,level,reports_to")
    assert made.state == "published", problems(made)
    assert ContactRelation.objects.get().target_id == ada.pk
    assert counts(came(f"D1,Bea,middle,{ada.pk}", head="distributor,name,level,reports_to")) == (0, 0, 1)


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("D9,A,owner,,,,,,,,", "distributor", "not known"),
        ("D1,,owner,,,,,,,,", "name", "empty"),
        ("D1,A,king,,,,,,,,", "level", ""),
        ("D1,A,,,,,,,,,", "level", "empty"),
        ("D1,A,owner,,,,,,6,,", "relationship", "from 1 to 5"),
        ("D1,A,owner,,,,,,,2025-04-11,", "since", ""),
        ("D1,A,owner,,,,,,,,Nobody", "reports_to", "Nobody at this distributor"),
        ("D1,A,owner,,,,,,,,A", "reports_to", "themselves"),
        ("D2,A,owner,,,,,,,,林海", "reports_to", "Nobody at this distributor"),
        (f"D1,{'x' * 81},owner,,,,,,,,", "name", ""),
    ],
)
def test_a_bad_row_is_named_and_nobody_comes_in(world, row, column, said):
    made = came(BOSS, row)
    assert made.state == "refused"
    found = problems(made)
    assert [(one[0], one[1]) for one in found] == [(2, column)] or [(one[0], one[1]) for one in found] == [(3, column)]
    assert said in found[0][3]
    assert not Contact.objects.exists()


def test_reports_in_a_circle_are_refused_naming_the_rows(world):
    rows = ("D1,A,owner,,,,,,,,C", "D1,B,middle,,,,,,,,A", "D1,C,middle,,,,,,,,B", "D1,D,middle,,,,,,,,A")
    made = came(*rows)
    assert made.state == "refused"
    found = problems(made)
    assert len(found) == 3
    assert {one[1] for one in found} == {"reports_to"}
    numbers = ", ".join(str(one[0]) for one in found)
    assert all(f"over the rows {numbers}" in one[3] for one in found)
    assert not Contact.objects.exists()


def test_a_circle_with_people_who_are_there_already_is_refused(world):
    came(BOSS, BUYER)
    made = came("D1,林海,owner,芮敏", head="distributor,name,level,reports_to")
    assert "circle" in problems(made)[0][3]
    assert reporting() == {("芮敏", "林海")}


def test_two_rows_of_one_person_and_two_people_of_one_name_are_refused(world):
    assert came(BOSS, BOSS.replace("总经理", "老板")).state == "refused"
    one = Distributor.objects.get(code="D1")
    for _twice in range(2):
        factories.contact(one, name="林海")
    made = came(BOSS)
    assert "Several people" in problems(made)[0][3]
    assert Contact.objects.count() == 2


def test_a_merged_card_takes_nobody_and_an_erased_person_does_not_come_back(world):
    from distributors.profiles.people.services import contact_erase

    lin = factories.contact(Distributor.objects.get(code="D1"), name="林海")
    contact_erase(actor=factories.user(), contact=lin, version=None)
    made = came(BOSS)
    assert counts(made) == (1, 0, 0), problems(made)
    assert Contact.objects.filter(erased_at=None).count() == 1
    Distributor.objects.filter(code="D2").update(merged_into=Distributor.objects.get(code="D1"))
    refused = came("D2,A,owner,,,,,,,,")
    assert "merged into another" in problems(refused)[0][3]


def test_no_field_of_a_contact_file_is_personal():
    personal = {field.name for field in ContactPersonal._meta.fields}
    assert not {field.name for field in kind_of("contacts").fields} & personal
