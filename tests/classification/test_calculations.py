"""The ABC class by hand, by a published table and by its properties."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from distributors.classification.calculations import (
    CLASSES,
    RULES,
    AbcPolicy,
    AbcResult,
    Cause,
    MonthEnd,
    Rule,
    abc_classes,
    clear_of_cut,
    effective_classes,
    explain,
    fold,
    full_months_since,
    gap_to_better,
    movements,
    next_effective,
    pareto,
    pending_class,
)

SHARED = Path(os.environ.get("QUDAO_SHARED", Path(__file__).parents[2].parent / "shared"))
POLICY = AbcPolicy()
ABOVE = AbcPolicy(crossing_above=True)
UNIT = 10_000

# The table of docs/calculations/abc.md: name, sales, full months since the first sale and since the start.
TABLE = [
    ("Anchor", 400, 40, 40),
    ("Birch", 220, 40, 40),
    ("Cedar", 80, 40, 40),
    ("Dune", 80, 40, 40),
    ("Elm", 70, 40, 40),
    ("Fjord", 50, 7, 8),
    ("Grove", 40, 40, 40),
    ("Heath", 30, 40, 40),
    ("Isle", 30, 40, 40),
    ("Jade", 0, 30, 30),
    ("Kite", -20, 30, 30),
    ("Lake", 500, 2, 4),
    ("Moor", 0, -1, 1),
    ("Nook", 0, -1, 5),
    ("Oak", 0, -1, -1),
]
NAMES = [row[0] for row in TABLE]


def column(values: Iterable[int], dtype: Any = np.int64) -> Any:
    return np.array(list(values), dtype=dtype)


def classify(basis: Iterable[int], policy: AbcPolicy = POLICY, first: Any = None, start: Any = None) -> AbcResult:
    amounts = column(basis)
    return abc_classes(
        basis=amounts,
        months_since_first=column([40] * amounts.size if first is None else first, np.int16),
        months_since_start=column([40] * amounts.size if start is None else start, np.int16),
        policy=policy,
    )


def classify_table(policy: AbcPolicy = POLICY) -> AbcResult:
    return classify(
        [row[1] * UNIT for row in TABLE], policy, first=[row[2] for row in TABLE], start=[row[3] for row in TABLE]
    )


def letters(result: AbcResult) -> str:
    return "".join(result.klass)


def row(name: str) -> int:
    return NAMES.index(name)


def published() -> dict[str, Any]:
    path = SHARED / "vectors" / "abc.json"
    if not path.is_file():
        pytest.skip("The published vectors are not on this machine.")
    table: dict[str, Any] = json.loads(path.read_text())
    return table


def cuts(policy: AbcPolicy, a: Any, b: Any) -> AbcPolicy:
    return replace(policy, cut_a=Decimal(str(a)), cut_b=Decimal(str(b)))


# --- the published table


def test_the_published_table_gives_its_classes_when_its_order_tells_equal_sales_apart() -> None:
    table = published()
    policy = cuts(POLICY, *table["cuts"])
    apart = [sale * UNIT - place for place, sale in enumerate(table["sales"])]
    counts = Counter(letters(classify(apart, policy)))
    assert counts == {one: table["expected"][one] for one in "ABC"}
    assert (counts["A"], counts["B"], counts["C"]) == (12, 15, 16)


def test_the_published_table_gives_its_cumulatives() -> None:
    table = published()
    result = classify([sale * UNIT for sale in table["sales"]], cuts(POLICY, *table["cuts"]))
    curve = pareto(basis=result.basis, klass=result.klass)
    at = dict(zip(curve.position.tolist(), (curve.cumulative // UNIT).tolist(), strict=True))
    expected = table["expected"]
    assert (at[12], at[27], at[43]) == (563, 879, 1040)
    assert at[12] == expected["cumulative_at_end_of_A"]
    assert at[27] == expected["cumulative_at_end_of_B"]
    assert result.total == expected["total"] * UNIT
    assert curve.borders["A"] == 12


def test_the_third_of_three_equal_sales_in_the_published_table_shares_the_better_class() -> None:
    table = published()
    result = classify([sale * UNIT for sale in table["sales"]], cuts(POLICY, *table["cuts"]))
    assert Counter(letters(result)) == {"A": 12, "B": 16, "C": 15}
    assert [RULES[code] for code in result.rule[25:28]] == [Rule.TIE] * 3
    assert (result.cumulative[25:28] // UNIT).tolist() == [863] * 3


# --- the worked example


def test_the_worked_example_gives_its_classes() -> None:
    result = classify_table()
    assert letters(result) == "AAAABBCCCCCNNCC"
    assert result.rank.tolist() == [1, 2, 3, 3, 5, 6, 7, 8, 8, 10, 13, 0, 0, 10, 10]
    assert (result.total, result.ranked) == (1000 * UNIT, 13)
    assert (result.cumulative // UNIT).tolist() == [
        400,
        620,
        700,
        700,
        850,
        900,
        940,
        970,
        970,
        1000,
        1000,
        0,
        0,
        1000,
        1000,
    ]
    assert result.share[:6].tolist() == [400_000, 220_000, 80_000, 80_000, 70_000, 50_000]
    assert result.cumulative_share[:6].tolist() == [400_000, 620_000, 700_000, 700_000, 850_000, 900_000]
    assert result.share[10] == 0
    assert np.flatnonzero(result.short_history).tolist() == [row("Fjord")]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Anchor", Rule.WITHIN_A),
        ("Cedar", Rule.TIE),
        ("Dune", Rule.TIE),
        ("Elm", Rule.WITHIN_B),
        ("Fjord", Rule.WITHIN_B),
        ("Grove", Rule.BEYOND),
        ("Jade", Rule.NOT_POSITIVE),
        ("Kite", Rule.NOT_POSITIVE),
        ("Lake", Rule.NEW),
        ("Moor", Rule.NEVER_ORDERED),
        ("Nook", Rule.NEVER_ORDERED_LATE),
        ("Oak", Rule.NEVER_ORDERED_LATE),
    ],
)
def test_the_worked_example_names_the_rule_that_decided(name: str, rule: Rule) -> None:
    assert explain(result=classify_table(), index=row(name)).rule is rule


@pytest.mark.parametrize(
    ("name", "next_class", "gap"),
    [
        ("Anchor", "", None),
        ("Dune", "", None),
        ("Elm", "A", 10),
        ("Grove", "B", 10),
        ("Heath", "B", 20),
        ("Jade", "B", 50),
        ("Kite", "B", 70),
        ("Lake", "", None),
    ],
)
def test_the_worked_example_says_how_much_more_reaches_the_better_class(
    name: str, next_class: str, gap: int | None
) -> None:
    working = explain(result=classify_table(), index=row(name))
    assert (working.next_class, working.gap) == (next_class, gap and gap * UNIT)


def test_the_working_of_one_distributor_is_whole() -> None:
    working = explain(result=classify_table(), index=row("Dune"))
    assert (working.klass, working.rank, working.ranked, working.tied) == ("A", 3, 13, 2)
    assert (working.basis, working.total, working.cumulative) == (80 * UNIT, 1000 * UNIT, 700 * UNIT)
    assert (working.share, working.cumulative_share) == (Decimal("0.08"), Decimal("0.7"))
    assert (working.cut_a, working.cut_b) == (POLICY.cut_a, POLICY.cut_b)
    assert (working.crosses, working.short_history, working.annualised) == (False, False, False)


def test_one_left_out_of_the_ranking_has_no_rank_share_or_gap() -> None:
    working = explain(result=classify_table(), index=row("Lake"))
    assert (working.klass, working.rank, working.tied, working.share, working.cumulative) == ("N", 0, 0, Decimal(0), 0)


# --- cuts


def test_exactly_on_a_cut_is_inside_and_a_ten_thousandth_more_is_not() -> None:
    assert letters(classify([5000, 2000, 1999, 1001])) == "AABC"
    assert letters(classify([5000, 2001, 1999, 1000])) == "ABBC"


def test_the_switch_puts_the_one_that_crosses_a_cut_into_the_better_class() -> None:
    bases = [500, 300, 150, 50]
    assert letters(classify(bases)) == "ABCC"
    assert letters(classify(bases, ABOVE)) == "AABC"
    crossing = explain(result=classify(bases, ABOVE), index=1)
    assert (crossing.crosses, crossing.rule) == (True, Rule.WITHIN_A)
    assert [explain(result=classify(bases, ABOVE), index=one).crosses for one in (0, 2, 3)] == [False, True, False]


def test_a_cut_hit_exactly_is_crossed_by_nobody() -> None:
    assert letters(classify([500, 200, 150, 100, 50], ABOVE)) == "AABBC"


def test_the_largest_is_a_though_it_alone_exceeds_the_cut() -> None:
    result = classify([800, 150, 50])
    assert letters(result) == "ACC"
    assert explain(result=result, index=0).rule is Rule.LARGEST
    assert letters(classify([500, 500])) == "AA"
    assert explain(result=classify([500, 500]), index=1).rule is Rule.TIE


def test_one_distributor_is_a_if_it_sells_and_c_if_not() -> None:
    assert letters(classify([1])) == "A"
    assert letters(classify([0])) == "C"
    assert letters(classify([-1])) == "C"


def test_with_nothing_sold_all_are_c_and_share_nothing() -> None:
    for policy in (POLICY, ABOVE):
        result = classify([0, -5, 0], policy)
        assert letters(result) == "CCC"
        assert result.total == 0
        assert result.rank.tolist() == [1, 3, 1]
        assert result.share.tolist() == result.cumulative_share.tolist() == [0, 0, 0]
        assert explain(result=result, index=1).gap == 6


def test_an_empty_population_is_classified() -> None:
    result = classify([])
    assert (letters(result), result.total, result.ranked) == ("", 0, 0)
    assert pareto(basis=result.basis, klass=result.klass).position.tolist() == [0]


def test_all_new_leaves_nobody_ranked() -> None:
    result = classify([5, 7], first=[0, 2])
    assert (letters(result), result.ranked, result.total) == ("NN", 0, 0)


def test_a_positive_basis_without_a_first_sale_is_ranked() -> None:
    result = classify([90, 10, -5], first=[40, -1, -1], start=[40, 1, 1])
    assert letters(result) == "ACN"
    assert result.rank.tolist() == [1, 2, 0]


def test_shares_round_half_up_at_the_millionth() -> None:
    result = classify([1_999_999, 1], first=[40, 40])
    assert result.share.tolist() == [1_000_000, 1]
    assert classify([2, 1]).share.tolist() == [666_667, 333_333]


def test_shares_stay_exact_where_a_float_would_not() -> None:
    large = 2**60
    assert classify([large - 1, large - 2]).share.tolist() == [500_000, 500_000]
    assert classify([large, large // 2, 1]).share.tolist() == [666_667, 333_333, 0]


# --- short history


def test_a_short_history_is_flagged_from_three_months_to_eleven() -> None:
    result = classify([5] * 5, first=[2, 3, 11, 12, -1])
    assert result.short_history.tolist() == [False, True, True, False, False]
    assert letters(result)[0] == "N"


def test_annualising_scales_a_short_history_half_up() -> None:
    policy = replace(POLICY, annualise=True)
    result = classify([100, 1, 3, -1, 100], policy, first=[12, 8, 8, 8, 3])
    assert result.basis.tolist() == [100, 2, 5, -2, 400]
    assert result.annualised
    assert result.klass[4] == "A"
    assert classify([7], replace(policy, new_months=0), first=[0]).basis.tolist() == [7]


# --- full months


def test_full_months_count_days_and_treat_the_last_of_a_month_as_its_end() -> None:
    days = np.array(
        ["2013-09-01", "2013-09-02", "2012-12-01", "2013-12-01", "2014-01-01", "NaT"], dtype="datetime64[D]"
    )
    assert full_months_since(days=days, as_of=date(2013, 12, 1)).tolist() == [3, 2, 12, 0, 0, -1]
    ends = np.array(["2012-11-30", "2012-12-31"], dtype="datetime64[D]")
    assert full_months_since(days=ends, as_of=date(2013, 2, 28)).tolist() == [3, 2]


# --- refusals


@pytest.mark.parametrize(
    "change",
    [
        {"cut_a": Decimal(0)},
        {"cut_a": Decimal("0.9")},
        {"cut_b": Decimal("1.01")},
        {"cut_b": Decimal("NaN")},
        {"cut_a": 0.7},
        {"dynamics_margin": Decimal("-0.01")},
        {"dynamics_margin": Decimal(1)},
        {"window_months": 0, "new_months": 0},
        {"new_months": 13},
        {"new_months": -1},
        {"dynamics_periods": 0},
    ],
)
def test_a_policy_that_could_not_classify_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        AbcPolicy(**change)


@pytest.mark.parametrize(
    ("basis", "first"),
    [
        (np.array([1, 2]), np.array([1])),
        (np.array([[1]]), np.array([[1]])),
        (np.array([1.5]), np.array([1])),
        (np.array([1]), np.array([-2])),
        (np.array([2**61, 2**61]), np.array([40, 40])),
        (np.array([-(2**62)]), np.array([40])),
    ],
)
def test_columns_that_cannot_be_ranked_exactly_are_refused(basis: Any, first: Any) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        abc_classes(basis=basis, months_since_first=first, months_since_start=first, policy=POLICY)


def test_a_basis_not_among_the_ranked_has_no_gap() -> None:
    assert gap_to_better(ranked=column([5, 3]), basis=4, policy=POLICY) is None
    assert gap_to_better(ranked=column([5, 3]), basis=6, policy=POLICY) is None


def test_the_gap_is_exact_where_a_float_would_not_be() -> None:
    large = 2**58
    assert gap_to_better(ranked=column([3 * large, large + 1, large]), basis=large, policy=POLICY) == ("B", 1)
    assert gap_to_better(ranked=column([large + 1, large - 1]), basis=large - 1, policy=POLICY) == ("A", 2)
    assert gap_to_better(ranked=column([large + 1, 0]), basis=0, policy=POLICY) == ("A", large + 1)


# --- properties

AMOUNTS = st.lists(st.one_of(st.integers(-5, 20), st.integers(-(10**6), 10**15)), min_size=1, max_size=40)
POLICIES = st.builds(
    lambda pair, above: AbcPolicy(cut_a=Decimal(pair[0]) / 100, cut_b=Decimal(pair[1]) / 100, crossing_above=above),
    st.tuples(st.integers(1, 99), st.integers(1, 100)).filter(lambda pair: pair[0] < pair[1]),
    st.booleans(),
)
MONTHS = st.integers(-1, 14)


def by_hand(basis: list[int], policy: AbcPolicy) -> str:
    """The rules one distributor at a time, in fractions."""
    total = sum(max(one, 0) for one in basis)
    classes = ""
    for one in basis:
        before = sum(other for other in basis if other > max(one, 0))
        if one <= 0:
            classes += "C"
        elif before == 0:
            classes += "A"
        elif policy.crossing_above:
            share = Fraction(before, total)
            classes += "A" if share < Fraction(policy.cut_a) else "B" if share < Fraction(policy.cut_b) else "C"
        else:
            share = Fraction(before + one, total)
            classes += "A" if share <= Fraction(policy.cut_a) else "B" if share <= Fraction(policy.cut_b) else "C"
    return classes


@given(AMOUNTS, POLICIES)
def test_columns_give_what_the_rules_give_one_at_a_time(basis: list[int], policy: AbcPolicy) -> None:
    result = classify(basis, policy)
    assert letters(result) == by_hand(basis, policy)
    assert result.rank.tolist() == [1 + sum(other > one for other in basis) for one in basis]
    if result.total:
        exact = [Fraction(max(one, 0) * 10**6, result.total) for one in basis]
        assert result.share.tolist() == [int(share + Fraction(1, 2)) for share in exact]


@given(AMOUNTS, POLICIES)
def test_a_bigger_basis_never_has_a_worse_class_and_equals_share_theirs(basis: list[int], policy: AbcPolicy) -> None:
    classes = sorted(zip(basis, letters(classify(basis, policy)), strict=True), reverse=True)
    for (one, klass), (other, lower) in pairwise(classes):
        assert klass <= lower or one == other
        assert one != other or klass == lower
    if max(basis) > 0:
        assert all(klass == "A" for one, klass in classes if one == max(basis))


@given(AMOUNTS, POLICIES, st.integers(2, 1000))
def test_another_unit_of_money_changes_no_class(basis: list[int], policy: AbcPolicy, factor: int) -> None:
    assert letters(classify(basis, policy)) == letters(classify([one * factor for one in basis], policy))


@given(st.lists(st.tuples(st.integers(-9, 99), MONTHS, MONTHS), min_size=1, max_size=30), POLICIES, st.randoms())
def test_the_order_of_the_rows_changes_nothing(
    rows: list[tuple[int, int, int]], policy: AbcPolicy, chance: Any
) -> None:
    def figures(some: list[tuple[int, int, int]]) -> list[tuple[Any, ...]]:
        basis, first, start = zip(*some, strict=True)
        one = classify(basis, policy, first=first, start=start)
        return sorted(zip(some, one.klass, one.rank, one.rule, one.share, one.cumulative, strict=True))

    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert figures(rows) == figures(shuffled)


@given(st.lists(st.tuples(st.integers(-9, 99), MONTHS, MONTHS), min_size=1, max_size=30), POLICIES)
def test_the_classes_together_are_the_population(rows: list[tuple[int, int, int]], policy: AbcPolicy) -> None:
    basis, first, start = zip(*rows, strict=True)
    result = classify(basis, policy, first=first, start=start)
    counts = Counter(letters(result))
    assert set(counts) <= set(CLASSES)
    assert counts.total() == len(rows)
    assert ((result.klass == "N") == (result.rank == 0)).all()
    assert result.ranked == len(rows) - counts["N"]
    assert result.total == sum(max(one, 0) for one, rank in zip(basis, result.rank, strict=True) if rank)


@settings(max_examples=200)
@given(st.lists(st.integers(-4, 60), min_size=1, max_size=12), POLICIES, st.data())
def test_the_gap_is_the_least_that_reaches_a_better_class(basis: list[int], policy: AbcPolicy, data: Any) -> None:
    place = data.draw(st.integers(0, len(basis) - 1))
    present = by_hand(basis, policy)[place]

    def with_more(more: int) -> str:
        return by_hand([*basis[:place], basis[place] + more, *basis[place + 1 :]], policy)[place]

    reach = max(max(basis) - basis[place], 1 - basis[place], 0)
    better = [(with_more(more), more) for more in range(1, reach + 1) if with_more(more) < present]
    working = explain(result=classify(basis, policy), index=place)
    assert (working.next_class, working.gap) == (better[0] if better else ("", None))
    assert better or present == "A"


# --- the class in force


def months(*shares: tuple[str, float]) -> list[MonthEnd]:
    """Month-ends with a total of 1000 and a basis of 10, by raw class and cumulative share."""
    return [MonthEnd(klass=klass, basis=10, cumulative=round(share * 1000), total=1000) for klass, share in shares]


def in_force(history: list[MonthEnd], policy: AbcPolicy = POLICY) -> str:
    return "".join(step.klass for step in fold(history=history, policy=policy))


def test_a_class_moves_when_the_new_one_holds_at_two_month_ends() -> None:
    history = months(("A", 0.69), ("B", 0.71), ("B", 0.72), ("A", 0.70), ("B", 0.71), ("A", 0.69), ("A", 0.69))
    steps = fold(history=history, policy=POLICY)
    assert "".join(step.klass for step in steps) == "AABBBBA"
    assert [step.pending for step in steps] == ["", "B", "", "A", "", "A", ""]
    assert [step.cause for step in steps] == [Cause.ENTERED, None, Cause.HELD, None, None, None, Cause.HELD]


def test_a_class_moves_at_once_more_than_two_points_past_the_cut() -> None:
    assert in_force(months(("A", 0.69), ("B", 0.72))) == "AA"
    assert in_force(months(("A", 0.69), ("B", 0.721))) == "AB"
    assert in_force(months(("B", 0.75), ("A", 0.68))) == "BB"
    assert in_force(months(("B", 0.75), ("A", 0.679))) == "BA"
    assert in_force(months(("C", 0.95), ("B", 0.879))) == "CB"
    assert fold(history=months(("B", 0.75), ("C", 0.93)), policy=POLICY)[1].cause is Cause.CLEAR


def test_of_two_cuts_crossed_the_far_one_must_be_passed_clearly() -> None:
    assert in_force(months(("A", 0.69), ("C", 0.91), ("C", 0.91))) == "AAC"
    assert in_force(months(("A", 0.69), ("C", 0.93))) == "AC"
    assert in_force(months(("C", 0.95), ("A", 0.69))) == "CC"
    assert in_force(months(("C", 0.95), ("A", 0.60))) == "CA"


def test_two_different_new_classes_in_a_row_are_not_one_that_holds() -> None:
    assert in_force(months(("A", 0.69), ("C", 0.91), ("B", 0.71), ("B", 0.71))) == "AAAB"


def test_nothing_sold_falls_at_once() -> None:
    idle = MonthEnd(klass="C", basis=0, cumulative=0, total=0)
    assert in_force([*months(("A", 0.5)), idle]) == "AC"
    odd = MonthEnd(klass="B", basis=0, cumulative=0, total=0)
    assert in_force([*months(("A", 0.5)), odd]) == "AA"


def test_new_and_absent_are_entered_and_left_at_once() -> None:
    history = months(("N", 0), ("B", 0.71), ("N", 0), ("C", 0.91), ("", 0), ("A", 0.69))
    steps = fold(history=history, policy=POLICY)
    assert [step.klass for step in steps] == ["N", "B", "N", "C", "", "A"]
    assert [step.cause for step in steps] == [Cause.ENTERED, *[Cause.NEW] * 3, *[Cause.ENTERED] * 2]


def test_the_number_of_month_ends_is_the_policys() -> None:
    history = months(("A", 0.69), ("B", 0.71), ("B", 0.71), ("B", 0.71))
    three = replace(POLICY, dynamics_periods=3)
    assert in_force(history, replace(POLICY, dynamics_periods=1)) == "ABBB"
    assert in_force(history, three) == "AAAB"
    assert [step.pending for step in fold(history=history, policy=three)] == ["", "", "B", ""]


def test_the_crossing_switch_judges_the_share_before_ones_own() -> None:
    history = [MonthEnd("B", 200, 950, 1000), MonthEnd("A", 200, 870, 1000)]
    assert in_force(history, ABOVE) == "BA"
    assert in_force(history, replace(ABOVE, dynamics_margin=Decimal("0.03"))) == "BB"


@st.composite
def histories(draw: Any) -> tuple[AbcPolicy, int, list[AbcResult], np.ndarray[Any, Any]]:
    """Some months of one population under one policy, a few absent here and there."""
    policy = replace(
        draw(POLICIES),
        dynamics_periods=draw(st.integers(1, 4)),
        dynamics_margin=Decimal(draw(st.integers(0, 30))) / 100,
    )
    size, length = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    row = st.lists(st.integers(-2, 30), min_size=size, max_size=size)
    since = st.lists(st.sampled_from([1, 40, 40, 40]), min_size=size, max_size=size)
    results = [classify(draw(row), policy, first=draw(since)) for _month in range(length)]
    present = np.array(
        [draw(st.lists(st.sampled_from([True] * 5 + [False]), min_size=size, max_size=size)) for _ in results]
    )
    return policy, size, results, present


@settings(max_examples=200)
@given(histories())
def test_the_fold_of_one_history_equals_the_replay_of_steps(case: Any) -> None:
    policy, size, results, present = case
    raw = np.where(present, np.array([result.klass for result in results]), "")
    columns = {
        "basis": np.array([result.basis for result in results]),
        "cumulative": np.array([result.cumulative for result in results]),
    }
    totals = [result.total for result in results]
    replay = effective_classes(raw=raw, totals=totals, policy=policy, **columns)
    padded = np.concatenate((np.full((policy.dynamics_periods, size), ""), raw))
    pending = pending_class(effective=replay[-1], previous_raw=padded[-policy.dynamics_periods : -1], raw=raw[-1])
    for one in range(size):
        history = [
            MonthEnd(
                str(raw[month, one]), int(columns["basis"][month, one]), int(columns["cumulative"][month, one]), total
            )
            for month, total in enumerate(totals)
        ]
        steps = fold(history=history, policy=policy)
        assert [step.klass for step in steps] == replay[:, one].tolist()
        assert steps[-1].pending == pending[one]


def test_one_step_needs_only_the_month_before() -> None:
    before, raw = np.array(["A", "A", "A", "N", ""]), np.array(["B", "B", "B", "C", "C"])
    clear = clear_of_cut(
        previous_effective=before,
        raw=raw,
        basis=column([10] * 5),
        cumulative=column([710, 710, 730, 950, 950]),
        total=1000,
        policy=POLICY,
    )
    assert clear.tolist() == [False, False, True, False, False]
    previous_raw = np.array(["A", "B", "A", "N", ""])
    effective = next_effective(previous_effective=before, previous_raw=previous_raw, raw=raw, clear=clear)
    assert "".join(effective) == "ABBCC"
    assert pending_class(effective=effective, previous_raw=previous_raw, raw=raw).tolist() == ["B", "", "", "", ""]


# --- the curve and the movements


def test_the_curve_runs_from_nothing_to_all_and_keeps_the_borders() -> None:
    result = classify_table()
    curve = pareto(basis=result.basis, klass=result.klass)
    assert curve.borders == {"A": 4, "B": 6, "C": 13}
    assert curve.position.tolist() == list(range(14))
    assert (curve.cumulative // UNIT).tolist() == [
        0,
        400,
        620,
        700,
        780,
        850,
        900,
        940,
        970,
        1000,
        1000,
        1000,
        1000,
        1000,
    ]
    assert (curve.distributors[0], curve.distributors[4], curve.distributors[-1]) == (0, 307_692, 1_000_000)
    assert (curve.share[4], curve.share[-1]) == (780_000, 1_000_000)
    assert "".join(curve.klass[1:]) == "AAAABBCCCCCCC"
    with pytest.raises(ValueError, match="five points"):
        pareto(basis=result.basis, klass=result.klass, points=4)


@given(AMOUNTS, POLICIES, st.integers(5, 20))
def test_the_curve_never_has_more_points_than_asked_and_never_falls(
    basis: list[int], policy: AbcPolicy, points: int
) -> None:
    result = classify(basis, policy)
    curve = pareto(basis=result.basis, klass=result.klass, points=points)
    assert curve.position.size <= points
    assert (curve.position[0], curve.position[-1]) == (0, len(basis))
    assert set(curve.borders.values()) <= set(curve.position.tolist())
    assert (np.diff(curve.position) > 0).all()
    assert (np.diff(curve.cumulative) >= 0).all()
    assert curve.cumulative[-1] == curve.total == result.total


def test_movements_count_who_stayed_moved_joined_and_left() -> None:
    before = np.array(["A", "A", "B", "C", "N", "", "B", "", "C"])
    after = np.array(["A", "B", "A", "C", "C", "N", "", "", "A"])
    counted = movements(before=before, after=after)
    assert counted.matrix.tolist() == [[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [0, 0, 1, 0]]
    assert (counted.joined.tolist(), counted.left.tolist()) == ([0, 0, 0, 1], [0, 1, 0, 0])
    assert (counted.improved, counted.worsened, counted.unchanged) == (2, 1, 2)
    with pytest.raises(ValueError, match="A class is"):
        movements(before=np.array(["D"]), after=np.array(["A"]))


@given(st.lists(st.tuples(st.sampled_from(["", *CLASSES]), st.sampled_from(["", *CLASSES])), min_size=1, max_size=30))
def test_movements_lose_nobody(pairs: list[tuple[str, str]]) -> None:
    assume(("", "") not in pairs)
    before, after = (np.array(side) for side in zip(*pairs, strict=True))
    counted = movements(before=before, after=after)
    assert counted.matrix.sum() + counted.joined.sum() + counted.left.sum() == len(pairs)
