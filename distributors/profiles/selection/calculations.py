"""Selection in figures: the score of a scorecard, the level of a risk, and what still stands against a move."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Domain handbook, section 2: the criteria with the weights as delivered.
WEIGHTS = {"willingness": 20, "ability": 25, "reputation": 25, "network": 10, "coverage": 10, "finance": 10}
CRITERIA = tuple(WEIGHTS)
WHOLE = 100
LOWEST, HIGHEST = 1, 5
SCALE = tuple(range(LOWEST, HIGHEST + 1))
THRESHOLD = 60
RISK_LIMIT = 15
CHECKS = ("registration", "litigation", "accounts", "tax", "licences", "references", "visit")
TENTH = Decimal("0.1")
# Bands of a risk level below the limit of the policy: from 10 on high, from 5 on moderate.
HIGH, MODERATE = 10, 5

SUBMIT, APPROVE = "submit", "approve"
SCORECARD, MINIMUM, OPEN, BLOCKING, RISKS, RISK = "scorecard", "minimum", "open", "blocking", "risks", "risk"
# What a director approves all the same.
FOR_DIRECTOR = frozenset({MINIMUM, RISK})


@dataclass(frozen=True)
class Line:
    """One criterion of a score: its weight, its rating, and the points that it brings."""

    criterion: str
    weight: int
    rating: int
    points: Decimal


@dataclass(frozen=True)
class Score:
    """A score from 0 to 100, half-up to one decimal, with its working."""

    value: Decimal
    lines: tuple[Line, ...]


def score_of(weights: Mapping[str, int], ratings: Mapping[str, int]) -> Score:
    """Return the score of ratings from 1 to 5 on every criterion: each brings weight x (rating - 1) / 4 points.

    All ones are 0, all threes 50, all fives 100. Raises ValueError for a missing rating, one off the scale, and weights
    that do not make up 100.
    """
    if sum(weights.values()) != WHOLE:
        raise ValueError("the weights make up 100")
    if unrated(ratings) or any(ratings[name] not in SCALE for name in CRITERIA):
        raise ValueError("every criterion has a rating from 1 to 5")
    steps = HIGHEST - LOWEST
    lines = tuple(
        Line(name, weights[name], ratings[name], Decimal(weights[name] * (ratings[name] - LOWEST)) / steps)
        for name in CRITERIA
    )
    total = sum((line.points for line in lines), Decimal(0))
    return Score(total.quantize(TENTH, rounding=ROUND_HALF_UP), lines)


def unrated(ratings: Mapping[str, int | None]) -> tuple[str, ...]:
    """Return the criteria that have no rating yet, in their order."""
    return tuple(name for name in CRITERIA if ratings.get(name) is None)


def risk_band(level: int, limit: int = RISK_LIMIT) -> str:
    """Return the band of a risk level, likelihood x impact: low, moderate, high, or over (at the limit or above)."""
    if level >= limit:
        return "over"
    if level >= HIGH:
        return "high"
    return "moderate" if level >= MODERATE else "low"


@dataclass(frozen=True)
class Facts:
    """What is known of a prospect: the score in force, its checks by state, its risks, and the limits that hold."""

    score: Decimal | None = None
    settled: int = 0
    blocking: int = 0
    risks: int = 0
    highest: int = 0
    threshold: int = THRESHOLD
    risk_limit: int = RISK_LIMIT

    @property
    def open(self) -> int:
        """Return how many checks are still open."""
        return len(CHECKS) - self.settled


def against(move: str, facts: Facts, *, director: bool = False) -> tuple[str, ...]:
    """Return the rules that stand against a move, in the order in which they are met; none for other moves.

    To be put under review takes a scorecard. Approval takes one that reaches the threshold, every check decided and
    none blocking, a risk named, and none at the limit. A director approves below the threshold and above the limit.
    """
    unmet = []
    if move in (SUBMIT, APPROVE) and facts.score is None:
        unmet.append(SCORECARD)
    if move == APPROVE:
        if facts.score is not None and facts.score < facts.threshold:
            unmet.append(MINIMUM)
        if facts.open:
            unmet.append(OPEN)
        if facts.blocking:
            unmet.append(BLOCKING)
        if not facts.risks:
            unmet.append(RISKS)
        if facts.highest >= facts.risk_limit:
            unmet.append(RISK)
    return tuple(rule for rule in unmet if not (director and rule in FOR_DIRECTOR))
