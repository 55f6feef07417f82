"""The pages: what each role sees, and that nobody finds what is not theirs by any exit."""

import json
import re
from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.roles import Role
from core import figures
from core.contributors import collect
from core.models import AuditEvent, Job
from core.needs import needs_of
from core.timeline import Span, timeline_events
from distributors.classification.models import Override, Policy, PolicyVersion
from distributors.classification.selectors import overview as overviews
from distributors.classification.selectors import working
from distributors.classification.selectors.runs import shown_run
from distributors.classification.services import override_add, policy_default
from tests import factories
from tests.classification.records import close, month, population, preview, sales

pytestmark = pytest.mark.django_db
TODAY = date(2024, 1, 10)
PAGES = ("overview", "classification-list", "movements", "policy")


@pytest.fixture(autouse=True)
def today(settings):
    settings.TODAY = TODAY.isoformat()


class World:
    """Two regions with their managers and a rep, classified."""

    def __init__(self):
        self.north, self.south = factories.territory("North"), factories.territory("South")
        self.admin = factories.user()
        self.manager = factories.user(Role.MANAGER, self.north)
        self.rep = factories.user(Role.REP)
        self.mine = population(400, 200, 40, where=self.north, owner=self.rep)
        self.theirs = population(150, 90, 40, where=self.south)
        for place, one in enumerate([*self.mine, *self.theirs]):
            type(one).objects.filter(pk=one.pk).update(legal_name=f"Firm number {place}")
        self.run = close()


@pytest.fixture
def world():
    return World()


def get(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"classification:{name}", args=args), query)


@pytest.mark.parametrize("name", PAGES)
def test_each_tab_answers_and_names_only_what_the_user_sees(client, world, name):
    assert get(client, world.admin, name).status_code == 200
    response = get(client, world.manager, name)
    assert response.status_code == 200
    text = response.content.decode()
    assert not any(f"Firm number {place}" in text for place in (3, 4, 5))


@pytest.mark.parametrize("name", PAGES)
def test_before_the_first_run_each_tab_says_what_to_do(client, name):
    assert get(client, factories.user(), name).status_code == 200


def test_figures_and_curve_are_over_the_visible_rows(client, world):
    found = get(client, world.manager, "overview").context["overview"]
    assert (found.count, found.total, found.figure("A").count) == (3, 640, 2)
    assert found.curve[-1].share == 1
    whole = get(client, world.admin, "overview").context["overview"]
    assert (whole.count, whole.total) == (6, 920)


def test_the_title_of_the_curve_states_what_it_shows(client, world):
    context = get(client, world.admin, "overview").context
    assert re.fullmatch(r".+: \d+ distributors \(\d+ %\) bring \d+ % of sales", context["pareto"]["title"])
    assert "of the whole company" in get(client, world.manager, "overview").context["pareto"]["subtitle"]
    json.dumps(context["pareto"]["option"])


@pytest.mark.parametrize("who", ["admin", "manager"])
def test_the_numbers_beside_the_curve_lead_to_as_many_rows(client, world, who):
    sales(world.theirs[0], 900)
    close(month(1))
    links = get(client, getattr(world, who), "overview").context["pareto"]["links"]
    assert [link["label"].split(":")[0] for link in links] == ["A by rank", "A in force"]
    for link in links:
        assert client.get(link["url"]).context["count"]["value"] == int(link["label"].split(": ")[1]), link


def test_the_tab_of_a_distributor_stands_among_distributors(client, world):
    for name in ("distributor", "override"):
        shell = get(client, world.manager, name, world.mine[0].pk).context["shell"]
        assert [entry["label"] for entry in shell["nav"] if entry["active"]] == ["Distributors"]


def test_who_is_about_to_change_is_told_from_when(client, world):
    one = world.mine[2]
    sales(one, 700)
    preview(date(2024, 1, 9))
    assert "About to change on 1 February" in get(client, world.manager, "overview").content.decode()
    text = get(client, world.manager, "distributor", one.pk).content.decode()
    assert "Becomes A on 1 February 2024 if its class by rank stays." in text


def test_a_curve_without_sales_is_left_out(client):
    population(0, -5)
    close()
    response = get(client, factories.user(), "overview")
    assert response.status_code == 200
    assert response.context["pareto"] is None


def test_the_overview_is_kept_per_reach_and_assignment(world):
    def count(user):
        return overviews.overview_of(user=user, run=shown_run(world.run.policy)).count

    assert (count(world.admin), count(world.manager)) == (6, 3)
    type(world.mine[0]).objects.filter(pk=world.theirs[0].pk).update(territory_path=world.north.path)
    factories.distributor(world.south)
    assert count(world.manager) == 4


def test_while_the_cache_is_away_the_pages_of_a_large_run_answer(client, world, monkeypatch):
    def away(*_args):
        raise RedisConnectionError

    monkeypatch.setattr(working, "KEPT_ABOVE", 1)
    monkeypatch.setattr(figures, "cache", type("Away", (), {"get": away, "set": away})())
    assert get(client, world.admin, "overview").status_code == 200
    assert get(client, world.admin, "distributor", world.mine[0].pk).status_code == 200


