"""What stands on the cards that were merged into one: it stays theirs, and is read from the card that stayed."""

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from distributors.profiles.card.selectors import SHOWN, shares_text
from distributors.profiles.models import BrandSurvey, BusinessFigures, CardFile, Distributor, OtherName, Outlet
from distributors.profiles.selection.models import Assessment, AssessmentState
from distributors.profiles.selectors import language_name


def merged_rows(user: Any, distributor: Distributor) -> list[dict[str, Any]]:
    """Return the rows of the cards merged into this one that the user may see: part, what, address, and whose.

    Of each part the latest are given; the rest stands on the card it is of.
    """
    cards = {one.pk: one for one in Distributor.objects.visible_to(user).filter(merged_into=distributor.pk)}
    if not cards:
        return []
    own = {"distributor__in": list(cards)}
    outlets = Outlet.objects.visible_to(user).filter(**own).order_by(F("closed_on").desc(nulls_first=True), "name")
    figures = BusinessFigures.objects.visible_to(user).filter(**own).order_by("-as_of")
    surveys = BrandSurvey.objects.filter(**own).order_by("-as_of").prefetch_related("shares")
    scorecards = Assessment.objects.visible_to(user).filter(state=AssessmentState.SUBMITTED, **own)
    found: list[tuple[str, int, str, str]] = [
        *((_("Outlet"), one.distributor_id, str(one), one.get_absolute_url()) for one in outlets[:SHOWN]),
        *(
            (_("Figures"), one.distributor_id, date_format(one.as_of, "DATE_FORMAT"), _on_card(one, "figures"))
            for one in figures[:SHOWN]
        ),
        *((_("Brands"), one.distributor_id, _brands(one), _on_card(one, "brands")) for one in surveys[:SHOWN]),
        *(
            (_("File"), one.distributor_id, one.name, reverse("profiles:cardfile-file", args=[one.pk]))
            for one in CardFile.objects.visible_to(user).filter(**own)[:SHOWN]
        ),
        *(
            (
                pgettext("of a company", "Name"),
                one.distributor_id,
                f"{language_name(one.language)}: {one.name}",
                _on_card(one, "names"),
            )
            for one in OtherName.objects.filter(**own)[:SHOWN]
        ),
        *((_("Scorecard"), one.distributor_id, str(one), one.get_absolute_url()) for one in scorecards[:SHOWN]),
    ]
    return [{"part": part, "card": cards[pk], "text": text, "url": url} for part, pk, text, url in found]


def _on_card(row: Any, place: str) -> str:
    return reverse("profiles:distributor-profile", args=[row.distributor_id]) + f"#{place}"


def _brands(survey: BrandSurvey) -> str:
    shares = [{"brand": one.brand, "share": one.share, "ours": one.ours} for one in survey.shares.all()]
    return f"{date_format(survey.as_of, 'DATE_FORMAT')}: {shares_text(shares)}"
