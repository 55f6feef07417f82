from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db.models import Avg, F, Max, Min, Sum
from hypothesis import given
from hypothesis import strategies as st

from core.money import LIMIT, MoneyField, amount_text, cents, from_units, minus, plus, short_text, to_units
from distributors.ledger.models import Product
from tests import factories

amounts = st.decimals(min_value=-LIMIT, max_value=LIMIT, places=4, allow_nan=False, allow_infinity=False)


@given(amounts)
def test_an_amount_survives_the_way_to_units_and_back(amount):
    assert from_units(to_units(amount)) == amount


@pytest.mark.parametrize(("given_", "kept"), [("0.00005", "0.0001"), ("-0.00005", "-0.0001"), ("1.23444", "1.2344")])
def test_the_fifth_decimal_is_rounded_half_up(given_, kept):
    assert from_units(to_units(given_)) == Decimal(kept)


@pytest.mark.parametrize("bad", ["1e999", "NaN", "Infinity", "abc", "", "922337203685477.5808"])
def test_what_is_no_amount_is_refused(bad):
    with pytest.raises(ValueError, match=r"not an amount|out of range"):
        to_units(bad)


def test_a_float_is_never_an_amount():
    with pytest.raises(TypeError):
        MoneyField().get_prep_value(0.1)
    with pytest.raises(ValidationError):
        MoneyField().to_python(0.1)


@pytest.fixture
def three(db):
    for price, cost in (("10.0001", "4"), ("20.0002", "5"), ("-0.5", "6")):
        factories.product(list_price=Decimal(price), cost=Decimal(cost))


def test_every_aggregate_gives_decimals(three):
    found = Product.objects.aggregate(
        sum=Sum("list_price"), min=Min("list_price"), max=Max("list_price"), mean=Avg("list_price")
    )
    assert found == {
        "sum": Decimal("29.5003"),
        "min": Decimal("-0.5"),
        "max": Decimal("20.0002"),
        "mean": Decimal("9.8334"),
    }


def test_sums_and_differences_go_through_expressions(three):
    rows = Product.objects.annotate(both=plus("list_price", "cost"), margin=minus("list_price", "cost"))
    assert sorted(rows.values_list("both", "margin"))[0] == (Decimal("5.5"), Decimal("-6.5"))
    assert rows.aggregate(total=Sum("margin"))["total"] == Decimal("14.5003")


def test_mixed_arithmetic_raises_instead_of_adding_ten_thousandths(three):
    with pytest.raises(FieldError):
        list(Product.objects.annotate(wrong=F("list_price") + Decimal(1)))
    with pytest.raises(FieldError):
        list(Product.objects.annotate(wrong=F("list_price") + F("cost")))


def test_filters_compare_amounts(three):
    assert Product.objects.filter(list_price__gte=Decimal("10.0001")).count() == 2
    assert Product.objects.filter(list_price__lt=0).count() == 1


def test_readers_see_thousands_and_their_own_abbreviations():
    assert amount_text(Decimal("1234567.5")) == "1,234,568"
    assert amount_text(Decimal("-12.345"), 2) == "\N{MINUS SIGN}12.35"
    assert short_text(Decimal(24_500_000), "en") == "24.5 M"
    assert short_text(Decimal(24_500_000), "zh-hans") == "2,450 万"
    assert short_text(Decimal(312_000_000), "zh-hans") == "3.1 亿"
    assert short_text(Decimal(950), "en") == "950"
    assert cents(Decimal("2.005")) == Decimal("2.01")
