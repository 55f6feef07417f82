"""The cards of the invented distributors beside their identity: groups, outlets, figures, brands, files, prices."""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accounts.models import User
from config.demo.channel import Channel, day_of
from config.demo.names import MARKS, ROADS, ROADS_ABROAD
from config.demo.people import Tree
from config.demo.writing import keys, rows_write, sequences_reset
from core.files import blob_store
from core.money import SCALE
from core.periods import month_shift
from distributors.ledger.models import Product, RetailPrice
from distributors.profiles.card.choices import RATINGS
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.models import (
    BrandShare,
    BrandSurvey,
    Business,
    BusinessFigures,
    CardFile,
    Contact,
    Cooperation,
    EarlyClass,
    Lifecycle,
    Organisation,
    OtherName,
    Outlet,
    Standing,
)

OURS = "江禾 Jianghe"
OTHERS = ("虎岭 Tiger Ridge", "北辰 Polaris", "岳工 Yuegong", "Kestrel", "Norrland")
SURVEYS = 5
FIGURES = 3
FILES = 36
PRICED = 60
PRICES = 9
LINES = "汽油发电机组; 水泵", "水泵; 园林机械; 高压清洗机", "锂电工具; 空压机", "电焊机; 配件耗材; 汽油发电机组"
RULES = "先找仓库再找老板；周一上午开会。 See the warehouse first; Monday mornings they meet."
PROCEDURE = "财务核对，老板签字，每月25日付款。 Checked, signed by the owner, paid on the 25th."
CUSTOMERS = "县级农机站、工程队、五金店 County stations, building crews, hardware shops"
KINDS = ["store", "counter", "showroom", "service"]
PDF = b"%PDF-1.4\n% invented: a paper of the demo\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Parts:
    """What the rows are made from: the channel, its tree, today, and one source of chance."""

    channel: Channel
    tree: Tree
    users: list[User]
    today: date
    rng: np.random.Generator

    @property
    def kept(self) -> NDArray[np.int64]:
        """Return the places of the cards that were not merged."""
        merged = np.zeros(self.channel.size, dtype=bool)
        merged[list(self.channel.merged)] = True
        return np.flatnonzero(~merged)

    def some(self, share: float) -> NDArray[np.int64]:
        """Return the places of about so large a share of the cards."""
        kept = self.kept
        return kept[self.rng.random(len(kept)) < share]

    def pk(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the keys of cards."""
        return self.channel.pk[places]


def card_parts_write(channel: Channel, tree: Tree, users: list[User], today: date, rng: np.random.Generator) -> None:
    """Write the parts of all cards, some with gaps as cards have them, and how complete each is."""
    parts = Parts(channel, tree, users, today, rng)
    _groups_write(parts)
    _names_write(parts)
    _outlets_write(parts)
    _figures_write(parts)
    _brands_write(parts)
    _files_write(parts)
    _prices_write(parts)
    completeness_write()


def _groups_write(parts: Parts) -> None:
    places = parts.some(0.6)
    count, saved = len(places), {"version": 1}
    rows_write(
        Organisation,
        {
            "distributor_id": parts.pk(places),
            "house_rules": [RULES] * count,
            "settlement_procedure": [PROCEDURE] * count,
            **saved,
        },
        count,
    )
    places = parts.some(0.7)
    rows_write(
        Business,
        {
            "distributor_id": parts.pk(places),
            "lines_carried": [_lines(int(place)) for place in places],
            "main_customers": [CUSTOMERS] * len(places),
            **saved,
        },
        len(places),
    )
    _cooperation_write(parts)
    new = np.flatnonzero(np.isin(parts.channel.state, [Lifecycle.PROSPECT, Lifecycle.REVIEW]))
    sides = {name: parts.rng.integers(2, 6, len(new)) for name in RATINGS}
    rows_write(EarlyClass, {"distributor_id": parts.pk(new), **sides, **saved}, len(new))
    sequences_reset(Organisation, Business, Cooperation, EarlyClass)


def _lines(place: int) -> str:
    return LINES[place % len(LINES)]


def _cooperation_write(parts: Parts) -> None:
    channel, places = parts.channel, parts.some(0.75)
    people = dict(Contact.objects.filter(left_on=None, function="finance").values_list("distributor_id", "pk"))
    owners = dict(Contact.objects.filter(left_on=None, level="owner").values_list("distributor_id", "pk"))
    held = [int(pk) for pk in parts.pk(places)]
    since = [day_of(int(channel.since[place]) - 75) if channel.since[place] else None for place in places]
    home = channel.home[places]
    days = parts.rng.choice([0, 30, 45, 60], len(places))
    user_pk = np.array([user.pk for user in parts.users], dtype=np.int64)
    rows_write(
        Cooperation,
        {
            "distributor_id": parts.pk(places),
            "first_contact_on": pa.array(since, pa.date32()),
            "opened_by_id": user_pk[channel.rep[places]],
            "opened_with_id": pa.array([owners.get(pk) for pk in held], pa.int64()),
            "delivery_windows": ["周一至周五 8-11 点" if one else "Mon-Fri 8-11" for one in home],
            "delivery_requirements": ["带托盘，提前一天电话 On pallets, a call the day before"] * len(places),
            "settlement_method": ["transfer" if day else "prepaid" for day in days],
            "settlement_days": days,
            "invoice_kind": ["vat_special" if one else "commercial" for one in home],
            "settlement_contact_id": pa.array([people.get(pk) for pk in held], pa.int64()),
            "version": 1,
        },
        len(places),
    )


def _names_write(parts: Parts) -> None:
    abroad = [place for place in parts.kept if not parts.channel.home[place] and place % 3 == 0]
    places = np.array(abroad, dtype=np.int64)
    names = [f"{parts.channel.names[place][1]} GmbH & Filiale (Demo)" for place in places]
    columns = {"distributor_id": parts.pk(places), "language": "de", "name": names, "version": 1}
    rows_write(OtherName, columns, len(places))
    sequences_reset(OtherName)


def _outlets_write(parts: Parts) -> None:
    """Write none to six outlets each, retail chains more; some closed."""
    channel, kept = parts.channel, parts.kept
    each = parts.rng.integers(0, 7, len(kept)) + np.where(np.array(channel.kind)[kept] == "retailer", 6, 0)
    at, number = np.repeat(kept, each), np.concatenate([np.arange(many) for many in each])
    count = len(at)
    leaves = [parts.tree.leaves[channel.leaf[place]] for place in at]
    opened = [parts.today - timedelta(days=int(days)) for days in parts.rng.integers(200, 3000, count)]
    ago = parts.rng.integers(5, 3000, count)
    closed = [parts.today - timedelta(days=int(days)) if days < 150 else None for days in ago]
    rows_write(
        Outlet,
        {
            "distributor_id": parts.pk(at),
            "name": [
                f"{MARKS[(int(one) + int(place)) % len(MARKS)][0 if leaf.region.home else 1]} {int(one) + 1}"
                for one, place, leaf in zip(number, at, leaves, strict=True)
            ],
            "kind": parts.rng.choice(KINDS, count, p=[0.6, 0.2, 0.1, 0.1]).tolist(),
            "address": [
                _address(int(place) * 7 + int(one), leaf.region.home)
                for place, one, leaf in zip(at, number, leaves, strict=True)
            ],
            "city": [f"{leaf.city.zh} {leaf.city.en}" for leaf in leaves],
            "size_m2": parts.rng.integers(3, 40, count) * 10,
            "latitude": np.round([leaf.city.latitude for leaf in leaves] + parts.rng.uniform(-0.05, 0.05, count), 6),
            "longitude": np.round([leaf.city.longitude for leaf in leaves] + parts.rng.uniform(-0.05, 0.05, count), 6),
            "opened_on": pa.array(opened, pa.date32()),
            "closed_on": pa.array(closed, pa.date32()),
            "version": 1,
        },
        count,
    )
    sequences_reset(Outlet)


def _address(number: int, home: bool) -> str:
    road = ROADS[number % len(ROADS)] if home else ROADS_ABROAD[number % len(ROADS_ABROAD)]
    return f"{road}{number % 300 + 1}号（演示地址）" if home else f"{number % 300 + 1} {road} (Demo)"


def _figures_write(parts: Parts) -> None:
    """Write figures of three days within two years for most; the wallet follows from what it buys."""
    places = parts.some(0.7)
    bought = dict(Standing.objects.values_list("distributor_id", "net_sales_12m"))
    share = parts.rng.uniform(0.18, 0.65, len(places))
    base = [max(float(bought.get(int(pk), Decimal(0))), 200_000.0) for pk in parts.pk(places)]
    wallet = np.array(base) / share
    staff = parts.rng.integers(4, 60, len(places))
    for back in range(FIGURES):
        grown = wallet * (1 - 0.06 * back)
        rows_write(
            BusinessFigures,
            {
                "distributor_id": parts.pk(places),
                "as_of": month_shift(parts.today.replace(day=1), -2 - 10 * back),
                "turnover": _rounded(grown * 1.7),
                "wallet": _rounded(grown),
                "currency": "CNY",
                "staff": staff - back,
                "sales_staff": (staff - back) // 3,
                "warehouse_m2": staff * 30,
                "showroom_m2": staff * 6,
                "vehicles": staff // 8 + 1,
                "version": 1,
            },
            len(places),
        )
    sequences_reset(BusinessFigures)


def _rounded(amounts: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.round(amounts / 10_000).astype(np.int64) * 10_000 * SCALE


def _brands_write(parts: Parts) -> None:
    """Write five surveys over two years for most: our share and those of three others, never above the whole."""
    places = parts.some(0.65)
    count = len(places)
    ours = parts.rng.integers(18, 50, count)
    drift = parts.rng.integers(-3, 5, count)
    for back in range(SURVEYS):
        pk = keys(BrandSurvey, count)
        day = month_shift(parts.today.replace(day=1), -1 - 6 * back)
        rows_write(BrandSurvey, {"id": pk, "distributor_id": parts.pk(places), "as_of": day, "version": 1}, count)
        sequences_reset(BrandSurvey)
        mine = np.clip(ours - drift * back, 5, 60)
        left = 95 - mine
        shares = (mine, left * 5 // 10, left * 3 // 10, left * 2 // 10)
        for which, values in enumerate(shares):
            brands = [OURS if not which else OTHERS[(int(place) + which) % len(OTHERS)] for place in places]
            columns = {"survey_id": pk, "brand": brands, "share": values.astype(float), "ours": which == 0}
            rows_write(BrandShare, columns, count)
    sequences_reset(BrandShare)


def _files_write(parts: Parts) -> None:
    """Keep a licence with some cards, and a tax certificate with every second of them; some are soon over."""
    for place in parts.kept[:FILES]:
        code, pk = parts.channel.code[place], int(parts.channel.pk[place])
        for kind, name in (("licence", "licence"), ("tax", "tax-certificate"))[: 1 + int(place) % 2]:
            blob = blob_store(source=io.BytesIO(PDF + f"% {code} {kind}\n".encode()), limit=1 << 20)
            issued = parts.today - timedelta(days=900 + int(place) * 3)
            until = None if kind == "tax" else parts.today + timedelta(days=int(place) * 21 - 40)
            CardFile.objects.create(
                distributor_id=pk,
                blob=blob,
                name=f"{code}-{name}-demo.pdf",
                content_type="application/pdf",
                kind=kind,
                issued_on=issued,
                valid_until=until,
                version=1,
            )


def _prices_write(parts: Parts) -> None:
    """Write prices of three products at some distributors, every second month; here and there below the floor."""
    products = list(Product.objects.filter(list_price__isnull=False).order_by("pk")[:40])
    places = [int(place) for place in parts.kept if parts.channel.home[place]][:PRICED]
    rows: dict[str, list[Any]] = {name: [] for name in ("distributor_id", "product_id", "place", "price", "seen_on")}
    for place in places:
        for which in range(3):
            product = products[(place * 3 + which * 7) % len(products)]
            for back in range(PRICES):
                factor = Decimal(int(parts.rng.integers(90, 103))) / 100
                rows["distributor_id"].append(int(parts.channel.pk[place]))
                rows["product_id"].append(product.pk)
                rows["place"].append("门市 Front shop")
                rows["price"].append(int((product.list_price or Decimal(0)) * factor) * SCALE)
                rows["seen_on"].append(parts.today - timedelta(days=12 + 61 * back + which))
    count = len(rows["price"])
    if count:
        rows_write(RetailPrice, {**rows, "currency": "CNY", "seen_on": pa.array(rows["seen_on"], pa.date32())}, count)
        sequences_reset(RetailPrice)
