"""Files that other systems leave in the drop folder come in by themselves: once, whole, and none is lost."""

import linecache
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import Notification, User
from accounts.roles import Role
from core import clock, jobs
from core.errors import DomainError
from core.models import Job
from core.needs import needs_of
from distributors.ledger import drop_folder, drop_looking, drop_plan
from distributors.ledger.drafts import profile_delete
from distributors.ledger.drop_looking import drop_look, drop_wanted
from distributors.ledger.drop_plan import pattern_fits, rule_of
from distributors.ledger.drop_services import drop_rule_save
from distributors.ledger.models import Batch, DropFile, DropLook, DropRule, Import, ImportProfile, SaleLine
from distributors.ledger.services import import_cancel, import_process
from tests import factories
from tests.access import PROFILE
from tests.ledger.records import Foreground, lines, picture, small_world

pytestmark = pytest.mark.django_db

GOOD = "L1,D1,P1,2025-03-01,2,10.00,CNY"
BAD = "L2,D9,P1,2025-03-01,2,10.00,CNY"


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def admin(settings, tmp_path):
    settings.TODAY = "2025-04-01"
    settings.IMPORT_FOLDER = tmp_path / "inbox"
    settings.IMPORT_FOLDER.mkdir()
    small_world()
    return factories.user(Role.ADMIN)


@pytest.fixture
def folder(admin, settings):
    return Path(settings.IMPORT_FOLDER)


@pytest.fixture
def sales(admin):
    return rule(admin)


def rule(actor, pattern="sales-*.csv", **fields):
    given = {"kind": "sales", "profile": None, "good_only": False, "active": True} | fields
    return drop_rule_save(actor=actor, instance=DropRule(), pattern=pattern, **given)


def wait():
    """Let enough time pass for every file that stays as it is."""
    DropFile.objects.update(seen_at=clock.instant() - timedelta(hours=1))


def look():
    return drop_look(runner=Foreground())


def settle():
    """Look, let time pass and bring in what was asked for, until there is nothing to do any more."""
    for _round in range(60):
        if drop_wanted():
            look()
        wait()
        for made in Import.objects.filter(state__in=("waiting", "staging", "validating")):
            import_process(import_id=made.pk, runner=Foreground())
        if not drop_wanted():
            return
    raise AssertionError("it never settles")


