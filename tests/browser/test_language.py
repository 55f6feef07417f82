"""简体中文 in the browser: chosen by a click, kept, and whole on what frames every page."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import settle

PageAs = Callable[..., Page]

FRAME = "main h2, main th, main .tabs a, nav a .word, nav h2, main label, main .btn, main summary, main dt"
# Names that are the same in every language.
KEPT = {
    "INV",
    "PAY",
    "Qudao",
    "API",
    "CSV",
    "SKU",
    "ABC",
    "CNY",
    "USD",
    "EUR",
    "ERP",
    "REST",
    "OpenAPI",
    "Tier",
    "English",
}
PAGES = (
    "/",
    "/distributors/",
    "/classification/",
    "/classification/list/",
    "/classification/movements/",
    "/classification/policy/",
    "/products/",
    "/account/preferences/",
    "/account/password/",
)


def english(page: Page) -> list[str]:
    """Return the English words in headings, columns, tabs, labels and buttons; data in two languages is data."""
    texts = page.locator(FRAME).all_inner_texts()
    words = [
        word for text in texts if not re.search(r"[\u4e00-\u9fff]", text) for word in re.findall("[A-Za-z]{3,}", text)
    ]
    return [word for word in words if word not in KEPT]


def test_a_click_changes_the_language_and_it_stays(page_as: PageAs) -> None:
    page = page_as("inspector")
    page.goto("/")
    page.get_by_role("banner").get_by_role("button", name="简体中文").click()
    try:
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        expect(page.get_by_role("navigation").first.get_by_role("link").nth(1)).to_have_text("首页")
        left = {}
        for path in PAGES:
            page.goto(path)
            settle(page)
            left[path] = english(page)
        page.goto("/distributors/")
        page.locator("#rows tbody a").first.click()
        for tab in range(page.locator(".tabs a").count()):
            page.locator(".tabs a").nth(tab).click()
            expect(page.locator(".tabs a").nth(tab)).to_have_attribute("aria-current", "page")
            settle(page)
            left[page.url] = english(page)
        assert not any(left.values()), {path: words for path, words in left.items() if words}
    finally:
        page.get_by_role("banner").get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_log_in_speaks_the_language_of_the_browser(page_as: PageAs) -> None:
    page = page_as(None, language="zh-CN")
    page.goto("/login/")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
