"""What fits a phone of 360 px: the bar at its foot in both languages, the menus of a list, the days of the calendar."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import settle

PageAs = Callable[..., Page]
CUT = """bar => [...bar.querySelectorAll("a")].filter(link => {
  const [outer, inner] = [link, link.querySelector("span")].map(one => one.getBoundingClientRect());
  return inner.left < outer.left || inner.right > outer.right || inner.width > outer.width;
}).map(link => link.innerText)"""


def switched(page: Page, language: str) -> None:
    page.locator(".top details.menu > summary").click()
    page.locator(".top .menu-body").get_by_role("button", name=language).click()


@pytest.mark.parametrize("role", ["admin", "manager", "rep", "finance", "inspector", "analyst"])
def test_no_word_of_the_bar_is_cut_in_either_language(page_as: PageAs, check_axe, role: str) -> None:
    page = page_as(role, "narrow")
    page.goto("/")
    bar = page.locator(".tabbar")
    expect(bar.get_by_role("link").first).to_have_text("Home")
    assert bar.evaluate(CUT) == []
    switched(page, "简体中文")
    try:
        expect(bar.get_by_role("link").first).to_have_text("首页")
        assert bar.evaluate(CUT) == []
        check_axe(page, ".tabbar")
    finally:
        switched(page, "English")
        expect(bar.get_by_role("link").first).to_have_text("Home")


@pytest.mark.parametrize("viewport", ["desktop", "narrow"])
def test_the_chosen_columns_can_be_shown_without_scrolling_the_page(page_as: PageAs, viewport: str) -> None:
    page = page_as("manager", viewport)
    page.goto("/distributors/?columns=name,abc,net_sales")
    settle(page)
    page.locator("summary", has_text="Columns").click()
    show = page.get_by_role("button", name="Show", exact=True)
    box = show.bounding_box()
    bar = page.locator(".tabbar")
    end = bar.bounding_box()["y"] if bar.is_visible() else page.viewport_size["height"]
    assert box["y"] + box["height"] <= end
    page.get_by_role("checkbox", name="Phone").check()
    again = show.bounding_box()
    assert again["y"] + again["height"] <= end
    show.click()
    page.wait_for_url("**columns=name%2Cabc%2Cnet_sales%2Cphone")


def test_a_day_of_the_calendar_stands_there_once(page_as: PageAs, no_sideways_scroll) -> None:
    page = page_as("rep", "narrow")
    page.goto("/calendar/")
    today = page.locator("[aria-current=date] time")
    expect(today.locator(".number")).to_be_hidden()
    expect(today.locator(".long")).to_be_visible()
    no_sideways_scroll(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(today.locator(".number")).to_be_visible()
    expect(today.locator(".long")).to_be_hidden()


def test_a_form_of_an_absence_fits(page_as: PageAs, no_sideways_scroll) -> None:
    page = page_as("admin", "narrow")
    page.goto("/absences/add/")
    for name in ("user", "delegate"):
        box = page.locator(f"select[name={name}]").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    no_sideways_scroll(page)
