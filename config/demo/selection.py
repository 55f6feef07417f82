"""Scorecards, checks and risks of the prospects of the invented manufacturer, entered as their reps would."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from accounts.models import User
from accounts.roles import Role
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.selection.calculations import CHECKS, CRITERIA
from distributors.profiles.selection.models import Assessment, DiligenceItem, Risk
from distributors.profiles.selection.services import assessment_save, check_decide, risk_save

MOST = 40
NOTES = {
    "willingness": "老板写了半年计划 The owner wrote a plan for half a year",
    "ability": "仓库 600 平米，三名业务员 600 m² of warehouse, three sellers",
    "reputation": "两家同行说按期付款 Two in the trade say that they pay on the day",
    "network": "县里四十多家五金店 Over forty hardware shops in the counties",
    "coverage": "城区和两个县 The town and two counties",
    "finance": "看过一年的账 Accounts of one year seen",
}
FOUND = {
    "concern": {
        "litigation": "去年与装修公司有一起货款纠纷，已和解 A dispute over payment last year, settled",
        "accounts": "只给了两年的账 Accounts of two years only",
        "references": "一家客户联系不上 One customer could not be reached",
    },
    "blocking": {"tax": "2024 年欠税未清 Tax of 2024 is not paid"},
}
RISKS = (
    (
        "一半销量来自一家工地 Half of the sales come from one building site",
        3,
        4,
        "再签两家大用户 Win two more large users",
    ),
    ("老板 67 岁，接班人未定 The owner is 67, nobody follows", 2, 4, "和儿子一起签 Sign together with the son"),
    ("同时代理竞品 Carries a competitor too", 3, 2, "半年内分开陈列 Shown apart within half a year"),
    ("雨季仓库会进水 The warehouse floods in the rains", 2, 2, "货架垫高 Raise the shelves"),
)
GRAVE = (
    "与邻区经销商有窜货往来 Trades with a diverting neighbour",
    4,
    5,
    "书面承诺并交保证金 A pledge in writing and a deposit",
)
# What each of the reviews in turn lacks; the others are ready for the second person.
LACKS = {1: "open", 3: "risk", 5: "open", 7: "score", 9: "concern", 11: "blocking"}


def selection_write(users: list[User], today: date, rng: np.random.Generator) -> int:
    """Rate, check and weigh prospects and those under review in varied states; return how many scorecards there are."""
    admin = next(user for user in users if user.role == Role.ADMIN)
    people = {user.pk: user for user in users}
    found = Distributor.objects.filter(merged_into=None).order_by("pk")
    for place, one in enumerate(found.filter(state=Lifecycle.REVIEW)[:MOST]):
        _review(people.get(one.owner_id or 0, admin), one, LACKS.get(place, ""), place, rng)
    for place, one in enumerate(found.filter(state=Lifecycle.PROSPECT)[:MOST]):
        _prospect(people.get(one.owner_id or 0, admin), one, place, rng)
    _dated(today)
    return int(Assessment.objects.count())


def _ratings(rng: np.random.Generator, low: int, high: int) -> dict[str, tuple[int | None, str]]:
    return {name: (int(rng.integers(low, high + 1)), NOTES[name]) for name in CRITERIA}


def _review(rep: User, one: Distributor, lacks: str, place: int, rng: np.random.Generator) -> None:
    if place % 6 == 0:
        assessment_save(actor=rep, distributor=one, ratings=_ratings(rng, 2, 4), submit=True)
    low, high = (2, 3) if lacks == "score" else (4, 5)
    assessment_save(actor=rep, distributor=one, ratings=_ratings(rng, low, high), submit=True)
    for number, kind in enumerate(CHECKS):
        state = "clear"
        if lacks == "open" and number >= len(CHECKS) - 2:
            continue
        if lacks in FOUND and kind in FOUND[lacks]:
            state = lacks
        check_decide(actor=rep, distributor=one, kind=kind, state=state, note=FOUND.get(state, {}).get(kind, ""))
    risks = [RISKS[(place + step) % len(RISKS)] for step in range(1 + place % 3)]
    for title, likelihood, impact, answer in [GRAVE, *risks] if lacks == "risk" else risks:
        _named(rep, one, title, likelihood, impact, answer)


def _named(rep: User, one: Distributor, title: str, likelihood: int, impact: int, answer: str) -> Any:
    return risk_save(
        actor=rep,
        instance=Risk(distributor=one),
        title=title,
        likelihood=likelihood,
        impact=impact,
        mitigation=answer,
        owner=rep,
    )


def _prospect(rep: User, one: Distributor, place: int, rng: np.random.Generator) -> None:
    """Half are rated and ready to be put under review, some begun, some not."""
    if place % 2 == 0:
        assessment_save(actor=rep, distributor=one, ratings=_ratings(rng, 3, 5), submit=True)
        check_decide(actor=rep, distributor=one, kind="registration", state="clear")
        _named(rep, one, *RISKS[place % len(RISKS)])
    elif place % 4 == 1:
        some = {name: rated for name, rated in _ratings(rng, 2, 4).items() if name not in ("coverage", "finance")}
        assessment_save(actor=rep, distributor=one, ratings=some)


def _dated(today: date) -> None:
    """Let what was entered just now lie some days back."""
    for place, one in enumerate(Distributor.objects.filter(state=Lifecycle.PROSPECT).order_by("pk")[:MOST]):
        Distributor.objects.filter(pk=one.pk).update(created_at=one.created_at - timedelta(days=4 + 7 * place))
    for rows, column in (
        (Assessment.objects.filter(state="submitted"), "rated_on"),
        (DiligenceItem.objects, "decided_on"),
    ):
        for place, pk in enumerate(rows.exclude(**{column: None}).order_by("pk").values_list("pk", flat=True)):
            rows.filter(pk=pk).update(**{column: today - timedelta(days=2 + place % 17)})
