"""Fang closes months, Mei sees what an undo would do and puts two cards side by side."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.stack import Stack

PageAs = Callable[..., Page]


def test_finance_sees_the_months_and_what_closing_means(page_as: PageAs, screenshot) -> None:
    page = page_as("finance")
    page.goto("/settings/books/")
    expect(page.get_by_role("heading", name="Books")).to_be_visible()
    screenshot(page, "books")
    page.get_by_role("link", name="Close months").click()
    expect(page.locator("main")).to_contain_text("The sums of closed months never change again.")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("No month is closed")


def test_the_undo_of_a_batch_says_first_what_it_does(page_as: PageAs, screenshot) -> None:
    page = page_as("admin")
    page.goto("/batches/")
    page.locator("#rows tbody tr a").first.click()
    page.get_by_role("link", name="Undo", exact=True).click()
    expect(page.locator(".facts")).to_contain_text("Rows that go")
    screenshot(page, "undo")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")


def test_the_planted_pair_is_merged_and_its_page_leads_to_the_survivor(
    page_as: PageAs, stack: Stack, screenshot
) -> None:
    query = "SELECT id, merged_into_id FROM profiles_distributor WHERE merged_into_id IS NOT NULL"
    double, survivor = stack.sql(query)[0]
    page = page_as("admin")
    page.goto(f"/distributors/{double}/")
    expect(page.locator(".note")).to_contain_text("This card is merged into")
    page.locator(".note a").first.click()
    page.wait_for_url(f"**/distributors/{survivor}/")
    expect(page.locator(".note")).to_contain_text("Merged into this card:")
    other = stack.sql("SELECT code FROM profiles_distributor WHERE merged_into_id IS NULL AND id <> %s", survivor)[0][0]
    page.get_by_role("link", name="Merge duplicates").click()
    page.get_by_label("Code of the other card").fill(other)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    screenshot(page, "merge")
