"""How well the name of a column fits the names that a field goes by."""

import re
import unicodedata
from functools import lru_cache

NOISE = {"key", "code", "id", "no", "number", "num", "nr", "english", "the", "of", "编码", "编号", "代码", "号"}
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
BESIDE = re.compile(r"[（(\[【〔][^（）()\[\]【】〔〕]*[)）\]】〕]")
SAME, SAME_BUT_NOISE, CONTAINED, PART_OF = 100.0, 90.0, 70.0, 45.0
BY_RANK, BY_WORD = 0.25, 5.0
SHORT = {
    "acct": "account",
    "addr": "address",
    "amnt": "amount",
    "amt": "amount",
    "bal": "balance",
    "bill": "billing",
    "btch": "batch",
    "ccy": "currency",
    "crcy": "currency",
    "cty": "city",
    "cur": "currency",
    "curr": "currency",
    "curncy": "currency",
    "cust": "customer",
    "del": "delivery",
    "delv": "delivery",
    "desc": "description",
    "descr": "description",
    "dlv": "delivery",
    "doc": "document",
    "docno": "document",
    "dt": "date",
    "emp": "employee",
    "eff": "effective",
    "ext": "extended",
    "grp": "group",
    "inv": "invoice",
    "itm": "item",
    "ln": "line",
    "loc": "location",
    "mat": "material",
    "matl": "material",
    "mgr": "manager",
    "mth": "month",
    "nbr": "number",
    "nm": "name",
    "no": "number",
    "nr": "number",
    "num": "number",
    "ord": "order",
    "pmt": "payment",
    "pmnt": "payment",
    "pos": "position",
    "prc": "price",
    "prd": "product",
    "prod": "product",
    "pymt": "payment",
    "qnty": "quantity",
    "qtr": "quarter",
    "qty": "quantity",
    "rcpt": "receipt",
    "ref": "reference",
    "reg": "region",
    "req": "requested",
    "rgn": "region",
    "slsp": "salesperson",
    "sls": "sales",
    "std": "standard",
    "tel": "telephone",
    "terr": "territory",
    "tot": "total",
    "trx": "transaction",
    "txn": "transaction",
    "typ": "type",
    "val": "value",
    "whs": "warehouse",
    "yr": "year",
}
# What German systems call the columns of a sale, an invoice, a payment and a master record.
GERMAN = {
    "artikel": "item",
    "artikelnummer": "item number",
    "auftrag": "order",
    "auftragsdatum": "order date",
    "auftragsnummer": "order number",
    "beleg": "document",
    "belegdatum": "document date",
    "belegnummer": "document number",
    "bestand": "stock quantity",
    "betrag": "amount",
    "bezeichnung": "name",
    "buchungsdatum": "posting date",
    "datum": "date",
    "debitor": "customer",
    "einheit": "unit",
    "faelligkeitsdatum": "due date",
    "firma": "company",
    "gebiet": "territory",
    "kunde": "customer",
    "kundenname": "customer name",
    "kundennr": "customer number",
    "kundennummer": "customer number",
    "lager": "warehouse",
    "land": "country",
    "lieferdatum": "delivery date",
    "materialnummer": "material number",
    "menge": "quantity",
    "netto": "net",
    "nettobetrag": "net amount",
    "nettowert": "net value",
    "ort": "city",
    "plz": "postal code",
    "preis": "price",
    "rechnung": "invoice",
    "rechnungsdatum": "invoice date",
    "rechnungsnummer": "invoice number",
    "steuer": "tax",
    "steuerbetrag": "tax amount",
    "strasse": "street",
    "umsatz": "turnover",
    "verkaeufer": "salesperson",
    "vertreter": "rep",
    "waehrung": "currency",
    "warengruppe": "product group",
    "zahlungsdatum": "payment date",
}
WRITTEN_OUT = GERMAN | SHORT
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


@lru_cache(maxsize=20_000)
def parts_of(name: str) -> tuple[str, ...]:
    """Return the words of a name: CamelCase and signs cut it, Chinese stays whole, short forms are written out.

    German words are given in English.
    """
    plain = unicodedata.normalize("NFKC", name).replace("#", " number ").translate(UMLAUTS)
    said = (WRITTEN_OUT.get(part, part) for part in (part.lower() for part in PART.findall(plain)))
    return tuple(word for words in said for word in words.split())


def joined(name: str) -> str:
    """Return a name without case, spaces and signs."""
    return "".join(parts_of(name))


@lru_cache(maxsize=5000)
def bare(name: str) -> str:
    """Return a name without what stands beside it in brackets, such as a unit; the name where nothing else is left."""
    plain = BESIDE.sub(" ", name).strip(" *＊:：")
    return plain or name


def _plain(name: str) -> tuple[str, ...]:
    kept = tuple(part for part in parts_of(name) if part not in NOISE)
    return tuple(_without_tail(part) for part in kept)


def _without_tail(part: str) -> str:
    tail = next((one for one in ("编码", "编号", "代码") if part.endswith(one) and part != one), "")
    return part.removesuffix(tail) if tail else part


def likeness(column: str, names: list[str]) -> float:
    """Return from 0 to 100 how well a column is named as one of `names`, of which the first are the likeliest."""
    called = bare(column)
    found = (_likeness(called, name) - BY_RANK * rank for rank, name in enumerate(names) if name)
    return max(found, default=0.0)


def _likeness(column: str, name: str) -> float:
    if joined(column) == joined(name):
        return SAME
    mine, theirs = _plain(column), _plain(name)
    if mine and mine == theirs:
        return SAME_BUT_NOISE
    if not name.isascii():
        return CONTAINED + 5 - BY_WORD / 2 * (len(column) - len(name)) if name in column and len(name) > 1 else 0.0
    words, wanted = set(parts_of(column)), set(parts_of(name))
    if wanted <= words:
        return CONTAINED - BY_WORD * (len(words - NOISE) - len(wanted - NOISE))
    return PART_OF if set(mine) and set(mine) < set(theirs) else 0.0
