"""Currencies as people write them: codes, signs and names, in cells and in the names of columns."""

import re
from functools import lru_cache

DOLLARS = frozenset({"USD", "HKD", "TWD", "SGD", "AUD", "CAD", "NZD", "MXN", "CLP", "COP", "BRL"})
SIGNS: dict[str, frozenset[str]] = {
    "$": DOLLARS,
    "US$": frozenset({"USD"}),
    "HK$": frozenset({"HKD"}),
    "NT$": frozenset({"TWD"}),
    "S$": frozenset({"SGD"}),
    "A$": frozenset({"AUD"}),
    "C$": frozenset({"CAD"}),
    "R$": frozenset({"BRL"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "¥": frozenset({"CNY", "JPY"}),
    "₩": frozenset({"KRW"}),
    "₹": frozenset({"INR"}),
    "₽": frozenset({"RUB"}),
    "฿": frozenset({"THB"}),
    "₫": frozenset({"VND"}),
    "RMB": frozenset({"CNY"}),
    "CNH": frozenset({"CNY"}),
    "元": frozenset({"CNY", "TWD", "HKD"}),
    "人民币": frozenset({"CNY"}),
    "美元": frozenset({"USD"}),
    "美金": frozenset({"USD"}),
    "欧元": frozenset({"EUR"}),
    "港币": frozenset({"HKD"}),
    "港元": frozenset({"HKD"}),
    "日元": frozenset({"JPY"}),
    "英镑": frozenset({"GBP"}),
    "韩元": frozenset({"KRW"}),
    "台币": frozenset({"TWD"}),
    "新台币": frozenset({"TWD"}),
    "韩币": frozenset({"KRW"}),
    "印尼盾": frozenset({"IDR"}),
    "泰铢": frozenset({"THB"}),
    "越南盾": frozenset({"VND"}),
    "新加坡元": frozenset({"SGD"}),
    "新币": frozenset({"SGD"}),
    "澳元": frozenset({"AUD"}),
    "加元": frozenset({"CAD"}),
    "瑞士法郎": frozenset({"CHF"}),
    "印度卢比": frozenset({"INR"}),
    "林吉特": frozenset({"MYR"}),
    "菲律宾比索": frozenset({"PHP"}),
    "卢布": frozenset({"RUB"}),
    "EURO": frozenset({"EUR"}),
    "DOLLAR": DOLLARS,
    "US DOLLAR": frozenset({"USD"}),
    "RENMINBI": frozenset({"CNY"}),
    "YUAN": frozenset({"CNY"}),
    "YEN": frozenset({"JPY"}),
    "POUND": frozenset({"GBP"}),
}
CODES = {
    *("AED", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD", "HUF", "IDR"),
    *("ILS", "INR", "JPY", "KRW", "KWD", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "RUB", "SAR", "SEK", "SGD"),
    *("THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR"),
}
LIKELY = ("CNY", "USD", "EUR")
_LONGEST = "|".join(sorted(map(re.escape, SIGNS), key=len, reverse=True))
MARK = rf"(?:{_LONGEST}|[A-Z]{{3}})"
IN_NAME = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join(sorted(CODES))}|RMB)(?![A-Za-z])|[€£]|人民币|美元|欧元|港币|日元|英镑"
)


@lru_cache(maxsize=1000)
def currencies_of(mark: str) -> frozenset[str]:
    """Return the codes of the currencies that a sign, a name or a code may mean; none where it means no currency."""
    plain = mark.strip().upper()
    found = SIGNS.get(plain) or SIGNS.get(plain.removesuffix("S"))
    if found:
        return found
    return frozenset({plain}) if plain in CODES or re.fullmatch("[A-Z]{3}", mark.strip()) else frozenset()


def currency_meant(mark: str, base: str) -> str:
    """Return the likeliest currency that a mark means, the base currency where it may be that; nothing for no mark."""
    found = currencies_of(mark)
    if base in found:
        return base
    return next((code for code in LIKELY if code in found), min(found, default=""))


def mark_in_name(name: str) -> str:
    """Return the currency that the name of a column holds, such as Amt (EUR); nothing where it holds none."""
    found = IN_NAME.search(name)
    return found[0] if found else ""
