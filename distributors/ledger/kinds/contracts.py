"""Contracts: what was agreed, what they cover, and, with a day of signature, that they are in force."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.contracts import product_lines
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.cards import MERGED, PERMISSION
from distributors.ledger.kinds.contract_clashes import Wanted, clashes, met_sentence
from distributors.ledger.kinds.contract_lines import Known, Line, lines_of
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.profiles.contracts.bringing import Brought, contracts_bring
from distributors.profiles.contracts.calculations import Claim
from distributors.profiles.contracts.forms import MOST_ROWS
from distributors.profiles.contracts.models import Contract, ContractKind
from distributors.profiles.contracts.services import contract_save, contract_sign

MOST_DAYS = 32767  # what the column holds
KEPT = ("kind", "valid_from", "valid_to", "yearly_target", "split")
FIELDS = (
    Field("distributor", _("distributor"), required=True, refers="distributor"),
    Field("kind", _("kind"), type="choice", choices=dict(ContractKind.choices), required=True),
    Field("signed_on", _("signed on"), type="date", past=True),
    Field("valid_from", _("valid from"), type="date", required=True),
    Field("valid_to", _("valid to"), type="date"),
    Field("coverage", _("coverage"), max_length=2000),
    Field("exclusive", _("exclusive"), type="boolean"),
    Field("yearly_target", _("yearly target"), type="amount"),
    Field("minimum_purchase", _("minimum purchase a year"), type="amount"),
    Field("sub_distributors", _("sub-distributors committed"), type="integer"),
    Field("coverage_commitment", _("coverage commitment"), max_length=300),
    Field("reporting_duty", _("reporting duty"), max_length=300),
    Field("credit_days", _("credit, days"), type="integer"),
    Field("credit_terms", _("credit terms"), max_length=300),
    Field("price_terms", _("price terms"), max_length=300),
    Field("number", _("number"), required=True, key=True, max_length=40),
)


def contracts_check(stage: Stage, around: Surroundings, findings: Findings) -> None:
    """Note rows that a contract there refuses, coverage that cannot be, and exclusivity that overlaps."""
    lines = lines_of(stage)
    known, names = Known(lines), set(product_lines())
    spelled: dict[str, str] = {}
    good: list[Line] = []
    for line in lines:
        reason = known.refusal(line) or _uncoverable(line, known, names)
        if spelled.setdefault(line.number.lower(), line.number) != line.number:
            other = spelled[line.number.lower()]
            reason = "number", Sentence(_("Another contract has the number “%(number)s”."), number=other)
        if reason is None:
            good.append(line)
        else:
            findings.add(Finding(line.row, stage.column(reason[0]), _shown(line, reason[0]), reason[1]))
    wanted = [one for line in good if not known.same(line) for one in _wanted(line, known, around)]
    by_row = {line.row: line for line in good}
    for row, met in clashes(wanted):
        # What there is no room for is only counted.
        reason_met = met if isinstance(met, Sentence) else met_sentence(met, around.actor) if findings.left else None
        value = _shown(by_row[row], "coverage")
        findings.add(Finding(row, stage.column("coverage"), value, reason_met or Sentence("")))


def _shown(line: Line, field: str) -> str:
    if field == "coverage":
        parts = ((code + f"={name}" * bool(name) + "*" * exclusive) for code, name, exclusive in line.parts or ())
        return ";".join(parts)
    return line.number if field == "number" else str(line.values.get(field) or "")


def _uncoverable(line: Line, known: Known, names: set[str]) -> tuple[str, Sentence] | None:
    """Return why the coverage of a row cannot be written."""
    parts = line.parts or ()
    for code, name, _exclusive in parts:
        place = known.territories.get(code)
        if place is None:
            return "coverage", Sentence(_("There is no territory with the code “%(code)s”: mend the cell."), code=code)
        if place.closed_on and not known.same(line):
            return "coverage", Sentence(_("“%(name)s” is closed."), name=str(place))
        if name and name not in names:
            return "coverage", Sentence(_("There is no product line “%(line)s”."), line=name)
    if len({(code, name) for code, name, _exclusive in parts}) < len(parts):
        return "coverage", Sentence(_("A territory and product line stand in two rows."))
    if len(parts) > MOST_ROWS:
        return "coverage", Sentence(_("A contract has at most %(most)s rows of coverage."), most=MOST_ROWS)
    return None


def _covered(line: Line, known: Known) -> list[dict[str, Any]]:
    """Return the coverage that a contract will have: that of the file, or what stands there."""
    if line.parts is None:
        draft = known.latest(line)
        held = draft.coverage.all() if draft else ()
        return [{"territory": row.territory, "line": row.line, "exclusive": row.exclusive} for row in held]
    return [
        {"territory": known.territories[code], "line": name, "exclusive": exclusive}
        for code, name, exclusive in line.parts
    ]


def _wanted(line: Line, known: Known, around: Surroundings) -> Iterator[Wanted]:
    draft = known.latest(line)
    last = line.values["valid_to"] if "valid_to" in line.values or draft is None else draft.valid_to
    binds = line.signed and (last is None or last >= around.today)
    for row in _covered(line, known):
        if row["exclusive"]:
            claim = Claim(row["territory"].path, row["line"], line.values["valid_from"], last)
            yield Wanted(line.row, line.number, row["territory"], claim, binds)


def contracts_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write new contracts and what changes in drafts; what the file does not give stays as it is."""
    lines = lines_of(stage)
    known = Known(lines)
    new = [line for line in lines if known.latest(line) is None]
    drafts = [(line, known.latest(line)) for line in lines if known.latest(line) and not known.same(line)]
    contracts_bring(
        actor=stage.actor,
        contracts=[Brought(one.number, one.distributor, one.values, _covered(one, known)) for one in new],
        note=stage.note,
    )
    for line, draft in drafts:
        if draft is not None:
            _change(stage, line, draft, _covered(line, known))
    return Counts(new=len(new), changed=len(drafts), same=len(lines) - len(new) - len(drafts))


