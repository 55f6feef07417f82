"""Product lines, products, units and exchange rates."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from config.demo.sizes import Size, apportion
from distributors.ledger.models import ExchangeRate, Product, ProductLine, ProductUnit, Source

LAUNCH_MONTH = 21  # month 22, counted from zero
RATE_UNIT = 10_000  # rates have four decimals


@dataclass(frozen=True)
class Line:
    """A product line: its share of sales, list prices, recommended floor, months in season and how much they gain."""

    code: str
    zh: str
    en: str
    share: float
    low: int
    high: int
    floor: float | None
    season: tuple[int, ...]
    carton: int = 1
    season_abroad: tuple[int, ...] | None = None
    launched: int | None = None


LINES = (
    Line("generators", "汽油发电机组", "Gasoline generators", 0.20, 1200, 9800, 0.92, (7, 8, 9)),
    Line("pumps", "水泵", "Water pumps", 0.19, 260, 6500, 0.93, (3, 4, 5, 6, 7), carton=4),
    Line("tools", "锂电工具", "Lithium tools", 0.16, 180, 1900, 0.90, (9, 10, 11), carton=10),
    Line("garden", "园林机械", "Garden machinery", 0.12, 450, 4200, 0.92, (3, 4, 5)),
    Line("compressors", "空压机", "Air compressors", 0.10, 900, 16000, 0.94, ()),
    Line("welders", "电焊机", "Welders", 0.08, 320, 7800, 0.92, (3, 10), carton=2),
    Line("washers", "高压清洗机", "Pressure washers", 0.07, 380, 5600, 0.91, (4, 5, 6)),
    Line(
        "solar",
        "光伏水泵",
        "Solar pumps",
        0.04,
        2600,
        28000,
        0.95,
        (),
        season_abroad=(1, 2, 3, 4),
        launched=LAUNCH_MONTH,
    ),
    Line("parts", "配件耗材", "Parts", 0.04, 5, 600, None, (), carton=20),
)
IN_SEASON = 1.7


@dataclass
class Catalogue:
    """Products as arrays: line, list price in cents, cost in cents, carton size, popularity within the line."""

    line: NDArray[np.int64]
    price: NDArray[np.int64]
    cost: NDArray[np.int64]
    carton: NDArray[np.int64]
    first: NDArray[np.int64]
    popularity: list[NDArray[np.float64]]
    pk: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Return the number of products."""
        return len(self.line)


def catalogue_write(size: Size, rng: np.random.Generator, source: Source, launch: date, start: date) -> Catalogue:
    """Write lines, products and units, and return them as arrays."""
    counts = apportion(size.products, [line.share + 0.03 for line in LINES])
    owner = np.repeat(np.arange(len(LINES)), counts)
    price = np.concatenate([_prices(line, count, rng) for line, count in zip(LINES, counts, strict=True)])
    cost = (price * rng.uniform(0.50, 0.58, len(price))).round(-1).astype(np.int64).clip(100)
    lines = ProductLine.objects.bulk_create(
        [ProductLine(code=line.code, name=f"{line.zh} {line.en}") for line in LINES]
    )
    numbers = np.concatenate([np.arange(1, count + 1) for count in counts])
    products = Product.objects.bulk_create(
        [
            _product(LINES[line], lines[line], int(number), int(cents), int(own), source, launch, start)
            for line, number, cents, own in zip(owner, numbers, price, cost, strict=True)
        ],
        batch_size=500,
    )
    carton = np.array([LINES[line].carton for line in owner], dtype=np.int64)
    ProductUnit.objects.bulk_create(
        [
            ProductUnit(product=product, unit="carton", factor=int(held))
            for product, held in zip(products, carton, strict=True)
            if held > 1
        ],
        batch_size=500,
    )
    popularity = [_popularity(count, rng) for count in counts]
    first = np.cumsum([0, *counts[:-1]])
    pk = np.array([product.pk for product in products], dtype=np.int64)
    return Catalogue(owner, price, cost, carton, first, popularity, pk)


def _prices(line: Line, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return list prices in cents, a rising ladder from the lowest to the highest."""
    ladder = np.geomspace(line.low, line.high, count)
    inner = ladder * rng.uniform(0.97, 1.03, count)
    inner[[0, -1]] = line.low, line.high
    step = 10 if line.low >= 100 else 1
    return (np.clip(np.round(inner / step) * step, line.low, line.high) * 100).astype(np.int64)


def _popularity(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    weights = 1 / (1.0 + rng.permutation(count)) ** 0.7
    return np.cumsum(weights / weights.sum())


def _product(
    line: Line, row: ProductLine, number: int, cents: int, cost: int, source: Source, launch: date, start: date
) -> Product:
    model = f"JH-{line.code[0].upper()}{line.code[1].upper()}{number:03d}"
    return Product(
        source=source,
        sku=model,
        name=f"{line.zh} {model} {line.en}",
        line=row,
        brand="江禾 Jianghe",
        base_unit="pc",
        launched_on=launch if line.launched is not None else start.replace(year=start.year - 2 - number % 5),
        list_price=_money(cents),
        floor_price=None if line.floor is None else _money(round(cents * line.floor)),
        cost=_money(cost),
    )


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def rates_write(rng: np.random.Generator, first: date, last: date) -> dict[str, NDArray[np.int64]]:
    """Write a rate for each day from `first` to `last` and return them by currency in ten-thousandths."""
    days = (last - first).days + 1
    found = {}
    for currency, start, low, high in (("USD", 7.15, 6.6, 7.6), ("EUR", 7.75, 7.2, 8.4)):
        walk = start * np.exp(np.cumsum(rng.normal(0, 0.0016, days)))
        found[currency] = np.round(np.clip(walk, low, high) * RATE_UNIT).astype(np.int64)
    ExchangeRate.objects.bulk_create(
        [
            ExchangeRate(currency=currency, day=first + timedelta(days=day), rate=Decimal(int(rate)).scaleb(-4))
            for currency, values in found.items()
            for day, rate in enumerate(values)
        ],
        batch_size=500,
    )
    return found
