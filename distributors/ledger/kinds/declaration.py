"""How a kind of record is declared: typed fields, what is checked over the whole file, and how it is published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from distributors.ledger.findings import Findings
    from distributors.ledger.staging import Stage
    from distributors.ledger.surroundings import Surroundings

STORED = {
    "text": "text",
    "choice": "text",
    "amount": "bigint",
    "quantity": "bigint",
    "rate": "bigint",
    "integer": "bigint",
    "date": "date",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class Field:
    """One typed field of a kind.

    `type` is text, choice, amount, quantity, rate, integer, date or boolean. `refers` names a reference that must
    exist; its key goes into the stage as `<name>_id`, or the code itself where `keep_code` is set. `past` refuses
    dates after today. `pattern` is a regular expression that a text must match, `hint` what is expected then; label
    and hint are marked with `gettext_noop`.
    """

    name: str
    label: str
    type: str = "text"
    required: bool = False
    key: bool = False
    max_length: int = 0
    default: str = ""
    choices: Mapping[str, Any] | None = None
    refers: str = ""
    keep_code: bool = False
    past: bool = False
    lower: bool = False
    pattern: str = ""
    hint: str = ""

    @property
    def stored(self) -> tuple[str, str]:
        """Return the name and the type of the column in the stage."""
        if self.refers and not self.keep_code:
            return f"{self.name}_id", "bigint"
        return self.name, STORED[self.type]


@dataclass(frozen=True)
class Check:
    """A rule over the whole stage: SQL that gives (row, value) of each row that breaks it.

    `{stage}` stands for the work table, `{source}` for the source's key. `last` asks again under the lock in which
    the facts are published, because other imports may have changed the answer. `reason` is marked with
    `gettext_noop`.
    """

    field: str
    reason: str
    sql: str
    last: bool = False


@dataclass(frozen=True)
class Counts:
    """What publishing did: rows that were new, changed or as they were, and the batch where facts became true."""

    new: int = 0
    changed: int = 0
    same: int = 0
    batch: int | None = None


Derive = Callable[[pa.Table, "Surroundings", "Findings"], pa.Table]
Publish = Callable[["Stage", "Surroundings"], Counts]


@dataclass(frozen=True)
class Kind:
    """One kind of record: `derive` adds the `derived` columns to a chunk, `publish` writes what the stage holds.

    Without the `needed` of these columns a row is no record.

    Where `target_unique` is set, a key of the target table refuses repeated keys by itself, and they are looked for
    only when it does, which saves a pass over large files. `shown` is the URL name of the list in which they are seen;
    it takes a batch where publishing makes one. `check` is asked again under the lock of publishing where
    `check_last` is set; `locks` are held from before that on, beside the one that all publishing holds. `across` names
    the field whose values strangers put side by side in several columns, and the one that these are called by.
    """

    name: str
    title: Any
    permission: str
    order: int
    fields: tuple[Field, ...]
    publish: Publish
    shown: str
    checks: tuple[Check, ...] = ()
    check: Callable[["Stage", "Surroundings", "Findings"], None] | None = None
    check_last: bool = False
    locks: tuple[str, ...] = ()
    across: tuple[str, str] | None = None
    derive: Derive | None = None
    derived: tuple[tuple[str, str], ...] = ()
    needed: tuple[str, ...] = ()
    target_unique: bool = False
    by_name: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})

    @property
    def key(self) -> tuple[Field, ...]:
        """Return the fields that make a row unique within its file."""
        return tuple(one for one in self.fields if one.key)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return the stage's columns and their types."""
        return (("row", "bigint"), *(one.stored for one in self.fields), *self.derived)


_kinds: dict[str, Kind] = {}


def kind_add(kind: Kind) -> Kind:
    """Register a kind."""
    _kinds[kind.name] = kind
    return kind


def kind_of(name: str) -> Kind:
    """Return the kind called `name`; KeyError where there is none."""
    return _kinds[name]


def kinds_all() -> list[Kind]:
    """Return all kinds in the order in which a new installation needs them."""
    return sorted(_kinds.values(), key=lambda kind: kind.order)


def kinds_for(user: Any) -> list[Kind]:
    """Return the kinds that `user` may bring in."""
    return [kind for kind in kinds_all() if user.has_perm(kind.permission)]
