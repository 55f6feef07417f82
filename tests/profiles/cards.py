"""A card with everything filled in."""

import io
from datetime import date
from decimal import Decimal

from core.files import blob_store
from distributors.profiles.card.services import FIGURES, brands_save
from distributors.profiles.models import (
    BrandSurvey,
    Business,
    BusinessFigures,
    CardFile,
    Contract,
    Cooperation,
    Distributor,
    Organisation,
    OtherName,
    Outlet,
)
from tests import factories

DAY = date(2025, 3, 1)
SHARES = [
    {"brand": "Ours", "share": Decimal(30), "ours": True},
    {"brand": "A", "share": Decimal(20), "ours": False},
]


def filled(one, owner):
    """Fill in everything of a card, of what there may be many three rows each."""
    lin = factories.contact(one, name="Lin", decision_role="decider")
    words = dict.fromkeys(("short_name", "registration_number", "tax_number", "legal_representative", "phone"), "HZ")
    days = {"founded_on": DAY, "cooperation_since": DAY}
    more = {"registered_capital": 1, "language": "en", "time_zone": "Asia/Shanghai", "currency": "CNY"}
    Distributor.objects.filter(pk=one.pk).update(**words, **days, **more)
    for kind in ("registered", "shipping"):
        one.places.create(kind=kind, address="1 Road", city="Hangzhou")
    for number in range(3):
        day = date(2025, 1 + number, 1)
        Outlet.objects.create(distributor=one, name=f"Outlet {number}")
        BusinessFigures.objects.create(distributor=one, as_of=day, currency="CNY", **dict.fromkeys(FIGURES, 5))
        brands_save(actor=owner, instance=BrandSurvey(distributor=one), as_of=day, shares=SHARES)
        OtherName.objects.create(distributor=one, language=("vi", "pl", "es")[number], name="Name")
        blob = blob_store(source=io.BytesIO(f"%PDF-{number} of {one.pk}".encode()), limit=1 << 20)
        kind = ("licence", "tax", "photo")[number]
        CardFile.objects.create(distributor=one, blob=blob, name=f"{kind}.pdf", content_type="x", kind=kind)
    Organisation.objects.create(distributor=one, version=1, house_rules="x", settlement_procedure="y")
    Business.objects.create(distributor=one, version=1, lines_carried="Pumps", main_customers="Farms")
    Cooperation.objects.create(
        distributor=one,
        version=1,
        first_contact_on=DAY,
        opened_by=owner,
        opened_with=lin,
        delivery_windows="8-11",
        settlement_method="transfer",
        settlement_days=30,
        invoice_kind="vat_special",
        settlement_contact=lin,
    )
    Contract.objects.create(distributor=one, number="C-1", state="in_force", valid_from=DAY, signed_on=DAY)
