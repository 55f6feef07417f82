"""Fields that ask for one permission more than their row: in no column, filter, order, form or answer without it."""

from decimal import Decimal

import django_filters
import pytest
from django.http import QueryDict

from accounts.roles import Role
from core.filters import BaseFilterSet
from core.forms import ScopedModelForm
from core.listing import Asker, Listing
from core.scope import is_hidden, visible_fields
from core.tables import Column, Table
from distributors.ledger.models import MonthlySales, Product, SaleLine
from distributors.ledger.sections import ProductSection
from tests import factories

pytestmark = pytest.mark.django_db
SEES = {Role.ADMIN, Role.FINANCE, Role.ANALYST, Role.API_CLIENT}


@pytest.mark.parametrize("role", Role)
def test_one_line_of_the_matrix_says_who_sees_costs(role):
    person = factories.user(role)
    for model in (Product, SaleLine, MonthlySales):
        assert ("cost" in visible_fields(person, model)) == (role in SEES)
        assert is_hidden(person, model, "cost") == (role not in SEES)
    assert is_hidden(person, SaleLine, "-product__cost") == (role not in SEES)
    assert not is_hidden(person, SaleLine, "product__list_price")


def test_nobody_sees_what_asks_for_more():
    assert is_hidden(None, Product, "cost")
    assert "cost" not in visible_fields(None, Product(sku="x"))
    assert {"sku", "list_price"} <= visible_fields(None, Product)


def listed(person, query=""):
    return Listing(ProductSection, person, QueryDict(query)).table


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE])
def test_a_hidden_column_can_be_neither_chosen_nor_sorted_by(role):
    for sku, cost in (("A", 3), ("B", 1), ("C", 2)):
        factories.product(sku, cost=Decimal(cost))
    person = factories.user(role)
    seen = role in SEES
    assert ("cost" in [column.name for column in listed(person).shown]) == seen
    table = listed(person, "columns=cost,sku&sort=cost")
    assert ("cost" in [column.name for column in table.shown]) == seen
    assert [row["sku"] for row in table.values()] == (["B", "C", "A"] if seen else ["A", "B", "C"])
    assert Listing(ProductSection, person, QueryDict("columns=cost")).unknown == ([] if seen else ["cost"])


class CostFilter(BaseFilterSet):
    dear = django_filters.NumberFilter(field_name="product__cost", lookup_expr="gte")


class CostForm(ScopedModelForm):
    class Meta:
        model = Product
        fields = ("name", "cost")


class LineTable(Table):
    columns_declared = (Column("day", "Date"), Column("spent", "Cost", path="product__cost"))


@pytest.mark.parametrize("role", [Role.REP, Role.ANALYST])
def test_neither_filter_nor_form_nor_related_column_has_what_is_hidden(role):
    person, seen = factories.user(role), role in SEES
    rows = SaleLine.objects.all()
    assert ("dear" in CostFilter({}, queryset=rows, request=Asker(person)).filters) == seen
    assert ("cost" in CostForm(user=person).fields) == seen
    table = LineTable(rows)
    assert [column.name for column in table.shown] == ["day"]
    table = LineTable(rows)
    table.reader = person
    assert ("spent" in [column.name for column in table.shown]) == seen


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_the_page_of_a_product_shows_its_cost_to_whom_it_may(client, role):
    product = factories.product("P1", cost=Decimal("8123.45"), list_price=Decimal("9123.45"))
    client.force_login(factories.user(role), backend="accounts.backends.EmailBackend")
    page = client.get(ProductSection.url("detail", product.pk)).content.decode()
    assert "9,123.45" in page
    assert ("8,123.45" in page) == (role in SEES)
