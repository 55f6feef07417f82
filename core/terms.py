"""What a text can be found by: its words, pairs of Chinese characters, and pinyin from any syllable on.

Pure: no database. The same folding serves the index and the question.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

LONGEST = 40
MOST_WORDS = 6
_RUNS = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")
_NOTES = re.compile(r"[(（][^)）]*[)）]")
_FORM = re.compile(r"(股份|责任)?有限(责任)?公司$")


def folded(text: str) -> str:
    """Return the text without marks, width and case: "Ｊosé" and "jose" are one."""
    plain = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(one for one in plain if not unicodedata.combining(one))).casefold()


def _runs(text: str) -> list[str]:
    return [run[:LONGEST] for run in _RUNS.findall(folded(text))]


def _chinese(run: str) -> bool:
    return "\u3400" <= run[0] <= "\u9fff"


def terms_of(*texts: str) -> set[str]:
    """Return the terms of a record's texts; a term that begins another one is left out, for search is by beginning."""
    found: set[str] = set()
    for text in texts:
        for run in _runs(text):
            if not _chinese(run):
                found.add(run)
                continue
            found |= {run[place : place + 2] for place in range(len(run))}
        for run in _runs(_NOTES.sub("", text)):
            if _chinese(run):
                found |= _pinyin(_FORM.sub("", run) or run)
    return found - {one for one, after in pairwise(sorted(found)) if after.startswith(one)}


@lru_cache(maxsize=10_000)
def _pinyin(run: str) -> frozenset[str]:
    """Return the syllables and the initials of a Chinese run, from each syllable to the end."""
    from pypinyin import lazy_pinyin  # its tables take half a second to load, and most processes never need them

    syllables = [one for one in lazy_pinyin(run) if one.isascii()]
    ends = range(len(syllables))
    whole = {"".join(syllables[place:])[:LONGEST] for place in ends}
    return frozenset(whole | {"".join(one[0] for one in syllables[place:]) for place in ends})


def asked_for(words: str) -> list[str]:
    """Return the beginnings of terms that a record must have, all of them, to be what `words` ask for."""
    asked: list[str] = []
    for run in _runs(words.replace("\x00", " ")):
        pairs = _chinese(run) and len(run) > 1
        asked += [run[place : place + 2] for place in range(len(run) - 1)] if pairs else [run]
    return list(dict.fromkeys(asked))[:MOST_WORDS]
