"""The credit tab of a distributor, how its grade was computed, and scoring on demand."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Territory
from core import clock
from core.company import company
from core.errors import DomainError
from core.schedules import schedule_ensure
from distributors.credit.cards.charts import history_chart, radar_chart
from distributors.credit.cards.forms import ReviewForm
from distributors.credit.cards.page import changeable_for, may, require, tab_url
from distributors.credit.cards.policies import policy_on
from distributors.credit.cards.runs import card_score
from distributors.credit.cards.selectors import (
    CreditCard,
    accounts_of,
    card_of,
    events_of,
    history_of,
    last_review,
    median_of,
)
from distributors.credit.cards.services import review_add
from distributors.credit.cards.wording import (
    branch_arithmetic,
    card_kpis,
    confidence_arithmetic,
    cuts_text,
    grade_tone,
    missing_text,
    part_rows,
    scale_text,
    score_arithmetic,
    value_text,
    weight_text,
)
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.page import distributor_for, tab_response

MOST_KEY = 2**63 - 1


@require_GET
def distributor_tab(request: Any, pk: int) -> HttpResponse:
    """Show the card of a distributor with what it rests on, its history and its next review."""
    user = request.user
    require(user, "view_creditscore")
    found = distributor_for(request, pk)
    open_now = found.merged_into_id is None and found.state != Lifecycle.ENDED
    context: dict[str, Any] = {
        "card": None,
        "may_evidence": open_now and may(user, found, "add_evidence"),
        "may_accounts": open_now and may(user, found, "add_accounts"),
        "may_review": open_now and may(user, found, "review_creditscore"),
        "accounts": accounts_of(user, found),
    }
    card = card_of(user=user, distributor=found)
    if card is not None:
        context |= _card_context(user, found, card, context["may_evidence"])
    return tab_response(request, found, "credit", "credit/_distributor.html", context)


def _card_context(user: Any, found: Distributor, card: CreditCard, editable: bool) -> dict[str, Any]:
    history = history_of(user, found)
    known = median_of(card.run, found.territory_path)
    name = Territory.objects.filter(path=known[0]).values_list("name", flat=True).first() if known else ""
    return {
        "card": card,
        "tone": grade_tone(card.row.grade),
        "kpis": card_kpis(card, last_review(user, found)),
        "radar": radar_chart(card, known[1] if known else None, str(name)) if card.row.score is not None else None,
        "history": history_chart(history) if any(row.score is not None for row in history) else None,
        "events": events_of(user, found),
        "branches": part_rows(card, company().base_currency, editable),
    }


@require_GET
def how(request: Any, pk: int) -> HttpResponse:
    """Show the arithmetic of a card: of the current run, or of the month-end asked for."""
    require(request.user, "view_creditscore")
    found = distributor_for(request, pk)
    asked = request.GET.get("run", "")
    if asked and not (asked.isascii() and asked.isdigit() and int(asked) <= MOST_KEY):
        raise Http404
    card = card_of(user=request.user, distributor=found, run=int(asked) if asked else None)
    if card is None:
        raise Http404
    context = {
        "title": _("How the credit grade of %(name)s was computed") % {"name": found},
        "distributor": found,
        "card": card,
        "tone": grade_tone(card.row.grade),
        "branches": [_branch(branch, card) for branch in card.branches],
        "score_sum": score_arithmetic(card),
        "confidence_sum": confidence_arithmetic(card),
        "cuts": cuts_text(),
        "runs": [row for row in history_of(request.user, found) if row.run_id != card.run.pk],
        "back_url": tab_url(pk),
    }
    return TemplateResponse(request, "credit/how.html", context)


def _branch(branch: Any, card: CreditCard) -> dict[str, Any]:
    currency = company().base_currency
    return {
        "label": branch.criterion.label,
        "weight": weight_text(branch.weight),
        "score": branch.score,
        "sum": branch_arithmetic(branch),
        "parts": [
            {
                "label": part.item.label,
                "weight": weight_text(part.weight),
                "value": value_text(part, card, currency),
                "scale": scale_text(part),
                "score": part.score,
                "missing": missing_text(part),
                "evidence": part.evidence,
            }
            for part in branch.parts
        ],
    }


@require_POST
def rescore(request: Any, pk: int) -> HttpResponse:
    """Score one card now."""
    found = changeable_for(request, pk, "add_evidence")
    card = card_score(distributor=found, actor=request.user)
    if card is None:
        messages.error(request, _("An ended or merged distributor has no credit card."))
    else:
        messages.success(request, _("The card is scored: %(grade)s.") % {"grade": card.grade or _("no grade yet")})
    return redirect(tab_url(pk))


@require_POST
def run_now(request: Any) -> HttpResponse:
    """Score all cards, as the night does."""
    require(request.user, "run_creditpolicy")
    return redirect(schedule_ensure(actor=request.user, name="credit.cards"))


@require_http_methods(["GET", "POST"])
def review(request: Any, pk: int) -> HttpResponse:
    """Stand by a card, and say when it is looked at again."""
    found = changeable_for(request, pk, "review_creditscore")
    card = card_of(user=request.user, distributor=found)
    months = card.run.policy.review_months if card else policy_on(clock.today()).review_months
    form = ReviewForm(request.POST or None, months=months)
    if request.method == "POST" and form.is_valid():
        try:
            review_add(actor=request.user, distributor=found, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The card is reviewed."))
            return redirect(tab_url(pk))
    context = {
        "title": _("Review the credit card of %(name)s") % {"name": found},
        "intro": _("You stand by %(grade)s as of today; the card says what it rests on.") % {"grade": card.row.grade}
        if card and card.row.grade
        else "",
        "form": form,
        "narrow": True,
        "submit_label": _("I have reviewed it"),
        "cancel_url": tab_url(pk),
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.errors else 200)
