"""The statement of account of a distributor: what moved between two days, by currency, and what is open at the end."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, Sum, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import DomainError
from core.money import MoneyField, negated
from core.sentences import Sentence
from distributors.ledger.receivable_selectors import open_items
from distributors.ledger.records import Invoice, OpenItem, Payment

ZERO = Decimal(0)
MOST_ROWS = 2000


@dataclass(frozen=True)
class Entry:
    """One row of a statement: above zero it raises what is owed, below zero it lowers it."""

    day: date
    word: str
    number: str
    due_on: date | None
    amount: Decimal
    balance: Decimal


@dataclass
class Sheet:
    """The statement in one currency."""

    currency: str
    opening: Decimal
    entries: list[Entry] = field(default_factory=list)

    @property
    def closing(self) -> Decimal:
        """Return the balance at the end."""
        return self.entries[-1].balance if self.entries else self.opening


def _invoices(user: Any, keys: list[int]) -> Any:
    rows = Invoice.objects.visible_to(user).current().for_distributors(keys).filter(cancelled=False)
    credit = When(kind=Invoice.Kind.CREDIT_NOTE, then=negated("amount"))
    owed = Case(credit, default=F("amount"), output_field=MoneyField())
    return rows.annotate(owed=owed)


def _payments(user: Any, keys: list[int]) -> Any:
    return Payment.objects.visible_to(user).current().for_distributors(keys).annotate(owed=negated("amount"))


def statement_of(user: Any, distributor_id: int, since: date, until: date) -> list[Sheet]:
    """Return the statement of a distributor by currency, in six questions.

    Raise DomainError where there is more than a page carries: a statement that is signed leaves nothing out.
    """
    opening: dict[str, Decimal] = defaultdict(Decimal)
    moves: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for rows, words in ((_invoices(user, [distributor_id]), True), (_payments(user, [distributor_id]), False)):
        before = rows.filter(day__lt=since).order_by().values("currency").annotate(total=Sum("owed"))
        for row in before:
            opening[row["currency"]] += row["total"]
        found = list(rows.filter(day__range=(since, until)).order_by("day", "pk")[: MOST_ROWS + 1])
        if len(found) > MOST_ROWS:
            raise DomainError(
                Sentence(gettext_noop("More than %(count)s entries: choose a shorter period."), count=MOST_ROWS)
            )
        for one in found:
            word = str(one.get_kind_display()) if words or one.amount > 0 else str(_("payment returned"))
            moves[one.currency].append((one.day, not words, one.pk, word, one.external_id, one))
    return [_sheet(one, opening[one], moves[one]) for one in sorted({*opening, *moves})]


def _sheet(currency: str, opening: Decimal, moves: list[tuple[Any, ...]]) -> Sheet:
    sheet, balance = Sheet(currency, opening), opening
    for day, is_payment, _pk, word, number, row in sorted(moves, key=lambda one: one[:3]):
        balance += row.owed
        sheet.entries.append(Entry(day, word, number, None if is_payment else row.due_on, row.owed, balance))
    return sheet


def open_invoices(user: Any, distributor_id: int) -> list[Any]:
    """Return the open invoices of a distributor, the oldest due first, each with its number."""
    rows = open_items(user, distributor_ids=[distributor_id]).filter(Q(kind=OpenItem.Kind.INVOICE))
    return list(rows.annotate(number=F("invoice__external_id")).order_by("due_on", "pk")[:MOST_ROWS])
