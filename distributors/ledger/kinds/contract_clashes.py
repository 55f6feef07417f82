"""Where the exclusive coverage of contracts in a file meets that of contracts in force, or of another row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from accounts.models import STEP, Territory
from core.sentences import Sentence
from distributors.profiles.contracts.calculations import Claim, overlaps
from distributors.profiles.contracts.exclusivity import clash_sentence
from distributors.profiles.contracts.models import Coverage


@dataclass(frozen=True)
class Wanted:
    """An exclusive part of a row; `binds` where its contract is to be in force today or later."""

    row: int
    number: str
    territory: Territory
    claim: Claim
    binds: bool


def _above(path: str) -> Iterator[str]:
    """Yield a path and those above it."""
    return (path[:end] for end in range(STEP, len(path) + 1, STEP))


def clashes(wanted: list[Wanted]) -> Iterator[tuple[int, Sentence | int]]:
    """Yield the rows that cannot be exclusive, each once: why, or the key of the coverage in force that it meets."""
    told: set[int] = set()
    found: list[tuple[int, Sentence | int]] = [*_within(wanted), *_against(wanted)]
    for row, reason in found:
        if row not in told:
            told.add(row)
            yield row, reason


def met_sentence(pk: int, actor: Any) -> Sentence:
    """Return the sentence that names the coverage in force which a row meets."""
    return clash_sentence(Coverage.objects.select_related("contract__distributor", "territory").get(pk=pk), actor)


def _by_path(wanted: Iterable[Wanted]) -> dict[str, list[Wanted]]:
    found: dict[str, list[Wanted]] = {}
    for one in wanted:
        found.setdefault(one.claim.path, []).append(one)
    return found


def _within(wanted: list[Wanted]) -> Iterator[tuple[int, Sentence]]:
    """Yield the later of two rows that meet, one of them at least binding; or a row that meets itself."""
    mine = _by_path(wanted)
    for one in wanted:
        for path in _above(one.claim.path):
            for other in mine.get(path, ()):
                if other is one or not overlaps(one.claim, other.claim):
                    continue
                if other.row == one.row:
                    yield one.row, Sentence(_("Two exclusive rows of this contract overlap."))
                elif one.binds or other.binds:
                    first, last = sorted((one, other), key=lambda each: each.row)
                    text = _("“%(where)s” is exclusive by contract %(contract)s of row %(row)s, too: mend one of both.")
                    where = str(last.territory)
                    yield last.row, Sentence(text, where=where, contract=first.number, row=first.row)


def _against(wanted: list[Wanted]) -> Iterator[tuple[int, int]]:
    """Yield the rows that meet coverage of other contracts in force, and the key of that."""
    if not wanted:
        return
    mine, held = _by_path(wanted), dict[str, list[tuple[int, str, Claim]]]()
    names = ("pk", "contract__number", "territory_path", "line", "starts_on", "ends_on")
    for pk, number, path, line, first, last in Coverage.objects.filter(binding=True).values_list(*names):
        claim = Claim(path, line, first, last)
        held.setdefault(path, []).append((pk, number, claim))
        within = (one for above in _above(path) for one in mine.get(above, ()))
        yield from ((one.row, pk) for one in within if one.number != number and overlaps(one.claim, claim))
    for one in wanted:
        over = (row for above in _above(one.claim.path[:-STEP]) for row in held.get(above, ()))
        yield from ((one.row, pk) for pk, number, claim in over if one.number != number and overlaps(one.claim, claim))
