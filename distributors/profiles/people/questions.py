"""What is asked of a person, in groups, and which share of it is answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distributors.profiles.people.models import Contact, ContactPersonal

BIRTH = ("birth_month", "birth_day", "birth_year")
WORK = ("title", "function", "decision_role", "stance", "disc", "relationship", "since")


@dataclass(frozen=True)
class Group:
    """A personal group: its code, its name, its questions, each a column or, for the birthday, its three."""

    code: str
    label: Any
    questions: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that hold the answers."""
        return tuple(column for name in self.questions for column in (BIRTH if name == "birthday" else (name,)))

    @property
    def purpose(self) -> str:
        """Return the column of the purpose."""
        return f"purpose_{self.code}"

    @property
    def consent(self) -> str:
        """Return the column of the day on which the person agreed."""
        return f"consent_{self.code}"


GROUPS = (
    Group("reach", gettext_lazy("How to reach them"), ("phones", "messaging", "email")),
    Group("origin", gettext_lazy("Birthday and origin"), ("birthday", "birthplace")),
    Group("path", gettext_lazy("Education and career"), ("education", "career")),
    Group("life", gettext_lazy("Family, interests, community"), ("family", "interests", "community")),
    Group("manner", gettext_lazy("Dealing with them"), ("avoid",)),
)
BY_CODE = {group.code: group for group in GROUPS}
PERSONAL = tuple(name for group in GROUPS for name in group.questions)


@dataclass(frozen=True)
class Share:
    """How many of the questions are answered."""

    answered: int
    asked: int

    @property
    def percent(self) -> int:
        """Return the share in whole per cent, rounded down: 100 means all."""
        return 100 * self.answered // self.asked

    def __str__(self) -> str:
        return _("%(answered)s of %(asked)s answered") % {"answered": self.answered, "asked": self.asked}


def share_of(record: Any, questions: Iterable[str]) -> Share:
    """Return the share of `questions` to which a record holds an answer."""
    held = [is_answered(record, name) for name in questions]
    return Share(sum(held), len(held))


def whole_share(contact: Contact, personal: ContactPersonal | None) -> Share:
    """Return the share of all questions, or of those about the work where the personal ones are not to be seen."""
    work = share_of(contact, WORK)
    if personal is None:
        return work
    more = share_of(personal, PERSONAL)
    return Share(work.answered + more.answered, work.asked + more.asked)


def is_answered(record: Any, name: str) -> bool:
    """Tell whether a question is answered."""
    return getattr(record, "birth_month" if name == "birthday" else name) not in (None, "")


def label_of(model: Any, name: str) -> str:
    """Return a question in words."""
    return _("birthday") if name == "birthday" else str(model._meta.get_field(name).verbose_name)


def missing(record: Any, questions: Iterable[str]) -> list[str]:
    """Return the questions without an answer, in words."""
    return [label_of(type(record), name) for name in questions if not is_answered(record, name)]


def answer_text(record: Any, name: str) -> str:
    """Return an answer as a person reads it."""
    if name == "birthday":
        return birthday_text(record)
    shown = getattr(record, f"get_{name}_display", None)
    value = shown() if shown is not None else getattr(record, name)
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if name == "relationship" and value:
        return _("%(value)s of 5") % {"value": value}
    return capfirst(str(value)) if shown is not None and value else str(value if value is not None else "")


def birthday_text(personal: ContactPersonal) -> str:
    """Return day, month and, where it is known, year of birth."""
    if personal.birth_month is None or personal.birth_day is None:
        return ""
    if personal.birth_year:
        return date_format(date(personal.birth_year, personal.birth_month, personal.birth_day), "DATE_FORMAT")
    leap = date(2000, personal.birth_month, personal.birth_day)
    return date_format(leap, "MONTH_DAY_FORMAT")


def month_choices() -> list[tuple[Any, Any]]:
    """Return the months to choose from."""
    return [("", "–"), *MONTHS.items()]


def unsaid(side: dict[str, str]) -> dict[str, str]:
    """Return one side of a change for the trail, which outlasts an erasure: which columns, not what stands in them."""
    return {key: "•••" if value and key in {"name", *WORK} else value for key, value in side.items()}
