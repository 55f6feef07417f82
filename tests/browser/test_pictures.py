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
