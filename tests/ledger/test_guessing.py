"""What is recognised of a file that nobody described."""

import io
import os
import tomllib
from pathlib import Path

import pytest

from core.files import blob_path, blob_store
from distributors.ledger.drafts import source_usual
from distributors.ledger.examples import example_lines
from distributors.ledger.guessing import profile_guessed
from distributors.ledger.kinds.declaration import kind_of, kinds_all
from distributors.ledger.kinds.words import WORDS
from distributors.ledger.mapping import profile_check
from distributors.ledger.models import Source
from distributors.ledger.profile_text import profile_text
from distributors.ledger.sampling import sample_of
from distributors.ledger.surroundings import Surroundings
from tests.ledger.records import bring, company, small_world
from tests.ledger.workbooks import workbook

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("QUDAO_SHARED", ROOT.parent / "shared")) / "data" / "adventureworks"


def guessed(content, kind):
    blob = blob_store(source=io.BytesIO(content if isinstance(content, bytes) else content.encode()), limit=1 << 30)
    sample = sample_of(blob_path(blob), {})
    return profile_guessed(kind_of(kind), sample, Surroundings(source_code="erp", actor=None)), sample


def fed(profile):
    return {name: plan.get("from") or plan.get("template") for name, plan in profile["columns"].items()}


CHINESE = """单据编号,行号,客户编码,物料编码,订单日期,数量,未税金额,税额,币种,业务员
SO1,1,D1,P1,2025/3/1,2,"1,234.50",160.49,CNY,E1
SO1,2,D2,P2,2025/3/1,1,"2,000.00",260.00,CNY,E1
"""


def test_a_chinese_erp_file_in_gb18030_is_recognised():
    small_world()
    profile, sample = guessed(CHINESE.encode("gb18030"), "sales")
    assert (sample.encoding, sample.delimiter, sample.header_row) == ("gb18030", ",", 1)
    assert fed(profile) == {
        "external_id": "{单据编号}-{行号}",
        "distributor": "客户编码",
        "product": "物料编码",
        "day": "订单日期",
        "quantity": "数量",
        "amount": "未税金额",
        "tax": "税额",
        "currency": "币种",
        "order_number": "单据编号",
        "salesperson": "业务员",
    }
    assert profile["dates"] == ["%Y/%m/%d"]
    assert profile["thousands"] == ","
    profile_check(profile, kind_of("sales"))


def test_a_german_style_with_semicolons_and_titles_above_is_recognised():
    small_world()
    text = "Sales report\n;;;;;\nDocument Number;Customer No;Item No;Posting Date;Qty;Net Amount\n" + "".join(
        f"R{number};D1;P1;0{number}.03.2025;{number};1.234,5{number}\n" for number in range(1, 9)
    )
    profile, sample = guessed(text, "sales")
    assert (sample.delimiter, sample.header_row, profile["header"]) == (";", 3, 3)
    assert (profile["decimal"], profile["thousands"], profile["dates"]) == (",", ".", ["%d.%m.%Y"])
    assert fed(profile)["external_id"] == "Document Number"
    assert profile["columns"]["currency"] == {"default": "CNY"}
    profile_check(profile, kind_of("sales"))


def test_a_number_of_a_line_alone_is_no_key_where_the_order_stands_beside_it():
    small_world()
    text = "Order No,Line No,Customer,Item,Date,Qty,Net Amount\nA1,1,D1,P1,2025-03-01,1,2\nA1,2,D1,P1,2025-03-01,1,2\n"
    assert fed(guessed(text, "sales")[0])["external_id"] == "{Order No}-{Line No}"


def test_the_sheet_with_the_most_cells_is_taken():
    rows = [["sku", "name", "category"], *[[f"P{number}", "N", "L"] for number in range(5)]]
    profile, sample = guessed(workbook(("Read me", [["Export"]]), ("Items", [["Items"], [], *rows])), "products")
    assert (sample.sheet, sample.header_row, profile["sheet"]) == ("Items", 3, "Items")
    assert fed(profile) == {"sku": "sku", "name": "name", "line": "category"}


def test_days_that_can_only_be_month_first_are_read_so():
    text = "currency,date,rate\nUSD,03/25/2025,7.1\nUSD,04/01/2025,7.2\n"
    assert guessed(text, "rates")[0]["dates"] == ["%m/%d/%Y"]


def test_a_column_whose_cells_cannot_be_is_not_taken_for_its_name():
    text = "currency,date,rate,amount\nUSD,2025-03-25,high,7.1\n"
    assert "rate" not in guessed(text, "rates")[0]["columns"]


