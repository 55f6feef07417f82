"""The card beside its identity: groups, dated rows, outlets, files, completeness; and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse

from accounts.roles import Role
from core import database
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent
from core.timeline import Span, timeline_events
from distributors.profiles.card.calculations import FIELDS, POINTS, completeness
from distributors.profiles.card.missing import WORDS
from distributors.profiles.card.presence import completeness_write, conditions, present_in
from distributors.profiles.card.services import brands_save, figures_save, outlet_save
from distributors.profiles.merging import distributor_merge, distributor_unmerge
from distributors.profiles.models import (
    BrandShare,
    BrandSurvey,
    BusinessFigures,
    CardFile,
    Contract,
    Cooperation,
    Distributor,
    Organisation,
    OtherName,
    Outlet,
    Standing,
)
from tests import factories
from tests.profiles.cards import filled
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 12)
PDF = b"%PDF-1.7 of a test"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def rui():
    return factories.user(Role.REP, name="Rui")


@pytest.fixture
def hangzhou(rui):
    return factories.distributor(factories.territory("East"), rui, legal_name="Hangzhou Trading")


@pytest.fixture
def signed_in(client, rui):
    client.force_login(rui)
    return client


def group_url(one, group):
    return reverse("profiles:card-group", args=[one.pk, group])


def add_url(one, kind):
    return reverse("profiles:cardrow-add", args=[one.pk, kind])


def row_url(row, kind, name="edit"):
    return reverse(f"profiles:cardrow-{name}", args=[row.distributor_id, kind, row.pk])


def profile(client, one):
    return client.get(reverse("profiles:distributor-profile", args=[one.pk])).content.decode()


def brands(day, *rows):
    body = {"as_of": day, "row-TOTAL_FORMS": len(rows), "row-INITIAL_FORMS": 0}
    for place, (brand, share, ours) in enumerate(rows):
        body |= {f"row-{place}-brand": brand, f"row-{place}-share": share}
        body |= {f"row-{place}-ours": "on"} if ours else {}
    return body


def verbs():
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_a_group_of_the_card_is_filled_in_and_shown_with_its_trail(signed_in, hangzhou):
    lin = factories.contact(hangzhou, name="Lin Hai")
    body = {"settlement_method": "transfer", "settlement_days": "45", "settlement_contact": lin.pk, "version": "0"}
    page = signed_in.post(group_url(hangzhou, "cooperation"), body)
    assert page.status_code == 302
    assert page["Location"].endswith("#cooperation")
    held = Cooperation.objects.get()
    assert (held.settlement_days, held.settlement_contact, held.version) == (45, lin, 1)
    text = profile(signed_in, hangzhou)
    assert "bank transfer on account" in text
    assert "Lin Hai" in text
    event = AuditEvent.objects.get(verb="card.changed")
    assert (event.target_id, event.after["settlement_days"]) == (str(hangzhou.pk), "45")


def test_saving_what_is_saved_leaves_no_trace(signed_in, hangzhou):
    body = {"house_rules": "Ask for Lin first", "version": "0"}
    signed_in.post(group_url(hangzhou, "organisation"), body)
    signed_in.post(group_url(hangzhou, "organisation"), body | {"version": "1"})
    assert verbs() == ["card.changed"]
    assert Organisation.objects.get().version == 1


def test_two_who_fill_in_one_group_see_the_difference(signed_in, hangzhou):
    signed_in.post(group_url(hangzhou, "organisation"), {"house_rules": "First", "version": "0"})
    page = signed_in.post(group_url(hangzhou, "organisation"), {"house_rules": "Second", "version": "0"})
    assert page.status_code == 409
    assert "First" in page.content.decode()
    assert Organisation.objects.get().house_rules == "First"
    again = signed_in.post(group_url(hangzhou, "organisation"), {"house_rules": "Second", "version": "1"})
    assert again.status_code == 302
    assert Organisation.objects.get().house_rules == "Second"


def test_people_of_another_distributor_are_no_choice(signed_in, hangzhou, rui):
    other = factories.contact(factories.distributor(hangzhou.territory, rui))
    page = signed_in.post(group_url(hangzhou, "cooperation"), {"opened_with": other.pk, "version": "0"})
    assert page.status_code == 422
    assert not Cooperation.objects.exists()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"as_of": "2026-03-13", "staff": "3"}, "still to come"),
        ({"as_of": "2026-03-01"}, "at least one figure"),
        ({"as_of": "2026-03-01", "staff": "3", "sales_staff": "4"}, "More sellers than staff"),
        ({"as_of": "2026-03-01", "turnover": "5"}, "in which currency"),
        ({"as_of": "2026-03-01", "turnover": "-5", "currency": "CNY"}, "not below zero"),
        ({"as_of": "2026-02-30", "staff": "3"}, "valid date"),
        ({"as_of": "2026-03-01", "staff": "99999999999"}, "less than or equal"),
    ],
)
def test_figures_that_cannot_be_are_refused(signed_in, hangzhou, body, says):
    page = signed_in.post(add_url(hangzhou, "figures"), body)
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not BusinessFigures.objects.exists()
    assert verbs() == []


def test_figures_of_one_day_are_entered_once_changed_and_removed(signed_in, hangzhou):
    body = {"as_of": "2026-03-01", "staff": "30", "wallet": "5000000", "currency": "cny"}
    assert signed_in.post(add_url(hangzhou, "figures"), body).status_code == 302
    row = BusinessFigures.objects.get()
    assert (row.wallet, row.currency, row.version) == (Decimal(5_000_000), "CNY", 1)
    twice = signed_in.post(add_url(hangzhou, "figures"), body)
    assert twice.status_code == 422
    assert "already" in twice.content.decode()
    assert signed_in.post(row_url(row, "figures"), body | {"staff": "31", "version": "1"}).status_code == 302
    row.refresh_from_db()
    assert row.staff == 31
    assert signed_in.post(row_url(row, "figures"), body | {"staff": "7", "version": "1"}).status_code == 409
    assert "5,000,000 CNY" in profile(signed_in, hangzhou)
    assert signed_in.get(row_url(row, "figures", "remove")).status_code == 200
    assert BusinessFigures.objects.exists()
    assert signed_in.post(row_url(row, "figures", "remove")).status_code == 302
    assert not BusinessFigures.objects.exists()
    assert verbs() == ["card.figures_saved", "card.figures_saved", "card.figures_removed"]


def test_shares_of_a_day_above_a_hundred_are_refused_in_a_sentence(signed_in, hangzhou):
    page = signed_in.post(
        add_url(hangzhou, "brands"), brands("2026-03-01", ("Ours", "60", True), ("Theirs", "41", False))
    )
    assert page.status_code == 422
    assert "The shares come to 101.00 %; together they are 100 % at most." in page.content.decode()
    assert not BrandSurvey.objects.exists()


def test_the_brands_of_a_day_are_replaced_as_a_whole(signed_in, hangzhou):
    signed_in.post(add_url(hangzhou, "brands"), brands("2026-03-01", ("Ours", "60", True), ("Theirs", "40", False)))
    survey = BrandSurvey.objects.get()
    body = brands("2026-03-01", ("Ours", "55", True)) | {"version": "1"}
    assert signed_in.post(row_url(survey, "brands"), body).status_code == 302
    assert list(BrandShare.objects.values_list("brand", "share", "ours")) == [("Ours", Decimal(55), True)]
    stale = signed_in.post(row_url(survey, "brands"), brands("2026-03-01", ("Ours", "50", True)) | {"version": "1"})
    assert stale.status_code == 409
    assert "Ours 55 %" in stale.content.decode()
    assert BrandShare.objects.get().share == 55
    assert signed_in.post(row_url(survey, "brands", "remove")).status_code == 302
    assert not BrandShare.objects.exists()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "at least one brand"),
        ([("Ours", "60", True), ("ours", "10", False)], "named twice"),
        ([("Ours", "", True)], "which share"),
        ([("", "60", False)], "which brand"),
        ([("Ours", "101", True)], "less than or equal to 100"),
    ],
)
def test_brands_that_say_nothing_are_refused(signed_in, hangzhou, rows, says):
    page = signed_in.post(add_url(hangzhou, "brands"), brands("2026-03-01", *rows))
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not BrandSurvey.objects.exists()


def test_the_form_of_brands_gives_more_rows_and_loses_nothing(signed_in, hangzhou):
    page = signed_in.post(add_url(hangzhou, "brands"), brands("2026-03-01", ("Ours", "60", True)) | {"more": "1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="row-3-brand"' in text
    assert 'value="Ours"' in text
    assert not BrandSurvey.objects.exists()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": " "}, "required"),
        ({"name": "A", "opened_on": "2026-03-05", "closed_on": "2026-03-01"}, "closed before it opened"),
        ({"name": "A", "latitude": "30"}, "both or none"),
        ({"name": "A", "latitude": "91", "longitude": "0"}, "less than or equal to 90"),
        ({"name": "A", "size_m2": "-1"}, "greater than or equal"),
        ({"name": "Old Street"}, "already"),
    ],
)
def test_an_outlet_that_cannot_be_is_refused(signed_in, hangzhou, body, says):
    Outlet.objects.create(distributor=hangzhou, name="Old Street")
    page = signed_in.post(add_url(hangzhou, "outlets"), {"kind": "store", **body})
    assert page.status_code == 422
    assert says in page.content.decode()
    assert Outlet.objects.count() == 1


def test_an_outlet_is_found_listed_and_exported(signed_in, hangzhou):
    body = {"name": "Westlake Shop", "kind": "store", "city": "Hangzhou", "size_m2": "80"}
    assert signed_in.post(add_url(hangzhou, "outlets"), body).status_code == 302
    outlet = Outlet.objects.get()
    assert outlet.get_absolute_url() in signed_in.get(reverse("core:search") + "?q=westlake").content.decode()
    export = signed_in.get(reverse("profiles:outlet-list") + "?export=csv")
    assert "Westlake Shop" in b"".join(export.streaming_content).decode()
    page = signed_in.get(outlet.get_absolute_url()).content.decode()
    assert "80 m²" in page
    assert row_url(outlet, "outlets") in page
    signed_in.post(row_url(outlet, "outlets", "remove"))
    assert outlet.get_absolute_url() not in signed_in.get(reverse("core:search") + "?q=westlake").content.decode()


def test_a_name_in_another_language_finds_the_company(signed_in, hangzhou):
    assert (
        signed_in.post(add_url(hangzhou, "names"), {"language": "vi", "name": "Cong ty Hang Chau"}).status_code == 302
    )
    assert hangzhou.get_absolute_url() in signed_in.get(reverse("core:search") + "?q=hang+chau").content.decode()
    twice = signed_in.post(add_url(hangzhou, "names"), {"language": "vi", "name": "Another"})
    assert twice.status_code == 422
    assert OtherName.objects.get().name == "Cong ty Hang Chau"


def upload(name="licence.pdf", content=PDF, **fields):
    return {"kind": "licence", "file": SimpleUploadedFile(name, content), **fields}


def test_a_file_is_kept_fetched_by_who_sees_the_card_and_removed(signed_in, hangzhou, client):
    assert signed_in.post(add_url(hangzhou, "files"), upload(valid_until="2026-04-01")).status_code == 302
    held = CardFile.objects.get()
    assert (held.name, held.content_type) == ("licence.pdf", "application/pdf")
    assert "valid until" in profile(signed_in, hangzhou)
    answer = signed_in.get(reverse("profiles:cardfile-file", args=[held.pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert "attachment" in answer["Content-Disposition"]
    twice = signed_in.post(add_url(hangzhou, "files"), upload())
    assert twice.status_code == 422
    signed_in.post(row_url(held, "files", "remove"))
    assert not CardFile.objects.exists()
    assert verbs() == ["card.file_saved", "card.file_removed"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"content": b"MZ of a program"}, "its content says so"),
        ({"content": PDF, "kind": "photo"}, "no picture"),
        ({"content": PDF, "issued_on": "2026-03-05", "valid_until": "2026-03-01"}, "before it was issued"),
        ({"content": b""}, "empty"),
    ],
)
def test_a_document_of_the_wrong_kind_is_refused(signed_in, hangzhou, given, says):
    fields = dict(given)
    page = signed_in.post(add_url(hangzhou, "files"), upload(content=fields.pop("content"), **fields))
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not CardFile.objects.exists()


def test_a_card_that_is_merged_is_not_filled_in(signed_in, hangzhou, rui):
    Distributor.objects.filter(pk=hangzhou.pk).update(merged_into=factories.distributor(hangzhou.territory, rui))
    page = signed_in.post(group_url(hangzhou, "organisation"), {"house_rules": "x", "version": "0"})
    assert page.status_code == 422
    assert not Organisation.objects.filter(version__gt=0).exists()
    assert add_url(hangzhou, "figures") not in profile(signed_in, hangzhou)


def test_the_rows_of_a_merged_card_are_read_from_the_card_that_stays_and_go_back(signed_in, hangzhou, rui):
    lin = factories.user(Role.ADMIN)
    other = factories.distributor(hangzhou.territory, rui, code="OLD-1")
    Outlet.objects.create(distributor=other, name="South shop", opened_on=date(2020, 5, 1))
    BusinessFigures.objects.create(distributor=other, as_of=date(2025, 1, 31), staff=7, updated_by=rui)
    signed_in.post(add_url(other, "brands"), brands("2025-02-28", ("Red", "40", False)))
    signed_in.post(add_url(other, "files"), upload())
    distributor_merge(actor=lin, source=other, survivor=hangzhou, reason="one firm")
    signed_in.force_login(lin)
    text = profile(signed_in, hangzhou)
    part = text[text.index('id="merged"') :]
    for words in ("OLD-1", "South shop", "31 January 2025", "Red 40 %", "licence.pdf"):
        assert words in part
    events = timeline_events(lin, [hangzhou.pk], Span(TODAY))
    assert "South shop: outlet opened" in {event.title for event in events}
    distributor_unmerge(actor=lin, source=Distributor.objects.get(pk=other.pk), reason="two firms")
    assert 'id="merged"' not in profile(signed_in, hangzhou)
    assert "South shop" in profile(signed_in, other)


# Completeness


def test_the_points_of_all_fields_are_a_hundred_and_each_field_says_why_it_matters():
    assert sum(FIELDS.values()) == 100
    assert sum(len(group) for group in POINTS.values()) == len(FIELDS)
    assert set(WORDS) == set(FIELDS) == set(conditions())


def test_a_whole_card_is_complete_and_an_empty_one_is_not(hangzhou, rui):
    empty = factories.distributor(hangzhou.territory, rui)
    filled(hangzhou, rui)
    completeness_write()
    standings = dict(Standing.objects.values_list("distributor_id", "completeness"))
    assert standings[hangzhou.pk] == 100
    assert standings[empty.pk] == completeness(present_in(empty.pk)).percent == 0
    assert completeness_write() == 0


def test_the_standing_says_what_the_calculation_says_after_each_change(signed_in, hangzhou):
    signed_in.post(group_url(hangzhou, "organisation"), {"house_rules": "x", "version": "0"})
    signed_in.post(add_url(hangzhou, "figures"), {"as_of": "2026-03-01", "staff": "3", "vehicles": "1"})
    signed_in.post(add_url(hangzhou, "outlets"), {"name": "A", "kind": "store"})
    expected = FIELDS["house_rules"] + FIELDS["staff"] + FIELDS["vehicles"] + FIELDS["outlets"]
    held = Standing.objects.get(pk=hangzhou.pk).completeness
    assert held == completeness(present_in(hangzhou.pk)).percent == expected


def test_a_contract_counts_from_its_first_day_to_its_last_also_where_it_was_ended_before_its_time(hangzhou):
    row = Contract.objects.create(
        distributor=hangzhou, number="C-1", state="terminated", signed_on=TODAY, valid_from=TODAY, ends_on=TODAY
    )
    assert present_in(hangzhou.pk)["contract"]
    for first, last in ((TODAY - timedelta(days=9), TODAY - timedelta(days=1)), (TODAY + timedelta(days=1), None)):
        Contract.objects.filter(pk=row.pk).update(state="in_force", valid_from=first, ends_on=last)
        assert not present_in(hangzhou.pk)["contract"]


def test_of_no_card_nothing_is_written(hangzhou, rui):
    filled(hangzhou, rui)
    before = Standing.objects.get(distributor=hangzhou).completeness
    assert completeness_write(distributors=[]) == 0
    assert Standing.objects.get(distributor=hangzhou).completeness == before


def test_all_cards_are_written_by_one_statement(hangzhou, rui, django_assert_num_queries):
    for _ in range(3):
        factories.distributor(hangzhou.territory, rui, phone="1")
    with django_assert_num_queries(1):
        assert completeness_write() == 3


def test_the_profile_leads_to_the_field_that_is_missing(signed_in, hangzhou):
    text = profile(signed_in, hangzhou)
    assert f"{group_url(hangzhou, 'cooperation')}#id_settlement_method" in text
    assert "It decides how an order is released." in text


def test_the_card_with_everything_filled_in_asks_few_queries(signed_in, hangzhou, rui, django_assert_max_num_queries):
    filled(hangzhou, rui)
    for person in (rui, factories.user(Role.MANAGER, hangzhou.territory), factories.user()):
        signed_in.force_login(person)
        profile(signed_in, hangzhou)
        with django_assert_max_num_queries(25):
            text = profile(signed_in, hangzhou)
    assert "100 % complete" in text


def test_the_list_sorts_and_filters_by_completeness(signed_in, hangzhou):
    completeness_write()
    Standing.objects.filter(pk=hangzhou.pk).update(completeness=60)
    url = reverse("profiles:distributor-list")
    assert (
        "Hangzhou"
        in signed_in.get(url + "?complete=50-79&columns=name,completeness&sort=-completeness").content.decode()
    )
    assert hangzhou.get_absolute_url() not in signed_in.get(url + "?complete=0-49").content.decode()


def test_nobody_writes_the_card_of_another(client, hangzhou):
    client.force_login(factories.user(Role.REP, hangzhou.territory))
    assert client.get(group_url(hangzhou, "organisation")).status_code == 404
    assert client.post(add_url(hangzhou, "figures"), {"as_of": "2026-03-01", "staff": "1"}).status_code == 404
    assert not BusinessFigures.objects.exists()


def test_a_service_refuses_what_the_form_would(hangzhou, rui):
    with pytest.raises(DomainError, match="100"):
        brands_save(
            actor=rui,
            instance=BrandSurvey(distributor=hangzhou),
            as_of=TODAY,
            shares=[
                {"brand": "A", "share": Decimal(70), "ours": False},
                {"brand": "B", "share": Decimal(31), "ours": False},
            ],
        )
    assert not BrandSurvey.objects.exists()


def test_brands_saved_over_those_of_another_are_refused_also_where_they_say_what_was_read(hangzhou, rui):
    def shares(brand):
        return [{"brand": brand, "share": Decimal(70), "ours": False}]

    made = brands_save(actor=rui, instance=BrandSurvey(distributor=hangzhou), as_of=TODAY, shares=shares("A"))
    brands_save(actor=rui, instance=made, version=1, as_of=TODAY, shares=shares("B"))
    with pytest.raises(StaleVersion):
        brands_save(actor=rui, instance=made, version=1, as_of=TODAY, shares=shares("B"))
    assert (BrandSurvey.objects.get().version, BrandShare.objects.get().brand) == (2, "B")
    BrandShare.objects.all().delete()
    BrandSurvey.objects.all().delete()
    with pytest.raises(StaleVersion):
        brands_save(actor=rui, instance=made, as_of=TODAY, shares=shares("C"))
    assert not BrandSurvey.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_a_card_at_once_the_second_counts_what_the_first_saved():
    rui = factories.user(Role.REP)
    one = factories.distributor(factories.territory(), rui)

    def second():
        try:
            figures_save(actor=rui, instance=BusinessFigures(distributor=one), as_of=TODAY, staff=3)
        finally:
            connection.close()

    thread = Thread(target=second)
    with transaction.atomic():
        outlet_save(actor=rui, instance=Outlet(distributor=one), name="A", kind="store")
        thread.start()
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        wait_until(lambda: database.rows(waiting), within=30, what="wait for the row")
    thread.join(timeout=60)
    assert Standing.objects.get(pk=one.pk).completeness == FIELDS["outlets"] + FIELDS["staff"]
