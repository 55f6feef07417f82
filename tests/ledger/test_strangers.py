"""Files of strangers come in by what is recognised of them; what cannot be known is asked, never guessed."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.models import User
from accounts.roles import Role
from distributors.ledger.cells import Column
from distributors.ledger.kinds.declaration import kind_of, kinds_all
from distributors.ledger.mapping import profile_check
from distributors.ledger.models import ExchangeRate, Product, SaleLine
from distributors.ledger.profile_text import profile_text
from distributors.ledger.records import Invoice, Payment, StockSnapshot, Target
from distributors.profiles.models import Distributor
from tests import factories
from tests.ledger.records import bring, picture, problems, small_world
from tests.ledger.strangers import FILES
from tests.ledger.test_guessing import fed, guessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-01"
    made = small_world()
    factories.user(Role.REP, code="E1", email="e1@example.com").territories.add(made["territory"])
    for day in (date(2025, 1, 31), date(2025, 2, 15), date(2025, 2, 28)):
        for currency, rate in (("USD", "7.1"), ("EUR", "7.7")):
            ExchangeRate.objects.create(currency=currency, day=day, rate=Decimal(rate))
    return made


def test_every_kind_has_files_of_strangers():
    assert {kind for kind, *_rest in FILES} == {kind.name for kind in kinds_all()}


@pytest.mark.parametrize(("kind", "what", "text", "columns"), FILES, ids=[f"{one[0]}: {one[1]}" for one in FILES])
def test_a_file_of_a_stranger_is_recognised_and_comes_in_whole(world, kind, what, text, columns):
    profile, _sample = guessed(text, kind)
    found = fed(profile)
    assert {name: found.get(name) for name in columns} == columns
    if kind == "sales" and "external_id" not in found:
        profile["columns"]["external_id"] = {"template": "{Order Reference}-{Order Lines/ID}"}
    profile_check(profile, kind_of(kind))
    made = bring(text, kind, profile=profile_text(profile))
    assert (made.state, problems(made)) == ("published", [])
    assert made.rows_new + made.rows_changed + made.rows_same == 2


def came_in(text, kind, **changes):
    """Bring a file in by what is recognised of it, with some plans changed."""
    profile, _sample = guessed(text, kind)
    profile["columns"] |= changes
    return bring(text, kind, profile=profile_text(profile))


NUMBERS = (
    ("1234.56", "1234.5600"),
    ("1.234,56", "1234.5600"),
    ("1,234.56", "1234.5600"),
    ("12,34,567.80", "1234567.8000"),
    ("1 234,56", "1234.5600"),
    ("1\u00a0234,56", "1234.5600"),
    ("1'234.56", "1234.5600"),
    ("(1,234.56)", "-1234.5600"),
    ("1.234,56-", "-1234.5600"),
    ("\u22121,234.56", "-1234.5600"),
    ("¥1,234.56", "1234.5600"),
    ("￥ 1,234.56", "1234.5600"),
    ("1,234.56元", "1234.5600"),
    ("CNY 1.234,56", "1234.5600"),
    ("RMB1,234.56", "1234.5600"),
    ("-¥1,234.56", "-1234.5600"),
    ("１，２３４．５６", "1234.5600"),
)


@pytest.mark.parametrize(("cell", "read"), NUMBERS)
def test_an_amount_is_read_as_it_is_written(world, cell, read):
    text = f"Doc No;Customer;Item;Date;Qty;Net Amount\nA1;D1;P1;2025-01-31;1;{cell}\n"
    made = came_in(text, "sales")
    assert (made.state, problems(made)) == ("published", [])
    assert str(SaleLine.objects.get().amount) == read


DAYS = (
    "2025-01-31",
    "31.01.2025",
    "31.01.25",
    "31/01/2025",
    "1/31/2025",
    "2025/1/31",
    "2025年1月31日",
    "20250131",
    "45688",
    "45688.75",
    "31-Jan-2025",
    "Jan 31, 2025",
    "31 January 2025",
    "2025-01-31 23:59:59",
    "31.01.2025 08:00",
    "1/31/2025 11:59 PM",
    "2025-01-31T08:00:00Z",
    "2025年1月31日 8:05",
)


@pytest.mark.parametrize("cell", DAYS)
def test_a_day_is_read_as_it_is_written(world, cell):
    text = f'Doc No;Customer;Item;Date;Qty;Net Amount\nA1;D1;P1;"{cell}";1;2\n'
    made = came_in(text, "sales")
    assert (made.state, problems(made)) == ("published", [])
    assert SaleLine.objects.get().day == date(2025, 1, 31)


@pytest.mark.parametrize(
    ("cells", "forms"),
    [
        (["03/04/2025", "05/04/2025"], []),
        (["03/04/2025", "13/04/2025"], ["%d/%m/%Y"]),
        (["03/04/2025", "04/13/2025"], ["%m/%d/%Y"]),
        (["03/03/2025"], ["%d/%m/%Y"]),
    ],
)
def test_day_and_month_are_told_by_the_column_or_left_open(world, cells, forms):
    rows = "".join(f"R{number},D1,{cell},{cell},1\n" for number, cell in enumerate(cells))
    profile, _sample = guessed(f"Invoice No,Customer,Invoice Date,Due Date,Gross Amount\n{rows}", "invoices")
    assert profile.get("dates", []) == forms
    assert "dates" not in profile["columns"]["due_on"]


def test_day_and_month_are_told_by_another_column_of_the_file_and_by_days_to_come(world):
    text = "Invoice No,Customer,Invoice Date,Due Date,Gross Amount\nR1,D1,02/03/2025,02/28/2025,1\n"
    assert guessed(text, "invoices")[0]["dates"] == ["%m/%d/%Y"]
    # The second of April would be to come.
    text = "Payment No,Customer,Payment Date,Amount\nZ1,D1,04/01/2025,7\nZ2,D1,04/02/2025,7\n"
    assert guessed(text, "payments")[0]["dates"] == ["%d/%m/%Y"]


def test_days_that_nobody_can_tell_are_refused_not_guessed(world):
    before = picture()
    text = "Doc No,Customer,Item,Date,Qty,Net Amount\nA1,D1,P1,02/03/2025,1,2\n"
    made = came_in(text, "sales")
    assert (made.state, problems(made)[0][3][:15]) == ("refused", "Not a date such")
    assert picture() == before


def test_each_column_has_its_own_way_to_write_numbers(world):
    text = 'Doc No,Customer,Item,Date,Qty,Net Amount,Tax\nA1,D1,P1,2025-01-31,"1,200.5","1.234,50","1.160,49"\n'
    made = came_in(text, "sales")
    assert problems(made) == []
    line = SaleLine.objects.get()
    assert [str(one) for one in (line.quantity, line.amount, line.tax)] == ["1200.5000", "1234.5000", "1160.4900"]


def test_signs_between_thousands_stand_where_they_belong_or_the_cell_is_refused(world):
    text = 'Doc No,Customer,Item,Date,Qty,Net Amount\nA1,D1,P1,2025-01-31,1,"1,234.50"\n'
    rows = "".join(f'B{number},D1,P1,2025-01-31,1,"1,234.50"\n' for number in range(40))
    made = came_in(text + rows + 'A2,D1,P1,2025-01-31,1,"12,34"\n', "sales")
    assert [(row, value) for row, _column, value, _why in problems(made)] == [(43, "12,34")]
    assert "1,234.50" in problems(made)[0][3]


def test_the_currency_stands_in_the_cell_in_the_heading_or_in_a_column_and_never_contradicts(world):
    head = "Doc No,Customer,Item,Date,Qty,"
    row = "A1,D1,P1,2025-02-28,1,"
    for heading, cell, currency in (
        ("Amt (EUR)", "10", "EUR"),
        ("Net Amount", "€10.00", "EUR"),
        ("Net Amount", "10.00 USD", "USD"),
        ("金额（美元）", "10", "USD"),
        ("Net Amount", "10", "CNY"),
    ):
        profile, _sample = guessed(f"{head}{heading}\n{row}{cell}\n", "sales")
        assert profile["columns"]["currency"] == {"default": currency}
    mixed = f"{head}Net Amount\n{row}10.00 USD\n{row.replace('A1', 'A2')}20.00 EUR\n"
    assert problems(came_in(mixed, "sales")) == []
    assert set(SaleLine.objects.values_list("currency", flat=True)) == {"USD", "EUR"}
    before = picture()
    wrong = came_in(f"{head}Net Amount,Currency\n{row.replace('A1', 'A3')}€20.00,USD\n", "sales")
    assert [one[1:3] for one in problems(wrong)] == [("Net Amount", "€20.00")]
    assert "The cell is in €, its row in USD" in problems(wrong)[0][3]
    assert picture() == before


def test_amounts_in_ten_thousands_are_what_they_say(world):
    made = came_in("客户编码,月份,目标（万元）\nD1,2025年1月,12.5\n", "targets")
    assert (problems(made), str(Target.objects.get().value)) == ([], "125000.0000")


def test_an_amount_with_tax_is_never_taken_for_one_without(world):
    head, row = "单据号,客户编码,存货编码,单据日期,数量,", "A1,D1,P1,2025-01-31,1,"
    profile, _sample = guessed(f"{head}含税金额,单价\n{row}113,100\n", "sales")
    assert "amount" not in profile["columns"]
    profile, _sample = guessed(
        "发票号,客户编码,开票日期,到期日,不含税金额\nR1,D1,2025-01-31,2025-02-28,100\n", "invoices"
    )
    assert "amount" not in profile["columns"]


def test_records_are_named_by_their_name_where_no_code_is_there(world):
    Distributor.objects.filter(code="D1").update(legal_name="东湖贸易")
    Product.objects.filter(sku="P1").update(name="水泵")
    text = "单据号,客户名称,产品名称,单据日期,数量,金额\nA1,东湖贸易,水泵,2025-01-31,1,2\n"
    profile, _sample = guessed(text, "sales")
    assert [profile["columns"][name]["by"] for name in ("distributor", "product")] == ["name", "name"]
    assert problems(came_in(text, "sales")) == []
    line = SaleLine.objects.get()
    assert (line.distributor.code, line.product.sku) == ("D1", "P1")


def test_a_name_that_two_have_is_not_known(world):
    Distributor.objects.update(legal_name="Twins")
    text = "单据号,客户名称,存货编码,单据日期,数量,金额\nA1,Twins,P1,2025-01-31,1,2\n"
    made = came_in(text, "sales", distributor={"from": "客户名称", "by": "name"})
    assert [one[1:3] for one in problems(made)] == [("客户名称", "Twins")]


def test_a_salesperson_named_by_name_is_kept_by_number(world):
    User.objects.filter(code="E1").update(name="Rui Chen")
    text = "Doc No,Customer,Item,Date,Qty,Net Amount,Sales Rep\nA1,D1,P1,2025-01-31,1,2,Rui Chen\n"
    assert problems(came_in(text, "sales")) == []
    assert SaleLine.objects.get().salesperson == "E1"


def test_codes_that_a_spreadsheet_made_numbers_of_are_found_again(world):
    Distributor.objects.filter(code="D1").update(code="001001")
    text = "Doc No,Customer,Item,Date,Qty,Net Amount\nA1,1001.0,P1,2025-01-31,1,2\n"
    profile, _sample = guessed(text, "sales")
    assert profile["columns"]["distributor"] == {"from": "Customer", "digits": 6}
    assert problems(came_in(text, "sales")) == []
    assert SaleLine.objects.get().distributor.code == "001001"


@pytest.mark.parametrize("row", ["合计,,,,3,{}", "Total:,,,,3,{}", ",,,Grand total,3,{}", " 合 计 ,,,,,{}"])
def test_a_row_of_totals_is_named_as_what_it_is(world, row):
    before = picture()
    text = "Doc No,Customer,Item,Date,Qty,Net Amount\nA1,D1,P1,2025-01-31,1,2\nA2,D1,P1,2025-01-31,2,2\n"
    made = came_in(text + row.format(4) + "\n", "sales")
    assert made.state == "refused"
    assert [(one[0], "This is a row of totals" in one[3]) for one in problems(made)] == [(4, True)]
    assert made.problems_count == 1
    assert picture() == before


def test_a_row_of_totals_that_could_go_in_or_has_fewer_cells_is_named_too(world):
    whole = bring("code,name\nTotal,12\nA,B\n", "territories")
    assert [(one[0], one[3][:24]) for one in problems(whole)] == [(2, "This is a row of totals:")]
    short = came_in("Doc No;Customer;Item;Date;Qty;Net Amount\nA1;D1;P1;2025-01-31;1;2\n合计;3;4\n", "sales")
    assert [(one[0], one[3][:24]) for one in problems(short)] == [(3, "This is a row of totals:")]


def test_rows_and_columns_that_are_empty_are_passed_over(world):
    head = "Doc No,Customer,Item,Date,Qty,Net Amount,,"
    text = f"{head}\nA1,D1,P1,2025-01-31,1,2,,\n,,,,,,,\n\n A2,D1,P1,2025-01-31,1,2,,\n,,,,,,,\n"
    made = came_in(text, "sales")
    assert (problems(made), made.rows_new) == ([], 2)


def test_a_name_with_a_line_break_and_two_of_one_name_are_read(world):
    text = 'Doc No,Customer,Item,Date,Qty,"Net\nAmount",Note,Note\nA1,D1,P1,2025-01-31,1,2,x,y\n'
    _profile, sample = guessed(text, "sales")
    assert sample.header[-3:] == ["Net Amount", "Note", "Note (2)"]
    made = came_in(text, "sales", buyer={"from": "Note (2)"})
    assert (problems(made), SaleLine.objects.get().buyer) == ([], "y")


def test_invoices_and_credit_notes_keep_what_they_are(world):
    text = "Invoice #,Cust No,Doc. Date,Due Dt,Amt (EUR),Doc Type\nG1,D1,02/15/2025,02/28/2025,(113.00),Credit Memo\n"
    assert problems(came_in(text, "invoices")) == []
    note = Invoice.objects.get()
    assert (note.kind, str(note.amount), note.currency) == ("credit_note", "113.0000", "EUR")


def test_what_is_not_so_is_not_taken_for_its_contrary(world):
    row = "D1,2025-01-31,2025-02-28,1"
    text = f"发票号,客户编码,开票日期,到期日,价税合计,是否作废\nR1,{row},未作废\nR2,{row},已作废\n"
    profile, _sample = guessed(text, "invoices")
    assert profile["columns"]["cancelled"]["values"] == {"未作废": "no", "已作废": "yes"}
    column = Column("Status", ["not active", "active"])
    assert column.distinct == ["not active", "active"]
    people = "E-Mail,Name,Role,Active\na@example.com,A,rep,not active\nb@example.com,B,rep,active\n"
    assert guessed(people, "people")[0]["columns"].get("is_active", {}).get("values", {}).get("not active") != "yes"


def test_a_serial_number_and_a_day_below_each_other_are_both_days(world):
    rows = "Z1,D1,45688,10\nZ2,D1,2025-02-28,20\n"
    made = came_in(f"收款单号,客户编码,收款日期,收款金额\n{rows}", "payments")
    assert problems(made) == []
    assert set(Payment.objects.values_list("day", flat=True)) == {date(2025, 1, 31), date(2025, 2, 28)}
    assert not StockSnapshot.objects.exists()
