"""The audit trail as a section: who changed what, when, from where, before and after."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.filters import BaseFilterSet
from core.keyset import keyset_page
from core.listing import Listing
from core.models import AuditEvent
from core.sections import DetailView, Paged, Section
from core.tables import Column, Row, Table
from core.trail_words import FOUND, with_words

_ALL = gettext_lazy("All")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _Verbs(dict):
    """Verbs in words, for columns: asked by verb, in the reader's language."""

    def get(self, verb: Any, default: Any = None) -> Any:
        """Return the words of a verb."""
        return audit.words_of(str(verb))


class AuditTable(Table):
    """The trail, the newest first."""

    columns_declared = (
        Column("at", gettext_lazy("When"), kind="link", sort=""),
        Column("actor", gettext_lazy("Who"), path="actor__name", sort=""),
        Column("on_behalf_of", gettext_lazy("In place of"), path="on_behalf_of__name", sort="", hide="lg"),
        Column("verb", gettext_lazy("What"), sort="", choices=_Verbs()),
        Column("target", gettext_lazy("Of what"), path="target_text", sort="", sub="target_type"),
        Column("note", gettext_lazy("Reason"), sort="", hide="md"),
        Column("origin", gettext_lazy("From where"), sort="", hide="lg"),
    )
    default_order = ("-at", "-pk")

    def row_url(self, row: Row) -> str:
        """Lead to the entry."""
        return AuditSection.url("detail", row["pk"])

    def render(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """Name the kind of each record in words, and the product where nobody acted."""
        said: list[Row] = [
            {
                **row,
                "target_type": audit.record_word(row.get("target_type", "")),
                "actor__name": row.get("actor__name") or _("the product"),
            }
            for row in rows
        ]
        return super().render(said)


class AuditFilter(BaseFilterSet):
    """The trail by person, kind of change, kind of record, days and word."""

    actor = django_filters.ModelChoiceFilter(
        queryset=lambda request: get_user_model().objects.visible_to(request.user),
        label=gettext_lazy("Who"),
        empty_label=gettext_lazy("Everybody"),
    )
    verb = django_filters.ChoiceFilter(choices=audit.verbs, label=gettext_lazy("What"))
    type = django_filters.ChoiceFilter(
        field_name="target_type", choices=audit.record_words, label=gettext_lazy("Kind of record"), empty_label=_ALL
    )
    since = django_filters.DateFilter(method="from_day", label=gettext_lazy("From"), widget=DAY)
    until = django_filters.DateFilter(method="to_day", label=gettext_lazy("To"), widget=DAY)
    record = django_filters.CharFilter("target_id", widget=forms.HiddenInput)

    class Meta:
        model = AuditEvent
        fields: ClassVar[list[str]] = []

    def from_day(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        """Keep what happened on a day or later, as a range of moments that the index of times answers."""
        return queryset.filter(at__gte=make_aware(datetime.combine(value, time.min)))

    def to_day(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        """Keep what happened on a day or earlier."""
        if value == date.max:
            return queryset
        return queryset.filter(at__lt=make_aware(datetime.combine(value + timedelta(days=1), time.min)))

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Look for words last, in what the other filters keep."""
        words = self.form.cleaned_data.pop("q", "")
        narrowed: QuerySet = super().filter_queryset(queryset)
        self.form.cleaned_data["q"] = words
        return with_words(narrowed, words) if words else narrowed


class AuditDetail(DetailView):
    """One entry with both sides of what changed."""

    def get(self, request: Any, pk: int) -> Any:
        """Add the differences."""
        response = super().get(request, pk)
        event = response.context_data["object"]
        names = sorted({**event.before, **event.after})
        response.context_data |= {
            "title": capfirst(audit.words_of(event.verb)),
            "subtitle": event.target_text,
            "changes": [
                {"name": name, "before": event.before.get(name, ""), "after": event.after.get(name, "")}
                for name in names
            ],
        }
        return response


class AuditSection(Section):
    """What happened, to what, by whom; read only."""

    model = AuditEvent
    title = gettext_lazy("Audit trail")
    singular = gettext_lazy("entry")
    slug = "audit"
    table = AuditTable
    filterset = AuditFilter
    detail_view = AuditDetail

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the trail with its people."""
        return AuditEvent.objects.select_related("actor", "on_behalf_of")

    @classmethod
    def paged(cls, listing: Listing) -> Paged:
        """Return a page by the entry at which it begins: the trail is too long to be counted."""
        page = keyset_page(listing, "at")
        if not listing.filterset.form.cleaned_data.get("q") or page.count["value"] <= FOUND:
            return page
        text = _("more than %(number)s rows") % {"number": f"{FOUND:,}"}
        return replace(page, count={"value": FOUND, "estimated": False, "text": text})

    @classmethod
    def trail_url(cls, target: Any, user: Any) -> str:
        """Return the address of everything that happened to a record, nothing for who may not read the trail."""
        if user.reach("core.view_auditevent") is None:
            return ""
        return f"{cls.url('list')}?type={target._meta.label}&record={target.pk}"

    @classmethod
    def groups(cls, instance: AuditEvent, user: Any) -> list[dict[str, Any]]:
        """Return who, when, of what and from where."""
        same = f"{cls.url('list')}?type={instance.target_type}&record={instance.target_id}"
        by = f"{cls.url('list')}?actor={instance.actor_id}" if instance.actor_id else ""
        page = audit.page_of(instance.target_type, instance.target_id)
        rows = [
            (_("When"), date_format(localtime(instance.at), "SHORT_DATETIME_FORMAT"), ""),
            (_("Who"), str(instance.actor or _("the product")), by),
            (_("In place of"), str(instance.on_behalf_of or ""), ""),
            (
                _("Of what"),
                f"{instance.target_text} ({audit.record_word(instance.target_type)} {instance.target_id})",
                same,
            ),
            *([(_("Page"), instance.target_text, page)] if page else []),
            (_("Reason"), instance.note, ""),
            (_("From where"), instance.origin, ""),
        ]
        return [
            {"title": _("Entry"), "rows": [{"label": label, "text": text, "url": url} for label, text, url in rows]}
        ]
