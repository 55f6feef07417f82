"""The supply tree: drawn as far as one sees, folded where it is large; suppliers in another territory are said."""

from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError
from distributors.profiles.models import Distributor
from distributors.profiles.services import distributor_save
from distributors.profiles.supply import FOLD, MOST, is_apart, territory_tree, tree_of
from tests import factories
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db


@pytest.fixture
def land():
    return factories.territory("Land")


@pytest.fixture
def town(land):
    return factories.territory("Town", parent=land)


@pytest.fixture
def admin():
    return factories.user(Role.ADMIN)


def below(parent, where, sales=0, **fields):
    return factories.distributor(
        where,
        parent=parent,
        tier=parent.tier + 1 if parent else 1,
        standing={"net_sales_12m": Decimal(sales)},
        **fields,
    )


def names(page):
    return [row["name"] for row in page.context["rows"]]


def drawn(client, one):
    return client.get(reverse("profiles:distributor-supply", args=[one.pk]))


def test_the_chain_above_and_all_below_are_drawn_with_class_and_sales(client, admin, town):
    top = below(None, town, short_name="Top")
    mine = below(top, town, 1_200_000, short_name="Mine")
    Distributor.objects.filter(pk=mine.pk).update(city="Hangzhou")
    mine.standing.abc = "A"
    mine.standing.save()
    small, large = below(mine, town, 5, short_name="Small"), below(mine, town, 50, short_name="Large")
    below(top, town, short_name="Beside")
    client.force_login(admin)
    page = drawn(client, mine)
    assert names(page) == ["Top", "Mine", "Large", "Small"]
    picture = page.context["picture"]
    assert len(picture["lines"]) == 3
    boxes = {box["name"]: box for box in picture["boxes"]}
    assert (boxes["Mine"]["title"], boxes["Mine"]["third"]) == ("A · 1.2 M CNY", "tier 2 · Hangzhou")
    assert boxes["Mine"]["stance"] == "marked"
    assert boxes["Large"]["url"] == reverse("profiles:distributor-supply", args=[large.pk])
    above = {row["name"]: row["above"] for row in page.context["rows"]}
    assert above["Small"] == "Mine"
    assert small.code in page.content.decode()


def test_a_supplier_beyond_the_reach_is_not_revealed(client, town):
    far = below(None, factories.territory("Far"), short_name="Secret supplier")
    beyond = below(far, town, short_name="Mine")
    rep = factories.user(Role.REP, town)
    client.force_login(rep)
    page = drawn(client, beyond)
    text = page.content.decode()
    assert "Secret" not in text
    assert far.code not in text
    assert page.context["rows"][0]["notes"] == "buys from another distributor"
    assert drawn(client, far).status_code == 404
    region = client.get(reverse("profiles:territory-supply", args=[town.pk]))
    assert "Secret" not in region.content.decode()


def test_a_large_tree_is_folded_and_the_others_are_counted(client, admin, town):
    top = below(None, town)
    for number in range(FOLD + 5):
        below(top, town, number, short_name=f"Child {number:02}")
    client.force_login(admin)
    page = drawn(client, top)
    assert len(page.context["rows"]) == FOLD + 1
    assert names(page)[1] == f"Child {FOLD + 4:02}"
    (folded,) = [box for box in page.context["picture"]["boxes"] if box["stance"] == "folded"]
    assert (folded["name"], folded["url"]) == ("5 more", f"/distributors/?parent={top.code}")


def test_no_more_than_so_many_are_drawn_and_queries_go_by_the_levels(admin, town):
    top = below(None, town)
    for _number in range(FOLD):
        child = below(top, town)
        for _grandchild in range(9):
            below(child, town)
    with CaptureQueriesContext(connection) as queries:
        tree = tree_of(top, admin)
    assert len(tree.rows) == MOST
    assert len(queries) <= 8
    assert sum(tree.folded.values()) + MOST == Distributor.objects.count()


