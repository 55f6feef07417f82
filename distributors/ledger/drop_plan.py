"""What is to be done with the drop folder: what lies in it, against what is known of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from django.conf import settings

from distributors.ledger.drop_folder import Entry, is_taken
from distributors.ledger.drop_models import DropFile, DropRule
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import Import

LYING = (DropFile.State.WAITING, DropFile.State.UNKNOWN)
OPEN = (*LYING, DropFile.State.TAKING, DropFile.State.TAKEN)
ENDED = (Import.State.PUBLISHED, Import.State.REFUSED, Import.State.CANCELLED, Import.State.VALID)


@dataclass(frozen=True)
class Plan:
    """What there is to do, in the order in which it is done."""

    ended: list[DropFile] = field(default_factory=list)
    fresh: list[Entry] = field(default_factory=list)
    changed: list[tuple[DropFile, Entry]] = field(default_factory=list)
    gone: list[DropFile] = field(default_factory=list)
    unknown: list[DropFile] = field(default_factory=list)
    reading: list[DropFile] = field(default_factory=list)
    lost: list[DropFile] = field(default_factory=list)
    following: list[tuple[DropFile, Entry | None, DropRule | None]] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Tell whether there is anything to do now."""
        return any(vars(self).values())


def pattern_fits(pattern: str, name: str) -> bool:
    """Tell whether a name below the folder fits a pattern, folder by folder and whatever its case."""
    parts, given = pattern.lower().split("/"), name.lower().split("/")
    return len(parts) == len(given) and all(map(fnmatchcase, given, parts))


def rule_of(name: str, rules: Iterable[DropRule]) -> DropRule | None:
    """Return the rule of a file: of several that fit, the one with the longest pattern."""
    fitting = [rule for rule in rules if pattern_fits(rule.pattern, name)]
    return max(fitting, key=lambda rule: (len(rule.pattern), -rule.pk), default=None)


def is_complete(row: DropFile, now: datetime) -> bool:
    """Tell whether a file stayed as it is for long enough."""
    return row.seen_at <= now - timedelta(seconds=settings.IMPORT_FOLDER_SECONDS)


def drop_plan(entries: dict[str, Entry], rows: list[DropFile], rules: list[DropRule], now: datetime) -> Plan:
    """Return what is to be done: one file is brought in at a time, in the order in which kinds need each other."""
    lying = {row.name: row for row in rows if row.state in LYING}
    cut = [row for row in lying.values() if is_taken(row)]
    left = {name: row for name, row in lying.items() if row not in cut}
    taking = [row for row in rows if row.state == DropFile.State.TAKING]
    plan = Plan(
        ended=[row for row in rows if row.import_file is not None and row.import_file.state in ENDED],
        fresh=[entry for name, entry in entries.items() if name not in lying],
        changed=[
            (row, entries[name]) for name, row in left.items() if name in entries and _differs(row, entries[name])
        ],
        gone=[row for name, row in left.items() if name not in entries],
        reading=[row for row in taking if is_complete(row, now) and is_taken(row)],
        lost=[row for row in taking if not is_taken(row)],
    )
    busy = any(row.state in (DropFile.State.TAKING, DropFile.State.TAKEN) for row in rows)
    still = [row for name, row in left.items() if name in entries and not _differs(row, entries[name])]
    for row in [*cut, *(row for row in still if is_complete(row, now))]:
        entry, rule = entries.get(row.name), rule_of(row.name, rules)
        if row not in cut and rule is None and (entry is None or entry.is_file):
            if row.state != DropFile.State.UNKNOWN:
                plan.unknown.append(row)
        elif not busy and (rule is None or rule.active or row in cut):
            plan.following.append((row, None if row in cut else entry, rule))
    plan.following.sort(key=lambda one: (kind_of(one[2].kind).order if one[2] else 0, one[0].modified, one[0].name))
    return plan


def _differs(row: DropFile, entry: Entry) -> bool:
    return (row.size, row.modified) != (entry.size, entry.modified)
