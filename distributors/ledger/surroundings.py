"""What a file is read against: the codes that are known, the rates, the base currency, today."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from accounts.models import Territory, User
from core import clock
from core.company import company
from core.models import Company
from core.money import SCALE
from distributors.ledger.fields import RATE_SCALE
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.mapping import Layer
from distributors.ledger.models import ExchangeRate, Product, ProductUnit, Source
from distributors.profiles.models import Distributor, DistributorType
from distributors.profiles.services import types_seed

CARRY_DAYS = 7


class Codes:
    """Codes and the keys of their rows, for whole columns at once."""

    def __init__(self, pairs: Any):
        found = list(pairs)
        self.codes = pa.array([code for code, _key in found], pa.string())
        self.keys = pa.array([key for _code, key in found], pa.int64())
        self.spelled = self.codes

    @classmethod
    def by_name(cls, named: Any) -> Self:
        """Return the names in rows of (key, code, *names) that only one of them has, each for its key and code."""
        found: dict[str, set[tuple[int, str]]] = {}
        for key, code, *names in named:
            for name in filter(None, names):
                found.setdefault(str(name).strip(), set()).add((key, code))
        sure = {name: next(iter(rows)) for name, rows in found.items() if len(rows) == 1}
        made = cls((name, key) for name, (key, _code) in sure.items())
        made.spelled = pa.array([code for _key, code in sure.values()], pa.string())
        return made

    def find(self, column: pa.Array) -> pa.Array:
        """Return the keys for a column of codes, null where a code is not known."""
        return self.keys.take(pc.index_in(column, value_set=self.codes))


def _people_named() -> list[tuple[int, str, str]]:
    rows = User.objects.exclude(role="api_client").values_list("pk", "code", "email", "name")
    return [(pk, code or email, name) for pk, code, email, name in rows]


def _people() -> list[tuple[str, int]]:
    found = list(User.objects.exclude(role="api_client").values_list("code", "email", "pk"))
    return [(code, pk) for code, _email, pk in found if code] + [(email, pk) for _code, email, pk in found]


def _types() -> list[tuple[str, int]]:
    found = list(DistributorType.objects.values_list("code", "pk"))
    return found or [(code, one.pk) for code, one in types_seed().items()]


def base_of(company: Company) -> list[str]:
    """Return what base amounts are computed with: the base currency and the kind of rate."""
    return [str(company.base_currency), str(company.rate_kind)]


class Surroundings:
    """The state of the installation, read once for each file; `actor` narrows which distributors are known."""

    def __init__(self, *, source_code: str, actor: User | None):
        self.source_code, self.actor = source_code, actor
        self.today: date = clock.today()
        self.company = company()
        self._codes: dict[tuple[str, str], Codes] = {}
        self.rate_on = lru_cache(maxsize=100_000)(self._rate_on)

    def load(self, kind: Kind, layers: Iterable[Layer] = ()) -> None:
        """Read what chunks of `kind` will ask for, so that they can be parsed without the database."""
        for field in kind.fields:
            if field.refers:
                for by in {layer[field.name].by for layer in layers if field.name in layer} | {""}:
                    self.codes(field.refers, by)
        if kind.derive is not None:
            _ = (self.rates, self.units)

    @property
    def source(self) -> Source | None:
        """Return the source of the facts, None before its first import."""
        return Source.objects.filter(code=self.source_code).first()

    def source_made(self) -> Source:
        """Return the source, written down where this is its first import."""
        return Source.objects.get_or_create(code=self.source_code)[0]

    def codes(self, name: str, by: str = "") -> Codes:
        """Return the codes of what a field refers to: distributor, product, territory, person, type; or the names."""
        key = (name, "name" if by == "name" and name in self._namers else "")
        if key not in self._codes:
            self._codes[key] = Codes.by_name(self._namers[name]()) if key[1] else Codes(self._loaders[name]())
        return self._codes[key]

    def named(self, name: str) -> bool:
        """Tell whether what a field refers to may be called by its name, too."""
        return name in self._namers

    @property
    def _namers(self) -> dict[str, Callable[[], Any]]:
        """Return what gives rows of (key, code, *names)."""
        names = ("pk", "code", "name")
        return {
            "distributor": lambda: self._distributors().values_list(
                "pk", "code", "legal_name", "short_name", "other_name"
            ),
            "product": lambda: Product.objects.filter(source__code=self.source_code).values_list("pk", "sku", "name"),
            "territory": lambda: Territory.objects.values_list(*names),
            "person": _people_named,
            "reached_territory": lambda: self._territories().values_list(*names),
            "reached_person": self._reached_people_named,
        }

    @property
    def _loaders(self) -> dict[str, Callable[[], Any]]:
        return {
            "distributor": lambda: self._distributors().values_list("code", "pk"),
            "product": lambda: Product.objects.filter(source__code=self.source_code).values_list("sku", "pk"),
            "territory": lambda: Territory.objects.values_list("code", "pk"),
            "person": _people,
            "reached_territory": lambda: self._territories().values_list("code", "pk"),
            "reached_person": self._reached_people,
            "type": _types,
        }

    def _distributors(self) -> Any:
        rows = Distributor.objects
        return rows.all() if self.actor is None else rows.visible_to(self.actor, "view")

    def _territories(self) -> Any:
        rows = Territory.objects
        return rows.all() if self.actor is None else rows.visible_to(self.actor, "view")

    def _reached_people(self) -> list[tuple[str, int]]:
        """Return the people who answer for a territory that `actor` reaches, all people where it reaches everything."""
        reach = None if self.actor is None else self.actor.reach("accounts.view_territory")
        if self.actor is None or (reach and reach.everything):
            return _people()
        known = set(User.objects.filter(territories__in=self._territories()).values_list("pk", flat=True))
        return [(code, pk) for code, pk in _people() if pk in known]

    def _reached_people_named(self) -> list[tuple[int, str, str]]:
        reached = {pk for _code, pk in self._reached_people()}
        return [row for row in _people_named() if row[0] in reached]

    @property
    def base(self) -> list[str]:
        """Return the base currency and the kind of rate as they were when the surroundings were read."""
        return base_of(self.company)

    @cached_property
    def base_currency(self) -> str:
        """Return the company's base currency."""
        return str(self.company.base_currency)

    @cached_property
    def rates(self) -> dict[str, dict[date, int]]:
        """Return the rates to the base currency by currency and day, in units of 10^-12."""
        found: dict[str, dict[date, int]] = {}
        rows = ExchangeRate.objects.filter(kind=self.company.rate_kind)
        for currency, day, rate in rows.values_list("currency", "day", "rate"):
            found.setdefault(currency, {})[day] = int(rate * RATE_SCALE)
        return found

    def rate_of(self, currency: str, day: date) -> tuple[int, bool] | None:
        """Return (rate, carried forward) of a day, one for the base currency; None where there is none."""
        return (RATE_SCALE, False) if currency == self.base_currency else self.rate_on(currency, day)

    def _rate_on(self, currency: str, day: date) -> tuple[int, bool] | None:
        """Return (rate, carried forward) of a day, looking back at most seven days; None where there is none."""
        days = self.rates.get(currency, {})
        for back in range(CARRY_DAYS + 1):
            if rate := days.get(day - timedelta(days=back)):
                return rate, back > 0
        return None

    @cached_property
    def units(self) -> dict[tuple[int, str], int]:
        """Return how many base units (in ten-thousandths) each unit of a product holds."""
        products = Product.objects.filter(source__code=self.source_code)
        found = dict.fromkeys(products.values_list("pk", "base_unit"), SCALE)
        rows = ProductUnit.objects.filter(product__source__code=self.source_code)
        return found | {
            (pk, unit): int(factor * SCALE) for pk, unit, factor in rows.values_list("product", "unit", "factor")
        }