def test_of_a_large_run_the_ranked_amounts_are_kept(world, monkeypatch):
    monkeypatch.setattr(working, "KEPT_ABOVE", 1)
    first = working.ranked_amounts(world.run)
    with CaptureQueriesContext(connection) as queries:
        assert (working.ranked_amounts(world.run) == first).all()
    assert not queries.captured_queries
    cache.clear()


def test_the_list_filters_and_exports_only_what_is_visible(client, world):
    rows = get(client, world.manager, "classification-list").context["table"]["rows"]
    assert len(rows) == 3
    assert len(get(client, world.manager, "classification-list", effective="A").context["table"]["rows"]) == 2
    assert len(get(client, world.admin, "classification-list", territory=world.south.pk).context["table"]["rows"]) == 3
    lines = b"".join(get(client, world.manager, "classification-list", export="csv")).decode().splitlines()
    assert len(lines) == 4
    assert not any("Firm number 3" in line for line in lines)
    outside = get(client, world.manager, "classification-list", territory=world.south.pk)
    assert not outside.context["filterset"].form.is_valid()


def test_movements_lead_to_the_rows_behind_each_number(client, world):
    new = population(500, where=world.south)[0]
    type(new).objects.filter(pk=world.mine[2].pk).update(state="ended")
    close(month(1))
    context = get(client, world.admin, "movements").context
    table = context["movements"]
    assert sum(map(sum, table.matrix)) == 5
    assert sum(table.joined) == sum(table.left) == 1
    for row in context["rows"]:
        for cell in row["cells"]:
            if cell["url"]:
                assert len(client.get(cell["url"]).context["table"]["rows"]) == cell["count"], cell
    assert sum(map(sum, get(client, world.manager, "movements").context["movements"].matrix)) == 2


def test_why_shows_the_working_with_the_gap_and_the_version(client, world):
    text = get(client, world.manager, "distributor", world.mine[2].pk).content.decode()
    for part in ("Why class", "of 6", "reaches", "version 1", "History"):
        assert part in text
    fragment = client.get(
        reverse("classification:distributor", args=[world.mine[2].pk]), headers={"HX-Request": "true"}
    )
    assert "<html" not in fragment.content.decode()


def test_why_explains_every_rule(client, world):
    late = factories.distributor(world.north, cooperation_since=date(2023, 1, 1))
    waiting = factories.distributor(world.north, cooperation_since=date(2023, 12, 1))
    fresh = factories.distributor(world.north)
    sales(fresh, 5, month=date(2023, 12, 1))
    close(again=True)
    for one in [*world.mine, *world.theirs, late, waiting, fresh]:
        assert get(client, world.admin, "distributor", one.pk).status_code == 200
    assert get(client, world.admin, "distributor", factories.distributor(state="prospect").pk).status_code == 200


def test_another_territory_is_not_found_by_any_exit(client, world):
    other = world.theirs[0]
    add = reverse("classification:override", args=[other.pk])
    override = override_add(actor=world.admin, distributor=other, klass="B", reason="x", ends_on=date(2024, 6, 1))
    for user in (world.manager, world.rep):
        assert get(client, user, "distributor", other.pk).status_code == 404
    client.force_login(world.manager)
    assert client.get(add).status_code == 404
    assert client.post(add, {"klass": "A", "reason": "x", "ends_on": "2024-03-01"}).status_code == 404
    end = reverse("classification:override-end", args=[override.pk])
    assert client.post(end).status_code == 404
    override.refresh_from_db()
    assert override.ended_on is None
    assert Override.objects.count() == 1
    assert timeline_events(world.manager, [other.pk], Span(TODAY)) == []


def test_setting_and_ending_a_class_from_the_page(client, world):
    client.force_login(world.manager)
    one = world.mine[2]
    url = reverse("classification:override", args=[one.pk])
    assert client.post(url, {"klass": "A", "reason": "x"}).status_code == 422
    assert client.post(url, {"klass": "A", "reason": "x", "ends_on": "2024-01-01"}).status_code == 422
    assert not Override.objects.exists()
    assert client.post(url, {"klass": "A", "reason": "new city", "ends_on": "2024-03-01"}).status_code == 302
    override = Override.objects.get()
    text = client.get(reverse("classification:distributor", args=[one.pk])).content.decode()
    assert "new city" in text
    end = reverse("classification:override-end", args=[override.pk])
    assert client.get(end).status_code == 200
    assert client.post(end).status_code == 302
    override.refresh_from_db()
    assert override.ended_on == TODAY


def test_who_may_not_is_refused(client, world):
    client.force_login(world.rep)
    assert client.get(reverse("classification:override", args=[world.mine[0].pk])).status_code == 403
    assert client.post(reverse("classification:run")).status_code == 403
    assert client.get(reverse("classification:version-add", args=[policy_default().pk])).status_code == 403
    assert client.get(reverse("classification:policy-add")).status_code == 403
    assert not Job.objects.exists()


