"""Rui's day on the phone: what needs him first, only his own distributors, everything within the width."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import number, pages_of, settle
from tests.stack import Stack

PageAs = Callable[..., Page]

MINE = """
from accounts.models import User
from distributors.profiles.models import Distributor
rows = Distributor.objects.visible_to(User.objects.get(email__startswith="rui@"))
print(rows.count())
print(*Distributor.objects.exclude(pk__in=rows.values("pk")).values_list("pk", flat=True)[:3])
"""


def test_he_signs_in_and_sees_what_needs_him_first(page_as: PageAs, screenshot, check_axe) -> None:
    page = page_as(None, "phone")
    page.goto("/")
    page.get_by_role("button", name="Rui Yang").click()
    page.get_by_role("button", name="Log in", exact=True).click()
    needs = page.get_by_role("region", name="Needs you")
    expect(needs).to_be_visible()
    settle(page)
    screenshot(page, "home-rep-phone")
    assert needs.bounding_box()["y"] < page.locator(".kpis").bounding_box()["y"]
    check_axe(page)
    expect(page.locator(".side")).to_be_hidden()
    bar = page.get_by_role("navigation", name="Most used")
    expect(bar).to_be_in_viewport()
    bar.get_by_role("link", name="Distributors").click()
    page.wait_for_url(re.compile(r"/distributors/$"))
    expect(bar.locator("[aria-current=page]")).to_have_text("Distributors")


def test_he_sees_his_own_distributors_and_no_others(page_as: PageAs, stack: Stack) -> None:
    count, others = stack.python(MINE).splitlines()
    page = page_as("rep", "phone")
    page.goto("/distributors/")
    expect(page.locator("#rows").get_by_role("status")).to_have_text(f"{count} rows")
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Class", exact=True).select_option("C")
    page.wait_for_url(re.compile("abc=C"))
    assert number(page.locator("#rows").get_by_role("status").inner_text()) <= int(count)
    page.locator("#rows tbody a").first.click()
    page.wait_for_url(re.compile(r"/distributors/\d+/$"))
    expect(page.locator(".kpis")).to_be_visible()
    for key in others.split():
        answer = page.goto(f"/distributors/{key}/")
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_he_meets_no_entry_of_the_administrator(page_as: PageAs) -> None:
    page = page_as("rep", "phone")
    page.goto("/")
    page.locator("details.menu summary").click()
    entries = page.get_by_role("navigation", name="All pages").get_by_role("link").all_inner_texts()
    assert {"Home", "Distributors", "Classification"} <= set(entries)
    assert not {"People", "Imports", "API tokens"} & set(entries)
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="All pages")).to_be_hidden()
    for path in ("/people/", "/imports/", "/tokens/", "/distributors/add/", "/classification/policy/1/change/"):
        answer = page.goto(path)
        assert answer.status == 403, path
        expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")


def test_no_page_is_wider_than_his_phone(page_as: PageAs, no_sideways_scroll) -> None:
    page = page_as("rep", "phone")
    page.goto("/")
    paths = pages_of(page)
    assert len(paths) > 12
    for path in paths:
        page.goto(path)
        settle(page)
        no_sideways_scroll(page)
