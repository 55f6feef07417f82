"""What each rating of a scorecard means, in writing, so that two people rate alike."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from distributors.profiles.selection.calculations import SCALE

# Criterion -> what is asked, then what 1 to 5 stand for.
ANCHORS: dict[str, tuple[Any, tuple[Any, Any, Any, Any, Any]]] = {
    "willingness": (
        _("How much does the owner want our line?"),
        (
            _("Wants to be listed; names no volume and no person."),
            _("Interested, and waits for us to act; carries our competitors first."),
            _("Accepts our plan; gives it a part of one seller."),
            _("Has a plan of their own with volumes, and a seller for our line."),
            _("Invests in our line: people, stock and showroom, with dates in writing."),
        ),
    ),
    "ability": (
        _("Can the company run our business day by day?"),
        (
            _("No warehouse, no sellers, no books that we could see."),
            _("Family business with one seller; stock and orders on paper."),
            _("Own warehouse and two to four sellers; delivers within a week."),
            _("Trained sellers, a stock system, delivery within three days, some service."),
            _("Managed sales, warehouse and service with figures by month; it works without the owner."),
        ),
    ),
    "reputation": (
        _("What do suppliers, customers and banks say of them?"),
        (
            _("Known to pay late or to sell outside their territory; nobody vouches for them."),
            _("Mixed word: a dispute or late payments in the last two years."),
            _("Nothing against them; one reference confirmed."),
            _("Well spoken of by two suppliers and two customers; pays on the day."),
            _("First name in the trade there; banks and suppliers give open credit."),
        ),
    ),
    "network": (
        _("Whom do they reach that we do not?"),
        (
            _("Passers-by only."),
            _("A few steady customers, all known to us already."),
            _("Some tens of outlets or trade customers that buy regularly."),
            _("Most outlets of their area, and access to one or two large users."),
            _("The outlets, the large users and the public buyers of their area."),
        ),
    ),
    "coverage": (
        _("How much of the territory do they really serve?"),
        (
            _("Their own street or market hall."),
            _("The town they sit in."),
            _("The town and the nearest counties, less than half of the territory."),
            _("More than half of the territory, visited at least monthly."),
            _("All of the territory, with a route plan and vehicles for it."),
        ),
    ),
    "finance": (
        _("Can they pay for stock and growth?"),
        (
            _("Lives on supplier credit; no accounts shown."),
            _("Little equity; a first order would strain them."),
            _("Finances one month of our stock; accounts of one year shown."),
            _("Finances two months of stock and the credit of their customers."),
            _("Sound accounts of three years, free credit lines, growth paid from profit."),
        ),
    ),
}

RISK_WORDS: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "likelihood": (_("very unlikely"), _("unlikely"), _("possible"), _("likely"), _("almost certain")),
    "impact": (_("negligible"), _("small"), _("noticeable"), _("serious"), _("threatens the business")),
}


def anchors_of(criterion: str) -> list[tuple[int, Any]]:
    """Return the ratings of a criterion with what each stands for."""
    return list(zip(SCALE, ANCHORS[criterion][1], strict=True))


def risk_choices(side: str) -> list[tuple[int, str]]:
    """Return the steps of likelihood or impact with their words."""
    return [(step, f"{step} · {word}") for step, word in zip(SCALE, RISK_WORDS[side], strict=True)]
