"""Reads over the territory tree: as it is, as it was on a day, as it will be; and what a node holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import STEP, Territory, TerritoryMove, User
from accounts.roles import Role
from core.contributors import collect

Parents = dict[int, int | None]
FOLDED_BEYOND = 60


@dataclass(frozen=True)
class TreeCount:
    """A number that a higher app gives for each territory: by path, of the node alone, and the list of a subtree."""

    name: str
    label: Any
    by_path: Mapping[str, int]
    url: str


@dataclass(frozen=True)
class Holding:
    """What a person or a territory holds, and where it is listed."""

    label: str
    count: int
    url: str = ""


@dataclass
class Node:
    """A territory as the tree shows it; `counts` are over its subtree."""

    territory: Territory
    depth: int
    managers: list[str] = field(default_factory=list)
    counts: list[dict[str, Any]] = field(default_factory=list)
    below: int = 0
    expanded: bool = True
    folded: bool = False
    matches: bool = False


def parents_on(day: date) -> Parents:
    """Return what each territory lies within on `day`: what came later undone, what is planned until then done."""
    parents: Parents = dict(Territory.objects.values_list("pk", "parent_id").order_by())
    later = TerritoryMove.objects.filter(state=TerritoryMove.State.DONE, starts_on__gt=day).order_by("-starts_on")
    for pk, before in later.values_list("territory_id", "before_id"):
        parents[pk] = before
    planned = TerritoryMove.objects.filter(state=TerritoryMove.State.PLANNED, starts_on__lte=day).order_by("starts_on")
    for pk, after in planned.values_list("territory_id", "after_id"):
        parents[pk] = after
    return parents


def lies_within(pk: int | None, above: int, parents: Parents) -> bool:
    """Tell whether the territory `pk` is `above` or lies below it."""
    for _step in range(len(parents) + 1):
        if pk is None or pk == above:
            return pk == above
        pk = parents.get(pk)
    return True


def height_of(pk: int, parents: Parents) -> int:
    """Return the number of levels from the territory to the deepest one below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for child, parent in parents.items():
        children[parent].append(child)
    height, level = 0, [pk]
    while level and height <= len(parents):
        height += 1
        level = [child for one in level for child in children[one]]
    return height


def depth_of(pk: int | None, parents: Parents) -> int:
    """Return the number of levels from the top to the territory, itself among them; 0 above the top."""
    depth = 0
    while pk is not None and depth <= len(parents):
        depth, pk = depth + 1, parents.get(pk)
    return depth


def subtree_sums(by_path: Mapping[str, int]) -> dict[str, int]:
    """Return the sum over each subtree from counts of single nodes."""
    sums: dict[str, int] = defaultdict(int)
    for path, count in by_path.items():
        for end in range(STEP, len(path) + 1, STEP):
            sums[path[:end]] += count
    return sums


def people_counts() -> dict[str, int]:
    """Return how many people who may sign in answer for each territory itself, by its path."""
    rows = User.territories.through.objects.filter(user__is_active=True).exclude(user__role=Role.API_CLIENT)
    counted = rows.values_list("territory__path").annotate(people=Count("pk")).order_by()
    return dict(counted)


def managers_by_territory(territories: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the managers who answer for each of `territories`."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = User.territories.through.objects.filter(
        territory__in=list(territories), user__role=Role.MANAGER, user__is_active=True
    )
    for pk, name in rows.values_list("territory_id", "user__name").order_by("user__name"):
        found[pk].append(name)
    return found


def tree_counts(user: Any) -> list[TreeCount]:
    """Return the numbers beside each node that the user may see: people, and what the apps above count."""
    counts: list[TreeCount] = collect("territory_counts", user)
    if user.has_perm("accounts.view_user"):
        people = f"{reverse('accounts:user-list')}?territory="
        return [TreeCount("people", _("People"), people_counts(), people), *counts]
    return counts


def tree_nodes(
    user: Any, *, words: str = "", on: date | None = None, closed: bool = False, counts: Iterable[TreeCount] = ()
) -> list[Node]:
    """Return the territories the user sees in the order of the tree, each with its depth, managers and `counts`.

    With `words`, only the nodes whose name, code or level hold them all, and those above them. With `on`, the tree
    lies as it did or will on that day.
    """
    rows = Territory.objects.visible_to(user).order_by("path")
    territories = list(rows if closed else rows.open())
    ordered = _in_order(territories, parents_on(on) if on else {one.pk: one.parent_id for one in territories})
    kept = _matching(ordered, words)
    managers = managers_by_territory(node.territory.pk for node in kept) if user.has_perm("accounts.view_user") else {}
    summed = [(count, subtree_sums(count.by_path)) for count in counts]
    for node in kept:
        node.managers = managers.get(node.territory.pk, [])
        node.counts = [
            {"value": sums.get(node.territory.path, 0), "url": f"{count.url}{node.territory.pk}"}
            for count, sums in summed
        ]
    _fold(kept, unfold=bool(words))
    return kept


def _in_order(territories: list[Territory], parents: Parents) -> list[Node]:
    """Return the nodes depth first; a node whose parent is not among them stands at the top."""
    there = {one.pk for one in territories}
    children: dict[int | None, list[Territory]] = defaultdict(list)
    for one in territories:
        above = parents.get(one.pk)
        children[above if above in there else None].append(one)
    nodes: list[Node] = []
    waiting = [(one, 0) for one in reversed(children[None])]
    while waiting:
        one, depth = waiting.pop()
        nodes.append(Node(one, depth, below=len(children[one.pk])))
        waiting += [(child, depth + 1) for child in reversed(children[one.pk])]
    return nodes


def _matching(nodes: list[Node], words: str) -> list[Node]:
    wanted = words.casefold().split()
    if not wanted:
        return nodes
    above: list[Node] = []
    kept: set[int] = set()
    for node in nodes:
        del above[node.depth :]
        above.append(node)
        one = node.territory
        text = f"{one.name} {one.code} {one.level}".casefold()
        if all(word in text for word in wanted):
            node.matches = True
            kept |= {each.territory.pk for each in above}
    return [node for node in nodes if node.territory.pk in kept]


def _fold(nodes: list[Node], *, unfold: bool) -> None:
    """Fold all below the second level where the tree is long; whatever lies in a folded node is hidden."""
    long = len(nodes) > FOLDED_BEYOND and not unfold
    for node in nodes:
        node.expanded = node.below > 0 and not (long and node.depth >= 1)
        node.folded = long and node.depth >= 2
