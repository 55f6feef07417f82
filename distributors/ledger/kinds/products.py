"""Products by source and SKU, with their lines and one other unit each."""

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core.database import differs_sql, rows, run
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.models import Product, ProductLine, ProductUnit
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

TABLE = Product._meta.db_table
LINES = ProductLine._meta.db_table
UNITS = ProductUnit._meta.db_table
PLAIN = ("name", "brand", "base_unit", "launched_on", "list_price", "floor_price", "cost")

FIELDS = (
    Field("sku", _("SKU"), required=True, key=True, max_length=60),
    Field("name", _("name"), required=True, max_length=160),
    Field("line", _("product line"), required=True, max_length=60),
    Field("line_name", _("name of the product line"), max_length=80),
    Field("brand", _("brand"), max_length=80),
    Field("base_unit", _("base unit"), max_length=20, default="pc"),
    Field("unit", _("another unit"), max_length=20),
    Field("factor", _("base units in it"), type="quantity"),
    Field("launched_on", _("launched on"), type="date"),
    Field("list_price", _("list price"), type="amount"),
    Field("floor_price", _("floor price"), type="amount"),
    Field("cost", _("cost"), type="amount"),
)


def products_publish(stage: Stage, around: Surroundings) -> Counts:
    """Write new and changed products; fields that the file does not give stay as they are."""
    source = around.source_made().pk
    _lines_write(stage)
    line = f"(SELECT l.id FROM {LINES} l WHERE l.code = s.line)"
    given = [name for name in PLAIN if name in stage.mapped]
    compare = [(f"s.{name}", f"t.{name}") for name in given] + [(line, "t.line_id")]
    counts = stage.match(TABLE, f"t.source_id = {source} AND t.sku = s.sku", compare)
    stage.update(TABLE, {**{name: f"s.{name}" for name in given}, "line_id": line})
    fixed = {"source_id": str(source), "sku": "s.sku", "line_id": line}
    stage.insert(TABLE, {**fixed, **{name: f"s.{name}" for name in PLAIN}})
    _units_write(stage, source)
    return counts


def _lines_write(stage: Stage) -> None:
    named = "CASE WHEN s.line_name = '' THEN s.line ELSE s.line_name END"
    run(
        f"INSERT INTO {LINES} (code, name) SELECT s.line, max({named}) FROM {stage.table} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {LINES} l WHERE l.code = s.line) GROUP BY s.line"
    )
    if "line_name" in stage.mapped:
        run(
            f"UPDATE {LINES} AS l SET name = s.name FROM (SELECT line, max(line_name) AS name FROM {stage.table} "
            "WHERE line_name <> '' GROUP BY line) AS s WHERE s.line = l.code AND l.name <> s.name"
        )


def _units_write(stage: Stage, source: int) -> None:
    if "unit" not in stage.mapped or not rows(f"SELECT 1 FROM {stage.table} WHERE unit <> '' LIMIT 1"):
        return
    found = (
        f"SELECT t.id AS product_id, s.unit, s.factor FROM {stage.table} s "
        f"JOIN {TABLE} t ON t.source_id = {source} AND t.sku = s.sku WHERE s.unit <> ''"
    )
    run(
        f"UPDATE {UNITS} AS u SET factor = f.factor FROM ({found}) AS f "
        f"WHERE u.product_id = f.product_id AND u.unit = f.unit AND {differs_sql('u.factor', 'f.factor')}"
    )
    run(
        f"INSERT INTO {UNITS} (product_id, unit, factor) SELECT f.product_id, f.unit, f.factor FROM ({found}) AS f "
        f"WHERE NOT EXISTS (SELECT 1 FROM {UNITS} u WHERE u.product_id = f.product_id AND u.unit = f.unit)"
    )


PRODUCTS = kind_add(
    Kind(
        name="products",
        title=gettext_lazy("Products"),
        permission="ledger.import_master",
        order=40,
        shown="ledger:product-list",
        fields=FIELDS,
        publish=products_publish,
        checks=(
            Check(
                "factor",
                _("Another unit needs a factor above zero: say how many base units it holds."),
                "SELECT row, unit AS value FROM {stage} WHERE unit <> '' AND (factor IS NULL OR factor <= 0)",
            ),
        ),
    )
)