def settings_posted(**changes):
    return {
        "basis": "net_sales",
        "cut_a": "50",
        "cut_b": "90",
        "window_months": "12",
        "new_months": "3",
        "dynamics_margin": "2",
        "dynamics_periods": "2",
        "cut_five": "50",
        "cut_three": "80",
        "plan_five": "50",
        "plan_three": "30",
        "plan_two": "20",
        "valid_from": "2024-02-01",
        "opened": "1",
        **changes,
    }


def test_a_policy_change_shows_who_would_move_before_it_is_saved(client, world):
    client.force_login(world.admin)
    url = reverse("classification:version-add", args=[policy_default().pk])
    assert client.get(url).status_code == 200
    response = client.post(url, settings_posted(preview="1"))
    assert response.status_code == 200
    assert response.context["moves"].count == response.context["moves"].down > 0
    assert PolicyVersion.objects.count() == 1
    assert client.post(url, settings_posted(save="1")).status_code == 302
    assert client.post(url, settings_posted(save="1", cut_a="40")).status_code == 409
    assert client.post(url, settings_posted(preview="1", opened="2", cut_a="95")).status_code == 422
    assert client.post(url, settings_posted(preview="1", opened="2", cut_a="x")).status_code == 422
    assert PolicyVersion.objects.count() == 2
    assert client.get(reverse("classification:policy")).status_code == 200


def test_a_further_population_from_the_page(client, world):
    client.force_login(world.admin)
    url = reverse("classification:policy-add")
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "All", "tier": "1"}).status_code == 422
    assert client.post(url, {"name": "Tier 2", "tier": "2"}).status_code == 302
    second = Policy.objects.get(name="Tier 2").pk
    for name in PAGES:
        query = {} if name == "classification-list" else {"policy": second}
        assert get(client, world.admin, name, **query).status_code == 200
    for unknown in ("x", "²", "٣", "-1", "9" * 30):
        assert get(client, world.admin, "overview", policy=unknown).status_code == 404


def test_run_now_makes_a_job(client, world):
    client.force_login(world.admin)
    response = client.post(reverse("classification:run"))
    job = Job.objects.get()
    assert response.url == reverse("core:job", args=[job.pk])
    assert (job.kind, job.created_by) == ("classification.nightly", world.admin)
    again = client.post(reverse("classification:run"))
    assert again.url == response.url, "who asks while it is at work is led to the work"
    assert Job.objects.count() == 1
    assert AuditEvent.objects.filter(verb="schedule.run", actor=world.admin).count() == 1


def test_needs_timeline_and_home_carry_the_classes(world):
    one = world.mine[2]
    sales(one, 700)
    preview(date(2024, 1, 9))
    needs = [need for need in needs_of(world.rep, TODAY) if need.key.startswith("class-")]
    (need,) = (need for need in needs if need.key.startswith(f"class-{one.pk}-"))
    assert (need.chip, need.url) == ("C → A", f"/distributors/{one.pk}/class/")
    figures = "740 CNY in 12 months, cumulative share 45.7\N{NO-BREAK SPACE}%"
    assert need.reason == f"By rank A · {figures} · rises on 1 February if it stays so"
    (falling,) = (need for need in needs_of(world.admin, TODAY) if need.key.startswith(f"class-{world.mine[1].pk}-"))
    assert (falling.chip, falling.due) == ("A → B", date(2024, 2, 1))
    assert "CNY in 12 months, cumulative share" in falling.reason
    assert not any(need.key.startswith(f"class-{other.pk}-") for need in needs for other in world.theirs)
    assert len(timeline_events(world.rep, [one.pk], Span(TODAY))) >= 1
    blocks = {}
    for block in collect("home", world.manager, TODAY):
        blocks.update(block)
    assert blocks["class_counts"]["A"] == 2
    assert "month close of 1 January 2024" in blocks["pareto"]["note"]
    assert blocks["pareto"]["id"] == "pareto"


def test_what_needs_someone_takes_as_many_queries_for_many_as_for_few(world):
    def asked():
        preview(date(2024, 1, 9))
        with CaptureQueriesContext(connection) as queries:
            found = [need for need in needs_of(world.admin, TODAY) if need.key.startswith("class-")]
        return len(found), len(queries)

    others = population(*[10] * 12, where=world.north)
    close(again=True)
    sales(others[0], 700)
    asked()
    few = asked()
    for one in others[1:]:
        sales(one, 700)
    many = asked()
    assert 0 < few[0] < many[0]
    assert few[1] == many[1]


@pytest.mark.parametrize("name", [*PAGES, "distributor"])
def test_the_number_of_queries_does_not_grow(client, world, name):
    url = reverse(f"classification:{name}", args=[world.mine[0].pk] if name == "distributor" else [])
    for step in range(1, 3):
        close(month(step))
    client.force_login(world.admin)
    client.get(url)
    cache.clear()
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    population(*range(1, 30), where=world.north)
    for step in range(3, 6):
        close(month(step))
    cache.clear()
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) <= len(few)
    assert len(many) <= 25
