"""The list of distributors."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from core.company import company
from core.tables import Column, Row, Table, Total, address_of
from distributors.profiles.models import OUR_TIER, Lifecycle
from distributors.profiles.overview import is_new
from distributors.profiles.querysets import DistributorQuerySet
from distributors.profiles.selectors import STATE_TONES
from distributors.profiles.tagging import tags_text


def class_tone(value: Any) -> str:
    """Return the tone of a class's chip."""
    return "a" if value == "A" else ""


def type_lookup() -> str:
    """Return the column with the type's name for the reader."""
    return "type__name_zh" if (get_language() or "").startswith("zh") else "type__name"


def distributor_columns(currency: str) -> tuple[Column, ...]:
    """Return the columns; amounts are in `currency`."""
    return (
        Column("name", _("Distributor"), kind="link", sub="city"),
        Column("code", _("Code"), hide="xl"),
        Column("type", _("Type"), path=type_lookup(), hide="xl"),
        Column("tier", _("Tier"), kind="number", hide="xl"),
        Column("territory", _("Territory"), path="territory__name", hide="md"),
        Column("owner", _("Owner"), path="owner__name", hide="lg"),
        Column("state", _("State"), kind="chip", choices=dict(Lifecycle.choices), tone=_state_tone, hide="lg"),
        Column("abc", _("Class"), path="standing__abc", kind="chip", tone=class_tone),
        Column("net_sales", _("Net sales 12 m"), path="standing__net_sales_12m", kind="number", unit=currency),
        Column("growth", _("Growth"), path="standing__growth", kind="growth", hide="sm", blank=_no_growth),
        Column("last_order", _("Last order"), path="standing__last_order_on", kind="date", hide="lg"),
        *_more_columns(currency),
        Column(
            "completeness",
            _("Completeness"),
            path="standing__completeness",
            kind="number",
            unit="%",
            optional=True,
        ),
    )


def _more_columns(currency: str) -> tuple[Column, ...]:
    return (
        Column("legal_name", _("Legal name"), optional=True),
        Column("volume_group", _("Group by volume"), path="standing__volume_group", kind="chip", optional=True),
        Column("city", _("City"), optional=True),
        Column("since", _("Cooperation since"), path="cooperation_since", kind="date", optional=True),
        Column("phone", _("Phone"), optional=True),
        Column("email", _("E-mail"), optional=True),
        Column("tags", _("Tags"), kind="chips", fetch=tags_text, optional=True),
        Column(
            "net_sales_before",
            _("12 m before"),
            path="standing__net_sales_before",
            kind="number",
            unit=currency,
            optional=True,
        ),
        Column("orders", _("Orders, 12 months"), path="standing__orders_12m", kind="number", optional=True),
        Column("gap", _("Usual days between orders"), path="standing__order_gap_days", kind="number", optional=True),
        Column("overdue", _("Overdue"), path="standing__overdue", kind="number", unit=currency, optional=True),
        Column("receivable", _("Receivable"), path="standing__receivable", kind="number", unit=currency, optional=True),
        Column("exposure", _("Exposure"), path="standing__exposure", kind="number", unit=currency, optional=True),
        Column(
            "credit_limit",
            _("Credit limit"),
            path="standing__credit_limit",
            kind="number",
            unit=currency,
            optional=True,
        ),
        Column("headroom", _("Headroom"), path="standing__headroom", kind="number", unit=currency, optional=True),
        Column("on_hold", _("On credit hold"), path="standing__on_hold", optional=True),
        Column("credit_grade", _("Credit grade"), path="standing__credit_grade", kind="chip", optional=True),
        Column(
            "credit_score", _("Credit score"), path="standing__credit_score", kind="number", places=1, optional=True
        ),
        Column("rank", _("Rank"), path="standing__abc_rank", kind="number", optional=True),
        Column("share", _("Cumulative share"), path="standing__abc_share", kind="share", optional=True),
    )


def _no_growth(row: Row) -> str:
    return pgettext("growth", "new") if is_new(row["standing__first_sale_on"], row["standing__sales_as_of"]) else ""


def _state_tone(value: Any) -> str:
    return STATE_TONES.get(value, "")


OURS = Q(tier=OUR_TIER)


def _sum(name: str, condition: Q | None = None) -> Sum:
    return Sum(f"standing__{name}", filter=condition)


class DistributorTable(Table):
    """Distributors, the largest first."""

    default_order = ("-standing__net_sales_12m",)
    extra = ("pk", "standing__first_sale_on", "standing__sales_as_of")
    totals = (
        # Apart, as on Home: what a lower tier buys, its supplier has bought before.
        Total("ours", "net_sales", _("Net sales to tier 1, 12 months"), _sum("net_sales_12m", OURS), places=0),
        Total("theirs", "net_sales", _("Net sales to lower tiers, 12 months"), _sum("net_sales_12m", ~OURS), places=0),
        Total("receivable", "receivable", _("Receivable"), _sum("receivable"), places=0),
        Total("overdue", "overdue", _("Overdue"), _sum("overdue"), places=0),
    )

    def __init__(self, queryset: DistributorQuerySet, params: Mapping[str, Any] | None = None, currency: str = ""):
        super().__init__(queryset.with_standing().named(), params)
        self.currency = currency

    def get_columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """Return the columns in the company's currency."""
        reader: Any = self.reader
        return distributor_columns(self.currency or (reader.company if reader else company()).base_currency)

    def row_url(self, row: Row) -> str:
        """Lead to the distributor's page."""
        return address_of("profiles:distributor-detail", row["pk"])


SHORT = frozenset({"name", "abc", "net_sales", "growth"})


class LargestTable(DistributorTable):
    """The short list on Home."""

    def get_columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """Return the few columns of a short list."""
        return tuple(column for column in super().get_columns() if column.name in SHORT)
