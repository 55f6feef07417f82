"""Workbooks as strangers make them: two rows of names, hidden sheets, codes shown with zeros, numbers as texts."""

import io
from datetime import date

import pytest
from openpyxl import Workbook

from distributors.ledger.header_rows import header_row
from distributors.ledger.models import SaleLine
from distributors.ledger.profile_text import profile_text
from distributors.profiles.models import Distributor
from tests.ledger.records import bring, picture, problems, small_world
from tests.ledger.test_guessing import fed, guessed
from tests.ledger.workbooks import workbook

pytestmark = pytest.mark.django_db

NAMES = ["Doc No", "Customer", "Item", "Date", "Qty", "Net Amount"]
ROW = ["A1", "D1", "P1", date(2025, 1, 31), 2, 10.5]


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-01"
    return small_world()


def came_in(content, kind="sales"):
    return bring(content, kind, profile=profile_text(guessed(content, kind)[0]))


def saved(book):
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_names_in_two_rows_with_merged_cells_are_joined(world):
    book = Workbook()
    sheet = book.active
    for row in (
        ["销售明细表", None, None, None, None, None, None],
        ["单据号", "单据日期", "客户", None, "存货编码", "数量", "金额", None],
        [None, None, "编码", "名称", None, None, "不含税", "含税"],
        ["A1", date(2025, 1, 31), "D1", "甲", "P1", 2, 100, 113],
        ["A2", date(2025, 1, 31), "D2", "乙", "P2", 1, 50, 56.5],
        ["合计", None, None, None, None, 3, 150, 169.5],
    ):
        sheet.append(row)
    for cells in ("A1:H1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3", "G2:H2"):
        sheet.merge_cells(cells)
    profile, sample = guessed(saved(book), "sales")
    assert (sample.header_row, sample.header_above) == (3, 1)
    assert sample.header == [
        "单据号",
        "单据日期",
        "客户 编码",
        "客户 名称",
        "存货编码",
        "数量",
        "金额 不含税",
        "金额 含税",
    ]
    assert fed(profile)["distributor"] == "客户 编码"
    assert fed(profile)["amount"] == "金额 不含税"
    made = came_in(saved(book))
    assert [(one[0], one[3][:24]) for one in problems(made)] == [(6, "This is a row of totals:")]
    sheet.delete_rows(6)
    assert problems(came_in(saved(book))) == []
    assert SaleLine.objects.count() == 2


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["a", "b"], ["1", "2"]], (1, 0)),
        ([["Report of March"], [], ["Code", "Name", "Qty"], ["x", "y", "1"]], (3, 0)),
        ([["Code", "", "Name", "Note"], ["D1", "x", "Acme", ""], ["D2", "y", "Beta", "n"]], (1, 0)),
        ([["Customer", "", "Amount", ""], ["Code", "Name", "Net", "Gross"], ["D1", "A", "1", "2"]], (2, 0)),
        ([["2025", "", "2024", ""], ["Plan", "Actual", "Plan", "Actual"], ["1", "2", "3", "4"]], (2, 0)),
        ([["Net", "", "Tax", ""], ["EUR", "USD", "EUR", "USD"], ["1", "2", "3", "4"]], (2, 1)),
        ([["", "", ""], ["Code", "Name", "Town"], ["D1", "A", "B"]], (2, 0)),
    ],
)
def test_the_row_of_names_is_found(rows, found):
    assert header_row(rows) == found


def test_a_hidden_sheet_is_not_taken_however_much_it_holds(world):
    book = Workbook()
    sheet = book.active
    sheet.title = "Lines"
    for row in (NAMES, ROW):
        sheet.append(row)
    hidden = book.create_sheet("Old")
    for number in range(20):
        hidden.append([*NAMES[:5], number])
    hidden.sheet_state = "hidden"
    profile, sample = guessed(saved(book), "sales")
    assert (sample.sheet, sample.sheets, "sheet" in profile) == ("Lines", ["Lines"], False)
    made = came_in(saved(book))
    assert (problems(made), made.rows_new) == ([], 1)


def test_a_code_is_read_with_the_zeros_that_the_sheet_shows(world):
    Distributor.objects.filter(code="D1").update(code="001001")
    Distributor.objects.filter(code="D2").update(code="1001")
    book = Workbook()
    sheet = book.active
    sheet.append(NAMES)
    sheet.append([ROW[0], 1001, *ROW[2:]])
    sheet["B2"].number_format = "000000"
    assert problems(came_in(saved(book))) == []
    assert SaleLine.objects.get().distributor.code == "001001"


def test_a_whole_number_of_a_sheet_is_a_code_without_decimals(world):
    Distributor.objects.filter(code="D1").update(code="1001")
    made = came_in(workbook(("Lines", [NAMES, [ROW[0], 1001.0, *ROW[2:]]])))
    assert (problems(made), SaleLine.objects.get().distributor.code) == ([], "1001")


def test_numbers_and_texts_of_one_column_are_read_alike(world):
    rows = [NAMES, [*ROW[:5], "1.234,50"], ["A2", *ROW[1:5], 123.456], ["A3", *ROW[1:5], "2.000,00"]]
    made = came_in(workbook(("Lines", rows)))
    assert problems(made) == []
    assert sorted(str(one) for one in SaleLine.objects.values_list("amount", flat=True)) == [
        "123.4560",
        "1234.5000",
        "2000.0000",
    ]


def test_empty_columns_and_rows_behind_the_table_are_passed_over(world):
    rows = [
        ["Sales of January"],
        [],
        [*NAMES, None, None],
        [*ROW, None, None],
        [None] * 8,
        ["A2", *ROW[1:]],
        [None] * 8,
    ]
    made = came_in(workbook(("Lines", rows)))
    assert (problems(made), made.rows_new) == ([], 2)


def test_a_wrong_cell_below_two_rows_of_names_is_named_by_its_row_and_nothing_changes(world):
    before = picture()
    rows = [
        ["Customer", None, "Amount", None],
        ["Code", "Name", "Net", "Gross"],
        ["D1", "A", "x", 2],
        ["D9", "B", 1, 2],
    ]
    columns = '[columns]\nday = { default = "2025-01-31" }\ncurrency = { default = "CNY" }\n'
    columns += 'product = { default = "P1" }\nquantity = { default = "1" }\nexternal_id = { from = "Customer Name" }\n'
    columns += 'distributor = { from = "Customer Code" }\namount = { from = "Amount Net" }\n'
    profile = f'kind = "sales"\nheader = 2\nheader_above = 1\n{columns}'
    made = bring(workbook(("S", rows)), profile=profile)
    assert [one[:3] for one in problems(made)] == [(4, "Customer Code", "D9"), (3, "Amount Net", "x")] or [
        one[:3] for one in problems(made)
    ] == [(3, "Amount Net", "x"), (4, "Customer Code", "D9")]
    assert picture() == before
