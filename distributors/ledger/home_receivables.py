"""What is owed by age, on Home."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import Role
from core.figures import figures_of
from core.money import amount_text
from distributors.ledger.records import OpenItem
from distributors.profiles.models import Distributor

ZERO = Decimal(0)
EDGES = (0, 30, 60, 90)


def receivable_ages(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return what is owed by age, for finance and whoever reads over finance's shoulder."""
    if user.role not in (Role.FINANCE, Role.ANALYST):
        return []
    ages: list[Decimal] = figures_of(
        "ledger.ages",
        user=user,
        permission="ledger.view_openitem",
        rows=Distributor.objects.visible_to(user),
        as_of=as_of,
        compute=lambda: receivable_by_age(user, as_of),
    )
    total = sum(ages, ZERO)
    return [{"lists": [_age_list(ages, total, user.company.base_currency)]}] if total else []


def receivable_by_age(user: Any, as_of: date) -> list[Decimal]:
    """Return what is open of invoices in base currency: not due, then overdue to 30, 60, 90 days, and longer."""
    late = [as_of - timedelta(days=edge) for edge in EDGES]
    bounds = [
        Q(due_on__gte=late[0]),
        *(Q(due_on__lt=late[step], due_on__gte=late[step + 1]) for step in range(len(EDGES) - 1)),
        Q(due_on__lt=late[-1]),
    ]
    rows = OpenItem.objects.visible_to(user).filter(kind=OpenItem.Kind.INVOICE)
    found = rows.aggregate(**{f"age{place}": Sum("base_amount", filter=one) for place, one in enumerate(bounds)})
    return [found[f"age{place}"] or ZERO for place in range(len(bounds))]


def _age_list(ages: list[Decimal], total: Decimal, currency: str) -> dict[str, Any]:
    labels = [
        _("not due"),
        *(_("overdue %(first)s to %(last)s days") % {"first": low + 1, "last": high} for low, high in pairwise(EDGES)),
        _("overdue more than %(days)s days") % {"days": EDGES[-1]},
    ]
    columns = [
        {"label": label, "align": align, "kind": "text", "hide": ""}
        for label, align in (
            (_("Age"), "start"),
            (_("Open, %(currency)s") % {"currency": currency}, "end"),
            ("%", "end"),
        )
    ]
    rows = [
        {"url": "", "cells": [_cell(label), _cell(amount_text(age)), _cell(amount_text(age / total * 100, 1))]}
        for label, age in zip(labels, ages, strict=True)
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
