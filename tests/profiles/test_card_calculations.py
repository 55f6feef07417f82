"""Completeness by points, what is left of a hundred per cent, and our share in what a distributor could sell."""

from decimal import Decimal

from distributors.profiles.card.calculations import FIELDS, completeness, shares_left, wallet_share


def test_the_worked_example_of_the_page_about_completeness():
    present = dict.fromkeys(
        ["registration_number", "tax_number", "phone", "registered_address", "staff", "wallet", "licence"], True
    )
    found = completeness(present)
    assert found.percent == 4 + 4 + 2 + 4 + 2 + 6 + 4 == 26
    assert [(one.name, one.reached, one.possible) for one in found.groups] == [
        ("identity", 10, 20),
        ("places", 4, 15),
        ("organisation", 2, 17),
        ("business", 6, 19),
        ("cooperation", 0, 20),
        ("files", 4, 9),
    ]
    assert found.missing[0] == "brands"
    assert completeness(dict.fromkeys(FIELDS, True)).percent == 100
    assert completeness({}).percent == 0


def test_what_is_left_and_our_share():
    assert shares_left([Decimal(60), Decimal("40.5")]) == Decimal("-0.5")
    assert wallet_share(Decimal(1), Decimal(3)) == Decimal("0.333")
    assert wallet_share(Decimal(1), Decimal(0)) is None
    assert wallet_share(Decimal(1), None) is None
