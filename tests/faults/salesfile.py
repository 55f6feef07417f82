"""A sales file over the demo's ledger: a third of its lines as they are, a third corrected, a third new."""

import csv
from decimal import Decimal
from pathlib import Path

from tests.stack import Stack

LINES = 21_000
TEXTS = ("unit", "currency", "promotion", "salesperson", "ship_to", "buyer", "serial", "promised_on", "delivered_on")
NUMBERS = ("quantity", "amount", "tax", "cost")
COLUMNS = ("external_id", "order_number", "distributor", "product", "day", "kind", "order_type", *TEXTS, *NUMBERS)
MAPPING = 'kind = "sales"\nname = "faults"\nsource = "erp"\n[columns]\n' + "".join(
    f'{name} = {{ from = "{name}" }}\n' for name in COLUMNS
)
PADDING = "." * 900  # a column that nobody maps: the file is read in several chunks
QUERY = f"""
SELECT t.external_id, t.order_number, d.code, p.sku, t.day, t.kind, t.order_type,
       {", ".join(f"t.{name}" for name in (*TEXTS, *NUMBERS))}
FROM ledger_saleline t JOIN profiles_distributor d ON d.id = t.distributor_id JOIN ledger_product p
     ON p.id = t.product_id
WHERE t.superseded_by_id IS NULL ORDER BY t.external_id LIMIT %s
"""


def sales_file(stack: Stack, path: Path, lines: int = LINES) -> Path:
    """Write the file and return its path."""
    with path.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow((*COLUMNS, "remarks"))
        for number, row in enumerate(stack.sql(QUERY, lines)):
            external_id, order, *texts = row[: -len(NUMBERS)]
            numbers = ["" if units is None else Decimal(units) / 10_000 for units in row[-len(NUMBERS) :]]
            if number % 3 == 1:
                numbers[1] = 2 * numbers[1] or Decimal(1)
            elif number % 3 == 2:
                external_id, order = f"new-{external_id}", f"new-{order}"
            writer.writerow((external_id, order, *texts, *numbers, PADDING))
    return path
