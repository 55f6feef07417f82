"""Reading, filtering and uploading with JavaScript switched off."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.waiting import wait_until

PageAs = Callable[..., Page]


def test_a_manager_reads_without_script(page_as: PageAs, logins: dict[str, tuple[str, str]]) -> None:
    email, password = logins["manager"]
    page = page_as(None, script=False)
    page.goto("/distributors/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(re.compile("/distributors/$"))
    page.get_by_label("Class", exact=True).select_option("A")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("abc=A"))
    expect(page.locator(".active-filters")).to_contain_text("Class A")
    page.get_by_role("link", name="Growth").click()
    page.wait_for_url(re.compile("sort=-growth"))
    expect(page.get_by_label("Class", exact=True)).to_have_value("A")
    page.locator("#rows tbody a").first.click()
    tabs = page.get_by_label("Parts of this page").get_by_role("link")
    for name in tabs.all_inner_texts():
        tabs.filter(has_text=re.compile(f"^{name}$")).click()
        expect(tabs.filter(has_text=re.compile(f"^{name}$"))).to_have_attribute("aria-current", "page")
        expect(page.locator("#tab section, #tab figure").first).to_be_visible()
    page.get_by_role("link", name="Search").first.click()
    page.locator("#search-q").fill("泵业")
    page.locator("main").get_by_role("button", name="Search").click()
    expect(page.locator(".results a").first).to_contain_text("泵业")


def test_a_file_is_uploaded_without_script(page_as: PageAs, tmp_path: Path) -> None:
    path = tmp_path / "territories.csv"
    path.write_text("code,name,level,parent\nCN-ZJ,浙江 Zhejiang,省 province,NOWHERE\n", encoding="utf-8")
    page = page_as("admin", script=False)
    page.goto("/imports/add/")
    page.get_by_label("What the file holds").select_option(label="Territories")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Continue: choose the columns").click()
    page.wait_for_url(re.compile(r"/imports/\d+/columns/$"))
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))

    def refused() -> bool:
        page.reload()
        return page.locator(".chip", has_text="refused").count() == 1

    wait_until(refused, within=60, what="refused import")
    expect(page.locator("main")).to_contain_text("NOWHERE")
