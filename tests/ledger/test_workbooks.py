"""Workbooks are read as files of text are, and what is no table is refused in words."""

from datetime import date, datetime

import pytest

from distributors.ledger.models import Import, SaleLine
from tests.ledger.records import HEAD, bring, picture, problems, small_world
from tests.ledger.workbooks import packed, workbook

pytestmark = pytest.mark.django_db

NAMES = HEAD.split(",")
ROW = ["L1", "D1", "P1", date(2025, 3, 1), 2, 10.1, "CNY"]


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-01"
    return small_world()


def test_a_workbook_comes_in_with_its_days_and_numbers(world):
    rows = [NAMES, ROW, ["L2", "D1", "P1", datetime.fromisoformat("2025-03-02T14:30"), "3", 0.1 + 0.2, "CNY"]]
    made = bring(workbook(("Lines", rows)), filename="lines.xlsx")
    assert made.state == Import.State.PUBLISHED
    found = SaleLine.objects.order_by("external_id").values_list("day", "quantity", "amount")
    assert [(day.isoformat(), str(quantity), str(amount)) for day, quantity, amount in found] == [
        ("2025-03-01", "2.0000", "10.1000"),
        ("2025-03-02", "3.0000", "0.3000"),
    ]


def test_the_type_is_told_by_the_content_not_by_the_name(world):
    assert bring(workbook(("Lines", [NAMES, ROW])), filename="lines.csv").state == Import.State.PUBLISHED


def test_a_wrong_cell_of_a_workbook_is_named_by_row_and_column(world):
    before = picture()
    made = bring(workbook(("Lines", [NAMES, ROW, [], ["L2", "D1", "P1", "soon", 1, "x", "CNY"]])))
    assert [one[:3] for one in problems(made)] == [(4, "day", "soon"), (4, "amount", "x")]
    assert picture() == before


def test_the_sheet_and_the_row_of_names_are_those_of_the_profile(world):
    columns = "\n".join(f'{name} = {{ from = "{name}" }}' for name in NAMES)
    profile = f'kind = "sales"\nsheet = "March"\nheader = 3\n[columns]\n{columns}\n'
    file = workbook(("Notes", [["nothing"]]), ("March", [["Report"], [], NAMES, ROW]))
    assert bring(file, profile=profile).rows_new == 1
    gone = bring(file, profile=profile.replace("March", "April"))
    assert "“April”; it has Notes, March" in problems(gone)[0][3]


def test_decimals_of_text_and_of_numbers_are_read_in_one_style(world):
    columns = "\n".join(f'{name} = {{ from = "{name}" }}' for name in NAMES)
    profile = f'kind = "sales"\ndecimal = ","\nthousands = "."\n[columns]\n{columns}\n'
    text = ["L2", "D1", "P1", "2025-03-02", "1", "1.234,50", "CNY"]
    made = bring(workbook(("Lines", [NAMES, ROW, text])), profile=profile)
    assert made.state == Import.State.PUBLISHED
    assert [str(one) for one in sorted(SaleLine.objects.values_list("amount", flat=True))] == ["10.1000", "1234.5000"]


BOMB = {"[Content_Types]_0xml": b"", "xl__workbook_0xml": b"", "xl__worksheets__sheet1_0xml": b"0" * (80 << 20)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed(**BOMB), "unpacks to 80 MiB"),
        (packed(xl__workbook_0xml=b"", xl__vbaProject_0bin=b"x"), "holds macros"),
        (packed(word__document_0xml=b"x"), "no table"),
        (packed(xl__workbook_0xml=b"<not xml"), "damaged"),
        (workbook(("Lines", [NAMES, ROW]))[:-200], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old XLS format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<html><table></table></html>", "web page"),
        (b"\x1f\x8b\x08", "packed"),
        (b"", "empty"),
        (workbook(("Lines", [])), "no column names"),
        (workbook(("Lines", [["a", "a"], [1, 2]])), "Two columns"),
    ],
)
def test_what_is_no_table_is_refused_with_one_sentence_and_changes_nothing(world, content, said):
    before = picture()
    made = bring(content, filename="lines.xlsx")
    assert made.state == Import.State.REFUSED
    assert [said in reason for _row, _column, _value, reason in problems(made)] == [True]
    assert picture() == before


def test_a_part_that_unpacks_to_more_than_it_says_is_refused(world):
    content = bytearray(workbook(("Lines", [NAMES, *[ROW] * 50])))
    place = content.rindex(b"PK\x01\x02")
    while b"sheet1.xml" not in content[place + 46 : place + 90]:
        place = content.rindex(b"PK\x01\x02", 0, place)
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    before = picture()
    made = bring(bytes(content))
    assert made.state == Import.State.REFUSED
    assert picture() == before
