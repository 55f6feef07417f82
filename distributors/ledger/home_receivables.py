"""What is owed by age, on Home."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import Role
from core.figures import figures_of
from core.money import amount_text
from distributors.ledger.ageing import BUCKETS, ageing
from distributors.ledger.records import OpenItem
from distributors.profiles.standing_sums import standings_counted

ZERO = Decimal(0)


def receivable_ages(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return what is owed by age, for finance and whoever reads over finance's shoulder."""
    if user.role not in (Role.FINANCE, Role.ANALYST):
        return []
    ages: list[Decimal] = figures_of(
        "ledger.ages",
        user=user,
        permission="ledger.view_openitem",
        as_of=as_of,
        compute=lambda: receivable_by_age(user, as_of),
        count=lambda _ages: standings_counted(user, as_of),
    )
    total = sum(ages, ZERO)
    return [{"lists": [_age_list(ages, total, user.company.base_currency)]}] if total else []


def receivable_by_age(user: Any, as_of: date) -> list[Decimal]:
    """Return what is open of invoices in base currency, by the buckets of their age."""
    return [one.amount for one in ageing(OpenItem.objects.visible_to(user), as_of)]


def _age_list(ages: list[Decimal], total: Decimal, currency: str) -> dict[str, Any]:
    columns = [
        {"label": label, "align": align, "kind": "text", "hide": ""}
        for label, align in (
            (_("Age"), "start"),
            (_("Open, %(currency)s") % {"currency": currency}, "end"),
            ("%", "end"),
        )
    ]
    rows = [
        {
            "url": "",
            "cells": [_cell(str(bucket.label)), _cell(amount_text(age)), _cell(amount_text(age / total * 100, 1))],
        }
        for bucket, age in zip(BUCKETS, ages, strict=True)
    ]
    return {
        "order": 4,
        "title": _("Receivable by age"),
        "url": f"{reverse('profiles:distributor-list')}?owed=overdue",
        "action": _("Who is overdue"),
        "table": {"columns": columns, "rows": rows},
    }


def _cell(text: str) -> dict[str, Any]:
    return {"text": text, "kind": "text", "url": "", "tone": "", "sub": ""}
