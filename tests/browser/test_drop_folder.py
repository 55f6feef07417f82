"""A file that another system leaves comes in by itself, and one that nobody explained is asked about."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_administrator import HEAD, LINES, choices
from tests.stack import Stack

AGED = "UPDATE ledger_dropfile SET seen_at = '2020-01-01 00:00:00'"
JOBS = "SELECT count(*) FROM core_job WHERE kind IN ('ledger.drop', 'ledger.import') AND state IN ('queued', 'running')"


def look(page: Page, stack: Stack) -> None:
    """Press the button, and wait until nobody is at work in the folder."""
    page.goto("/settings/drop-folder/")
    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_text("A worker looks into the folder")).to_be_visible()
    stack.wait_for(lambda: stack.sql(JOBS)[0][0] == 0, what="an end of the look")
    page.goto("/settings/drop-folder/")


def test_files_that_are_dropped_come_in_or_are_asked_about(
    page_as: Callable[..., Page], stack: Stack, screenshot, check_axe, no_sideways_scroll
) -> None:
    distributor, product, day = choices(stack)
    folder = stack.folder / "inbox"
    folder.mkdir(exist_ok=True)
    before = stack.sql(LINES)[0][0]
    page = page_as("admin")
    page.goto("/settings/")
    page.get_by_role("link", name="Drop folder").click()
    page.get_by_role("link", name="Say how files are read").click()
    page.get_by_label("Files named").fill("sales-*.csv")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="sales-*.csv")).to_be_visible()
    good = "".join(f"DF{number},{distributor},{product},{day},1,{number}.50,CNY\n" for number in range(1, 41))
    (folder / "sales-0301.csv").write_text(HEAD + good, encoding="utf-8")
    (folder / "sales-0302.csv").write_text(f"{HEAD}X1,NOBODY,{product},{day},1,1.00,CNY\n", encoding="utf-8")
    (folder / "prices of spring.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    look(page, stack)
    expect(page.get_by_text("until it stays as it is for 30 seconds").first).to_be_visible()
    assert stack.sql(LINES)[0][0] == before
    stack.sql(AGED)
    look(page, stack)
    lies = page.get_by_role("region", name="What lies in the folder").first
    expect(lies.get_by_role("row")).to_have_count(2)
    expect(lies).to_contain_text("nobody has said what this file is")
    last = page.get_by_role("region", name="Read last").first
    expect(last.get_by_role("row", name="sales-0301.csv")).to_contain_text("imported")
    expect(last.get_by_role("row", name="sales-0302.csv")).to_contain_text("refused")
    assert stack.sql(LINES)[0][0] == before + 40
    page.locator(".intro code").first.evaluate("place => { place.textContent = '/srv/qudao/inbox'; }")
    screenshot(page, "drop-folder")
    check_axe(page)
    page.get_by_role("link", name="Say what it is").click()
    expect(page.get_by_label("Files named")).to_have_value("prices of spring.csv")
    phone = page_as("admin", "narrow", dark=True)
    phone.goto("/settings/drop-folder/")
    no_sideways_scroll(phone)
    check_axe(phone)
    (folder / "prices of spring.csv").unlink()
