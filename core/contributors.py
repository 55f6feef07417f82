"""Set-wise contributions of higher apps to lower pages: timeline, "Needs you", search, navigation.

A contributor is one function, called once with everything it needs to know, never once a row.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

NEEDS_EACH = 50


@dataclass(frozen=True)
class Need:
    """One item of "Needs you": what is the matter, what happens if nothing is done, and the action in place.

    `key` begins with the code of its kind and holds what caused it, so that another cause is another item; `kind` is
    its word. `distributor` names the one it is about. With `post`, the action is one press to that address. A
    contributor gives at most `NEEDS_EACH` and one more, the weightiest first: the one more says that there are others.
    """

    key: str
    chip: Any
    tone: str
    title: Any
    reason: Any
    url: str
    action: Any
    weight: int
    due: date | None = None
    kind: Any = ""
    distributor: str = ""
    consequence: Any = ""
    post: str = ""

    @property
    def code(self) -> str:
        """Return the code of the kind."""
        return self.key.partition("-")[0]


@dataclass(frozen=True)
class Event:
    """One entry of a timeline; `code` names its kind in addresses, `kind` in words, `when` a time other than a day."""

    on: date
    code: str
    kind: Any
    title: Any
    text: Any = ""
    url: str = ""
    who: str = ""
    when: Any = ""


@dataclass(frozen=True)
class DayEntry:
    """What stands on the days `first` to `last` of the calendar; `kind` is a translated word."""

    first: date
    last: date
    kind: Any
    text: str
    tone: str = ""
    url: str = ""


@dataclass(frozen=True)
class Hit:
    """One result of the search."""

    kind: Any
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Link:
    """One entry of the navigation; `prefix` is how the addresses begin that belong to it, where not like its own."""

    label: Any
    url_name: str
    icon: str
    permission: str
    order: int
    group: str = "main"
    prefix: str | tuple[str, ...] = ""


@dataclass(frozen=True)
class Setting:
    """One entry of the page of settings: what is set there, in a sentence, and whose trail says who changed it last.

    `targets` are labels of models, as the audit trail keeps them.
    """

    label: Any
    sentence: Any
    url_name: str
    icon: str
    permission: str
    order: int
    targets: tuple[str, ...] = ()


_contributors: dict[str, list[Callable[..., Iterable[Any]]]] = defaultdict(list)
_links: list[Link] = []
_settings: list[Setting] = []


def contribute(slot: str, function: Callable[..., Iterable[Any]]) -> None:
    """Register `function` for a slot.

    The slots: "needs" (user, as_of), "search" (user, words), "calendar" (user, first,
    last), "job_ended" (job), "job_words" (job), "job_kinds" (), "frame" (user), whose pairs the frame around every
    page shows, and "home" (user, as_of), whose dicts are merged into the context of Home: lists under one name are
    joined, and `kpis`, `charts` and `lists` stand in the order that their items' `order` gives. Of a person or a
    territory: "user_holdings" (user) and "territory_holdings" (territory), what someone takes over, and
    "user_hand_over" and "territory_hand_over" (actor, old, new, starts_on, reason), which do it; "handover" (user, ids,
    as_of), pairs of a distributor's key and a block {title, rows} that stands on the sheet for its new owner;
    "territory_counts" (user), the numbers beside the nodes of the tree; "territory_move" (territory, after, day),
    sentences that say why a territory cannot lie within `after` from that day on; "territory_close" (territory, day),
    those that say why it cannot close.

    Of contracts: "product_lines" (), the names that coverage is chosen from; "contract_year_before" (distributor_id,
    first, before), pairs of month and net sales; "contract_targets" (actor, entries, note), which sets
    targets from distributors, their pairs of month and amount, and reasons, and gives how many changed.

    "credit_queue" (user, as_of) adds blocks {title, rows, more_url, nothing} to the queue of credit; a row is {chip,
    tone, title, url, text, day}.

    "receivables_moved" (touched, as_of) follows, in the transaction of the facts, what distributors owe, paid or
    ordered: of those in the table `touched`, or of all where it is None.

    "class_resources" (user, run, window) are what the groups by volume have of a resource.

    "tabs" (user) are the links of the bar at the foot of the phone, after Home.
    """
    if function not in _contributors[slot]:
        _contributors[slot].append(function)


def collect(slot: str, *args: Any) -> list[Any]:
    """Return everything the contributors of a slot give for `args`, one call each."""
    return [item for function in _contributors[slot] for item in function(*args)]


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


def setting_add(setting: Setting) -> None:
    """Register an entry of the page of settings."""
    if setting not in _settings:
        _settings.append(setting)


def settings_for(user: Any) -> list[Setting]:
    """Return the settings that `user` may open, in order."""
    found = [setting for setting in _settings if user.reach(setting.permission) is not None]
    return sorted(found, key=lambda setting: setting.order)
