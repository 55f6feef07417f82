import io
from datetime import date

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from core import audit, clock, triggers
from core.errors import DomainError, TransitionRefused
from core.exports import safe_cell
from core.files import blob_path, blob_store
from core.models import AuditEvent, Blob
from core.periods import Window, full_months, month_shift, months_between
from core.workflow import apply_move, move
from tests import factories


@pytest.mark.django_db
def test_audit_rows_are_never_changed_or_deleted():
    row = audit.record(actor=None, verb="made", target=factories.territory("North"))
    for attempt in (lambda: AuditEvent.objects.update(verb="x"), AuditEvent.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert AuditEvent.objects.get().verb == row.verb == "made"


@pytest.mark.django_db
def test_many_audit_rows_are_written_as_one_is(monkeypatch):
    monkeypatch.setattr(audit, "AT_ONCE", 2)
    actor = factories.user(name="Lin")
    actor.origin = "10.0.0.1"
    places = [factories.territory(name) for name in ("“North”, 北", "South\nEast", "=West")]
    sides = {"name": '1 "a", 北\\', "code": ""}, {"name": "", "code": "x,y\n"}
    for place in places:
        audit.record(actor=actor, verb="one", target=place, before=sides[0], after=sides[1], note="a, “b”")
    entries = ((place, *sides) for place in places)
    audit.record_many(actor=actor, verb="many", entries=entries, note="a, “b”")
    fields = ("actor", "origin", "target_type", "target_id", "target_text", "before", "after", "note")
    one, many = (
        list(AuditEvent.objects.filter(verb=verb).order_by("pk").values_list(*fields)) for verb in ("one", "many")
    )
    assert many == one
    assert AuditEvent.objects.filter(verb="many", before__code="", at__lte=clock.instant()).count() == 3


@pytest.mark.django_db
def test_who_acted_cannot_be_deleted():
    admin = factories.user()
    audit.record(actor=admin, verb="made", target=admin)
    with pytest.raises(ProtectedError):
        admin.delete()


@pytest.mark.django_db
def test_a_missing_trigger_is_reported_and_put_back():
    with triggers.lifted():
        assert [error.id for error in run_checks(databases=["default"]) if error.id == "core.E003"] == ["core.E003"] * 2
    assert triggers.missing() == set()


START = move("start", {"prospect"}, "review", "Start")


@pytest.mark.django_db
def test_of_two_people_who_press_at_once_one_wins():
    first = factories.distributor(state="prospect")
    second = type(first).objects.get(pk=first.pk)
    apply_move(first, START, actor=None)
    with pytest.raises(TransitionRefused, match="Start"):
        apply_move(second, START, actor=None)
    assert AuditEvent.objects.filter(verb="start").count() == 1


@pytest.mark.django_db
def test_a_move_from_the_wrong_state_changes_nothing():
    row = factories.distributor(state="ended")
    with pytest.raises(TransitionRefused):
        apply_move(row, START, actor=None)
    row.refresh_from_db()
    assert row.state == "ended"
    assert not AuditEvent.objects.exists()


def test_today_can_be_lived_in_2013(settings):
    settings.TODAY = "2013-12-01"
    assert clock.today() == date(2013, 12, 1)
    assert clock.now().date() == date(2013, 12, 1)
    assert clock.now().tzinfo is not None


def test_twelve_full_months_before_a_first_of_month_end_with_the_month_before():
    window = full_months(date(2013, 12, 1), 12)
    assert window == Window(date(2012, 12, 1), date(2013, 12, 1))
    assert len(window.months) == 12
    assert window.before() == Window(date(2011, 12, 1), date(2012, 12, 1))
    assert full_months(date(2013, 12, 31), 12) == window


def test_months_are_counted_across_years():
    assert month_shift(date(2024, 1, 31), -1) == date(2023, 12, 1)
    assert months_between(date(2023, 11, 30), date(2024, 2, 1)) == 3


@pytest.mark.django_db
def test_the_same_bytes_are_kept_once(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    first = blob_store(source=io.BytesIO(b"a,b"), limit=10)
    second = blob_store(source=io.BytesIO(b"a,b"), limit=10)
    assert first == second
    assert blob_path(first).read_bytes() == b"a,b"


@pytest.mark.django_db
def test_a_file_beyond_the_limit_leaves_nothing(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(DomainError):
        blob_store(source=io.BytesIO(b"x" * 11), limit=10)
    assert list(tmp_path.iterdir()) == []
    assert not Blob.objects.exists()


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-12.5", "-12.5"),
        ("-rm", "'-rm"),
        ("+86 10", "'+86 10"),
        (None, ""),
        ("a=b", "a=b"),
    ],
)
def test_cells_that_would_start_a_formula_are_neutralised(cell, safe):
    assert safe_cell(cell) == safe
