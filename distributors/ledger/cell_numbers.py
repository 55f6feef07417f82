"""Numbers as people write them: signs between thousands, brackets or a minus behind, a currency beside them."""

import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from distributors.ledger.currencies import MARK

MOST_DECIMALS = 20
# Each in the dialect that both Arrow and Python read.
SPACES = r"\s+"
MINUS = "[\u2212\u2013\u2010\u2011]"
IN_FRONT = rf"^([+-]?\s*\(?\s*[+-]?)\s*{MARK}\s*([+-]?[\d.,(])"
BEHIND = rf"([\d.,)-])\s*{MARK}\s*([)-]?)$"
BRACKETS = r"^\(\s*([^()-][^()]*?)\s*\)$"
MINUS_BEHIND = r"^([^+-]+?)\s*-$"
SIGN_APART = r"^([+-])\s+"


@lru_cache(maxsize=100)
def number_pattern(decimal: str, thousands: str) -> str:
    """Return what a number looks like with these signs; those between thousands stand where they belong, or nowhere."""
    sign = re.escape(decimal)
    whole = r"\d+"
    if thousands:
        between = re.escape(thousands)
        whole = rf"(\d+|\d{{1,3}}({between}\d{{2,3}})*{between}\d{{3}})"
    return rf"^[+-]?({whole}({sign}\d{{0,{MOST_DECIMALS}}})?|{sign}\d{{1,{MOST_DECIMALS}}})$"


def tidied(texts: pa.Array, *, money: bool) -> pa.Array:
    """Return odd cells as plain numbers where they are numbers; with `money` a currency beside them goes, too."""
    texts = pc.utf8_normalize(texts, form="NFKC")
    steps = [(MINUS, "-"), ("[\u2019`]", "'"), (SPACES, " ")]
    steps += [(IN_FRONT, r"\1\2"), (BEHIND, r"\1\2")] if money else []
    steps += [(BRACKETS, r"-\1"), (MINUS_BEHIND, r"-\1"), (SIGN_APART, r"\1")]
    for pattern, wanted in steps:
        texts = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), pattern, wanted)
    return pc.utf8_trim_whitespace(texts)


def tidied_text(text: str, *, money: bool = True) -> str:
    """Return one odd cell as a plain number where it is one."""
    found: str = tidied(pa.array([text], pa.string()), money=money)[0].as_py()
    return found


def marks_of(texts: pa.Array) -> pa.Array:
    """Return what stands beside the digits of each cell: the sign or the code of a currency, or nothing."""
    texts = pc.utf8_normalize(texts, form="NFKC")
    return pc.replace_substring_regex(texts, rf"[\d.,'()+\s`’-]|{MINUS}", "")
