"""Two cards side by side: which one stays, and the merge taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from distributors.profiles.forms import MergeForm, MergeWithForm, MoveForm
from distributors.profiles.merging import distributor_merge, distributor_unmerge, merge_candidates
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for
from distributors.profiles.selectors import comparison
from distributors.profiles.views import form_page


@require_http_methods(["GET", "POST"])
def merge(request: Any, pk: int) -> HttpResponse:
    """Offer the likely duplicates of a card, show one beside it, and merge the two."""
    distributor = distributor_for(request, pk, "merge")
    if distributor.merged_into_id is not None:
        return redirect("profiles:distributor-detail", pk)
    choose = MergeWithForm(request.GET if "with" in request.GET else None, user=request.user, distributor=distributor)
    if not choose.is_valid():
        return _candidates(request, distributor, choose)
    other = choose.cleaned_data["with"]
    form = MergeForm(request.POST or None, cards=(distributor, other))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            source, survivor = form.sides()
            try:
                distributor_merge(
                    actor=request.user, source=source, survivor=survivor, reason=form.cleaned_data["reason"]
                )
            except DomainError as error:
                form.add_error(None, str(error))
                status = 409
            else:
                messages.success(
                    request, _("%(source)s is merged into %(survivor)s.") % {"source": source, "survivor": survivor}
                )
                return redirect("profiles:distributor-detail", survivor.pk)
    context = {
        "title": _("Merge two cards"),
        "form": form,
        "cards": (distributor, other),
        "rows": comparison(distributor, other),
        "cancel_url": reverse("profiles:distributor-merge", args=[pk]),
    }
    return TemplateResponse(request, "profiles/merge_compare.html", context, status=status)


def _candidates(request: Any, distributor: Distributor, choose: MergeWithForm) -> HttpResponse:
    context = {
        "title": _("Duplicates of %(name)s") % {"name": distributor},
        "distributor": distributor,
        "candidates": list(merge_candidates(request.user, distributor).select_related("territory")),
        "form": choose,
    }
    return TemplateResponse(request, "profiles/merge_candidates.html", context, status=422 if choose.is_bound else 200)


@require_http_methods(["GET", "POST"])
def unmerge(request: Any, pk: int) -> HttpResponse:
    """Make a merged card one of its own again."""
    distributor = distributor_for(request, pk, "merge")
    form = MoveForm(request.POST or None)
    title, submit = _("Undo the merge of %(name)s") % {"name": distributor}, _("Undo the merge")
    if distributor.merged_into_id is None:
        return redirect("profiles:distributor-detail", pk)
    if request.method == "GET":
        return form_page(request, distributor, form, title, submit)
    if not form.is_valid():
        return form_page(request, distributor, form, title, submit, 422)
    try:
        distributor_unmerge(actor=request.user, source=distributor, reason=form.cleaned_data["reason"])
    except DomainError as error:
        form.add_error(None, str(error))
        return form_page(request, distributor, form, title, submit, 409)
    messages.success(request, _("%(name)s is a card of its own again.") % {"name": distributor})
    return redirect("profiles:distributor-detail", pk)
