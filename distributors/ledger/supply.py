"""Who buys from whom as a file would leave it: supply runs neither in a circle nor up the tiers."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from core.database import rows
from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.staging import Stage
from distributors.profiles.models import Distributor


@dataclass(frozen=True)
class _Node:
    """Where a distributor stands in the chain of supply; `row` is 0 where the file does not name it."""

    tier: int | None
    parent: str
    row: int = 0


def supply_check(stage: Stage, findings: Findings) -> None:
    """Note the rows with which supply would run in a circle or up the tiers."""
    nodes = _nodes(stage)
    for code, node in nodes.items():
        above = nodes.get(node.parent)
        if above is None or not (node.row or above.row):
            continue
        if node.row and _circular(code, nodes):
            reason = Sentence(_("It buys, through others, from itself: name another supplier."))
            findings.add(Finding(node.row, stage.column("parent"), node.parent, reason))
        if node.tier is None or above.tier is None or above.tier < node.tier:
            continue
        if node.row:
            reason = Sentence(_("A distributor buys from one of a lower tier: mend the tier or the supplier."))
            findings.add(Finding(node.row, stage.column("parent"), node.parent, reason))
        else:
            reason = Sentence(_("A distributor of this tier or a lower number buys from it: mend the tier."))
            findings.add(Finding(above.row, stage.column("tier"), str(above.tier), reason))


def _nodes(stage: Stage) -> dict[str, _Node]:
    """Return the chain of supply as it would be, by code.

    What the file does not give stays as it is; who buys from a merged card buys from its survivor.
    """
    merged = Distributor.objects.exclude(merged_into=None)
    survivors = dict(merged.values_list("code", "merged_into__code"))
    known = Distributor.objects.values_list("code", "tier", "parent__code")
    nodes = {code: _Node(tier, parent or "") for code, tier, parent in known}
    for row, code, tier, parent in rows(f"SELECT row, code, tier, parent FROM {stage.table}"):
        was = nodes.get(code)
        nodes[code] = _Node(
            tier if was is None or "tier" in stage.mapped else was.tier,
            survivors.get(parent, parent) if was is None or "parent" in stage.mapped else was.parent,
            row,
        )
    return nodes


def _circular(code: str, nodes: dict[str, _Node]) -> bool:
    seen = {code}
    step = nodes[code].parent
    while step in nodes and step not in seen:
        seen.add(step)
        step = nodes[step].parent
    return step == code
