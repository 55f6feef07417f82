"""The page of the REST interface."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

PageAs = Callable[..., Page]
LUMINANCE = """selector => {
  const style = getComputedStyle(document.querySelector(selector));
  return [style.backgroundColor, style.color].map(colour => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
}"""


def test_the_api_page_follows_the_theme(page_as: PageAs) -> None:
    page = page_as("admin", dark=True)
    page.goto("/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
    operation = ".api-docs .opblock-summary-path"
    assert page.evaluate(LUMINANCE, ".api-docs")[0] < 40 < 200 < page.evaluate(LUMINANCE, operation)[1]
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class(re.compile("dark-mode"))
    assert page.evaluate(LUMINANCE, operation)[1] < 60 < 240 < page.evaluate(LUMINANCE, ".api-docs")[0]
