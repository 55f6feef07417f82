"""Lin's day: her region, a distributor found, read, changed, classed."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import is_drawn, number, settle
from tests.stack import Stack

PageAs = Callable[..., Page]

MINE = """
from accounts.models import User
from distributors.profiles.models import Distributor
lin = User.objects.get(email__startswith="lin@")
rows = Distributor.objects.visible_to(lin)
print(rows.count())
for one in rows.filter(state="active", tier=1, standing__abc="C").order_by("pk"):
    print(one.pk, one)
"""


@pytest.fixture(scope="module")
def region(stack: Stack) -> dict[str, Any]:
    """Return how many distributors Lin sees, and active ones of class C to work on, as (key, name)."""
    count, *rows = stack.python(MINE).splitlines()
    return {"count": int(count), "small": [(row.split(" ", 1)[0], row.split(" ", 1)[1]) for row in rows]}


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def tab(page: Page, name: str) -> None:
    page.get_by_label("Parts of this page").get_by_role("link", name=name).click()
    expect(page.get_by_label("Parts of this page").get_by_role("link", name=name)).to_have_attribute(
        "aria-current", "page"
    )
    settle(page)


def test_she_signs_in_and_sees_how_her_region_stands(page_as: PageAs, region: dict[str, Any], screenshot) -> None:
    page = page_as(None)
    page.goto("/")
    expect(page).to_have_url(re.compile("/login/"))
    screenshot(page, "login")
    page.get_by_role("button", name="Lin Jing").click()
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(heading(page)).to_have_text("华东 East China")
    settle(page)
    assert page.locator(".kpis .kpi").count() >= 4
    assert number(page.get_by_text(re.compile(r"^of \d+ distributors, all tiers$")).inner_text()[3:]) == region["count"]
    pareto = page.locator("figure", has=page.locator("[data-chart=pareto]"))
    assert is_drawn(pareto)
    screenshot(page, "home-manager", full_page=True)
    pareto.get_by_text("Show as a table").click()
    last = pareto.locator("tbody tr").last
    expect(last).to_be_visible()
    expect(last).to_contain_text("100.0 %")


def test_a_need_leads_to_its_distributor(page_as: PageAs) -> None:
    page = page_as("manager")
    page.goto("/")
    first = page.get_by_role("region", name="Needs you").locator(".todo a").first
    words = first.inner_text()
    first.click()
    page.wait_for_url(re.compile(r"/distributors/\d+/"))
    assert heading(page).inner_text() in words


def test_search_finds_by_two_characters(page_as: PageAs, region: dict[str, Any]) -> None:
    page = page_as("manager")
    page.goto("/classification/")
    _key, name = region["small"][0]
    city, trade = name[:2], name[2:4]
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type(trade)
    expect(page.locator("#search-results a").first).to_contain_text(trade)
    page.keyboard.press("Control+a")
    page.keyboard.type(f"{city}{trade}")
    expect(page.locator("#search-results a").first).to_contain_text(f"{city}{trade}")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/distributors/\d+/$"))
    expect(heading(page)).to_contain_text(f"{city}{trade}")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def growths(page: Page) -> list[int]:
    """Return the growths of the page; whoever has none, being new, stands last."""
    cells = page.locator("#rows tbody tr td:nth-child(11)").all_inner_texts()
    figures = [cell for cell in cells if cell.endswith("%")]
    assert cells[: len(figures)] == figures
    return [int(cell.replace("−", "-").replace(",", "").removesuffix(" %")) for cell in figures]


def test_the_list_is_filtered_sorted_kept_and_exported(page_as: PageAs, region: dict[str, Any]) -> None:
    page = page_as("manager")
    page.goto("/distributors/")
    status = page.locator("#rows").get_by_role("status")
    expect(status).to_have_text(f"{region['count']} rows")
    page.get_by_label("Class", exact=True).select_option("C")
    page.wait_for_url(re.compile(r"abc=C"))
    expect(page.locator(".active-filters")).to_contain_text("Class C")
    count = number(status.inner_text())
    assert 0 < count < region["count"]
    page.locator("#rows").get_by_role("link", name="Growth").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Growth")
    assert growths(page) == sorted(growths(page), reverse=True)
    screenshot_url = page.url
    assert "abc=C" in screenshot_url
    assert "sort=-growth" in screenshot_url
    page.locator("#rows tbody a").first.click()
    page.wait_for_url(re.compile(r"/distributors/\d+/$"))
    page.go_back()
    expect(page).to_have_url(screenshot_url)
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Growth")
    expect(page.get_by_label("Class", exact=True)).to_have_value("C")
    page.locator("#rows summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    assert {row["Class"] for row in rows} == {"C"}


MERGED_PUMPS = """
from distributors.profiles.models import Distributor
merged = Distributor.objects.filter(merged_into__isnull=False, short_name__contains="泵业")
print(*merged.values_list("merged_into__short_name", flat=True), sep="|")
"""


def test_a_long_list_has_pages_and_back_returns_to_them(page_as: PageAs, stack: Stack) -> None:
    page = page_as("analyst")
    page.goto("/distributors/?sort=name")
    expect(page.locator(".pages")).to_contain_text("Page 1 of")
    first = page.locator("#rows tbody tr").first.inner_text()
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pages")).to_contain_text("Page 2 of")
    page.wait_for_url(re.compile(r"page=2"))
    assert "sort=name" in page.url
    assert page.locator("#rows tbody tr").first.inner_text() != first
    page.locator("#rows tbody a").first.click()
    page.wait_for_url(re.compile(r"/distributors/\d+/$"))
    page.go_back()
    expect(page.locator(".pages")).to_contain_text("Page 2 of")
    page.go_back()
    expect(page.locator(".pages")).to_contain_text("Page 1 of")
    page.get_by_role("textbox", name="Search").fill("泵业")
    expect(page.locator(".active-filters")).to_contain_text("泵业")
    names = page.locator("#rows tbody td:first-child a").all_inner_texts()
    assert names
    other_names = {name for name in names if re.search("[\u4e00-\u9fff]", name) and "泵业" not in name}
    assert other_names <= set(stack.python(MERGED_PUMPS).strip().split("|")), "one that was merged is found by its name"


def test_every_tab_of_a_distributor(page_as: PageAs, stack: Stack) -> None:
    page = page_as("manager")
    page.goto("/")
    page.get_by_role("region", name="The largest of class A").locator("tbody a").first.click()
    page.wait_for_url(re.compile(r"/distributors/\d+/$"))
    expect(page.locator(".timeline li").first).to_be_visible()
    everything = page.locator(".timeline li").count()
    page.get_by_label("Filter the timeline").get_by_role("link", name="Class").click()
    expect(page.get_by_label("Filter the timeline").locator("[aria-current]")).to_have_text("Class")
    kinds = set(page.locator(".timeline li b").all_inner_texts())
    assert kinds == {"Class"}
    assert page.locator(".timeline li").count() < everything
    tab(page, "Profile")
    expect(page.locator("#tab")).to_contain_text("Registration number")
    tab(page, "Sales")
    assert is_drawn(page.locator("#tab figure").first)
    expect(page.locator("#tab section tbody tr").first).to_be_visible()
    tab(page, "Class")
    expect(page.locator("#why")).to_have_text(re.compile("^Why class [ABCN]$"))
    tab(page, "History")
    expect(page.locator("#tab")).to_contain_text("Who changed what")
    page.go_back()
    expect(page.locator("#why")).to_be_visible()


def test_the_second_of_two_editors_sees_the_difference(page_as: PageAs, region: dict[str, Any]) -> None:
    key, _name = region["small"][1]
    first, second = page_as("manager"), page_as("admin")
    for page in (first, second):
        page.goto(f"/distributors/{key}/edit/")
    first.get_by_label("Phone").fill("+86 000-0000-1111")
    first.get_by_role("button", name="Save").click()
    first.wait_for_url(re.compile(rf"/distributors/{key}/$"))
    second.get_by_label("Phone").fill("+86 000-0000-2222")
    with second.expect_response(lambda answer: answer.request.method == "POST") as answer:
        second.get_by_role("button", name="Save").click()
    assert answer.value.status == 409
    difference = second.get_by_role("alert")
    expect(difference).to_contain_text("Lin Jing")
    expect(difference.get_by_role("row", name="Phone")).to_contain_text("+86 000-0000-2222")
    expect(difference.get_by_role("row", name="Phone")).to_contain_text("+86 000-0000-1111")
    expect(second.get_by_label("Phone")).to_have_value("+86 000-0000-2222")
    second.get_by_role("button", name="Save mine over it").click()
    second.wait_for_url(re.compile(rf"/distributors/{key}/$"))
    tab(second, "History")
    expect(second.locator("#tab tbody tr").first).to_contain_text("+86 000-0000-1111 → +86 000-0000-2222")


def test_she_reassigns_a_distributor(page_as: PageAs, region: dict[str, Any]) -> None:
    key, name = region["small"][2]
    page = page_as("manager")
    page.goto(f"/distributors/{key}/")
    page.get_by_role("link", name="Reassign").click()
    expect(heading(page)).to_contain_text(name)
    owner = page.get_by_label(re.compile("^Owner"))
    now = owner.input_value()
    choices = owner.locator("option").evaluate_all("all => all.map(one => [one.value, one.label])")
    value, label = next(pair for pair in choices if pair[0] not in {"", now})
    owner.select_option(value)
    page.get_by_role("button", name="Reassign").click()
    expect(page.get_by_text("The assignment is saved.")).to_be_visible()
    row = page.get_by_role("region", name="Assignments").get_by_role("row").filter(has_text="planned")
    expect(row).to_contain_text(label)


def test_she_moves_a_distributor_on_in_its_life(page_as: PageAs, region: dict[str, Any]) -> None:
    key, _name = region["small"][3]
    page = page_as("manager")
    page.goto(f"/distributors/{key}/profile/")
    page.get_by_role("link", name="Put on watch").click()
    page.get_by_role("button", name="Put on watch").click()
    expect(page.locator(".note.error")).to_be_visible()
    page.get_by_label(re.compile("^Reason")).fill("Pays late")
    page.get_by_role("button", name="Put on watch").click()
    expect(page.get_by_text("is now: on watch")).to_be_visible()
    expect(page.get_by_role("region", name="Lifecycle")).to_contain_text("Pays late")
    expect(page.get_by_role("link", name="Back to active")).to_be_visible()


def test_classes_lead_to_the_rows_and_to_the_reason(page_as: PageAs, screenshot) -> None:
    page = page_as("manager")
    page.goto("/classification/")
    settle(page)
    assert is_drawn(page.locator("figure", has=page.locator("[data-chart=pareto]")))
    screenshot(page, "classification", full_page=True)
    page.get_by_label("Parts of this page").get_by_role("link", name="Movements").click()
    cell = page.get_by_role("region", name=re.compile("unchanged$")).first.locator("td a").first
    count = int(cell.inner_text())
    cell.click()
    expect(page.locator("#rows").get_by_role("status")).to_have_text(re.compile(rf"^{count} rows?$"))
    page.locator("#rows tbody a").first.click()
    expect(page.locator("#why")).to_be_visible()
    for fact in ("Rank", "Own share", "Cumulative share", "Cuts", "Decided by"):
        expect(page.locator(".facts dt", has_text=re.compile(f"^{fact}$"))).to_be_visible()


def test_she_sets_a_class_by_hand_and_ends_it(page_as: PageAs, region: dict[str, Any]) -> None:
    key, _name = region["small"][4]
    page = page_as("manager")
    page.goto(f"/distributors/{key}/class/")
    page.get_by_role("link", name="Set the class").click()
    page.get_by_label("Class", exact=True).select_option("B")
    page.get_by_label("Reason").fill("Key account agreed for the year")
    page.get_by_label("Until").fill(f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}")
    page.locator("main form button[type=submit]").click()
    by_hand = page.get_by_role("region", name="Set by hand")
    expect(by_hand.first).to_contain_text("Key account agreed for the year")
    expect(page.locator(".title-line .chip").first).to_have_text("B")
    page.get_by_role("link", name="End", exact=True).click()
    page.get_by_role("button", name="End it").click()
    expect(by_hand.first).to_contain_text("ended early on")
    expect(page.locator(".title-line .chip").first).to_have_text("C")
