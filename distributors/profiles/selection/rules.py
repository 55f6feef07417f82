"""The rules that a move of a prospect meets: asked under a lock, told in sentences, each with the way to fill it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.absences import represented_by
from core import clock
from core.errors import TransitionRefused
from core.scope import Reacher
from distributors.profiles.decisions import Decision
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.selection.calculations import (
    APPROVE,
    BLOCKING,
    CHECKS,
    MINIMUM,
    OPEN,
    RISK,
    RISKS,
    SCORECARD,
    SUBMIT,
    Facts,
    against,
)
from distributors.profiles.selection.models import Risk
from distributors.profiles.selection.selectors import facts_by_distributor, open_names
from distributors.profiles.selectors import own_reviews

GUARDED = (SUBMIT, APPROVE)
NEXT: dict[str, str] = {Lifecycle.PROSPECT: SUBMIT, Lifecycle.REVIEW: APPROVE}
NAMES = {
    SCORECARD: gettext_lazy("scorecard"),
    MINIMUM: gettext_lazy("minimum score"),
    OPEN: gettext_lazy("due diligence complete"),
    BLOCKING: gettext_lazy("nothing blocks"),
    RISKS: gettext_lazy("risks named"),
    RISK: gettext_lazy("limit of a risk"),
}


@dataclass(frozen=True)
class Reason:
    """One rule that stands against a move: its code, the sentence, and where what it asks for is filled in."""

    rule: str
    text: str
    url: str


class SelectionRefused(TransitionRefused):
    """A move was refused by rules of selection, each with its `reasons`."""

    def __init__(self, reasons: Sequence[Reason]):
        super().__init__(" ".join(one.text for one in reasons))
        self.reasons = tuple(reasons)

    @property
    def fields(self) -> dict[str, list[str]]:
        """Return the sentences by rule, as other systems read them."""
        return {one.rule: [one.text] for one in self.reasons}


def is_director(user: Reacher) -> bool:
    """Tell whether someone is a director: a person who may approve distributors everywhere."""
    reach = user.reach("profiles.approve_distributor")
    return reach is not None and reach.everything


def director_for(distributor: Distributor, actor: Any, day: date) -> Decision | None:
    """Return in whose name `actor` decides as a director: their own, or that of an absent one; None for nobody's.

    Nobody decides in place of the director who put the distributor under review.
    """
    if is_director(actor):
        return Decision(True, None)
    for person in represented_by(actor, day):
        if is_director(person) and not own_reviews(person).filter(distributor=distributor).exists():
            return Decision(True, person)
    return None


def selection_refuse(*, distributor: Distributor, move: str, actor: Any, decision: Decision, day: date) -> Decision:
    """Return in whose name the move is made; raise SelectionRefused with every rule that stands against it.

    The distributor is held from here to the end of the transaction: what the rules rest on changes under the same lock.
    """
    if move not in GUARDED:
        return decision
    hold(distributor.pk)
    facts = facts_by_distributor([distributor.pk])[distributor.pk]
    unmet = against(move, facts)
    if not unmet:
        return decision
    director = director_for(distributor, actor, day)
    left = against(move, facts, director=director is not None)
    if left:
        raise SelectionRefused(reasons_of(distributor.pk, left, facts))
    return director or decision


def hold(distributor_pk: int) -> None:
    """Keep others from changing a distributor until the transaction ends."""
    Distributor.objects.select_for_update(no_key=True).filter(pk=distributor_pk).values_list("pk").get()


def reasons_of(distributor_pk: int, rules: Iterable[str], facts: Facts) -> list[Reason]:
    """Return the sentences of rules that stand against a move."""
    rules = tuple(rules)
    names = open_names(distributor_pk) if {OPEN, BLOCKING} & set(rules) else {}
    tab = reverse("profiles:distributor-selection", args=[distributor_pk])
    places = {SCORECARD: reverse("profiles:distributor-rate", args=[distributor_pk]), MINIMUM: f"{tab}#scorecard"}
    places |= {OPEN: f"{tab}#diligence", BLOCKING: f"{tab}#diligence"}
    places |= {RISKS: reverse("profiles:distributor-risk", args=[distributor_pk]), RISK: f"{tab}#risks"}
    return [Reason(rule, _sentence(distributor_pk, rule, facts, names), places[rule]) for rule in rules]


def _sentence(distributor_pk: int, rule: str, facts: Facts, names: dict[str, list[str]]) -> str:
    between = pgettext("between names", ", ")
    named = {"rule": NAMES[rule]}
    if rule == SCORECARD:
        return _("Rule “%(rule)s”: no scorecard is submitted yet.") % named
    if rule == MINIMUM:
        text = _("Rule “%(rule)s”: the score is %(score)s, and %(least)s is asked for; below it a director approves.")
        return text % {**named, "score": facts.score, "least": facts.threshold}
    if rule == OPEN:
        text = ngettext(
            "Rule “%(rule)s”: %(count)s of %(all)s checks is open: %(names)s.",
            "Rule “%(rule)s”: %(count)s of %(all)s checks are open: %(names)s.",
            facts.open,
        )
        return text % {**named, "count": facts.open, "all": len(CHECKS), "names": between.join(names["open"])}
    if rule == BLOCKING:
        text = _("Rule “%(rule)s”: what was found under %(names)s rules cooperation out.")
        return text % {**named, "names": between.join(names["blocking"])}
    if rule == RISKS:
        return _("Rule “%(rule)s”: no risk is named yet, not even a small one.") % named
    highest = Risk.objects.filter(distributor=distributor_pk).order_by("-level", "pk").first()
    text = _("Rule “%(rule)s”: “%(risk)s” is at %(level)s; from %(limit)s on a director approves.")
    return text % {**named, "risk": highest or "", "level": facts.highest, "limit": facts.risk_limit}


def standing_of(distributor: Distributor, user: Any) -> dict[str, Any]:
    """Return the next move of a prospect, its facts, and the reasons that stand against it for this person."""
    move = NEXT.get(distributor.state, "")
    facts = facts_by_distributor([distributor.pk])[distributor.pk]
    director = move == APPROVE and director_for(distributor, user, clock.today()) is not None
    rules = against(move, facts, director=director)
    overridden = [rule for rule in against(move, facts) if rule not in rules]
    return {
        "next": move,
        "facts": facts,
        "reasons": reasons_of(distributor.pk, rules, facts),
        "overridden": short_words(overridden, facts, director=True),
    }


def score_words(facts: Facts) -> str:
    """Return the score in words."""
    return _("score %(score)s") % {"score": facts.score} if facts.score is not None else ""


def short_words(rules: Iterable[str], facts: Facts, *, director: bool = False) -> list[str]:
    """Return what is missing in a few words each, for a card; to a director, not who decides."""
    risk = _("risk at %(level)s") if director else _("risk at %(level)s: a director")
    words = {
        SCORECARD: _("scorecard"),
        MINIMUM: _("score below %(least)s") % {"least": facts.threshold},
        OPEN: ngettext("%(count)s check open", "%(count)s checks open", facts.open) % {"count": facts.open},
        BLOCKING: _("a check blocks"),
        RISKS: _("risks not named"),
        RISK: risk % {"level": facts.highest},
    }
    return [words[rule] for rule in rules]


def cleared(keys: Iterable[int], move: str, actor: Reacher) -> set[int]:
    """Return which distributors a move by `actor` in their own name meets no rule on."""
    keys = list(keys)
    if move not in GUARDED:
        return set(keys)
    director = is_director(actor)
    return {pk for pk, facts in facts_by_distributor(keys).items() if not against(move, facts, director=director)}


def unmet_counts(keys: Iterable[int], move: str, actor: Reacher) -> dict[str, int]:
    """Return how many distributors each rule stands against first, by rule."""
    counts: dict[str, int] = {}
    if move in GUARDED:
        director = is_director(actor)
        for facts in facts_by_distributor(keys).values():
            for rule in against(move, facts, director=director)[:1]:
                counts[rule] = counts.get(rule, 0) + 1
    return counts
