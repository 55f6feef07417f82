"""The rows of the distributors: cards, places, assignments, lifecycle, standing."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from accounts.models import STEP, User
from config.demo.channel import Channel, day_of, month_dates
from config.demo.names import FORMS, MARKS, ROADS, ROADS_ABROAD, TIER2_FORM, TRADES, person_name
from config.demo.people import Tree
from config.demo.writing import keys, rows_write, sequences_reset
from core.money import SCALE
from core.periods import month_of
from distributors.profiles.models import (
    Assignment,
    Distributor,
    DistributorType,
    Lifecycle,
    LifecycleChange,
    Merge,
    Place,
    Standing,
)

PATHS = {
    "prospect": [],
    "review": ["review"],
    "active": ["review", "approved", "active"],
    "watch": ["review", "approved", "active", "watch"],
    "exiting": ["review", "approved", "active", "watch", "exiting"],
    "ended": ["review", "approved", "active", "exiting", "ended"],
}
REASONS = {
    "review": "首次拜访后申请 Applied after the first visit",
    "approved": "资料齐全 Papers complete",
    "active": "首单发货 First order shipped",
    "watch": "销售连续下滑 Sales fell two quarters in a row",
    "exiting": "约定退出 Agreed to part",
    "ended": "合同终止 Contract ended",
}
STEP_DAYS = {"review": -60, "approved": -20, "active": 0}


def cards_write(channel: Channel, tree: Tree, users: list[User], last: date, first: date) -> None:
    """Write everything a distributor's page shows besides its sales."""
    channel.pk = keys(Distributor, channel.size)
    width = max(4, len(str(channel.size)))
    channel.code = [f"D{number:0{width}d}" for number in range(1, channel.size + 1)]
    channel.names = _names(channel, tree)
    _distributors_write(channel, tree, users)
    _places_write(channel, tree)
    _assignments_write(channel, tree, users, first)
    _lifecycle_write(channel, users, last)
    rows_write(Standing, {"distributor_id": channel.pk}, channel.size)
    sequences_reset(Distributor)
    _merges_write(channel)


def _merges_write(channel: Channel) -> None:
    """Write that two cards turned out to be one company."""
    before: dict[str, Any] = {"merged": [], "children": [], "tasks": [], "state": "ended", "owner": None}
    Merge.objects.bulk_create(
        Merge(
            source_id=int(channel.pk[double]),
            survivor_id=int(channel.pk[survivor]),
            reason="同一家公司的两张卡片 Two cards of one company",
            before=before,
        )
        for double, survivor in channel.merged.items()
    )


def territory_nodes(channel: Channel, tree: Tree) -> list[int]:
    """Return the node of each distributor: a general one holds its province, the others their city or district."""
    by_path = {node.path: index for index, node in enumerate(tree.nodes)}
    found = []
    for leaf, kind in zip(channel.leaf, channel.kind, strict=True):
        path = tree.nodes[tree.leaves[leaf].node].path
        found.append(by_path[path[: 3 * STEP] if kind == "general" else path])
    return found


