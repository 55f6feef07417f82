"""The work table of one file: chunks go in as they are read, rules are asked over the whole of it in SQL."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext_noop as _

from core import clock
from core.database import analyze, copy_rows, create_stage, differs_sql, drop_stage, quoted, rows, run, stage_exists
from core.money import SCALE
from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.declaration import Check, Counts, Kind
from distributors.ledger.surroundings import Surroundings

PREFIX = "stage_"
# Of columns side by side each gives a record of its own: its place stands above the number of the row.
PLACE_BITS = 40
ROW_MASK = (1 << PLACE_BITS) - 1


def stage_owner(table: str) -> str:
    """Return the work table that a table beside it belongs to, such as stage_7 for stage_7_prior."""
    return "_".join(table.split("_")[:2])


class RepeatedKeys(Exception):
    """Two rows of one file have the same key."""


@dataclass
class Stage:
    """The rows of one file, typed; `mapped` are the fields that the file gives, `table` is the work table.

    `note` is what the audit trail says of where its records come from. `across` are a field and the columns side by
    side that give it, each a record of its own for every row.
    """

    kind: Kind
    table: str
    actor: Any = None
    mapped: frozenset[str] = frozenset()
    import_id: int | None = None
    shown: dict[str, str] = field(default_factory=dict)
    note: str = ""
    across: tuple[str, tuple[str, ...]] = ("", ())

    def create(self) -> None:
        """Make the empty work table."""
        empty = {"text": "text DEFAULT ''"}
        create_stage(self.table, [(name, empty.get(kind, kind)) for name, kind in self.kind.columns])

    def holds_rows(self) -> bool:
        """Tell whether the work table is there and not empty."""
        return stage_exists(self.table) and bool(rows(f"SELECT 1 FROM {self.table} LIMIT 1"))

    def append(self, part: pa.Table) -> None:
        """Add a chunk; columns that the file does not give are left to the table's own defaults."""
        without = [
            one.stored[0]
            for one in self.kind.fields
            if not (one.name in self.mapped or one.required or one.default or one.type == "boolean")
        ]
        copy_rows(self.table, part.drop_columns(without).combine_chunks().to_batches())

    def drop(self) -> None:
        """Remove the work tables of this file."""
        for table in (self.prior, self.touched, self.bad, self.table):
            drop_stage(table)

    @property
    def bad(self) -> str:
        """Return the table of the rows that stay out where only the good ones go in: row."""
        return f"{self.table}_bad"

    @property
    def prior(self) -> str:
        """Return the table of the rows that are there already: row, prior_id, changed."""
        return f"{self.table}_prior"

    @property
    def touched(self) -> str:
        """Return the table of the months whose roll-ups change: distributor_id, month."""
        return f"{self.table}_touched"

    def column(self, field: str, row: int = 0) -> str:
        """Return what the file calls the column of a field, in a staged row where there is one for each of several."""
        into, columns = self.across
        return columns[row >> PLACE_BITS] if columns and field == into else self.shown.get(field, field)

    @property
    def number(self) -> str:
        """Return the SQL of the number of a row in its file."""
        return f"(row & {ROW_MASK})" if self.across[0] else "row"

    def count(self) -> int:
        """Return the number of staged rows."""
        return int(rows(f"SELECT count(*) FROM {self.table}")[0][0])

    def collapse(self) -> None:
        """Keep the first of rows that repeat each other in everything but their number."""
        names = quoted(name for name, _type in self.kind.columns if name != "row")
        # The records that the layers make of one row share its number, so it names none of them.
        create_stage(self.touched, self.kind.columns)
        run(f"INSERT INTO {self.touched} (row, {names}) SELECT min(row), {names} FROM {self.table} GROUP BY {names}")
        run(f"DELETE FROM {self.table}")
        run(f"INSERT INTO {self.table} (row, {names}) SELECT row, {names} FROM {self.touched}")
        drop_stage(self.touched)

    def match(self, target: str, on: str, compare: Iterable[tuple[str, str]], changed: str = "") -> Counts:
        """Write `prior`: which staged rows `s` are rows `t` of `target` already, and whether they differ.

        `compare` pairs an expression of the stage with a column of the target; `changed` is another condition.
        """
        tests = [differs_sql(mine, theirs) for mine, theirs in compare]
        tests += [f"({changed})"] if changed else []
        test = " OR ".join(tests) or "1 = 0"
        create_stage(self.prior, [("row", "bigint"), ("prior_id", "bigint"), ("changed", "boolean")])
        run(
            f"INSERT INTO {self.prior} (row, prior_id, changed) "
            f"SELECT s.row, t.id, ({test}) FROM {self.table} s JOIN {target} t ON {on}"
        )
        analyze(self.prior)
        if rows(f"SELECT 1 FROM {self.prior} GROUP BY prior_id HAVING count(*) > 1 LIMIT 1"):
            raise RepeatedKeys
        total = self.count()
        found, differing = rows(f"SELECT count(*), count(CASE WHEN changed THEN 1 END) FROM {self.prior}")[0]
        return Counts(new=total - found, changed=differing, same=found - differing)

    def stamp(self) -> dict[str, str]:
        """Return who wrote a row and when, as columns and SQL for `insert` and `update`."""
        now = clock.instant().replace(tzinfo=None).isoformat(sep=" ")
        return {"updated_by_id": str(self.actor.pk) if self.actor else "NULL", "updated_at": f"'{now}'"}

    def insert(self, target: str, columns: dict[str, str]) -> int:
        """Insert the rows that are not in `prior` into `target`; `columns` maps names to expressions of `s`."""
        return run(
            f"INSERT INTO {target} ({quoted(columns)}) SELECT {', '.join(columns.values())} FROM {self.table} s "
            f"WHERE NOT EXISTS (SELECT 1 FROM {self.prior} p WHERE p.row = s.row)"
        )

    def update(self, target: str, columns: dict[str, str]) -> int:
        """Write `columns` into the rows of `target` that `prior` marks as changed."""
        sets = ", ".join(f"{quoted([name])} = {value}" for name, value in columns.items())
        return run(
            f"UPDATE {target} AS t SET {sets} FROM {self.table} s JOIN {self.prior} p ON p.row = s.row "
            f"WHERE p.prior_id = t.id AND p.changed"
        )


