"""People and their reach: users, territories, API tokens."""

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.calendar_models import WEEKDAYS as WEEKDAYS
from accounts.calendar_models import Absence as Absence
from accounts.calendar_models import BusinessCalendar as BusinessCalendar
from accounts.calendar_models import CalendarException as CalendarException
from accounts.notification_models import DigestMail as DigestMail
from accounts.notification_models import Notification as Notification
from accounts.roles import Extent, Role, extent
from core.company import company
from core.models import Company
from core.scope import Reach, ScopedModel, ScopedQuerySet, path_range
from core.sentences import SentenceField

STEP = 4


def validate_time_zone(value: str) -> None:
    """Refuse a name that is no time zone."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(value)s” is not a time zone."), params={"value": value})


class TerritoryQuerySet(ScopedQuerySet):
    """Territories."""

    def open(self) -> Any:
        """Return those that are not closed."""
        return self.filter(closed_on=None)


class Territory(ScopedModel):
    """A node of the one territory tree; `path` is the parent's path and four digits of its own."""

    scope_territory: ClassVar[str] = "path"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(
        _("level"),
        max_length=40,
        blank=True,
        help_text=_("What this level is called: country, region, province, city."),
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("within"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=60, unique=True, editable=False)
    calendar = models.ForeignKey(
        "BusinessCalendar",
        verbose_name=_("calendar"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="territories",
    )
    closed_on = models.DateField(_("closed from"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        "accounts.User", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = TerritoryQuerySet.as_manager()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('profiles:distributor-list')}?territory={self.pk}"

    @property
    def depth(self) -> int:
        """Return the number of nodes above."""
        return len(self.path) // STEP - 1


class TerritoryMove(models.Model):
    """From which month on a territory lies within another; the row stays, so that the tree of any day is known."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        DONE = "done", _("carried out")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REFUSED = "refused", _("not possible any more")

    territory = models.ForeignKey(
        Territory, verbose_name=_("territory"), on_delete=models.PROTECT, related_name="moves"
    )
    starts_on = models.DateField(_("from"))
    before = models.ForeignKey(
        Territory, verbose_name=_("was within"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    after = models.ForeignKey(
        Territory, verbose_name=_("lies within"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    note = SentenceField(blank=True)
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__day=1), name="accounts_move_month"),
            models.UniqueConstraint(
                fields=["territory", "starts_on"],
                condition=Q(state__in=["planned", "done"]),
                name="accounts_move_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}: {self.territory}"


class UserQuerySet(ScopedQuerySet):
    """Users."""

    def without_reach(self) -> Any:
        """Return those who sign in by territory, and have none."""
        roles = (Role.MANAGER, Role.REP, Role.INSPECTOR, Role.API_CLIENT)
        return self.filter(is_active=True, everywhere=False, role__in=roles, territories=None)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users and finds them by e-mail, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password nobody can sign in as them."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email.strip())


class User(AbstractBaseUser, ScopedModel):
    """A person, or a machine of role API client."""

    scope_open: ClassVar[bool] = True

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=80)
    code = models.CharField(_("personnel number"), max_length=40, blank=True)
    title = models.CharField(_("job title"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    territories = models.ManyToManyField(Territory, verbose_name=_("territories"), blank=True, related_name="users")
    everywhere = models.BooleanField(_("all territories"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    language = models.CharField(_("language"), max_length=10, default="en")
    theme = models.CharField(
        _("theme"),
        max_length=5,
        default="auto",
        choices=[("auto", _("as the device")), ("light", _("light")), ("dark", _("dark"))],
    )
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[validate_time_zone])
    digest = models.CharField(
        _("notifications by e-mail"),
        max_length=6,
        default="off",
        choices=[("off", _("not at all")), ("daily", _("every morning")), ("weekly", _("on Mondays"))],
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    origin: str = ""
    granted: frozenset[str] | None = None

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="accounts_user_email", violation_error_message=_("This e-mail is taken.")
            ),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="accounts_user_code"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounts:user-detail", args=[self.pk])

    @property
    def initials(self) -> str:
        """Return one Chinese character or two letters for the avatar."""
        if self.name and not self.name[0].isascii():
            return self.name[0]
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @cached_property
    def _ranges(self) -> tuple[tuple[str, str], ...]:
        return tuple(path_range(path) for path, _name in self.named_paths)

    @cached_property
    def named_paths(self) -> tuple[tuple[str, str], ...]:
        """Return path and name of the territories that the user answers for, by path; asked for once."""
        return tuple(self.territories.order_by("path").values_list("path", "name")) if self.pk else ()

    @cached_property
    def company(self) -> Company:
        """Return the company, asked for once while somebody's request lasts."""
        return company()

    @cached_property
    def scope_label(self) -> str:
        """Return what the user reaches, in words."""
        if self.everywhere or extent(self.role, "profiles.view_distributor") == Extent.ALL:
            return str(_("all territories"))
        return ", ".join(name for _path, name in self.named_paths[:3]) or str(_("own distributors"))

    def reach(self, permission: str) -> Reach | None:
        """Return how far the user's role, and the token in use, let `permission` go."""
        if not self.is_active or (self.granted is not None and permission not in self.granted):
            return None
        match extent(self.role, permission):
            case None:
                return None
            case Extent.ALL:
                return Reach(everything=True)
            case Extent.OWN:
                return Reach(owner_id=self.pk)
        return Reach(everything=True) if self.everywhere else Reach(ranges=self._ranges, owner_id=self.pk)

    def has_perm(self, permission: str, _obj: Any = None) -> bool:
        """Tell whether the user holds `permission` at all."""
        return self.reach(permission) is not None

    def has_perms(self, permissions: Any, obj: Any = None) -> bool:
        """Tell whether the user holds all `permissions`."""
        return all(self.has_perm(permission, obj) for permission in permissions)


class BackupCode(models.Model):
    """Stands in once for the app's code at the log-in; only its hash is kept, and the row goes when it is used."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="backup_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_backup_code")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.digest[:6]}"


class ApiToken(ScopedModel):
    """A key for another system: only its hash is kept."""

    scope_open: ClassVar[bool] = True

    name = models.CharField(_("name"), max_length=80)
    user = models.ForeignKey(User, verbose_name=_("API client"), on_delete=models.PROTECT, related_name="tokens")
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("scope"), default=list)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounts:apitoken-detail", args=[self.pk])
