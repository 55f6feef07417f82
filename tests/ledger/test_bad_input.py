"""Bad files: each gives a clear problem with its row and column, and nothing changes."""

import csv
import io
from datetime import date

import pytest
from django.db import connection

from accounts.roles import Role
from core.errors import DomainError
from core.exports import csv_lines
from core.sentences import VALUE_MOST, Sentence
from distributors.ledger import reading, work
from distributors.ledger.findings import Finding
from distributors.ledger.models import ExchangeRate, Import, SaleLine
from distributors.ledger.services import import_process
from distributors.ledger.tables import ProblemTable, SaleLineTable
from distributors.profiles.models import Distributor
from tests import factories
from tests.ledger.records import HEAD, Foreground, bring, lines, picture, problems, small_world, started

pytestmark = pytest.mark.django_db

GOOD = "L1,D1,P1,2025-03-01,2,10.00,CNY"


def refused(text, row, column, value, words, kind="sales", **options):
    """Bring a bad file in and assert its only problem and that nothing changed."""
    small_world()
    before = picture()
    made = bring(text, kind, **options)
    assert made.state == Import.State.REFUSED
    assert [(found[0], found[1], found[2]) for found in problems(made)] == [(row, column, value)]
    assert words in problems(made)[0][3]
    assert made.problems_count == 1
    assert picture() == before
    assert not [name for name in connection.introspection.table_names() if name.startswith("stage_")]
    return made


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        ("L2,D9,P1,2025-03-01,2,10,CNY", "distributor", "D9", "not known"),
        ("L2,D1,P9,2025-03-01,2,10,CNY", "product", "P9", "not known"),
        ("L2,D1,P1,2025-03-01,2,10,XYZ", "currency", "XYZ", "not known"),
        ("L2,D1,P1,2025-03-01,2,10,usd", "currency", "usd", "currency code"),
        ("L2,D1,P1,2025-02-01,2,10,USD", "currency", "USD 2025-02-01", "no rate for this day"),
        ("L2,D1,P1,2025-03-09,2,10,USD", "currency", "USD 2025-03-09", "no rate for this day"),
        ("L2,D1,P1,2999-01-01,2,10,CNY", "day", "2999-01-01", "after today"),
        ("L2,D1,P1,2025-02-30,2,10,CNY", "day", "2025-02-30", "Not a date"),
        ("L2,D1,P1,01.03.2025,2,10,CNY", "day", "01.03.2025", "Not a date"),
        ("L2,D1,P1,2025-03-01,1e999,10,CNY", "quantity", "1e999", "Not a number"),
        ("L2,D1,P1,2025-03-01,2,NaN,CNY", "amount", "NaN", "Not a number"),
        ("L2,D1,P1,2025-03-01,2,inf,CNY", "amount", "inf", "Not a number"),
        ("L2,D1,P1,2025-03-01,2,0x10,CNY", "amount", "0x10", "Not a number"),
        ("L2,D1,P1,2025-03-01,2,999999999999999,CNY", "amount", "999999999999999", "too large"),
        ("L2,D1,P1,2025-03-01,2,,CNY", "amount", "", "A value is needed"),
        (",D1,P1,2025-03-01,2,10,CNY", "external_id", "", "A value is needed"),
        (f"{'L' * 81},D1,P1,2025-03-01,2,10,CNY", "external_id", "L" * 81, "Longer than 80"),
        ("L1,D2,P1,2025-03-02,2,10,CNY", "external_id", "L1", "Row 2 is about the same"),
        ("L2,D1,P1,2025-03-01,2,10", "", "", "6 cells instead of 7"),
        ("L2,D1,P1,2025-03-01,2,10,CNY,,", "", "", "9 cells instead of 7"),
        ('L2,D1,P1,2025-03-01,2,10,"CN', "", "", "quotes of this row do not close"),
        ("L2,D1,P1,2025-03-01,2,10,C\0Y", "", "\\0", "NUL byte"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(row, column, value, words):
    refused(lines(GOOD, row), 3, column, value, words)


def test_an_amount_that_is_huge_in_base_currency_is_refused():
    ExchangeRate.objects.create(currency="KWD", day=date(2025, 3, 1), rate=100)
    row = "L2,D1,P1,2025-03-01,2,999999999999,KWD"
    refused(lines(GOOD, row), 3, "amount", "9999999999990000", "base currency is too large")


def test_the_wrong_encoding_is_one_problem_at_its_row():
    text = lines(GOOD, "L2,D1,P1,2025-03-01,2,10,中文").encode("gb18030")
    profile = f'kind = "sales"\nencoding = "utf-8"\n{profile_columns()}'
    refused(text, 3, "", "", "not utf-8", profile=profile)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_recognised(encoding):
    small_world()
    made = bring(lines(GOOD).encode(encoding))
    assert (made.state, made.rows_new) == (Import.State.PUBLISHED, 1)


def test_a_character_cut_in_half_is_named():
    text = lines(GOOD).encode() + "L2,D1,P1,2025-03-01,2,10,元".encode()[:-1]
    profile = f'kind = "sales"\nencoding = "utf-8"\n{profile_columns()}'
    refused(text, 3, "", "", "ends in the middle", profile=profile)


def profile_columns():
    return "[columns]\n" + "\n".join(f'{name} = {{ from = "{name}" }}' for name in HEAD.split(","))


def test_all_missing_columns_are_named_at_once_beside_those_that_are_there():
    head = HEAD.removesuffix(",amount,currency")
    found = head.replace(",", ", ")
    made = refused(lines("L1,D1,P1,2025-03-01,2", head=head), 1, "amount, currency", found, "lack amount, currency")
    assert problems(made)[0][3] == (
        f"The file's columns lack amount, currency; it has {found}. Rename its columns, or bring a mapping profile."
    )


def test_columns_that_are_no_field_are_named_with_what_is_missing():
    small_world()
    before, head = picture(), HEAD.replace("amount", "betrag").replace("day", "tag")
    made = bring(lines(GOOD, head=head))
    (row, missing, found, lacks), (_row, strange, _found, unknown) = problems(made)
    assert (row, missing, strange, found) == (1, "day, amount", "tag, betrag", head.replace(",", ", "))
    assert "lack day, amount" in lacks
    assert "no field: tag, betrag" in unknown
    assert "The fields are: external_id, " in unknown
    assert (made.state, made.problems_count, picture()) == (Import.State.REFUSED, 2, before)


@pytest.mark.parametrize(("name", "shown"), [('name = "Our ERP"\n', "“Our ERP”"), ("", "“without a name”")])
def test_columns_that_a_profile_reads_and_the_file_lacks_are_named_with_the_profile(name, shown):
    head = HEAD.removesuffix(",amount,currency")
    profile = f'kind = "sales"\n{name}{profile_columns()}'
    made = refused(
        lines("L1,D1,P1,2025-03-01,2", head=head),
        1,
        "amount, currency",
        head.replace(",", ", "),
        f"the mapping profile {shown} reads: amount, currency. It has external_id,",
        profile=profile,
    )
    assert "Change the profile, or the file's columns." in problems(made)[0][3]


def test_two_columns_of_one_name_are_refused():
    refused(lines(GOOD + ",x", head=HEAD + ",amount"), 1, "amount", "amount", "Two columns")


def test_what_a_problem_says_is_cut_to_what_is_kept():
    name = "x" * 301
    made = refused(lines(GOOD, head=f"{HEAD},{name},{name}"), 1, name[:80], name[:200], "Two columns")
    assert len(problems(made)[0][3]) < 300
    said = Finding(1, name * 9, name, Sentence("%(name)s", name=name * 9))
    assert (len(said.column), len(said.value), len(str(said.reason))) == (80, 200, VALUE_MOST)


@pytest.mark.parametrize("text", ["", "\n", HEAD + "\n"])
def test_an_empty_file_is_refused(text):
    small_world()
    before = picture()
    made = bring(text)
    assert made.state == Import.State.REFUSED
    assert problems(made)[0][0] == 1
    assert picture() == before


def test_half_a_file_is_refused_at_the_row_where_it_ends():
    whole = lines(*(f"L{number},D1,P1,2025-03-01,2,10.00,CNY" for number in range(50)))
    half = whole[: len(whole) // 2]
    cells = half.rsplit("\n", 1)[1].count(",") + 1
    refused(half, half.count("\n") + 1, "", "", f"{cells} cells instead of 7")


def test_a_line_without_end_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(reading, "LINE_LIMIT", 1000)
    monkeypatch.setattr(reading, "BLOCK", 256)
    small_world()
    before = picture()
    made = bring(lines(GOOD, "L2," + "x" * 5000))
    assert [(found[0], found[3]) for found in problems(made)] == [
        (3, "This row is longer than 1,000 characters: shorten it, or look for a quote that does not close.")
    ]
    assert picture() == before


def test_a_quoted_cell_without_end_is_refused():
    limit = csv.field_size_limit(1000)
    try:
        small_world()
        before = picture()
        made = bring(lines(GOOD, 'L2,"' + "x,\n" * 1000))
        assert [(found[0], found[3][:10]) for found in problems(made)] == [(3, "The quotes")]
        assert picture() == before
    finally:
        csv.field_size_limit(limit)


def test_every_bad_row_is_reported_and_only_the_first_thousand_kept():
    small_world()
    made = bring(lines(*(f"L{number},D9,P9,2025-03-01,2,10,CNY" for number in range(1, 701))))
    assert made.problems_count == 1400
    assert made.problems.count() == 1000
    assert SaleLine.objects.count() == 0


def test_rows_that_break_a_rule_of_the_whole_file_are_all_counted_and_only_the_first_kept(monkeypatch):
    monkeypatch.setattr(work, "PROBLEMS_KEPT", 3)
    small_world()
    made = bring(lines(*(f"L1,D1,P1,2025-03-0{day},2,10,CNY" for day in range(1, 7))))
    assert [found[:3] for found in problems(made)] == [(row, "external_id", "L1") for row in (3, 4, 5)]
    assert made.problems_count == 5
    made = bring("code,legal_name,territory,parent\n" + "".join(f"N{n},N,T1,NONE\n" for n in range(6)), "distributors")
    assert [found[:3] for found in problems(made)] == [(row, "parent", "NONE") for row in (2, 3, 4)]
    assert made.problems_count == 6


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    small_world()
    text = f'{HEAD}\n\n"L1","D1","P1","2025-03-01","2","10","CNY"\n"L\n2",D9,P1,2025-03-01,2,10,CNY\n'
    assert [(row, column) for row, column, *_rest in problems(bring(text))] == [(4, "distributor")]


def test_a_correction_cannot_change_the_distributor():
    small_world()
    bring(lines(GOOD))
    before = picture()
    made = bring(lines(GOOD.replace("D1", "D2")))
    assert [found[:3] for found in problems(made)] == [(2, "distributor", "L1")]
    assert "keeps the distributor" in problems(made)[0][3]
    assert picture() == before


def test_a_correction_cannot_change_the_date():
    small_world()
    bring(lines(GOOD))
    before = picture()
    made = bring(lines(GOOD.replace("2025-03-01", "2025-03-02")))
    assert [found[:3] for found in problems(made)] == [(2, "day", "L1")]
    assert picture() == before


def test_a_repeated_key_is_refused_also_where_the_line_is_known_and_unchanged():
    small_world()
    bring(lines(GOOD))
    before = picture()
    made = bring(lines(GOOD, GOOD))
    assert [found[:3] for found in problems(made)] == [(3, "external_id", "L1")]
    assert picture() == before


def test_a_return_with_a_positive_amount_is_refused():
    small_world()
    made = bring(lines("R1,D1,P1,2025-03-01,1,10,CNY,return", head=HEAD + ",kind"))
    assert [found[:3] for found in problems(made)] == [(2, "kind", "return")]


def test_a_formula_as_a_name_is_text_and_harmless_in_exports():
    world = small_world()
    made = bring('sku,name,line\nP7,=1+1,"@line"\n', "products")
    assert made.state == Import.State.PUBLISHED
    made = bring(lines("=cmd(),D1,P7,2025-03-01,1,10,CNY"))
    assert made.state == Import.State.PUBLISHED
    exported = "".join(csv_lines(SaleLineTable(SaleLine.objects.filter(distributor=world["one"]))))
    assert "'=1+1" in exported
    assert "'=cmd()" in exported
    made = bring(lines("L3,=1+1,P7,2025-03-01,1,10,CNY"))
    report = next(csv.reader(io.StringIO("".join(csv_lines(ProblemTable(made.problems.all()))).split("\n", 1)[1])))
    assert report[:3] == ["2", "distributor", "'=1+1"]


def test_a_file_beyond_the_limit_is_not_kept(settings):
    settings.IMPORT_MAX_BYTES = 100
    small_world()
    with pytest.raises(DomainError, match="larger than"):
        bring(lines(*[GOOD] * 50))
    assert Import.objects.count() == 0


def test_supply_up_the_tiers_is_refused_against_distributors_outside_the_file_too():
    world = small_world()
    Distributor.objects.filter(pk=world["two"].pk).update(tier=2, parent=world["one"])
    head = "code,legal_name,territory,tier\n"
    made = bring(head + "D1,One,T1,2\n", "distributors")
    assert [found[:3] for found in problems(made)] == [(2, "tier", "2")]
    made = bring(head + "D2,Two,T1,1\n", "distributors")
    assert [found[:3] for found in problems(made)] == [(2, "parent", "D1")]
    assert bring("code,legal_name,territory\nD2,Two,T1\n", "distributors").state == Import.State.PUBLISHED
    assert bring(head + "D1,One,T1,2\nD2,Two,T1,3\n", "distributors").state == Import.State.PUBLISHED


@pytest.mark.parametrize("change", [{"tier": 2}, {"parent": "D2"}])
def test_supply_is_asked_again_when_the_file_is_published(change):
    world = small_world()
    made = started("code,legal_name,territory,tier,parent\nD2,Two,T1,2,D1\n", "distributors")

    def alter(_count, what):
        if what == "advance publishing":
            values = {"parent": world["two"]} if "parent" in change else change
            Distributor.objects.filter(pk=world["one"].pk).update(**values)

    import_process(import_id=made.pk, runner=Foreground(alter))
    made.refresh_from_db()
    assert made.state == Import.State.REFUSED
    assert (2, "parent", "D1") in [found[:3] for found in problems(made)]


def test_only_active_managers_and_reps_become_owners():
    world = small_world()
    left, admin = factories.user(Role.REP, is_active=False), factories.user(Role.ADMIN)
    rows = f"D1,One,T1,{left.email}\nD2,Two,T1,{admin.email}\nD3,Three,T1,{factories.user(Role.REP).email}\n"
    made = bring("code,legal_name,territory,owner\n" + rows, "distributors")
    assert [found[:3] for found in problems(made)] == [(2, "owner", left.email), (3, "owner", admin.email)]
    Distributor.objects.filter(pk=world["one"].pk).update(owner=left)
    Distributor.objects.filter(pk=world["two"].pk).update(owner=admin)
    assert bring("code,legal_name,territory,owner\n" + rows, "distributors").state == Import.State.PUBLISHED


def test_a_territory_within_itself_is_refused():
    small_world()
    before = picture()
    made = bring("code,name,parent\nA,A,B\nB,B,A\nC,C,T1\n", "territories")
    assert [found[:3] for found in problems(made)] == [(2, "parent", "B"), (3, "parent", "A")]
    assert picture() == before


def test_an_unknown_parent_is_refused():
    refused("code,name,parent\nA,A,nowhere\n", 2, "parent", "nowhere", "not known", kind="territories")


def test_people_are_checked():
    small_world()
    rows = ("no-address,A,rep,T1", "a@b.example,B,boss,T1", "c@d.example,C,admin,T1", "e@f.example,E,rep,T9")
    text = lines(*rows, head="email,name,role,territory")
    found = [(row, column) for row, column, *_rest in problems(bring(text, "people"))]
    assert sorted(found) == [(2, "email"), (3, "role"), (4, "role"), (5, "territory")]


def test_a_rate_is_above_zero_and_the_base_currency_is_one():
    small_world()
    text = "currency,day,rate\nUSD,2025-03-02,0\nEUR,2025-03-02,-1\nCNY,2025-03-02,2\nGBP,2025-03-02,1e5\n"
    found = [(row, column) for row, column, *_rest in problems(bring(text, "rates"))]
    assert sorted(found) == [(2, "rate"), (3, "rate"), (4, "rate"), (5, "rate")]


def test_distributors_are_checked_for_supply():
    small_world()
    head = "code,legal_name,territory,tier,parent\n"
    made = bring(head + "A,A,T1,2,B\nB,B,T1,2,D1\nC,C,T1,12,\nE,E,T1,2,nobody\n", "distributors")
    assert [(row, column) for row, column, *_rest in problems(made)] == [(2, "parent"), (4, "tier"), (5, "parent")]
