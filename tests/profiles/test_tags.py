"""Tags: given one by one and to many, undone, renamed, merged, deleted; on lists, cards, files and over REST."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core import bulk, jobs
from core.errors import DomainError, StaleVersion
from core.models import AuditEvent, Job
from distributors.profiles.merging import distributor_merge, distributor_unmerge
from distributors.profiles.models import Distributor, Tag, TagChange, Tagging
from distributors.profiles.services import distributor_save
from distributors.profiles.tagging import (
    tag_change_undo,
    tag_delete,
    tag_merge,
    tag_names,
    tag_rename,
    tags_assign,
    tags_put,
    tags_take,
)
from tests import factories

pytestmark = pytest.mark.django_db

LIST = reverse("profiles:distributor-list")


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = "2025-11-20"


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def manager(client, town):
    person = factories.user(Role.MANAGER, town)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


@pytest.fixture
def admin(client):
    person = factories.user(Role.ADMIN)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


def tagged(*rows):
    """Return the names that each row carries."""
    return [" ".join(tag.name for tag in row.tags.all()) for row in rows]


def give(actor, names, *rows):
    return tags_put(actor=actor, rows=Distributor.objects.filter(pk__in=[row.pk for row in rows]), names=names)


def take(actor, tags, *rows):
    return tags_take(actor=actor, rows=Distributor.objects.filter(pk__in=[row.pk for row in rows]), tags=tags)


def ask(client, name, step, rows=(), **data):
    chosen = {"pk": [row.pk for row in rows]} if rows else {"all": "1"}
    url = reverse("core:list-action", args=["profiles.distributor", name])
    return client.post(url, {**chosen, "step": step, **data})


def confirm(client, name, rows=(), **data):
    seen = ask(client, name, "preview", rows, **data)
    assert seen.status_code == 200, seen.context["form"].errors
    return ask(client, name, "apply", rows, mark=seen.context["mark"], **data)


# Names


def test_a_text_is_read_as_names_whatever_the_comma_and_each_counts_once():
    assert tag_names(" Key   account，tools; TOOLS 、,重点") == ("Key account", "tools", "重点")
    assert tag_names("") == ()


@pytest.mark.parametrize("text", ["x" * 41, ",".join(f"t{number}" for number in range(21))])
def test_a_name_that_is_too_long_and_too_many_names_are_refused(text):
    with pytest.raises(DomainError):
        tag_names(text)


def test_two_spellings_are_one_tag_and_the_database_says_so(admin, town):
    row = factories.distributor(town)
    give(admin, ["Key Account"], row)
    give(admin, ["ＫＥＹ account"], row)
    assert tagged(row) == ["Key Account"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.create(name="KEY ACCOUNT", key="key account")


# Many at once


def test_a_preview_says_how_many_lack_the_tag_and_that_a_word_is_new_and_changes_nothing(client, manager, town):
    one, two = factories.distributor(town), factories.distributor(town)
    give(manager, ["Tools"], one)
    page = ask(client, "tag", "preview", [one, two], new_tags="tools")
    assert (page.context["preview"].ready, page.context["preview"].refused) == (1, [("tagged like this already", 1)])
    page = ask(client, "tag", "preview", [one, two], new_tags="tools, Paints")
    assert page.context["preview"].ready == 2
    assert "“Paints” is a new tag." in page.content.decode()
    assert tagged(one, two) == ["Tools", ""]
    assert Tag.objects.count() == 1


def test_all_that_match_are_tagged_with_an_audit_row_each_and_twice_is_once(client, manager, town):
    rows = [factories.distributor(town) for _number in range(3)]
    watched = factories.distributor(town, state="watch")
    confirm(client, "tag", query="state=active", new_tags="Tools")
    assert tagged(*rows, watched) == ["Tools", "Tools", "Tools", ""]
    found = AuditEvent.objects.filter(verb="distributor.tagged")
    assert {(event.before["tags"], event.after["tags"], event.actor) for event in found} == {("", "Tools", manager)}
    assert found.count() == 3
    again = ask(client, "tag", "preview", query="state=active", tag_choice=[Tag.objects.get().pk])
    assert again.context["preview"].ready == 0
    assert Tagging.objects.count() == 3


def test_nothing_chosen_is_refused_beside_the_form(client, manager, town):
    factories.distributor(town)
    assert ask(client, "tag", "preview").status_code == 422
    assert ask(client, "untag", "preview").status_code == 422
    assert ask(client, "tag", "preview", new_tags="x" * 41).status_code == 422
    assert not Tag.objects.exists()


def test_rows_of_others_are_not_tagged(client, town):
    rep = factories.user(Role.REP, town)
    client.force_login(rep, backend="accounts.backends.EmailBackend")
    own, other, far = factories.distributor(town, rep), factories.distributor(town), factories.distributor()
    confirm(client, "tag", [own, other, far], new_tags="Tools")
    assert tagged(own, other, far) == ["Tools", "", ""]


def test_what_was_done_is_said_with_the_way_back_which_takes_back_just_that(client, manager, town):
    had, gets, later = (factories.distributor(town) for _number in range(3))
    give(manager, ["Tools"], had)
    answer = client.get(confirm(client, "tag", [had, gets], new_tags="Tools")["Location"]).content.decode()
    change = TagChange.objects.order_by("-pk").first()
    assert "Tag: 1 row changed." in answer
    assert f'href="{change.get_absolute_url()}"' in answer
    give(manager, ["Tools"], later)
    assert "1 distributor loses again what this gave: Tools." in client.get(change.get_absolute_url()).content.decode()
    assert tagged(had, gets, later) == ["Tools", "Tools", "Tools"]
    client.post(change.get_absolute_url())
    assert tagged(had, gets, later) == ["Tools", "", "Tools"]
    assert client.post(change.get_absolute_url()).status_code == 409
    assert tagged(had, gets, later) == ["Tools", "", "Tools"]


def test_untagging_is_undone_for_those_who_had_the_tag(client, manager, town):
    had, lacks = factories.distributor(town), factories.distributor(town)
    give(manager, ["Tools", "Paints"], had)
    page = ask(client, "untag", "preview", [had, lacks], tags=[Tag.objects.get(name="Tools").pk])
    assert (page.context["preview"].ready, page.context["preview"].refused) == (1, [("not tagged like this", 1)])
    confirm(client, "untag", [had, lacks], tags=[Tag.objects.get(name="Tools").pk])
    assert tagged(had, lacks) == ["Paints", ""]
    tag_change_undo(actor=manager, change=TagChange.objects.order_by("-pk").first())
    assert tagged(had, lacks) == ["Paints Tools", ""]


def test_an_undo_leaves_alone_what_moved_out_of_reach_or_changed_since(manager, town):
    moved, untagged, kept = (factories.distributor(town) for _number in range(3))
    change = give(manager, ["Tools"], moved, untagged, kept)
    far = factories.territory("Far")
    Distributor.objects.filter(pk=moved.pk).update(territory=far, territory_path=far.path)
    take(manager, [Tag.objects.get()], untagged)
    assert tag_change_undo(actor=manager, change=change) == 1
    assert tagged(moved, untagged, kept) == ["Tools", "", ""]


def test_a_change_is_undone_by_who_made_it_only(client, manager, town):
    change = give(factories.user(Role.MANAGER, town), ["Tools"], factories.distributor(town))
    assert client.post(change.get_absolute_url()).status_code == 404
    assert Tagging.objects.count() == 1


def test_very_many_are_tagged_by_a_job_whose_page_leads_to_the_undo(client, manager, town, monkeypatch):
    monkeypatch.setattr(bulk, "JOB_ABOVE", 1)
    rows = [factories.distributor(town) for _number in range(3)]
    confirm(client, "tag", new_tags="Tools")
    job = Job.objects.get(kind=bulk.KIND)
    jobs.job_run(job.pk)
    assert tagged(*rows) == ["Tools"] * 3
    assert TagChange.objects.get().get_absolute_url() in client.get(job.get_absolute_url()).content.decode()


def test_more_rows_cost_no_more_statements(manager, town):
    def statements(count):
        rows = [factories.distributor(town) for _number in range(count)]
        with CaptureQueriesContext(connection) as caught:
            give(manager, ["Tools"], *rows)
        return len(caught)

    give(manager, ["Tools"], factories.distributor(town))
    assert statements(2) == statements(30)


# Lists, pages, forms


def test_the_list_is_filtered_by_a_tag_and_shows_and_exports_them(client, manager, town):
    one, two = factories.distributor(town, legal_name="One"), factories.distributor(town, legal_name="Two")
    give(manager, ["Tools", "=Paints"], one)
    tag = Tag.objects.get(name="Tools")
    page = client.get(f"{LIST}?tag={tag.pk}&columns=name,tags")
    assert [row["pk"] for row in page.context["table"]["rows"]] == [one.pk]
    assert '<span class="chip">=Paints</span> <span class="chip">Tools</span>' in page.content.decode()
    lines = b"".join(client.get(f"{LIST}?columns=name,tags&export=csv").streaming_content).decode().splitlines()
    assert sorted(lines[1:]) == ['One,"\'=Paints, Tools"', "Two,"]
    assert two.tags.count() == 0


def test_the_tags_of_a_page_are_one_query_however_many_rows_there_are(client, manager, town):
    def queries(count):
        give(manager, ["Tools"], *(factories.distributor(town) for _number in range(count)))
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{LIST}?columns=name,tags")
        return len(caught)

    queries(1)
    assert queries(1) == queries(20)


def test_the_head_of_the_page_shows_the_tags_each_the_way_to_those_who_carry_it(client, manager, town):
    row = factories.distributor(town)
    give(manager, ["Tools"], row)
    assert f'href="{LIST}?tag={Tag.objects.get().pk}"' in client.get(row.get_absolute_url()).content.decode()


def card(row, **data):
    return {
        "code": row.code,
        "legal_name": row.legal_name,
        "type": row.type_id,
        "tier": "1",
        "version": str(row.version),
        **data,
    }


def test_the_form_of_a_card_ticks_its_tags_and_takes_new_ones(client, manager, town):
    row = factories.distributor(town)
    give(manager, ["Tools", "Paints"], row)
    row.refresh_from_db()
    url = reverse("profiles:distributor-edit", args=[row.pk])
    tools = Tag.objects.get(name="Tools")
    assert set(client.get(url).context["form"].initial["tag_choice"]) == set(Tag.objects.all())
    assert client.post(url, card(row, tag_choice=[tools.pk], new_tags="Doors, TOOLS")).status_code == 302
    assert tagged(row) == ["Doors Tools"]
    row.refresh_from_db()
    assert client.post(url, card(row, new_tags="y" * 41)).status_code == 422
    assert tagged(row) == ["Doors Tools"]


def test_tags_that_came_since_the_form_was_opened_are_not_saved_over(client, manager, town):
    row = factories.distributor(town)
    stale = card(row, new_tags="Mine")
    give(manager, ["Theirs"], row)
    answer = client.post(reverse("profiles:distributor-edit", args=[row.pk]), stale)
    assert answer.status_code == 409
    assert {"label": "tags", "yours": "Mine", "theirs": "Theirs"} in answer.context["conflict"]["rows"]
    assert tagged(row) == ["Theirs"]
    with pytest.raises(StaleVersion):
        distributor_save(
            actor=manager, instance=row, version=row.version, tags=["Mine"], tier=1, type=row.type, code=row.code
        )
    assert tagged(row) == ["Theirs"]


# What an administrator does to a tag


def test_a_tag_is_renamed_and_not_into_another_ones_name(admin, town):
    row = factories.distributor(town)
    give(admin, ["Tools", "Paints"], row)
    tools = Tag.objects.get(name="Tools")
    before = Distributor.objects.get(pk=row.pk).updated_at
    tag_rename(actor=admin, tag=tools, name=" Hand  tools ")
    assert tagged(row) == ["Hand tools Paints"]
    assert Distributor.objects.get(pk=row.pk).updated_at > before
    assert AuditEvent.objects.get(verb="tag.renamed").before == {"name": "Tools"}
    for name in ("paints", "a,b", " "):
        with pytest.raises(DomainError):
            tag_rename(actor=admin, tag=tools, name=name)
    assert tagged(row) == ["Hand tools Paints"]


def test_a_merged_tag_passes_to_who_lacks_the_other_and_is_gone(admin, town):
    both, old, none = (factories.distributor(town) for _number in range(3))
    give(admin, ["Tools", "Tool"], both)
    give(admin, ["Tool"], old)
    tool, tools = Tag.objects.get(name="Tool"), Tag.objects.get(name="Tools")
    with pytest.raises(DomainError):
        tag_merge(actor=admin, tag=tool, into=tool)
    assert tag_merge(actor=admin, tag=tool, into=tools) == 2
    assert tagged(both, old, none) == ["Tools", "Tools", ""]
    assert list(Tag.objects.all()) == [tools]


def test_a_tag_is_deleted_only_with_as_many_as_were_seen(client, admin, town):
    row = factories.distributor(town)
    give(admin, ["Tools"], row)
    tag = Tag.objects.get()
    url = reverse("profiles:tag-delete", args=[tag.pk])
    assert "1 distributor carries this tag and will lose it." in client.get(url).content.decode()
    with pytest.raises(DomainError):
        tag_delete(actor=admin, tag=tag, seen=0)
    assert client.post(url, {"seen": "0"}).status_code == 409
    assert tagged(row) == ["Tools"]
    assert client.post(url, {"seen": "1"}).status_code == 302
    assert tagged(row) == [""]
    assert not Tag.objects.exists()


def test_the_count_beside_a_tag_is_of_those_the_reader_sees(client, manager, town):
    give(manager, ["Tools"], factories.distributor(town), factories.distributor())
    page = client.get(reverse("profiles:tag-list"))
    assert [row["cells"][1]["text"] for row in page.context["table"]["rows"]] == ["1"]


# Merges, files, REST


def test_the_survivor_of_a_merge_carries_the_tags_of_both_until_it_is_undone(admin, town):
    source, survivor = factories.distributor(town), factories.distributor(town)
    give(admin, ["Tools", "Paints"], source)
    give(admin, ["Tools"], survivor)
    distributor_merge(actor=admin, source=source, survivor=survivor, reason="One company")
    assert tagged(survivor) == ["Paints Tools"]
    distributor_unmerge(actor=admin, source=source, reason="Two after all")
    assert tagged(source, survivor) == ["Paints Tools", "Tools"]


def test_assigning_names_writes_only_what_differs(admin, town):
    same, other = factories.distributor(town), factories.distributor(town)
    give(admin, ["Tools"], same, other)
    assert tags_assign(actor=admin, wanted={same.pk: ["TOOLS"], other.pk: ["Paints"]}) == {other.pk}
    assert tagged(same, other) == ["Tools", "Paints"]


def test_rest_reads_tags_and_filters_by_them(client, admin, town):
    one, two = factories.distributor(town, code="D1"), factories.distributor(town, code="D2")
    give(admin, ["Tools", "Paints"], one)
    url = reverse("api:distributor-list")
    assert {row["code"]: row["tags"] for row in client.get(url).json()["results"]} == {
        "D1": ["Paints", "Tools"],
        "D2": [],
    }
    assert [row["code"] for row in client.get(f"{url}?tag=TOOLS").json()["results"]] == ["D1"]
    assert client.get(reverse("api:distributor-detail", args=["D1"])).json()["tags"] == ["Paints", "Tools"]
    assert two.tags.count() == 0