def _names(channel: Channel, tree: Tree) -> list[tuple[str, str, str]]:
    """Return (legal, short, other) names; no two alike in one city."""
    seen: dict[str, int] = {}
    found = []
    for index in range(channel.size):
        leaf = tree.leaves[channel.leaf[index]]
        number = seen.get(leaf.city.en, 0)
        seen[leaf.city.en] = number + 1
        offset = sum(map(ord, leaf.city.en))
        mark_zh, mark_en = MARKS[(number * 5 + offset) % len(MARKS)]
        trade_zh, trade_en = TRADES[(number + offset + number // (len(MARKS) * len(TRADES))) % len(TRADES)]
        again = number // (len(MARKS) * len(TRADES))
        suffix = str(again + 1) if again else ""
        short_zh = f"{leaf.city.zh}{mark_zh}{suffix}{trade_zh}"
        short_en = " ".join(filter(None, (leaf.city.en, mark_en, suffix, trade_en)))
        if leaf.region.home:
            form_zh, form_en = TIER2_FORM if channel.tier[index] == 2 else FORMS[number % len(FORMS)]
            found.append((f"{short_zh}{form_zh}（演示）", short_zh, f"{short_en} {form_en} (Demo)"))
        else:
            form = leaf.province.forms[number % len(leaf.province.forms)]
            found.append((f"{short_en} {form} (Demo)", short_en, f"{short_zh}（演示）"))
    return found


def _distributors_write(channel: Channel, tree: Tree, users: list[User]) -> None:
    nodes = territory_nodes(channel, tree)
    leaves = [tree.leaves[leaf] for leaf in channel.leaf]
    since = [day_of(day) if day else None for day in channel.since]
    user_pk = np.array([user.pk for user in users], dtype=np.int64)
    rows_write(
        Distributor,
        {
            "id": channel.pk,
            **_identity(channel),
            **_kinship(channel),
            "founded_on": [day and date(day.year - 1 - day.day % 6, 1 + day.day % 12, 1) for day in since],
            "language": ["zh-hans" if leaf.region.home else "en" for leaf in leaves],
            "time_zone": [leaf.province.zone for leaf in leaves],
            "currency": [leaf.province.currency for leaf in leaves],
            "cooperation_since": pa.array(since, pa.date32()),
            "state": channel.state.tolist(),
            "territory_id": np.array([tree.nodes[node].pk for node in nodes], dtype=np.int64),
            "territory_path": [tree.nodes[node].path for node in nodes],
            "owner_id": user_pk[channel.rep],
            "city": [f"{leaf.city.zh} {leaf.city.en}" for leaf in leaves],
            "updated_by_id": pa.nulls(channel.size, pa.int64()),
        },
        channel.size,
    )


def _identity(channel: Channel) -> dict[str, Any]:
    numbers = range(1, channel.size + 1)
    return {
        "code": channel.code,
        "legal_name": [name[0] for name in channel.names],
        "short_name": [name[1] for name in channel.names],
        "other_name": [name[2] for name in channel.names],
        "registration_number": [f"DEMO-{number:06d}" for number in numbers],
        "tax_number": [f"DEMO-TAX-{number:06d}" for number in numbers],
        "legal_representative": [person_name(number * 31).zh for number in numbers],
        "registered_capital": (10 + channel.pk % 40) * 50_000 * SCALE,
        "phone": [f"+86 000-0000-{number % 10_000:04d}" for number in numbers],
        "email": [f"office@{code.lower()}.example" for code in channel.code],
        "website": [f"https://{code.lower()}.example/" for code in channel.code],
    }


def _kinship(channel: Channel) -> dict[str, Any]:
    types = dict(DistributorType.objects.values_list("code", "pk"))
    parents = [int(channel.pk[parent]) if parent >= 0 else None for parent in channel.parent]
    merged: list[int | None] = [None] * channel.size
    for double, survivor in channel.merged.items():
        merged[double] = int(channel.pk[survivor])
    return {
        "type_id": np.array([types[kind] for kind in channel.kind], dtype=np.int64),
        "tier": channel.tier,
        "parent_id": pa.array(parents, pa.int64()),
        "merged_into_id": pa.array(merged, pa.int64()),
    }


def _places_write(channel: Channel, tree: Tree) -> None:
    """Write a registered address each, and a warehouse for every third."""
    every = np.arange(channel.size)
    for kind, members in ((Place.Kind.REGISTERED, every), (Place.Kind.SHIPPING, every[every % 3 == 0])):
        leaves = [tree.leaves[channel.leaf[index]] for index in members]
        shift = 0.012 if kind == Place.Kind.SHIPPING else 0.0
        rows_write(
            Place,
            {
                "distributor_id": channel.pk[members],
                "kind": kind.value,
                "address": [
                    _address(int(index), leaf.region.home) for index, leaf in zip(members, leaves, strict=True)
                ],
                "city": [f"{leaf.city.zh} {leaf.city.en}" for leaf in leaves],
                "province": [f"{leaf.province.zh} {leaf.province.en}" for leaf in leaves],
                "country": ["中国 China" if leaf.region.home else leaf.province.en for leaf in leaves],
                "latitude": np.round([leaf.city.latitude for leaf in leaves] + _jitter(members, 17) + shift, 6),
                "longitude": np.round([leaf.city.longitude for leaf in leaves] + _jitter(members, 29) + shift, 6),
            },
            len(members),
        )


def _jitter(members: np.ndarray, step: int) -> np.ndarray:
    return ((members * step) % 101 - 50) / 1000


def _address(index: int, home: bool) -> str:
    if home:
        return f"{ROADS[index % len(ROADS)]}{index % 288 + 1}号（演示地址）"
    return f"{index % 288 + 1} {ROADS_ABROAD[index % len(ROADS_ABROAD)]} (Demo)"


def _assignments_write(channel: Channel, tree: Tree, users: list[User], first: date) -> None:
    """Write who covered whom from which month; moved ones have two rows."""
    months = month_dates(first)
    territory = np.array([tree.nodes[node].pk for node in territory_nodes(channel, tree)], dtype=np.int64)
    user_pk = np.array([user.pk for user in users], dtype=np.int64)
    starts = [month_of(day_of(day)) if day else first for day in channel.since]
    moved = np.flatnonzero(channel.moved_in >= 0)
    moved = moved[[months[channel.moved_in[index]] > starts[index] for index in moved]] if len(moved) else moved
    channel.moved_in[np.setdiff1d(np.flatnonzero(channel.moved_in >= 0), moved)] = -1
    before = np.where(channel.moved_in >= 0, channel.rep_before, channel.rep)
    for members, days, reps, reason in (
        (np.arange(channel.size), starts, before, ""),
        (moved, [months[channel.moved_in[index]] for index in moved], channel.rep[moved], "线路调整 Route changed"),
    ):
        rows_write(
            Assignment,
            {
                "distributor_id": channel.pk[members],
                "starts_on": pa.array(days, pa.date32()),
                "territory_id": territory[members],
                "owner_id": user_pk[reps],
                "reason": reason,
                "created_by_id": pa.nulls(len(members), pa.int64()),
            },
            len(members),
        )


def _lifecycle_write(channel: Channel, users: list[User], last: date) -> None:
    """Write the moves that led to each state, most recent states shortly before the end of the data."""
    rows: dict[str, list] = {"distributor_id": [], "before": [], "after": [], "on": [], "reason": [], "by_id": []}
    for index in range(channel.size):
        state = str(channel.state[index])
        before = Lifecycle.PROSPECT.value
        path = PATHS[state]
        for place, after in enumerate(path):
            rows["distributor_id"].append(int(channel.pk[index]))
            rows["before"].append(before)
            rows["after"].append(after)
            rows["on"].append(_moved_on(channel, index, after, len(path) - place, last))
            rows["reason"].append(REASONS[after])
            rows["by_id"].append(users[channel.rep[index]].pk)
            before = after
    rows_write(LifecycleChange, {**rows, "on": pa.array(rows["on"], pa.date32())}, len(rows["on"]))


def _moved_on(channel: Channel, index: int, after: str, steps_left: int, last: date) -> date:
    since = int(channel.since[index])
    if not since:
        return day_of(last.toordinal() - 3 - index % 25)
    if after in STEP_DAYS:
        return day_of(since + STEP_DAYS[after])
    end = int(channel.stops[index]) + 10 if channel.state[index] == "ended" else last.toordinal() - 5 - index % 40
    return day_of(max(since + 1, min(end, last.toordinal()) - 45 * (steps_left - 1)))
