"""People at a distributor: what they do there, and apart from it, under permission, what is known of them."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel

LONGEST = 1000


class Level(models.TextChoices):
    """How high a person stands at the distributor."""

    OWNER = "owner", pgettext_lazy("level of a person", "owner")
    SENIOR = "senior", _("senior management")
    MIDDLE = "middle", _("middle management")
    OPERATIONAL = "operational", _("operational")


class Function(models.TextChoices):
    """What a person works at."""

    GENERAL = "general", _("general management")
    PURCHASING = "purchasing", _("purchasing")
    SALES = "sales", pgettext_lazy("function of a person", "sales")
    MARKETING = "marketing", _("marketing")
    FINANCE = "finance", _("finance")
    LOGISTICS = "logistics", _("warehouse and logistics")
    SERVICE = "service", _("service")
    OFFICE = "office", _("office and personnel")
    OTHER = "other", pgettext_lazy("function of a person", "other")


class DecisionRole(models.TextChoices):
    """Which part a person has when the distributor decides."""

    DECIDER = "decider", _("decider")
    INFLUENCER = "influencer", _("influencer")
    GATEKEEPER = "gatekeeper", _("gatekeeper")
    USER = "user", pgettext_lazy("decision role", "user")
    COACH = "coach", _("coach")


class Stance(models.TextChoices):
    """How a person stands to us."""

    SUPPORTER = "supporter", _("supporter")
    NEUTRAL = "neutral", _("neutral")
    OPPONENT = "opponent", _("opponent")


class Disc(models.TextChoices):
    """The DISC type: how a person likes to be dealt with."""

    DOMINANCE = "D", _("D, dominance")
    INFLUENCE = "I", _("I, influence")
    STEADINESS = "S", _("S, steadiness")
    CONSCIENTIOUSNESS = "C", _("C, conscientiousness")


class Contact(ScopedModel):
    """A person at a distributor. Whoever leaves stays on record; whoever asks for it is erased and keeps no name."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(
        "profiles.Distributor", verbose_name=_("distributor"), on_delete=models.PROTECT, related_name="contacts"
    )
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=80)
    title = models.CharField(_("job title"), max_length=80, blank=True)
    function = models.CharField(_("function"), max_length=12, choices=Function, blank=True)
    level = models.CharField(_("management level"), max_length=12, choices=Level)
    decision_role = models.CharField(_("decision role"), max_length=12, choices=DecisionRole, blank=True)
    stance = models.CharField(_("stance"), max_length=10, choices=Stance, blank=True)
    disc = models.CharField(_("DISC type"), max_length=1, choices=Disc, blank=True)
    relationship = models.PositiveSmallIntegerField(
        _("relationship"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1 hardly known to 5 close."),
    )
    since = models.DateField(_("works with us since"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name", "id"], name="profiles_contact_name", condition=Q(erased_at=None)),
            models.Index(fields=["since"], name="profiles_contact_since", condition=Q(since__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(name="") ^ Q(erased_at__isnull=True), name="profiles_contact_named_until_erased"
            ),
            models.CheckConstraint(
                condition=Q(relationship=None) | Q(relationship__range=(1, 5)), name="profiles_contact_relationship"
            ),
        ]

    def __str__(self) -> str:
        return self.name or gettext("erased person")

    def get_absolute_url(self) -> str:
        return reverse("profiles:contact-detail", args=[self.pk])

    @property
    def trail_text(self) -> str:
        """Return what the trail calls the person, for good: never the name, which may be erased one day."""
        return f"{self.distributor.code} #{self.pk}"


def _purpose() -> Any:
    return models.CharField(_("purpose"), max_length=200, blank=True)


def _consent() -> Any:
    return models.DateField(_("consent given on"), null=True, blank=True)


def _told() -> Any:
    return {"blank": True, "max_length": LONGEST}


def day_of_year(month: Any, day: Any) -> Any:
    """Return the place of a day in the order of the year's days: 318 is 18 March."""
    return month * 100 + day


DAY_OF_YEAR = day_of_year(F("birth_month"), F("birth_day"))


class ContactPersonal(ScopedModel):
    """What is known of a person beyond their work: seen by permission only, each reading logged, gone when erased.

    No group of answers is kept without a purpose and a consent.
    """

    scope_territory: ClassVar[str] = "contact__distributor__territory_path"
    scope_owner: ClassVar[str] = "contact__distributor__owner"

    contact = models.OneToOneField(Contact, primary_key=True, on_delete=models.PROTECT, related_name="personal")

    phones = models.CharField(
        _("phones"), max_length=120, blank=True, help_text=_("Several with commas between them, the best first.")
    )
    messaging = models.CharField(
        _("messaging ids"), max_length=200, blank=True, help_text=_("For example WeChat: lin_8800.")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    purpose_reach = _purpose()
    consent_reach = _consent()

    birth_month = models.PositiveSmallIntegerField(_("month of birth"), null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(_("day of birth"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(
        _("year of birth"), null=True, blank=True, help_text=_("Only where they told it.")
    )
    birthplace = models.CharField(_("birthplace"), max_length=80, blank=True)
    purpose_origin = _purpose()
    consent_origin = _consent()

    education = models.TextField(_("education"), **_told())
    career = models.TextField(_("career"), **_told())
    purpose_path = _purpose()
    consent_path = _consent()

    family = models.TextField(_("family"), **_told())
    interests = models.TextField(_("interests"), **_told())
    community = models.TextField(_("service to the community"), **_told())
    purpose_life = _purpose()
    consent_life = _consent()

    avoid = models.TextField(_("what to avoid"), **_told())
    purpose_manner = _purpose()
    consent_manner = _consent()

    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [
            # By the day alone: whose birthday comes is read off in its order, until enough are found.
            models.Index(DAY_OF_YEAR, name="profiles_contact_day_of_year", condition=Q(birth_month__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(phones="", messaging="", email="")
                | (~Q(purpose_reach="") & Q(consent_reach__isnull=False)),
                name="profiles_contact_reach_agreed",
            ),
            models.CheckConstraint(
                condition=Q(birth_month=None, birth_day=None, birth_year=None, birthplace="")
                | (~Q(purpose_origin="") & Q(consent_origin__isnull=False)),
                name="profiles_contact_origin_agreed",
            ),
            models.CheckConstraint(
                condition=Q(education="", career="") | (~Q(purpose_path="") & Q(consent_path__isnull=False)),
                name="profiles_contact_path_agreed",
            ),
            models.CheckConstraint(
                condition=Q(family="", interests="", community="")
                | (~Q(purpose_life="") & Q(consent_life__isnull=False)),
                name="profiles_contact_life_agreed",
            ),
            models.CheckConstraint(
                condition=Q(avoid="") | (~Q(purpose_manner="") & Q(consent_manner__isnull=False)),
                name="profiles_contact_manner_agreed",
            ),
            models.CheckConstraint(
                condition=Q(birth_month=None, birth_day=None, birth_year=None)
                | Q(
                    birth_month__isnull=False,
                    birth_day__isnull=False,
                    birth_month__range=(1, 12),
                    birth_day__range=(1, 31),
                ),
                name="profiles_contact_birthday_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contact)

    def get_absolute_url(self) -> str:
        return reverse("profiles:contact-detail", args=[self.pk])


class Tie(models.TextChoices):
    """How one person of a distributor stands to another."""

    REPORTS_TO = "reports_to", _("reports to")
    ALLY = "ally", _("ally")
    RIVAL = "rival", _("rival")
    KIN = "kin", _("kin")


class ContactRelation(ScopedModel):
    """How two people of one distributor stand to each other; of a relation that is mutual there is one row."""

    scope_territory: ClassVar[str] = "source__distributor__territory_path"
    scope_owner: ClassVar[str] = "source__distributor__owner"

    kind = models.CharField(_("relation"), max_length=10, choices=Tie)
    source = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="relations")
    target = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="related")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "target"], name="profiles_related_once"),
            models.UniqueConstraint(fields=["source"], condition=Q(kind="reports_to"), name="profiles_one_boss"),
            models.CheckConstraint(
                condition=(Q(kind="reports_to") & ~Q(source=F("target"))) | Q(source__lt=F("target")),
                name="profiles_related_to_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"
