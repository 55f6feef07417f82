"""Reads of the card: its groups as the profile shows them, the rows that are dated or many, and our share in them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Prefetch, Q
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.contributors import collect
from core.money import amount_text
from distributors.profiles.card.calculations import WHOLE, shares_left, wallet_share
from distributors.profiles.card.choices import RATINGS
from distributors.profiles.models import (
    BrandShare,
    BrandSurvey,
    Business,
    BusinessFigures,
    CardFile,
    Cooperation,
    Distributor,
    EarlyClass,
    Organisation,
    OtherName,
    Outlet,
)
from distributors.profiles.selectors import language_name

SHOWN = 20
SURVEYS = 12
SOON_DAYS = 60
BETWEEN = "; "
# Each line of a chart stands out against the paper, in both themes.
COLOURS = tuple(f"var(--{name})" for name in ("accent", "warn", "ink-2", "good", "bad", "ink-3"))
FIELDS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    (
        "cooperation",
        Cooperation,
        (
            *("first_contact_on", "opened_by", "opened_with", "delivery_windows", "delivery_requirements"),
            *("settlement_method", "settlement_days", "invoice_kind", "settlement_contact"),
        ),
    ),
    ("organisation", Organisation, ("house_rules", "settlement_procedure")),
    ("business", Business, ("lines_carried", "main_customers")),
    ("early", EarlyClass, tuple(RATINGS)),
)
RELATED = {Cooperation: ("opened_by", "opened_with", "settlement_contact")}
# What a distributor is read with where its groups are shown.
CARD = (
    *(str(model._meta.model_name) for _code, model, _names in FIELDS),
    *(f"cooperation__{name}" for name in RELATED[Cooperation]),
)


def chosen_lines(text: str) -> list[str]:
    """Return the product lines that a card keeps as one text."""
    return [line for line in text.split(BETWEEN) if line]


def joined_lines(lines: list[str]) -> str:
    """Return product lines as a card keeps them."""
    return BETWEEN.join(lines)


def group_of(distributor: Distributor, model: Any) -> Any:
    """Return the row of a group of a card, an empty one where nobody has filled it in yet."""
    related = RELATED.get(model, ())
    row = model.objects.select_related(*related).filter(distributor=distributor).first()
    if row is None:
        return model(distributor=distributor)
    row.distributor = distributor
    return row


def card_groups(distributor: Distributor) -> list[dict[str, Any]]:
    """Return the groups of a distributor that was read with CARD: code, title, rows, and the address of their form."""
    titles = {
        "cooperation": _("Terms of cooperation"),
        "organisation": _("Organisation"),
        "business": _("Business"),
        "early": _("Early class"),
    }
    groups = []
    for code, model, names in FIELDS:
        row = getattr(distributor, model._meta.model_name, None) or model(distributor=distributor)
        groups.append(
            {
                "code": code,
                "title": titles[code],
                "rows": [_row(row, name) for name in names],
                "filled": bool(row.version),
                "edit_url": reverse("profiles:card-group", args=[distributor.pk, code]),
            }
        )
    return groups


def _row(instance: Any, name: str) -> dict[str, str]:
    value, url = getattr(instance, name), ""
    shown = getattr(instance, f"get_{name}_display", None)
    if shown is not None:
        text = "" if value in (None, "") else str(shown())
    elif isinstance(value, date):
        text = date_format(value, "DATE_FORMAT")
    else:
        text = "" if value is None else str(value)
    if name in {"opened_with", "settlement_contact"} and value is not None and value.erased_at is None:
        url = value.get_absolute_url()
    return {"label": capfirst(str(instance._meta.get_field(name).verbose_name)), "text": text, "url": url}


def names_of(distributor: Distributor) -> list[dict[str, Any]]:
    """Return what a company is called in other languages."""
    rows = OtherName.objects.filter(distributor=distributor)
    return [{"pk": row.pk, "language": language_name(row.language), "name": row.name} for row in rows]


def figures_of(distributor: Distributor) -> list[BusinessFigures]:
    """Return the dated figures of a company, the latest first."""
    return list(BusinessFigures.objects.filter(distributor=distributor).order_by("-as_of")[:SHOWN])


def figure_rows(figures: list[BusinessFigures]) -> list[dict[str, Any]]:
    """Return dated figures as texts for a table."""
    return [
        {
            "pk": one.pk,
            "as_of": one.as_of,
            "turnover": _money(one.turnover, one.currency),
            "wallet": _money(one.wallet, one.currency),
            "numbers": [
                _number(value)
                for value in (one.staff, one.sales_staff, one.warehouse_m2, one.showroom_m2, one.vehicles)
            ],
        }
        for one in figures
    ]


def _money(value: Decimal | None, currency: str) -> str:
    return f"{amount_text(value)} {currency}" if value is not None else ""


def _number(value: int | None) -> str:
    return "" if value is None else str(number_format(value, force_grouping=True))


def surveys_of(distributor: Distributor) -> list[BrandSurvey]:
    """Return the surveys of brands of a distributor with their shares, the latest first."""
    shares = Prefetch("shares", BrandShare.objects.order_by("-ours", "-share", "brand"))
    rows = BrandSurvey.objects.filter(distributor=distributor).prefetch_related(shares)
    return list(rows.order_by("-as_of")[:SURVEYS])


def survey_rows(surveys: list[BrandSurvey]) -> list[dict[str, Any]]:
    """Return surveys for a table: the day, its brands, and what is left for others."""
    return [
        {
            "pk": one.pk,
            "as_of": one.as_of,
            "shares": [
                {"brand": row.brand, "share": _percent(row.share), "ours": row.ours} for row in one.shares.all()
            ],
            "others": _percent(shares_left(row.share for row in one.shares.all())),
        }
        for one in surveys
    ]


def _percent(value: Decimal) -> str:
    return f"{value.normalize():f} %"


def shares_text(shares: Sequence[Mapping[str, Any]]) -> str:
    """Return the brands of a day, each {brand, share, ours}, in one line."""
    ordered = sorted(shares, key=lambda one: (not one["ours"], -one["share"], one["brand"]))
    return "; ".join(f"{one['brand']} {_percent(Decimal(one['share']))}" for one in ordered)


def brands_text(survey: BrandSurvey) -> str:
    """Return the brands of a survey in one line."""
    return shares_text(list(survey.shares.values("brand", "share", "ours")))


def outlets_of(distributor: Distributor) -> dict[str, Any]:
    """Return the outlets of a distributor: those that are open first, and how many there are of each."""
    rows = Outlet.objects.filter(distributor=distributor)
    found = list(rows.order_by(F("closed_on").desc(nulls_first=True), "name", "pk")[: SHOWN + 1])
    counts = {"open": sum(row.closed_on is None for row in found), "whole": len(found)}
    if len(found) > SHOWN:
        counts = rows.order_by().aggregate(open=Count("pk", filter=Q(closed_on=None)), whole=Count("pk"))
    return {"rows": found[:SHOWN], **counts, "more": len(found) > SHOWN}


def files_of(distributor: Distributor, today: date) -> list[dict[str, Any]]:
    """Return the papers of a company with how long they count: over, soon over, or not."""
    rows = CardFile.objects.filter(distributor=distributor).select_related("blob", "updated_by")
    return [{"file": row, "size": row.blob.size, **_expiry(row.valid_until, today)} for row in rows]


def _expiry(until: date | None, today: date) -> dict[str, str]:
    if until is None:
        return {"expiry": "", "tone": ""}
    words = {"day": date_format(until, "DATE_FORMAT")}
    left = (until - today).days
    if left < 0:
        return {"expiry": _("expired on %(day)s") % words, "tone": "b"}
    return {"expiry": _("valid until %(day)s") % words, "tone": "w" if left <= SOON_DAYS else ""}


def brands_chart(surveys: list[BrandSurvey]) -> list[dict[str, Any]]:
    """Return the chart of brand shares over time, where there are two surveys at least."""
    if len(surveys) < 2:
        return []
    ordered = surveys[::-1]
    shares = [{row.brand: row.share for row in one.shares.all()} for one in ordered]
    ours = [row.brand for one in ordered for row in one.shares.all() if row.ours]
    sums: dict[str, Decimal] = {}
    for one in shares:
        for brand, share in one.items():
            sums[brand] = sums.get(brand, Decimal(0)) + share
    brands = sorted(sums, key=lambda brand: (brand not in ours, -sums[brand], brand))[: len(COLOURS)]
    days = [date_format(one.as_of, "YEAR_MONTH_FORMAT") for one in ordered]
    series = [
        {
            "type": "line",
            "name": brand,
            "data": [None if brand not in one else float(one[brand] / WHOLE) for one in shares],
            "itemStyle": {"color": colour},
            "lineStyle": {"color": colour},
        }
        for brand, colour in zip(brands, COLOURS, strict=False)
    ]
    rows = [
        [day, *(_percent(one[brand]) if brand in one else "–" for brand in brands)]
        for day, one in zip(days, shares, strict=True)
    ]
    option = {
        "legend": {},
        "tooltip": {"trigger": "axis", "valueFormatter": "percent"},
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "percent"}},
        "series": series,
    }
    title = _("Brands and their rough shares")
    table = {"columns": [_("As of"), *brands], "rows": rows}
    return [{"id": "brand-shares", "title": title, "option": option, "table": table}]


def wallet_chart(user: Any, distributor: Distributor, figures: list[BusinessFigures]) -> list[dict[str, Any]]:
    """Return the chart of our share in what a distributor could sell, by the days of its figures.

    What we sold it in the twelve months before, and amounts in the base currency, come from the ledger.
    """
    asked = [(one.as_of, one.wallet, one.currency) for one in reversed(figures) if one.wallet]
    points = collect("wallet", user, distributor.pk, asked) if asked else []
    if not points:
        return []
    currency = user.company.base_currency
    shares = [wallet_share(ours, wallet) for _day, ours, wallet in points]
    days = [date_format(day, "YEAR_MONTH_FORMAT") for day, _ours, _wallet in points]
    option = {
        "tooltip": {"trigger": "axis", "valueFormatter": "percent"},
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "percent"}},
        "series": [
            {
                "type": "line",
                "name": _("our share"),
                "data": [None if one is None else float(one) for one in shares],
            }
        ],
    }
    rows = [
        [
            day,
            amount_text(ours),
            amount_text(wallet) if wallet is not None else _("no rate of this day"),
            "–" if share is None else f"{share * WHOLE:.1f} %",
        ]
        for day, share, (_day, ours, wallet) in zip(days, shares, points, strict=True)
    ]
    columns = [_("As of"), _("Ours, 12 months before"), _("What it could sell"), _("Our share")]
    return [
        {
            "id": "wallet-share",
            "title": _("Our share in what it could sell"),
            "subtitle": _("%(currency)s without tax") % {"currency": currency},
            "option": option,
            "table": {"columns": columns, "rows": rows},
        }
    ]
