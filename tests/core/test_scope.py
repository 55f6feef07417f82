import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import Role
from core.scope import Reach, path_range, require_visible
from distributors.profiles.models import Distributor
from tests import factories

pytestmark = pytest.mark.django_db


def codes(user, action="view"):
    return set(Distributor.objects.visible_to(user, action).values_list("code", flat=True))


@pytest.fixture
def channel():
    east, west = factories.territory("East"), factories.territory("West")
    city = factories.territory("Town", parent=east)
    rep = factories.user(Role.REP, city)
    factories.distributor(city, code="TOWN")
    factories.distributor(east, code="EAST")
    factories.distributor(west, code="WEST")
    factories.distributor(west, rep, code="MINE")
    return east, west, city, rep


def test_a_subtree_holds_the_node_and_all_below_but_no_sibling(channel):
    east, *_ = channel
    assert codes(factories.user(Role.MANAGER, east)) == {"TOWN", "EAST"}


def test_a_rep_sees_the_own_territory_and_the_own_distributors_and_changes_only_these(channel):
    *_, rep = channel
    assert codes(rep) == {"TOWN", "MINE"}
    assert codes(rep, "change") == {"MINE"}
    assert codes(rep, "add") == set()


def test_roles_that_read_everything_do(channel):
    for role in (Role.ADMIN, Role.FINANCE, Role.ANALYST):
        assert len(codes(factories.user(role))) == 4


def test_nothing_is_visible_when_in_doubt(channel):
    assert codes(factories.user(Role.MANAGER)) == set()
    assert codes(factories.user(Role.API_CLIENT)) == set()
    assert codes(factories.user(Role.ADMIN, is_active=False)) == set()


def test_a_token_narrows_and_never_widens(channel):
    admin = factories.user(Role.ADMIN)
    admin.granted = frozenset({"accounts.view_territory"})
    assert codes(admin) == set()
    rep = channel[-1]
    rep.granted = frozenset({"profiles.view_distributor", "profiles.add_distributor"})
    assert codes(rep) == {"TOWN", "MINE"}
    assert codes(rep, "add") == set()


def test_a_write_that_leaves_the_scope_is_refused(channel):
    *_, rep = channel
    with pytest.raises(PermissionDenied):
        require_visible(Distributor.objects.get(code="WEST"), rep, "view")


def test_the_last_sibling_of_a_level_still_ends_its_range():
    assert path_range("00010009") == ("00010009", "00010010")
    assert path_range("9998") == ("9998", "9999")


def test_reach_says_nothing_by_default():
    assert Reach() == Reach(everything=False, ranges=(), owner_id=None)
