"""What everyone does with their own account: two-step log-in, on the phone."""

import base64
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import settle
from tests.factories import app_code
from tests.stack import Stack

PageAs = Callable[..., Page]


@pytest.fixture
def login(stack: Stack, logins: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give an account, and leave it without two-step log-in whatever happens."""
    email, password = logins["analyst"]
    yield email, password
    stack.manage("reset_second_factor", "--user", email, check=False)


def give_password(page: Page, login: tuple[str, str]) -> None:
    page.get_by_label("E-mail").fill(login[0])
    page.get_by_label("Password").fill(login[1])
    page.get_by_role("button", name="Log in", exact=True).click()


def test_two_step_log_in_from_turning_it_on_to_turning_it_off(
    page_as: PageAs, login: tuple[str, str], check_axe, no_sideways_scroll
) -> None:
    page = page_as(None, "narrow", dark=True)

    def look() -> None:
        settle(page)
        check_axe(page)
        no_sideways_scroll(page)

    page.goto("/account/preferences/")
    give_password(page, login)
    page.goto("/account/preferences/")
    look()
    page.get_by_role("link", name="Turn on").click()
    key = page.get_by_label("Key for the app").input_value()
    assert page.get_by_role("img", name="QR code").evaluate("picture => picture.complete && picture.naturalWidth > 100")
    look()
    code = app_code(base64.b32decode(key.replace(" ", "")).hex(), time.time())
    page.get_by_label("Code from the app").fill(code)
    page.get_by_role("button", name="Turn on").click()
    backup = page.get_by_label("Backup codes").input_value().split()
    look()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 backup codes are left")).to_be_visible()
    look()

    page.context.clear_cookies()
    page.goto("/distributors/?abc=A")
    give_password(page, login)
    expect(page.get_by_label("Code from the app")).to_be_focused()
    look()
    page.get_by_label("Code from the app").fill(code)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_text("it was used already")).to_be_visible()
    look()
    page.get_by_role("link", name="Use a backup code").click()
    page.get_by_label("Backup code").fill(backup[0])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(re.compile(r"/distributors/\?abc=A$"))

    page.goto("/account/preferences/")
    page.get_by_role("link", name="Turn off").click()
    look()
    page.get_by_role("link", name="Use a backup code").click()
    page.get_by_label("Backup code").fill(backup[1])
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("Two-step log-in is off.")).to_be_visible()
