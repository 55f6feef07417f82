"""What distributors promise and contest, and the reminders that were sent: changes, and whether promises were kept."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.errors import DomainError, TransitionRefused
from core.money import MoneyField, minus
from core.scope import require_permission, require_visible
from core.sentences import Sentence
from distributors.credit.limits.collecting_models import Dispute, Promise, Reminder
from distributors.credit.limits.holds import holds_refresh, one_sql
from distributors.credit.limits.rates import in_base
from distributors.ledger.records import Invoice, OpenItem, Payment
from distributors.profiles.models import Distributor, Standing

LONGEST = timedelta(days=180)
NOTHING = Value(Decimal(0), output_field=MoneyField())
PROMISE_STATES: dict[str, Any] = {
    "open": pgettext_lazy("promise", "open"),
    "kept": pgettext_lazy("promise", "kept"),
    "broken": pgettext_lazy("promise", "broken"),
    "withdrawn": gettext_lazy("withdrawn"),
}
PROMISE_TONES = {"kept": "g", "broken": "b"}


def with_state(rows: QuerySet) -> Any:
    """Return promises with what was `paid` from the day they were made to their day, and their `state`.

    What falls due between the two of other promises of the same distributor asks for its share of the same payments:
    of a promise that was made earlier, what was not paid of it by then.
    """
    paid = _paid(day__gte=OuterRef("made_on"), day__lte=OuterRef("due_on"))
    earlier = _paid(day__gte=OuterRef("made_on"), day__lt=OuterRef(OuterRef("made_on")))
    others = Promise.objects.filter(
        distributor=OuterRef("distributor"),
        withdrawn_at=None,
        due_on__gte=OuterRef("made_on"),
        due_on__lte=OuterRef("due_on"),
    ).annotate(earlier=earlier)
    lacked = Case(
        When(earlier__gte=F("base_amount"), then=NOTHING),
        When(earlier__gt=NOTHING, then=minus(F("base_amount"), F("earlier"))),
        default=F("base_amount"),
        output_field=MoneyField(),
    )
    asked = others.order_by().values("distributor").annotate(total=Sum(lacked)).values("total")
    return rows.annotate(
        paid=paid,
        asked=Coalesce(Subquery(asked, output_field=MoneyField()), NOTHING),
        state=Case(
            When(withdrawn_at__isnull=False, then=Value("withdrawn")),
            When(paid__gte=F("asked"), then=Value("kept")),
            When(due_on__lt=clock.today(), then=Value("broken")),
            default=Value("open"),
            output_field=CharField(),
        ),
    )


def _paid(**days: Any) -> Any:
    """Return what a promise's distributor, and those merged into it, paid on some days."""
    mine = Q(distributor=OuterRef("distributor")) | Q(distributor__merged_into=OuterRef("distributor"))
    rows = Payment.objects.current().filter(mine, **days).order_by().annotate(all=Value(1)).values("all")
    return Coalesce(
        Subquery(rows.annotate(total=Sum("base_amount")).values("total"), output_field=MoneyField()), NOTHING
    )


@transaction.atomic
def promise_add(
    *, actor: User, distributor: Distributor, amount: Decimal, currency: str, due_on: date, note: str = ""
) -> Promise:
    """Note what a distributor promised to pay and by when; raise DomainError for an amount or a day that cannot be."""
    require_permission(actor, "credit.add_promise")
    today = clock.today()
    if amount <= 0:
        raise DomainError(Sentence(_("The amount is above zero.")), "amount")
    if not today <= due_on <= today + LONGEST:
        text = _("The day lies ahead, at most %(days)s days from today.")
        raise DomainError(Sentence(text, days=LONGEST.days), "due_on")
    _refuse_merged(distributor)
    try:
        with transaction.atomic():
            made: Promise = Promise.objects.create(
                distributor=distributor,
                amount=amount,
                currency=currency,
                base_amount=in_base(amount, currency, today),
                made_on=today,
                due_on=due_on,
                note=note.strip(),
                created_by=actor if actor.pk else None,
            )
    except IntegrityError:
        raise DomainError(Sentence(_("This promise is noted already today."))) from None
    require_visible(made, actor, "add")
    after = {"amount": str(made), "due": str(due_on)}
    audit.record(actor=actor, verb="credit.promised", target=distributor, after=after, note=made.note)
    return made


