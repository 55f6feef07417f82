"""What the demo's distributors owe, have in stock and are to reach."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F, Sum

from distributors.ledger.models import LineKind, SaleLine
from distributors.ledger.records import Invoice, Occurrence, OpenItem, Order, Payment, StockSnapshot, Target
from distributors.ledger.verification import verify
from distributors.profiles.models import Standing

pytestmark = pytest.mark.django_db


def test_invoices_and_credit_notes_make_what_tier_1_bought_with_tax(demo):
    lines = SaleLine.objects.filter(superseded_by=None, distributor__tier=1).exclude(kind=LineKind.SELL_THROUGH)
    bought = lines.aggregate(net=Sum("base_amount"), tax=Sum("base_tax"))
    billed = dict(Invoice.objects.order_by().values_list("kind").annotate(total=Sum("base_amount")))
    assert billed["invoice"] - billed["credit_note"] == bought["net"] + bought["tax"]
    assert not Invoice.objects.exclude(distributor__tier=1).exists()


def test_most_pay_in_time_and_some_late(demo):
    late = set(OpenItem.objects.filter(kind="invoice", due_on__lt="2026-03-18").values_list("distributor", flat=True))
    owing = set(OpenItem.objects.filter(kind="invoice").values_list("distributor", flat=True))
    assert owing
    assert 0 < len(late) < len(owing)
    whole = Standing.objects.aggregate(owed=Sum("receivable"), over=Sum("overdue"))
    assert Decimal("0.02") < whole["over"] / whole["owed"] < Decimal("0.6")


def test_acceptances_run_half_a_year_and_bounced_payments_are_reversed(demo):
    accepted = Payment.objects.filter(method="acceptance")
    assert accepted.count() > 100
    assert not accepted.exclude(due_on=F("day") + timedelta(days=180)).exists()
    for back in Payment.objects.exclude(reverses=""):
        assert Payment.objects.get(external_id=back.reverses).amount == -back.amount


def test_there_are_open_orders_stock_targets_and_occurrences(demo):
    assert Order.objects.count() > 10
    assert StockSnapshot.objects.filter(quantity__gt=0).count() > 500
    assert set(Target.objects.values_list("owner_kind", flat=True)) == {"distributor", "person", "territory"}
    assert {"report_due", "report_received", "complaint_received", "contract_breach"} == set(
        Occurrence.objects.values_list("kind", flat=True)
    )


def test_everything_that_is_derived_agrees_with_the_facts(demo):
    assert [one.name for one in verify() if one.wrong] == []
