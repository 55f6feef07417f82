"""The contracts of the invented manufacturer, written and signed as people would."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import User
from accounts.roles import Role
from core.periods import month_shift
from distributors.profiles.contracts.models import Contract
from distributors.profiles.contracts.services import contract_renew, contract_save, contract_sign
from distributors.profiles.models import Distributor, Lifecycle

KINDS = {"general": "general", "authorised": "authorised", "value_added": "service"}
MOST = 60
# Of so many contracts, one each ends within a month, two months, three months; others at the end of a year.
ENDS_SOON = (22, 48, 81)
EVERY = 7
ROUND = Decimal(10_000)
TERMS: dict[str, dict[str, Any]] = {
    "general": {
        "coverage_commitment": "每县至少 3 个终端网点 Three outlets in every county",
        "sub_distributors": 8,
        "advertising_share": Decimal("1.5"),
        "reporting_duty": "每月 5 日前报库存和动销 Stock and sell-out by the 5th",
        "exclusivity_loss": "both",
        "credit_days": 60,
        "minimum_stock": "45 天销量 45 days of sales",
        "buy_back": "终止后 90 天内按原价八成回购 At 80 % within 90 days",
    },
    "authorised": {
        "coverage_commitment": "城区主要五金街全覆盖 Every main hardware street",
        "advertising_share": Decimal("1.0"),
        "reporting_duty": "每月 5 日前报库存 Stock by the 5th",
        "exclusivity_loss": "target",
        "credit_days": 30,
        "minimum_stock": "30 天销量 30 days of sales",
    },
    "service": {
        "spare_parts": "常用配件 60 种 Sixty usual parts",
        "reporting_duty": "每周报维修记录 Repairs every week",
        "credit_days": 45,
    },
}


def contracts_write(users: list[User], today: date, rng: np.random.Generator) -> int:
    """Write the contracts of the largest general, authorised and value-added distributors; return how many.

    Some end within 30, 60 and 90 days, one has a second version, one is a draft.
    """
    admin = next(user for user in users if user.role == Role.ADMIN)
    made: list[Contract] = []
    for place, distributor in enumerate(_chosen()):
        draft = contract_save(actor=admin, instance=Contract(), **_terms(distributor, place, made, today, rng))
        made.append(draft if place % 20 == 19 else contract_sign(actor=admin, contract=draft, signed_on=_signed(draft)))
    if len(made) > 1:
        _renewed(admin, made[1])
    return len(made)


def _chosen() -> Iterable[Distributor]:
    rows = Distributor.objects.filter(state=Lifecycle.ACTIVE, merged_into=None, type__code__in=KINDS)
    return rows.select_related("type", "territory", "standing").order_by(
        "type__order", "-standing__net_sales_12m", "pk"
    )[:MOST]


def _terms(
    distributor: Distributor, place: int, made: list[Contract], today: date, rng: np.random.Generator
) -> dict[str, Any]:
    kind = KINDS[distributor.type.code]
    first, last = date(today.year, 1, 1), date(today.year + int(rng.integers(1, 3)), 12, 31)
    if place % EVERY < len(ENDS_SOON):
        last = today + timedelta(days=ENDS_SOON[place % EVERY] + int(rng.integers(0, 8)))
        first = month_shift(last, -12)
    bought = distributor.standing.net_sales_12m
    target = (bought * Decimal("1.1") / ROUND).to_integral_value() * ROUND if bought > ROUND else None
    return {
        "distributor": distributor,
        "number": f"JH-{first.year}-{place + 1:03d}",
        "kind": kind,
        "valid_from": first,
        "valid_to": last,
        "yearly_target": target,
        "minimum_purchase": target and target / 2,
        "split": "last_year" if _sold_before(distributor, first) else "even",
        "price_terms": "出厂价目表，季度内不变 Ex-works list, unchanged within a quarter",
        "delivery_term": "FCA",
        "governing_law": "中华人民共和国 People’s Republic of China",
        "coverage": _coverage(distributor, kind, made),
        **TERMS[kind],
    }


def _sold_before(distributor: Distributor, first: date) -> bool:
    since = distributor.standing.first_sale_on
    return since is not None and since < month_shift(first, -6)


def _coverage(distributor: Distributor, kind: str, made: list[Contract]) -> list[dict[str, Any]]:
    """Return one row: exclusive for the first general or authorised one of a territory that no other one holds."""
    path = distributor.territory.path
    held = {row.territory_path for one in made for row in one.coverage.all() if row.exclusive}
    free = not any(path.startswith(other) or other.startswith(path) for other in held)
    return [{"territory": distributor.territory, "line": "", "exclusive": free and kind != "service"}]


def _signed(draft: Contract) -> date:
    return draft.valid_from - timedelta(days=12)


def _renewed(admin: User, contract: Contract) -> None:
    """Write that the terms of one contract are agreed anew: the draft of its next version waits."""
    contract_renew(actor=admin, contract=contract)
