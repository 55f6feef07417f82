"""Promises, disputes, reminders and securities as lists with their exports."""

from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import clock
from core.sections import Section
from core.tables import Column, Row
from distributors.credit.limits.collecting_models import Dispute, Promise, Reminder
from distributors.credit.limits.collecting_views import SecurityDetail, security_groups
from distributors.credit.limits.models import Security, SecurityKind
from distributors.credit.limits.pages import tab_url
from distributors.credit.limits.promises import PROMISE_STATES, PROMISE_TONES, with_state
from distributors.credit.limits.sections import (
    BESIDE,
    CODE,
    DISTRIBUTOR,
    OWNER,
    TERRITORY,
    WORDS,
    AccountRows,
    CreditTable,
    OfAccounts,
    money,
)
from distributors.credit.limits.securities import SOON_DAYS


class PromiseTable(CreditTable):
    """Promised payments, the latest day first."""

    columns_declared = (
        DISTRIBUTOR,
        Column("amount", _("Amount"), kind="number", sub="currency"),
        Column("due_on", _("To be paid by"), kind="date"),
        Column(
            "state",
            _("State"),
            kind="chip",
            choices=PROMISE_STATES,
            tone=lambda value: PROMISE_TONES.get(value, ""),
            sort="",
        ),
        money("paid", _("Paid meanwhile"), hide="md", sort=""),
        Column("made_on", _("Promised on"), kind="date", hide="md"),
        Column("note", _("Note"), sort="", hide="lg"),
        Column("created_by", _("Entered by"), path="created_by__name", hide="lg"),
        CODE,
        TERRITORY,
        OWNER,
    )
    default_order = ("-due_on", "-pk")


class PromiseFilter(OfAccounts):
    """Promised payments by whether they were kept."""

    state = django_filters.ChoiceFilter(choices=list(PROMISE_STATES.items()), label=_("State"))

    class Meta:
        model = Promise
        fields: ClassVar[list[str]] = []


class PromiseSection(AccountRows, Section):
    """Promised payments of the distributors in reach."""

    model = Promise
    title = _("Promised payments")
    singular = _("promised payment")
    slug = "credit/promises"
    table = PromiseTable
    filterset = PromiseFilter

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return them with whether they were kept."""
        return with_state(super().queryset())


class DisputeTable(CreditTable):
    """Disputes, the latest first."""

    columns_declared = (
        Column("number", _("Invoice"), kind="link"),
        BESIDE,
        Column("reason", _("Reason"), sort=""),
        Column("raised_on", _("Raised on"), kind="date"),
        Column("raised_by", _("Raised by"), path="raised_by__name", hide="lg"),
        Column("settled_on", _("Settled on"), kind="date", hide="sm"),
        Column("settled_by", _("Settled by"), path="settled_by__name", hide="lg"),
        Column("outcome", _("Outcome"), sort="", hide="md"),
        CODE,
        TERRITORY,
        OWNER,
    )
    default_order = ("-pk",)


class DisputeFilter(OfAccounts):
    """Disputes, open or settled."""

    open = django_filters.ChoiceFilter(
        choices=[("1", _("not settled")), ("0", _("settled"))], method="by_open", label=_("State")
    )

    search_fields = ("number", *WORDS)

    class Meta:
        model = Dispute
        fields: ClassVar[list[str]] = []

    def by_open(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those that are not settled, or those that are."""
        return queryset.filter(settled_on__isnull=value == "1")


class DisputeSection(AccountRows, Section):
    """Disputed invoices of the distributors in reach."""

    model = Dispute
    title = _("Disputed invoices")
    singular = _("disputed invoice")
    slug = "credit/disputes"
    table = DisputeTable
    filterset = DisputeFilter


