"""Lists in the browser: columns, exports."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.pages import settle

PageAs = Callable[..., Page]


def heads(page: Page) -> list[str]:
    return [text.split(",")[0] for text in page.locator("#rows thead th:not(.pick)").all_inner_texts()]


def test_columns_are_chosen_and_ordered_with_the_keyboard(page_as: PageAs, check_axe, screenshot) -> None:
    page = page_as("manager")
    page.goto("/distributors/?columns=name,abc,net_sales")
    settle(page)
    assert heads(page) == ["Distributor", "Class", "Net sales 12 m"]
    page.get_by_text("Columns", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Phone").focus()
    page.keyboard.press("Space")
    up = page.get_by_role("button", name="Move Class down")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    check_axe(page)
    screenshot(page, "list-columns")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    page.wait_for_url("**columns=name%2Cnet_sales%2Cabc%2Cphone")
    assert heads(page) == ["Distributor", "Net sales 12 m", "Class", "Phone"]
    page.get_by_role("searchbox" if page.get_by_role("searchbox").count() else "textbox", name="Search").first.fill(
        "zz"
    )
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    assert "columns=name%2Cnet_sales%2Cabc%2Cphone" in page.url


def test_the_menus_fit_the_phone(page_as: PageAs, check_axe, no_sideways_scroll) -> None:
    page = page_as("manager", "phone", dark=True)
    page.goto("/distributors/")
    for name in ("Columns", "Export"):
        page.locator("summary", has_text=name).click()
        box = page.locator("details.tool[open] .menu-body").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        check_axe(page)
        no_sideways_scroll(page)


def test_a_view_is_kept_shared_and_deleted(page_as: PageAs, check_axe, no_sideways_scroll, screenshot) -> None:
    page = page_as("manager")
    page.goto("/distributors/?abc=A&columns=name,owner,net_sales,growth")
    page.get_by_text("Keep this view").click()
    page.get_by_role("link", name="Keep as a new view").click()
    page.get_by_label("Name").fill("Class A by owner")
    page.get_by_label("Shared with").select_option("rep")
    check_axe(page)
    page.get_by_role("button", name="Save").click()
    views = page.get_by_role("navigation", name="Views")
    expect(views.get_by_role("link", name="Class A by owner")).to_have_attribute("aria-current", "page")
    settle(page)
    check_axe(page)
    screenshot(page, "list-views")
    page.locator("#id_state").select_option("active")
    expect(page.locator(".views summary")).to_contain_text("changed")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".views summary").click()
    no_sideways_scroll(page)
    check_axe(page)
    page.get_by_role("button", name="Delete this view").click()
    expect(page.get_by_text("The view “Class A by owner” is deleted.")).to_be_visible()
    expect(page.get_by_role("navigation", name="Views")).to_have_count(0)


def test_many_rows_are_previewed_before_anything_changes(
    page_as: PageAs, check_axe, no_sideways_scroll, screenshot
) -> None:
    page = page_as("manager")
    page.goto("/distributors/?view=0")
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    boxes = page.locator("[data-select]")
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    boxes.nth(1).check()
    expect(bar).to_contain_text("2 selected")
    check_axe(page)
    screenshot(page, "list-selected")
    page.get_by_label("all", exact=False).and_(page.locator("[data-select-all]")).check()
    page.get_by_role("button", name="Move on").click()
    page.get_by_label("Move").select_option("restore")
    page.get_by_label("Reason").fill("Paid in full")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("stay as they are").first).to_be_visible()
    check_axe(page)
    screenshot(page, "list-preview")
    page.set_viewport_size({"width": 390, "height": 844})
    no_sideways_scroll(page)
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("#rows tbody tr").first).to_be_visible()


def test_what_was_done_to_many_shows_what_its_undo_would_do(
    page_as: PageAs, check_axe, no_sideways_scroll, screenshot
) -> None:
    page = page_as("manager")
    page.goto("/distributors/?state=active")
    for number in range(3):
        page.locator("[data-select]").nth(number).check()
    page.get_by_role("button", name="Move on").click()
    page.get_by_label("Move").select_option("watch")
    page.get_by_label("Reason").fill("Late payers")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Confirm for 3 rows").click()
    page.get_by_role("link", name="Undo").click()
    address = page.url
    expect(page.get_by_text("3 of 3 would go back")).to_be_visible()
    page.goto("/distributors/board/")
    back = page.locator("[data-lane=watch] .tile").first
    back.locator("summary").click()
    back.get_by_role("link", name="Back to active").click()
    page.get_by_label("Reason").fill("Paid in full")
    page.get_by_role("button", name="Move", exact=True).click()
    page.goto(address)
    settle(page)
    check_axe(page)
    screenshot(page, "bulk-undo")
    page.set_viewport_size({"width": 390, "height": 844})
    no_sideways_scroll(page)
    page.get_by_label("Reason").fill("The wrong list")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for")).to_be_visible()
    page.goto(address)
    expect(page.get_by_text("This was undone; it cannot be undone again.")).to_be_visible()


def test_a_card_moves_on_the_board_by_keyboard_and_by_dragging(page_as: PageAs, check_axe, screenshot) -> None:
    page = page_as("manager")
    page.goto("/distributors/board/")
    settle(page)
    check_axe(page)
    screenshot(page, "board")
    active, watched = page.locator("[data-lane=active]"), page.locator("[data-lane=watch]")
    card = active.locator(".tile").nth(1)
    name = card.locator("a").first.inner_text()
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.get_by_role("link", name="Put on watch").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(name)
    check_axe(page)
    page.get_by_label("Reason").fill("Late payers")
    page.get_by_role("button", name="Move", exact=True).press("Enter")
    expect(watched).to_contain_text(name)
    watched.locator(".tile", has_text=name).locator("small").drag_to(page.locator("[data-lane=prospect]"))
    expect(page.locator("#notes")).to_contain_text("No move of yours leads from “on watch” to “prospect”.")
    expect(page.locator("[data-lane=prospect]")).not_to_contain_text(name)
    settle(page)
    back = watched.locator(".tile", has_text=name)
    back.locator("summary").click()
    back.get_by_role("link", name="Back to active").click()
    page.get_by_label("Reason").fill("Paid in full")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(active).to_contain_text(name)
    expect(watched).not_to_contain_text(name)


def test_the_board_on_the_phone(page_as: PageAs, check_axe, no_sideways_scroll) -> None:
    page = page_as("manager", "phone", dark=True)
    page.goto("/distributors/board/")
    expect(page.locator("[data-lane]")).to_have_count(7)
    check_axe(page)
    no_sideways_scroll(page)
