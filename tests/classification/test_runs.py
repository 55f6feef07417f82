"""Runs: what they read, what they write, and that the same ask twice gives one result."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from core import jobs
from core.company import company
from core.errors import DomainError
from core.models import AuditEvent, Job
from distributors.classification.api import ClassificationApiFilter
from distributors.classification.models import Cause, ClassEvent, Classification, ClassRun, Policy
from distributors.classification.services import classification_run, policy_default
from distributors.ledger.models import Batch, MonthlySales
from distributors.profiles.models import Assignment, Standing
from tests import factories
from tests.classification.records import CLOSE, close, letters, month, population, preview, sales

pytestmark = pytest.mark.django_db
ABC = [field.name for field in Standing._meta.fields if field.name.startswith("abc")]


def rows(run):
    fields = [field.attname for field in Classification._meta.fields if field.name not in {"id", "run"}]
    return list(Classification.objects.filter(run=run).order_by("distributor").values_list(*fields))


def test_a_close_gives_the_classes_of_the_worked_example():
    population(400, 220, 80, 80, 70, 50, 40, 30, 30, 0, -20)
    run = close()
    assert letters(run, "raw") == list("AAAABBCCCCC")
    assert letters(run) == list("AAAABBCCCCC")
    assert (run.members, run.ranked, run.total) == (11, 11, Decimal(1000))
    assert run.counts["effective"] == {"A": 4, "B": 2, "C": 5, "N": 0}
    tied = Classification.objects.filter(run=run, basis=Decimal(80))
    assert {(row.rank, row.cumulative_share, row.share) for row in tied} == {(3, Decimal("0.7"), Decimal("0.08"))}


def test_sales_outside_the_window_and_sell_through_do_not_count_and_returns_do():
    one, other = population(100, 90)
    sales(one, -50, kind="return")
    sales(other, 500, month=date(2022, 12, 1))
    sales(other, 500, month=CLOSE)
    sales(other, 500, kind="sell_through")
    run = close()
    assert list(run.classifications.order_by("distributor").values_list("basis", flat=True)) == [50, 90]


def test_margin_is_what_is_left_after_cost():
    one, other = population(100, 90)
    MonthlySales.objects.filter(distributor=one, amount=Decimal(100)).update(cost=Decimal(80))
    policy = policy_default()
    policy.versions.update(basis="margin")
    assert [row.basis for row in close().classifications.order_by("rank")] == [90, 20]
    assert other.pk == close().classifications.get(rank=1).distributor_id


def test_who_is_ended_merged_a_prospect_or_of_another_tier_is_left_out():
    kept, ended, merged, prospect, second = population(1, 2, 3, 4, 5)
    type(kept).objects.filter(pk=ended.pk).update(state="ended")
    type(kept).objects.filter(pk=merged.pk).update(merged_into=kept)
    type(kept).objects.filter(pk=prospect.pk).update(state="prospect")
    type(kept).objects.filter(pk=second.pk).update(tier=2)
    assert [row.distributor_id for row in close().classifications.all()] == [kept.pk]


def test_new_never_ordered_and_short_history():
    new, waiting, late, unknown, short = (factories.distributor() for _each in range(5))
    population(100)
    sales(new, 50, month=date(2023, 11, 1), first_on=date(2023, 11, 2))
    sales(short, 10, month=date(2023, 9, 1))
    type(new).objects.filter(pk=waiting.pk).update(cooperation_since=date(2023, 11, 15))
    type(new).objects.filter(pk=late.pk).update(cooperation_since=date(2023, 1, 1))
    run = close()
    assert letters(run)[:5] == ["N", "N", "C", "C", "C"]
    assert run.classifications.get(distributor=new).rank is None
    assert run.classifications.get(distributor=short).short_history
    assert unknown.pk in run.classifications.values_list("distributor", flat=True)


def test_who_joins_after_the_day_does_not_belong_yet():
    population(10)
    factories.distributor(cooperation_since=date(2024, 3, 1))
    assert close().members == 1


@pytest.mark.parametrize(("amounts", "expected"), [((7,), "A"), ((0, 0), "CC"), ((5, 5, 5), "AAA")])
def test_small_and_level_populations(amounts, expected):
    population(*amounts)
    assert "".join(letters(close())) == expected


def test_a_population_without_members_is_refused_and_nothing_is_written():
    with pytest.raises(DomainError):
        close()
    assert not ClassRun.objects.exists()


def test_standing_events_and_audit_follow_the_close():
    big, small = population(90, 10)
    run = close()
    standing = Standing.objects.get(pk=big.pk)
    assert (standing.abc, standing.abc_rank, standing.abc_share) == ("A", 1, Decimal("0.9"))
    assert (standing.abc_as_of, standing.abc_next) == (CLOSE, "")
    assert {event.cause for event in ClassEvent.objects.filter(run=run)} == {Cause.FIRST}
    assert AuditEvent.objects.filter(verb="classification.closed").count() == 1
    assert Standing.objects.get(pk=small.pk).abc == "C"


def test_a_month_is_closed_once():
    population(90, 10)
    first = close()
    before = rows(first)
    sales(Classification.objects.first().distributor, 5, month=date(2023, 7, 1))
    assert close().pk == first.pk
    assert rows(first) == before
    assert ClassEvent.objects.count() == 2


def test_a_close_made_again_takes_what_is_known_by_now_and_leaves_no_trace_of_the_first():
    one, other = population(90, 10)
    close()
    sales(other, 900)
    run = close(again=True)
    assert letters(run) == ["C", "A"]
    assert [
        (event.distributor_id, event.before, event.after) for event in ClassEvent.objects.order_by("distributor")
    ] == [
        (one.pk, "", "C"),
        (other.pk, "", "A"),
    ]
    assert ClassRun.objects.count() == 1


def test_of_who_left_before_a_close_was_made_again_nothing_is_held():
    kept, gone = population(90, 10)
    close()
    Standing.objects.filter(pk=gone.pk).update(abc_next="A", abc_short_history=True)
    type(gone).objects.filter(pk=gone.pk).update(state="ended")
    close(again=True)
    held = {name: getattr(Standing.objects.get(pk=gone.pk), name) for name in ABC}
    untouched = factories.distributor()
    assert held == {name: getattr(Standing.objects.get(pk=untouched.pk), name) for name in ABC}
    assert Standing.objects.get(pk=kept.pk).abc == "A"


def test_who_was_ended_within_the_month_is_about_to_become_nothing():
    big, small = population(90, 10)
    close()
    sales(small, 5000, month=CLOSE)
    preview(month(1))
    assert Standing.objects.get(pk=small.pk).abc_next == "A"
    type(small).objects.filter(pk=small.pk).update(state="ended")
    preview(month(1))
    assert Standing.objects.get(pk=small.pk).abc_next == ""
    assert Standing.objects.get(pk=big.pk).abc_next == ""


def test_rest_gives_the_newest_close_of_each_policy_in_two_queries(django_assert_num_queries):
    population(90, 10)
    for step in range(3):
        close(month(step))
    preview(month(3))
    with django_assert_num_queries(2):
        found = [row.run_id for row in ClassificationApiFilter({}, Classification.objects.all()).qs]
    assert found == [ClassRun.objects.get(as_of=month(2), official=True).pk] * 2
    asked = ClassificationApiFilter({"official": "false"}, Classification.objects.all()).qs
    assert {row.run.as_of for row in asked} == {month(3)}
    earlier = ClassificationApiFilter({"as_of": month(1).isoformat()}, Classification.objects.all()).qs
    assert {row.run.as_of for row in earlier} == {month(1)}


def test_a_day_within_a_month_and_a_month_before_the_last_close_cannot_be_closed():
    population(1)
    close()
    with pytest.raises(DomainError):
        close(date(2024, 1, 2))
    with pytest.raises(DomainError):
        close(date(2023, 12, 1))
    assert ClassRun.objects.count() == 1


def test_the_same_preview_twice_gives_the_same_rows_once():
    population(400, 220, 80, 80, 70, 50, 40)
    close()
    first = preview(date(2024, 1, 15))
    before = rows(first)
    second = preview(date(2024, 1, 15))
    assert rows(second) == before
    assert ClassRun.objects.filter(official=False).count() == 1
    assert Classification.objects.count() == 14


def test_a_run_that_fails_half_way_leaves_everything_as_it_was(monkeypatch):
    population(90, 10)
    close()
    preview()
    before = [list(ClassRun.objects.values_list()), list(Standing.objects.order_by("pk").values_list())]

    def fail(**_arguments):
        raise RuntimeError

    monkeypatch.setattr("distributors.classification.services.runs.preview_publish", fail)
    with pytest.raises(RuntimeError):
        preview(date(2024, 1, 20))
    assert [list(ClassRun.objects.values_list()), list(Standing.objects.order_by("pk").values_list())] == before
    assert Classification.objects.count() == 4


def test_a_worker_that_lost_its_lease_writes_nothing():
    population(90, 10)
    job = Job.objects.create(kind="classification.nightly", state="running", lease="another")
    with pytest.raises(jobs.LeaseLost):
        close(run=jobs.Run(job, "mine"))
    assert not ClassRun.objects.exists()


def test_the_run_names_its_version_and_the_batch_it_read_up_to():
    population(1)
    Batch.objects.create(number=41, kind="sales")
    Batch.objects.create(number=42, kind="sales")
    run = close()
    assert (run.batch_id, run.version.number) == (42, 1)


def test_a_back_dated_assignment_changes_who_sees_a_class_and_no_class():
    one, _other = population(90, 10)
    run = close()
    before = rows(run)
    new_home = factories.territory()
    Assignment.objects.create(distributor=one, starts_on=date(2022, 1, 1), territory=new_home)
    type(one).objects.filter(pk=one.pk).update(territory=new_home, territory_path=new_home.path)
    assert rows(close(again=True)) == before


def test_the_number_of_statements_does_not_grow_with_the_population():
    population(90, 10)
    policy_default()
    company()
    with CaptureQueriesContext(connection) as few:
        close()
        preview()
    ClassEvent.objects.all().delete()
    Classification.objects.all().delete()
    ClassRun.objects.all().delete()
    Standing.objects.update(abc="")
    population(*range(1, 40))
    with CaptureQueriesContext(connection) as many:
        close()
        preview()
    assert len(many) == len(few)


def test_a_class_changes_when_it_stood_at_two_month_ends():
    members = population(400, 285, 200, 115)
    assert letters(close()) == ["A", "A", "B", "C"]
    sales(members[1], 60, month=CLOSE)  # 745 of 1,060 is 70.3 %: beyond the cut, not by more than 2 points
    run = close(month(1))
    assert letters(run, "raw") == ["A", "B", "B", "C"]
    assert letters(run) == ["A", "A", "B", "C"]
    assert letters(run, "pending") == ["", "B", "", ""]
    assert Standing.objects.get(pk=members[1].pk).abc_next == "B"
    run = close(month(2))
    assert letters(run) == ["A", "B", "B", "C"]
    event = ClassEvent.objects.get(run=run)
    assert (event.distributor_id, event.before, event.after, event.cause) == (members[1].pk, "A", "B", Cause.HELD)


def test_a_close_step_by_step_equals_the_fold_from_the_amounts():
    members = population(*range(10, 400, 13))
    for step in range(-8, 6):
        for place, one in enumerate(members):
            sales(one, (place * 37 + step * 91) % 120, month=month(step), first_on=month(step))
    for step in range(6):
        run = close(month(step))
    stepwise = rows(run)
    ClassEvent.objects.all().delete()
    Classification.objects.all().delete()
    ClassRun.objects.all().delete()
    Standing.objects.update(abc="")
    at_once = rows(close(month(5)))
    assert at_once == stepwise


def test_a_share_clear_of_the_cut_changes_the_class_at_once():
    one, *_others = population(60, 100, 100)
    assert letters(close()) == ["C", "A", "A"]
    sales(one, 200, month=CLOSE)
    run = close(month(1))
    assert letters(run) == ["A", "B", "B"]
    assert {event.cause for event in ClassEvent.objects.filter(run=run)} == {Cause.JUMP}
    assert {(event.before, event.after) for event in ClassEvent.objects.filter(run=run)} == {("C", "A"), ("A", "B")}


def test_who_leaves_the_population_loses_the_class():
    one, other = population(90, 10)
    close()
    type(one).objects.filter(pk=other.pk).update(state="ended")
    run = close(month(1))
    assert Standing.objects.get(pk=other.pk).abc == ""
    event = ClassEvent.objects.get(run=run)
    assert (event.distributor_id, event.before, event.after, event.cause) == (other.pk, "C", "", Cause.LEFT)


def test_who_moves_to_another_population_keeps_its_place_there():
    one, other = population(90, 10)
    close()
    second = Policy.objects.create(name="Tier 2", tier=2)
    second.versions.create(number=1, valid_from=date(2000, 1, 1))
    type(one).objects.filter(pk=other.pk).update(tier=2)
    close(month(1), policy=second)
    close(month(1))
    assert Standing.objects.get(pk=other.pk).abc == "A"


def test_a_preview_says_what_is_about_to_change_and_changes_no_class():
    one, *_others = population(60, 100, 100)
    close()
    sales(one, 200)
    preview(date(2024, 1, 20))
    assert list(Standing.objects.order_by("pk").values_list("abc", "abc_next")) == [("C", "A"), ("A", "B"), ("A", "B")]
    assert ClassEvent.objects.exclude(before="").count() == 0


def test_any_past_day_can_be_computed_as_a_preview_without_touching_what_is_in_force():
    population(60, 100)
    close()
    before = list(Standing.objects.order_by("pk").values_list())
    assert preview(date(2023, 8, 14)).members == 2
    assert list(Standing.objects.order_by("pk").values_list()) == before


def test_the_command_prints_the_figures_and_closes_only_on_the_first_of_a_month(capsys):
    population(90, 10)
    call_command("classify", "--as-of", "2024-01-01")
    out = capsys.readouterr().out
    assert "official" in out
    assert "class: A 1, B 0, C 1, N 0" in out
    call_command("classify", "--as-of", "2024-01-09")
    call_command("classify", "--as-of", "2024-02-01", "--preview")
    assert "preview" in capsys.readouterr().out
    assert ClassRun.objects.filter(official=True).count() == 1


def test_the_command_refuses_in_a_sentence():
    with pytest.raises(CommandError, match="No distributor belongs"):
        call_command("classify", "--as-of", "2024-01-01")


@pytest.mark.django_db(transaction=True)
def test_two_who_close_a_month_at_once_get_one_close():
    population(400, 220, 80, 70)
    policy = policy_default()
    found, barrier = [], threading.Barrier(2)

    def work():
        barrier.wait()
        try:
            found.append(classification_run(policy=policy, as_of=CLOSE, official=True).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert ClassRun.objects.count() == 1
    assert Classification.objects.count() == 4
    assert ClassEvent.objects.count() == 4
