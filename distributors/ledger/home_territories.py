"""The territories of a person side by side, on Home."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.models import Territory
from accounts.roles import Role
from core.money import amount_text, short_text
from distributors.ledger.home_month import Month, month_list, pace_of, target_kpi
from distributors.ledger.home_quality import quality_lists
from distributors.ledger.home_sums import our_lines, sales_sums
from distributors.ledger.records import Target
from distributors.profiles.models import OUR_TIER
from distributors.profiles.overview import is_new
from distributors.profiles.standing_sums import standing_sums, whole

ZERO = Decimal(0)
MOST = 40
WIDE = (Target.Owner.PERSON, Target.Owner.TERRITORY)


def territory_comparison(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return the territories directly below what the user answers for, side by side, and what is owed and to be made.

    Sales and classes are of tier 1; a number leads to the rows that make it.
    """
    if user.reach("ledger.view_monthlysales") is None:
        return []
    by_path, sales = standing_sums(user, as_of), sales_sums(user, as_of)
    if not by_path:
        return []
    targets = month_targets(user, as_of)
    block: dict[str, Any] = {"kpis": [], "lists": []}
    if user.role == Role.REP:
        aim = targets.people.get(user.pk, ZERO)
        month = Month(aim, _own_sales(user, as_of) if aim else ZERO)
    else:
        aim = sum(targets.tops.values(), ZERO)
        ordered = whole(by_path, targets.tops)["ordered"]
        month = Month(aim, _under(sales.month, targets.tops), ordered, _under(sales.collected, targets.tops))
    if aim:
        pace = pace_of(user, as_of, month) if user.role in (Role.REP, Role.MANAGER) else None
        block["kpis"].append(target_kpi(user, as_of, month, pace))
        if pace is not None and user.role == Role.MANAGER:
            block["lists"].append(month_list(user, as_of, month, pace))
    compared = compared_territories(user) if user.role != Role.REP else []
    if len(compared) > 1:
        rows = [(one, whole(by_path, [one.path]) | {"month": _under(sales.month, [one.path])}) for one in compared]
        rows.sort(key=lambda row: -row[1]["sales"])
        block["lists"].append(_list(rows, targets.territories, as_of, user.company.base_currency))
    if user.role == Role.ADMIN:
        block["lists"] += quality_lists(user, as_of, whole(by_path)["unowned"])
    return [block]


@dataclass(frozen=True)
class Targets:
    """This month's targets of net sales: by territory, by path of the highest ones that have one, by person."""

    territories: dict[int, Decimal]
    tops: dict[str, Decimal]
    people: dict[int, Decimal]


def month_targets(user: Any, as_of: date) -> Targets:
    """Return the targets of net sales of this month in the user's reach."""
    rows = Target.objects.visible_to(user).current().filter(owner_kind__in=WIDE)
    rows = rows.filter(metric=Target.Metric.NET_SALES, period=Target.Period.MONTH)
    rows = rows.filter(day=user.company.fiscal.named_month(as_of))
    found = Targets({}, {}, {})
    named: Any = rows.order_by("territory__path").values_list("person_id", "territory_id", "territory__path", "value")
    for person, territory, path, value in named:
        if person is not None:
            found.people[person] = value
            continue
        found.territories[territory] = value
        if not any(path.startswith(top) for top in found.tops):
            found.tops[path] = value
    return found


def _under(by_path: dict[str, Decimal], tops: Iterable[str]) -> Decimal:
    tops = tuple(tops)
    return sum((amount for path, amount in by_path.items() if path.startswith(tops)), ZERO)


def compared_territories(user: Any) -> list[Territory]:
    """Return the territories below the one that the user answers for, or those at the top where there are several."""
    seen = list(Territory.objects.visible_to(user).open().only("pk", "name", "path", "parent_id").order_by("path"))
    there = {one.pk for one in seen}
    children: dict[int | None, list[Territory]] = defaultdict(list)
    for one in seen:
        children[one.parent_id if one.parent_id in there else None].append(one)
    tops = children[None]
    found = children[tops[0].pk] if len(tops) == 1 else tops
    return found[:MOST]


def _own_sales(user: Any, as_of: date) -> Decimal:
    """Return this month's sales of a rep's own distributors; another of the same reach has other ones."""
    own = our_lines(user, user.company.fiscal.month(as_of).start, as_of).filter(distributor__owner=user.pk)
    return own.aggregate(total=Sum("base_amount"))["total"] or ZERO


def _list(
    rows: list[tuple[Territory, dict[str, Any]]], targets: dict[int, Decimal], as_of: date, currency: str
) -> dict[str, Any]:
    heads = [
        (_("Territory"), "start", ""),
        (_("Net sales 12 m"), "end", ""),
        (_("Growth"), "end", ""),
        (_("Class A"), "end", "sm"),
        (_("Silent"), "end", "sm"),
    ]
    targets = {one.pk: targets[one.pk] for one, _sums in rows if one.pk in targets}
    if targets:
        heads.insert(3, (_("Of the target"), "end", "sm"))
    owed = any(sums["overdue"] for _one, sums in rows)
    if owed:
        heads.append((_("Overdue"), "end", "md"))
    columns = [{"label": label, "align": align, "kind": "text", "hide": hide} for label, align, hide in heads]
    return {
        "order": 20,
        "title": _("The territories side by side, tier 1, %(currency)s") % {"currency": currency},
        "url": reverse("accounts:territory-list"),
        "action": _("All territories"),
        "table": {"columns": columns, "rows": [_row(one, sums, targets, owed, as_of) for one, sums in rows]},
    }


def _row(one: Territory, sums: dict[str, Any], targets: dict[int, Decimal], owed: bool, as_of: date) -> dict[str, Any]:
    language = get_language() or "en"
    cells = [
        _cell(one.name, _distributors(one)),
        _cell(short_text(sums["sales"], language), _distributors(one, tier=OUR_TIER)),
        _growth(sums, as_of),
        _cell(f"{sums['A']:,}", _distributors(one, tier=OUR_TIER, abc="A")),
        _cell(f"{sums['silent']:,}", _distributors(one, orders="silent")),
    ]
    if targets:
        target = targets.get(one.pk)
        cells.insert(3, _cell(f"{amount_text(sums['month'] / target * 100)} %" if target else "–"))
    if owed:
        cells.append(_cell(short_text(sums["overdue"], language), _distributors(one, owed="overdue")))
    return {"url": "", "cells": cells}


def _growth(sums: dict[str, Any], as_of: date) -> dict[str, Any]:
    if is_new(sums["began"], as_of):
        return _cell(pgettext("growth", "new"))
    if sums["before"] <= 0:
        return _cell("–")
    growth = (sums["sales"] - sums["before"]) / sums["before"]
    text = f"{growth * 100:+,.1f} %".replace("-", "\N{MINUS SIGN}")
    return _cell(text, tone="up" if growth > 0 else "down" if growth < 0 else "")


def _distributors(one: Territory, **query: Any) -> str:
    return f"{reverse('profiles:distributor-list')}?{urlencode({'territory': one.pk, **query})}"


def _cell(text: str, url: str = "", tone: str = "") -> dict[str, Any]:
    return {"text": text, "kind": "text", "url": url, "tone": tone, "sub": ""}
