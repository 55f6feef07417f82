"""The policy of credit cards: its versions, and the weights that comparisons in pairs give."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.scope import require_permission
from core.sentences import Sentence
from distributors.credit.calculations.ahp import MatrixRefused, matrix_filled, weigh, whole_weights
from distributors.credit.calculations.five_c import WHOLE
from distributors.credit.cards.items import LEVELS, level_label
from distributors.credit.cards.models import CreditPolicy
from distributors.credit.cards.refusals import inconsistent_text, refusal_text

POLICY = "credit.policy"
BEGINNING = date(2000, 1, 1)
WEIGHTS = tuple(name for names in LEVELS.values() for name in names)
SETTINGS = ("grace_home", "grace_overseas", "plan_turns", "accounts_months", "review_months")


def policy_ensure() -> CreditPolicy:
    """Return the newest version; where there is none yet, make the one as delivered."""
    found = CreditPolicy.objects.order_by("-number").first()
    if found is None:
        found = CreditPolicy.objects.get_or_create(number=1, defaults={"valid_from": BEGINNING})[0]
        found.refresh_from_db()
    return found


def policy_on(day: date) -> CreditPolicy:
    """Return the version in force on a day: the newest that is valid by then, else the first."""
    newest = policy_ensure()
    valid = CreditPolicy.objects.filter(valid_from__lte=day).order_by("-valid_from", "-number").first()
    return valid or CreditPolicy.objects.order_by("number").first() or newest


@transaction.atomic
def policy_change(
    *,
    actor: Any,
    opened: int,
    valid_from: date,
    note: str = "",
    judgements: Mapping[str, Any] | None = None,
    **settings: Any,
) -> CreditPolicy:
    """Add a version with changes; raise DomainError, or StaleVersion where `opened` is not the last.

    `judgements` are the comparisons, by level, that its weights were made of. Runs keep the version that made them.
    """
    require_permission(actor, "credit.change_creditpolicy")
    lock(POLICY)
    current = policy_ensure()
    if current.number != opened:
        raise StaleVersion(Sentence(_("Someone else changed this meanwhile; look at it and save again.")))
    before = {name: getattr(current, name) for name in (*WEIGHTS, *SETTINGS)}
    after = {**before, **{name: value for name, value in settings.items() if name in before}}
    weights_refuse(after)
    if after == before:
        raise DomainError(Sentence(_("Nothing is changed.")))
    if valid_from < clock.today():
        raise DomainError(
            Sentence(_("What is scored keeps its version: a change can be valid from today.")), "valid_from"
        )
    kept = {level: one for level, one in current.judgements.items() if _same(level, before, after)}
    made: CreditPolicy = CreditPolicy.objects.create(
        number=current.number + 1,
        valid_from=valid_from,
        note=note.strip(),
        judgements={**kept, **(judgements or {})},
        created_by=actor if actor.pk else None,
        **after,
    )
    was, now = audit.changes(before, after)
    audit.record(actor=actor, verb="credit.policy_changed", target=made, before=was, after=now, note=note.strip())
    return made


def _same(level: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return all(before[name] == after[name] for name in LEVELS[level])


def weights_refuse(weights: Mapping[str, int]) -> None:
    """Raise DomainError where the weights of a level do not add up to 1."""
    for level, names in LEVELS.items():
        if any(not 0 <= weights[name] <= WHOLE for name in names):
            raise DomainError(Sentence(_("A weight lies between 0 and 100 %.")))
        total = sum(weights[name] for name in names)
        if total != WHOLE:
            raise DomainError(
                Sentence(
                    _("The weights of “%(level)s” make up %(sum)s %%; together they are 100 %%."),
                    level=level_label(level),
                    sum=f"{total / 100:g}",
                ),
                names[0],
            )


def policy_weigh(
    *, actor: Any, opened: int, level: str, above: Mapping[tuple[int, int], Any], valid_from: date, note: str = ""
) -> CreditPolicy:
    """Add a version whose weights of a level come from comparisons in pairs; refuse what is inconsistent."""
    names = LEVELS[level]
    try:
        weighed = weigh(matrix_filled(len(names), above))
    except MatrixRefused as error:
        raise DomainError(refusal_text(error, names)) from error
    if not weighed.accepted:
        raise DomainError(inconsistent_text(weighed, names))
    parts = dict(zip(names, whole_weights(weighed.weights, WHOLE), strict=True))
    kept = [[str(cell) for cell in row] for row in weighed.matrix]
    return policy_change(
        actor=actor, opened=opened, valid_from=valid_from, note=note, judgements={level: kept}, **parts
    )
