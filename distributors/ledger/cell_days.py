"""Days as people write them, and the forms in which they do."""

import re
import time
from datetime import date, timedelta
from functools import lru_cache

SERIAL = "serial"
ANY_TIME = " *"
FIRST_SERIAL = date(1899, 12, 30)
SERIALS = range(61, 2_958_466)
COMPACT = {"%Y%m%d": 8, "%Y%m": 6, "%Y": 4, "%d%m%Y": 8}
TIME = re.compile(
    r"[T ]\s*(上午|下午)?\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?( ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$"
)
SHOWN = date(2025, 12, 31)

# What a day looks like, and its form; of two that look alike the month comes second, then first.
DAY_FORMS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日"),
    (r"(19|20)\d{6}", "%Y%m%d"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%m-%d-%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%m/%d/%y"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{2}", "%d-%b-%y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
    (r"\d{1,2} [A-Za-z]{3,9} \d{4}", "%d %B %Y"),
    (r"[A-Za-z]{3,9} \d{1,2}, \d{4}", "%B %d, %Y"),
    (r"\d{4}-\d{1,2}", "%Y-%m"),
    (r"\d{4}/\d{1,2}", "%Y/%m"),
    (r"\d{4}\.\d{1,2}", "%Y.%m"),
    (r"\d{4}年\d{1,2}月", "%Y年%m月"),
    (r"(19|20)\d{2}(0[1-9]|1[0-2])", "%Y%m"),
    (r"[A-Za-z]{3}[- ]\d{4}", "%b-%Y"),
    (r"(19|20)\d{2}", "%Y"),
    (r"[2-6]\d{4}(\.\d+)?", SERIAL),
)
SWAPPED = {
    one: other
    for pair in (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"), ("%d/%m/%y", "%m/%d/%y"))
    for one, other in (pair, pair[::-1])
}


@lru_cache(maxsize=20_000)
def read_date(text: str, formats: tuple[str, ...]) -> date | None:
    """Return the date that `text` is in one of the formats, or None.

    A form is that of `time.strptime`, with ` *` behind it where a time may follow that is left out, or `serial` for the
    number that a spreadsheet keeps a day as.
    """
    for form in formats:
        found = _serial(text) if form == SERIAL else _formed(text, form)
        if found is not None:
            return found
    return None


def _serial(text: str) -> date | None:
    whole = text.partition(".")[0]
    if not whole.isascii() or not whole.isdecimal() or len(whole) > 7 or int(whole) not in SERIALS:
        return None
    return FIRST_SERIAL + timedelta(days=int(whole))


def _formed(text: str, form: str) -> date | None:
    if form.endswith(ANY_TIME):
        form, text = form.removesuffix(ANY_TIME), TIME.sub("", text).strip()
    # Without signs between them a month of one digit cannot be told from its day.
    if len(text) != COMPACT.get(form, len(text)):
        return None
    try:
        parts = time.strptime(text, form)
        return date(parts.tm_year, parts.tm_mon, parts.tm_mday)
    except ValueError:
        return None


def form_example(form: str) -> str:
    """Return the last day of 2025 in a form."""
    if form == SERIAL:
        return str((SHOWN - FIRST_SERIAL).days)
    if form.endswith(ANY_TIME):
        return f"{SHOWN.strftime(form.removesuffix(ANY_TIME))} 14:30"
    return SHOWN.strftime(form)


def forms_of(texts: list[str]) -> list[str]:
    """Return the forms in which most of the texts are days, the best first; of two that look alike both."""
    bare = [TIME.sub("", text).strip() for text in texts]
    timed = any(one != text for one, text in zip(bare, texts, strict=True))
    found = [(_share(bare, pattern, form), form) for pattern, form in DAY_FORMS]
    best = max((share for share, _form in found), default=0.0)
    return [form + (ANY_TIME if timed and form != SERIAL else "") for share, form in found if share and share == best]


def share_of(texts: list[str], forms: tuple[str, ...]) -> float:
    """Return which share of the texts is a day in one of the forms."""
    return sum(read_date(text, forms) is not None for text in texts) / len(texts) if texts else 0.0


def _share(texts: list[str], pattern: str, form: str) -> float:
    if not texts:
        return 0.0
    known = re.compile(pattern)
    if not any(known.fullmatch(text) for text in texts[:20]):
        return 0.0
    return sum(bool(known.fullmatch(text)) and read_date(text, (form,)) is not None for text in texts) / len(texts)
