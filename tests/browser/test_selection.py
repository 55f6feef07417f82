"""A prospect on its way in: rated on the phone, checked, weighed, moved by keyboard, refused by rule."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PageAs = Callable[..., Page]
PDF = b"%PDF-1.7 extract of the register (demo)"


def tile(page: Page, lane: str, text: str) -> Locator:
    return page.locator(f'[data-lane="{lane}"] .tile').filter(has_text=text).first


def test_a_card_that_is_not_ready_is_refused_by_rule_with_the_keyboard_alone(
    page_as: PageAs, check_axe, screenshot
) -> None:
    page = page_as("admin")
    page.goto("/pipeline/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prospects")
    check_axe(page)
    screenshot(page, "pipeline")
    card = tile(page, "review", "checks open")
    name = card.locator("a").first.inner_text()
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent") != "Approve":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text(f"Approve: {name}")
    page.keyboard.type("All seen")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    reason = dialog.get_by_role("link", name="due diligence complete")
    expect(reason).to_contain_text("2 of 7 checks are open: references, site visit.")
    screenshot(page, "pipeline-refused")
    check_axe(page, "#ask")
    reason.click()
    expect(page.get_by_role("heading", name="Due diligence")).to_be_visible()
    screenshot(page, "selection")


def test_a_ready_prospect_is_put_under_review_by_keyboard_and_one_is_dragged(page_as: PageAs) -> None:
    page = page_as("admin")
    page.goto("/pipeline/")
    card = tile(page, "prospect", "Ready for the next step")
    name = card.locator("a").first.inner_text()
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("Rated and worth a look")
    page.get_by_role("dialog").get_by_role("button", name="Move").press("Enter")
    expect(page.locator('[data-lane="review"] .tile').filter(has_text=name)).to_be_visible()
    dragged = tile(page, "prospect", "Missing: scorecard")
    dragged.locator("small").first.drag_to(page.locator('[data-lane="review"] .tile').first)
    page.get_by_role("dialog").get_by_label("Reason").fill("In a hurry")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_role("dialog")).to_contain_text("Rule “scorecard”: no scorecard is submitted yet.")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(tile(page, "prospect", "Missing: scorecard")).to_be_visible()


def test_a_risk_at_the_limit_is_told_to_a_director_and_stands_in_the_matrix(
    page_as: PageAs, check_axe, screenshot
) -> None:
    page = page_as("admin")
    page.goto("/selection/risks/?level=15")
    page.locator("#rows tbody a").first.click()
    matrix = page.get_by_role("region", name="Matrix of risks")
    expect(matrix.locator("td.over a.pin")).to_have_text("1")
    matrix.locator("td.over a.pin").press("Enter")
    expect(page).to_have_url(re.compile(r"#risk-\d+$"))
    check_axe(page)
    page.get_by_role("heading", name="Risks").scroll_into_view_if_needed()
    screenshot(page, "risk-matrix")
    page.get_by_role("link", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved by you as a director all the same")).to_be_visible()


def test_a_prospect_is_rated_and_checked_on_the_phone(
    page_as: PageAs, check_axe, screenshot, no_sideways_scroll, tmp_path: Path
) -> None:
    page = page_as("admin", "phone")
    page.goto("/pipeline/")
    no_sideways_scroll(page)
    page.locator('[data-lane="prospect"] .tile').filter(has_text="not rated").first.locator("a").first.click()
    page.get_by_role("link", name=re.compile("^(Rate|Go on with the draft)$")).click()
    no_sideways_scroll(page)
    check_axe(page)
    page.get_by_role("button", name="Submit the scorecard").click()
    expect(page.get_by_role("alert")).to_contain_text("Not rated yet")
    for label in page.locator(".anchors label:nth-child(4)").all():
        box = label.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        label.click()
    screenshot(page, "scorecard")
    page.get_by_role("button", name="Submit the scorecard").click()
    expect(page.locator(".score .value")).to_have_text("75.0")
    no_sideways_scroll(page)
    page.get_by_role("link", name="Decide: registration verified").click()
    given = tmp_path / "register.pdf"
    given.write_bytes(b"MZ this is no document")
    page.get_by_label("Add a file").set_input_files(given)
    page.get_by_role("button", name="Add the file").click()
    expect(page.get_by_text("“register.pdf” is no PDF, JPEG, PNG or DOCX file; its content says so.")).to_be_visible()
    given.write_bytes(PDF)
    page.get_by_label("Add a file").set_input_files(given)
    page.get_by_role("button", name="Add the file").click()
    expect(page.get_by_role("link", name="register.pdf")).to_be_visible()
    no_sideways_scroll(page)
