"""The walk of docs/tutorial.md on the files of another ERP: its figures hold, and a second time changes nothing."""

import os
import re
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import call_command

from accounts.models import Territory, User
from distributors.classification.models import ClassRun
from distributors.ledger.models import Batch, Import, SaleLine
from distributors.ledger.verification import totals
from distributors.profiles.models import Distributor, Standing
from tests.ledger.records import picture

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("QUDAO_SHARED", ROOT.parent / "shared"))
DATA = SHARED / "data" / "adventureworks"
PROFILES = ROOT / "docs" / "examples" / "adventureworks"
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
KINDS = {
    "territories": "territories.csv",
    "people": "reps.csv",
    "distributors": "resellers.csv",
    "products": "products.csv",
    "rates": "currency_rates.csv",
    "sales": "reseller_sales.csv",
}
WINDOW = ("2012-12-01", "2013-12-01")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="the Adventure Works files are not here (QUDAO_SHARED says where)"),
]


def told(pattern):
    """Return what the tutorial says where `pattern` matches."""
    return re.findall(pattern, TUTORIAL, re.MULTILINE)


def number(text):
    return Decimal(text.replace(",", ""))


def run(command, *args, **options):
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def bring(kind):
    return run("import_data", kind, str(DATA / KINDS[kind]), profile=PROFILES / f"{kind}.toml")


@pytest.fixture
def walked(settings):
    settings.TODAY = "2013-12-01"
    run("company", name="Adventure Works", currency="USD", time_zone="America/Los_Angeles")
    return {kind: bring(kind) for kind in KINDS}


def independent(*, places):
    """Return the sales with their base amounts, computed by pandas and Decimal from the files alone."""
    sales = pd.read_csv(DATA / "reseller_sales.csv", dtype=str, keep_default_na=False)
    rates = pd.read_csv(DATA / "currency_rates.csv", dtype=str, keep_default_na=False)
    both = sales.merge(
        rates, left_on=["CurrencyAlternateKey", "OrderDate"], right_on=["CurrencyAlternateKey", "Date"], how="left"
    )
    rate = both["AverageRate"].map(Decimal)
    if places is not None:
        rate = rate.map(lambda one: one.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    both["base"] = [
        (Decimal(amount) * factor).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        for amount, factor in zip(both["SalesAmount"], rate, strict=True)
    ]
    return both


def year(sales):
    return sales[(sales["OrderDate"] >= WINDOW[0]) & (sales["OrderDate"] < WINDOW[1])]


def test_the_figures_of_the_tutorial_hold(walked):
    for kind, rows, records in told(r"^\| (territories|people|distributors|products|rates) \| ([\d,]+) \| ([\d,]+) \|"):
        made = Import.objects.get(kind=kind)
        assert (made.rows_read, made.rows_new) == (number(rows), number(records)), kind
    assert "FAIL" not in run("verify")
    found = totals()
    assert found.lines == number(told(r"^\| lines in force \| ([\d,]+) \|")[0])
    assert found.net_sales == number(told(r"^\| net sales, all time \| ([\d,.]+) USD \|")[0])
    assert found.net_sales_12m == number(
        told(r"^\| net sales, twelve full months before 2013-12-01 \| ([\d,.]+) USD")[0]
    )
    sums_are_those_that_pandas_finds()
    what_is_written_in_the_files_is_there()
    run("classify", "--as-of", "2013-12-01")
    counts = ClassRun.objects.get(official=True).counts
    table = told(r"^\| ([ABCN]) \| ([\d,]+) \| ([\d,]+) \|$")
    assert len(table) == 4
    assert {letter: int(raw) for letter, raw, _now in table} == counts["raw"]
    assert {letter: int(now) for letter, _raw, now in table} == counts["effective"]
    largest = Standing.objects.order_by("-net_sales_12m").values_list(
        "distributor__code", "distributor__legal_name", "net_sales_12m"
    )[:10]
    written = told(r"^\| \d+ \| (\d+) \| ([^|]+) \| ([\d,.]+) \| [\d.]+ % \|$")
    assert [(code, name, f"{sales:,.2f}") for code, name, sales in largest] == written


def sums_are_those_that_pandas_finds():
    exact, full = independent(places=12), independent(places=None)
    found = totals()
    assert found.net_sales == exact["base"].sum()
    assert found.net_sales_12m == year(exact)["base"].sum()
    assert abs(found.net_sales - full["base"].sum()) < Decimal("0.001")
    assert abs(found.net_sales_12m - year(full)["base"].sum()) < Decimal("0.001")
    each = dict(Standing.objects.exclude(net_sales_12m=0).values_list("distributor__code", "net_sales_12m"))
    assert each == year(exact).groupby("ResellerKey")["base"].sum().to_dict()


def test_the_same_files_a_second_time_change_nothing(walked):
    before = picture()
    for kind in KINDS:
        said = bring(kind)
        assert "0 new, 0 changed" in said, kind
    after = picture()
    after["audit"] = before["audit"]
    assert after == before
    assert Batch.objects.count() == 1
    assert "0 new, 0 changed, 60,855 unchanged" in TUTORIAL
    assert "0 new, 0 changed, 60,855 unchanged" in said


def what_is_written_in_the_files_is_there():
    assert Distributor.objects.get(code="1").territory.name == "Northwest"
    assert Distributor.objects.get(code="1").territory.parent.name == "United States"
    assert Distributor.objects.filter(territory__name="NA").count() == 0
    assert [(one.name, one.level) for one in Territory.objects.filter(name="NA").order_by("path")] == [
        ("NA", "group"),
        ("NA", "country"),
        ("NA", "region"),
    ]
    assert User.objects.get(code="290").scope_label == "Europe"
    assert User.objects.get(code="277").everywhere
    assert User.objects.get(email="josé1@adventure-works.com").role == "rep"
    line = SaleLine.objects.get(external_id="SO71952-41")
    assert (line.distributor.code, line.product.sku, line.order_number, line.salesperson) == (
        "490",
        "592",
        "SO71952",
        "281",
    )
    assert (line.amount, line.cost, line.order_type) == (Decimal("203.3964"), Decimal("924.6537"), "promotion")
