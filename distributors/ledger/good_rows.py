"""Where only the good rows of a file go in: what is wrong is taken out of the stage and kept as a file."""

import csv
import io
import tempfile
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils.translation import gettext_noop as _

from core.database import copy_rows, create_stage, rows, run
from core.files import blob_path, blob_store
from core.models import Blob
from core.sentences import Sentence
from distributors.ledger.findings import Findings
from distributors.ledger.mapping import Profile
from distributors.ledger.models import Import
from distributors.ledger.opening import opened
from distributors.ledger.reading import Unreadable
from distributors.ledger.staging import ROW_MASK, Stage, repeats_check, stage_check
from distributors.ledger.surroundings import Surroundings

MOST = 100_000


def begin(stage: Stage) -> None:
    """Make the empty table of the rows that stay out."""
    create_stage(stage.bad, [("row", "bigint")])


def without(part: pa.Table, findings: Findings) -> pa.Table:
    """Return a chunk without the rows that have a finding, where these are counted by row."""
    if not findings.rows:
        return part
    wrong = pc.is_in(pc.bit_wise_and(part["row"], ROW_MASK), value_set=pa.array(sorted(findings.rows), pa.int64()))
    return part.filter(pc.invert(wrong))


def note(stage: Stage, findings: Findings) -> None:
    """Write down which rows of a chunk stay out."""
    if findings.rows:
        copy_rows(stage.bad, pa.table({"row": pa.array(sorted(findings.rows), pa.int64())}).to_batches())


def numbers(stage: Stage) -> set[int]:
    """Return the numbers of the rows that stay out; raise Unreadable where they are too many to be an accident."""
    count = rows(f"SELECT count(DISTINCT row) FROM {stage.bad}")[0][0]
    if count > MOST:
        reason = Sentence(
            _("%(count)s rows are wrong: the columns are hardly those that are meant. Look at them again."), count=count
        )
        raise Unreadable.at(0, reason)
    return {row for (row,) in rows(f"SELECT DISTINCT row FROM {stage.bad}")}


def good_count(stage: Stage) -> int:
    """Return how many rows of the file are left."""
    return int(rows(f"SELECT count(DISTINCT {stage.number}) FROM {stage.table}")[0][0])


def separate(stage: Stage, around: Surroundings) -> Findings:
    """Take out every row that breaks a rule of the whole file, and those that only such rows made good."""
    found = Findings(MOST, set())
    while True:
        wrong = Findings(MOST, set())
        run(f"DELETE FROM {stage.table} WHERE {stage.number} IN (SELECT row FROM {stage.bad})")
        stage_check(stage, around, wrong)
        repeats_check(stage, wrong)
        if not wrong.count:
            return found
        if 0 in (wrong.rows or ()):
            raise Unreadable(*wrong.kept[:1])
        note(stage, wrong)
        found.count += wrong.count
        for one in wrong.kept:
            found.keep(one)


def kept_apart(instance: Import, profile: Profile, bad: set[int]) -> Blob | None:
    """Keep the rows that stay out as a file with the columns of the file they come from; None where there are none."""
    if not bad:
        return None
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as target:
        encoding = "utf-8-sig" if profile.encoding == "auto" else profile.encoding
        text = io.TextIOWrapper(target, encoding=encoding, newline="", write_through=True)
        _write(instance, profile, bad, text)
        text.flush()
        target.seek(0)
        kept = blob_store(source=target, limit=settings.IMPORT_MAX_BYTES)
        text.detach()
    return kept


def _write(instance: Import, profile: Profile, bad: set[int], text: Any) -> None:
    opening, _whole = opened(blob_path(instance.blob), profile)
    with opening as reader:
        delimiter = "," if profile.delimiter == "auto" else profile.delimiter
        writer = csv.writer(text, delimiter=delimiter)
        text.write("\r\n" * (profile.header - 1))
        writer.writerow(reader.header)
        for block in reader.blocks():
            for row in _rows_of(block, bad):
                writer.writerow(row)


def _rows_of(block: Any, bad: set[int]) -> list[list[str]]:
    """Return the cells of the rows of a block that stay out, in their order."""
    places = [place for place, row in enumerate(block.rows.to_pylist()) if row in bad]
    chosen = pa.array(places, pa.int64())
    columns = [column.take(chosen).to_pylist() for column in block.cells.values()]
    numbered = [(block.rows[place].as_py(), list(cells)) for place, *cells in zip(places, *columns, strict=True)]
    crooked = [(row, cells) for row, cells in block.crooked if row in bad]
    return [cells for _row, cells in sorted([*numbered, *crooked], key=lambda one: one[0])]
