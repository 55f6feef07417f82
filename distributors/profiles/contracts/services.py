"""Changes to contracts: written as a draft, signed, replaced by a new version, ended before their time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext_noop as _

from accounts.models import Territory, User
from core import audit, clock
from core.contributors import collect
from core.errors import DomainError, TransitionRefused
from core.money import amount_text
from core.periods import month_last, month_shift, months_between
from core.scope import require_permission
from core.sentences import Sentence
from core.versions import version_write
from core.workflow import apply_move
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.contracts.calculations import Claim, target_split
from distributors.profiles.contracts.exclusivity import clash_refuse, closed_refuse, coverage_release, exclusivity_hold
from distributors.profiles.contracts.models import MONTHS, SIGNED, Contract, ContractMonth, ContractState, Coverage
from distributors.profiles.contracts.selectors import target_entry, year_before
from distributors.profiles.contracts.workflow import CONTRACT_MOVES
from distributors.profiles.models import Distributor

DAY = timedelta(days=1)
CENT_PLACES = 2
COPIED = (
    *("kind", "yearly_target", "split", "minimum_purchase", "coverage_commitment", "sub_distributors"),
    *("advertising_share", "reporting_duty", "spare_parts", "exclusivity_loss", "price_terms", "credit_days"),
    *("credit_terms", "minimum_stock", "buy_back", "delivery_term", "governing_law", "notes"),
)


@transaction.atomic
def contract_save(
    *,
    actor: User,
    instance: Contract,
    version: int | None = None,
    coverage: Iterable[Mapping[str, Any]] = (),
    months: Sequence[Decimal] = (),
    **fields: Any,
) -> Contract:
    """Write a draft, or change one; raise DomainError, or StaleVersion after a lost race.

    `coverage` are all its rows (territory, line, exclusive), `months` the twelve parts of the yearly target where they
    are typed. A draft that is exclusive where a contract in force is cannot be written: the refusal names that one.
    """
    exclusivity_hold()
    rows = [dict(row) for row in coverage]
    _refuse_days(fields["valid_from"], fields["valid_to"])
    _refuse_repeats(rows)
    number = instance.number if instance.pk else fields["number"].strip()
    _refuse_clash(actor, number, rows, fields["valid_from"], fields["valid_to"])
    fields["ends_on"] = fields["valid_to"]
    distributor = instance.distributor_id if instance.pk else fields["distributor"].pk
    parts = _parts(distributor, fields, months)
    if instance.pk:
        saved = _change(actor, instance.pk, version, fields, rows, parts)
    else:
        saved = _create(actor, {**fields, "number": number}, rows, parts)
    return saved


def _create(actor: User, fields: dict[str, Any], rows: list[dict[str, Any]], parts: Sequence[Decimal]) -> Contract:
    if not fields["number"]:
        raise DomainError(Sentence(_("A contract has a number.")), "number")
    _refuse_merged(fields["distributor"])
    if Contract.objects.filter(number__iexact=fields["number"]).exists():
        raise _number_taken(fields["number"])
    try:
        with transaction.atomic():
            made: Contract = Contract.objects.create(**fields, created_by=_person(actor), updated_by=_person(actor))
    except IntegrityError as error:
        raise _number_taken(fields["number"]) from error
    _children_write(made, rows, parts)
    _old, new = audit.changes({}, {**fields, **_children_text(made)})
    audit.record(actor=actor, verb="contract.created", target=made, after={k: v for k, v in new.items() if v})
    return made


def _change(
    actor: User, pk: int, version: int | None, fields: dict[str, Any], rows: list[dict[str, Any]], parts: Any
) -> Contract:
    before = Contract.objects.select_related("distributor").get(pk=pk)
    _refuse_signed(before)
    # Of a contract that is there, number and distributor stay.
    fields = {name: value for name, value in fields.items() if name not in {"number", "distributor"}}
    was = {**{name: getattr(before, name) for name in fields}, **_children_text(before)}
    version_write(Contract.objects.filter(pk=pk, state=ContractState.DRAFT), version, actor=actor, **fields)
    saved: Contract = Contract.objects.get(pk=pk)
    _children_write(saved, rows, parts)
    old, new = audit.changes(was, {**fields, **_children_text(saved)})
    audit.record(actor=actor, verb="contract.changed", target=saved, before=old, after=new)
    return saved


def _refuse_merged(distributor: Distributor) -> None:
    if Distributor.objects.filter(pk=distributor.pk).exclude(merged_into=None).exists():
        raise DomainError(Sentence(_("This card is merged into another one; undo the merge first.")), "distributor")


def _refuse_signed(contract: Contract) -> None:
    if contract.state != ContractState.DRAFT:
        raise DomainError(Sentence(_("What is signed does not change; make a new version of the contract.")))


def _refuse_days(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise DomainError(Sentence(_("The last day lies before the first.")), "valid_to")


def _refuse_repeats(rows: list[dict[str, Any]]) -> None:
    pairs = [(row["territory"].pk, row["line"]) for row in rows]
    if len(set(pairs)) < len(pairs):
        raise DomainError(Sentence(_("A territory and product line stand in two rows.")), "coverage")


def _refuse_clash(actor: Any, number: str, rows: list[dict[str, Any]], first: date, last: date | None) -> None:
    """Refuse exclusive rows that meet others; the paths are read now, under the lock of the tree."""
    paths = dict(Territory.objects.filter(pk__in=[row["territory"].pk for row in rows]).values_list("pk", "path"))
    claims = [Claim(paths[row["territory"].pk], row["line"], first, last) for row in rows if row["exclusive"]]
    clash_refuse(claims=claims, number=number, actor=actor)


def _parts(distributor: int, fields: Mapping[str, Any], months: Sequence[Decimal]) -> Sequence[Decimal]:
    """Return the twelve parts of the yearly target, none without one; raise DomainError where they cannot be had."""
    total, split = fields["yearly_target"], fields["split"]
    if total is None:
        return ()
    if total < 0:
        raise DomainError(Sentence(_("A target is not negative.")), "yearly_target")
    if split == Contract.Split.TYPED:
        return _typed(total, months)
    weights = [Decimal(1)] * MONTHS
    if split == Contract.Split.LAST_YEAR:
        weights = year_before(distributor, fields["valid_from"])
        if not any(weight > 0 for weight in weights):
            raise DomainError(Sentence(_("There are no sales in the year before: split the target evenly.")), "split")
    return target_split(total, weights)


def _typed(total: Decimal, months: Sequence[Decimal]) -> Sequence[Decimal]:
    if len(months) != MONTHS or any(value < 0 for value in months):
        raise DomainError(Sentence(_("Enter twelve amounts, none of them negative.")), "months")
    if sum(months) != total:
        text = _("The months add up to %(sum)s, the yearly target is %(total)s.")
        both = {"sum": amount_text(sum(months, Decimal(0)), CENT_PLACES), "total": amount_text(total, CENT_PLACES)}
        raise DomainError(Sentence(text, **both), "months")
    return months


def _children_write(contract: Contract, rows: list[dict[str, Any]], parts: Sequence[Decimal]) -> None:
    """Write the coverage and the months of a draft anew."""
    Coverage.objects.filter(contract=contract).delete()
    paths = dict(Territory.objects.filter(pk__in=[row["territory"].pk for row in rows]).values_list("pk", "path"))
    Coverage.objects.bulk_create(
        Coverage(
            contract=contract,
            territory=row["territory"],
            line=row["line"],
            exclusive=row["exclusive"],
            territory_path=paths[row["territory"].pk],
            starts_on=contract.valid_from,
            ends_on=contract.ends_on,
        )
        for row in rows
    )
    ContractMonth.objects.filter(contract=contract).delete()
    ContractMonth.objects.bulk_create(
        ContractMonth(contract=contract, place=place, value=value) for place, value in enumerate(parts, 1)
    )


def _children_text(contract: Contract) -> dict[str, str]:
    rows = Coverage.objects.filter(contract=contract).select_related("territory")
    months = ContractMonth.objects.filter(contract=contract)
    return {
        "coverage": "; ".join(f"{row}{' *' if row.exclusive else ''}" for row in rows),
        "months": "; ".join(f"{one.value.normalize():f}" for one in months),
    }


def _number_taken(number: str) -> DomainError:
    return DomainError(Sentence(_("Another contract has the number “%(number)s”."), number=number), "number")


def _person(actor: User | None) -> User | None:
    return actor if actor is not None and actor.pk else None


@transaction.atomic
def contract_renew(*, actor: User, contract: Contract) -> Contract:
    """Make the draft of the next version, with the terms of this one, from the day after its end on."""
    require_permission(actor, "profiles.add_contract")
    exclusivity_hold()
    _refuse_merged(contract.distributor)
    chain = Contract.objects.filter(number=contract.number)
    latest = chain.filter(state__in=SIGNED).order_by("-edition").first()
    if latest is None or latest.pk != contract.pk:
        raise DomainError(Sentence(_("A new version is made of the last one that is signed.")))
    if chain.filter(state=ContractState.DRAFT).exists():
        raise DomainError(Sentence(_("There is a draft of the next version already.")))
    last = chain.order_by("-edition").values_list("edition", flat=True)[0]
    begins = contract.ends_on + DAY if contract.ends_on else month_shift(clock.today(), 1)
    if begins <= contract.valid_from:
        begins = contract.valid_from + DAY
    made: Contract = Contract.objects.create(
        distributor_id=contract.distributor_id,
        number=contract.number,
        edition=last + 1,
        valid_from=begins,
        valid_to=_as_long(contract, begins),
        ends_on=_as_long(contract, begins),
        created_by=_person(actor),
        updated_by=_person(actor),
        **{name: getattr(contract, name) for name in COPIED},
    )
    rows = Coverage.objects.filter(contract=contract).select_related("territory")
    copied = [{"territory": row.territory, "line": row.line, "exclusive": row.exclusive} for row in rows]
    _children_write(made, copied, list(ContractMonth.objects.filter(contract=contract).values_list("value", flat=True)))
    audit.record(actor=actor, verb="contract.created", target=made, after={"from": begins.isoformat()})
    return made


def _as_long(contract: Contract, begins: date) -> date | None:
    """Return the last day of a version that begins on a day and lasts as long as `contract` was agreed to."""
    first, last = contract.valid_from, contract.valid_to
    if last is None:
        return None
    if first.day == begins.day == 1 and last == month_last(last):
        return month_last(month_shift(begins, months_between(first, last)))
    return begins + (last - first)


@transaction.atomic
def contract_sign(*, actor: User | None, contract: Contract, signed_on: date) -> Contract:
    """Let a draft come into force; raise DomainError. It ends the version before it the day before it begins.

    The months of its target become targets of the distributor. `actor` None is the machine's own administrator.
    """
    if actor is not None:
        require_permission(actor, "profiles.sign_contract")
    exclusivity_hold("batch")  # signing sets targets
    if signed_on > clock.today():
        raise DomainError(Sentence(_("It is signed today at the latest.")), "signed_on")
    current = Contract.objects.filter(pk=contract.pk, version=contract.version).first()
    if current is None:
        raise TransitionRefused(Sentence(_("Somebody changed this contract meanwhile; look again.")))
    _refuse_merged(current.distributor)
    rows = list(Coverage.objects.filter(contract=contract).select_related("territory"))
    claimed = [{"territory": row.territory, "line": row.line, "exclusive": row.exclusive} for row in rows]
    if current.state == ContractState.DRAFT:
        closed_refuse(rows)
        _replace(current)
        _refuse_clash(actor, current.number, claimed, current.valid_from, current.valid_to)
    changes: dict[str, Any] = {"ends_on": current.valid_to, "signed_on": signed_on, "updated_by": actor}
    apply_move(current, CONTRACT_MOVES["contract.signed"], actor=actor, version=F("version") + 1, **changes)
    if current.ends_on is None or current.ends_on >= clock.today():
        Coverage.objects.filter(contract=current, exclusive=True).update(binding=True)
    targets_set(actor=actor, contract=current)
    completeness_write(distributors=[current.distributor_id])
    return current


def _replace(contract: Contract) -> None:
    """End the versions before this one the day before it begins; raise DomainError where one begins later."""
    signed = Contract.objects.filter(number=contract.number, state__in=SIGNED)
    later = signed.filter(valid_from__gte=contract.valid_from).first()
    if later is not None:
        raise DomainError(
            Sentence(
                _("Version %(version)s begins on %(day)s: a new version begins after it."),
                version=later.edition,
                day=date_format(later.valid_from, "DATE_FORMAT"),
            ),
            "valid_from",
        )
    last = contract.valid_from - DAY
    for one in signed.filter(valid_from__lt=contract.valid_from).exclude(ends_on__lte=last):
        _cut(one, last)


def _cut(contract: Contract, last: date) -> None:
    Contract.objects.filter(pk=contract.pk).update(ends_on=last, version=F("version") + 1)
    Coverage.objects.filter(contract=contract).update(ends_on=last)
    coverage_release(as_of=clock.today())


@transaction.atomic
def contract_terminate(*, actor: User, contract: Contract, last: date, reason: str) -> Contract:
    """End a contract in force before its time, with the last day on which it holds and the reason."""
    require_permission(actor, "profiles.sign_contract")
    exclusivity_hold()
    _refuse_silence(reason)
    if last < contract.valid_from or (contract.ends_on is not None and last > contract.ends_on):
        raise DomainError(Sentence(_("Choose a day on which the contract holds.")), "last")
    step = CONTRACT_MOVES["contract.terminated"]
    apply_move(
        contract, step, actor=actor, note=reason.strip(), ends_on=last, updated_by=actor, version=F("version") + 1
    )
    _cut(contract, last)
    completeness_write(distributors=[contract.distributor_id])
    contract.refresh_from_db()
    return contract


@transaction.atomic
def contract_withdraw(*, actor: User, contract: Contract, reason: str) -> Contract:
    """Give up a draft, with the reason; its number stays taken."""
    require_permission(actor, "profiles.change_contract")
    _refuse_silence(reason)
    step = CONTRACT_MOVES["contract.withdrawn"]
    apply_move(contract, step, actor=actor, note=reason.strip(), updated_by=actor, version=F("version") + 1)
    return contract


def _refuse_silence(reason: str) -> None:
    if not reason.strip():
        raise DomainError(Sentence(_("Say why: the reason stays with the record.")), "reason")


def contracts_close(*, as_of: date) -> int:
    """End the contracts whose last day is over, and let their exclusivity go; return how many ended."""
    coverage_release(as_of=as_of)
    over = list(Contract.objects.filter(state=ContractState.IN_FORCE, ends_on__lt=as_of).order_by("pk"))
    for contract in over:
        apply_move(contract, CONTRACT_MOVES["contract.ended"], actor=None, version=F("version") + 1)
    completeness_write(distributors=[contract.distributor_id for contract in over])
    return len(over)


def targets_set(*, actor: User | None, contract: Contract) -> int:
    """Let the months of the yearly target be targets of the distributor, as far as the contract reaches.

    Asking again changes nothing. Returns how many targets changed, by what the ledger tells.
    """
    parts = list(ContractMonth.objects.filter(contract=contract).values_list("value", flat=True))
    if not parts:
        return 0
    entry = target_entry(contract, parts)
    return sum(collect("contract_targets", actor, [entry], entry[-1]))
