"""What files bring of cards beside their identity: outlets, figures by date, terms of cooperation."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core.database import rows
from core.search import index_write
from distributors.ledger.kinds.amounts import CURRENCY
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.trail import Traced, Trail
from distributors.profiles.card.choices import InvoiceKind, OutletKind, Settlement
from distributors.profiles.card.models import MOST
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.card.search import OUTLETS as INDEX
from distributors.profiles.models import BusinessFigures, Cooperation, Distributor, Outlet

PERMISSION = "ledger.import_master"
DEGREES = r"^-?[0-9]{1,3}([.][0-9]{1,6})?$"
NO_DEGREES = _("Not a number of degrees such as 30.2741: mend the cell.")
DISTRIBUTOR = Field("distributor", _("distributor"), required=True, key=True, refers="distributor")
MERGED = Check(
    "distributor",
    _("This card is merged into another one: name that one."),
    f"SELECT s.row, d.code AS value FROM {{stage}} s JOIN {Distributor._meta.db_table} d ON d.id = s.distributor_id "
    "WHERE d.merged_into_id IS NOT NULL",
    last=True,
)
WRITTEN = (
    "SELECT DISTINCT t.{column} FROM {stage} s JOIN {table} t ON {on} "
    "LEFT JOIN {prior} p ON p.row = s.row WHERE p.row IS NULL OR p.changed"
)


def _counted(*names: str) -> tuple[Check, ...]:
    reason = _("A whole number from 0 to ten millions is meant: mend the cell.")
    return tuple(
        Check(name, reason, f"SELECT row, {name} AS value FROM {{stage}} WHERE {name} < 0 OR {name} > {MOST}")
        for name in names
    )


def _degrees(name: str) -> str:
    return f"CAST(nullif(s.{name}, '') AS numeric)"


def _publish(model: Any, fields: Iterable[Field], on: str, called: str, verb: str, stage: Stage) -> Counts:
    """Write new and changed rows of a card's part, with their trail; what the file does not give stays as it is."""
    table, plain = model._meta.db_table, [one for one in fields if not one.key]
    values = {one.name: _degrees(one.name) if one.pattern == DEGREES else f"s.{one.name}" for one in plain}
    given = [one for one in plain if one.name in stage.mapped]
    counts = stage.match(table, on, [(values[one.name], f"t.{one.name}") for one in given])
    trail = Trail(model, (called,), tuple(_traced(one, values[one.name]) for one in given))
    trail.changed(stage, verb)
    stage.update(table, {**{one.name: values[one.name] for one in given}, **stage.stamp(), "version": "t.version + 1"})
    key = {one.stored[0]: f"s.{one.stored[0]}" for one in fields if one.key}
    rest = dict.fromkeys(_unfilled(model, {*values, *key}), "''")
    stage.insert(table, {**key, **values, **rest, **stage.stamp(), "version": "1"})
    trail.created(stage, verb, on)
    return counts


def _unfilled(model: Any, filled: set[str]) -> list[str]:
    """Return the texts of a row that no field fills: they may not be null."""
    texts = {"CharField", "TextField"}
    fields = [one for one in model._meta.concrete_fields if one.get_internal_type() in texts]
    return [one.column for one in fields if one.column not in filled]


def _traced(field: Field, now: str) -> Traced:
    return Traced(field.name, now, f"t.{field.name}", field.type)


def _followed(model: Any, on: str, stage: Stage, column: str = "distributor_id") -> list[int]:
    sql = WRITTEN.format(column=column, stage=stage.table, table=model._meta.db_table, on=on, prior=stage.prior)
    return [pk for (pk,) in rows(sql)]