def _change(stage: Stage, line: Line, draft: Contract, coverage: list[dict[str, Any]]) -> None:
    """Change a draft as its form does, and sign it where the file says when it was."""
    given: dict[str, Any] = {name: value for name, value in line.values.items() if name != "signed_on"}
    fields = {name: getattr(draft, name) for name in KEPT} | given
    months: list[Decimal] = []
    if fields["yearly_target"] != draft.yearly_target:
        fields["split"] = Contract.Split.EVEN
    elif fields["split"] == Contract.Split.TYPED:
        months = [one.value for one in draft.months.all()]
    saved = contract_save(actor=stage.actor, instance=draft, coverage=coverage, months=months, **fields)
    if line.signed:
        contract_sign(actor=stage.actor, contract=saved, signed_on=line.values["signed_on"])


def _bounded(name: str, most: int) -> Check:
    reason = _("A whole number that is not below zero and not that large is meant: mend the cell.")
    return Check(name, reason, f"SELECT row, {name} AS value FROM {{stage}} WHERE {name} < 0 OR {name} > {most}")


def _positive(name: str) -> Check:
    return Check(
        name, _("An amount is not below zero."), f"SELECT row, {name} AS value FROM {{stage}} WHERE {name} < 0"
    )


CONTRACTS = kind_add(
    Kind(
        name="contracts",
        title=gettext_lazy("Contracts"),
        permission=PERMISSION,
        order=45,
        shown="profiles:contract-list",
        fields=FIELDS,
        publish=contracts_publish,
        check=contracts_check,
        check_last=True,
        locks=("territory",),
        checks=(
            MERGED,
            _positive("yearly_target"),
            _positive("minimum_purchase"),
            _bounded("sub_distributors", 10_000_000),
            _bounded("credit_days", MOST_DAYS),
            Check(
                "valid_to",
                _("The last day lies before the first."),
                "SELECT row, valid_to AS value FROM {stage} WHERE valid_to < valid_from",
            ),
        ),
    )
)