def stage_check(stage: Stage, around: Surroundings, findings: Findings, *, last: bool = False) -> None:
    """Ask every rule over the whole stage and note the rows that break one; `last` asks only what may change."""
    if stage.kind.check is not None and (stage.kind.check_last or not last):
        stage.kind.check(stage, around, findings)
    source = around.source
    for check in stage.kind.checks:
        if check.last or not last:
            _ask(stage, check, source.pk if source else 0, findings)


def repeats_check(stage: Stage, findings: Findings) -> None:
    """Note the rows whose key an earlier row has."""
    key = [one.stored[0] for one in stage.kind.key]
    # A key that may be empty cannot be hashed, so only those of kinds with few rows have one.
    always = {one.stored[0] for one in stage.kind.key if one.required or one.default}
    same = " AND ".join(
        f"s.{name} = d.{name}" if name in always else f"NOT {differs_sql(f's.{name}', f'd.{name}')}" for name in key
    )
    listed = ", ".join(key)
    repeated = (
        f"SELECT s.row, s.{key[-1]} AS value, d.first_row FROM {stage.table} s "
        f"JOIN (SELECT {listed}, min(row) AS first_row FROM {stage.table} GROUP BY {listed} HAVING count(*) > 1) d "
        f"ON {same} WHERE s.row > d.first_row"
    )
    field = stage.across[0] or stage.kind.key[-1].name
    for row, value, first in _broken(repeated, "first_row", findings):
        reason = Sentence(
            _("Row %(row)s is about the same already: keep one of both, or mend what tells them apart."),
            row=first & ROW_MASK,
        )
        findings.keep(Finding(row & ROW_MASK, stage.column(field, row), str(value), reason))


def _ask(stage: Stage, check: Check, source_id: int, findings: Findings) -> None:
    sql = check.sql.format(stage=stage.table, source=source_id)
    for row, value, _none in _broken(sql, "NULL", findings):
        text = "" if value is None else _written(stage, check.field, value)
        findings.keep(Finding(row & ROW_MASK, stage.column(check.field, row), text, Sentence(check.reason)))


def _written(stage: Stage, name: str, value: Any) -> str:
    """Return a staged value as people write it: amounts and quantities are staged in ten-thousandths."""
    one = stage.kind.by_name.get(name)
    if one is None or one.type not in {"amount", "quantity"} or not isinstance(value, int):
        return str(value)
    return f"{(Decimal(value) / SCALE).normalize():f}"


def _broken(sql: str, extra: str, findings: Findings) -> list[tuple[Any, ...]]:
    """Count all rows that the SELECT finds, and return (row, value, extra) of as many as findings has room for."""
    if findings.rows is not None:
        findings.rows.update(row & ROW_MASK for (row,) in rows(f"SELECT row FROM ({sql}) AS found"))
    most = max(1, findings.left)
    found = rows(f"SELECT row, value, {extra}, count(*) OVER () FROM ({sql}) AS found ORDER BY row LIMIT {most}")
    findings.count += found[0][-1] if found else 0
    return [one[:-1] for one in found[: findings.left]]
