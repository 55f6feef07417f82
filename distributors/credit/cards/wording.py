"""Credit cards in words: values, how each was scored, and the arithmetic of the whole."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import amount_text
from distributors.credit.calculations.five_c import GRADES, WHOLE, Cuts
from distributors.credit.cards.items import RULES, Item, Source
from distributors.credit.cards.models import Accounts, CreditPolicy, Evidence
from distributors.credit.cards.securities import securities_recorded
from distributors.credit.cards.selectors import Branch, CreditCard, Part

TONES = {"AAA": "g", "AA": "g", "A": "g", "BBB": "", "BB": "w", "C": "w", "D": "b"}


def grade_tone(grade: Any) -> str:
    """Return the tone of a grade's chip."""
    return TONES.get(grade, "")


def percent(value: Any, places: int = 1) -> str:
    """Return a share as per cent."""
    return f"{amount_text(Decimal(str(value)) * 100, places)} %"


def signed(value: float) -> str:
    """Return a growth as per cent with its sign."""
    return f"{value * 100:+.1f} %".replace("-", "\N{MINUS SIGN}")


def weight_text(parts: int) -> str:
    """Return a weight as per cent."""
    return f"{parts / 100:g} %"


def value_text(part: Part, card: CreditCard, currency: str) -> str:
    """Return what was measured, in words; empty where nothing was."""
    row, value = card.row, part.value
    if value is None:
        return ""
    money = {"currency": currency, "value": percent(value) if abs(value) < 1000 else ""}
    if part.item == Item.PUNCTUALITY:
        text = _("%(value)s of %(amount)s %(currency)s on time")
        return text % {**money, "amount": amount_text(row.invoiced)}
    if part.item == Item.BREACHES:
        return ngettext("%(count)s in 12 months", "%(count)s in 12 months", int(value)) % {"count": int(value)}
    if part.item == Item.REGISTERED:
        return f"{amount_text(row.capital_base)} {currency}"
    if part.item == Item.TURNS:
        plan = row.run.policy.plan_turns
        return _("%(turns)s a year, %(plan)s planned") % {
            "turns": f"{value * float(plan):.1f}",
            "plan": f"{plan.normalize():f}",
        }
    if part.item == Item.PREMISES:
        return _("yes") if value else _("no")
    if part.item == Item.CURRENT:
        return _("nothing owed") if value > 1000 else f"{value:.2f}"
    return signed(value) if part.item in (Item.TREND, Item.DEMAND) else money["value"]


def missing_text(part: Part) -> str:
    """Return why a sub-criterion has no score."""
    if part.score is not None:
        return ""
    rests = part.evidence
    if part.expired and isinstance(rests, Evidence):
        return _("expired on %(day)s") % {"day": date_format(rests.expires_on, "DATE_FORMAT")}
    if part.expired and isinstance(rests, Accounts):
        return _("the accounts of %(year)s are too old") % {"year": rests.year}
    if part.item == Item.COVERAGE:
        return _("nothing to cover") if securities_recorded() else _("not recorded yet")
    if part.source is Source.LEDGER:
        return _("too little history")
    return _("not in the accounts") if rests is not None else _("missing")


def source_text(part: Part) -> str:
    """Return where a sub-criterion comes from."""
    return {
        Source.LEDGER: _("computed from the ledger"),
        Source.ACCOUNTS: _("from the accounts"),
        Source.ENTERED: _("entered"),
    }[part.source]


def part_rows(card: CreditCard, currency: str, editable: bool) -> list[dict[str, Any]]:
    """Return the criteria with their sub-criteria for the tab."""
    return [
        {
            "label": branch.criterion.label,
            "weight": weight_text(branch.weight),
            "score": branch.score,
            "parts": [_part_row(part, card, currency, editable) for part in branch.parts],
        }
        for branch in card.branches
    ]


def _part_row(part: Part, card: CreditCard, currency: str, editable: bool) -> dict[str, Any]:
    pk = card.row.distributor_id
    entered = part.source is Source.ENTERED
    return {
        "label": part.item.label,
        "weight": weight_text(part.weight),
        "score": part.score,
        "value": value_text(part, card, currency),
        "source": source_text(part),
        "missing": missing_text(part),
        "evidence": part.evidence if entered else None,
        "file": reverse("credit:evidence-file", args=[part.evidence.pk])
        if entered and part.evidence and part.evidence.blob_id
        else "",
        "add": reverse("credit:evidence-add", args=[pk, part.item.value]) if editable and entered else "",
    }


