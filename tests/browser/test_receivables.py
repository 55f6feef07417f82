"""What a distributor owes, from the files of the ERP to the tab of its page."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import is_drawn, settle
from tests.stack import Stack

PageAs = Callable[..., Page]

# Of tier 2: whoever buys from us has invoices of the demo already, which payments would settle first.
LARGEST = """
from core import clock
from core.company import company
from distributors.profiles.models import Distributor
one = Distributor.objects.filter(tier=2).order_by("-standing__net_sales_12m").first()
print(one.pk, one.code, clock.today().isoformat(), company().base_currency)
"""


def write(path: Path, head: str, *rows: tuple[Any, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head.split(","))
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def owing(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Let the largest distributor owe something of every age; return its key."""
    from datetime import date, timedelta

    key, code, today_text, currency = stack.python(LARGEST).split()
    today, folder = date.fromisoformat(today_text), tmp_path_factory.mktemp("receivables")
    due = {f"RE-{days + 100}": today - timedelta(days=days) for days in (-20, 5, 12, 40, 75, 120)}
    invoices = [
        (number, code, day - timedelta(days=45), day, 18_000 + 2_500 * place, currency)
        for place, (number, day) in enumerate(due.items())
    ]
    payments = [
        ("BA-1", code, today - timedelta(days=9), 8_000, currency, "acceptance", today + timedelta(days=90), "RE-105"),
        ("TT-2", code, today - timedelta(days=3), 12_000, currency, "transfer", "", ""),
    ]
    for kind, path in (
        ("invoices", write(folder / "i.csv", "external_id,distributor,day,due_on,amount,currency", *invoices)),
        (
            "payments",
            write(folder / "p.csv", "external_id,distributor,day,amount,currency,method,due_on,settles", *payments),
        ),
        (
            "orders",
            write(
                folder / "o.csv",
                "external_id,distributor,day,open_amount,currency",
                ("SO-9", code, today, 30_000, currency),
            ),
        ),
    ):
        stack.manage("import_data", kind, str(path))
    return key


def test_finance_sees_how_old_the_open_invoices_are_and_what_settled_them(
    page_as: PageAs, owing: str, check_axe, no_sideways_scroll, screenshot
) -> None:
    page = page_as("finance")
    page.goto(f"/distributors/{owing}/receivables/")
    settle(page)
    assert is_drawn(page.locator("figure", has=page.locator("[data-chart=ageing]")))
    row = page.get_by_role("row", name="RE-105 invoice")
    expect(row).to_contain_text("BA-1: 8,000.00 (acceptance, due")
    check_axe(page)
    screenshot(page, "receivables", full_page=True)
    page.get_by_role("link", name="All open items").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open items")
    expect(page.get_by_text("RE-220", exact=True).first).to_be_visible()
    check_axe(page)
    screenshot(page, "open-items")


def test_the_phone_shows_them_without_scrolling_sideways(
    page_as: PageAs, owing: str, check_axe, no_sideways_scroll
) -> None:
    page = page_as("finance", "narrow", dark=True)
    for address in (f"/distributors/{owing}/receivables/", "/open-items/", "/targets/"):
        page.goto(address)
        settle(page)
        no_sideways_scroll(page)
        check_axe(page)
