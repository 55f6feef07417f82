"""The groups 5, 3 and 2 of a run, and what they have of each resource against the plan."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError
from core.models import AuditEvent
from distributors.classification.models import Classification, Policy, PolicyVersion
from distributors.classification.services import policy_default, version_add
from distributors.ledger.models import MonthlyLineSales, MonthlySales, ProductLine, Source
from distributors.ledger.records import Occurrence
from distributors.profiles.models import Standing
from tests import factories
from tests.classification.records import close, letters, population, sales

pytestmark = pytest.mark.django_db
PAGE = reverse("classification:resources")
# The example of docs/calculations/532.md.
VOLUMES = (300, 200, 150, 150, 100, 60, 40)


@pytest.fixture(autouse=True)
def today(settings):
    settings.TODAY = "2024-01-10"


@pytest.fixture
def seven():
    """Make seven distributors whose volume is another than their sales."""
    made = population(*([10] * len(VOLUMES)))
    for one, volume in zip(made, VOLUMES, strict=True):
        MonthlySales.objects.filter(distributor=one, month=date(2023, 6, 1)).update(quantity=volume)
    return made


def courses(distributor, count, day=date(2023, 5, 5), **fields):
    source, _made = Source.objects.get_or_create(code="training", defaults={"name": "Training"})
    for place in range(count):
        Occurrence.objects.create(
            source=source,
            distributor=distributor,
            kind=Occurrence.Kind.COURSE_PASSED,
            external_id=f"{distributor.pk}-{day}-{place}",
            revision=1,
            day=day,
            **{"batch": factories.batch(), **fields},
        )


def line_sales(distributor, line, quantity):
    day = date(2023, 6, 1)
    figures = dict.fromkeys(("amount", "tax", "cost", "lines", "orders", "products"), 0)
    MonthlyLineSales.objects.create(
        distributor=distributor,
        line=line,
        month=day,
        kind="sell_in",
        counted=True,
        quantity=quantity,
        first_on=day,
        last_on=day,
        **figures,
    )


def resource(client, code):
    return next(one for one in client.get(PAGE).context["resources"] if one.code == code)


def test_a_run_groups_by_volume_and_the_close_keeps_it_in_standing(seven):
    run = close()
    assert "".join(letters(run, "volume_group")) == "5533222"
    assert (run.volume, run.counts["groups"]) == (1_000, {"5": 2, "3": 2, "2": 3, "N": 0})
    first = Classification.objects.get(run=run, distributor=seven[0])
    assert (first.quantity, first.volume_rank, first.volume_share) == (300, 1, Decimal("0.300000"))
    assert list(Standing.objects.order_by("pk").values_list("volume_group", flat=True)) == list("5533222")


def test_who_leaves_the_population_has_no_group(seven):
    close()
    type(seven[0]).objects.filter(pk=seven[0].pk).update(state="ended")
    close(date(2024, 2, 1))
    assert Standing.objects.get(pk=seven[0].pk).volume_group == ""


def test_the_cuts_by_volume_are_the_policys(seven):
    policy_default()
    PolicyVersion.objects.update(cut_five=Decimal("0.30"), cut_three=Decimal("0.50"))
    assert "".join(letters(close(), "volume_group")) == "5322222"


def test_cuts_that_do_not_rise_and_plans_that_are_not_the_whole_are_refused(seven):
    policy, admin = policy_default(), factories.user()
    opened = {"actor": admin, "policy": policy, "opened": 1, "valid_from": date(2024, 2, 1)}
    with pytest.raises(DomainError, match="must rise"):
        version_add(**opened, cut_five=Decimal("0.9"))
    with pytest.raises(DomainError, match="add up to 110 %"):
        version_add(**opened, plan_five=60)
    for wrong in ({"plan_five": 60}, {"cut_five": Decimal("0.9")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyVersion.objects.update(**wrong)
    assert policy.versions.count() == 1


def test_the_page_compares_courses_with_the_plan_and_says_what_nobody_records(client, seven):
    for one, count in zip(seven, (2, 1, 3, 0, 1, 1, 1), strict=True):
        courses(one, count)
    courses(factories.distributor(seven[0].territory, merged_into=seven[2], state="ended"), 1)
    courses(seven[0], 3, day=date(2022, 12, 31))
    courses(seven[1], 3, day=date(2024, 1, 1))
    close()
    client.force_login(factories.user())
    training = resource(client, "training")
    assert [(row.fit.group, row.plan, row.fact, row.gap) for row in training.rows] == [
        ("5", 5, 3, -2),
        ("3", 3, 4, 1),
        ("2", 2, 3, 1),
    ]
    assert not resource(client, "funds").recorded
    assert not resource(client, "visits").recorded
    text = client.get(PAGE).content.decode()
    assert text.count("Not recorded yet.") == 2
    assert "No product line is marked as scarce." in text


def test_scarce_goods_are_the_product_lines_chosen_and_the_choice_is_in_the_trail(client, seven):
    line, other = (ProductLine.objects.create(code=code, name=code) for code in ("RARE", "MANY"))
    for one, row in ((seven[0], (line, 30)), (seven[6], (line, 70)), (seven[6], (other, 900))):
        line_sales(one, *row)
    close()
    client.force_login(factories.user())
    assert not resource(client, "goods").recorded
    url = reverse("classification:scarce", args=[policy_default().pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"scarce_lines": [line.pk]}).status_code == 302
    assert client.post(url, {"scarce_lines": [line.pk]}).status_code == 302
    assert AuditEvent.objects.filter(verb="policy.scarce_changed").count() == 1
    goods = resource(client, "goods")
    assert [(row.fit.group, row.fact) for row in goods.rows] == [("5", 30), ("3", 0), ("2", 70)]
    assert client.post(url, {"scarce_lines": ["999"]}).status_code == 422
    assert list(Policy.objects.get().scarce_lines.all()) == [line]


def test_only_visible_distributors_are_counted_and_each_number_leads_to_as_many_rows(client, seven):
    for one in seven:
        courses(one, 1)
    close()
    rep = factories.user(Role.REP)
    type(seven[0]).objects.filter(pk__in=[seven[0].pk, seven[6].pk]).update(owner=rep)
    client.force_login(rep)
    figures = client.get(PAGE).context["figures"]
    assert [one["row"].count for one in figures] == [1, 0, 1, 0]
    for one in figures:
        assert client.get(one["url"]).context["count"]["value"] == one["row"].count
    assert [row.fact for row in resource(client, "training").rows] == [1, 0, 1]


def test_the_new_are_no_part_of_the_volume_that_is_shared(client, seven):
    new = factories.distributor(cooperation_since=date(2023, 12, 1))
    sales(new, 5, month=date(2023, 12, 1), quantity=500)
    close()
    client.force_login(factories.user())
    figures = [one["row"] for one in client.get(PAGE).context["figures"]]
    assert [(one.count, one.quantity) for one in figures] == [(2, 500), (2, 300), (3, 200), (1, 500)]
    assert [one.share for one in figures[:3]] == [Decimal("0.5"), Decimal("0.3"), Decimal("0.2")]


def test_the_page_asks_as_many_questions_for_many_as_for_few(client, seven):
    close()
    client.force_login(factories.user())
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    population(*range(1, 30))
    close(date(2024, 2, 1))
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(many) == len(few) <= 25


def test_the_list_and_the_tab_of_a_distributor_show_the_group(client, seven):
    close()
    client.force_login(factories.user())
    listing = reverse("classification:classification-list")
    assert client.get(listing, {"volume_group": "3"}).context["count"]["value"] == 2
    assert client.get(reverse("profiles:distributor-list"), {"volume_group": "2"}).context["count"]["value"] == 3
    text = client.get(reverse("classification:distributor", args=[seven[0].pk])).content.decode()
    assert "5: 300 base units, rank 1, cumulative share 30.00 %" in text


def test_runs_from_before_there_were_groups_say_so(client, seven):
    close()
    Classification.objects.update(volume_group="", volume_rank=None)
    client.force_login(factories.user())
    assert "No groups yet" in client.get(PAGE).content.decode()
