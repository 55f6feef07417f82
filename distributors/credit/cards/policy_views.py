"""The policy of credit cards: what holds, its versions, the form that adds one, and comparisons in pairs."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import DomainError, StaleVersion
from core.sections import wants_fragment
from distributors.credit.calculations.ahp import MatrixRefused, Weighed, matrix_filled, weigh
from distributors.credit.cards.forms import AhpForm, PolicyForm
from distributors.credit.cards.items import LEVELS, level_label, name_label
from distributors.credit.cards.models import CreditPolicy
from distributors.credit.cards.page import require, tabs
from distributors.credit.cards.policies import policy_change, policy_ensure, policy_on, policy_weigh
from distributors.credit.cards.refusals import inconsistent_text, refusal_text
from distributors.credit.cards.wording import policy_rows, weight_text


@require_GET
def policy(request: Any) -> HttpResponse:
    """Show the weights and settings in force, and their history."""
    require(request.user, "view_creditpolicy")
    current = policy_on(clock.today())
    context = {
        "title": _("Credit cards"),
        "tabs": tabs("policy"),
        "current": current,
        "rows": policy_rows(current),
        "levels": [_level(current, level, names) for level, names in LEVELS.items()],
        "versions": list(CreditPolicy.objects.select_related("created_by")),
        "may_change": request.user.reach("credit.change_creditpolicy") is not None,
    }
    return TemplateResponse(request, "credit/policy.html", context)


def _level(current: CreditPolicy, level: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "level": level,
        "label": level_label(level),
        "compared": level in current.judgements,
        "rows": [{"label": name_label(name), "text": weight_text(getattr(current, name))} for name in names],
    }


@require_http_methods(["GET", "POST"])
def change(request: Any) -> HttpResponse:
    """Add a version with other weights or settings."""
    require(request.user, "change_creditpolicy")
    current = policy_ensure()
    form = PolicyForm(request.POST or None, current=current)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            kept = {name: data[name] for name in ("opened", "valid_from", "note")}
            try:
                made = policy_change(actor=request.user, **kept, **form.settings())
            except StaleVersion as error:
                form.data = {**request.POST.dict(), "opened": str(current.number)}
                form.add_error(None, str(error))
                status = 409
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                return _saved(request, made)
    context = {"title": _("Change how credit is scored"), "form": form, "cancel_url": reverse("credit:policy")}
    return TemplateResponse(request, "credit/policy_form.html", context, status=status)


def _saved(request: Any, made: CreditPolicy) -> HttpResponse:
    text = _("%(version)s is saved; the next scoring from that day on goes by it.")
    messages.success(request, text % {"version": str(made).capitalize()})
    return redirect("credit:policy")


@require_http_methods(["GET", "POST"])
def compare(request: Any, level: str) -> HttpResponse:
    """Compare in pairs what weighs more; the weights follow at each change, and are saved as a new version."""
    require(request.user, "change_creditpolicy")
    if level not in LEVELS:
        raise Http404
    names, current = LEVELS[level], policy_ensure()
    given = _given(request.POST, len(names)) if request.method == "POST" else _kept(current, level)
    save = "save" in request.POST
    form = AhpForm(request.POST if request.method == "POST" else None, opened=current.number)
    weighed, refusal, status = _weighed(given, names)
    if save and form.is_valid() and not refusal:
        try:
            made = policy_weigh(actor=request.user, level=level, above=given, **form.cleaned_data)
        except StaleVersion as error:
            form.data = {**request.POST.dict(), "opened": str(current.number)}
            refusal, status = str(error), 409
        except DomainError as error:
            refusal, status = str(error), 422
        else:
            return _saved(request, made)
    context = {
        "title": _("Compare in pairs: %(level)s") % {"level": level_label(level)},
        "level": level,
        "form": form,
        "weighed": weighed,
        "refusal": refusal,
        "matrix": _matrix(given, names, weighed),
        "labels": [name_label(name) for name in names],
        "cancel_url": reverse("credit:policy-change"),
    }
    fragment = wants_fragment(request)
    template = "credit/_compare.html" if fragment else "credit/compare.html"
    response = TemplateResponse(request, template, context, status=(status or 422) if save else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _given(post: Mapping[str, Any], size: int) -> dict[tuple[int, int], str]:
    """Return the judgements above the diagonal as they were typed; what is empty counts as 1."""
    pairs = ((row, column) for row in range(size) for column in range(row + 1, size))
    return {pair: post.get(f"j-{pair[0]}-{pair[1]}", "").strip() or "1" for pair in pairs}


def _kept(current: CreditPolicy, level: str) -> dict[tuple[int, int], str]:
    """Return the judgements that the weights in force were made of."""
    kept, size = current.judgements.get(level), len(LEVELS[level])
    return {(row, column): kept[row][column] if kept else "1" for row in range(size) for column in range(row + 1, size)}


def _weighed(given: Mapping[tuple[int, int], Any], names: tuple[str, ...]) -> tuple[Weighed | None, str, int]:
    """Return what the judgements give, and why they are refused, with the status that says so."""
    try:
        weighed = weigh(matrix_filled(len(names), given))
    except MatrixRefused as error:
        return None, str(refusal_text(error, names)), 422
    return weighed, "" if weighed.accepted else str(inconsistent_text(weighed, names)), 0


def _matrix(
    given: Mapping[tuple[int, int], Any], names: tuple[str, ...], weighed: Weighed | None
) -> list[dict[str, Any]]:
    """Return the rows of the editor: inputs above the diagonal, reciprocals below it, the weight."""
    revisit = weighed.revisit if weighed and not weighed.accepted else None

    def cell(row: int, column: int) -> dict[str, Any]:
        """Return one cell."""
        typed = given.get((row, column), "")
        across = str(weighed.matrix[row][column]) if weighed else "–"
        return {
            "name": f"j-{row}-{column}" if row < column else "",
            "label": _("%(row)s against %(column)s")
            % {"row": name_label(names[row]), "column": name_label(names[column])},
            "value": typed if row < column else "1" if row == column else across,
            "wrong": revisit is not None and (revisit.row, revisit.column) == (row, column),
        }

    size = len(names)
    return [
        {
            "label": name_label(name),
            "cells": [cell(place, column) for column in range(size)],
            "weight": f"{weighed.weights[place] * 100:.2f} %" if weighed else "–",
        }
        for place, name in enumerate(names)
    ]
