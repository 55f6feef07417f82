"""The timeline of a distributor: all that happened, by kind, period and words, page by page and as a file."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core import clock
from core.exports import csv_response, xlsx_response
from core.tables import Column, Listed
from core.timeline import Span, mark_of, timeline_all, timeline_kinds, timeline_page
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for, tab_response
from distributors.profiles.querysets import Accounts

MOST = 20_000
DAY = {"type": "date"}
COLUMNS = (
    Column("on", gettext_lazy("Date"), kind="date"),
    Column("kind", gettext_lazy("Kind")),
    Column("title", gettext_lazy("What")),
    Column("text", gettext_lazy("More")),
    Column("who", gettext_lazy("Who")),
)


class TimelineForm(forms.Form):
    """Which events are shown."""

    q = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )

    def __init__(self, data: Mapping[str, Any] | None):
        super().__init__(data)
        kinds: Any = self.fields["kind"]
        kinds.choices = [("", _("All")), *timeline_kinds().items()]

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("since"), data.get("until")
        if first and last and last < first:
            self.add_error("until", _("The last day lies before the first."))
        return data

    def span(self) -> Span:
        """Return what is asked for; everything where nothing is."""
        data = self.cleaned_data
        kinds = frozenset({data["kind"]}) if data["kind"] else None
        return Span(today=clock.today(), first=data["since"], last=data["until"], kinds=kinds)


@require_GET
def timeline(request: Any, pk: int) -> HttpResponse:
    """Show what happened, newest first; `before` is the mark where a page goes on."""
    distributor, form = distributor_for(request, pk), TimelineForm(request.GET)
    if not form.is_valid():
        return tab_response(request, distributor, "timeline", "profiles/_timeline.html", {"form": form}, 422)
    span, words = form.span(), form.cleaned_data["q"]
    if kind := request.GET.get("export", ""):
        return _file(request, distributor, span, words, kind)
    mark = request.GET.get("before", "")
    try:
        mark_of(mark)
    except ValueError as error:
        raise Http404 from error
    page = timeline_page(request.user, Accounts([pk]), span, words=words, mark=mark)
    asked = {name: request.GET[name] for name in ("q", "kind", "since", "until") if request.GET.get(name)}

    def link(**more: str) -> str:
        query = urlencode(asked | more)
        return f"{request.path}?{query}" if query else request.path

    context = {
        "form": form,
        "events": page.events,
        "filtered": bool(asked),
        "plain_url": request.path,
        "earlier_url": link(before=page.earlier) if page.earlier else "",
        "newest_url": link() if mark else "",
        "export_url": link(export="csv"),
        "xlsx_url": link(export="xlsx"),
    }
    return tab_response(request, distributor, "timeline", "profiles/_timeline.html", context)


def _file(request: Any, distributor: Distributor, span: Span, words: str, kind: str) -> Any:
    if kind not in {"csv", "xlsx"}:
        raise Http404
    events = timeline_all(request.user, Accounts([distributor.pk]), span, words=words, most=MOST)
    rows = [(event.on, str(event.kind), str(event.title), str(event.text), event.who) for event in events]
    answer = csv_response if kind == "csv" else xlsx_response
    return answer(Listed(COLUMNS, rows), f"timeline-{distributor.pk}")
