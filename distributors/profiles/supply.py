"""Who buys from whom: the supply tree of a distributor and of a territory, as far as the user sees it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import STEP, Territory
from core.money import amount_text, short_text
from core.scope import Reacher, in_subtree
from distributors.profiles.models import Distributor
from distributors.profiles.people.calculations import Picture, organisation
from distributors.profiles.people.pictures import drawing_of, shortened

MOST = 120
FOLD = 16
CHAIN = 20
FIELDS = ("pk", "code", "name", "city", "tier", "parent_id", "territory__name", "territory_path", "standing__abc",
          "standing__net_sales_12m", "state")  # fmt: skip


@dataclass
class Tree:
    """The distributors that are drawn, whom each of them buys from, and what is not drawn.

    `folded` counts, by distributor, those that buy from it and are not drawn; `hidden` are those whose supplier the
    user does not see.
    """

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    folded: dict[int, int] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    more: bool = False

    def take(self, rows: Iterable[dict[str, Any]]) -> list[int]:
        """Take rows that are new; return their keys."""
        new = [row for row in rows if row["pk"] not in self.rows]
        self.rows |= {row["pk"]: row for row in new}
        return [row["pk"] for row in new]

    @property
    def suppliers(self) -> dict[int, int]:
        """Return whom each distributor that is drawn buys from, where that one is drawn, too."""
        return {pk: row["parent_id"] for pk, row in self.rows.items() if row["parent_id"] in self.rows}


def _read(user: Reacher) -> Any:
    return Distributor.objects.visible_to(user).filter(merged_into=None).with_standing().named()


def tree_of(distributor: Distributor, user: Reacher) -> Tree:
    """Return who stands above a distributor, as far up as the user sees without a gap, and all below it."""
    tree, seen = Tree(), _read(user)
    tree.take(Distributor.objects.filter(pk=distributor.pk).with_standing().named().values(*FIELDS))
    above = tree.rows[distributor.pk]
    for _step in range(CHAIN):
        if above["parent_id"] is None:
            break
        found = seen.filter(pk=above["parent_id"]).values(*FIELDS).first()
        if found is None:
            tree.hidden.add(above["pk"])
            break
        tree.take([found])
        above = found
    _below(tree, user, [distributor.pk])
    return tree


def _below(tree: Tree, user: Reacher, keys: Sequence[int]) -> None:
    """Take who buys from `keys`, and from those, level by level: the largest of each, the others are counted."""
    seen = _read(user).order_by()
    while keys:
        counts = dict(seen.filter(parent__in=keys).values("parent").annotate(n=Count("pk")).values_list("parent", "n"))
        place = Window(RowNumber(), partition_by=F("parent"), order_by=(F("standing__net_sales_12m").desc(), F("pk")))
        room = max(MOST - len(tree.rows), 0)
        rows = seen.filter(parent__in=keys).annotate(place=place).filter(place__lte=FOLD)
        ordered = rows.order_by("place", "-standing__net_sales_12m", "pk")
        taken = tree.take(ordered.values(*FIELDS)[:room])
        for pk in taken:
            supplier = tree.rows[pk]["parent_id"]
            counts[supplier] = counts.get(supplier, 1) - 1  # who came after the counting is not in it
        tree.folded |= {pk: count for pk, count in counts.items() if count > 0}
        keys = taken


def territory_tree(territory: Territory, user: Reacher) -> tuple[Tree, int]:
    """Return who in a territory buys from whom, and how many there buy from us and supply nobody.

    A supplier who lies outside the territory is drawn where the user sees it.
    """
    inside = _read(user).filter(in_subtree("territory_path", territory.path))
    place = Window(RowNumber(), partition_by=F("parent"), order_by=(F("standing__net_sales_12m").desc(), F("pk")))
    supplied = inside.exclude(parent=None).order_by()
    rows = supplied.annotate(place=place).filter(place__lte=FOLD)
    tree = Tree()
    found = list(rows.order_by("place", "-standing__net_sales_12m", "pk").values(*FIELDS)[: MOST + 1])
    tree.more = len(found) > MOST
    taken = tree.take(found[:MOST])
    above = {tree.rows[pk]["parent_id"] for pk in taken}
    tree.take(_read(user).filter(pk__in=above).order_by("-standing__net_sales_12m", "pk").values(*FIELDS))
    tree.hidden = {pk for pk in taken if tree.rows[pk]["parent_id"] not in tree.rows}
    counts = dict(supplied.filter(parent__in=above).values("parent").annotate(n=Count("pk")).values_list("parent", "n"))
    for pk in taken:
        supplier = tree.rows[pk]["parent_id"]
        counts[supplier] = counts.get(supplier, 1) - 1  # who went before the counting is not in it
    tree.folded = {pk: count for pk, count in counts.items() if count > 0 and pk in tree.rows}
    alone = inside.filter(parent=None, children=None).count()
    return tree, alone


def is_apart(mine: str, suppliers: str) -> bool:
    """Tell whether a distributor, by the path of its territory, lies in another territory than who supplies it.

    Those under one territory supply each other as a matter of course, as do cities of a province: another one is where
    neither lies within the other, nor the distributor within what lies directly above the supplier.
    """
    around = suppliers[:-STEP] or suppliers
    return not (mine.startswith(around) or suppliers.startswith(mine))


def supplier_apart(distributor: Distributor) -> bool:
    """Tell whether a distributor buys from one in another territory."""
    above = distributor.parent
    return above is not None and is_apart(distributor.territory_path, above.territory_path)


def supply_picture(tree: Tree, currency: str, marked: int | None = None) -> dict[str, Any]:
    """Return the drawing of a tree and the rows of its table; `marked` is the one whose tree it is."""
    order = sorted(tree.rows, key=lambda pk: (tree.rows[pk]["tier"], -tree.rows[pk]["standing__net_sales_12m"], pk))
    # What is folded away stands as one box below its supplier, under the negative of its key.
    keys, suppliers = [*order, *(-pk for pk in tree.folded)], tree.suppliers | {-pk: pk for pk in tree.folded}
    drawn: Picture = organisation(keys, suppliers)

    def box_of(key: int) -> dict[str, Any]:
        return _folded_box(tree, -key) if key < 0 else _box(tree, key, currency, marked)

    return {
        "picture": drawing_of(drawn, box_of),
        "rows": [_table_row(tree, pk) for pk in order],
        "more": tree.more,
        "currency": currency,
    }


def _notes(tree: Tree, pk: int) -> list[str]:
    """Return what is to be known of where one buys."""
    row, above = tree.rows[pk], tree.rows.get(tree.rows[pk]["parent_id"])
    if pk in tree.hidden:
        return [_("buys from another distributor")]
    if above is not None and is_apart(row["territory_path"], above["territory_path"]):
        return [_("supplier in another territory")]
    return []


def _box(tree: Tree, pk: int, currency: str, marked: int | None) -> dict[str, Any]:
    row, notes = tree.rows[pk], _notes(tree, pk)
    sales = f"{short_text(row['standing__net_sales_12m'], get_language() or '')} {currency}"
    tier = _("tier %(tier)s") % {"tier": row["tier"]}
    parts = [part for part in (row["standing__abc"], sales) if part]
    third = notes[0] if notes else " · ".join(part for part in (tier, row["city"] or row["territory__name"]) if part)
    return {
        "url": reverse("profiles:distributor-supply", args=[pk]),
        "name": shortened(row["name"]),
        "title": shortened(" · ".join(parts)),
        "third": shortened(third),
        "stance": " ".join(("apart" if notes else "", "marked" if pk == marked else "")).strip(),
        "said": ", ".join(part for part in (row["name"], tier, *parts, row["city"], *notes) if part),
    }


def _folded_box(tree: Tree, pk: int) -> dict[str, Any]:
    count = tree.folded[pk]
    text = ngettext("%(count)s more", "%(count)s more", count) % {"count": f"{count:,}"}
    query = urlencode({"parent": tree.rows[pk]["code"]})
    return {
        "url": f"{reverse('profiles:distributor-list')}?{query}",
        "name": text,
        "title": shortened(_("that buy from it")),
        "third": "",
        "stance": "folded",
        "said": f"{tree.rows[pk]['name']}: {text}",
    }


def _table_row(tree: Tree, pk: int) -> dict[str, Any]:
    row = tree.rows[pk]
    above = tree.rows.get(row["parent_id"])
    return {
        **row,
        "abc": row["standing__abc"],
        "sales": amount_text(row["standing__net_sales_12m"]),
        "above": above["name"] if above else "",
        "territory": row["territory__name"],
        "notes": ", ".join(_notes(tree, pk)),
        "folded": tree.folded.get(pk, 0),
    }