def _refuse_merged(distributor: Distributor) -> None:
    if distributor.merged_into_id is not None:
        raise DomainError(Sentence(_("This card is merged into another one: ask about that one.")))


@transaction.atomic
def promise_withdraw(*, actor: User, promise: Promise) -> None:
    """Take back a promise that was noted wrongly; raise TransitionRefused where it is withdrawn."""
    require_permission(actor, "credit.add_promise")
    if not Promise.objects.filter(pk=promise.pk, withdrawn_at=None).update(withdrawn_at=clock.instant()):
        raise TransitionRefused(Sentence(_("This promise is withdrawn already.")))
    audit.record(
        actor=actor, verb="credit.promise_withdrawn", target=promise.distributor, before={"amount": str(promise)}
    )


def contestable(distributor_id: int) -> QuerySet[Invoice]:
    """Return the invoices of a distributor that are open and not contested yet, the oldest first."""
    opened = OpenItem.objects.filter(distributor=distributor_id, kind=OpenItem.Kind.INVOICE, disputed=False)
    taken = Dispute.objects.filter(source=OuterRef("source"), number=OuterRef("external_id"), settled_on=None)
    rows: QuerySet[Invoice] = Invoice.objects.filter(~Exists(taken), pk__in=opened.values("invoice"))
    return rows.order_by("due_on", "pk")


@transaction.atomic
def dispute_raise(*, actor: User, distributor: Distributor, invoice: Invoice, reason: str) -> Dispute:
    """Note that an invoice is contested: it holds no account until it is settled; raise DomainError."""
    require_permission(actor, "credit.add_dispute")
    if not reason.strip():
        raise DomainError(Sentence(_("Say what is contested.")), "reason")
    _refuse_merged(distributor)
    try:
        with transaction.atomic():
            made: Dispute = Dispute.objects.create(
                distributor=distributor,
                source_id=invoice.source_id,
                number=invoice.external_id,
                reason=reason.strip(),
                raised_on=clock.today(),
                raised_by=actor if actor.pk else None,
            )
    except IntegrityError:
        raise DomainError(Sentence(_("This invoice is disputed already.")), "invoice") from None
    require_visible(made, actor, "add")
    after = {"invoice": made.number}
    audit.record(actor=actor, verb="credit.dispute_raised", target=distributor, after=after, note=made.reason)
    holds_refresh(one_sql(distributor.pk), clock.today())
    return made


@transaction.atomic
def dispute_settle(*, actor: User, dispute: Dispute, outcome: str) -> Dispute:
    """Settle a dispute with its outcome: the invoice counts again; of two who press at once one wins."""
    require_permission(actor, "credit.change_dispute")
    if not outcome.strip():
        raise DomainError(Sentence(_("Say how it was settled.")), "outcome")
    fields = {"settled_on": clock.today(), "settled_by": actor if actor.pk else None, "outcome": outcome.strip()}
    if not Dispute.objects.filter(pk=dispute.pk, settled_on=None).update(**fields):
        raise TransitionRefused(Sentence(_("This dispute is settled already.")))
    dispute.refresh_from_db()
    after = {"invoice": dispute.number}
    audit.record(
        actor=actor, verb="credit.dispute_settled", target=dispute.distributor, after=after, note=dispute.outcome
    )
    holds_refresh(one_sql(dispute.distributor_id), clock.today())
    return dispute


@transaction.atomic
def reminder_add(*, actor: User, distributor: Distributor, stage: int, way: str, note: str = "") -> Reminder:
    """Note that a reminder was sent, with what was overdue; raise DomainError where nothing is."""
    require_permission(actor, "credit.add_reminder")
    found = Standing.objects.get(pk=distributor.pk)
    today = clock.today()
    if not found.overdue or found.oldest_overdue_on is None:
        raise DomainError(Sentence(_("Nothing is overdue.")))
    try:
        with transaction.atomic():
            made: Reminder = Reminder.objects.create(
                distributor=distributor,
                stage=stage,
                way=way,
                note=note.strip(),
                overdue=found.overdue,
                days_late=max(0, (today - found.oldest_overdue_on).days),
                sent_on=today,
                sent_by=actor if actor.pk else None,
            )
    except IntegrityError:
        raise DomainError(Sentence(_("This reminder is noted already today."))) from None
    require_visible(made, actor, "add")
    after = {"stage": stage, "how": str(way)}
    audit.record(actor=actor, verb="credit.reminded", target=distributor, after=after, note=made.note)
    return made
