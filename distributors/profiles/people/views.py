"""The tab of people on a distributor's page, a person's page and forms, leaving, a copy of everything, erasure."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.audit_sections import AuditSection
from core.errors import DomainError, StaleVersion
from core.sections import DetailView, FormView
from distributors.profiles.models import Contact, ContactPersonal, Distributor
from distributors.profiles.page import distributor_for, may, tab_response
from distributors.profiles.people.forms import LeaveForm, PersonalForm
from distributors.profiles.people.pictures import relations_of
from distributors.profiles.people.questions import BY_CODE
from distributors.profiles.people.selectors import (
    answered_in_all,
    people_by_level,
    person_chips,
    person_copy,
    personal_groups,
    personal_of,
    work_group,
)
from distributors.profiles.people.services import (
    consent_withdraw,
    contact_erase,
    contact_leave,
    contact_return,
    personal_read,
    personal_save,
)


def contact_for(request: Any, pk: int, action: str) -> Contact:
    """Return the person on whom the user may do `action`; 404 elsewhere, and for those who were erased."""
    rows = Contact.objects.visible_to(request.user, action).filter(erased_at=None).select_related("distributor")
    found: Contact = get_object_or_404(rows, pk=pk)
    return found


@never_cache
@require_GET
def distributor_tab(request: Any, pk: int) -> HttpResponse:
    """Show the people of a distributor; whose phone numbers are shown, of those the reading is noted."""
    distributor = distributor_for(request, pk)
    found = people_by_level(request.user, distributor)
    personal_read(actor=request.user, contacts=found.pop("read"), what="phones")
    addable = distributor.merged_into_id is None and may(request.user, "change", pk)
    context = {
        **found,
        "add_url": f"{reverse('profiles:contact-add')}?distributor={distributor.code}" if addable else "",
        "all_url": reverse("profiles:contact-list"),
    }
    return tab_response(request, distributor, "people", "profiles/people/_tab.html", context)


def _crumbs(contact: Contact) -> list[dict[str, str]]:
    people = reverse("profiles:distributor-people", args=[contact.distributor_id])
    return [
        {"label": _("Distributors"), "url": reverse("profiles:distributor-list")},
        {"label": str(contact.distributor), "url": contact.distributor.get_absolute_url()},
        {"label": _("People"), "url": people},
    ]


@method_decorator(never_cache, name="dispatch")
class ContactDetail(DetailView):
    """A person in groups, with the share that is answered; what is personal for who may see it."""

    def get(self, request: Any, pk: int) -> Any:
        """Add the groups and what can be done."""
        response = super().get(request, pk)
        contact = response.context_data["object"]
        if contact.erased_at is not None:
            response.context_data |= {
                "crumbs": _crumbs(contact),
                "edit_url": None,
                "erased_on": date_format(localtime(contact.erased_at), "DATE_FORMAT"),
                "trail_url": AuditSection.trail_url(contact, request.user),
            }
            return response
        personal = personal_of(request.user, [pk]).get(pk)
        if personal is not None:
            personal_read(actor=request.user, contacts=[contact], what="all")
        editable = bool(personal_of(request.user, [pk], "change"))
        response.context_data |= {
            "crumbs": _crumbs(contact),
            "subtitle": " · ".join(part for part in (contact.title, str(contact.distributor)) if part),
            "chips": person_chips(contact),
            "groups": [work_group(contact)],
            "personal": personal_groups(personal) if personal is not None else [],
            "seen": personal is not None,
            "relations": relations_of(contact, request.user),
            "whole": answered_in_all(contact, personal),
            "personal_url": reverse("profiles:contactpersonal-edit", args=[pk]) if editable else "",
            "may_change": response.context_data["edit_url"] is not None,
            "erase_url": reverse("profiles:contact-erase", args=[pk]) if self._erasable(request.user, pk) else "",
            "trail_url": AuditSection.trail_url(contact, request.user),
        }
        return response

    def _erasable(self, user: Any, pk: int) -> bool:
        return bool(Contact.objects.visible_to(user, "erase").filter(pk=pk).exists())


class ContactForm(FormView):
    """The form; a link from a distributor's page brings its code along. Nobody who was erased is changed."""

    def queryset(self) -> Any:
        """Return the people on whom the user may do this, without those who were erased."""
        return super().queryset().filter(erased_at=None)

    def instance(self) -> Any:
        """Return the person, or a new one at the distributor whose code the link names."""
        found = super().instance()
        code = self.request.GET.get("distributor", "").replace("\x00", "")
        if found.pk is None and code and self.request.method == "GET":
            user: Any = self.request.user
            found.distributor = Distributor.objects.visible_to(user, "change").filter(code=code).first()
        return found