def test_levels_side_by_side_make_a_tree():
    text = "Country,Region,Region Code\nChina,East,E\nChina,North,N\nJapan,Kanto,K\n"
    levels = guessed(text, "territories")[0]["levels"]
    assert [one["name"]["from"] for one in levels] == ["Country", "Region"]
    assert levels[1]["code"] == {"from": "Region Code"}
    assert levels[1]["parent"] == {"template": "{Country}"}


def test_every_field_has_words_and_an_example_and_every_example_file_is_recognised_whole():
    company()
    for kind in kinds_all():
        assert set(WORDS[kind.name]) == {one.name for one in kind.fields}, kind.name
        profile, sample = guessed(example_lines(kind), kind.name)
        profile_check(profile, kind)
        assert len(sample.numbers) == 2
        if not profile.get("levels"):
            assert all(fed(profile).get(one.name) == one.name for one in kind.fields if one.required), kind.name


def test_a_profile_as_text_is_the_same_profile():
    profile = {
        "kind": "sales",
        "name": 'Größe "x" \\ 名',
        "dates": ["%d.%m.%Y"],
        "header": 3,
        "columns": {"kind": {"from": "A b", "values": {"1 %": "return", "x": "sell_in"}, "other": "sell_in"}},
    }
    assert tomllib.loads(profile_text(profile)) == profile
    levels = {"kind": "territories", "levels": [{"code": {"from": "A"}}, {"code": {"template": "{A}/{B}"}}]}
    assert tomllib.loads(profile_text(levels)) == levels


@pytest.mark.skipif(not FOLDER.exists(), reason="the AdventureWorks files are not here")
def test_each_file_of_a_stranger_comes_in_by_what_is_recognised(settings):
    settings.TODAY = "2014-01-01"
    company("USD")
    for kind, name in (
        ("territories", "territories"),
        ("people", "reps"),
        ("distributors", "resellers"),
        ("products", "products"),
        ("rates", "currency_rates"),
        ("sales", "reseller_sales"),
    ):
        content = (FOLDER / f"{name}.csv").read_bytes()
        profile, _sample = guessed(content, kind)
        made = bring(content, kind, profile=profile_text(profile))
        assert (made.state, made.problems_count) == ("published", 0), (kind, list(made.problems.all()[:3]))
    # The third quarter of 2011 stands twice in the file: that is for a person to settle.
    content = (FOLDER / "quotas.csv").read_bytes()
    made = bring(content, "targets", profile=profile_text(guessed(content, "targets")[0]))
    assert (made.state, made.problems_count) == ("refused", 10)
    assert all("is about the same already" in str(one.reason) for one in made.problems.all())


def test_a_column_in_which_each_row_is_dated_by_another_hand_is_a_column_of_days():
    small_world()
    days = ["2025-03-01", "04.03.2025", "05-Mar-25", "45722"]
    rows = "".join(f"M{number},D1,P1,{day},2,100\n" for number, day in enumerate(days))
    content = f"Doc,Customer code,SKU,Date,Pieces,Net EUR\n{rows}"
    profile, _sample = guessed(content, "sales")
    assert fed(profile)["day"] == "Date"
    assert profile["columns"]["currency"] == {"default": "EUR"}
    assert set(profile["dates"]) == {"%Y-%m-%d", "%d.%m.%Y", "%d-%b-%y", "serial"}


def test_a_column_called_as_its_field_is_taken_although_it_cannot_be_read():
    content = "external_id,distributor,product,day,quantity,amount,currency\nA,D1,P1,x,1e999,=1+1,CNY\n"
    profile, _sample = guessed(content, "sales")
    assert [fed(profile)[name] for name in ("day", "quantity", "amount")] == ["day", "quantity", "amount"]


def test_a_register_with_voucher_and_line_numbers_names_each_line_by_both():
    small_world()
    rows = "".join(f"SV/{number // 2},{number % 2 + 1},D1,P1,0{number + 1}-Mar-25,1,10,1.30\n" for number in range(4))
    content = (
        f"Sales register\n\nVoucher No.,Ln,Party code,Stock item,Voucher date,Billed qty,Taxable value,GST\n{rows}"
    )
    profile, _sample = guessed(content, "sales")
    assert fed(profile)["external_id"] == "{Voucher No.}-{Ln}"
    assert fed(profile)["amount"] == "Taxable value"


def test_the_source_of_contracts_is_none_that_files_come_from():
    for code in ("contracts", "sap"):
        Source.objects.create(code=code)
    assert source_usual() == "sap"