def test_who_comes_or_goes_while_the_trees_are_counted_breaks_neither(admin, land, town):
    top = below(None, land)
    child = below(top, town)
    with meanwhile("COUNT(", lambda: below(child, town)):
        tree = tree_of(top, admin)
    assert set(tree.rows) >= {top.pk, child.pk}
    with meanwhile("ROW_NUMBER(", lambda: Distributor.objects.filter(parent__isnull=False).update(parent=None)):
        there, _alone = territory_tree(town, admin)
    assert child.pk in there.rows
    assert there.folded == {}


def test_the_picture_of_a_territory_has_who_supplies_there_and_counts_the_others(client, admin, land, town):
    top = below(None, land, short_name="Top")
    below(top, town, short_name="Here")
    below(None, town, short_name="Alone")
    client.force_login(admin)
    page = client.get(reverse("profiles:territory-supply", args=[town.pk]))
    assert sorted(names(page)) == ["Here", "Top"]
    assert page.context["alone"] == 1
    empty = client.get(reverse("profiles:territory-supply", args=[factories.territory().pk]))
    assert "Nobody here buys from another distributor" in empty.content.decode()
    assert (
        reverse("profiles:territory-supply", args=[town.pk])
        in client.get(reverse("accounts:territory-detail", args=[town.pk])).content.decode()
    )


def test_a_merged_card_stands_in_no_picture(client, admin, town):
    top = below(None, town)
    gone = below(top, town, short_name="Gone")
    Distributor.objects.filter(pk=gone.pk).update(merged_into=top)
    client.force_login(admin)
    assert "Gone" not in names(drawn(client, top))


@pytest.mark.parametrize(
    ("mine", "suppliers", "apart"),
    [
        ("0001", "0001", False),
        ("00010002", "0001", False),
        ("0001", "00010002", False),
        ("00010001", "00010002", False),
        ("000100010001", "000100020001", True),
        ("00010001", "000100020001", True),
        ("0002", "0001", True),
    ],
)
def test_another_territory_begins_beyond_what_lies_above_the_supplier(mine, suppliers, apart):
    assert is_apart(mine, suppliers) is apart


def test_a_supplier_in_another_territory_is_saved_and_said(client, admin, land, town):
    far = factories.territory("Other city", parent=factories.territory("Other"))
    top = below(None, far, code="TOP")
    mine = below(None, town)
    Distributor.objects.filter(pk=mine.pk).update(tier=2)
    client.force_login(admin)
    sent = {
        "version": 1,
        "code": mine.code,
        "legal_name": mine.legal_name,
        "type": mine.type_id,
        "tier": 2,
        "parent": "TOP",
    }
    page = client.post(reverse("profiles:distributor-edit", args=[mine.pk]), sent, follow=True)
    mine.refresh_from_db()
    assert mine.parent == top
    text = page.content.decode()
    assert "It buys from a distributor in another territory" in text
    assert "in another territory</span>" in text
    (row,) = [row for row in drawn(client, mine).context["rows"] if row["pk"] == mine.pk]
    assert row["notes"] == "supplier in another territory"
    near = below(None, land, code="NEAR")
    client.post(reverse("profiles:distributor-edit", args=[mine.pk]), {**sent, "version": 2, "parent": near.code})
    assert "another territory" not in client.get(mine.get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_make_no_circle_of_supply():
    admin, where = factories.user(Role.ADMIN), factories.territory()
    one, other = (factories.distributor(where, tier=tier) for tier in (2, 2))
    together, said = Barrier(2), []

    def buy(pair, tier):
        mine, above = pair
        fields = {name: getattr(mine, name) for name in ("code", "legal_name", "type")}
        together.wait()
        try:
            distributor_save(actor=admin, instance=mine, version=None, tier=tier, parent=above, **fields)
            said.append("saved")
        except DomainError:
            said.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=buy, args=[pair, 3]) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["refused", "saved"]
    assert Distributor.objects.exclude(parent=None).count() == 1
