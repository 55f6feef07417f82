"""What an administrator does to a tag, and a change of many taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.scope import require_permission
from distributors.profiles.models import Distributor, Tag, TagChange
from distributors.profiles.tag_forms import TagMergeForm
from distributors.profiles.tagging import tag_change_undo, tag_delete, tag_merge


def _tag(request: Any, pk: int) -> Tag:
    require_permission(request.user, "profiles.change_tag")
    found: Tag = get_object_or_404(Tag.objects.visible_to(request.user, "change"), pk=pk)
    return found


def _carriers(tag: Tag) -> int:
    return int(Distributor.objects.filter(taggings__tag=tag, merged_into=None).count())


@require_http_methods(["GET", "POST"])
def merge(request: Any, pk: int) -> HttpResponse:
    """Put another tag in the place of one."""
    tag, status = _tag(request, pk), 200
    form = TagMergeForm(request.POST or None, tag=tag)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                tag_merge(actor=request.user, tag=tag, into=form.cleaned_data["into"])
            except DomainError as error:
                form.refuse(str(error), error.field)
            else:
                into = form.cleaned_data["into"]
                messages.success(request, _("“%(tag)s” is merged into “%(into)s”.") % {"tag": tag, "into": into})
                return redirect(into)
    count = _carriers(tag)
    text = ngettext(
        "%(count)s distributor carries it and will carry the other tag instead. This cannot be undone.",
        "%(count)s distributors carry it and will carry the other tag instead. This cannot be undone.",
        count,
    )
    context = {
        "form": form,
        "title": _("Merge the tag “%(name)s”") % {"name": tag},
        "intro": text % {"count": f"{count:,}"},
        "submit_label": _("Merge"),
        "cancel_url": tag.get_absolute_url(),
        "narrow": True,
    }
    return TemplateResponse(request, "core/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def delete(request: Any, pk: int) -> HttpResponse:
    """Delete a tag once the number of those who carry it was seen."""
    tag, status = _tag(request, pk), 200
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            tag_delete(actor=request.user, tag=tag, seen=int(seen) if seen.isdecimal() else -1)
        except DomainError as error:
            messages.error(request, str(error))
            status = 409
        else:
            messages.success(request, _("The tag “%(name)s” is deleted.") % {"name": tag})
            return redirect("profiles:tag-list")
    count = _carriers(tag)
    text = ngettext(
        "%(count)s distributor carries this tag and will lose it. This cannot be undone.",
        "%(count)s distributors carry this tag and will lose it. This cannot be undone.",
        count,
    )
    context = {
        "title": _("Delete the tag “%(name)s”?") % {"name": tag},
        "text": text % {"count": f"{count:,}"} if count else _("No distributor carries this tag."),
        "hidden": {"seen": str(count)},
        "submit_label": _("Delete"),
        "cancel_url": tag.get_absolute_url(),
    }
    return TemplateResponse(request, "core/confirm.html", context, status=status)


@require_http_methods(["GET", "POST"])
def change_undo(request: Any, pk: int) -> HttpResponse:
    """Take a change of many back, once it was said what that means."""
    change: TagChange = get_object_or_404(TagChange.objects.visible_to(request.user), pk=pk)
    back, status = reverse("profiles:distributor-list"), 200
    if request.method == "POST":
        try:
            count = tag_change_undo(actor=request.user, change=change)
        except DomainError as error:
            messages.error(request, str(error))
            status = 409
        else:
            text = ngettext("Undone for %(count)s distributor.", "Undone for %(count)s distributors.", count)
            messages.success(request, text % {"count": f"{count:,}"})
            return redirect(back)
    pairs: Any = change.pairs
    count = pairs.values("distributor").distinct().count()
    names = ", ".join(Tag.objects.filter(pk__in=pairs.values("tag")).values_list("name", flat=True))
    if change.adds:
        said = ngettext(
            "%(count)s distributor loses again what this gave: %(names)s.",
            "%(count)s distributors lose again what this gave: %(names)s.",
            count,
        )
    else:
        said = ngettext(
            "%(count)s distributor gets back what this took: %(names)s.",
            "%(count)s distributors get back what this took: %(names)s.",
            count,
        )
    context = {
        "title": _("Undo the change of tags?"),
        "text": said % {"count": f"{count:,}", "names": names},
        "submit_label": _("Undo"),
        "cancel_url": back,
    }
    return TemplateResponse(request, "core/confirm.html", context, status=status)
