"""Invoices, credit notes, payments and open orders that follow from the sale lines and from how each pays."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from config.demo.catalogue import RATE_UNIT
from config.demo.channel import CURRENCIES, Channel
from config.demo.sales import Ledger
from config.demo.writing import rows_write
from core.database import rows
from distributors.ledger.models import LineKind, SaleLine
from distributors.ledger.records import Invoice, Order, Payment

CHUNK = 2_000
TERMS = {
    "general": (45, 60), "authorised": (30, 30), "value_added": (45, 60), "retailer": (60, 90), "online": (60, 90),
    "ordinary": (0, 0),
}  # fmt: skip
OVERSEAS_DAYS, AHEAD = 60, 30
LATE_SHARE, LATE_DAYS = 0.14, 22
ACCEPTED, ACCEPTANCE_DAYS = 0.4, 180
STATED, PART_PAID, OVERPAID, DISPUTED, CANCELLED, REVERSED = 0.75, 0.04, 0.002, 0.006, 0.002, 0.0005
OPEN_ORDERS = 0.15
LATE_NOTED = 100


@dataclass
class Terms:
    """How each distributor pays; one element a distributor."""

    days: NDArray[np.int64]
    prepaid: NDArray[np.bool_]
    ahead: NDArray[np.bool_]
    accepts: NDArray[np.bool_]
    late: NDArray[np.bool_]


@dataclass
class Bills:
    """Invoices and credit notes as columns; days are ordinals, amounts ten-thousandths with tax."""

    who: NDArray[np.int64]
    number: pa.Array
    day: NDArray[np.int64]
    due: NDArray[np.int64]
    currency: NDArray[np.int64]
    amount: NDArray[np.int64]
    base: NDArray[np.int64]
    credit: NDArray[np.bool_]
    cancelled: NDArray[np.bool_]


@dataclass
class Money:
    """Payments as columns; `bill` is the place of the invoice they are meant for."""

    bill: NDArray[np.int64]
    day: NDArray[np.int64]
    amount: NDArray[np.int64]
    ahead: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    stated: NDArray[np.bool_]


def terms_plan(channel: Channel, rng: np.random.Generator) -> Terms:
    """Return who pays before, who on terms, who late."""
    low = np.array([TERMS[kind][0] for kind in channel.kind])
    high = np.array([TERMS[kind][1] for kind in channel.kind])
    prepaid = channel.home & ((high == 0) | (channel.tier > 1))
    days = np.where(channel.home, rng.integers(low, high + 1), OVERSEAS_DAYS)
    return Terms(
        days=np.where(prepaid, 0, days),
        prepaid=prepaid,
        ahead=~channel.home & (rng.random(channel.size) < 0.5),
        accepts=channel.home & (channel.kind == "authorised"),
        late=~prepaid & (rng.random(channel.size) < LATE_SHARE),
    )


def late_note(ledger: Ledger, terms: Terms) -> None:
    """Write down who was made to pay late."""
    channel = ledger.demand.channel
    for who in np.flatnonzero(terms.late & (channel.tier == 1) & (channel.weight > 0))[:LATE_NOTED]:
        text = f"Pays {LATE_DAYS} days late on average"
        ledger.planted.add(
            "late_payer", text, channel.code[who], ledger.demand.first, "overdue", terms=int(terms.days[who])
        )


def receivables_write(ledger: Ledger, batches: tuple[int, int, int]) -> tuple[int, int, int]:
    """Write what tier 1 owes and paid, chunk by chunk; return how many invoices, payments and orders there are.

    `batches` are the numbers of the batches of invoices, payments and orders.
    """
    channel = ledger.demand.channel
    rng = np.random.default_rng([ledger.seed, 5])
    terms = terms_plan(channel, rng)
    late_note(ledger, terms)
    counts = np.zeros(3, dtype=np.int64)
    for bills in _bills(ledger, terms, rng):
        money = _payments(ledger, bills, terms, rng)
        _invoices_write(ledger, bills, money, batches[0], rng)
        counts += (len(bills.who), _payments_write(ledger, bills, money, batches[1], int(counts[1]), rng), 0)
    counts[2] = _orders_write(ledger, batches[2], rng)
    return int(counts[0]), int(counts[1]), int(counts[2])


def _bills(ledger: Ledger, terms: Terms, rng: np.random.Generator) -> Iterator[Bills]:
    channel = ledger.demand.channel
    first = int(channel.pk[0])
    for start in range(0, channel.size, CHUNK):
        found = rows(
            f"SELECT distributor_id, order_number, day, currency, kind, sum(amount + tax), sum(base_amount + base_tax) "
            f"FROM {SaleLine._meta.db_table} WHERE superseded_by_id IS NULL AND kind <> '{LineKind.SELL_THROUGH}' "
            f"AND distributor_id >= {first + start} AND distributor_id < {first + start + CHUNK} "
            "GROUP BY distributor_id, order_number, day, currency, kind "
            "HAVING sum(amount + tax) <> 0 ORDER BY distributor_id, day, order_number, kind"
        )
        if found:
            yield _bills_of(found, channel, terms, rng)


def _bills_of(found: list[tuple[Any, ...]], channel: Channel, terms: Terms, rng: np.random.Generator) -> Bills:
    pk, order, day, currency, kind, amount, base = (list(column) for column in zip(*found, strict=True))
    who = np.array(pk, dtype=np.int64) - int(channel.pk[0])
    days = np.array(day, dtype="datetime64[D]").astype(np.int64) + UNIX
    credit = np.array(kind) == LineKind.RETURN
    mine = channel.tier[who] == 1
    number = pc.replace_substring_regex(pa.array(order), "^SO", "INV")
    number = pc.if_else(pa.array(credit), pc.replace_substring_regex(number, "^INV", "CN"), number)
    bills = Bills(
        who=who,
        number=number,
        day=days,
        due=days + terms.days[who],
        currency=np.array([CURRENCIES.index(one) for one in currency]),
        amount=np.abs(np.array(amount, dtype=np.int64)),
        base=np.abs(np.array(base, dtype=np.int64)),
        credit=credit,
        cancelled=~credit & (rng.random(len(who)) < CANCELLED),
    )
    kept = np.flatnonzero(mine)
    return Bills(**{name: _take(column, kept) for name, column in vars(bills).items()})


UNIX = 719_163  # the ordinal of 1970-01-01


def _take(column: Any, chosen: NDArray[np.int64]) -> Any:
    return column.take(pa.array(chosen)) if isinstance(column, pa.Array) else column[chosen]


def _payments(ledger: Ledger, bills: Bills, terms: Terms, rng: np.random.Generator) -> Money:
    """Return what came in until the last day of the data."""
    bill = np.flatnonzero(~bills.credit & ~bills.cancelled)
    who, day, amount = bills.who[bill], bills.day[bill], bills.amount[bill]
    prepaid, ahead = terms.prepaid[who], terms.ahead[who]
    parts = np.where(prepaid, 100, np.where(ahead, AHEAD, 0))
    before = Money(
        bill=bill,
        day=day - rng.integers(1, 11, len(bill)),
        amount=amount * parts // 100,
        ahead=np.ones(len(bill), bool),
        accepted=np.zeros(len(bill), bool),
        stated=np.ones(len(bill), bool),
    )
    delay = np.where(terms.late[who], 1 + rng.exponential(LATE_DAYS, len(bill)), -rng.integers(0, 6, len(bill)))
    rest = amount - before.amount
    part = rng.random(len(bill)) < PART_PAID
    paid = np.where(part, rest * 6 // 10, rest) + np.where(rng.random(len(bill)) < OVERPAID, 1000 * 10_000, 0)
    after = Money(
        bill=bill,
        day=np.maximum(bills.due[bill] + delay.astype(np.int64), day),
        amount=np.where(rest > 0, paid, 0),
        ahead=np.zeros(len(bill), bool),
        accepted=terms.accepts[who] & (rng.random(len(bill)) < ACCEPTED),
        stated=rng.random(len(bill)) < STATED,
    )
    both = Money(**{name: np.concatenate([vars(before)[name], vars(after)[name]]) for name in vars(before)})
    first, last = ledger.demand.first.toordinal(), ledger.demand.last.toordinal()
    both.day = np.maximum(both.day, first)
    kept = np.flatnonzero((both.amount > 0) & (both.day <= last))
    kept = kept[np.lexsort((both.bill[kept], both.day[kept]))]
    return Money(**{name: column[kept] for name, column in vars(both).items()})


def _invoices_write(ledger: Ledger, bills: Bills, money: Money, batch: int, rng: np.random.Generator) -> None:
    unpaid = np.ones(len(bills.who), bool)
    unpaid[money.bill] = False
    disputed = unpaid & ~bills.credit & ~bills.cancelled & (rng.random(len(bills.who)) < DISPUTED * 10)
    rows_write(
        Invoice,
        {
            **_common(ledger, bills.who, bills.number, batch),
            "kind": _words((Invoice.Kind.INVOICE, Invoice.Kind.CREDIT_NOTE), bills.credit),
            "day": _dates(bills.day),
            "due_on": _dates(np.where(bills.credit, bills.day, bills.due)),
            "amount": bills.amount,
            "currency": _words(CURRENCIES, bills.currency),
            "base_amount": bills.base,
            "disputed": disputed,
            "cancelled": bills.cancelled,
        },
        len(bills.who),
    )


def _payments_write(
    ledger: Ledger, bills: Bills, money: Money, batch: int, before: int, rng: np.random.Generator
) -> int:
    """Write payments, and reversals of a few that bounced; return how many."""
    who, currency = bills.who[money.bill], bills.currency[money.bill]
    count = len(money.bill)
    numbers = pc.binary_join_element_wise(
        "PAY", pc.utf8_lpad(pa.array(np.arange(before + 1, before + count + 1)).cast(pa.string()), 8, "0"), ""
    )
    bounced = np.flatnonzero((rng.random(count) < REVERSED) & ~money.accepted)
    bounced = bounced[money.day[bounced] + 5 <= ledger.demand.last.toordinal()]
    again = pa.array(bounced)
    none = pa.array([""] * count)
    parts = [
        (who, numbers, money.day, money.amount, currency, money.ahead, money.accepted,
         pc.if_else(pa.array(money.stated), bills.number.take(pa.array(money.bill)), none), none),
        (who[bounced], pc.binary_join_element_wise(numbers.take(again), "R", ""), money.day[bounced] + 5,
         -money.amount[bounced], currency[bounced], money.ahead[bounced], money.accepted[bounced],
         none.take(again), numbers.take(again)),
    ]  # fmt: skip
    for whose, number, day, amount, coin, ahead, accepted, settles, reverses in parts:
        due = pa.array(_days64(day + ACCEPTANCE_DAYS), mask=~accepted)
        rows_write(
            Payment,
            {
                **_common(ledger, whose, number, batch),
                "day": _dates(day),
                "kind": _words((Payment.Kind.SETTLEMENT, Payment.Kind.PREPAYMENT), ahead),
                "method": _words((Payment.Method.TRANSFER, Payment.Method.ACCEPTANCE), accepted),
                "due_on": due,
                "amount": amount,
                "currency": _words(CURRENCIES, coin),
                "base_amount": _based(ledger, amount, coin, day),
                "settles": settles,
                "reverses": reverses,
            },
            len(whose),
        )
    return count + len(bounced)


def _orders_write(ledger: Ledger, batch: int, rng: np.random.Generator) -> int:
    """Write what is ordered and not invoiced yet."""
    channel, last = ledger.demand.channel, ledger.demand.last.toordinal()
    trades = (channel.tier == 1) & (channel.weight > 0) & np.isin(channel.state, ("active", "watch"))
    who = np.flatnonzero(trades & (rng.random(channel.size) < OPEN_ORDERS))
    month = ledger.demand.actual[who][:, -4:-1].mean(axis=1)  # cents of the base currency
    day = last - rng.integers(0, 20, len(who))
    base = (np.maximum(month * rng.uniform(0.1, 0.6, len(who)), 100_000)).astype(np.int64) // 100 * 10_000
    rates = _rates(ledger, channel.currency[who], day)
    rows_write(
        Order,
        {
            **_common(ledger, who, pa.array([f"OO{place:06d}" for place in range(1, len(who) + 1)]), batch),
            "day": _dates(day),
            "open_amount": base * RATE_UNIT // rates // 100 * 100,
            "currency": _words(CURRENCIES, channel.currency[who]),
            "base_open_amount": _based(ledger, base * RATE_UNIT // rates // 100 * 100, channel.currency[who], day),
        },
        len(who),
    )
    return len(who)


def _common(ledger: Ledger, who: NDArray[np.int64], number: pa.Array, batch: int) -> dict[str, Any]:
    pk = ledger.demand.channel.pk[who]
    return {
        "source_id": ledger.source,
        "external_id": number,
        "batch_id": batch,
        "superseded_by_id": pa.nulls(len(who), pa.int64()),
        "distributor_id": pk,
    }


def _rates(ledger: Ledger, currency: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int64]:
    place = np.clip(day - ledger.demand.first.toordinal(), 0, ledger.rates.shape[1] - 1)
    found: NDArray[np.int64] = ledger.rates[currency, place]
    return found


def _based(
    ledger: Ledger, amount: NDArray[np.int64], currency: NDArray[np.int64], day: NDArray[np.int64]
) -> NDArray[np.int64]:
    product = np.abs(amount) * _rates(ledger, currency, day)
    based: NDArray[np.int64] = np.sign(amount) * ((product + RATE_UNIT // 2) // RATE_UNIT)
    return based


def _days64(day: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return (day - UNIX).astype("datetime64[D]")


def _dates(day: NDArray[np.int64]) -> pa.Array:
    return pa.array(_days64(day))


def _words(words: Any, index: NDArray[Any]) -> pa.Array:
    return pa.array([str(word) for word in words]).take(pa.array(index.astype(np.int64)))
