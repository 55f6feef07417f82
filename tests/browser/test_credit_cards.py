"""A credit card: read with its radar, renewed on the phone, weighed by comparing in pairs."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

PageAs = Callable[..., Page]


def card(page: Page) -> None:
    """Open the card of a distributor that has a sound grade."""
    page.goto("/credit-cards/?confidence=sound&grade=A")
    page.locator("#rows tbody a").first.click()
    expect(page.get_by_role("heading", name="What the grade rests on")).to_be_visible()


def test_finance_reads_a_card_how_it_was_computed_and_reviews_it(page_as: PageAs, check_axe, screenshot) -> None:
    page = page_as("finance")
    card(page)
    expect(page.locator("[data-chart='credit-radar'][data-drawn]")).to_be_visible()
    expect(page.locator("[data-chart='credit-history'][data-drawn]")).to_be_visible()
    check_axe(page)
    screenshot(page, "credit-card")
    page.get_by_role("link", name="How computed").click()
    expect(page.get_by_role("heading", name="The result")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Back to the card").click()
    page.get_by_role("link", name="Review", exact=True).click()
    page.get_by_role("button", name="I have reviewed it").click()
    expect(page.get_by_text("The card is reviewed.")).to_be_visible()


def test_a_rep_enters_evidence_on_the_phone(page_as: PageAs, check_axe, no_sideways_scroll) -> None:
    page = page_as("rep", "phone")
    page.goto("/distributors/")
    page.goto("/credit-cards/")
    page.locator("#rows tbody a").first.click()
    no_sideways_scroll(page)
    page.get_by_role("link", name="Enter evidence: references").click()
    no_sideways_scroll(page)
    check_axe(page)
    page.get_by_label("Score, 0 to 100").fill("101")
    page.get_by_label("What it rests on").fill("Two in the trade say that they pay")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Score, 0 to 100")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Score, 0 to 100").fill("85")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The evidence is kept, and the card is scored again.")).to_be_visible()


def test_weights_follow_each_comparison_and_a_contradiction_is_marked(page_as: PageAs, check_axe, screenshot) -> None:
    page = page_as("admin")
    page.goto("/credit-cards/policy/compare/capital/")
    first = page.get_by_label("registered capital against debt ratio")
    first.fill("3")
    first.press("Tab")
    expect(page.get_by_role("row", name=re.compile("^debt ratio"))).to_contain_text("1/3")
    page.get_by_label("registered capital against current ratio").fill("1/9")
    page.get_by_label("debt ratio against current ratio").fill("9")
    page.get_by_label("debt ratio against current ratio").press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("The judgements contradict each other")
    expect(page.locator("td.wrong", has_text="look again")).to_have_count(1)
    check_axe(page)
    screenshot(page, "credit-compare")
    page.get_by_role("button", name="Save the weights as a new version").click()
    expect(page.get_by_role("alert").first).to_contain_text("contradict each other")
