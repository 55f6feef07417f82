"""A wrong mapping profile is refused with the key that is wrong."""

import pytest

from distributors.ledger.kinds.declaration import kind_of, kinds_all
from distributors.ledger.mapping import ProfileError, profile_read

COLUMNS = "\n".join(
    f'{name} = {{ from = "X" }}'
    for name in ("external_id", "distributor", "product", "day", "quantity", "amount", "currency")
)
GOOD = f'kind = "sales"\n[columns]\n{COLUMNS}\n'


def test_a_good_profile_is_kept_as_it_is():
    assert profile_read(GOOD, kind_of("sales"))["columns"]["day"] == {"from": "X"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("kind = [", "-"),
        (b"\xff", "-"),
        (GOOD.replace('"sales"', '"rates"'), "kind"),
        ("[columns]\n" + COLUMNS, "kind"),
        ('colour = "red"\n' + GOOD, "colour"),
        ('encoding = "latin-1"\n' + GOOD, "encoding"),
        ("encoding = 8\n" + GOOD, "encoding"),
        ('delimiter = ";;"\n' + GOOD, "delimiter"),
        ('decimal = "x"\n' + GOOD, "decimal"),
        ('thousands = "."\n' + GOOD, "thousands"),
        ('dates = "%Y"\n' + GOOD, "dates"),
        ('dates = ["dd.mm.yyyy"]\n' + GOOD, "dates"),
        ("header = 0\n" + GOOD, "header"),
        ("header = true\n" + GOOD, "header"),
        ('source = "a b"\n' + GOOD, "source"),
        (GOOD + 'price = { from = "X" }\n', "columns.price"),
        (GOOD + "tax = 5\n", "columns.tax"),
        (GOOD + "tax = {}\n", "columns.tax"),
        (GOOD + 'tax = { form = "X" }\n', "columns.tax.form"),
        (GOOD + "tax = { from = 5 }\n", "columns.tax.from"),
        (GOOD + 'tax = { template = "no column" }\n', "columns.tax.template"),
        (GOOD + 'tax = { from = "A", template = "{B}" }\n', "columns.tax.template"),
        (GOOD + 'tax = { from = "A", values = { a = 1 } }\n', "columns.tax.values"),
        (GOOD + 'tax = { from = "A", blank = "NA" }\n', "columns.tax.blank"),
        (GOOD.replace("amount", "cost"), "columns.amount"),
        ('kind = "sales"\nlevels = []\n', "levels"),
        ('kind = "sales"\n[[levels]]\nday = { from = "X" }\n', "levels[1].external_id"),
        (GOOD + '[[levels]]\nday = { from = "X" }\n', "levels"),
    ],
)
def test_a_wrong_profile_names_its_key(text, key):
    with pytest.raises(ProfileError) as refusal:
        profile_read(text, kind_of("sales"))
    assert str(refusal.value).startswith(f"Mapping profile, {key}: ")


def test_every_kind_declares_a_key_and_what_it_needs():
    assert [kind.name for kind in kinds_all()] == [
        "territories",
        "people",
        "distributors",
        "assignments",
        "outlets",
        "contacts",
        "figures",
        "cooperation",
        "products",
        "contracts",
        "accounts",
        "rates",
        "securities",
        "sales",
        "orders",
        "invoices",
        "payments",
        "stock",
        "targets",
        "occurrences",
    ]
    for kind in kinds_all():
        assert kind.key
        assert kind.permission in {"ledger.import_master", "ledger.add_import"}