class PersonalPages:
    """What the form of what is personal needs of a section: it has no list, and no page of its own."""

    model: ClassVar[Any] = ContactPersonal
    form: ClassVar[Any] = PersonalForm
    save = staticmethod(personal_save)
    singular: ClassVar[Any] = gettext_lazy("contact")
    has_detail: ClassVar[bool] = True
    personal: ClassVar[bool] = False  # the view notes each reading itself, with what was read

    @classmethod
    def queryset(cls) -> Any:
        """Return what is personal of everybody, for the view to narrow."""
        return ContactPersonal.objects.select_related("contact__distributor", "updated_by")

    @classmethod
    def url(cls, screen: str, *args: Any) -> str:
        """Return the page of the person."""
        return reverse("profiles:contact-detail", args=args)


@method_decorator(never_cache, name="dispatch")
class PersonalFormView(FormView):
    """The form of what is personal; showing it, and showing what somebody else saved, is a reading."""

    section = PersonalPages

    def get(self, request: Any, **kwargs: Any) -> Any:
        """Answer the form with what is saved."""
        response = super().get(request, **kwargs)
        self._note(response.context_data["form"].instance)
        return response

    def show_conflict(self, form: Any) -> HttpResponse:
        """Show both versions."""
        self._note(form.instance)
        return super().show_conflict(form)

    def _note(self, personal: ContactPersonal) -> None:
        personal_read(actor=self.request.user, contacts=[personal.contact], what="all")  # type: ignore[arg-type]


@require_http_methods(["GET", "POST"])
def leave(request: Any, pk: int) -> HttpResponse:
    """Note that a person left."""
    contact = contact_for(request, pk, "change")
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            contact_leave(actor=request.user, contact=contact, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect(contact)
    context = {
        "form": form,
        "title": _("%(name)s left %(distributor)s") % {"name": contact, "distributor": contact.distributor},
        "intro": _("They stay on record with everything that refers to them."),
        "submit_label": _("Save"),
        "cancel_url": contact.get_absolute_url(),
        "narrow": True,
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.is_bound else 200)


@require_POST
def come_back(request: Any, pk: int) -> HttpResponse:
    """Take back that a person left."""
    contact = contact_for(request, pk, "change")
    try:
        contact_return(actor=request.user, contact=contact)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(contact)


@require_http_methods(["GET", "POST"])
def withdraw(request: Any, pk: int, group: str) -> HttpResponse:
    """Take back the consent to a group of answers, which go with it, once it was said what that means."""
    rows = ContactPersonal.objects.visible_to(request.user, "change").select_related("contact__distributor")
    contact = get_object_or_404(rows, pk=pk).contact
    if group not in BY_CODE:
        raise Http404
    if request.method == "POST":
        try:
            consent_withdraw(actor=request.user, contact=contact, group=BY_CODE[group])
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The consent is taken back, and its answers are gone."))
        return redirect(contact)
    context = {
        "title": _("%(name)s took back the consent?") % {"name": contact},
        "text": _("The answers under “%(group)s” are deleted with their purpose. This cannot be undone.")
        % {"group": BY_CODE[group].label},
        "submit_label": _("Delete these answers"),
        "cancel_url": contact.get_absolute_url(),
    }
    return TemplateResponse(request, "core/confirm.html", context)


@never_cache
@require_GET
def export(request: Any, pk: int) -> HttpResponse:
    """Answer a file with everything that is kept of a person, for them."""
    personal = personal_of(request.user, [pk]).get(pk)
    if personal is None:
        raise Http404
    contact = contact_for(request, pk, "view")
    personal_read(actor=request.user, contacts=[contact], what="file")
    answer = JsonResponse(person_copy(contact, personal), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="contact-{pk}.json"'
    return answer


@require_http_methods(["GET", "POST"])
def erase(request: Any, pk: int) -> HttpResponse:
    """Erase a person, once it was said what that means."""
    contact, status = contact_for(request, pk, "erase"), 200
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            contact_erase(actor=request.user, contact=contact, version=int(seen) if seen.isdecimal() else 0)
        except StaleVersion:
            messages.error(request, _("Somebody changed this person meanwhile; look again before you erase them."))
            status = 409
        except DomainError as error:
            messages.error(request, str(error))
            status = 409
        else:
            messages.success(request, _("The person is erased."))
            return redirect("profiles:distributor-people", contact.distributor_id)
        contact.refresh_from_db()
    context = {
        "title": _("Erase %(name)s?") % {"name": contact},
        "text": _(
            "The name, the work and everything personal are gone for good; what refers to this person goes on"
            " referring to an erased person. Hand them a copy first if they asked for one. This cannot be undone."
        ),
        "hidden": {"seen": str(contact.version)},
        "submit_label": _("Erase"),
        "cancel_url": contact.get_absolute_url() if not contact.erased_at else reverse("profiles:contact-list"),
    }
    return TemplateResponse(request, "core/confirm.html", context, status=status)
