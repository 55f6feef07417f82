"""Finding pages as a person does: by the links, without writing their addresses down."""

import re
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Locator, Page, expect

LINK = re.compile(r'<a\b([^>]*)\bhref="([^"#]+)')
NOT_LINKED = ("/search/?q=%E6%B3%B5", "/distributors/999999/", "/nowhere/")


def pages_of(page: Page, *, most: int = 80) -> list[str]:
    """Return the address of one page of each kind that a role's links lead to, beginning at Home.

    Two addresses are of one kind when they differ only in numbers; downloads are no pages.
    """
    origin = urljoin(page.url if page.url.startswith("http") else "", "/")
    found: dict[str, str] = {}
    waiting = ["/", *NOT_LINKED]
    while waiting and len(found) < most:
        path = waiting.pop(0)
        shape = re.sub(r"\d+", "N", urlsplit(path).path)
        if path not in NOT_LINKED and shape in found:
            continue
        answer = page.request.get(path)
        assert answer.status < 500, f"{path} answered {answer.status}"
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        found[path if path in NOT_LINKED else shape] = path
        waiting += [
            urljoin(answer.url, href).removeprefix(origin.rstrip("/"))
            for attributes, href in LINK.findall(answer.text().replace("&amp;", "&"))
            if "download" not in attributes and urljoin(answer.url, href).startswith(origin)
        ]
    return list(found.values())


def settle(page: Page) -> None:
    """Wait until the charts of the page are drawn, nothing is under way and every colour has arrived."""
    expect(page.locator("[data-chart]:not([data-drawn])")).to_have_count(0)
    expect(page.locator("html.is-busy")).to_have_count(0)
    page.wait_for_function(
        """() => new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))
          .then(() => document.getAnimations().every(one => one.playState === "finished"))"""
    )


def is_drawn(chart: Locator) -> bool:
    """Tell whether the canvas of a chart holds more than one colour."""
    return chart.locator("canvas").evaluate(
        """canvas => {
          const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size > 2;
        }"""
    )


def number(text: str) -> int:
    """Return the whole number that a text begins with or holds."""
    return int(re.search(r"[\d,]+", text).group().replace(",", ""))  # type: ignore[union-attr]
