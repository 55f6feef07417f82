"""Evidence, accounts and reviews of the invented manufacturer's credit cards, and their scores at the month-ends."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from accounts.models import User
from accounts.roles import Role
from config.demo.writing import rows_write
from core.periods import month_of, month_shift
from distributors.credit.cards.items import ENTERED
from distributors.credit.cards.runs import scores_run
from distributors.credit.models import Accounts, CreditReview, Evidence
from distributors.profiles.models import Distributor, Lifecycle, Standing

# A share of 1 that has evidence, for distributors that buy from us and for those that buy from another.
KNOWN = (0.82, 0.30)
NOTES = {
    "references": (
        "两家同行：一向按期付款 Two in the trade: always pays on the day",
        "银行推荐信 Letter of the bank",
        "一家供应商说去年拖了两次 One supplier: two delays last year",
    ),
    "litigation": (
        "查询裁判文书，无案件 Court register: no cases",
        "一起货款纠纷已和解 One dispute over payment, settled",
        "两起在审 Two cases pending",
    ),
    "management": (
        "有月度盘点和应收台账 Counts stock monthly, keeps a ledger",
        "老板一人管账 The owner keeps the books alone",
        "儿子接班，分工清楚 The son takes over, duties are clear",
    ),
    "guarantor": (
        "配偶连带担保，名下房产一套 Spouse guarantees, owns a flat",
        "母公司担保函 Letter of the parent company",
    ),
    "outlook": ("县域电网改造带动需求 Grid works in the counties lift demand", "工地开工少 Few building sites open"),
    "concentration": ("最大客户占三成 Largest customer: 30 %", "一家工地占六成 One building site: 60 %"),
    "country": ("人民币结算 Settled in CNY", "当地货币一年贬 12 % The local currency lost 12 % in a year"),
}
PREMISES = 0.4
CAPITALS = [500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000]
CAPITAL_SHARES = [0.25, 0.3, 0.25, 0.15, 0.05]
REVIEWED = 0.85


def credit_write(users: list[User], today: date, month_ends: int, rng: np.random.Generator) -> int:
    """Enter what credit cards rest on, score the last month-ends in order and today; return how many have a card."""
    finance = next(user for user in users if user.role == Role.FINANCE)
    rows = Distributor.objects.filter(merged_into=None).exclude(state=Lifecycle.ENDED).order_by("pk")
    found = list(rows.values_list("pk", "owner_id", "tier", "currency", "cooperation_since"))
    quality = rng.normal(72, 15, len(found)).clip(8, 98)
    _evidence(found, quality, finance.pk, today, rng)
    _accounts(found, quality, finance.pk, today, rng)
    first = month_of(today)
    for back in range(month_ends - 1, -1, -1):
        scores_run(as_of=month_shift(first, -back), monthly=True)
        if back == month_ends // 3:
            _reviews(finance, month_shift(first, -back), rng)
    return scores_run(as_of=today, monthly=False).members


def _evidence(found: list[Any], quality: Any, finance: int, today: date, rng: np.random.Generator) -> None:
    """Write evidence twice over the last two years; some of the newer has expired, some does so soon."""
    who, tier = np.array([row[0] for row in found]), np.array([row[2] for row in found])
    owner = [row[1] or finance for row in found]
    share = np.where(tier == 1, KNOWN[0], KNOWN[1])
    columns: dict[str, list[Any]] = {name: [] for name in ("who", "item", "score", "day", "until", "note", "by")}
    for item in ENTERED:
        known = rng.random(len(found)) < share
        usual = quality + rng.normal(0, 9, len(found))
        for back, kept in ((rng.integers(430, 760, len(found)), 1.0), (rng.integers(20, 390, len(found)), 0.85)):
            scores = (usual + rng.normal(0, 4, len(found))).clip(0, 100).astype(int)
            months = rng.choice([12, 12, 12, 18], len(found))
            for place in np.flatnonzero(known & (rng.random(len(found)) < kept)).tolist():
                day = today - timedelta(days=int(back[place]))
                notes = NOTES[item.value]
                worse = min(int((100 - scores[place]) * len(notes) / 100), len(notes) - 1)
                columns["who"].append(int(who[place]))
                columns["item"].append(item.value)
                columns["score"].append(int(scores[place]))
                columns["day"].append(day)
                columns["until"].append(month_shift(day, int(months[place]) + 1) - timedelta(days=1))
                columns["note"].append(notes[worse])
                columns["by"].append(finance if place % 3 else owner[place])
    given = {
        "distributor_id": columns["who"],
        "item": columns["item"],
        "score": columns["score"],
        "reviewed_on": columns["day"],
        "expires_on": columns["until"],
        "note": columns["note"],
        "created_by_id": columns["by"],
    }
    rows_write(Evidence, given, len(columns["who"]))


def _accounts(found: list[Any], quality: Any, finance: int, today: date, rng: np.random.Generator) -> None:
    """Write the accounts of the last three years of those who hand them in."""
    sales = dict(Standing.objects.values_list("pk", "net_sales_12m"))
    share = np.where(np.array([row[2] for row in found]) == 1, 0.78, 0.2)
    known = np.flatnonzero(rng.random(len(found)) < share).tolist()
    rows: list[dict[str, Any]] = []
    for place in known:
        pk, _owner, _tier, currency, since = found[place]
        good = quality[place] / 100
        turnover = max(float(sales.get(pk, 0)) * float(rng.uniform(2.5, 6)), 600_000)
        capital = int(
            rng.choice([500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000], p=[0.25, 0.3, 0.25, 0.15, 0.05])
        )
        own = bool(rng.random() < PREMISES)
        for year in range(today.year - 3, today.year):
            if since is not None and since.year > year:
                continue
            assets = turnover * float(rng.uniform(0.35, 0.55))
            debt = assets * float(np.clip(1.05 - good * 0.8 + rng.normal(0, 0.07), 0.12, 0.97))
            current = assets * float(rng.uniform(0.6, 0.8))
            rows.append(
                {
                    "distributor_id": pk,
                    "year": year,
                    "currency": currency or "CNY",
                    "registered_capital": capital * 10_000,
                    "equity": _thousands(assets - debt),
                    "liabilities": _thousands(debt),
                    "current_assets": _thousands(current),
                    "current_liabilities": _thousands(current / float(np.clip(0.5 + good * 1.3, 0.6, 2.4))),
                    "operating_margin": f"{float(np.clip(good * 11 - 2 + rng.normal(0, 1.5), -9, 18)):.2f}",
                    "own_premises": own,
                    "reviewed_on": date(year + 1, 4, 1 + place % 28),
                }
            )
    rows = [row for row in rows if row["reviewed_on"] <= today]
    if rows:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        note = "税务年报 Annual return to the tax office"
        rows_write(Accounts, {**columns, "created_by_id": finance, "note": note}, len(rows))


def _thousands(amount: float) -> int:
    """Return an amount in ten-thousandths, in full thousands."""
    return round(amount / 1_000) * 1_000 * 10_000


def _reviews(finance: User, day: date, rng: np.random.Generator) -> None:
    """Let finance go through some of the cards, each until a day of its own."""
    graded = Standing.objects.exclude(credit_grade="").order_by("pk")
    rows = [row for row in graded.values_list("pk", "credit_grade", "credit_score") if rng.random() < REVIEWED]
    CreditReview.objects.bulk_create(
        (
            CreditReview(
                distributor_id=pk,
                on=day,
                next_on=day + timedelta(days=int(rng.integers(130, 400))),
                grade=grade,
                score=score,
                note="资料齐全 Complete",
                created_by=finance,
            )
            for pk, grade, score in rows
        ),
        batch_size=2000,
    )
