"""Which payment settles which invoice: by known cases, and by what holds whatever the amounts."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from distributors.ledger.calculations.allocation import SAFE, UNKNOWN, WHOLE, Items, Means, Settled, Stated, allocate

HUGE = int(SAFE) - 1
RATES = (10**12, 7_123_456_789_012, 140_000_000_000)


@dataclass(frozen=True)
class Pay:
    """One payment: `states` are (item or UNKNOWN, amount or WHOLE)."""

    amount: int
    account: int = 0
    currency: int = 0
    free: bool = True
    states: tuple[tuple[int, int], ...] = ()


def settle(items, pays):
    """Allocate plain records: items as (amount, account, currency), in the order of their due dates."""
    one = [(place, *state, number) for place, pay in enumerate(pays) for number, state in enumerate(pay.states)]
    columns = [np.array(column, np.int64) for column in (zip(*one, strict=True) if one else ([], [], [], []))]
    pay_currency = np.array([pay.currency for pay in pays], np.int64)
    item_currency = np.array([item[2] for item in items], np.int64)
    rates = np.array(RATES)
    known = columns[1] != UNKNOWN
    item_rate = rates[pay_currency[columns[0]]].copy()
    item_rate[known] = rates[item_currency[columns[1][known]]]
    return allocate(
        Items(
            account=np.array([item[1] for item in items], np.int64),
            currency=item_currency,
            amount=np.array([item[0] for item in items], np.int64),
            order=np.arange(len(items)),
        ),
        Means(
            account=np.array([pay.account for pay in pays], np.int64),
            currency=pay_currency,
            amount=np.array([pay.amount for pay in pays], np.int64),
            order=np.arange(len(pays)),
            free=np.array([pay.free for pay in pays], np.bool_),
        ),
        Stated(
            means=columns[0],
            item=columns[1],
            place=columns[3],
            amount=columns[2],
            rate=rates[pay_currency[columns[0]]],
            item_rate=item_rate,
        ),
    )


def shares(found: Settled):
    """Return (payment, item, amount, used, stated) of each share, in order."""
    columns = (found.means, found.item, found.amount, found.used, found.stated)
    return sorted(tuple(int(value) for value in row) for row in zip(*columns, strict=True))


def test_nothing_settles_nothing():
    found = settle([], [])
    assert shares(found) == []
    assert settle([(5, 0, 0)], []).open.tolist() == [5]
    assert settle([], [Pay(5)]).left.tolist() == [5]


def test_the_oldest_is_settled_first_in_part_and_over_several():
    found = settle([(100, 0, 0), (50, 0, 0), (30, 0, 0)], [Pay(120), Pay(20)])
    assert shares(found) == [(0, 0, 100, 100, 0), (0, 1, 20, 20, 0), (1, 1, 20, 20, 0)]
    assert found.open.tolist() == [0, 10, 30]


def test_accounts_and_currencies_settle_only_their_own():
    found = settle([(100, 0, 0), (100, 1, 0), (100, 0, 1)], [Pay(70, 1, 0), Pay(60, 0, 1), Pay(40, 2, 0)])
    assert shares(found) == [(0, 1, 70, 70, 0), (1, 2, 60, 60, 0)]
    assert found.left.tolist() == [0, 0, 40]


def test_an_over_payment_stays_as_a_credit():
    found = settle([(100, 0, 0)], [Pay(150)])
    assert (found.open.tolist(), found.left.tolist()) == ([0], [50])


def test_what_is_stated_goes_first_and_its_rest_to_the_oldest():
    found = settle([(100, 0, 0), (50, 0, 0)], [Pay(30), Pay(80, states=((1, WHOLE),))])
    assert shares(found) == [(0, 0, 30, 30, 0), (1, 0, 30, 30, 0), (1, 1, 50, 50, 1)]
    assert found.open.tolist() == [40, 0]


def test_of_two_payments_that_state_one_invoice_the_earlier_has_it():
    found = settle([(100, 0, 0)], [Pay(80, states=((0, WHOLE),)), Pay(80, states=((0, WHOLE),))])
    assert shares(found) == [(0, 0, 80, 80, 1), (1, 0, 20, 20, 1)]
    assert found.left.tolist() == [0, 60]


def test_a_payment_states_several_with_amounts_and_never_more_than_it_is():
    found = settle([(100, 0, 0), (100, 0, 0)], [Pay(70, states=((1, 50), (0, 30)))])
    assert shares(found) == [(0, 0, 20, 20, 1), (0, 1, 50, 50, 1)]


def test_what_is_stated_for_an_invoice_that_has_not_come_waits_for_it():
    found = settle([(100, 0, 0)], [Pay(80, states=((UNKNOWN, 50),)), Pay(60, states=((UNKNOWN, WHOLE),))])
    assert shares(found) == [(0, 0, 30, 30, 0)]
    assert found.left.tolist() == [50, 60]


def test_a_prepayment_settles_only_what_it_states():
    found = settle([(100, 0, 0)], [Pay(30, free=False), Pay(30, free=False, states=((0, 20),))])
    assert shares(found) == [(1, 0, 20, 20, 1)]
    assert found.left.tolist() == [30, 10]


def test_a_stated_payment_in_another_currency_is_converted_half_up():
    found = settle([(10_000_000, 0, 0)], [Pay(1_000_000, 0, 1, states=((0, WHOLE),))])
    assert shares(found) == [(0, 0, 7_123_457, 1_000_000, 1)]
    found = settle([(5_000_000, 0, 0)], [Pay(1_000_000, 0, 1, states=((0, WHOLE),))])
    used = int((Decimal(5_000_000) * RATES[0] / RATES[1]).quantize(Decimal(1), ROUND_HALF_UP))
    assert shares(found) == [(0, 0, 5_000_000, used, 1)]
    assert found.left.tolist() == [1_000_000 - used]


def test_a_hundredth_of_a_foreign_cent_is_never_settled_for_nothing():
    found = settle([(1, 0, 0)], [Pay(1_000_000, 0, 1, states=((0, WHOLE),))])
    assert shares(found) == [(0, 0, 1, 1, 1)]


def test_amounts_beyond_64_bits_in_sum_are_exact():
    items = [(HUGE, 0, 0), (HUGE, 0, 0), (HUGE, 1, 0)]
    found = settle(items, [Pay(HUGE, states=((1, WHOLE),)), Pay(HUGE), Pay(HUGE, 1), Pay(7)])
    assert found.open.tolist() == [0, 0, 0]
    assert found.left.tolist() == [0, 0, 0, 7]


ACCOUNTS, CURRENCIES = st.integers(0, 2), st.integers(0, 2)
AMOUNTS = st.one_of(st.integers(1, 300), st.integers(1, 10**17))


@st.composite
def cases(draw):
    items = draw(st.lists(st.tuples(AMOUNTS, ACCOUNTS, CURRENCIES), max_size=8))
    pays = []
    for _ in range(draw(st.integers(0, 8))):
        account = draw(ACCOUNTS)
        own = [UNKNOWN, *(place for place, item in enumerate(items) if item[1] == account)]
        stated = draw(st.lists(st.sampled_from(own), unique=True, max_size=3))
        several = len(stated) > 1
        states = tuple((item, draw(AMOUNTS) if several else WHOLE) for item in stated)
        pays.append(Pay(draw(AMOUNTS), account, draw(CURRENCIES), draw(st.booleans()), states))
    return items, pays


def one_by_one(items, pays):
    """Settle by the sentences of the handbook, one after the other, to compare with; one currency for each account."""
    left, opened = [pay.amount for pay in pays], [item[0] for item in items]
    waits = [0] * len(pays)
    found = []
    for place, pay in enumerate(pays):
        rest = pay.amount
        for item, asked in pay.states:
            asked = min(rest, rest if asked == WHOLE else asked)
            rest -= asked
            if item == UNKNOWN:
                waits[place] += asked
                continue
            share = min(asked, opened[item])
            if share:
                found.append((place, item, share, share, 1))
            left[place] -= share
            opened[item] -= share
    for place, pay in enumerate(pays):
        for item, (_amount, account, currency) in enumerate(items):
            share = min(left[place] - waits[place], opened[item])
            if pay.free and (account, currency) == (pay.account, pay.currency) and share:
                found.append((place, item, share, share, 0))
                left[place] -= share
                opened[item] -= share
    return sorted(found)


@settings(max_examples=400, deadline=None)
@given(cases())
def test_columns_give_what_one_by_one_gives(case):
    items, pays = case
    items = [(amount, account, 0) for amount, account, _currency in items]
    pays = [Pay(pay.amount, pay.account, 0, pay.free, pay.states) for pay in pays]
    assert shares(settle(items, pays)) == one_by_one(items, pays)


@settings(max_examples=400, deadline=None)
@given(cases())
def test_money_is_conserved_on_both_sides(case):
    items, pays = case
    found = settle(items, pays)
    settled, used = [0] * len(items), [0] * len(pays)
    for means, item, amount, spent, _stated in shares(found):
        assert amount > 0
        assert spent > 0
        assert items[item][1] == pays[means].account
        settled[item] += amount
        used[means] += spent
    assert [item[0] - part for item, part in zip(items, settled, strict=True)] == found.open.tolist()
    assert [pay.amount - part for pay, part in zip(pays, used, strict=True)] == found.left.tolist()
    assert min([*found.open.tolist(), *found.left.tolist()], default=0) >= 0


@settings(max_examples=200, deadline=None)
@given(cases())
def test_nobody_keeps_a_credit_beside_an_older_open_item(case):
    items, pays = case
    found = settle(items, pays)
    for pay, left in zip(pays, found.left.tolist(), strict=True):
        if pay.free and left and not any(item == UNKNOWN for item, _amount in pay.states):
            own = [place for place, item in enumerate(items) if item[1:] == (pay.account, pay.currency)]
            assert all(found.open[place] == 0 for place in own)


def test_the_worked_example_of_the_documentation():
    # The tables of docs/calculations/allocation.md.
    r1, r2, r3 = 0, 1, 2
    found = settle(
        [(1000, 0, 0), (600, 0, 0), (500, 0, 0)],
        [
            Pay(700, states=((r2, WHOLE),)),
            Pay(300, states=((r2, 200), (UNKNOWN, 100))),
            Pay(550),
            Pay(80, free=False),
        ],
    )
    assert shares(found) == [
        (0, r1, 100, 100, 0),
        (0, r2, 600, 600, 1),
        (1, r1, 200, 200, 0),
        (2, r1, 550, 550, 0),
    ]
    assert found.open.tolist() == [150, 0, 500]
    assert found.left.tolist() == [0, 100, 0, 80]
    assert found.open[r3] == 500
