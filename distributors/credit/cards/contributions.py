"""What credit cards add to the pages around them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from core import audit
from core.contributors import NEEDS_EACH, Event, Link, Need, contribute, link_add
from core.panels import panel_add
from core.timeline import Span, timeline_add
from distributors.credit.cards import kinds  # noqa: F401  registers what files bring
from distributors.credit.cards.collateral import collateral_read
from distributors.credit.cards.models import CreditReview, CreditScore, Evidence, GradeEvent
from distributors.credit.cards.page import tab_url
from distributors.credit.cards.queue import review_blocks
from distributors.credit.cards.securities import securities_supply
from distributors.profiles.contracts.selectors import NAME
from distributors.profiles.models import Lifecycle

REVIEW_WEIGHT = 5200
EXPIRY_WEIGHT = 4200
EXPIRES_SOON = timedelta(days=30)
EXPIRED_LATELY = timedelta(days=90)


def register() -> None:
    """Add the navigation entry, the tab of a distributor, and what Home and the timeline show."""
    view = "credit.view_creditscore"
    prefix = "/credit-cards/"
    link_add(Link(gettext_lazy("Credit cards"), "credit:creditscore-list", "layers", view, 36, prefix=prefix))
    panel_add("profiles.Distributor", "credit", gettext_lazy("Credit"), "credit:distributor", permission=view, order=32)
    audit.records_add(
        {
            "credit.CreditPolicy": gettext_lazy("credit policy"),
            "credit.ScoreRun": gettext_lazy("scoring of credit cards"),
            "credit.Accounts": gettext_lazy("accounts of a distributor"),
        }
    )
    audit.words_add(
        {
            "credit.graded": gettext_lazy("credit grade changed"),
            "credit.scored": gettext_lazy("credit cards scored"),
            "credit.policy_changed": gettext_lazy("credit policy changed"),
            "credit.evidence_added": gettext_lazy("credit evidence entered"),
            "credit.evidence_withdrawn": gettext_lazy("credit evidence withdrawn"),
            "credit.accounts_saved": gettext_lazy("accounts entered"),
            "credit.accounts_withdrawn": gettext_lazy("accounts withdrawn"),
            "credit.reviewed": gettext_lazy("credit card reviewed"),
        }
    )
    securities_supply(collateral_read)
    contribute("job_kinds", scheduled_kinds)
    contribute("needs", review_needs)
    contribute("credit_queue", review_blocks)
    contribute("needs", expiry_needs)
    timeline_add(grade_events, {"grade": gettext_lazy("Credit grade")}, glance=True)
    timeline_add(review_events, {"creditreview": gettext_lazy("Credit review")})


def review_needs(user: Any, as_of: date) -> list[Need]:
    """Return the credit cards that the user is to review by now, the longest waiting first."""
    rows: list[Any] = list(
        CreditScore.objects.visible_to(user, "review")
        .filter(run__monthly=False, review_due__lte=as_of)
        .annotate(name=NAME)
        .order_by("review_due", "pk")
        .values("distributor_id", "name", "grade", "review_due")[: NEEDS_EACH + 1]
    )
    return [
        Need(
            key=f"creditreview-{row['distributor_id']}-{row['review_due'].isoformat()}",
            kind=_("Credit review"),
            distributor=row["name"],
            due=row["review_due"],
            consequence=_("the grade stands on what nobody has looked at since"),
            chip=row["grade"],
            tone="w",
            title=_("Review the credit card of %(name)s") % {"name": row["name"]},
            reason=_("due on %(day)s") % {"day": date_format(row["review_due"], "DATE_FORMAT")},
            url=tab_url(row["distributor_id"]),
            action=_("Look"),
            weight=REVIEW_WEIGHT - place,
        )
        for place, row in enumerate(rows)
    ]


def expiry_needs(user: Any, as_of: date) -> list[Need]:
    """Return the evidence that the user may renew and that expires within a month, or did lately."""
    rows = (
        Evidence.objects.visible_to(user, "add")
        .filter(withdrawn_at=None, expires_on__range=(as_of - EXPIRED_LATELY, as_of + EXPIRES_SOON))
        .filter(distributor__merged_into=None)
        .exclude(distributor__state=Lifecycle.ENDED)
        .exclude(pk__in=_renewed(as_of).values("pk"))
        .annotate(name=NAME)
        .order_by("expires_on", "pk")[: NEEDS_EACH + 1]
    )
    return [_expiry_need(row, as_of, place) for place, row in enumerate(rows)]


def _renewed(as_of: date) -> Any:
    """Return the evidence after which something newer was entered."""
    newer = Evidence.objects.filter(
        Q(reviewed_on__gt=OuterRef("reviewed_on")) | Q(reviewed_on=OuterRef("reviewed_on"), pk__gt=OuterRef("pk")),
        distributor=OuterRef("distributor"),
        item=OuterRef("item"),
        withdrawn_at=None,
    )
    return Evidence.objects.filter(Exists(newer), expires_on__gte=as_of - EXPIRED_LATELY)


def _expiry_need(row: Any, as_of: date, place: int) -> Need:
    over = row.expires_on < as_of
    words = {"item": row.get_item_display(), "day": date_format(row.expires_on, "DATE_FORMAT")}
    reason = _("%(item)s, expired on %(day)s") if over else _("%(item)s, counts until %(day)s")
    return Need(
        key=f"creditevidence-{row.pk}",
        kind=_("Credit evidence"),
        distributor=row.name,
        due=row.expires_on,
        consequence=_("it counts as missing, and the grade may become provisional"),
        chip=_("Evidence"),
        tone="w",
        title=_("Renew the credit evidence of %(name)s") % {"name": row.name},
        reason=reason % words,
        url=reverse("credit:evidence-add", args=[row.distributor_id, row.item]),
        action=_("Enter"),
        weight=EXPIRY_WEIGHT + (300 if over else 0) - place,
    )


def grade_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the changes of credit grade of some distributors."""
    rows = GradeEvent.objects.visible_to(user).filter(span.days("on"), distributor__in=ids)
    return [
        Event(
            on=row.on,
            code="grade",
            kind=_("Credit grade"),
            title=str(row),
            text=_("score %(score)s") % {"score": row.score} if row.score is not None else "",
            url=tab_url(row.distributor_id),
        )
        for row in rows.order_by("-on", "-pk")[: span.most]
    ]


def review_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the reviews of the credit cards of some distributors."""
    rows = CreditReview.objects.visible_to(user).filter(span.days("on"), distributor__in=ids)
    return [
        Event(
            on=row.on,
            code="creditreview",
            kind=_("Credit review"),
            title=row.grade,
            text=row.note,
            url=tab_url(row.distributor_id),
            who=str(row.created_by or ""),
        )
        for row in rows.select_related("created_by").order_by("-on", "-pk")[: span.most]
    ]


def scheduled_kinds() -> list[tuple[str, str]]:
    """Return what the scheduled work of credit cards is called."""
    return [("credit.cards", gettext_noop("Credit cards of the night"))]
