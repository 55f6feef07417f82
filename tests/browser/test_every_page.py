"""Every page that links lead to: accessible, quiet, within its width, in light and dark, on the phone and the desk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import pages_of, settle

PageAs = Callable[..., Page]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 800}
# Contrast depends on the theme and overlap on the width: each of the four is seen once.
SETTINGS = ((DESK, "light"), (PHONE, "dark"))


def faults_of(page: Page, check_axe, no_sideways_scroll) -> list[str]:
    """Return what is wrong with the page in both sizes and themes, loading it once."""
    found = []
    for size, scheme in SETTINGS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        settle(page)
        for check in (check_axe, no_sideways_scroll):
            try:
                check(page)
            except AssertionError as error:
                found.append(f"{size['width']} px, {scheme}: {error}")
    return found


@pytest.mark.parametrize("role", ["admin", "manager", None])
def test_every_page(page_as: PageAs, role: str | None, check_axe, no_sideways_scroll) -> None:
    page = page_as(role)
    page.goto("/")
    paths = pages_of(page) if role else ["/login/"]
    if role == "manager":
        seen_by_admin = ("/distributors/", "/products/", "/sale-lines/", "/territories/")
        paths = [path for path in paths if not path.startswith(seen_by_admin) or "edit" in path]
    assert role is None or len(paths) > 8
    found = []
    for path in paths:
        page.goto(path)
        if path.startswith("/api/docs"):
            expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
        found += faults_of(page, check_axe, no_sideways_scroll)
    assert not found, f"{len(found)} faults on {len(paths)} pages\n" + "\n\n".join(found)


def test_the_keyboard_alone_is_enough(page_as: PageAs) -> None:
    page = page_as("manager")
    page.goto("/distributors/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Add", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Search")).to_be_focused()
    page.goto("/")
    reached = []
    for _ in range(18):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText.trim()"))
    for entry in ("Home", "Distributors", "Classification", "Narrow menu"):
        assert entry in reached, reached
    page.locator("details.menu summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()


def test_a_distributor_on_paper(page_as: PageAs) -> None:
    page = page_as("analyst")
    page.goto("/distributors/")
    page.locator("#rows tbody a").first.click()
    expect(page.locator(".kpis")).to_be_visible()
    page.emulate_media(media="print")
    for part in (".side", ".top", ".tabs", ".tabbar"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".kpis")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_pictures_for_the_guide(page_as: PageAs, screenshot) -> None:
    page = page_as("manager")
    page.goto("/distributors/")
    settle(page)
    screenshot(page, "distributors-list")
    largest = page.locator("#rows tbody tr", has=page.locator(".chip.a")).first.get_by_role("link")
    target = largest.get_attribute("href")
    page.goto("/classification/")
    moving = page.get_by_role("region", name="About to change").locator(".todo a")
    if moving.count():  # nobody moves on the day after a month close
        target = moving.last.get_attribute("href").removesuffix("class/")
    page.goto(target)
    expect(page.locator(".timeline li").first).to_be_visible()
    screenshot(page, "distributor")
    page.get_by_label("Parts of this page").get_by_role("link", name="Class").click()
    expect(page.locator("#why")).to_be_visible()
    settle(page)
    screenshot(page, "why-class", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.get_by_label("Parts of this page").get_by_role("link", name="Overview").click()
    expect(page.locator(".timeline li").first).to_be_visible()
    settle(page)
    screenshot(page, "distributor-dark")
