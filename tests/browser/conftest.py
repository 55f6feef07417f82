"""Chromium against the running stack: pages signed in by role, accessibility, screenshots."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from tests.services import chromium
from tests.stack import ROOT, Stack

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
VIEWPORTS = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844), "narrow": (360, 800)}
ROLES = ("admin", "manager", "rep", "finance", "inspector", "analyst", "api")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def logins(stack: Stack) -> dict[str, tuple[str, str]]:
    """Return e-mail and password of a demo person by role, as `manage.py demo_logins` prints them."""
    found: dict[str, tuple[str, str]] = {}
    for line in stack.manage("demo_logins").stdout.splitlines():
        if address := re.search(r"[\w.+-]+@[\w.-]+", line):
            words = line.lower().replace(address.group().lower(), " ")
            role = next((role for role in ROLES if role in words), None)
            if role is not None:
                found.setdefault(role, (address.group(), line.split()[-1]))
    return found


class Watch:
    """What a page must not do: errors in the console, answers of 500, requests to other origins."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []

    def attach(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.faults.append(f"exception on {page.url}: {error}"))
        page.on("request", self.request)
        page.on("response", self.response)

    def console(self, message: ConsoleMessage) -> None:
        # The browser reports each answer of 4xx as an error; refusing is not a fault.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.faults.append(f"console: {message.text}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.faults.append(f"foreign origin: {request.url}")

    def response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture(scope="session")
def signed_in(browser: Browser, stack: Stack, logins: dict[str, tuple[str, str]]) -> Callable[[str], dict]:
    """Return a role's cookies, signing in through the form the first time."""
    states: dict[str, dict] = {}

    def sign_in(role: str) -> dict:
        if role not in states:
            context = browser.new_context(base_url=stack.url)
            page = context.new_page()
            page.goto("/")
            email, password = logins[role]
            page.locator("input[name=username]").fill(email)
            page.locator("input[name=password]").fill(password)
            page.locator("input[name=password]").press("Enter")
            page.wait_for_url(lambda address: "next=" not in address and "login" not in address)
            states[role] = context.storage_state()
            context.close()
        return states[role]

    return sign_in


@pytest.fixture
def page_as(browser: Browser, stack: Stack, signed_in: Callable[[str], dict]) -> Iterator[Callable[..., Page]]:
    """Open a page signed in as a role: `page_as("manager", "phone", dark=True)`; None is nobody.

    The test fails at its end if a page logged an error, met a 500 or asked another origin for anything; a test that
    means an error empties `page.watch.faults`.
    """
    contexts: list[BrowserContext] = []
    watch = Watch(stack.url)

    def open_page(
        role: str | None,
        viewport: str = "desktop",
        *,
        dark: bool = False,
        language: str = "en-GB",
        script: bool = True,
    ) -> Page:
        width, height = VIEWPORTS[viewport]
        context = browser.new_context(
            base_url=stack.url,
            viewport={"width": width, "height": height},
            has_touch=viewport in {"phone", "narrow"},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale=language,
            java_script_enabled=script,
            timezone_id="Asia/Shanghai",
            storage_state=signed_in(role) if role else None,
        )
        context.set_default_timeout(45_000)
        contexts.append(context)
        page = context.new_page()
        watch.attach(page)
        page.watch = watch  # type: ignore[attr-defined]
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def check_axe() -> Callable[..., None]:
    """Fail on accessibility violations of serious or worse: `check_axe(page)`; `within` narrows to a selector."""

    def check(page: Page, within: str | None = None) -> None:
        # Evaluated by the debugger, which the page's content security policy does not govern.
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
        outcome = page.evaluate("within => axe.run(within || document, {resultTypes: ['violations']})", within)
        grave = [violation for violation in outcome["violations"] if violation["impact"] in GRAVE]
        lines = [
            f"{violation['impact']}: {violation['id']}: {violation['help']}: {node['html'][:200]}"
            for violation in grave
            for node in violation["nodes"][:3]
        ]
        assert not grave, f"{page.url}\n" + "\n".join(lines)

    return check


@pytest.fixture
def screenshot(tmp_path: Path) -> Callable[..., Path]:
    """Write a picture of the page: docs/images/<name>.png when UPDATE_SCREENSHOTS is 1, else to the test's folder."""

    def write(page: Page, name: str, *, full_page: bool = False) -> Path:
        update = os.environ.get("UPDATE_SCREENSHOTS") == "1"
        path = (ROOT / "docs" / "images" if update else tmp_path) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.screenshot(path=path, full_page=full_page, animations="disabled")
        return path

    return write


@pytest.fixture
def no_sideways_scroll() -> Callable[[Page], None]:
    """Fail if the page is wider than its window."""

    def check(page: Page) -> None:
        width, window = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        assert width <= window, f"{page.url} is {width} px wide in a window of {window}"

    return check
