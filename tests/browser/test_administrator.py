"""Mei's day: files in, a policy changed knowingly, people, territories, tokens, the API's page."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pages import number, settle
from tests.stack import Stack

PageAs = Callable[..., Page]

HEAD = "external_id,distributor,product,day,quantity,amount,currency\n"
LINES = "SELECT count(*) FROM ledger_saleline"


def choices(stack: Stack) -> tuple[str, str, str]:
    """Return the code of an active distributor, of a product, and a day of the data."""
    distributor = stack.sql("SELECT code FROM profiles_distributor WHERE state = 'active' ORDER BY id LIMIT 1")[0][0]
    product = stack.sql("SELECT sku FROM ledger_product ORDER BY id LIMIT 1")[0][0]
    day = stack.sql("SELECT max(day) FROM ledger_saleline")[0][0]
    return distributor, product, f"{day}"


def upload(page: Page, path: Path) -> None:
    page.goto("/imports/")
    page.get_by_role("link", name="Import a file").first.click()
    page.get_by_label("What the file holds").select_option(label="Sale lines")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Continue: choose the columns").click()
    page.wait_for_url(re.compile(r"/imports/\d+/columns/$"))
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))


def test_a_file_with_a_bad_row_is_refused_and_says_where(
    page_as: PageAs, stack: Stack, tmp_path: Path, screenshot
) -> None:
    distributor, product, day = choices(stack)
    path = tmp_path / "sales-with-errors.csv"
    path.write_text(
        HEAD
        + f"X1,{distributor},{product},{day},1,100.00,CNY\n"
        + f"X2,{distributor},{product},{day},two,200.00,CNY\n"
        + f"X3,NOBODY,{product},{day},1,1e999,CNY\n",
        encoding="utf-8",
    )
    before = stack.sql(LINES)
    page = page_as("admin")
    upload(page, path)
    problems = page.get_by_role("region", name=re.compile("problems?$", re.IGNORECASE)).first
    expect(problems).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    rows = [row.split("\t") for row in problems.locator("tbody tr").all_inner_texts()]
    assert {(row[0], row[1], row[2]) for row in rows} == {
        ("3", "quantity", "two"),
        ("4", "distributor", "NOBODY"),
        ("4", "amount", "1e999"),
    }
    assert all(row[3] for row in rows)
    screenshot(page, "import-refused")
    with page.expect_download() as download:
        problems.get_by_role("link", name="Download as CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        assert [list(row.values()) for row in csv.DictReader(file)] == rows
    assert stack.sql(LINES) == before
    page.goto("/")
    expect(page.get_by_role("region", name="Needs you")).to_contain_text("sales-with-errors.csv")


def test_a_good_file_is_published_while_she_watches(page_as: PageAs, stack: Stack, tmp_path: Path, screenshot) -> None:
    distributor, product, day = choices(stack)
    path = tmp_path / "sales-today.csv"
    rows = (f"Y{number},{distributor},{product},{day},1,{number}.50,CNY\n" for number in range(1, 2001))
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    before = stack.sql(LINES)[0][0]
    page = page_as("admin")
    stack.stop_worker()
    try:
        upload(page, path)
        expect(page.get_by_role("progressbar")).to_be_visible()
    finally:
        stack.start_worker()
    expect(page.locator(".chip", has_text="published")).to_be_visible(timeout=60_000)
    facts = page.locator(".facts")
    expect(facts).to_contain_text("2,000")
    assert stack.sql(LINES)[0][0] == before + 2000
    page.get_by_role("link", name="Imports").first.click()
    row = page.locator("#rows tbody tr", has_text="sales-today.csv")
    expect(row).to_contain_text("published")
    screenshot(page, "imports")


def test_targets_with_a_column_for_each_month_are_recognised_and_the_year_is_asked_for(
    page_as: PageAs, stack: Stack, tmp_path: Path, check_axe, no_sideways_scroll, screenshot
) -> None:
    codes = [
        code for (code,) in stack.sql("SELECT code FROM profiles_distributor WHERE merged_into_id IS NULL LIMIT 3")
    ]
    months = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec"
    figures = ",".join(str(1000 + 100 * month) for month in range(12))
    path = tmp_path / "plan.csv"
    path.write_text(f"Customer,{months},Total\n" + "".join(f"{code},{figures},18600\n" for code in codes))
    page = page_as("admin")
    page.goto("/imports/add/?kind=targets")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Continue: choose the columns").click()
    heading = page.locator("#mapping-preview")
    expect(heading).to_have_text("Needed fields are still to be chosen")
    check_axe(page)
    page.get_by_label("Year of the first column").fill("2031")
    page.get_by_label("Year of the first column").press("Tab")
    expect(heading).to_have_text("The first 3 rows can be read")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("1 Dec 2031")
    settle(page)
    check_axe(page)
    screenshot(page, "import-side-by-side")
    page.get_by_text("What each column stands for").first.click()
    expect(page.get_by_role("checkbox", name="Mar")).to_be_checked()
    check_axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    no_sideways_scroll(page)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("36").first).to_be_visible(timeout=60_000)


def test_a_stranger_s_file_is_recognised_and_what_is_chosen_is_previewed(
    page_as: PageAs, stack: Stack, tmp_path: Path, screenshot
) -> None:
    distributor, product, day = choices(stack)
    path = tmp_path / "erp-march.csv"
    german = ".".join(reversed(day[:10].split("-")))
    path.write_text(
        "Order No;Line No;Customer;Item;Posting Date;Qty;Net Amount;Tax Amount;Move\n"
        + "".join(
            f"A100;{line};{distributor};{product};{german};{line};1.{line}34,50;{line}2,05;Sale\n"
            for line in range(1, 8)
        ),
        encoding="utf-16",
    )
    before = stack.sql(LINES)[0][0]
    page = page_as("admin")
    page.goto("/imports/add/?kind=sales")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Continue: choose the columns").click()
    heading = page.locator("#mapping-preview")
    expect(heading).to_have_text("The first 7 rows can be read")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("1,134.50")
    screenshot(page, "import-columns")
    group = page.get_by_role("group", name=re.compile("^Net amount"))
    group.get_by_label("Column").select_option("")
    expect(heading).to_have_text("Needed fields are still to be chosen")
    group.get_by_label("Column").select_option("Net Amount")
    expect(heading).to_have_text("The first 7 rows can be read")
    page.get_by_label("Name", exact=True).fill("Our ERP")
    page.get_by_role("button", name="Keep the mapping").click()
    expect(page.locator(".note.success")).to_contain_text("Our ERP")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".chip", has_text="published")).to_be_visible(timeout=60_000)
    assert stack.sql(LINES)[0][0] == before + 7


def test_a_policy_is_changed_after_seeing_who_would_move(page_as: PageAs, screenshot) -> None:
    page = page_as("admin")
    page.goto("/classification/policy/")
    versions = page.get_by_role("region", name="Versions").first.locator("tbody tr")
    before = versions.count()
    page.get_by_role("region", name="Tier 1").get_by_role("link", name="Change").click()
    page.get_by_label("A up to, %").fill("60")
    page.get_by_label(re.compile("^Note")).fill("Fewer in class A")
    page.get_by_role("button", name="See who would move").click()
    moves = page.get_by_role("status", name=re.compile("would move"))
    expect(moves).to_be_visible()
    assert number(moves.get_by_role("heading").inner_text()) == moves.locator("tbody tr").count() > 0
    assert "A → B" in moves.inner_text()
    screenshot(page, "policy")
    page.get_by_role("button", name="Save the new version").click()
    page.wait_for_url(re.compile("/classification/policy/"))
    expect(versions).to_have_count(before + 1)
    expect(versions.first).to_contain_text("60 % / 90 %")
    expect(versions.first).to_contain_text("Fewer in class A")


def test_a_run_is_a_job_that_is_watched(page_as: PageAs) -> None:
    page = page_as("admin")
    page.goto("/classification/")
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(re.compile(r"/jobs/\d+/"))
    expect(page.locator(".chip", has_text="done")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="See the result").click()
    page.wait_for_url(re.compile("/classification/"))


def test_people_are_added_and_changed(page_as: PageAs) -> None:
    page = page_as("admin")
    page.goto("/people/add/")
    page.get_by_label("E-mail").fill("not an address")
    page.get_by_label("Name", exact=True).fill("新人 New Person")
    page.get_by_label("Role").select_option("rep")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note.error")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("新人 New Person")
    page.get_by_label("E-mail").fill("new.person@jianghe.example")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/people/\d+/$"))
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label(re.compile("^Job title")).fill("Trainee")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/people/\d+/$"))
    expect(page.locator("main")).to_contain_text("Trainee")


def test_a_territory_is_added(page_as: PageAs) -> None:
    page = page_as("admin")
    page.goto("/territories/add/")
    page.get_by_label("Code").fill("CN-ZJ-99")
    page.get_by_label("Name", exact=True).fill("新城 Newtown")
    page.get_by_label(re.compile("^Level")).fill("市 city")
    parent = page.get_by_label(re.compile("^Within"))
    options = parent.locator("option").evaluate_all("all => all.map(one => [one.value, one.label])")
    parent.select_option(next(value for value, label in options if "浙江 Zhejiang" in label))
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/territories/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("新城 Newtown")
    expect(page.locator(".crumbs")).to_contain_text("浙江 Zhejiang")


def test_a_token_is_shown_once_works_and_is_revoked(page_as: PageAs) -> None:
    page = page_as("admin")
    page.goto("/tokens/add/")
    page.get_by_label("Name", exact=True).fill("Nightly pull")
    page.get_by_label("API client").select_option(index=1)
    page.get_by_label("Read territories").check()
    page.get_by_role("button", name="Save").click()
    secret = page.get_by_label("Token", exact=True).input_value()
    assert len(secret) > 30
    headers = {"Authorization": f"Bearer {secret}", "Cookie": ""}
    assert page.request.get("/api/v1/territories/", headers=headers).status == 200
    assert page.request.get("/api/v1/distributors/", headers=headers).status == 403
    page.get_by_role("link", name="Done").click()
    page.wait_for_url(re.compile(r"/tokens/\d+/$"))
    assert secret not in page.content()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    assert page.request.get("/api/v1/territories/", headers=headers).status == 401


def test_the_page_of_the_api_can_be_tried(page_as: PageAs, screenshot) -> None:
    page = page_as("admin")
    page.goto("/api/docs/")
    operation = page.locator(".opblock", has_text="/api/v1/products/").first
    expect(operation).to_be_visible(timeout=30_000)
    assert page.locator(".opblock").count() >= 9
    screenshot(page, "api-docs")
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text("JH-")