class ReminderTable(CreditTable):
    """Reminders, the latest first."""

    columns_declared = (
        Column("sent_on", _("Sent on"), kind="date"),
        BESIDE,
        Column("stage", _("Stage"), kind="number"),
        Column("way", _("How"), choices=dict(Reminder.Way.choices)),
        money("overdue", _("Overdue then"), hide="sm"),
        Column("days_late", _("Days late then"), kind="number", hide="md"),
        Column("note", _("Note"), sort="", hide="lg"),
        Column("sent_by", _("Sent by"), path="sent_by__name", hide="md"),
        CODE,
        TERRITORY,
        OWNER,
    )
    default_order = ("-pk",)


class ReminderFilter(OfAccounts):
    """Reminders by stage."""

    stage = django_filters.ChoiceFilter(choices=[(str(one), str(one)) for one in range(1, 5)], label=_("Stage"))

    class Meta:
        model = Reminder
        fields: ClassVar[list[str]] = []


class ReminderSection(AccountRows, Section):
    """Reminders sent to the distributors in reach."""

    model = Reminder
    title = _("Reminders")
    singular = _("reminder")
    slug = "credit/reminders"
    table = ReminderTable
    filterset = ReminderFilter


class SecurityTable(CreditTable):
    """Securities, the soonest to expire first."""

    columns_declared = (
        Column("reference", _("Reference"), kind="link"),
        BESIDE,
        Column("kind", _("Kind"), choices=dict(SecurityKind.choices), hide="sm"),
        Column("amount", _("Amount"), kind="number", sub="currency"),
        Column("counts", _("Counts, %"), kind="number", hide="lg"),
        Column("holder", _("Holder"), hide="lg"),
        Column("expires_on", _("Expires on"), kind="date"),
        Column("released_on", _("Given back on"), kind="date", hide="md"),
        Column("file_name", _("File"), optional=True),
        CODE,
        TERRITORY,
        OWNER,
    )
    default_order = ("expires_on", "pk")

    def row_url(self, row: Row) -> str:
        """Lead to the security."""
        return SecuritySection.url("detail", row["pk"])


class SecurityFilter(OfAccounts):
    """Securities by kind, and whether they are kept, expire soon, have expired or were given back."""

    kind = django_filters.ChoiceFilter(choices=SecurityKind.choices, label=_("Kind"))
    state = django_filters.ChoiceFilter(
        choices=[
            ("kept", _("in force")),
            ("soon", _("expires within 30 days")),
            ("expired", _("expired")),
            ("back", _("given back")),
        ],
        method="by_state",
        label=_("State"),
    )

    search_fields = ("reference", "holder", *WORDS)

    class Meta:
        model = Security
        fields: ClassVar[list[str]] = []

    def by_state(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those in a state."""
        today = clock.today()
        if value == "back":
            return queryset.exclude(released_on=None)
        kept = queryset.filter(released_on=None)
        if value == "expired":
            return kept.filter(expires_on__lt=today)
        if value == "soon":
            return kept.filter(expires_on__range=(today, today + timedelta(days=SOON_DAYS)))
        return kept.filter(Q(expires_on=None) | Q(expires_on__gte=today), starts_on__lte=today)


class SecuritySection(AccountRows, Section):
    """Securities of the distributors in reach."""

    model = Security
    title = _("Securities")
    singular = _("security")
    slug = "credit/securities"
    table = SecurityTable
    filterset = SecurityFilter
    has_detail = True
    detail_view = SecurityDetail

    @classmethod
    def groups(cls, instance: Security, user: Any) -> list[dict[str, Any]]:
        """Return what it is worth, and until when."""
        day = Column("day", "").text
        until = [
            (_("distributor"), str(instance.distributor)),
            (_("from"), day(instance.starts_on)),
            (_("expires on"), day(instance.expires_on)),
            (_("given back on"), day(instance.released_on)),
            (_("note"), instance.note),
        ]
        url = tab_url(instance.distributor_id, "securities")
        return [
            {"title": title, "rows": [{"label": a, "text": b, "url": url if place else ""} for a, b, place in rows]}
            for title, rows in (
                (_("Security"), [(a, b, False) for a, b in security_groups(instance)]),
                (_("Validity"), [(a, b, at == 0) for at, (a, b) in enumerate(until)]),
            )
        ]
