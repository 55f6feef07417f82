"""Set-wise contributions of higher apps to lower pages: timeline, "Needs you", search, navigation.

A contributor is one function, called once with everything it needs to know, never once a row.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Need:
    """One item of "Needs you": what is the matter, what happens if nothing is done, and the action in place."""

    key: str
    chip: Any
    tone: str
    title: Any
    reason: Any
    url: str
    action: Any
    weight: int
    due: date | None = None


@dataclass(frozen=True)
class Event:
    """One entry of a timeline; `kind` is a translated word."""

    on: date
    kind: Any
    title: Any
    text: Any = ""
    url: str = ""
    who: str = ""


@dataclass(frozen=True)
class Hit:
    """One result of the search."""

    kind: Any
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    label: Any
    url_name: str
    icon: str
    permission: str
    order: int
    group: str = "main"
    prefix: str = ""


_contributors: dict[str, list[Callable[..., Iterable[Any]]]] = defaultdict(list)
_links: list[Link] = []


def contribute(slot: str, function: Callable[..., Iterable[Any]]) -> None:
    """Register `function` for a slot.

    The slots: "needs" (user, as_of), "timeline" (user, ids, as_of), "search" (user, words), and "home" (user, as_of),
    whose dicts are merged into the context of Home: lists under one name are joined, and `kpis`, `charts` and `lists`
    stand in the order that their items' `order` gives.
    """
    if function not in _contributors[slot]:
        _contributors[slot].append(function)


def collect(slot: str, *args: Any) -> list[Any]:
    """Return everything the contributors of a slot give for `args`, one call each."""
    return [item for function in _contributors[slot] for item in function(*args)]


def needs_of(user: Any, as_of: date) -> Sequence[Need]:
    """Return the user's "Needs you" items, each key once, the weightiest first."""
    unique: dict[str, Need] = {}
    for need in collect("needs", user, as_of):
        if need.key not in unique or need.weight > unique[need.key].weight:
            unique[need.key] = need
    return sorted(unique.values(), key=lambda need: (-need.weight, need.key))


def link_add(link: Link) -> None:
    """Register an entry of the navigation."""
    if link not in _links:
        _links.append(link)


def links_for(user: Any, group: str) -> list[Link]:
    """Return the navigation entries that `user` may open, in order."""
    return sorted(
        (link for link in _links if link.group == group and user.reach(link.permission) is not None),
        key=lambda link: link.order,
    )
