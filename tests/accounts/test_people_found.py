"""The search finds people, by name, pinyin and e-mail, for whoever may open their pages."""

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import User
from accounts.roles import MATRIX, Extent, Role
from accounts.search import PERSON, people_found
from core.contributors import collect
from core.models import SearchTerm
from core.search import index_renew
from tests import factories
from tests.ledger.records import bring, lines, problems, small_world

pytestmark = pytest.mark.django_db
WORDS = ("林海", "林", "linhai", "lh", "hai lin", "Hai", "hai.lin@jianghe", "QD-7", "district")


def person(actor, **fields):
    data = {
        "email": "hai.lin@jianghe.example",
        "name": "林海 Hai Lin",
        "role": Role.REP,
        "code": "QD-77",
        "title": "District lead",
        "everywhere": False,
        "is_active": True,
        "territories": [],
    }
    return services.user_save(actor=actor, instance=fields.pop("instance", User()), **{**data, **fields})


@pytest.fixture
def admin():
    return factories.user(name="Mei")


@pytest.mark.parametrize("words", WORDS)
def test_a_colleague_is_found_by(admin, words):
    made = person(admin)
    (hit,) = people_found(admin, words)
    assert (hit.title, hit.text, hit.url) == (
        "林海 Hai Lin",
        "regional rep · hai.lin@jianghe.example",
        reverse("accounts:user-detail", args=[made.pk]),
    )


@pytest.mark.parametrize("words", ["墨鹿", "molu", "lin.hai@elsewhere", "%", ""])
def test_nobody_is_found_by(admin, words):
    person(admin)
    assert people_found(admin, words) == []


def test_who_changed_their_name_is_found_by_the_new_one_only(admin):
    made = person(admin)
    person(admin, instance=made, version=made.version, name="墨鹿")
    assert [hit.title for hit in people_found(admin, "molu")] == ["墨鹿"]
    assert people_found(admin, "linhai") == []


@pytest.mark.parametrize("role", list(Role))
def test_people_are_found_by_whom_their_page_opens_to_and_by_nobody_else(client, role):
    person(factories.user())
    seeker = factories.user(role, everywhere=True)
    opens = MATRIX["accounts.view_user"].get(role) == Extent.ALL
    assert bool(people_found(seeker, "linhai")) is opens
    if role == Role.API_CLIENT:
        return
    client.force_login(seeker, backend="accounts.backends.EmailBackend")
    assert (client.get(reverse("accounts:user-list")).status_code == 200) is opens
    page = client.get(reverse("core:search"), {"q": "linhai"}).content.decode()
    assert ("hai.lin@jianghe.example" in page) is opens
    assert ("Search distributors, territories, people, pages" in page) is opens


def test_distributors_stand_before_people(admin):
    factories.distributor(legal_name="Hai Trading")
    person(admin)
    assert [str(hit.kind) for hit in collect("search", admin, "hai")] == ["distributor", "person"]


def test_who_came_with_a_file_is_found_and_only_they_are_written_anew(admin):
    small_world()
    head = "email,name,role,territory"
    assert problems(bring(lines("a@x.example,青鲤,rep,T1", "b@x.example,银杉,rep,T1", head=head), "people")) == []
    assert [hit.title for hit in people_found(admin, "qingli")] == ["青鲤"]
    SearchTerm.objects.filter(kind=PERSON, object_id=User.objects.get(email="b@x.example").pk).delete()
    assert problems(bring(lines("a@x.example,墨鹿,rep,T1", "b@x.example,银杉,rep,T1", head=head), "people")) == []
    assert [hit.title for hit in people_found(admin, "molu")] == ["墨鹿"]
    assert people_found(admin, "qingli") == people_found(admin, "yinshan") == []


def test_renewing_the_index_finds_everybody(admin):
    factories.user(name="青鲤")
    assert people_found(admin, "qingli") == []
    assert index_renew(PERSON) == 2
    assert [hit.title for hit in people_found(admin, "qingli")] == ["青鲤"]