OUTLET_FIELDS = (
    DISTRIBUTOR,
    Field("kind", _("kind"), type="choice", choices=dict(OutletKind.choices), default="store"),
    Field("address", _("address"), max_length=200),
    Field("city", _("city"), max_length=80),
    Field("size_m2", _("size, m²"), type="integer"),
    Field("latitude", _("latitude"), pattern=DEGREES, hint=NO_DEGREES),
    Field("longitude", _("longitude"), pattern=DEGREES, hint=NO_DEGREES),
    Field("opened_on", _("opened on"), type="date", past=True),
    Field("closed_on", _("closed on"), type="date", past=True),
    Field("name", _("name"), required=True, key=True, max_length=120),
)
FIGURE_FIELDS = (
    DISTRIBUTOR,
    Field("turnover", _("own turnover a year"), type="amount"),
    Field("wallet", _("selling capacity in our category a year"), type="amount"),
    Field("currency", CURRENCY.label, pattern=CURRENCY.pattern, hint=CURRENCY.hint),
    Field("staff", _("staff"), type="integer"),
    Field("sales_staff", _("sales staff"), type="integer"),
    Field("warehouse_m2", _("warehouse, m²"), type="integer"),
    Field("showroom_m2", _("showroom, m²"), type="integer"),
    Field("vehicles", _("vehicles"), type="integer"),
    Field("as_of", _("as of"), type="date", required=True, key=True, past=True),
)
TERM_FIELDS = (
    Field("first_contact_on", _("first contact on"), type="date", past=True),
    Field("delivery_windows", _("delivery windows"), max_length=200),
    Field("delivery_requirements", _("delivery requirements"), max_length=2000),
    Field("settlement_method", _("settlement method"), type="choice", choices=dict(Settlement.choices)),
    Field("settlement_days", _("settlement, days"), type="integer"),
    Field("invoice_kind", _("kind of invoice"), type="choice", choices=dict(InvoiceKind.choices)),
    DISTRIBUTOR,
)
ON_OUTLET = "t.distributor_id = s.distributor_id AND t.name = s.name"
ON_DAY = "t.distributor_id = s.distributor_id AND t.as_of = s.as_of"
ON_CARD = "t.distributor_id = s.distributor_id"


def outlets_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write outlets; one is known by its distributor and name."""
    counts = _publish(Outlet, OUTLET_FIELDS, ON_OUTLET, "name", "card.outlet_saved", stage)
    index_write(INDEX, _followed(Outlet, ON_OUTLET, stage, "id"))
    completeness_write(distributors=_followed(Outlet, ON_OUTLET, stage))
    return counts


def figures_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write figures by date."""
    counts = _publish(BusinessFigures, FIGURE_FIELDS, ON_DAY, "as_of", "card.figures_saved", stage)
    completeness_write(distributors=_followed(BusinessFigures, ON_DAY, stage))
    return counts


def terms_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write terms of cooperation."""
    counts = _publish(Cooperation, TERM_FIELDS, ON_CARD, "distributor_id", "card.changed", stage)
    completeness_write(distributors=_followed(Cooperation, ON_CARD, stage))
    return counts


OUTLETS = kind_add(
    Kind(
        name="outlets",
        title=gettext_lazy("Outlets"),
        permission=PERMISSION,
        order=36,
        shown="profiles:outlet-list",
        fields=OUTLET_FIELDS,
        publish=outlets_publish,
        checks=(
            MERGED,
            *_counted("size_m2"),
            Check(
                "closed_on",
                _("It closed before it opened: mend one of both days."),
                "SELECT row, closed_on AS value FROM {stage} WHERE closed_on < opened_on",
            ),
            Check(
                "latitude",
                _("A place has a latitude and a longitude: give both or none."),
                "SELECT row, latitude AS value FROM {stage} WHERE (latitude = '') <> (longitude = '')",
            ),
            Check(
                "latitude",
                _("There is no such place: a latitude lies within 90 degrees, a longitude within 180."),
                "SELECT row, latitude AS value FROM {stage} s WHERE "
                f"abs({_degrees('latitude')}) > 90 OR abs({_degrees('longitude')}) > 180",
            ),
        ),
    )
)
FIGURES = kind_add(
    Kind(
        name="figures",
        title=gettext_lazy("Figures by date"),
        permission=PERMISSION,
        order=38,
        shown="profiles:distributor-list",
        fields=FIGURE_FIELDS,
        publish=figures_publish,
        checks=(
            MERGED,
            *_counted("staff", "sales_staff", "warehouse_m2", "showroom_m2", "vehicles"),
            Check(
                "turnover",
                _("An amount is not below zero."),
                "SELECT row, turnover AS value FROM {stage} WHERE turnover < 0 OR wallet < 0",
            ),
            Check(
                "currency",
                _("Say in which currency the amounts are."),
                "SELECT row, currency AS value FROM {stage} "
                "WHERE currency = '' AND (turnover IS NOT NULL OR wallet IS NOT NULL)",
            ),
            Check(
                "sales_staff",
                _("More sellers than staff: mend one of both."),
                "SELECT row, sales_staff AS value FROM {stage} WHERE sales_staff > staff",
            ),
        ),
    )
)
TERMS = kind_add(
    Kind(
        name="cooperation",
        title=gettext_lazy("Terms of cooperation"),
        permission=PERMISSION,
        order=39,
        shown="profiles:distributor-list",
        fields=TERM_FIELDS,
        publish=terms_publish,
        checks=(
            MERGED,
            Check(
                "settlement_days",
                _("Days of settlement lie between 0 and 730: mend them."),
                "SELECT row, settlement_days AS value FROM {stage} WHERE settlement_days < 0 OR settlement_days > 730",
            ),
        ),
    )
)
