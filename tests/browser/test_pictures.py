"""The pages of the guide as their readers find them; `make screenshots` keeps the pictures."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PageAs = Callable[..., Page]

PAGES = (
    ("admin", "/settings/", "Settings", "settings"),
    ("admin", "/territories/", "Territories", "territories"),
    ("admin", "/roles/", "Roles", "roles"),
    ("admin", "/people/", "People", "people"),
    ("admin", "/company/", "Company", "company"),
    ("admin", "/jobs/", "Jobs", "jobs"),
    ("admin", "/audit/", "Audit trail", "audit"),
    ("finance", "/", "All territories", "home-finance"),
    ("manager", "/needs/", "Needs you", "needs"),
    ("manager", "/calendar/", "", "calendar"),
    ("rep", "/tasks/", "Tasks", "tasks"),
    ("manager", "/contracts/", "Contracts", "contracts"),
    ("rep", "/notifications/", "Notifications", "notifications"),
)


@pytest.mark.parametrize(("role", "path", "heading", "name"), PAGES, ids=[page[3] for page in PAGES])
def test_a_page_of_the_guide_holds_something(page_as: PageAs, screenshot, role, path, heading, name) -> None:
    page = page_as(role)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    expect(page.locator("main .card, main table").first).to_be_visible()
    screenshot(page, name)


def test_the_people_of_a_distributor_drawn_and_made_larger_by_the_keyboard(page_as: PageAs, screenshot) -> None:
    page = page_as("manager")
    page.goto("/contacts/?here=yes&level=operational&decision_role=coach")
    page.locator("#rows tbody a").first.click()
    page.get_by_label("Where this page stands").get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", name="Owner")).to_be_visible()
    screenshot(page, "distributor-people")
    page.get_by_role("link", name="Influence map").click()
    drawing = page.locator("#picture svg")
    expect(drawing).to_be_visible()
    screenshot(page, "influence-map")
    page.get_by_role("link", name="Organisation chart").click()
    expect(page.get_by_role("heading", name="Who reports to whom")).to_be_visible()
    wide = float(drawing.get_attribute("width") or 0)
    page.locator("#picture").press("+")
    expect(drawing).to_have_attribute("width", str(wide * 1.25).removesuffix(".0"))
    screenshot(page, "organisation-chart")


def test_the_card_says_what_is_missing_and_leads_to_its_field(page_as: PageAs, screenshot, no_sideways_scroll) -> None:
    page = page_as("manager")
    page.goto("/outlets/?open=yes")
    page.locator("#rows tbody a").first.click()
    page.locator(".facts a").first.click()
    page.get_by_label("Parts of this page").get_by_role("link", name="Profile").click()
    expect(page.get_by_role("heading", name="complete")).to_be_visible()
    screenshot(page, "distributor-card")
    page.set_viewport_size({"width": 360, "height": 800})
    no_sideways_scroll(page)
    page.get_by_role("link", name="Fill in").first.click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
