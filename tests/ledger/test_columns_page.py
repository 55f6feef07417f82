"""The page on which columns become fields, and the mappings that are kept."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from core import jobs
from distributors.ledger.models import Import, ImportProfile, SaleLine
from distributors.ledger.records import StockSnapshot
from tests import factories
from tests.ledger.records import picture, small_world
from tests.ledger.workbooks import workbook

pytestmark = pytest.mark.django_db

HEAD = "Doc No,Customer,Item,Date,Qty,Net Amount,Move"
GOOD = "L1,D1,P1,2025-03-01,2,10.00,sale"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-01"
    return small_world()


@pytest.fixture
def admin(client, world):
    user = factories.user(Role.ADMIN)
    client.force_login(user)
    return user


def handed_in(client, *rows, content=None, **data):
    data = {"kind": "sales", **data}
    content = content if content is not None else "\n".join([HEAD, *rows]).encode()
    return client.post(reverse("ledger:import-add"), {"file": SimpleUploadedFile("erp.csv", content), **data})


def sent(client, draft, action="preview", **changes):
    """Send the page as it is shown, with some of its entries changed."""
    data = {"source": draft.profile["source"], "header": "1", "name": draft.profile.get("name", "")}
    for name, plan in draft.profile["columns"].items():
        template = plan.get("template", "")
        data[f"0.{name}.from"] = "=" if template else plan.get("from", "")
        data[f"0.{name}.template"], data[f"0.{name}.default"] = template, plan.get("default", "")
    response = client.post(reverse("ledger:import-mapping", args=[draft.pk]), {**data, **changes, "action": action})
    draft.refresh_from_db()
    return response


def test_a_file_with_other_names_is_previewed_and_sent_without_a_profile(client, admin):
    before = picture()
    response = handed_in(client, GOOD)
    draft = Import.objects.get()
    assert response.url == reverse("ledger:import-mapping", args=[draft.pk])
    page = client.get(response.url).content.decode()
    assert "The first row can be read" in page
    assert "10.00" in page
    assert picture()["SaleLine"] == before["SaleLine"] == []
    assert sent(client, draft, "import").url == draft.get_absolute_url()
    jobs.job_run(draft.job_id)
    assert SaleLine.objects.get().external_id == "L1"


def test_what_is_wrong_stands_in_its_place_before_anything_is_sent(client, admin):
    handed_in(client, GOOD, GOOD.replace("L1,D1", "L2,D9"), GOOD.replace("L1", "L3").replace("10.00", "x"))
    draft = Import.objects.get()
    page = client.get(reverse("ledger:import-mapping", args=[draft.pk])).content.decode()
    assert "2 of the first 3 rows cannot go in like this" in page
    assert 'class=" wrong">D9<small>This distributor is not known: mend the cell, or bring' in page
    assert draft.state == Import.State.DRAFT
    assert draft.job is None


def test_a_needed_field_without_a_column_is_named_and_nothing_is_sent(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    response = sent(client, draft, "import", **{"0.amount.from": ""})
    assert response.status_code == 422
    assert "Choose a column, or give one value for all rows." in response.content.decode()
    assert (draft.state, draft.job) == (Import.State.DRAFT, None)
    assert "amount" not in draft.profile["columns"]


def test_a_change_answers_htmx_with_the_form_and_is_kept(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    url = reverse("ledger:import-mapping", args=[draft.pk])
    data = {"source": "erp", "header": "1", "0.kind.from": "Move", "action": "preview"}
    answer = client.post(url, data, headers=HTMX).content.decode()
    assert "<html" not in answer
    assert '<label for="m-0.kind.value.0">sale</label>' in answer
    draft.refresh_from_db()
    assert draft.profile["columns"] == {"kind": {"from": "Move", "values": {"sale": "sell_in"}}}


def test_texts_of_a_newly_chosen_column_get_the_meaning_that_they_seem_to_have(client, admin):
    handed_in(client, GOOD, GOOD.replace("sale", "refund"))
    draft = Import.objects.get()
    sent(client, draft, **{"0.kind.from": "Move"})
    assert draft.profile["columns"]["kind"]["values"] == {"sale": "sell_in", "refund": "return"}


def test_texts_become_choices_as_they_are_chosen(client, admin):
    handed_in(client, GOOD, GOOD.replace("L1", "L2").replace("10.00,sale", "-4,back").replace(",2,", ",-1,"))
    draft = Import.objects.get()
    chosen = {"0.kind.from": "Move", "0.kind.of": "Move", "0.kind.text.0": "sale", "0.kind.value.0": "sell_in"}
    sent(client, draft, "import", **chosen, **{"0.kind.text.1": "back", "0.kind.value.1": "return"})
    jobs.job_run(draft.job_id)
    assert list(SaleLine.objects.order_by("external_id").values_list("kind", flat=True)) == ["sell_in", "return"]


def test_a_file_that_is_only_checked_can_then_go_in_as_it_was_checked(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    sent(client, draft, "check")
    jobs.job_run(draft.job_id)
    draft.refresh_from_db()
    assert (draft.state, SaleLine.objects.count()) == (Import.State.VALID, 0)
    client.post(reverse("ledger:import-publish", args=[draft.pk]))
    made = Import.objects.latest("pk")
    jobs.job_run(made.job_id)
    assert (made.profile, SaleLine.objects.count()) == (draft.profile, 1)


def test_a_mapping_is_kept_and_reads_the_next_file_with_the_same_columns(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    sent(client, draft, "save", name="Our ERP", **{"0.buyer.default": "counter"})
    kept = ImportProfile.objects.get()
    assert (kept.name, kept.header, kept.version) == ("Our ERP", HEAD.split(","), 1)
    handed_in(client, GOOD.replace("L1", "L2"))
    second = Import.objects.latest("pk")
    assert second.profile["columns"]["buyer"] == {"default": "counter"}
    assert second.profile_name == "Our ERP"


def test_of_two_who_change_one_mapping_the_second_sees_the_difference(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    sent(client, draft, "save", name="Our ERP")
    sent(client, draft, "save", name="Our ERP", version="1", **{"0.buyer.default": "theirs"})
    late = sent(client, draft, "save", name="Our ERP", version="1", **{"0.buyer.default": "mine"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "mine" in page
    assert "theirs" in page
    kept = ImportProfile.objects.get()
    assert kept.version == 2
    assert 'default = "theirs"' in kept.text
    knowingly = sent(client, draft, "save", name="Our ERP", version="2", **{"0.buyer.default": "mine"})
    assert knowingly.status_code == 200
    assert 'default = "mine"' in ImportProfile.objects.get().text


def test_a_kept_mapping_is_edited_copied_taken_along_and_deleted(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    sent(client, draft, "save", name="Our ERP")
    kept = ImportProfile.objects.get()
    text = client.get(reverse("ledger:importprofile-export", args=[kept.pk])).content
    add = {"kind": "sales", "name": "From a file", "file": SimpleUploadedFile("p.toml", text)}
    client.post(reverse("ledger:importprofile-add"), add)
    client.post(reverse("ledger:importprofile-copy", args=[kept.pk]))
    assert set(ImportProfile.objects.values_list("name", flat=True)) == {"Our ERP", "From a file", "Our ERP (2)"}
    wrong = client.post(
        reverse("ledger:importprofile-edit", args=[kept.pk]),
        {"name": "Our ERP", "text": 'kind = "rates"', "version": kept.version},
    )
    assert wrong.status_code == 422
    assert "Mapping profile, kind" in wrong.content.decode()
    taken = {"name": "From a file", "text": text.decode(), "version": kept.version}
    assert client.post(reverse("ledger:importprofile-edit", args=[kept.pk]), taken).status_code == 422
    client.post(reverse("ledger:importprofile-delete", args=[kept.pk]))
    assert not ImportProfile.objects.filter(pk=kept.pk).exists()
    assert Import.objects.get().profile["columns"] == draft.profile["columns"]


def test_another_row_of_names_recognises_the_columns_anew(client, admin):
    handed_in(client, content=f"Report,of,March,2025,by,our,ERP\n{HEAD}\n{GOOD}\n".encode())
    draft = Import.objects.get()
    assert "Report" in client.get(reverse("ledger:import-mapping", args=[draft.pk])).content.decode()
    sent(client, draft, header="2")
    assert draft.profile["columns"]["amount"] == {"from": "Net Amount"}


def test_a_workbook_is_mapped_like_a_text(client, admin):
    rows = [HEAD.split(","), GOOD.split(",")]
    handed_in(client, content=workbook(("Other", []), ("Lines", rows)))
    draft = Import.objects.get()
    page = client.get(reverse("ledger:import-mapping", args=[draft.pk])).content.decode()
    assert "Workbook, sheet “Lines”" in page
    sent(client, draft, "import", sheet="Lines")
    jobs.job_run(draft.job_id)
    assert SaleLine.objects.count() == 1


def test_what_is_no_table_is_refused_beside_the_file_and_leaves_nothing(client, admin):
    response = handed_in(client, content=b"%PDF-1.7")
    assert response.status_code == 422
    assert "This is a PDF" in response.content.decode()
    assert not Import.objects.exists()


def test_a_file_given_up_is_over_and_cannot_be_sent(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    client.post(reverse("ledger:import-drop", args=[draft.pk]))
    sent(client, draft, "import")
    assert (draft.state, draft.job) == (Import.State.CANCELLED, None)


def test_a_body_larger_than_any_file_is_refused_unread(client, admin, settings):
    settings.IMPORT_MAX_BYTES = 3 << 20
    response = client.post(reverse("ledger:import-add"), b"", content_type="x/y", CONTENT_LENGTH=str(5 << 30))
    assert response.status_code == 413
    assert "Files up to 3 MiB are taken." in response.content.decode()


def test_who_may_not_bring_in_master_data_sees_no_draft_of_it(client, admin):
    handed_in(client, content=b"sku,name,line\nX,X,X\n", kind="products")
    draft = Import.objects.get()
    client.force_login(factories.user(Role.FINANCE))
    url = reverse("ledger:import-mapping", args=[draft.pk])
    assert client.get(url).status_code in {403, 404}
    assert client.post(url, {"action": "import"}).status_code in {403, 404}
    draft.refresh_from_db()
    assert draft.state == Import.State.DRAFT


def test_the_page_asks_as_many_queries_for_many_distributors_as_for_few(
    client, admin, world, django_assert_max_num_queries
):
    handed_in(client, GOOD)
    url = reverse("ledger:import-mapping", args=[Import.objects.get().pk])
    for number in range(20):
        factories.distributor(world["territory"], code=f"X{number}")
    with django_assert_max_num_queries(25):
        client.get(url)


def shown(client, draft, action="preview", **changes):
    """Send the page as a browser does: with all that it shows, some of it changed."""
    url = reverse("ledger:import-mapping", args=[draft.pk])
    data = fields_of(client.get(url).content.decode())
    response = client.post(url, {**data, **changes, "action": action})
    draft.refresh_from_db()
    return response


def fields_of(page):
    """Return what the form of the page would send."""
    form = page[page.index('id="mapping"') :]
    found = {}
    for tag, inner in re.findall(r"<select[^>]*name=\"([^\"]+)\"[^>]*>(.*?)</select>", form, re.DOTALL):
        options = re.findall(r'<option value="([^"]*)"( selected)?', inner)
        found[tag] = html.unescape(next((value for value, chosen in options if chosen), options[0][0]))
    for attributes in re.findall(r"<input([^>]*)>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        if "name" in given and given["name"] not in {"action", "csrfmiddlewaretoken"}:
            found.setdefault(given["name"], html.unescape(given.get("value", "")))
    return found


def test_choices_by_hand_stay_where_the_file_is_read_in_another_way_and_their_columns_are_there(client, admin):
    text = "Report;March 2025\nDoc No;Customer;Item;Date;Qty;Net Amount;Move;Note\n"
    handed_in(client, content=f"{text}L1;D1;P1;2025-03-01;2;10.00;sale;x\n".encode())
    draft = Import.objects.get()
    assert draft.profile["header"] == 2
    shown(client, draft, **{"0.buyer.from": "Note", "0.order_number.from": "", "0.order_number.default": "all"})
    shown(client, draft, header="1")
    assert draft.profile["columns"] == {
        "currency": {"default": "CNY"},
        "order_number": {"default": "all"},
    }
    shown(client, draft, **{"0.currency.default": "USD"})
    shown(client, draft, header="2")
    columns = draft.profile["columns"]
    assert (columns["currency"], columns["order_number"]) == ({"default": "USD"}, {"default": "all"})
    assert columns["amount"] == {"from": "Net Amount"}
    shown(client, draft, **{"0.buyer.from": "Note", "0.kind.from": ""})
    shown(client, draft, delimiter=",")
    shown(client, draft, delimiter=";", header="2")
    assert draft.profile["delimiter"] == ";"
    assert draft.profile["columns"]["currency"] == {"default": "USD"}


def test_choices_by_hand_stay_on_another_sheet_with_the_same_columns_in_another_order(client, admin):
    rows = [[*HEAD.split(","), "Note"], [*GOOD.split(","), "n"]]
    other = [["March"], [], [*reversed(rows[0])], [*reversed(rows[1])]]
    handed_in(client, content=workbook(("A", [*rows, rows[1]]), ("B", other)))
    draft = Import.objects.get()
    assert draft.profile["sheet"] == "A"
    shown(client, draft, **{"0.buyer.from": "Note", "0.amount.default": "5", "0.kind.from": ""})
    shown(client, draft, sheet="B")
    assert (draft.profile["sheet"], draft.profile["header"]) == ("B", 3)
    columns = draft.profile["columns"]
    assert (columns["buyer"], columns["amount"]) == ({"from": "Note"}, {"from": "Net Amount", "default": "5"})
    assert "kind" not in columns


def test_a_row_without_names_is_refused_and_the_other_choices_stay(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    answer = shown(client, draft, header="77", **{"0.buyer.default": "counter"})
    assert "choose the row in which they stand" in answer.content.decode()
    assert (draft.profile.get("header", 1), draft.profile["columns"]["buyer"]) == (1, {"default": "counter"})


def test_days_that_may_be_two_are_asked_for_and_nothing_is_sent_before(client, admin):
    handed_in(client, GOOD.replace("2025-03-01", "02/03/2025"))
    draft = Import.objects.get()
    before = picture()
    refused = shown(client, draft, "import")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Still to be chosen: date." in page
    assert "02/03/2025 may be 2025-03-02 or 2025-02-03: choose below how the dates are written." in page
    assert (draft.state, draft.job) == (Import.State.DRAFT, None)
    assert picture()["SaleLine"] == before["SaleLine"]
    shown(client, draft, "import", **{"0.day.dates": "%m/%d/%Y"})
    jobs.job_run(draft.job_id)
    assert SaleLine.objects.get().day.isoformat() == "2025-02-03"


def test_quantities_that_may_be_two_are_asked_for(client, admin):
    handed_in(client, GOOD.replace(",2,", ",1.200,").replace("10.00", "10"))
    draft = Import.objects.get()
    assert (
        "1.200 may be a thousand and more or a number with decimals" in shown(client, draft, "import").content.decode()
    )
    assert draft.job is None
    shown(client, draft, "import", **{"0.quantity.style": ",."})
    jobs.job_run(draft.job_id)
    assert str(SaleLine.objects.get().quantity) == "1200.0000"


def test_how_a_column_is_written_can_be_chosen_and_goes_with_another_column(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    shown(client, draft, **{"0.amount.style": ",.", "0.amount.times": "1000", "0.distributor.by": "name"})
    assert draft.profile["columns"]["amount"] == {
        "from": "Net Amount",
        "decimal": ",",
        "thousands": ".",
        "times": 1000,
    }
    assert draft.profile["columns"]["distributor"] == {"from": "Customer", "by": "name"}
    shown(client, draft, **{"0.amount.from": "Qty"})
    assert draft.profile["columns"]["amount"] == {"from": "Qty"}


def test_one_day_for_all_rows_is_given_as_a_day_whatever_the_file_writes(client, admin):
    handed_in(client, content=b"Dealer;Item;Qty On Hand\nD1;P1;3\n", kind="stock")
    draft = Import.objects.get()
    assert (
        'name="0.day.default" type="date"'
        in client.get(reverse("ledger:import-mapping", args=[draft.pk])).content.decode()
    )
    shown(client, draft, "import", **{"0.day.default": "2025-03-31"})
    jobs.job_run(draft.job_id)
    assert StockSnapshot.objects.get().day.isoformat() == "2025-03-31"


def test_columns_that_nothing_reads_are_named(client, admin):
    handed_in(client, content=f"{HEAD},Colour\n{GOOD},red\n".encode())
    page = client.get(reverse("ledger:import-mapping", args=[Import.objects.get().pk])).content.decode()
    assert "Not read: the columns Move, Colour" in page


def test_a_problem_of_a_field_that_no_column_feeds_is_named_by_the_field_in_the_readers_language(client, admin):
    handed_in(client, GOOD)
    draft = Import.objects.get()
    shown(client, draft, "import", **{"0.currency.default": "EUR"})
    jobs.job_run(draft.job_id)
    draft.refresh_from_db()
    assert draft.state == Import.State.REFUSED
    report = client.get(reverse("ledger:import-problems", args=[draft.pk]))
    assert b"2,currency,EUR," in b"".join(report.streaming_content)
    admin.language = "zh-hans"
    admin.save()
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "<td>币种</td><td>EUR</td>" in page
    report = client.get(reverse("ledger:import-problems", args=[draft.pk]))
    assert "2,币种,EUR," in b"".join(report.streaming_content).decode()


def test_of_dates_by_several_hands_only_what_may_be_two_things_is_asked(client, admin):
    days = ("2025-03-01", "04.03.2025", "03/02/2025")
    handed_in(client, *(GOOD.replace("L1", f"L{n}").replace("2025-03-01", day) for n, day in enumerate(days)))
    draft = Import.objects.get()
    page = client.get(reverse("ledger:import-mapping", args=[draft.pk])).content.decode()
    assert "03/02/2025 may be 2025-02-03 or 2025-03-02: choose below how the dates are written." in html.unescape(page)
    sent(client, draft, "import", **{"0.day.dates": "%Y-%m-%d|%d.%m.%Y|%m/%d/%Y"})
    jobs.job_run(draft.job_id)
    assert [f"{one.day}" for one in SaleLine.objects.order_by("day")] == ["2025-03-01", "2025-03-02", "2025-03-04"]
    assert 'value="%Y-%m-%d|%d.%m.%Y|%m/%d/%Y"' in page
