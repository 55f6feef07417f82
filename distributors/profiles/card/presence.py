"""Which fields of cards are filled in, as conditions that the database answers, and the standing that follows."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Value,
    When,
)

from core import clock
from core.database import run as execute
from distributors.profiles.card.calculations import FIELDS
from distributors.profiles.card.choices import FileKind
from distributors.profiles.models import (
    BrandSurvey,
    BusinessFigures,
    CardFile,
    Contact,
    Contract,
    Distributor,
    Outlet,
    Place,
    Standing,
)
from distributors.profiles.people.models import DecisionRole

TEXTS = {
    **{
        name: name
        for name in (
            *("short_name", "registration_number", "tax_number", "legal_representative", "phone"),
            *("language", "time_zone", "currency"),
        )
    },
    **{name: f"organisation__{name}" for name in ("house_rules", "settlement_procedure")},
    **{name: f"business__{name}" for name in ("lines_carried", "main_customers")},
    **{name: f"cooperation__{name}" for name in ("delivery_windows", "settlement_method", "invoice_kind")},
}
VALUES = {
    **{name: name for name in ("founded_on", "registered_capital", "cooperation_since")},
    **{
        name: f"cooperation__{name}"
        for name in ("first_contact_on", "opened_by", "opened_with", "settlement_days", "settlement_contact")
    },
}
MEASURED = {
    "warehouse": "warehouse_m2",
    "showroom": "showroom_m2",
    "vehicles": "vehicles",
    "turnover": "turnover",
    "staff": "staff",
    "sales_staff": "sales_staff",
    "wallet": "wallet",
}
AT_ONCE = 5_000  # of more cards it costs less to look at all
FILES = {"licence": FileKind.LICENCE, "tax_certificate": FileKind.TAX, "photo": FileKind.PHOTO}


def _mine(rows: Any) -> Exists:
    return Exists(rows.filter(distributor=OuterRef("pk")))


def conditions() -> dict[str, Any]:
    """Return, for each field that counts, the condition on a distributor that it is filled in."""
    people = Contact.objects.filter(left_on=None, erased_at=None)
    found: dict[str, Any] = {
        **{name: Q(**{f"{path}__gt": ""}) for name, path in TEXTS.items()},
        **{name: Q(**{f"{path}__isnull": False}) for name, path in VALUES.items()},
        **{
            name: _mine(BusinessFigures.objects.filter(**{f"{column}__isnull": False}))
            for name, column in MEASURED.items()
        },
        **{name: _mine(CardFile.objects.filter(kind=kind)) for name, kind in FILES.items()},
        "registered_address": _mine(Place.objects.filter(kind=Place.Kind.REGISTERED).exclude(address="", city="")),
        "shipping_address": _mine(Place.objects.filter(kind=Place.Kind.SHIPPING)),
        "outlets": _mine(Outlet.objects.filter(closed_on=None)),
        "people": _mine(people),
        "decider": _mine(people.filter(decision_role=DecisionRole.DECIDER)),
        "brands": _mine(BrandSurvey.objects.filter(shares__isnull=False)),
        "contract": _mine(Contract.objects.holding_on(clock.today())),
    }
    return {name: found[name] for name in FIELDS}


def present_in(distributor_pk: int) -> dict[str, bool]:
    """Return which fields of a card are filled in."""
    asked = {
        f"has_{name}": ExpressionWrapper(condition, output_field=BooleanField())
        for name, condition in conditions().items()
    }
    row = Distributor.objects.filter(pk=distributor_pk).annotate(**asked).values(*asked).first() or {}
    return {name.removeprefix("has_"): bool(value) for name, value in row.items()}


def completeness_write(*, distributors: Iterable[int] | None = None) -> int:
    """Write the completeness of these cards, or of all, into their standing where it changed; return how many did."""
    cards, keys = Distributor.objects.order_by(), None if distributors is None else list(distributors)
    if keys is not None and not keys:
        return 0
    if keys is None or len(keys) > AT_ONCE:
        return _write(cards)
    with transaction.atomic():
        # Of two who change a card at once the second counts after the first has written: the statement that counts sees
        # what was saved when it began, and would wait for the row with its count made.
        held = Standing.objects.select_for_update(no_key=True).filter(distributor__in=keys).order_by("distributor")
        list(held.values_list("distributor"))
        return _write(cards.filter(pk__in=keys))


def _write(cards: Any) -> int:
    """Write the completeness of these cards where it changed; return of how many.

    One statement for all of them: the points that `calculations` gives each field are added up by the database, in a
    table of its own, so that it asks once for the rows of each kind and not once for each card.
    """
    points: Any = Value(0)
    for name, condition in conditions().items():
        points = points + Case(When(condition, then=Value(FIELDS[name])), default=Value(0))
    sql, params = cards.annotate(points=points).values("id", "points").query.sql_with_params()
    return execute(
        f"""
        UPDATE {Standing._meta.db_table} SET completeness = counted.points FROM ({sql}) counted
        WHERE counted.id = {Standing._meta.db_table}.distributor_id AND completeness <> counted.points
        """,  # noqa: S608
        params,
    )
