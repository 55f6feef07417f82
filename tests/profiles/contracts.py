"""Makes contracts for tests, by the services that people use."""

from datetime import date
from decimal import Decimal

from distributors.profiles.contracts.models import Contract
from distributors.profiles.contracts.services import contract_save, contract_sign
from tests import factories

TODAY = date(2026, 3, 10)


def draft(actor, distributor, number="C-1", rows=(), **fields):
    """Write a draft; `rows` are (territory, line, exclusive)."""
    values = {
        "kind": "authorised",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "yearly_target": None,
        "split": "even",
        **fields,
    }
    coverage = [{"territory": where, "line": line, "exclusive": exclusive} for where, line, exclusive in rows]
    return contract_save(
        actor=actor, instance=Contract(), distributor=distributor, number=number, coverage=coverage, **values
    )


def signed(actor, distributor, number="C-1", rows=(), **fields):
    """Write a draft and sign it."""
    made = draft(actor, distributor, number, rows, **fields)
    return contract_sign(actor=actor, contract=made, signed_on=TODAY)


def posted(distributor, number="C-1", rows=(), **fields):
    """Return what the form sends."""
    data = {
        "distributor": distributor.code,
        "number": number,
        "kind": "authorised",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "split": "even",
        "row-TOTAL_FORMS": str(len(rows)),
        "row-INITIAL_FORMS": "0",
        **fields,
    }
    for place, (where, line, exclusive) in enumerate(rows):
        data |= {f"row-{place}-territory": where.pk, f"row-{place}-line": line}
        if exclusive:
            data[f"row-{place}-exclusive"] = "on"
    return data


def some_sales(distributor, month, amount):
    """Let a distributor have bought in a month."""
    from distributors.ledger.models import MonthlySales

    MonthlySales.objects.create(
        distributor=distributor,
        month=month,
        kind="sell_in",
        counted=True,
        quantity=Decimal(1),
        amount=Decimal(amount),
        tax=Decimal(0),
        cost=Decimal(0),
        lines=1,
        orders=1,
        products=1,
        first_on=month,
        last_on=month,
    )


__all__ = ["TODAY", "draft", "factories", "posted", "signed", "some_sales"]