def scale_text(part: Part) -> str:
    """Return how a value became a score: the points of its scale."""
    scale = RULES[part.item].scale
    if scale is None:
        return _("the score as entered")
    many = part.item in (Item.BREACHES, Item.REGISTERED, Item.TURNS, Item.CURRENT, Item.PREMISES)

    def point(value: Decimal) -> str:
        text = f"{value:,}" if many else f"{(value * 100).normalize():f} %"
        return text.replace("-", "\N{MINUS SIGN}")

    return " · ".join(f"{point(value)} → {score}" for value, score in scale.points)


def branch_arithmetic(branch: Branch) -> str:
    """Return how the score of a criterion adds up."""
    there = [part for part in branch.parts if part.score is not None]
    if not there or branch.score is None:
        return _("no evidence: its weight is shared among the other criteria")
    held = sum(part.weight for part in there)
    terms = " + ".join(f"{part.weight / WHOLE:g} × {part.score}" for part in there)
    return f"({terms}) / {held / WHOLE:g} = {branch.score}"


def score_arithmetic(card: CreditCard) -> str:
    """Return how the score adds up from the criteria."""
    there = [branch for branch in card.branches if branch.score is not None]
    if not there:
        return _("There is no evidence at all, so there is no score.")
    held = sum(branch.weight for branch in there)
    terms = " + ".join(f"{branch.weight / WHOLE:g} × {branch.score}" for branch in there)
    return f"({terms}) / {held / WHOLE:g} = {card.row.score}"


def confidence_arithmetic(card: CreditCard) -> str:
    """Return which share of the weight has evidence."""
    terms = []
    for branch in card.branches:
        held = sum(part.weight for part in branch.parts if part.score is not None)
        if held:
            terms.append(f"{branch.weight / WHOLE:g} × {held / WHOLE:g}")
    return f"{' + '.join(terms) or 0} = {card.row.confidence} %"


def cuts_text() -> str:
    """Return from which score each grade holds."""
    cuts = Cuts().grades
    named = [
        _("%(grade)s from %(score)s") % {"grade": grade, "score": cut // 100}
        for grade, cut in zip(GRADES[:-1], cuts, strict=True)
    ]
    return ", ".join([*named, _("else %(grade)s") % {"grade": GRADES[-1]}])


def card_kpis(card: CreditCard, review: Any) -> list[dict[str, Any]]:
    """Return the figures at the head of the tab."""
    row = card.row
    mark = _("provisional: below %(least)s %% confidence") % {"least": Cuts().confidence // 100}
    stood = (
        _("reviewed %(day)s by %(who)s") % {"day": date_format(review.on, "DATE_FORMAT"), "who": review.created_by}
        if review
        else _("not reviewed yet")
    )
    return [
        {
            "label": _("Credit grade"),
            "value": row.grade or "–",
            "detail": mark if row.provisional else "",
            "tone": "w" if row.provisional else "",
        },
        {"label": _("Score"), "value": _number(row.score), "unit": _("of 100") if row.score is not None else ""},
        {
            "label": _("Confidence"),
            "value": _number(row.confidence),
            "unit": "%",
            "detail": _("share of the weight that has evidence"),
        },
        {
            "label": _("Next review"),
            "value": date_format(row.review_due, "SHORT_DATE_FORMAT") if row.review_due else "–",
            "detail": stood,
            "tone": "w" if row.review_due and row.review_due <= row.as_of else "",
        },
    ]


def _number(value: Any) -> str:
    return "–" if value is None else amount_text(value, 1)


def policy_rows(policy: CreditPolicy) -> list[dict[str, Any]]:
    """Return the settings of a version beside its weights, in words."""
    days = _("%(home)s days at home, %(overseas)s overseas")
    found = [
        (_("Grace"), days % {"home": policy.grace_home, "overseas": policy.grace_overseas}),
        (_("Planned inventory turns a year"), f"{policy.plan_turns.normalize():f}"),
        (_("Accounts count for"), _("%(count)s months after their year") % {"count": policy.accounts_months}),
        (_("Reviewed every"), _("%(count)s months") % {"count": policy.review_months}),
        (_("Grades"), cuts_text()),
    ]
    return [{"label": label, "text": text} for label, text in found]
