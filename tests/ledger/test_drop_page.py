"""The page of the drop folder: which files are read how, what lies there, what was read last."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from core import clock
from core.models import AuditEvent, Job
from distributors.ledger.models import DropFile, DropLook, DropRule, Import, ImportProfile
from tests import factories
from tests.access import PROFILE
from tests.ledger.records import bring, lines, small_world

pytestmark = pytest.mark.django_db

LIST = "/settings/drop-folder/"
GIVEN = {"pattern": "sales-*.csv", "kind": "sales", "profile": "", "active": "on"}


@pytest.fixture
def admin(client, settings, tmp_path):
    settings.TODAY = "2025-04-01"
    settings.IMPORT_FOLDER = tmp_path
    user = factories.user(Role.ADMIN)
    client.force_login(user)
    return user


@pytest.fixture
def mapping(admin):
    return ImportProfile.objects.create(kind="sales", name="ERP", text=PROFILE)


def add(client, **fields):
    return client.post(f"{LIST}add/", GIVEN | fields)


def body(client, url=LIST):
    return client.get(url).content.decode()


def seen(name="sales-1.csv", **fields):
    now = clock.instant()
    return DropFile.objects.create(
        **{"name": name, "size": 2048, "modified": 1, "seen_at": now, "first_seen_at": now} | fields
    )


def test_an_administrator_says_how_files_are_read(client, admin, mapping):
    response = add(client, profile=mapping.pk, good_only="on")
    assert (response.status_code, response["Location"]) == (302, LIST)
    made = DropRule.objects.get()
    assert (made.pattern, made.kind, made.profile, made.good_only, made.active) == (
        "sales-*.csv",
        "sales",
        mapping,
        True,
        True,
    )
    event = AuditEvent.objects.get(verb="droprule.saved")
    assert (event.actor, event.after["mapping"]) == (admin, "ERP")
    page = body(client)
    assert "sales-*.csv" in page
    assert "good rows only" in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pattern": " / "}, "Say how the files are called"),
        ({"pattern": ".hidden"}, "begin with a point"),
        ({"pattern": "done/*.csv"}, "lies what was read already"),
        ({"pattern": "a/b/c/d.csv"}, "Folders are read 2 deep"),
        ({"pattern": "SALES-*.csv"}, "There is a row for this pattern already"),
        ({"pattern": "rates.csv", "kind": "rates", "profile": "mapping"}, "is for Sale lines"),
        ({"kind": "nonsense"}, "nonsense"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(client, admin, mapping, fields, said):
    add(client)
    if fields.get("profile"):
        fields = fields | {"profile": mapping.pk}
    response = add(client, **fields)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert [rule.pattern for rule in DropRule.objects.all()] == ["sales-*.csv"]


def test_a_row_is_stopped_and_of_two_who_change_it_the_second_sees_the_difference(client, admin):
    add(client)
    rule = DropRule.objects.get()
    url = f"{LIST}{rule.pk}/edit/"
    stopped = {name: value for name, value in GIVEN.items() if name != "active"}
    assert client.post(url, stopped | {"version": 1}).status_code == 302
    rule.refresh_from_db()
    assert (rule.active, rule.version) == (False, 2)
    late = client.post(url, GIVEN | {"version": 1, "pattern": "other-*.csv"})
    assert late.status_code == 409
    assert "sales-*.csv" in late.content.decode()
    rule.refresh_from_db()
    assert (rule.pattern, rule.version) == ("sales-*.csv", 2)
    assert "stopped" in body(client)


def test_the_page_shows_what_waits_and_for_what(client, admin):
    add(client)
    seen("sales-1.csv")
    seen("who-knows.csv", state="unknown")
    page = body(client)
    assert "until it stays as it is for 30 seconds" in page
    assert "nobody has said what this file is" in page
    assert f"{LIST}add/?pattern=who-knows.csv" in page
    assert 'value="who-knows.csv"' in body(client, f"{LIST}add/?pattern=who-knows.csv")


def test_the_page_shows_what_was_read_last_with_its_import(client, admin):
    small_world()
    made = bring(lines("L1,D1,P1,2025-03-01,2,10.00,CNY"))
    Import.objects.filter(pk=made.pk).update(origin="folder")
    seen(state="done", import_file=made, ended_at=clock.instant(), kept_as="done/x-1-sales-1.csv")
    seen("link.csv", state="refused", ended_at=clock.instant(), why="It is a link.")
    page = body(client)
    assert made.get_absolute_url() in page
    assert "done/x-1-sales-1.csv" in page
    assert "It is a link." in page
    assert "drop folder" in body(client, made.get_absolute_url())
    assert "sales.csv" in body(client, reverse("ledger:import-list") + "?origin=folder&columns=filename,origin")


def test_the_page_says_when_nobody_looks_and_what_stands_against_it(client, admin):
    assert "Nobody has looked into the folder yet" in body(client)
    DropLook.objects.create(pk=1, looked_at=clock.instant(), trouble="The disk is away.")
    assert "The disk is away." in body(client)


def test_a_look_is_asked_for_once_however_often_it_is_pressed(client, admin):
    for _press in range(3):
        assert client.post(f"{LIST}look/").status_code == 302
    assert Job.objects.get(kind="ledger.drop").created_by == admin


def test_a_mapping_in_use_says_so_where_somebody_deletes_it(client, admin, mapping):
    add(client, profile=mapping.pk)
    response = client.post(reverse("ledger:importprofile-delete", args=[mapping.pk]), follow=True)
    assert "choose another mapping for these first" in response.content.decode()
    assert ImportProfile.objects.filter(pk=mapping.pk).exists()


def test_the_number_of_queries_does_not_grow_with_the_files(client, admin, django_assert_max_num_queries):
    add(client)
    for number in range(30):
        seen(f"sales-{number}.csv")
        seen(f"old-{number}.csv", state="refused", ended_at=clock.instant())
    with django_assert_max_num_queries(25):
        body(client)
