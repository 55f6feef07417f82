"""Which days are worked, and who is away."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel, ScopedQuerySet, permission_name

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class BusinessCalendar(ScopedModel):
    """Which days are worked: the holidays of a country, its weekend, and own exceptions.

    One is the company's; a territory that names another has that one, with everything below it.
    """

    scope_open: ClassVar[bool] = True

    name = models.CharField(_("name"), max_length=80, unique=True)
    country = models.CharField(_("country"), max_length=2)
    subdivision = models.CharField(_("part of the country"), max_length=10, blank=True)
    weekend = models.CharField(max_length=7, default="56")
    is_company = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-is_company", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_company"], condition=Q(is_company=True), name="accounts_one_company_calendar"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounts:businesscalendar-detail", args=[self.pk])


class CalendarException(models.Model):
    """A day that is worked, or not, whatever the country's calendar says: make-up days, the company's own holidays."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="exceptions")
    day = models.DateField(_("day"))
    worked = models.BooleanField(_("worked"))
    name = models.CharField(_("what for"), max_length=80)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="accounts_one_exception_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"


class AbsenceQuerySet(ScopedQuerySet):
    """Absences."""

    def visible_to(self, user: Any, action: str = "view") -> "AbsenceQuerySet":
        """Return one's own, those of one's people, and to look at those in which one stands in."""
        from accounts.selectors import team_within

        reach = user.reach(permission_name(self.model, action))
        if reach is None:
            return self.none()
        if reach.everything:
            return self
        mine = Q(user=reach.owner_id)
        if reach.ranges:
            mine |= Q(user__in=team_within(reach.ranges).values("pk"))
        if action == "view":
            mine |= Q(delegate=reach.owner_id)
        return self.filter(mine)

    def on(self, day: Any) -> "AbsenceQuerySet":
        """Return those that cover `day`."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class Absence(ScopedModel):
    """Days on which a person is away, and who decides in their place."""

    scope_owner: ClassVar[str] = "user"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="absences"
    )
    starts_on = models.DateField(_("first day away"))
    ends_on = models.DateField(_("last day away"))
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("delegate"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["user", "starts_on"], name="accounts_absence_days"),
            models.Index(fields=["delegate", "ends_on"], name="accounts_absence_delegate"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="accounts_absence_order"),
            models.CheckConstraint(
                condition=Q(delegate=None) | ~Q(delegate=models.F("user")), name="accounts_not_own_delegate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_on} – {self.ends_on}"
