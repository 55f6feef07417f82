"""Texts of ours that are written down now and read later: template and values, put into words for each reader."""

import json
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext

VALUE_MOST = 500
STORED = '{"text": '


class Sentence:
    """A template, marked for translation with `gettext_noop`, and its values; `str` gives it in the active language.

    A value is a text, cut where it is very long, a whole number, or a sentence itself.
    """

    def __init__(self, text: str, **values: "str | int | Sentence"):
        self.text = text
        self.values = {name: _short(value) for name, value in values.items()}

    def __str__(self) -> str:
        text = gettext(self.text) if self.text else ""
        return text % {name: str(value) for name, value in self.values.items()} if self.values else text

    def __repr__(self) -> str:
        return f"<Sentence {self.text!r} {self.values!r}>"

    def __bool__(self) -> bool:
        return bool(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and (self.text, self.values) == (other.text, other.values)

    def __hash__(self) -> int:
        return hash(self.text)

    @classmethod
    def of(cls, said: Any) -> Self:
        """Return what was said as a sentence; a plain text stays as it is in every language."""
        return said if isinstance(said, cls) else cls(str(said))

    @classmethod
    def read(cls, stored: str) -> Self:
        """Return the sentence that `stored` keeps."""
        return cls._made(json.loads(stored)) if stored.startswith(STORED) else cls(stored)

    @classmethod
    def _made(cls, kept: dict[str, Any]) -> Self:
        values = {name: cls._made(one) if isinstance(one, dict) else one for name, one in kept["values"].items()}
        return cls(kept["text"], **values)

    @property
    def stored(self) -> str:
        """Return the sentence as one text for a column: plain where it has no values."""
        if not self.values and not self.text.startswith(STORED):
            return self.text
        return json.dumps(self._kept(), ensure_ascii=False)

    def _kept(self) -> dict[str, Any]:
        values = {name: one._kept() if isinstance(one, Sentence) else one for name, one in self.values.items()}
        return {"text": self.text, "values": values}


def _short(value: str | int | Sentence) -> str | int | Sentence:
    if isinstance(value, int | Sentence):
        return value
    text = str(value)
    return text if len(text) <= VALUE_MOST else f"{text[: VALUE_MOST - 1]}…"


class SentenceField(models.Field):
    """A column of sentences; a text that stands there without values is its own template."""

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Sentence | None:
        return None if value is None else Sentence.read(value)

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, Sentence) else Sentence.read(str(value))

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else Sentence.of(value).stored