def lying(folder):
    """Return what lies where, without what the names begin with."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() or path.is_symlink():
            room = str(path.parent.relative_to(folder))
            found.setdefault(room, []).append(path.name.split("-", 2)[-1] if room in drop_folder.ROOMS else path.name)
    return found


def said():
    return [str(one) for one in Notification.objects.order_by("pk")]


def test_a_file_is_read_imported_and_put_away_with_nobody_there(folder, sales):
    (folder / "sales-0301.csv").write_text(lines(GOOD))
    settle()
    made = Import.objects.get()
    assert (made.state, made.rows_new, made.origin, made.created_by) == ("published", 1, "folder", None)
    assert lying(folder) == {"done": ["sales-0301.csv"]}
    file = DropFile.objects.get()
    assert (file.state, file.import_file, file.rule) == ("done", made, sales)
    assert (folder / file.kept_as).read_text() == lines(GOOD)
    assert said() == []


def test_a_file_that_still_grows_is_left_alone_until_it_stays_as_it_is(folder, sales):
    file = folder / "sales-0301.csv"
    file.write_text(lines(GOOD)[:40])
    look()
    look()
    assert not drop_wanted()
    assert (DropFile.objects.get().state, lying(folder)) == ("waiting", {".": ["sales-0301.csv"]})
    wait()
    file.write_text(lines(GOOD))
    assert drop_wanted()
    look()
    assert not Import.objects.exists(), "it changed since it was seen"
    settle()
    assert Import.objects.get().rows_new == 1


def test_a_file_that_grows_after_it_was_read_is_brought_in_again_as_it_is_then(folder, sales):
    """Whoever pauses for long while writing, and goes on, loses nothing."""
    file = (folder / "sales-0301.csv").open("w")
    file.write(lines(GOOD))
    file.flush()
    look()
    wait()
    look()
    made = Import.objects.get()
    import_process(import_id=made.pk, runner=Foreground())
    file.write(GOOD.replace("L1", "L2") + "\n")
    file.close()
    look()
    assert DropFile.objects.get().state == "taking"
    settle()
    assert set(SaleLine.objects.values_list("external_id", flat=True)) == {"L1", "L2"}
    assert (DropFile.objects.get().state, Import.objects.count()) == ("done", 2)
    assert lying(folder) == {"done": ["sales-0301.csv"]}


def test_a_file_that_changes_while_it_is_read_is_not_imported_until_it_stays(folder, sales, monkeypatch):
    (folder / "sales-0301.csv").write_text(lines(GOOD)[:60])
    look()
    wait()
    take = drop_looking._take

    def taken(row, *rest):
        take(row, *rest)
        with drop_folder.room_path("taking", row).open("a") as more:
            more.write(lines(GOOD)[60:])

    with monkeypatch.context() as writing:
        writing.setattr(drop_looking, "_take", taken)
        look()
    assert (DropFile.objects.get().state, Import.objects.count()) == ("taking", 0)
    settle()
    assert (Import.objects.get().rows_new, Import.objects.get().problems_count) == (1, 0)


@pytest.mark.parametrize("name", ["sales-1.csv.part", "sales-1.csv.tmp", ".sales-1.csv", "~$sales-1.csv"])
def test_what_is_still_written_or_hidden_is_not_seen(folder, admin, name):
    rule(admin, "*")
    (folder / name).write_text(lines(GOOD))
    assert not drop_wanted()
    settle()
    assert lying(folder) == {".": [name]}
    assert not DropFile.objects.exists()


def test_the_same_file_twice_changes_nothing_the_second_time(folder, sales):
    (folder / "sales-0301.csv").write_text(lines(GOOD))
    settle()
    before = picture()["SaleLine"]
    (folder / "sales-0301.csv").write_text(lines(GOOD))
    settle()
    assert picture()["SaleLine"] == before
    assert list(Import.objects.order_by("pk").values_list("rows_new", "rows_same")) == [(1, 0), (0, 1)]
    assert Batch.objects.count() == 1
    assert lying(folder) == {"done": ["sales-0301.csv", "sales-0301.csv"]}


def test_a_new_file_under_the_name_of_one_that_is_read_waits_for_its_turn(folder, sales):
    (folder / "sales-0301.csv").write_text(lines(GOOD))
    look()
    wait()
    look()
    (folder / "sales-0301.csv").write_text(lines(GOOD.replace("L1", "L2")))
    settle()
    assert set(SaleLine.objects.values_list("external_id", flat=True)) == {"L1", "L2"}
    assert lying(folder) == {"done": ["sales-0301.csv", "sales-0301.csv"]}


def test_a_bad_file_is_put_away_with_what_is_wrong_and_nothing_of_it_lands(folder, sales, admin):
    (folder / "sales-0301.csv").write_text(lines(GOOD, BAD))
    before = picture()["SaleLine"]
    settle()
    made = Import.objects.get()
    assert (made.state, picture()["SaleLine"]) == ("refused", before)
    assert lying(folder) == {"refused": ["sales-0301.csv", "sales-0301.csv.problems.csv"]}
    report = next((folder / "refused").glob("*.problems.csv")).read_text(encoding="utf-8-sig").splitlines()
    assert report[0] == "Row,Column,Value,Reason"
    assert report[1].startswith("3,distributor,D9,")
    assert said() == ["sales-0301.csv was refused: 1 problems; nothing of it is in the ledger"]
    assert Notification.objects.get().user == admin
    assert [need.title for need in needs_of(admin, clock.today())] == ["Sale lines: sales-0301.csv was refused"]


def test_only_the_good_rows_go_in_where_the_row_says_so(folder, admin):
    rule(admin, good_only=True)
    (folder / "sales-0301.csv").write_text(lines(GOOD, BAD))
    settle()
    assert SaleLine.objects.get().external_id == "L1"
    assert lying(folder) == {
        "done": ["sales-0301.csv", "sales-0301.csv.left-out.csv", "sales-0301.csv.problems.csv"],
    }
    left_out = next((folder / "done").glob("*.left-out.csv")).read_text(encoding="utf-8-sig")
    assert BAD in left_out
    assert GOOD not in left_out


def test_a_file_is_read_by_the_mapping_of_its_row_and_from_a_folder_below(folder, admin):
    profile = ImportProfile.objects.create(kind="sales", name="ERP", text=PROFILE)
    rule(admin, "erp/*.csv", profile=profile)
    (folder / "ERP").mkdir()
    (folder / "ERP" / "März.csv").write_text("Line,Customer,Item,Date,Qty,Net\nL1,D1,P1,2025-03-01,2,10\n")
    settle()
    made = Import.objects.get()
    assert (made.state, made.profile_name, made.filename) == ("published", "ERP", "März.csv")
    assert lying(folder) == {"done": ["März.csv"]}


def test_a_file_that_nobody_has_explained_waits_and_is_said_once(folder, admin):
    (folder / "orders.csv").write_text("a,b\n1,2\n")
    settle()
    settle()
    assert (DropFile.objects.get().state, lying(folder)) == ("unknown", {".": ["orders.csv"]})
    assert said() == ["Drop folder: nobody has said what orders.csv is"]
    needs = needs_of(admin, clock.today())
    assert [(need.title, need.url) for need in needs] == [
        ("1 file lies in the drop folder, and nobody has said what it is: orders.csv", "/settings/drop-folder/")
    ]
    rule(admin, "orders.csv", kind="orders")
    settle()
    assert (DropFile.objects.get().state, Import.objects.get().kind) == ("refused", "orders")
    later = User.objects.get(pk=admin.pk)
    assert [need.title for need in needs_of(later, clock.today())] == ["Orders: orders.csv was refused"]


def test_a_file_of_a_row_that_is_stopped_waits_in_silence(folder, admin, sales):
    stopped = {"pattern": sales.pattern, "kind": "sales", "profile": None, "good_only": False, "active": False}
    drop_rule_save(actor=admin, instance=sales, version=sales.version, **stopped)
    (folder / "sales-1.csv").write_text(lines(GOOD))
    settle()
    assert (DropFile.objects.get().state, said(), Import.objects.count()) == ("waiting", [], 0)


def test_a_mapping_that_files_are_read_by_is_not_deleted(admin):
    profile = ImportProfile.objects.create(kind="sales", name="ERP", text=PROFILE)
    rule(admin, "erp-*.csv", profile=profile)
    with pytest.raises(DomainError, match=r"Files of the drop folder named erp-\*\.csv are read by it"):
        profile_delete(actor=admin, instance=profile)
    assert ImportProfile.objects.filter(pk=profile.pk).exists()


def test_a_mapping_that_cannot_be_read_any_more_refuses_the_file(folder, admin):
    profile = ImportProfile.objects.create(kind="sales", name="ERP", text="kind = 'sales'\nnonsense = 1\n")
    rule(admin, profile=profile)
    (folder / "sales-1.csv").write_text(lines(GOOD))
    settle()
    file = DropFile.objects.get()
    assert (file.state, "nonsense" in str(file.why), Import.objects.count()) == ("refused", True, 0)
    assert lying(folder) == {"refused": ["sales-1.csv", "sales-1.csv.problems.csv"]}


def test_a_link_is_refused_and_never_followed(folder, sales, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(lines(GOOD))
    (folder / "sales-1.csv").symlink_to(secret)
    (folder / "below").symlink_to(tmp_path)
    settle()
    assert not Import.objects.exists()
    why = "It is a link or a device, not a file; only files are read."
    assert {(row.name, row.state, str(row.why)) for row in DropFile.objects.all()} == {
        ("sales-1.csv", "refused", why),
        ("below", "refused", why),
    }
    assert "sales-1.csv" in lying(folder)["refused"]
    assert secret.read_text() == lines(GOOD)


def test_a_pipe_does_not_keep_the_worker_waiting(folder, sales):
    os.mkfifo(folder / "sales-1.csv")
    settle()
    assert DropFile.objects.get().state == "refused"


def test_a_file_that_is_too_large_is_refused_unread(folder, sales, settings):
    settings.IMPORT_MAX_BYTES = 1 << 20
    with (folder / "sales-1.csv").open("wb") as large:
        large.truncate(5 << 30)
    settle()
    file = DropFile.objects.get()
    assert (file.state, str(file.why)) == ("refused", "The file is larger than 1 MiB.")
    report = next((folder / "refused").glob("*.problems.csv")).read_text(encoding="utf-8-sig")
    assert "The file is larger than 1 MiB." in report
    assert said() == ["sales-1.csv was refused: The file is larger than 1 MiB."]
    assert not Import.objects.exists()
    (need,) = needs_of(sales.updated_by, clock.today())
    assert (need.title, need.kind) == ("1 file of the drop folder was refused unread: sales-1.csv", "Drop folder")


@pytest.mark.parametrize("content", [b"", b"\0\1\2" * 100, b"PK\3\4 half a workbook", lines(GOOD)[:-12].encode()])
def test_what_is_no_table_or_half_a_file_is_refused_with_a_reason(folder, sales, content):
    (folder / "sales-1.csv").write_bytes(content)
    settle()
    made = Import.objects.get()
    assert (made.state, made.problems.exists(), SaleLine.objects.count()) == ("refused", True, 0)
    assert DropFile.objects.get().state == "refused"


def test_a_file_with_a_strange_name_comes_in(folder, sales):
    names = [b"sales-\xff\xfe.csv", ("sales-" + "长" * 70 + ".csv").encode(), b"sales-a\nb.csv", b"sales-'\"<b>.csv"]
    for number, name in enumerate(names):
        (folder / os.fsdecode(name)).write_text(lines(GOOD.replace("L1", f"L{number}")))
    settle()
    assert (SaleLine.objects.count(), len(lying(folder)["done"])) == (4, 4)


def test_products_come_before_the_sales_that_name_them(folder, admin, sales):
    rule(admin, "products.csv", kind="products")
    (folder / "sales-1.csv").write_text(lines(GOOD.replace("P1", "NEW")))
    (folder / "products.csv").write_text("sku,name,line,base_unit\nNEW,New one,Line,pc\n")
    look()
    wait()
    look()
    assert [made.kind for made in Import.objects.all()] == ["products"], "one at a time"
    settle()
    assert [made.kind for made in Import.objects.order_by("pk")] == ["products", "sales"]


def test_a_stopped_import_puts_its_file_with_the_refused(folder, sales, admin):
    (folder / "sales-1.csv").write_text(lines(GOOD))
    look()
    wait()
    look()
    import_cancel(actor=admin, instance=Import.objects.get())
    settle()
    file = DropFile.objects.get()
    assert (file.state, str(file.why)) == ("refused", "Somebody stopped the import.")
    assert lying(folder) == {"refused": ["sales-1.csv"]}


def test_a_file_that_somebody_takes_away_is_forgotten_and_holds_nothing_up(folder, sales):
    file = folder / "sales-1.csv"
    file.write_text(lines(GOOD))
    look()
    file.unlink()
    look()
    assert not DropFile.objects.exists()
    (folder / "sales-2.csv").write_text(lines(GOOD))
    DropFile.objects.create(
        name="gone.csv", size=1, modified=1, state="taking", seen_at=clock.instant(), first_seen_at=clock.instant()
    )
    settle()
    assert {row.name: row.state for row in DropFile.objects.all()} == {"gone.csv": "refused", "sales-2.csv": "done"}


def test_a_folder_whose_disk_is_away_is_not_taken_for_an_empty_one(folder, sales, admin):
    (folder / "sales-1.csv").write_text(lines(GOOD))
    look()
    wait()
    look()
    for room in drop_folder.ROOMS:
        (folder / room).rename(folder.parent / room)
    assert not drop_wanted()
    assert "is its disk there?" in str(DropLook.objects.get().trouble)
    assert "The drop folder cannot be read" in [str(need.title) for need in needs_of(admin, clock.today())]
    for room in drop_folder.ROOMS:
        (folder.parent / room).rename(folder / room)
    settle()
    assert DropFile.objects.get().state == "done"
    assert str(DropLook.objects.get().trouble) == ""


def test_a_folder_that_cannot_be_made_is_said_and_stops_nothing_else(admin, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "job_signal", lambda _job: None)
    settings.IMPORT_FOLDER = tmp_path / "not" / "there"
    jobs.tick()
    assert "The folder cannot be used" in str(DropLook.objects.get().trouble)
    assert not Job.objects.filter(kind="ledger.drop").exists()


def test_two_ticks_at_once_make_one_job_and_an_empty_folder_none(folder, sales, monkeypatch):
    monkeypatch.setattr(jobs, "job_signal", lambda _job: None)
    jobs.tick()
    assert not Job.objects.filter(kind="ledger.drop").exists()
    (folder / "sales-1.csv").write_text(lines(GOOD))
    jobs.tick()
    jobs.tick()
    job = Job.objects.get(kind="ledger.drop")
    jobs.job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, DropFile.objects.get().name) == ("done", "sales-1.csv")


def test_the_end_of_an_import_looks_for_the_next_file_at_once(folder, sales):
    for number in (1, 2):
        (folder / f"sales-{number}.csv").write_text(lines(GOOD.replace("L1", f"L{number}")))
    look()
    wait()
    look()
    first = Import.objects.get()
    jobs.job_run(first.job_id)
    following = Job.objects.get(kind="ledger.drop", state="queued")
    jobs.job_run(following.pk)
    assert [made.filename for made in Import.objects.order_by("pk")] == ["sales-1.csv", "sales-2.csv"]


@pytest.mark.parametrize("step", ["_observe", "_take", "_bring", "_put_away"])
def test_two_looks_at_once_do_each_thing_once(folder, sales, monkeypatch, step):
    """The second look does the whole work just before the first one does its step, by what it knew before."""
    (folder / "sales-1.csv").write_text(lines(GOOD))
    if step != "_observe":
        look()
        wait()
    if step == "_put_away":
        look()
        import_process(import_id=Import.objects.get().pk, runner=Foreground())
    first, overtaken = getattr(drop_looking, step), []

    def late(*given):
        if not overtaken:
            overtaken.append(step)
            settle()
        first(*given)

    monkeypatch.setattr(drop_looking, step, late)
    look()
    settle()
    assert overtaken
    assert (Import.objects.count(), SaleLine.objects.count(), lying(folder)) == (1, 1, {"done": ["sales-1.csv"]})
    assert [row.state for row in DropFile.objects.all()] == ["done"]


MODULES = {drop_looking.__file__, drop_folder.__file__, drop_plan.__file__}


def killed_at(line, work):
    """Do the work, and kill it at the line that is reached as the `line`th; return whether it was."""
    reached = 0

    def trace(frame, event, _arg):
        nonlocal reached
        if frame.f_code.co_filename not in MODULES:
            return None
        # On its way out a block shows its first line again; an error there would leave the block without its end.
        first = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        if event == "line" and not first.startswith("with "):
            reached += 1
            if reached == line:
                raise Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Killed:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize("stride", [25, pytest.param(3, marks=pytest.mark.faults)])
@pytest.mark.parametrize("phase", ["taking", "putting away", "refusing"])
def test_a_look_that_is_killed_at_any_line_loses_nothing_and_doubles_nothing(folder, sales, phase, stride):
    number, doubled = 0, []
    while True:
        number += 1
        name = f"sales-{number}.csv"
        (folder / name).write_text(lines(GOOD.replace("L1", f"K{number}")))
        if phase == "refusing":
            (folder / name).unlink()
            (folder / name).symlink_to(folder)
        look()
        wait()
        if phase == "putting away":
            look()
            import_process(import_id=Import.objects.latest("pk").pk, runner=Foreground())
        was_killed = killed_at(number * stride, look)
        settle()
        file = DropFile.objects.get(name=name)
        ended = "refused" if phase == "refusing" else "done"
        assert (file.state, (folder / file.kept_as).is_symlink()) == (ended, phase == "refusing"), number
        doubled += [name for found in lying(folder).values() if found.count(name) > 1]
        assert not lying(folder).get("taking"), number
        if phase != "refusing":
            assert Import.objects.filter(filename=name).count() == 1, number
        if not was_killed:
            break
    assert number > 3
    assert doubled == []
    assert SaleLine.objects.count() == (0 if phase == "refusing" else number)
    assert not [name for name in connection.introspection.table_names() if name.startswith("stage_")]


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("sales-*.csv", "SALES-1.CSV", True),
        ("sales-*.csv", "erp/sales-1.csv", False),
        ("erp/*.csv", "erp/sales-1.csv", True),
        ("*", "a/b", False),
        ("*/*", "a/b", True),
        ("stock-??.xlsx", "stock-03.xlsx", True),
        ("销售*.csv", "销售-三月.csv", True),
    ],
)
def test_a_pattern_is_about_the_whole_name_folder_by_folder(pattern, name, fits):
    assert pattern_fits(pattern, name) is fits


def test_of_two_rows_that_fit_the_longer_one_holds():
    rules = [DropRule(pk=1, pattern="*.csv"), DropRule(pk=2, pattern="sales-*.csv")]
    assert rule_of("sales-1.csv", rules).pk == 2
    assert rule_of("other.csv", rules).pk == 1
    assert rule_of("other.txt", rules) is None
