"""What a payment states that it settles: "R1", or "R1=100.00;R2=50", read for whole columns at once."""

import pyarrow as pa
import pyarrow.compute as pc

from core.database import analyze, copy_rows, create_stage
from distributors.ledger.cell_types import low_words

NUMBER = r"[^;=\s][^;=]*"
SETTLES = rf"^({NUMBER}|{NUMBER}=\d{{1,12}}(\.\d{{1,4}})?(;{NUMBER}=\d{{1,12}}(\.\d{{1,4}})?)*)$"
COLUMNS = (("key", "bigint"), ("place", "bigint"), ("number", "text"), ("amount", "bigint"))


def stated_parts(keys: pa.Array, texts: pa.Array) -> pa.Table:
    """Return one row for each invoice that a text states: its key, its place, the number, the amount or null."""
    parts = pc.split_pattern(texts, ";")
    flat = pc.utf8_trim_whitespace(pc.list_flatten(parts))
    split = pc.split_pattern(flat, "=", max_splits=1)
    number = pc.utf8_trim_whitespace(pc.list_element(split, 0))
    amounts = pc.if_else(pc.equal(pc.list_value_length(split), 2), pc.replace_substring_regex(flat, "^.*=", ""), None)
    exact = amounts.cast(pa.string()).cast(pa.decimal128(20, 4))
    return pa.table(
        {
            "key": keys.take(pc.list_parent_indices(parts)),
            "place": pa.array(range(len(flat)), pa.int64()),
            "number": number,
            "amount": low_words(exact),
        }
    )


def stated_write(table: str, keys: pa.Array, texts: pa.Array) -> None:
    """Make a work table of what texts state: key, place, number, amount."""
    create_stage(table, COLUMNS)
    copy_rows(table, stated_parts(keys, texts).combine_chunks().to_batches())
    analyze(table)
