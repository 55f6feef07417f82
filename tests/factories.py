"""Plain functions that make records for tests; each takes what the test is about and fills in the rest."""

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import Max
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import ApiToken, Territory, User
from accounts.roles import Role
from accounts.selectors import next_path
from accounts.tokens import SCOPES, token_create
from core.search import index_write
from distributors.ledger.models import Batch, Product, ProductLine, SaleLine, Source
from distributors.profiles.models import (
    Assignment,
    Contact,
    ContactPersonal,
    Distributor,
    DistributorType,
    Standing,
)
from distributors.profiles.people.questions import GROUPS
from distributors.profiles.people.search import KIND as CONTACTS
from distributors.profiles.search import SEARCH
from distributors.profiles.selection.calculations import CHECKS, score_of
from distributors.profiles.selection.models import Assessment, DiligenceItem, Rating, Risk, SelectionPolicy

_number = count(1)
PASSWORD = "a-long-test-password"


def territory(name: str = "", parent: Territory | None = None, **fields: Any) -> Territory:
    """Make a territory below `parent`."""
    number = next(_number)
    fields = {"code": f"T{number}", "name": name or f"Territory {number}", **fields}
    return Territory.objects.create(parent=parent, path=next_path(parent), **fields)


def user(role: Role = Role.ADMIN, *territories: Territory, **fields: Any) -> User:
    """Make a user of `role` who answers for `territories`."""
    number = next(_number)
    made = User.objects.create_user(
        fields.pop("email", f"user{number}@test.example"),
        fields.pop("password", PASSWORD),
        **{"name": f"User {number}", "role": role, **fields},
    )
    made.territories.set(territories)
    return made


def second_factor(of: User) -> TOTPDevice:
    """Give a person an app that makes codes."""
    return TOTPDevice.objects.create(user=of, name="app")


def app_code(key: str, at: float) -> str:
    """Return what the app shows at a moment that was given `key`, in hexadecimal."""
    clockwork = TOTP(bytes.fromhex(key))
    clockwork.time = at
    return f"{clockwork.token():06d}"


def distributor_type(code: str = "ordinary") -> DistributorType:
    """Return the type called `code`."""
    return DistributorType.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def distributor(where: Territory | None = None, owner: User | None = None, **fields: Any) -> Distributor:
    """Make an active distributor with its standing and its first assignment; a prospect with what approval asks for.

    With `bare`, a prospect comes without a scorecard, checks and risks.
    """
    number, bare = next(_number), fields.pop("bare", False)
    where = where or territory()
    standing = fields.pop("standing", {})
    made = Distributor.objects.create(
        territory=where,
        territory_path=where.path,
        owner=owner,
        **{
            "code": f"D{number:05d}",
            "legal_name": f"Distributor {number}",
            "type": fields.pop("type", None) or distributor_type(),
            "state": "active",
            **fields,
        },
    )
    Standing.objects.create(distributor=made, **standing)
    index_write(SEARCH, [made.pk])
    Assignment.objects.create(distributor=made, starts_on=date(2020, 1, 1), territory=where, owner=owner)
    if made.state in ("prospect", "review") and not bare:
        selected(made)
    return made


def scorecard(of: Distributor, rating: int = 4, **ratings: int) -> Assessment:
    """Make a submitted scorecard with the same rating on every criterion that is not given one of its own."""
    policy = SelectionPolicy.objects.get_or_create(number=1)[0]
    given = {name: ratings.get(name, rating) for name in policy.weights}
    made = Assessment.objects.create(
        distributor=of,
        state="submitted",
        policy=policy,
        score=score_of(policy.weights, given).value,
        rated_on=date(2025, 1, 10),
    )
    Rating.objects.bulk_create(Rating(assessment=made, criterion=name, value=value) for name, value in given.items())
    return made


def checks(of: Distributor, **states: str) -> None:
    """Decide every item of due diligence, clear where no other state is given."""
    DiligenceItem.objects.bulk_create(
        DiligenceItem(
            distributor=of,
            kind=kind,
            state=states.get(kind, "clear"),
            note="seen" if kind in states else "",
            decided_on=None if states.get(kind) == "open" else date(2025, 1, 10),
        )
        for kind in CHECKS
    )


def risk(of: Distributor, likelihood: int = 2, impact: int = 3, **fields: Any) -> Risk:
    """Name a risk."""
    return Risk.objects.create(
        distributor=of, likelihood=likelihood, impact=impact, **{"title": "Owner is old", **fields}
    )


def selected(of: Distributor) -> None:
    """Give a prospect all that approval asks for."""
    scorecard(of)
    checks(of)
    risk(of)


def contact(at: Distributor | None = None, **fields: Any) -> Contact:
    """Make a person at a distributor; what is personal of them comes with a purpose and a consent of a year ago."""
    number = next(_number)
    personal: dict[str, Any] = {}
    for group in GROUPS:
        told = {name: fields.pop(name) for name in group.columns if name in fields}
        if told:
            personal |= told | {group.purpose: "to work together", group.consent: date(2025, 1, 10)}
    made = Contact.objects.create(
        distributor=at or distributor(), **{"name": f"Contact {number}", "level": "middle", **fields}
    )
    ContactPersonal.objects.create(contact=made, **personal)
    index_write(CONTACTS, [made.pk])
    return made


def product(sku: str = "", **fields: Any) -> Product:
    """Make a product."""
    number = next(_number)
    source = fields.pop("source", None) or Source.objects.get_or_create(code="erp")[0]
    line = fields.pop("line", None) or ProductLine.objects.get_or_create(code="line", defaults={"name": "Line"})[0]
    return Product.objects.create(
        source=source, line=line, **{"sku": sku or f"SKU{number}", "name": f"Product {number}", **fields}
    )


def api_token(*scopes: str, user: User | None = None, **fields: Any) -> tuple[ApiToken, str]:
    """Make a token with `scopes`, all of them where none is named, of a client that reaches everything."""
    client = user or globals()["user"](Role.API_CLIENT, everywhere=True)
    token, text = token_create(actor=None, user=client, name="test", scopes=list(scopes or SCOPES))
    ApiToken.objects.filter(pk=token.pk).update(**fields or {"name": "test"})
    token.refresh_from_db()
    return token, text


def batch(source: Source | None = None, **fields: Any) -> Batch:
    """Make a batch with the next number."""
    number = (Batch.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    return Batch.objects.create(**{"number": number, "kind": "sales", "source": source, **fields})


def sale_line(distributor: Distributor, product: Product, **fields: Any) -> SaleLine:
    """Make a line of 10 pieces for 1,000 in the base currency, in a batch of its own."""
    amount = fields.pop("amount", Decimal(1000))
    return SaleLine.objects.create(
        distributor=distributor,
        product=product,
        source=product.source,
        batch=fields.pop("batch", None) or batch(product.source),
        **{
            "external_id": f"L{next(_number)}",
            "day": date(2026, 1, 15),
            "quantity": Decimal(10),
            "base_quantity": Decimal(10),
            "amount": amount,
            "base_amount": amount,
            "currency": "CNY",
            **fields,
        },
    )
