"""The organisation chart and the influence map, and entering how people stand to each other."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from distributors.profiles.models import ContactRelation
from distributors.profiles.page import distributor_for, tab_response
from distributors.profiles.people.forms import RelationForm
from distributors.profiles.people.pictures import picture_of
from distributors.profiles.people.relating import relation_remove, relation_set
from distributors.profiles.people.views import contact_for


@require_GET
def picture(request: Any, pk: int, picture: str) -> HttpResponse:
    """Show the chart or the map, with its table."""
    if picture not in {"chart", "map"}:
        raise Http404
    distributor = distributor_for(request, pk)
    context = picture_of(request.user, distributor, picture)
    return tab_response(request, distributor, "people", "profiles/people/_picture.html", context)


@require_http_methods(["GET", "POST"])
def relate(request: Any, pk: int) -> HttpResponse:
    """Enter how a person stands to another one."""
    contact = contact_for(request, pk, "change")
    data = request.POST if request.method == "POST" else None
    form = RelationForm(data, user=request.user, contact=contact)
    if form.is_valid():
        try:
            relation_set(actor=request.user, contact=contact, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect(contact)
    context = {
        "form": form,
        "title": _("How %(name)s stands to others") % {"name": contact},
        "intro": _("Whom they report to takes the place of whoever was entered before."),
        "submit_label": _("Save"),
        "cancel_url": contact.get_absolute_url(),
        "narrow": True,
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.is_bound else 200)


@require_POST
def unrelate(request: Any, pk: int) -> HttpResponse:
    """Take a relation away, and return to whose page it was pressed on."""
    rows = ContactRelation.objects.visible_to(request.user, "change").select_related("source", "target")
    relation: ContactRelation = get_object_or_404(rows, pk=pk)
    relation_remove(actor=request.user, relation=relation)
    back = relation.target if request.POST.get("back") == str(relation.target_id) else relation.source
    return redirect(back)
