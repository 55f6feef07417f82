"""The night: each month is closed once, in order, however long the schedule was down."""

from datetime import date

import pytest

from core import jobs
from core.models import Job
from distributors.classification.models import Classification, ClassRun
from distributors.classification.services import override_add
from distributors.profiles.models import Standing
from tests import factories
from tests.classification.records import population

pytestmark = pytest.mark.django_db


def night(day, settings):
    settings.TODAY = day
    job = Job.objects.create(kind="classification.nightly")
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def closes():
    return list(ClassRun.objects.filter(official=True).order_by("as_of").values_list("as_of", flat=True))


def test_the_first_night_closes_the_last_month_and_previews_today(settings):
    population(90, 10)
    job = night("2024-01-10", settings)
    assert closes() == [date(2024, 1, 1)]
    assert ClassRun.objects.get(official=False).as_of == date(2024, 1, 10)
    assert job.result["closed"] == ["2024-01-01"]
    assert job.result["url"].endswith("/classification/")


def test_the_next_nights_close_nothing_until_a_month_has_ended(settings):
    population(90, 10)
    for day in ("2024-01-10", "2024-01-11", "2024-01-31", "2024-02-01", "2024-02-02"):
        night(day, settings)
    assert closes() == [date(2024, 1, 1), date(2024, 2, 1)]
    assert ClassRun.objects.filter(official=False).count() == 1


def test_months_missed_are_closed_once_and_in_order(settings):
    population(90, 10)
    night("2024-01-10", settings)
    night("2024-04-03", settings)
    night("2024-04-03", settings)
    assert closes() == [date(2024, month, 1) for month in (1, 2, 3, 4)]
    assert Classification.objects.filter(run__official=True).count() == 8


def test_without_sales_or_members_the_night_leaves_everything_alone(settings):
    night("2024-01-10", settings)
    factories.distributor()
    night("2024-01-11", settings)
    assert not ClassRun.objects.exists()


def test_a_night_that_was_cut_off_and_runs_again_gives_the_same_result(settings):
    population(90, 10)
    night("2024-03-10", settings)
    before = list(Standing.objects.order_by("pk").values_list())
    job = Job.objects.create(kind="classification.nightly")
    jobs.job_run(job.pk)
    assert list(Standing.objects.order_by("pk").values_list()) == before
    assert Classification.objects.count() == 4


def test_classes_set_by_hand_end_at_night(settings):
    _big, small = population(90, 10)
    night("2024-01-10", settings)
    override_add(actor=factories.user(), distributor=small, klass="B", reason="trial", ends_on=date(2024, 1, 12))
    night("2024-01-12", settings)
    assert Standing.objects.get(pk=small.pk).abc == "B"
    job = night("2024-01-13", settings)
    assert Standing.objects.get(pk=small.pk).abc == "C"
    assert job.result["overrides"] == 1
