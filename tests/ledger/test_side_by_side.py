"""Tables in which a month, a quarter or a currency stands per column: recognised, asked about, read, refused."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from accounts.roles import Role
from core import jobs
from distributors.ledger.across import with_year, year_of
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.mapping import Profile, ProfileError, profile_read
from distributors.ledger.models import ExchangeRate, Import, ImportProfile
from distributors.ledger.profile_text import profile_differences, profile_text
from distributors.ledger.records import StockSnapshot, Target
from distributors.ledger.spans import span_in
from tests import factories
from tests.ledger.records import bring, picture, problems, small_world
from tests.ledger.test_good_rows import left_out, separated
from tests.ledger.test_guessing import guessed
from tests.ledger.workbooks import workbook

pytestmark = pytest.mark.django_db

WIDE = "Customer No,Customer,2025-01,2025-02,2025-03,Total\nD1,One,100,200,300,600\nD2,Two,10,,30,40\n"


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-01"
    return small_world()


@pytest.fixture
def admin(client, world):
    user = factories.user(Role.ADMIN)
    client.force_login(user)
    return user


def handed_in(client, content, name="targets.csv", kind="targets"):
    content = content if isinstance(content, bytes) else content.encode()
    client.post(reverse("ledger:import-add"), {"kind": kind, "file": SimpleUploadedFile(name, content)})
    return Import.objects.latest("pk")


def page(client, draft, status=200, **data):
    url = reverse("ledger:import-mapping", args=[draft.pk])
    answer = client.post(url, data) if data else client.get(url)
    assert answer.status_code == status
    draft.refresh_from_db()
    return answer.content.decode()


def imported(client, draft):
    client.post(reverse("ledger:import-mapping", args=[draft.pk]), {"action": "import"})
    draft.refresh_from_db()
    jobs.job_run(draft.job_id)
    draft.refresh_from_db()
    return draft


def targets():
    found = Target.objects.filter(superseded_by=None).order_by("distributor__code", "metric", "day")
    return [(one.distributor.code, one.metric, one.day.isoformat(), int(one.value)) for one in found]


def days(content, kind="targets"):
    """Return what is recognised of each column."""
    profile, _sample = guessed(content, kind)
    return {name: means.get("day") for name, means in profile["across"]["columns"].items()}


FIRSTS = ["2026-01-01", "2026-02-01", "2026-03-01"]


@pytest.mark.parametrize(
    "names",
    [
        "2026-01,2026-02,2026-03",
        "202601,202602,202603",
        "01/2026,02/2026,03/2026",
        "Jan-26,Feb-26,Mar-26",
        "January 2026,February 2026,March 2026",
        "2026年1月,2026年2月,2026年3月",
        "26年1月,26年2月,26年3月",
        "2026 M01,2026 M02,2026 M03",
        "2026-01-01,2026-02-01,2026-03-01",
    ],
)
def test_months_in_the_names_of_columns_are_recognised(world, names):
    assert list(days(f"Customer,{names},Total\nD1,1,2,3,6\n").values()) == FIRSTS


@pytest.mark.parametrize(
    "names", ["Jan,Feb,Mar", "1月,2月,3月", "一月,二月,三月", "M1,M2,M3", "Target Jan,Target Feb,Target Mar"]
)
def test_months_without_a_year_take_it_from_the_title_or_ask_for_it(world, names):
    table = f"Customer,{names}\nD1,1,2,3\n"
    assert list(days(f"Sales targets 2026,,,\n{table}").values()) == FIRSTS
    assert list(days(table).values()) == ["????-01-01", "????-02-01", "????-03-01"]


def test_the_year_may_stand_in_a_column_of_its_own(world):
    made = bring_recognised("经销商编码,年度,1月,2月,3月\nD1,2025,5,6,7\nD1,2026,8,9,10\n")
    assert made.state == Import.State.PUBLISHED
    assert [one[2:] for one in targets()] == [
        *(("2025-01-01", 5), ("2025-02-01", 6), ("2025-03-01", 7)),
        *(("2026-01-01", 8), ("2026-02-01", 9), ("2026-03-01", 10)),
    ]


def bring_recognised(content, kind="targets", **options):
    return bring(content, kind, profile=profile_text(guessed(content, kind)[0]), **options)


def test_a_fiscal_year_goes_on_into_the_next_one(world):
    table = "Targets 2025,,,,\nCustomer,Nov,Dec,Jan,Feb\nD1,1,2,3,4\n"
    assert list(days(table).values()) == ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]


def test_quarters_are_read_where_no_months_are(world):
    made = bring_recognised("Customer,2025 Q1,2025 Q2,Year\nD1,10,20,30\n")
    assert made.state == Import.State.PUBLISHED, problems(made)
    found = Target.objects.order_by("day").values_list("period", "day", "value")
    assert list(found) == [("quarter", date(2025, 1, 1), 10), ("quarter", date(2025, 4, 1), 20)]


def test_quarters_between_months_are_sums_and_not_read(world):
    content = "Customer,2025-01,2025-02,2025-03,2025 Q1\nD1,1,2,3,6\n"
    assert set(days(content)) == {"2025-01", "2025-02", "2025-03"}


def test_two_metrics_side_by_side_below_merged_cells(world):
    book = Workbook()
    sheet = book.active
    sheet.append(["2025年度销售任务（单位：万元）"])
    sheet.append(["客户编码", "客户名称", "销售目标", None, None, "回款目标", None, None])
    sheet.append([None, None, "1月", "2月", "3月", "1月", "2月", "3月"])
    sheet.merge_cells("C2:E2")
    sheet.merge_cells("F2:H2")
    sheet.append(["D1", "一", 1.5, 2, 3, 1, 1, 1])
    target = io.BytesIO()
    book.save(target)
    profile, _sample = guessed(target.getvalue(), "targets")
    assert profile["across"]["times"] == 10_000
    made = bring(target.getvalue(), "targets", profile=profile_text(profile), filename="任务.xlsx")
    assert made.state == Import.State.PUBLISHED, problems(made)
    assert targets()[:4] == [
        ("D1", "collections", "2025-01-01", 10_000),
        ("D1", "collections", "2025-02-01", 10_000),
        ("D1", "collections", "2025-03-01", 10_000),
        ("D1", "net_sales", "2025-01-01", 15_000),
    ]
    assert len(targets()) == 6


def test_actuals_beside_the_targets_are_left_out(world):
    names = [f"{what} 2025-0{month}" for month in (1, 2, 3) for what in ("Target", "Actual")]
    content = f"Customer,{','.join(names)}\nD1,1,9,2,9,3,9\n"
    assert set(days(content)) == {"Target 2025-01", "Target 2025-02", "Target 2025-03"}


def test_the_day_of_a_cell_of_a_workbook_is_a_month_too(world):
    content = workbook(("Plan", [["Customer", *(date(2026, month, 1) for month in (1, 2, 3))], ["D1", 1, 2, 3]]))
    assert list(days(content).values()) == FIRSTS


def test_a_file_is_previewed_and_goes_in_without_a_profile_and_an_empty_cell_is_no_target(client, admin):
    draft = handed_in(client, WIDE)
    shown = page(client, draft)
    assert "3 columns side by side are each read as “value”" in shown
    assert "The first 2 rows can be read" in shown
    assert "1 Feb 2025" in shown
    assert "Not read: the columns Customer, Total" in shown
    made = imported(client, draft)
    assert (made.state, made.rows_read, made.rows_new) == (Import.State.PUBLISHED, 2, 5)
    assert targets() == [
        *(("D1", "net_sales", f"2025-0{month}-01", 100 * month) for month in (1, 2, 3)),
        ("D2", "net_sales", "2025-01-01", 10),
        ("D2", "net_sales", "2025-03-01", 30),
    ]


def test_the_same_file_again_changes_nothing_and_a_changed_cell_changes_one(world):
    bring_recognised(WIDE)
    again = bring_recognised(WIDE)
    assert (again.rows_new, again.rows_changed, again.rows_same) == (0, 0, 5)
    changed = bring_recognised(WIDE.replace("300", "301"))
    assert (changed.rows_new, changed.rows_changed, changed.rows_same) == (0, 1, 4)


def test_what_is_wrong_is_named_by_row_and_column_once(world):
    rows = ["D1,One,100,-5,x,", "D9,Nine,1,2,3,", "D2,Two,1,2,3,", "D2,Two,1,,,", "Total,,9,9,9,"]
    before = picture()
    made = bring_recognised(WIDE.partition("\n")[0] + "\n" + "\n".join(rows) + "\n")
    assert made.state == Import.State.REFUSED
    named = [(row, column, value) for row, column, value, _reason in problems(made)]
    assert sorted(named) == [
        (2, "2025-02", "-5"),
        (2, "2025-03", "x"),
        (3, "Customer No", "D9"),
        (5, "2025-01", "2025-01-01"),
        (6, "Customer No", "Total"),
    ]
    assert [reason for row, _column, _value, reason in problems(made) if row == 5] == [
        "Row 4 is about the same already: keep one of both, or mend what tells them apart."
    ]
    assert picture()["Target"] == before["Target"] == []


def test_a_row_without_any_figure_says_nothing(world):
    made = bring_recognised(WIDE + "East region,,,,,\n")
    assert made.state == Import.State.PUBLISHED
    assert len(targets()) == 5


def test_only_the_good_rows_go_in_where_that_is_chosen(client, admin):
    draft = handed_in(client, WIDE + "D9,Nine,1,2,3,6\nD2,Two,-1,2,3,4\n")
    made = imported(client, draft)
    assert made.state == Import.State.REFUSED
    checked = separated(client, made)
    assert (checked.state, checked.notes["good"], checked.rows_rejected) == (Import.State.VALID, 2, 2)
    assert [row[0] for row in left_out(client, checked)[1:]] == ["D9", "D2"]
    client.post(reverse("ledger:import-publish", args=[checked.pk]))
    last = Import.objects.latest("pk")
    jobs.job_run(last.job_id)
    assert len(targets()) == 5


def test_the_page_asks_for_the_year_and_takes_it(client, admin):
    draft = handed_in(client, "Customer,Jan,Feb,Mar\nD1,1,2,3\n")
    assert "The names of the columns say no year: say which one it is." in page(client, draft)
    refused = page(client, draft, status=422, action="import")
    assert "Still to be chosen: the year of the columns." in refused
    assert draft.state == Import.State.DRAFT
    data = {"source": "erp", "header": "1", "0.distributor.from": "Customer", "across.year": "2026"}
    for number, name in enumerate(["Jan", "Feb", "Mar"]):
        data |= {f"across.name.{number}": name, f"across.on.{number}": "on"}
        data[f"across.{number}.day"] = draft.profile["across"]["columns"][name]["day"]
    assert "1 Jan 2026" in page(client, draft, action="preview", **data)
    page(client, draft, action="preview", **{key: value for key, value in data.items() if key != "across.on.2"})
    assert set(draft.profile["across"]["columns"]) == {"Jan", "Feb"}
    assert len(targets()) == 0
    imported(client, draft)
    assert [one[2] for one in targets()] == ["2026-01-01", "2026-02-01"]


def test_the_name_of_the_file_tells_the_year(client, admin):
    draft = handed_in(client, "Customer,Jan,Feb,Mar\nD1,1,2,3\n", name="targets_2026.csv")
    assert year_of(draft.profile["across"]["columns"]) == "2026"


def test_a_saved_mapping_does_not_put_the_next_year_into_the_last_one(client, admin):
    content = "Customer,Jan,Feb,Mar\nD1,1,2,3\n"
    draft = handed_in(client, content, name="plan 2025.csv")
    page(client, draft, action="save", source="erp", header="1", name="Plan", **{"0.distributor.from": "Customer"})
    assert ImportProfile.objects.get().name == "Plan"
    assert year_of(handed_in(client, content, name="plan 2026.csv").profile["across"]["columns"]) == "2026"
    assert year_of(handed_in(client, content, name="plan.csv").profile["across"]["columns"]) == ""


def test_columns_side_by_side_can_be_turned_off_and_on(client, admin):
    draft = handed_in(client, WIDE)
    off = page(client, draft, action="across-off")
    assert "across" not in draft.profile
    assert "Choose a column, or give one value for all rows." in off
    page(client, draft, action="across-on")
    assert set(draft.profile["across"]["columns"]) == {"2025-01", "2025-02", "2025-03"}
    other = handed_in(client, "distributor,day,value\nD1,2025-01-01,5\n")
    assert "No columns are called like months" in page(client, other, status=422, action="across-on")


def test_two_months_with_their_year_are_enough(world):
    assert list(days("Dealer,Material,Jan 2025,Feb 2025\nD1,P1,1,2\n", "stock").values()) == [
        "2025-01-31",
        "2025-02-28",
    ]


def test_stock_by_month_is_that_of_the_last_day(world):
    made = bring_recognised("Customer,Item,2024-12,2025-01,2025-02\nD1,P1,5,6,7\n", "stock")
    assert made.state == Import.State.PUBLISHED, problems(made)
    found = StockSnapshot.objects.order_by("day").values_list("day", "quantity")
    assert list(found) == [(date(2024, 12, 31), 5), (date(2025, 1, 31), 6), (date(2025, 2, 28), 7)]


def test_rates_by_currency_are_one_for_each_of_them(world):
    made = bring_recognised("Date,EUR,英镑,Remark\n2025-03-03,7.8,9.1,a\n2025-03-04,7.9,,b\n", "rates")
    assert made.state == Import.State.PUBLISHED, problems(made)
    found = ExchangeRate.objects.exclude(currency="USD").order_by("currency", "day").values_list("currency", "day__day")
    assert list(found) == [("EUR", 3), ("EUR", 4), ("GBP", 3)]


def test_columns_come_in_the_order_of_their_months_whatever_the_database_makes_of_them(world):
    profile, _sample = guessed("Customer,Jan 2025,Feb 2025,Dec 2025,Apr 2025\nD1,1,2,3,4\n", "targets")
    columns = profile["across"]["columns"]
    profile["across"]["columns"] = {name: columns[name] for name in sorted(columns)}
    layers = Profile.from_frozen(profile, kind_of("targets")).layers
    assert [layer["value"].source for layer in layers] == ["Jan 2025", "Feb 2025", "Apr 2025", "Dec 2025"]


def test_a_profile_keeps_the_columns_side_by_side(world):
    profile, _sample = guessed(WIDE, "targets")
    assert profile_read(profile_text(profile), kind_of("targets")) == profile
    other = {**profile, "across": {**profile["across"], "times": 1000}}
    assert [one["label"] for one in profile_differences(profile, other)] == ["across.times"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[across]\ninto = "size"', "across.into"),
        ('[across]\ninto = "value"', "across.columns"),
        ('[across]\ninto = "value"\nwide = 1\n[across.columns]\nJan = { day = "2025-01-01" }', "across.wide"),
        ('[across]\ninto = "value"\n[across.columns]\nJan = { month = "2025-01-01" }', "across.columns.Jan"),
        ('[across]\ninto = "value"\n[across.columns]\nJan = { day = "????-01-01" }', "across.columns.Jan"),
        ('[across]\ninto = "value"\n[across.columns]\nJan = { metric = "quantity" }', "columns.day"),
        ('[across]\ninto = "value"\ntimes = 7\n[across.columns]\nJan = { day = "2025-01-01" }', "across.times"),
    ],
)
def test_a_profile_that_says_it_wrongly_is_refused_with_its_key(text, key):
    with pytest.raises(ProfileError, match=key.replace(".", r"\.")):
        profile_read(f'kind = "targets"\n[columns]\ndistributor = {{ from = "C" }}\n{text}\n', kind_of("targets"))


@pytest.mark.parametrize("name", ["Total", "全年", "Mayor", "Marketing", "Decision", "2026", "Target 2026", "Customer"])
def test_other_names_are_no_months(name):
    assert span_in(name) is None


def test_another_year_moves_all_columns_without_one():
    columns = {"Nov": {"day": "2025-11-01"}, "Jan": {"day": "2026-01-01"}, "2024-03": {"day": "2024-03-01"}}
    moved = {name: means["day"] for name, means in with_year(columns, 2030).items()}
    assert moved == {"Nov": "2030-11-01", "Jan": "2031-01-01", "2024-03": "2024-03-01"}
    assert year_of({"2024-03": {"day": "2024-03-01"}}) is None
