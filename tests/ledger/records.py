"""What tests of imports stand on: a small company, a way to bring a file in, and a picture of all facts."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Territory, User
from core.models import AuditEvent, Company
from core.money import to_units
from distributors.ledger.facts import FACTS as FACT_TABLES
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import (
    Batch,
    ExchangeRate,
    Import,
    MonthlyLineSales,
    MonthlySales,
    Product,
    ProductLine,
    ProductUnit,
    SaleLine,
    Source,
)
from distributors.ledger.records import Allocation, OpenItem
from distributors.ledger.services import import_process, import_start
from distributors.profiles.models import Assignment, Distributor, Place, Standing
from tests import factories

HEAD = "external_id,distributor,product,day,quantity,amount,currency"
FACTS = (
    Territory,
    User,
    Distributor,
    Place,
    Assignment,
    Standing,
    Source,
    ProductLine,
    Product,
    ProductUnit,
    ExchangeRate,
    Batch,
    *(fact.model for fact in FACT_TABLES),
    MonthlySales,
    MonthlyLineSales,
    Allocation,
    OpenItem,
)


class Foreground:
    """Runs an import in the test; `stop` is called with each message and may raise."""

    def __init__(self, stop: Any = None):
        self.stop = stop
        self.calls: list[str] = []

    def _call(self, what: str) -> None:
        self.calls.append(what)
        if self.stop:
            self.stop(len(self.calls), what)

    def fence(self) -> None:
        self._call("fence")

    def advance(self, done: Any = None, total: Any = None, message: Any = None, place: Any = None) -> None:
        self._call(f"advance {message}")


def company(currency: str = "CNY") -> None:
    """Set the base currency."""
    Company.objects.update_or_create(pk=1, defaults={"base_currency": currency})


def small_world() -> dict[str, Any]:
    """Make distributors D1 and D2, products P1 (a box holds 12) and P2, and a dollar rate."""
    company()
    home = factories.territory("Home", code="T1")
    one, two = (factories.distributor(home, code=code) for code in ("D1", "D2"))
    boxed, plain = factories.product("P1"), factories.product("P2")
    ProductUnit.objects.create(product=boxed, unit="box", factor=Decimal(12))
    ExchangeRate.objects.create(currency="USD", day=date(2025, 3, 1), rate=Decimal("7.123456789012"))
    return {"territory": home, "one": one, "two": two, "boxed": boxed, "plain": plain}


def started(text: str | bytes, kind: str = "sales", **options: Any) -> Import:
    """Keep a file for an import without running it."""
    content = text.encode("utf-8") if isinstance(text, str) else text
    return import_start(
        actor=options.pop("actor", None),
        kind=kind_of(kind),
        file=io.BytesIO(content),
        filename=options.pop("filename", f"{kind}.csv"),
        background=False,
        **options,
    )


def bring(text: str | bytes, kind: str = "sales", **options: Any) -> Import:
    """Bring a file in, to whatever end."""
    made = started(text, kind, **options)
    import_process(import_id=made.pk, runner=Foreground())
    made.refresh_from_db()
    return made


def lines(*rows: str, head: str = HEAD) -> str:
    """Return a file of sale lines."""
    return "\n".join([head, *rows]) + "\n"


def problems(made: Import) -> list[tuple[int, str, str, str]]:
    """Return row, column, value and reason of each problem."""
    return [(one.row, one.column, one.value, str(one.reason)) for one in made.problems.all()]


def picture() -> dict[str, Any]:
    """Return all facts, to be compared before and after."""
    found: dict[str, Any] = {model.__name__: list(model.objects.order_by("pk").values_list()) for model in FACTS}
    found["audit"] = AuditEvent.objects.exclude(verb__in=["import.started", "import.refused"]).count()
    return found


def base_amounts() -> dict[str, int]:
    """Return the base amount of each line in force, in ten-thousandths."""
    current = SaleLine.objects.current().values_list("external_id", "base_amount")
    return {line: to_units(amount) for line, amount in current}
