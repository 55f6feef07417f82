"""What people are told: once, to whom it concerns, and by e-mail where they ask for it."""

import smtplib
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.absences import absence_save
from accounts.models import Absence, DigestMail, Notification
from accounts.notifications import notifications_read, notify, unread_text
from accounts.roles import Role
from core import jobs
from core.errors import DomainError
from core.models import Job, Schedule
from core.sentences import Sentence
from distributors.classification.models import ClassEvent
from distributors.classification.services import classification_run, override_add, policy_default
from distributors.profiles.models import Task
from distributors.profiles.services import lifecycle_move
from distributors.profiles.task_services import task_save
from tests import factories

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 3, 10)
MONDAY = date(2026, 3, 16)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TUESDAY.isoformat()


@pytest.fixture
def east():
    return factories.territory("East")


@pytest.fixture
def lin(east):
    return factories.user(Role.MANAGER, east, name="Lin")


@pytest.fixture
def rui(east):
    return factories.user(Role.REP, east, name="Rui")


def tell(*people, text="It rains", key="rain"):
    notify(people=[person.pk for person in people], kind="task", said=Sentence(text), url="/tasks/", key=key)


def told(person):
    return [str(row) for row in Notification.objects.filter(user=person).order_by("pk")]


def test_a_batch_of_people_is_told_in_one_statement_and_each_once(lin):
    people = [factories.user(Role.REP) for _number in range(30)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        tell(*people, *people)
    assert len(queries) <= 1
    tell(*people)
    assert Notification.objects.count() == 30


def test_the_bell_counts_what_is_unread_and_no_further_than_it_must(rui, lin):
    assert unread_text(rui) == ""
    for number in range(102):
        tell(rui, key=str(number))
    assert unread_text(rui) == "100+"
    assert unread_text(lin) == ""
    notifications_read(user=rui)
    assert unread_text(rui) == ""


def test_opening_one_marks_it_and_leads_to_its_object(rui, lin, client):
    tell(rui, lin)
    tell(rui, key="snow", text="It snows")
    client.force_login(rui)
    page = client.get(reverse("accounts:notification-list")).content.decode()
    assert "It rains" in page
    row = Notification.objects.get(user=rui, key="rain")
    assert client.get(reverse("accounts:notification-open", args=[row.pk])).headers["Location"] == "/tasks/"
    assert [one.key for one in Notification.objects.filter(user=rui, read_at=None)] == ["snow"]
    client.post(reverse("accounts:notification-read"))
    assert not Notification.objects.filter(user=rui, read_at=None).exists()
    assert Notification.objects.filter(user=lin, read_at=None).exists()


def test_nobody_reads_what_another_was_told(rui, lin, client):
    tell(lin)
    client.force_login(rui)
    row = Notification.objects.get()
    assert client.get(reverse("accounts:notification-open", args=[row.pk])).status_code == 404
    client.post(reverse("accounts:notification-read"), {"only": row.pk})
    row.refresh_from_db()
    assert row.read_at is None


# What is told


def test_a_task_is_told_to_whom_it_is_given_and_not_to_oneself(lin, rui):
    fields = {"distributor": None, "note": "", "due_on": TUESDAY}
    task = task_save(actor=lin, instance=Task(), title="Call them", owner=rui, **fields)
    task_save(actor=lin, instance=Task(), title="My own", owner=lin, **fields)
    task_save(actor=lin, instance=task, title="Call them soon", owner=rui, version=1, **fields)
    assert told(rui) == ["Lin gave you a task: Call them"]
    assert told(lin) == []


def test_a_decision_that_waits_is_told_to_managers_above_and_who_stands_in(east, lin, rui):
    city, hua = factories.territory("Shanghai", parent=east), factories.user(Role.MANAGER, factories.territory())
    beside = factories.user(Role.MANAGER, factories.territory())
    absence_save(actor=lin, instance=Absence(), user=lin, starts_on=TUESDAY, ends_on=TUESDAY, delegate=hua, reason="")
    made = factories.distributor(city, rui, state="prospect", legal_name="Hangzhou Trading")
    lifecycle_move(actor=rui, distributor=made, name="submit", reason="complete")
    assert told(lin) == ["Hangzhou Trading waits for approval"]
    assert told(hua) == ["You decide for Lin from 2026-03-10 to 2026-03-10", "Hangzhou Trading waits for approval"]
    assert told(rui) == told(beside) == []


def test_a_class_set_by_hand_is_told_to_the_owner(east, lin, rui):
    made = factories.distributor(east, rui, legal_name="Hangzhou Trading", standing={"abc": "B"})
    override_add(actor=lin, distributor=made, klass="A", reason="wins", ends_on=TUESDAY + timedelta(days=9))
    assert told(rui) == ["Lin set the class of Hangzhou Trading to A by hand"]


def test_a_close_tells_each_owner_once_with_counts(east, lin, rui):
    other = factories.user(Role.REP, east)
    rows = [factories.distributor(east, owner, standing={"abc": "A"}) for owner in (rui, rui, other)]
    product = factories.product()
    for row in rows:
        factories.sale_line(row, product)
    run = classification_run(policy=policy_default(), as_of=date(2026, 3, 1), official=True, actor=lin)
    moved = ClassEvent.objects.filter(run=run).exclude(before="")
    counts = {owner: moved.filter(distributor__owner=owner).count() for owner in (rui, other)}
    assert sum(counts.values()) > 0
    for owner, count in counts.items():
        assert len(told(owner)) == (1 if count else 0)
        if count:
            assert f"The class of {count} of your distributors changed at the close of 2026-03-01" in told(owner)[0]


@jobs.handler("tests.told")
def _work(run):
    if run.args.get("fail"):
        raise DomainError("the file is empty")
    return {}


def test_who_started_a_job_hears_of_its_end(rui):
    for fail in (False, True):
        job = jobs.job_create(kind="tests.told", actor=rui, title="Export", args={"fail": fail})
        jobs.job_run(job.pk)
        jobs.job_run(job.pk)
    nobody = jobs.job_create(kind="tests.told", actor=None)
    jobs.job_run(nobody.pk)
    assert told(rui) == ["Export is done", "Export failed: the file is empty"]
    assert Notification.objects.count() == 2


# By e-mail


@pytest.fixture
def rain(rui):
    type(rui).objects.filter(pk=rui.pk).update(digest="daily", language="zh-hans")
    rui.refresh_from_db()
    tell(rui)
    return rui


def send(day=TUESDAY, again=False):
    kind = "accounts.digest_again" if again else "accounts.digest"
    job = jobs.job_create(kind=kind, actor=None)
    jobs.job_run(job.pk)
    return Job.objects.get(pk=job.pk)


def test_a_digest_goes_to_who_asked_once_in_their_language(rain, lin):
    tell(lin)
    assert send().result == {"sent": 1}
    assert send(again=True).result == {"sent": 0}
    (letter,) = mail.outbox
    assert letter.to == [rain.email]
    assert "未读" in letter.subject
    assert "It rains" in letter.body
    assert "http://127.0.0.1:8000/tasks/" in letter.body


def test_what_was_mailed_or_read_is_not_mailed_again(rain, settings):
    send()
    settings.TODAY = (TUESDAY + timedelta(days=1)).isoformat()
    tell(rain, key="read", text="Read already")
    notifications_read(user=rain)
    assert send().result == {"sent": 0}
    tell(rain, key="new", text="New today")
    settings.TODAY = (TUESDAY + timedelta(days=2)).isoformat()
    assert send().result == {"sent": 1}
    assert "It rains" not in mail.outbox[-1].body
    assert "New today" in mail.outbox[-1].body


def test_a_weekly_digest_goes_on_mondays(rain, settings):
    type(rain).objects.filter(pk=rain.pk).update(digest="weekly")
    assert send().result == {"sent": 0}
    settings.TODAY = MONDAY.isoformat()
    assert send().result == {"sent": 1}


def test_a_mail_server_that_is_away_loses_and_doubles_nothing(rain, monkeypatch):
    from django.core.mail.backends.locmem import EmailBackend

    def away(_self):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", away)
        failed = send()
    assert failed.state == Job.State.FAILED
    assert "cannot be reached" in str(failed.error)
    assert mail.outbox == []
    assert DigestMail.objects.get().sent_at is None
    assert send(again=True).result == {"sent": 1}
    assert send(again=True).result == {"sent": 0}
    assert len(mail.outbox) == 1


def test_an_address_that_is_refused_does_not_hold_up_the_others(rain, lin, monkeypatch):
    from django.core.mail.backends.locmem import EmailBackend

    type(lin).objects.filter(pk=lin.pk).update(digest="daily")
    tell(lin)
    plain = EmailBackend.send_messages

    def picky(self, messages):
        if messages[0].to == [rain.email]:
            raise smtplib.SMTPRecipientsRefused({rain.email: (550, b"unknown")})
        return plain(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", picky)
    assert send().result == {"sent": 1}
    assert [letter.to for letter in mail.outbox] == [[lin.email]]


def test_a_worker_killed_while_it_hands_over_sends_no_mail_twice(rain, settings):
    send_day = DigestMail.objects.create(user=rain, day=TUESDAY, claimed_at="2026-03-10T06:30:00Z")
    assert send(again=True).result == {"sent": 0}
    assert mail.outbox == []
    settings.TODAY = (TUESDAY + timedelta(days=1)).isoformat()
    assert send().result == {"sent": 1}
    assert "It rains" in mail.outbox[0].body
    send_day.refresh_from_db()
    assert send_day.sent_at is None


def test_two_workers_that_send_at_once_send_one_mail(rain):
    from accounts.notifications import _send

    row = DigestMail.objects.create(user=rain, day=TUESDAY)
    rows = list(Notification.objects.filter(user=rain))
    from django.core.mail import get_connection

    assert _send(row, rows, get_connection()) == 1
    assert _send(row, rows, get_connection()) == 0
    assert len(mail.outbox) == 1


def test_the_preference_is_kept_and_the_schedules_are_there(rui, client):
    client.force_login(rui)
    client.post(reverse("accounts:preferences"), {"digest": "weekly"})
    rui.refresh_from_db()
    assert rui.digest == "weekly"
    jobs.tick()
    assert {"accounts.digest", "accounts.digest_again"} <= set(Schedule.objects.values_list("name", flat=True))
