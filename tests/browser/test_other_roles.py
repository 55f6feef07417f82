"""Finance, inspector and analyst: what they see, and a page that says so where they may not go."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import settle

PageAs = Callable[..., Page]

ADMIN_ONLY = ("/people/", "/people/add/", "/tokens/", "/territories/add/", "/classification/policy/1/change/")


@pytest.mark.parametrize(
    ("role", "entries", "opens", "refused"),
    [
        ("finance", {"Distributors", "Classification", "Imports"}, ("/imports/add/",), ()),
        ("inspector", {"Distributors", "Classification"}, ("/products/",), ("/imports/", "/imports/add/")),
        ("analyst", {"Distributors", "Classification"}, ("/products/",), ("/imports/", "/imports/add/")),
    ],
)
def test_home_and_limits(
    page_as: PageAs, role: str, entries: set[str], opens: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    page = page_as(role)
    page.goto("/")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("region", name="Needs you")).to_be_visible()
    shown = set(page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts())
    assert entries <= shown
    assert not {"People", "API tokens"} & shown
    page.goto("/distributors/")
    expect(page.get_by_role("link", name="Add", exact=True)).to_have_count(0)
    page.locator("#rows tbody a").first.click()
    expect(page.get_by_label("Parts of this page")).to_be_visible()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
    for path in opens:
        assert page.goto(path).status == 200, path
    for path in (*ADMIN_ONLY, "/distributors/add/", *refused):
        assert page.goto(path).status == 403, path
        expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")
        expect(page.get_by_role("link", name="Go to Home")).to_be_visible()
