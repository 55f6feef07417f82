"""Policies, and who would move if their settings changed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from distributors.classification.models import Policy, PolicyVersion
from distributors.classification.selectors.population import classes_of, population_read
from distributors.profiles.models import Distributor

SETTINGS = (
    "basis",
    "cut_a",
    "cut_b",
    "crossing_above",
    "window_months",
    "new_months",
    "annualise",
    "dynamics_margin",
    "dynamics_periods",
    "cut_five",
    "cut_three",
    "plan_five",
    "plan_three",
    "plan_two",
)
SHOWN = 50


@dataclass(frozen=True)
class Mover:
    """One distributor whose class by rank would change."""

    distributor: Distributor
    before: str
    after: str

    @property
    def improves(self) -> bool:
        """Tell whether the class would be better."""
        return self.after < self.before


@dataclass(frozen=True)
class Moves:
    """Who would move: how many up and down, the first of them, and what it was computed of."""

    up: int
    down: int
    shown: list[Mover]
    as_of: date
    members: int

    @property
    def count(self) -> int:
        """Return how many would move."""
        return self.up + self.down


def overlapping(tier: int, paths: list[str]) -> Policy | None:
    """Return a policy of the same tier whose territories overlap `paths`; none means all."""
    for policy in Policy.objects.filter(tier=tier).prefetch_related("territories"):
        others = [territory.path for territory in policy.territories.all()]
        if not paths or not others:
            return policy
        if any(one.startswith(other) or other.startswith(one) for one in paths for other in others):
            return policy
    return None


def moves_if(*, user: Any, current: PolicyVersion, proposed: PolicyVersion, as_of: date) -> Moves:
    """Compute who would get another class by rank under the proposed settings; nothing is written."""
    before = population_read(version=current, as_of=as_of)
    after = population_read(version=proposed, as_of=as_of)
    was = classes_of(population=before, basis=before.basis, as_of=as_of, rules=current.rules).klass
    now = classes_of(population=after, basis=after.basis, as_of=as_of, rules=proposed.rules).klass
    ids, first, second = np.intersect1d(before.ids, after.ids, assume_unique=True, return_indices=True)
    was, now, basis = was[first], now[second], after.basis[second]
    moved = np.flatnonzero(was != now)
    moved = moved[np.argsort(-basis[moved], kind="stable")]
    seen = Distributor.objects.visible_to(user).in_bulk(ids[moved[:SHOWN]].tolist())
    places = [place for place in moved[:SHOWN].tolist() if int(ids[place]) in seen]
    return Moves(
        up=int(np.count_nonzero(now[moved] < was[moved])),
        down=int(np.count_nonzero(now[moved] > was[moved])),
        shown=[Mover(seen[int(ids[place])], str(was[place]), str(now[place])) for place in places],
        as_of=as_of,
        members=int(ids.size),
    )
