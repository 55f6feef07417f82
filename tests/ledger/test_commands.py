"""The commands: what they print, and that they exit with an error when something is wrong."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import Company
from distributors.ledger import work
from distributors.ledger.models import Import, MonthlySales, SaleLine
from distributors.ledger.records import Allocation, OpenItem, Payment
from distributors.profiles.models import Standing
from tests.ledger.records import bring, lines, picture, small_world

pytestmark = pytest.mark.django_db

GOOD = "L1,D1,P1,2025-03-01,2,10.00,CNY"


def run(command, *args, **options):
    out, err = StringIO(), StringIO()
    call_command(command, *args, stdout=out, stderr=err, **options)
    return out.getvalue() + err.getvalue()


def test_a_file_is_brought_in_from_the_command_line(tmp_path):
    small_world()
    file = tmp_path / "lines.csv"
    file.write_text(lines(GOOD))
    assert "1 rows would go in" in run("import_data", "sales", str(file), dry_run=True)
    assert SaleLine.objects.count() == 0
    assert "1 new, 0 changed, 0 unchanged" in run("import_data", "sales", str(file))


def test_a_command_says_what_came_of_it_and_leaves_its_job(tmp_path):
    small_world()
    file = tmp_path / "lines.csv"
    file.write_text(lines(GOOD))
    said = run("import_data", "sales", str(file))
    assert "reading: 1 rows" in said
    assert ", batch #1, in 0." in said
    made = Import.objects.get()
    assert (made.job.state, made.job.result["rows"], made.job.result["batch"]) == ("done", 1, 1)


def test_an_interrupted_command_cancels_its_import(tmp_path, monkeypatch):
    def interrupted(*_given):
        raise KeyboardInterrupt

    small_world()
    before = picture()
    file = tmp_path / "lines.csv"
    file.write_text(lines(GOOD))
    monkeypatch.setattr(work.Work, "check", interrupted)
    with pytest.raises(CommandError, match="cancelled"):
        run("import_data", "sales", str(file))
    made = Import.objects.get()
    assert (made.state, made.job.state) == (Import.State.CANCELLED, "cancelled")
    assert {name: rows for name, rows in picture().items() if name != "audit"} == {
        name: rows for name, rows in before.items() if name != "audit"
    }


def test_a_refused_file_is_reported_row_by_row(tmp_path):
    small_world()
    file, err = tmp_path / "lines.csv", StringIO()
    file.write_text(lines(GOOD, GOOD.replace("L1,D1", "L2,D9")))
    with pytest.raises(CommandError, match="1 problem; nothing was changed"):
        call_command("import_data", "sales", str(file), stdout=StringIO(), stderr=err)
    assert (
        "3\tdistributor\tD9\tThis distributor is not known: mend the cell, or bring the distributor in first."
        in err.getvalue()
    )
    assert SaleLine.objects.count() == 0


def test_an_unknown_person_or_file_is_refused(tmp_path):
    file = tmp_path / "lines.csv"
    file.write_text(lines(GOOD))
    with pytest.raises(CommandError, match="Nobody has"):
        run("import_data", "sales", str(file), user="nobody@x.example")
    with pytest.raises(CommandError, match="No such file"):
        run("import_data", "sales", str(tmp_path / "absent.csv"))
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (lambda: MonthlySales.objects.update(amount=1), "monthly sales agree"),
        (lambda: MonthlySales.objects.all().delete(), "monthly sales agree"),
        (lambda: SaleLine.objects.update(superseded_by=1), "sales: one revision"),
        (lambda: SaleLine.objects.update(product=10**9), "sales: everything named exists"),
        (lambda: SaleLine.objects.update(revision=2), "sales: revisions follow"),
        (lambda: Allocation.objects.all().delete(), "allocations agree"),
        (lambda: Allocation.objects.update(amount=1), "settled and open"),
        (lambda: OpenItem.objects.update(due_on=date(2020, 1, 1)), "open items agree"),
        (lambda: Payment.objects.update(distributor=10**9), "payments: everything named exists"),
        (lambda: Standing.objects.exclude(receivable_as_of=None).update(overdue=7), "standings agree with open items"),
        (lambda: Standing.objects.exclude(sales_as_of=None).update(orders_12m=77), "standings agree"),
    ],
)
def test_verify_finds_what_differs(damage, check):
    small_world()
    bring(lines(GOOD))
    bring("external_id,distributor,day,due_on,amount,currency\nR1,D1,2025-03-01,2025-03-31,100,CNY\n", "invoices")
    bring("external_id,distributor,day,amount,currency\nP1,D1,2025-03-10,60,CNY\n", "payments")
    assert "FAIL" not in run("verify")
    damage()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify", stdout=out)
    assert f"FAIL {check}" in out.getvalue()


def test_the_base_currency_is_fixed_once_lines_are_in():
    small_world()
    assert "time zone Europe/Paris" in run("company", name="Velo", time_zone="Europe/Paris")
    bring(lines(GOOD))
    for change in ({"currency": "USD"}, {"rate_kind": "close"}, {"time_zone": "Nowhere"}, {"currency": "dollars"}):
        with pytest.raises(CommandError):
            run("company", **change)
    assert Company.objects.get().base_currency == "CNY"
