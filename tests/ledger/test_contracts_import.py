"""Contracts come in from files: drafts, and signed ones with their targets; what overlaps is refused by its name."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from core.models import AuditEvent
from distributors.ledger.models import ProductLine
from distributors.ledger.records import Target
from distributors.profiles.contracts.models import Contract, ContractMonth, Coverage
from distributors.profiles.contracts.services import contract_sign, contract_withdraw
from distributors.profiles.merging import distributor_merge
from tests import factories
from tests.ledger.records import bring, lines, problems, small_world
from tests.profiles.contracts import draft

pytestmark = pytest.mark.django_db
HEAD = "number,distributor,kind,signed_on,valid_from,valid_to,coverage,yearly_target,credit_days"
ONE = "C-1,D1,authorised,2025-01-02,2025-01-01,2025-12-31,T1*,1200,30"
TWO = "C-2,D2,ordinary,,2025-01-01,,T1=Pumps,,"


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-10"
    made = small_world()
    ProductLine.objects.create(code="pumps", name="Pumps")
    return made


@pytest.fixture
def mei():
    return factories.user(Role.ADMIN)


def came(*rows, head=HEAD, **options):
    return bring(lines(*rows, head=head), "contracts", **options)


def counts(made):
    return (made.rows_new, made.rows_changed, made.rows_same)


def signed(actor, distributor, number, rows=(), **fields):
    made = draft(actor, distributor, number, rows, **fields)
    return contract_sign(actor=actor, contract=made, signed_on=date(2025, 4, 1))


def covered(number):
    rows = Coverage.objects.filter(contract__number=number)
    return list(rows.values_list("territory__code", "line", "exclusive", "binding", "starts_on", "ends_on"))


def test_a_signed_row_is_in_force_with_its_targets_and_an_unsigned_one_a_draft(world, mei):
    made = came(ONE, TWO, actor=mei)
    assert (made.state, counts(made)) == ("published", (2, 0, 0)), problems(made)
    one, two = Contract.objects.order_by("number")
    assert (one.state, one.kind, one.signed_on, one.ends_on, one.yearly_target, one.credit_days, one.edition) == (
        "in_force",
        "authorised",
        date(2025, 1, 2),
        date(2025, 12, 31),
        Decimal(1200),
        30,
        1,
    )
    assert covered("C-1") == [("T1", "", True, True, date(2025, 1, 1), date(2025, 12, 31))]
    assert list(ContractMonth.objects.values_list("contract__number", "value")) == [("C-1", Decimal(100))] * 12
    targets = Target.objects.filter(superseded_by=None)
    assert {(one.distributor.code, one.value, one.reason) for one in targets.select_related("distributor")} == {
        ("D1", Decimal(100), "contract C-1 version 1")
    }
    assert targets.count() == 12
    assert (two.state, two.signed_on, two.valid_to) == ("draft", None, None)
    assert covered("C-2") == [("T1", "Pumps", False, False, date(2025, 1, 1), None)]
    trail = AuditEvent.objects.filter(target_type="profiles.Contract").order_by("pk")
    assert list(trail.values_list("verb", "target_text", "actor", "note")) == [
        ("contract.created", "C-1", mei.pk, "contracts.csv"),
        ("contract.created", "C-2", mei.pk, "contracts.csv"),
        ("contract.signed", "C-1", mei.pk, "contracts.csv"),
    ]


def test_the_same_file_again_changes_nothing(world):
    came(ONE, TWO)
    before = list(Contract.objects.order_by("pk").values_list()), Target.objects.count()
    again = came(ONE, TWO)
    assert counts(again) == (0, 0, 2)
    assert (list(Contract.objects.order_by("pk").values_list()), Target.objects.count()) == before
    assert AuditEvent.objects.filter(target_type="profiles.Contract").count() == 3


def test_a_row_changes_what_it_gives_of_a_draft_and_signs_it(world, mei):
    came(TWO)
    head = "number,distributor,kind,valid_from,valid_to"
    changed = came("C-2,D2,ordinary,2025-01-01,2025-06-30", head=head, actor=mei)
    assert counts(changed) == (0, 1, 0), problems(changed)
    assert covered("C-2") == [("T1", "Pumps", False, False, date(2025, 1, 1), date(2025, 6, 30))]
    after = came("C-2,D2,ordinary,2025-02-01,2025-01-01,2025-06-30,T1=Pumps*,600,", actor=mei)
    assert counts(after) == (0, 1, 0), problems(after)
    two = Contract.objects.get()
    assert (two.state, two.yearly_target) == ("in_force", Decimal(600))
    assert covered("C-2")[0][2:4] == (True, True)
    assert Target.objects.filter(superseded_by=None).count() == 6


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("C-1,D1,authorised,2025-04-11,2025-01-01,,,,", "signed_on", "after today"),
        ("C-1,D1,authorised,,2025-02-01,2025-01-31,,,", "valid_to", "before the first"),
        ("C-1,D1,authorised,,2025-02-01,,NONE,,", "coverage", "no territory with the code “NONE”"),
        ("C-1,D1,authorised,,2025-02-01,,T1=Boats,,", "coverage", "no product line “Boats”"),
        ("C-1,D1,authorised,,2025-02-01,,T1;T1*,,", "coverage", "stand in two rows"),
        ("C-1,D1,authorised,,2025-02-01,,T1*;T1=Pumps*,,", "coverage", "Two exclusive rows of this contract overlap"),
        ("C-1,D1,authorised,,2025-02-01,,,-1,", "yearly_target", "not below zero"),
        ("C-1,D1,authorised,,2025-02-01,,,,40000", "credit_days", "not that large"),
        ("C-1,D1,boss,,2025-02-01,,,,", "kind", "authorised"),
        ("C-1,D7,authorised,,2025-02-01,,,,", "distributor", "D7"),
    ],
)
def test_a_row_that_cannot_be_is_refused(world, row, column, says):
    made = came(TWO, row)
    assert made.state == "refused"
    (problem,) = problems(made)
    assert problem[:2] == (3, column)
    assert says in problem[3] or says in problem[2]
    assert not Contract.objects.exists()


def test_exclusivity_that_overlaps_is_refused_naming_the_contract_or_the_row(world, mei):
    inner = factories.territory("Inner", world["territory"], code="T11")
    signed(mei, world["one"], "OLD", [(inner, "", True)], valid_from=date(2024, 1, 1), valid_to=date(2025, 12, 31))
    over = came("C-3,D2,ordinary,,2025-01-01,,T1=Pumps*,,", actor=mei)
    ((row, column, value, reason),) = problems(over)
    assert (row, column, value) == (2, "coverage", "T1=Pumps*")
    assert "“Inner” is exclusive by contract OLD" in reason
    four = "C-4,D2,ordinary,2025-04-01,2026-01-01,,T1=Pumps*,,"
    both = came(four, "C-5,D1,ordinary,,2026-06-01,,T11*,,", actor=mei)
    ((row, _column, _value, reason),) = problems(both)
    assert (row, "contract C-4 of row 2" in reason) == (3, True)
    assert list(Contract.objects.values_list("number", flat=True)) == ["OLD"]
    apart = came(four, "C-5,D1,ordinary,,2026-06-01,,T11,,", actor=mei)
    assert apart.state == "published", problems(apart)


def test_two_drafts_may_wish_for_the_same(world):
    made = came("C-4,D2,ordinary,,2025-04-01,,T1*,,", "C-5,D1,ordinary,,2025-06-01,,T1*,,")
    assert counts(made) == (2, 0, 0), problems(made)


def test_what_is_signed_withdrawn_or_of_another_stays(world, mei):
    signed(mei, world["one"], "C-1", valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31))
    gone = draft(mei, world["one"], "C-2", valid_from=date(2025, 1, 1))
    contract_withdraw(actor=mei, contract=gone, reason="no")
    before = list(Contract.objects.order_by("pk").values_list())
    made = came(
        "C-1,D1,authorised,,2025-01-01,2025-06-30,,,",
        "C-2,D1,authorised,,2025-01-01,,,,",
        "c-1,D2,authorised,,2025-01-01,,,,",
        actor=mei,
    )
    assert [(row, column) for row, column, _value, _reason in problems(made)] == [
        (2, "valid_to"),
        (3, "number"),
        (4, "number"),
    ]
    says = [reason for *_rest, reason in problems(made)]
    assert "What is signed does not change" in says[0]
    assert "was withdrawn" in says[1]
    assert "Another contract has the number “C-1”" in says[2]
    assert list(Contract.objects.order_by("pk").values_list()) == before


def test_a_merged_card_takes_no_contract(world, mei):
    distributor_merge(actor=mei, source=world["two"], survivor=world["one"], reason="the same firm")
    ((row, column, value, reason),) = problems(came(TWO))
    assert (row, column, value) == (2, "distributor", "D2")
    assert "merged" in reason


def test_two_contracts_of_one_distributor_set_its_targets_one_after_the_other(world):
    other = "C-9,D1,service,2025-01-02,2025-01-01,2025-03-31,,2400,"
    made = came(ONE, other)
    assert counts(made) == (2, 0, 0), problems(made)
    values = Target.objects.filter(superseded_by=None).order_by("day").values_list("value", flat=True)
    assert list(values) == [Decimal(200)] * 3 + [Decimal(100)] * 9


def test_the_queries_of_a_file_do_not_grow_with_its_rows(world, django_assert_max_num_queries):
    rows = [f"C-{n},D1,ordinary,2025-01-02,2025-01-01,2025-12-31,T1,120," for n in range(60)]
    with django_assert_max_num_queries(140):
        made = came(*rows)
    assert counts(made) == (60, 0, 0), problems(made)
