"""The commands: what they print, and that they exit with an error when something is wrong."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import Company
from distributors.ledger.models import Import, MonthlySales, SaleLine
from distributors.profiles.models import Standing
from tests.ledger.records import bring, lines, small_world

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


def test_a_refused_file_is_reported_row_by_row(tmp_path):
    small_world()
    file, err = tmp_path / "lines.csv", StringIO()
    file.write_text(lines(GOOD, GOOD.replace("L1,D1", "L2,D9")))
    with pytest.raises(CommandError, match="1 problems; nothing was changed"):
        call_command("import_data", "sales", str(file), stdout=StringIO(), stderr=err)
    assert "3\tdistributor\tD9\tThis distributor is not known." in err.getvalue()
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
        (lambda: SaleLine.objects.update(superseded_by=1), "one revision"),
        (lambda: SaleLine.objects.update(product=10**9), "everything that a line names"),
        (lambda: SaleLine.objects.update(revision=2), "revisions follow"),
        (lambda: Standing.objects.exclude(sales_as_of=None).update(orders_12m=77), "standings agree"),
    ],
)
def test_verify_finds_what_differs(damage, check):
    small_world()
    bring(lines(GOOD))
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
