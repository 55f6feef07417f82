"""People at distributors: entered, changed, left; what is personal apart, noted when read; copied, erased, merged."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent, SearchTerm
from core.needs import needs_of
from distributors.profiles.merging import distributor_merge, distributor_unmerge
from distributors.profiles.models import Contact, ContactPersonal, ContactRelation
from distributors.profiles.people.questions import BY_CODE, share_of, whole_share
from distributors.profiles.people.services import (
    consent_withdraw,
    contact_erase,
    contact_leave,
    contact_return,
    contact_save,
    personal_save,
)
from tests import factories

pytestmark = pytest.mark.django_db

PHONE, FAMILY = "+86 138-0000-4711", "two daughters in Suzhou"
PERSONAL = {"phones": PHONE, "birth_month": 3, "birth_day": 7, "family": FAMILY, "email": "lin@haihe.example"}


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = "2026-03-02"


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def company(town):
    return factories.distributor(town, short_name="Haihe")


@pytest.fixture
def lin(company):
    return factories.contact(company, name="林海", title="Buyer", stance="supporter", **PERSONAL)


def sign_in(client, role, *where, **fields):
    person = factories.user(role, *where, **fields)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


def page(name, contact, **more):
    return reverse(f"profiles:{name}", kwargs={"pk": contact.pk, **more})


def readings():
    return AuditEvent.objects.filter(verb="contact.personal_read")


# Entered and changed


def test_a_person_is_entered_at_the_distributor_the_link_names_and_the_trail_keeps_no_name(client, town, company):
    manager = sign_in(client, Role.MANAGER, town)
    add = reverse("profiles:contact-add")
    assert company.code in client.get(f"{add}?distributor={company.code}").content.decode()
    sent = {"distributor": company.code, "name": " 王芳 ", "level": "owner", "stance": "opponent", "relationship": "4"}
    answer = client.post(add, sent)
    made = Contact.objects.get()
    assert answer.headers["Location"] == made.get_absolute_url()
    assert (made.name, made.distributor, made.relationship, made.personal.phones) == ("王芳", company, 4, "")
    event = AuditEvent.objects.get(verb="contact.created")
    assert (event.actor, event.target_text) == (manager, f"{company.code} #{made.pk}")
    assert event.after == {"level": "owner", "stance": "•••", "relationship": "•••"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"level": ""}, "level"),
        ({"relationship": "6"}, "relationship"),
        ({"relationship": "0"}, "relationship"),
        ({"since": "2026-03-03"}, "since"),
        ({"stance": "foe"}, "stance"),
        ({"distributor": "nobody"}, "distributor"),
        ({"name": "x" * 81}, "name"),
    ],
)
def test_what_is_wrong_with_a_person_is_said_beside_its_field_and_nobody_is_entered(
    client, town, company, wrong, field
):
    sign_in(client, Role.MANAGER, town)
    sent = {"distributor": company.code, "name": "Lin", "level": "owner", **wrong}
    answer = client.post(reverse("profiles:contact-add"), sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Contact.objects.exists()


def test_a_rep_enters_people_at_own_distributors_only(client, town, company):
    rep = sign_in(client, Role.REP, town)
    own = factories.distributor(town, rep)
    for at, status in ((company, 422), (factories.distributor(), 422), (own, 302)):
        sent = {"distributor": at.code, "name": "Lin", "level": "owner"}
        assert client.post(reverse("profiles:contact-add"), sent).status_code == status
    assert [one.distributor for one in Contact.objects.all()] == [own]


def test_the_second_of_two_who_change_a_person_is_shown_the_difference(client, town, lin):
    sign_in(client, Role.MANAGER, town)
    other = factories.user(Role.ADMIN, name="Mei")
    work = {"title": "Buyer", "level": "middle", "decision_role": "", "stance": "opponent", "relationship": None}
    fields = {"function": "", "disc": "", "since": None}
    contact_save(actor=other, instance=lin, version=1, name="林海", **work, **fields)
    sent = {"name": "林海", "level": "middle", "title": "Head buyer", "stance": "supporter", "version": "1"}
    answer = client.post(page("contact-edit", lin), sent)
    assert answer.status_code == 409
    assert {"label": "title", "yours": "Head buyer", "theirs": "Buyer"} in [
        {**row, "label": "title"} for row in answer.context["conflict"]["rows"] if row["yours"] == "Head buyer"
    ]
    lin.refresh_from_db()
    assert (lin.title, lin.stance) == ("Buyer", "opponent")
    assert client.post(page("contact-edit", lin), sent | {"version": "2"}).status_code == 302
    lin.refresh_from_db()
    assert lin.title == "Head buyer"
    name = AuditEvent.objects.filter(verb="contact.changed").latest("pk")
    assert name.before == name.after == {"title": "•••", "stance": "•••"}


def test_a_new_name_is_found_and_stands_nowhere_in_the_trail(client, town, lin):
    sign_in(client, Role.MANAGER, town)
    sent = {"name": "赵明", "level": "middle", "version": "1"}
    client.post(page("contact-edit", lin), sent)
    event = AuditEvent.objects.get(verb="contact.changed")
    assert "赵明" not in json.dumps([event.before, event.after, event.target_text], ensure_ascii=False)
    assert event.after["name"] == "•••"
    for word, hits in (("zhaoming", 1), ("赵明", 1), ("林海", 0)):
        found = client.get(reverse("core:search"), {"q": word}).content.decode()
        assert (lin.get_absolute_url() in found) == bool(hits), word


def test_whoever_left_stands_apart_and_may_come_back(client, town, company, lin):
    manager = sign_in(client, Role.MANAGER, town)
    assert client.post(page("contact-leave", lin), {"left_on": "2026-03-03"}).status_code == 422
    with pytest.raises(DomainError):
        contact_return(actor=manager, contact=lin)
    assert not AuditEvent.objects.filter(target_type="profiles.Contact").exists()
    assert client.post(page("contact-leave", lin), {"left_on": "2026-03-01"}).status_code == 302
    with pytest.raises(DomainError):
        contact_leave(actor=manager, contact=lin, left_on=date(2026, 2, 1))
    tab = client.get(page("distributor-people", company)).context
    assert (tab["levels"], [row["contact"] for row in tab["left"]], tab["count"]) == ([], [lin], 0)
    listed = {here: len(client.get(reverse("profiles:contact-list"), {"here": here}).context["table"]["rows"])
              for here in ("yes", "no")}  # fmt: skip
    assert listed == {"yes": 0, "no": 1}
    client.post(page("contact-return", lin))
    lin.refresh_from_db()
    assert lin.left_on is None


def test_the_tab_tells_stance_by_sign_and_word_and_dials_the_first_number(client, town, company, lin):
    sign_in(client, Role.MANAGER, town)
    text = client.get(page("distributor-people", company)).content.decode()
    assert "▲ supporter" in text
    assert 'href="tel:+8613800004711"' in text
    assert "Middle management" in text


# What is personal


def test_the_shares_count_answered_questions(lin):
    assert (share_of(lin.personal, BY_CODE["reach"].questions).answered, whole_share(lin, None).asked) == (2, 7)
    whole = whole_share(lin, lin.personal)
    assert (whole.answered, whole.asked, whole.percent) == (6, 18, 33)


def test_each_reading_of_what_is_personal_is_one_row_of_the_trail_without_it(client, town, company, lin):
    manager = sign_in(client, Role.MANAGER, town)
    factories.contact(company, name="Nobody's number")
    for name, expected in (
        ("distributor-people", "phones"),
        ("contact-detail", "all"),
        ("contactpersonal-edit", "all"),
        ("contact-copy", "file"),
    ):
        before = readings().count()
        client.get(page(name, company if name == "distributor-people" else lin))
        row = readings().latest("pk")
        assert readings().count() == before + 1, name
        assert (row.actor, row.target_id, row.before, row.after) == (manager, str(lin.pk), {}, {"fields": expected})
    client.get(reverse("profiles:contact-list"))
    assert readings().count() == 4


@pytest.mark.parametrize("role", [Role.FINANCE, Role.INSPECTOR, Role.ANALYST, Role.REP])
def test_who_does_not_answer_for_a_person_sees_nothing_personal_by_any_exit(client, town, company, lin, role):
    sign_in(client, role, town)
    listing = reverse("profiles:contact-list")
    columns = "name,title,stance,since,left_on,disc,phones,family,personal__family"
    for url in (
        page("distributor-people", company),
        page("contact-detail", lin),
        listing,
        f"{listing}?export=csv&columns={columns}",
        f"{listing}?q=Suzhou",
        reverse("core:search") + "?q=Suzhou",
        reverse("core:search") + "?q=lin@haihe.example",
        page("distributor-detail", company),
        reverse("core:home"),
    ):
        answer = client.get(url)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = content.decode()
        assert answer.status_code == 200, url
        assert lin.get_absolute_url() not in text or "?q=" not in url
        assert [one for one in ("138-0000", "8613800", FAMILY, "7 March", "mailto:lin") if one in text] == [], url
    assert client.get(page("contactpersonal-edit", lin)).status_code in {403, 404}
    assert client.get(page("contact-copy", lin)).status_code == 404
    assert client.post(page("contactpersonal-edit", lin), {"family": "x"}).status_code in {403, 404}
    assert not readings().exists()
    assert ContactPersonal.objects.get().family == FAMILY


def test_a_rep_sees_and_changes_what_is_personal_at_own_distributors_and_nothing_beyond_their_territory(client, town):
    rep = sign_in(client, Role.REP, town)
    own = factories.contact(factories.distributor(town, rep), **PERSONAL)
    far = factories.contact(factories.distributor(), **PERSONAL)
    assert FAMILY in client.get(page("contact-detail", own)).content.decode()
    for name in ("contact-detail", "contact-edit", "contactpersonal-edit", "contact-copy", "contact-leave"):
        assert client.get(page(name, far)).status_code == 404, name
    assert client.get(page("distributor-people", far.distributor)).status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"family": "x", "consent_life": "2026-01-01"}, "purpose_life"),
        ({"family": "x", "purpose_life": "gifts"}, "consent_life"),
        ({"family": "x", "purpose_life": "gifts", "consent_life": "2026-03-03"}, "consent_life"),
        ({"birth_month": "2", "purpose_origin": "cards", "consent_origin": "2026-01-01"}, "birth_day"),
        ({"birth_day": "2", "purpose_origin": "cards", "consent_origin": "2026-01-01"}, "birth_month"),
        (
            {"birth_month": "2", "birth_day": "30", "purpose_origin": "cards", "consent_origin": "2026-01-01"},
            "birth_day",
        ),
        (
            {
                "birth_month": "2",
                "birth_day": "29",
                "birth_year": "1981",
                "purpose_origin": "cards",
                "consent_origin": "2026-01-01",
            },
            "birth_day",
        ),
        (
            {
                "birth_month": "2",
                "birth_day": "3",
                "birth_year": "1781",
                "purpose_origin": "cards",
                "consent_origin": "2026-01-01",
            },
            "birth_year",
        ),
        ({"email": "no address", "purpose_reach": "orders", "consent_reach": "2026-01-01"}, "email"),
    ],
)
def test_a_personal_answer_needs_purpose_and_consent_and_a_birthday_must_be_one(client, town, company, sent, field):
    sign_in(client, Role.MANAGER, town)
    bare = factories.contact(company)
    answer = client.post(page("contactpersonal-edit", bare), sent | {"version": "1"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert ContactPersonal.objects.get().version == 1


def test_personal_answers_are_saved_and_the_trail_says_which_and_never_what(client, town, lin):
    sign_in(client, Role.MANAGER, town)
    form = client.get(page("contactpersonal-edit", lin)).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | {"family": "three sons", "birth_day": "29"}
    sent |= {"birth_month": "2", "version": "1"}
    assert client.post(page("contactpersonal-edit", lin), sent).status_code == 302
    saved = ContactPersonal.objects.get()
    assert (saved.family, saved.birth_month, saved.birth_day, saved.phones) == ("three sons", 2, 29, PHONE)
    event = AuditEvent.objects.get(verb="contact.personal_changed")
    assert event.after == {"fields": "birth_month, birth_day, family"}
    assert event.before == {}
    assert "29 February" in client.get(page("contact-detail", lin)).content.decode()
    again = client.post(page("contactpersonal-edit", lin), sent | {"family": "four sons"})
    assert again.status_code == 409
    assert [row["theirs"] for row in again.context["conflict"]["rows"]] == ["three sons"]
    assert ContactPersonal.objects.get().family == "three sons"


def test_the_database_keeps_no_personal_answer_without_purpose_and_consent(company):
    bare = factories.contact(company)
    rows = ContactPersonal.objects.filter(pk=bare.pk)
    for wrong in (
        {"family": "x"},
        {"avoid": "x", "purpose_manner": "tact"},
        {"phones": "1", "consent_reach": date(2026, 1, 1)},
        {"birth_day": 3, "purpose_origin": "cards", "consent_origin": date(2026, 1, 1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_a_consent_taken_back_takes_just_its_answers_with_it(client, town, lin):
    manager = sign_in(client, Role.MANAGER, town)
    url = page("contactpersonal-withdraw", lin, group="life")
    assert "deleted" in client.get(url).content.decode()
    assert ContactPersonal.objects.get().family == FAMILY
    client.post(url)
    saved = ContactPersonal.objects.get()
    assert (saved.family, saved.purpose_life, saved.consent_life, saved.phones) == ("", "", None, PHONE)
    assert AuditEvent.objects.get(verb="contact.consent_withdrawn").after == {"group": "life"}
    with pytest.raises(DomainError):
        consent_withdraw(actor=manager, contact=lin, group=BY_CODE["life"])
    assert client.post(page("contactpersonal-withdraw", lin, group="politics")).status_code == 404


# A copy, and erasure


def test_the_copy_holds_everything_kept_of_a_person(client, town, lin):
    sign_in(client, Role.MANAGER, town)
    ContactRelation.objects.create(
        kind="reports_to", source=lin, target=factories.contact(lin.distributor, name="Boss")
    )
    answer = client.get(page("contact-copy", lin))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="contact-{lin.pk}.json"'
    held = json.loads(answer.content)
    assert (held["work"]["name"], held["work"]["stance"]) == ("林海", "supporter")
    assert held["relations"] == [{"relation": "reports_to", "of": "林海", "to": "Boss"}]
    assert held["personal"]["life"]["answers"]["family"] == FAMILY
    assert held["personal"]["life"]["consent_given_on"] == "2025-01-10"
    assert held["personal"]["origin"]["answers"]["birth_day"] == 7
    columns = {column.name for column in ContactPersonal._meta.fields}
    told = {name for group in held["personal"].values() for name in group["answers"]}
    unsaid = {"contact", "version", "updated_at", "updated_by"}
    assert {name for name in columns - told if not name.startswith(("purpose_", "consent_"))} == unsaid


def test_an_erased_person_leaves_a_bare_row_and_no_name_anywhere(client, town, company, lin):
    manager = sign_in(client, Role.MANAGER, town)
    client.post(page("contact-edit", lin), {"name": "林大海", "level": "middle", "version": "1"})
    client.get(page("contact-detail", lin))
    url = page("contact-erase", lin)
    assert "cannot be undone" in client.get(url).content.decode()
    stale = client.post(url, {"seen": "1"})
    assert stale.status_code == 409
    assert Contact.objects.get().name == "林大海"
    assert client.post(url, {"seen": "2"}).status_code == 302
    row = Contact.objects.get()
    assert (str(row), row.name, row.title, row.stance, row.level) == ("erased person", "", "", "", "middle")
    assert not ContactPersonal.objects.exists()
    assert not SearchTerm.objects.filter(kind="contact").exists()
    trail = json.dumps(list(AuditEvent.objects.values("target_text", "before", "after", "note")), ensure_ascii=False)
    assert [one for one in ("林", PHONE, FAMILY) if one in trail] == []
    assert AuditEvent.objects.get(verb="contact.erased").actor == manager
    shown = client.get(page("contact-detail", lin)).content.decode()
    assert "erased person" in shown
    assert "林" not in shown
    assert client.get(page("distributor-people", company)).context["count"] == 0
    assert client.get(reverse("profiles:contact-list")).context["table"]["rows"] == []
    for name in ("contact-edit", "contactpersonal-edit", "contact-copy", "contact-leave", "contact-erase"):
        assert client.get(page(name, lin)).status_code == 404, name


def test_nothing_is_done_to_an_erased_person(town, lin):
    actor = factories.user(Role.ADMIN)
    kept = ContactPersonal.objects.get()
    with pytest.raises(StaleVersion):
        contact_erase(actor=actor, contact=lin, version=9)
    contact_erase(actor=actor, contact=lin, version=1)
    work = dict.fromkeys(("title", "function", "decision_role", "stance", "disc"), "")
    for change in (
        lambda: contact_save(actor=actor, instance=lin, name="Lin", level="owner", **work, relationship=1, since=None),
        lambda: contact_leave(actor=actor, contact=lin, left_on=date(2026, 1, 1)),
        lambda: personal_save(actor=actor, instance=kept, family="x"),
        lambda: consent_withdraw(actor=actor, contact=lin, group=BY_CODE["life"]),
        lambda: contact_erase(actor=actor, contact=lin, version=None),
    ):
        with pytest.raises(DomainError):
            change()
    row = Contact.objects.get()
    assert (row.name, row.level, row.left_on, row.version) == ("", "middle", None, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.update(name="back")


def test_a_rep_erases_nobody(client, town):
    rep = sign_in(client, Role.REP, town)
    own = factories.contact(factories.distributor(town, rep))
    assert client.post(page("contact-erase", own), {"seen": "1"}).status_code == 404
    assert Contact.objects.get().name == own.name


# With other things


def test_people_follow_their_distributor_into_a_merge_and_out_of_it(town, company, lin):
    admin = factories.user(Role.ADMIN)
    survivor = factories.distributor(town)
    own = factories.contact(survivor)
    distributor_merge(actor=admin, source=company, survivor=survivor, reason="the same company")
    assert set(survivor.contacts.all()) == {lin, own}
    with pytest.raises(DomainError):
        contact_save(actor=admin, instance=Contact(), distributor=company, name="Late", level="owner")
    assert Contact.objects.count() == 2
    distributor_unmerge(actor=admin, source=company, reason="two after all")
    assert (list(company.contacts.all()), list(survivor.contacts.all())) == ([lin], [own])


@pytest.mark.parametrize("name", ["distributor-people", "contact-detail", "contact-list"])
def test_the_number_of_queries_does_not_grow_with_people(client, town, company, name):
    sign_in(client, Role.MANAGER, town)
    first = factories.contact(company, **PERSONAL)
    url = reverse("profiles:contact-list") if name == "contact-list" else page(
        name, company if name == "distributor-people" else first
    )  # fmt: skip
    counts = []
    for _more in range(2):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        for _number in range(8):
            factories.contact(company, **PERSONAL)
    assert counts[0] == counts[1] <= 25


# What needs someone


def needs(user, day, code):
    return [need for need in needs_of(user, day) if need.code == code]


@pytest.mark.parametrize(
    ("day", "birthday", "found"),
    [
        (date(2026, 3, 2), (3, 2), True),
        (date(2026, 3, 2), (3, 16), True),
        (date(2026, 3, 2), (3, 17), False),
        (date(2026, 3, 2), (3, 1), False),
        (date(2026, 12, 25), (1, 8), True),
        (date(2026, 12, 25), (1, 9), False),
        (date(2026, 2, 20), (2, 29), True),
        (date(2026, 2, 10), (2, 29), False),
        (date(2026, 3, 1), (2, 29), False),
        (date(2028, 2, 29), (2, 29), True),
        (date(2026, 1, 25), (2, 3), True),
    ],
)
def test_a_birthday_needs_someone_for_two_weeks_and_its_day_is_not_said(town, company, day, birthday, found):
    manager = factories.user(Role.MANAGER, town)
    month, of_month = birthday
    person = factories.contact(company, name="Lin", birth_month=month, birth_day=of_month)
    items = needs(manager, day, "birthday")
    assert [need.url for need in items] == ([person.get_absolute_url()] if found else [])
    assert all("Lin" in need.title and need.due is None for need in items)


def test_birthdays_come_in_the_order_of_their_days_also_over_new_year(town, company):
    manager = factories.user(Role.MANAGER, town)
    for name, month, day in (("January", 1, 2), ("December", 12, 30), ("Next", 1, 3)):
        factories.contact(company, name=name, birth_month=month, birth_day=day)
    items = needs(manager, date(2026, 12, 28), "birthday")
    assert [need.title.split()[0] for need in items] == ["December", "January", "Next"]
    assert [need.key[-4:] for need in items] == ["2026", "2027", "2027"]


@pytest.mark.parametrize(
    ("since", "day", "years"),
    [
        (date(2021, 3, 10), date(2026, 3, 2), 5),
        (date(2016, 3, 2), date(2026, 3, 2), 10),
        (date(2025, 3, 16), date(2026, 3, 2), 1),
        (date(2025, 3, 17), date(2026, 3, 2), None),
        (date(2022, 3, 10), date(2026, 3, 2), None),
        (date(2021, 1, 3), date(2025, 12, 28), 5),
        (date(2024, 2, 29), date(2025, 2, 20), 1),
    ],
)
def test_a_round_anniversary_needs_someone(town, company, since, day, years):
    manager = factories.user(Role.MANAGER, town)
    factories.contact(company, name="Lin", since=since)
    items = needs(manager, day, "anniversary")
    assert [need.title for need in items] == (
        [f"Lin has worked with us for {years} year{'s' if years > 1 else ''}"] if years else []
    )
    assert all(day <= need.due <= day + timedelta(days=14) for need in items)


def test_only_who_sees_what_is_personal_hears_of_it_and_nobody_of_whoever_left_or_was_erased(town):
    rep = factories.user(Role.REP, town)
    own, other = factories.distributor(town, rep), factories.distributor(town)
    day = date(2026, 3, 2)
    told = {"birth_month": 3, "birth_day": 5, "since": date(2021, 3, 5)}
    mine = factories.contact(own, **told)
    factories.contact(other, **told)
    factories.contact(own, left_on=date(2026, 1, 1), **told)
    contact_erase(actor=factories.user(Role.ADMIN), contact=factories.contact(own, **told), version=None)
    for code in ("birthday", "anniversary"):
        assert [need.url for need in needs(rep, day, code)] == [mine.get_absolute_url()]
        assert len(needs(factories.user(Role.MANAGER, town), day, code)) == 2
        for role in (Role.FINANCE, Role.INSPECTOR, Role.ANALYST):
            assert needs(factories.user(role, town), day, code) == []


def test_the_services_ask_for_the_permission_that_their_pages_ask_for(lin):
    def told():
        return Contact.objects.values().get(), AuditEvent.objects.count()

    kept = ContactPersonal.objects.get(pk=lin.pk)
    finance, rep, before = factories.user(Role.FINANCE), factories.user(Role.REP), told()
    for act in (
        lambda: contact_leave(actor=finance, contact=lin, left_on=date(2026, 1, 1)),
        lambda: contact_return(actor=finance, contact=lin),
        lambda: personal_save(actor=finance, instance=kept, family="x"),
        lambda: consent_withdraw(actor=finance, contact=lin, group=BY_CODE["life"]),
        lambda: contact_erase(actor=rep, contact=lin, version=None),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert told() == before
