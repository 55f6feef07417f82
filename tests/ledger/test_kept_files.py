"""Files of imports go when they are old and nobody needs them; what came in of them, and their history, stay."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.roles import Role
from core import clock, jobs
from core.errors import DomainError
from core.files import blob_kept, blob_path, blob_store
from core.models import Blob, Job, Schedule
from distributors.ledger import drafts
from distributors.ledger.kept_files import files_sweep
from distributors.ledger.models import Import
from distributors.ledger.services import import_process
from tests import factories
from tests.ledger.records import Foreground, bring, lines, picture, problems, small_world, started

pytestmark = pytest.mark.django_db

GOOD = "L1,D1,P1,2025-03-01,2,10.00,CNY"


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-01"
    settings.IMPORT_KEEP_DAYS = 30
    return small_world()


def aged(made, days=31):
    """Let an import and its files be so many days old."""
    then = clock.instant() - timedelta(days=days)
    Import.objects.filter(pk=made.pk).update(created_at=then, finished_at=made.finished_at and then)
    Blob.objects.filter(pk__in=[made.blob_id, made.rejects_id]).update(created_at=then)
    made.refresh_from_db()
    return made


def test_an_old_file_goes_and_its_rows_its_problems_and_its_history_stay(world, client):
    good, bad = aged(bring(lines(GOOD))), aged(bring(lines(GOOD.replace("D1", "D9"))))
    before, named = picture(), problems(bad)
    size = blob_path(good.blob).stat().st_size + blob_path(bad.blob).stat().st_size
    assert size > 0
    assert files_sweep() == {"files": 2, "mib": 0}
    assert [blob_kept(one.blob) for one in (good, bad)] == [False, False]
    assert picture() == before
    assert problems(bad) == named
    client.force_login(factories.user(Role.ADMIN))
    for made in (good, bad):
        page = client.get(made.get_absolute_url()).content.decode()
        assert "The file is no longer kept." in page
        assert "Import again" not in page
        assert "Find the good rows" not in page
    assert files_sweep() == {"files": 0, "mib": 0}


def test_a_file_that_is_not_old_yet_stays(world):
    made = aged(bring(lines(GOOD)), days=29)
    assert files_sweep()["files"] == 0
    assert blob_kept(made.blob)


@pytest.mark.parametrize("state", ["draft", "waiting", "staging", "validating"])
def test_a_file_that_waits_or_is_on_its_way_stays_however_old(world, state):
    made = started(lines(GOOD))
    Import.objects.filter(pk=made.pk).update(state=state)
    aged(made, days=3000)
    assert files_sweep()["files"] == 0
    assert blob_kept(made.blob)


def test_a_file_that_a_newer_import_used_stays(world):
    old = aged(bring(lines(GOOD)))
    newer = bring(lines(GOOD))
    assert newer.blob_id == old.blob_id
    Blob.objects.update(created_at=clock.instant() - timedelta(days=400))
    assert files_sweep()["files"] == 0
    assert blob_kept(old.blob)
    aged(newer)
    assert files_sweep()["files"] == 1


def test_a_file_that_was_just_sent_again_stays_though_no_import_stands_for_it_yet(world):
    old = aged(bring(lines(GOOD)))
    blob_store(source=io.BytesIO(lines(GOOD).encode()), limit=1 << 20)
    assert files_sweep()["files"] == 0
    assert blob_kept(old.blob)


def test_a_file_that_went_comes_back_when_it_is_sent_again(world):
    old = aged(bring(lines(GOOD)))
    files_sweep()
    again = bring(lines(GOOD))
    assert (again.state, again.rows_same, again.blob_id) == ("published", 1, old.blob_id)
    assert blob_kept(old.blob)


def test_the_rows_left_out_go_with_their_import(world, client):
    made = started(lines(GOOD, GOOD.replace("L1,D1", "L2,D9")))
    Import.objects.filter(pk=made.pk).update(good_only=True)
    import_process(import_id=made.pk, runner=Foreground())
    made.refresh_from_db()
    client.force_login(factories.user(Role.ADMIN))
    url = reverse("ledger:import-rejects", args=[made.pk])
    assert client.get(url).status_code == 200
    aged(made)
    assert files_sweep()["files"] == 2
    assert client.get(url).status_code == 404
    assert url not in client.get(made.get_absolute_url()).content.decode()


def test_what_an_export_needs_stays(world):
    made = aged(bring(lines(GOOD)))
    job = Job.objects.create(kind="core.export", state="done", result={"blob": made.blob_id})
    Job.objects.filter(pk=job.pk).update(finished_at=clock.instant())
    assert files_sweep()["files"] == 0
    assert blob_kept(made.blob)


def test_a_file_that_is_gone_cannot_be_taken_up_again_and_nothing_changes(world, client):
    made = aged(bring(lines(GOOD.replace("D1", "D9"))))
    files_sweep()
    actor = factories.user(Role.ADMIN)
    with pytest.raises(DomainError, match="no longer kept"):
        drafts.draft_again(actor=actor, instance=made)
    client.force_login(actor)
    for name in ("import-again", "import-good"):
        assert client.post(reverse(f"ledger:{name}", args=[made.pk])).status_code < 500
    assert Import.objects.count() == 1


def test_nothing_goes_where_files_are_kept_for_ever(world, settings):
    made = aged(bring(lines(GOOD)), days=9000)
    settings.IMPORT_KEEP_DAYS = 0
    assert files_sweep() == {"files": 0, "mib": 0}
    assert blob_kept(made.blob)


def test_a_file_that_somebody_removed_by_hand_is_passed_over(world):
    made = aged(bring(lines(GOOD)))
    os.unlink(blob_path(made.blob))
    assert files_sweep() == {"files": 0, "mib": 0}
    assert not Path(blob_path(made.blob)).exists()


def test_it_is_due_every_night_and_stands_on_the_page_of_the_jobs(world, client):
    jobs.tick()
    assert Schedule.objects.filter(name="ledger.files").exists()
    client.force_login(factories.user(Role.ADMIN))
    assert "Old files of imports removed" in client.get(reverse("core:job-list")).content.decode()
