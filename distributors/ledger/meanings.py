"""What the texts of a file mean where a field knows only some values: choices, yes and no, currencies."""

import re

from django.utils.translation import gettext

from distributors.ledger.cells import MOST_DISTINCT, Column
from distributors.ledger.currencies import currency_meant
from distributors.ledger.kinds.declaration import Field
from distributors.ledger.kinds.words import VALUES
from distributors.ledger.names import joined, likeness
from distributors.ledger.surroundings import Surroundings
from distributors.profiles.models import DistributorType

LEAST = 40.0
NEGATED = re.compile(r"^(not|non|no|un|in)\b|^(未|非|不|无|否)", re.IGNORECASE)


def choices_of(field: Field, around: Surroundings) -> dict[str, str]:
    """Return what a field may be, code and label; nothing where it is free or its codes are many."""
    if field.refers == "type":
        named = {one.code: str(one) for one in DistributorType.objects.all()}
        return named or {code: code for code in around.codes("type").codes.to_pylist()}
    if field.type == "boolean":
        return {"yes": gettext("yes"), "no": gettext("no")}
    return {str(code): str(label) for code, label in (field.choices or {}).items()}


def value_meant(text: str, choices: dict[str, str], field: str = "") -> str:
    """Return the choice that a text of a file means, nothing where none is like it."""
    exact = next((code for code in choices if joined(code) == joined(text) or code == text), "")
    if exact:
        return exact
    best, score = "", 0.0
    for code, label in choices.items():
        names = [*VALUES.get(f"{field}.{code}", "").split("|"), label, *VALUES.get(code, "").split("|")]
        found = likeness(text, [name for name in names if name and _agrees(text, name)])
        if found > score:
            best, score = code, found
    return best if score >= LEAST else ""


def _agrees(text: str, name: str) -> bool:
    """Tell whether not just one of both says that something is not so."""
    return bool(NEGATED.match(text)) == bool(NEGATED.match(name))


def values_meant(field: Field, column: Column, around: Surroundings) -> dict[str, str]:
    """Return what each text of a column of choices means, those left out that are like none."""
    if len(column.distinct) > MOST_DISTINCT:
        return {}
    if field.name == "currency":
        return currencies_meant(column, around)
    choices = choices_of(field, around)
    return {text: value for text in column.distinct if (value := value_meant(text, choices, field.name))}


def currencies_meant(column: Column, around: Surroundings) -> dict[str, str]:
    """Return the code of the currency that each text without digits means."""
    plain = [text for text in column.distinct if not re.search(r"\d", text)]
    found = {text: currency_meant(text, around.base_currency) for text in plain}
    return {text: code for text, code in found.items() if code}
