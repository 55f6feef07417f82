"""Who read the personal fields of somebody else, or took them out in a file, stands in the trail: one entry a read."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from accounts.sections import UserSection
from core import downloads, jobs
from core.models import AuditEvent
from distributors.profiles.sections import DistributorSection
from tests import factories

pytestmark = pytest.mark.django_db
LIST = reverse("accounts:user-list")


@pytest.fixture
def admin(client):
    person = factories.user(Role.ADMIN)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


def trail():
    rows = AuditEvent.objects.filter(verb__startswith="personal.").order_by("pk")
    return list(rows.values_list("actor", "verb", "target_type", "target_id"))


@pytest.mark.parametrize("screen", ["detail", "edit"])
def test_a_page_of_somebody_else_is_a_read_and_ones_own_is_not(client, admin, screen):
    person = factories.user(Role.REP)
    assert client.get(UserSection.url(screen, person.pk)).status_code == 200
    assert trail() == [(admin.pk, "personal.read", "accounts.User", str(person.pk))]
    client.get(UserSection.url(screen, admin.pk))
    assert len(trail()) == 1


def test_a_read_costs_one_entry_and_one_question(client, admin):
    one = factories.user(Role.REP)
    with CaptureQueriesContext(connection) as captured:
        client.get(UserSection.url("detail", one.pk))
    written = [query["sql"] for query in captured if 'INSERT INTO "core_auditevent"' in query["sql"]]
    assert len(written) == 1


def test_an_export_is_one_entry_however_many_rows_it_has(client, admin):
    for _each in range(5):
        factories.user(Role.REP)
    for kind in ("csv", "xlsx"):
        answer = client.get(LIST, {"role": "rep", "export": kind})
        assert len(b"".join(answer.streaming_content)) > 100
    assert trail() == [(admin.pk, "personal.exported", "accounts.User", "")] * 2
    last = AuditEvent.objects.last()
    assert (last.target_text, last.after) == ("People", {"query": "role=rep"})
    client.get(LIST)
    assert len(trail()) == 2


def test_an_export_by_a_job_is_an_entry_of_who_asked(admin):
    downloads.export_start(actor=admin, section=UserSection, query="role=rep")
    assert trail() == []
    job = jobs.Job.objects.get()
    jobs.job_run(job.pk)
    assert trail() == [(admin.pk, "personal.exported", "accounts.User", "")]


def test_who_is_refused_leaves_no_entry_for_nothing_was_read(client):
    client.force_login(factories.user(Role.MANAGER), backend="accounts.backends.EmailBackend")
    person = factories.user(Role.REP)
    assert client.get(UserSection.url("detail", person.pk)).status_code == 403
    assert client.get(LIST, {"export": "csv"}).status_code == 403
    assert client.get(UserSection.url("detail", 999999)).status_code == 403
    assert trail() == []


def test_other_lists_are_exported_without_an_entry(client, admin):
    factories.distributor()
    answer = client.get(DistributorSection.url("list"), {"export": "csv"})
    assert b"".join(answer.streaming_content)
    assert trail() == []


def test_the_trail_says_it_in_words_and_finds_it(client, admin):
    person = factories.user(Role.REP, name="Rui Chen")
    client.get(UserSection.url("detail", person.pk))
    b"".join(client.get(LIST, {"export": "csv"}).streaming_content)
    page = client.get(reverse("core:auditevent-list"), {"verb": "personal.read"}).content.decode()
    assert "personal fields read" in page
    assert "Rui Chen" in page
    page = client.get(reverse("core:auditevent-list"), {"verb": "personal.exported"}).content.decode()
    assert "personal fields exported" in page
    entry = AuditEvent.objects.get(verb="personal.exported")
    assert client.get(reverse("core:auditevent-detail", args=[entry.pk])).status_code == 200
    assert QueryDict(entry.after.get("query", "")) == QueryDict("")
