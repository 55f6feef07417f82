"""Makes a demo in an empty database."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Territory, User
from config.demo.cards import cards_write
from config.demo.catalogue import LAUNCH_MONTH, catalogue_write, rates_write
from config.demo.channel import Channel, channel_plan, month_dates, yesterday
from config.demo.demand import Demand, demand_plan, demand_scale, ranked, usual_orders
from config.demo.people import people_plan, people_write, territories_write, tree_plan
from config.demo.planted import Planted, class_moves_found, gaps_plan, never_plan, silence_plan
from config.demo.rhythm import PREBUY
from config.demo.sales import Ledger, batch_dates, tables_make
from config.demo.sizes import MONTHS, SIZES, Size
from config.demo.writing import next_pk, rows_write
from core import clock
from core.company import company
from core.database import analyze, copy_rows
from core.errors import DomainError
from core.periods import month_of, month_shift
from distributors.ledger.models import Batch, Product, SaleLine, Source
from distributors.profiles.models import Distributor, DistributorType

PLANTED_FILE = "demo_planted.json"


@dataclass(frozen=True)
class Made:
    """What a demo holds."""

    distributors: int
    people: int
    lines: int
    planted: Planted
    file: Path


def demo_is_empty() -> bool:
    """Tell whether nothing is in the database that a demo would stand beside."""
    return not any(model.objects.exists() for model in (Distributor, SaleLine, Product, Territory))


def demo_create(*, size: str, seed: int, force: bool = False) -> Made:
    """Write the invented manufacturer; raise DomainError with DEBUG off or where there is data already.

    `force` allows people to be there already, never facts.
    """
    if not settings.DEBUG:
        raise DomainError(_("Demo data is only for a try: it refuses to run with DEBUG off."))
    if not demo_is_empty() or (User.objects.exists() and not force):
        raise DomainError(_("The database is not empty. Demo data goes into an empty one only."))
    with transaction.atomic():
        return _create(SIZES[size], seed, clock.today())


def _create(size: Size, seed: int, today: date) -> Made:
    last = yesterday(today)
    first = month_shift(last, 1 - MONTHS)
    planted = Planted(size.name, seed, first, last)
    _company_set()
    tree = tree_plan(size)
    people = people_plan(size, tree)
    territories_write(tree)
    users = people_write(people, tree)
    channel = channel_plan(size, tree, np.random.default_rng([seed, 1]), first, last)
    demand = _hide(channel, size, planted, np.random.default_rng([seed, 2]), first, last)
    cards_write(channel, tree, users, last, first)
    source = Source.objects.create(code="erp", name="江禾 ERP Jianghe ERP")
    months = month_dates(first)
    catalogue = catalogue_write(size, np.random.default_rng([seed, 3]), source, months[LAUNCH_MONTH], first)
    rates = rates_write(np.random.default_rng([seed, 4]), first, month_shift(last, 1))
    ones = np.full(len(rates["USD"]), 10_000)
    ledger = Ledger(
        demand, catalogue, planted, np.stack([ones, rates["USD"], rates["EUR"]]), source.pk, next_pk(Batch),
        [person.code for person in people], [tree.nodes[tree.leaves[leaf].node].code for leaf in channel.leaf], seed,
    )  # fmt: skip
    lines = _lines_write(ledger, today)
    _plants_note(channel, people, planted, months)
    path = Path(settings.VAR_DIR) / PLANTED_FILE
    planted.write(path)
    return Made(channel.size, len(users), lines, planted, path)


def _company_set() -> None:
    row = company()
    row.name, row.base_currency, row.time_zone = "江禾动力 Jianghe Power（演示）", "CNY", "Asia/Shanghai"
    row.save()
    for order, (code, name, name_zh) in enumerate(
        (
            ("general", "General distributor", "总经销商"),
            ("authorised", "Authorised distributor", "特约经销商"),
            ("ordinary", "Ordinary distributor", "普通经销商"),
            ("value_added", "Value-added reseller", "增值经销商"),
            ("retailer", "Retailer", "零售商"),
            ("online", "Online shop", "网店"),
        )
    ):
        DistributorType.objects.get_or_create(code=code, defaults={"name": name, "name_zh": name_zh, "order": order})


def _hide(channel: Channel, size: Size, planted: Planted, rng: np.random.Generator, first: date, last: date) -> Demand:
    """Plan the demand with what is hidden in it; who is named is noted once the codes are known."""
    never = never_plan(channel, rng, last)
    demand = demand_plan(channel, size, first, last)
    silent = silence_plan(channel, usual_orders(demand), rng, last)
    gaps = gaps_plan(channel, usual_orders(demand), rng)
    demand_scale(demand)
    channel.hidden = {"never": never, "silent": silent, "gaps": gaps}
    return demand


def _lines_write(ledger: Ledger, today: date) -> int:
    close = MONTHS - 1 - (month_of(today) == ledger.demand.months[-1].first)
    written = copy_rows(SaleLine._meta.db_table, tables_make(ledger, close))
    rows_write(
        Batch,
        {
            "number": np.arange(MONTHS) + ledger.first_batch,
            "kind": "sales",
            "source_id": ledger.source,
            "rows_new": np.array(ledger.new),
            "rows_changed": np.array(ledger.changed),
            "created_at": batch_dates(ledger.demand),
        },
        MONTHS,
    )
    demand = ledger.demand
    for who, old, new in class_moves_found(ranked(demand), demand.actual, close, demand.moves):
        ledger.planted.add(
            "class_move", f"ABC class goes from {old} to {new} for the first time",
            demand.channel.code[who], demand.months[close].first, "class about to change", before=old, after=new,
        )  # fmt: skip
    analyze(SaleLine._meta.db_table)
    return written


def _plants_note(channel: Channel, people: list[Any], planted: Planted, months: list[date]) -> None:
    """Write down what was hidden in the plan."""
    for who in channel.hidden["silent"]:
        since = date.fromordinal(int(channel.stops[who]))
        planted.add(
            "silent", "A steady buyer stopped ordering", channel.code[who], since, "no order for twice the usual gap"
        )
    for who in channel.hidden["never"]:
        since = date.fromordinal(int(channel.since[who]))
        planted.add("never_ordered", "Approved, but never ordered", channel.code[who], since, "class N, then C")
    for who, month in channel.hidden["gaps"]:
        planted.add("gap", "A month of lines is missing", channel.code[who], months[month], "missing months")
    for double, survivor in channel.merged.items():
        planted.add(
            "merged", "Two cards of one company", channel.code[double], "", "roll-ups follow the survivor",
            survivor=channel.code[survivor],
        )  # fmt: skip
    for who in np.flatnonzero(channel.moved_in >= 0)[:200]:
        planted.add(
            "moved_owner", "Another rep took over", channel.code[who], months[channel.moved_in[who]], "owner as was",
            before=people[channel.rep_before[who]].code, after=people[channel.rep[who]].code,
        )  # fmt: skip
    for month in months:
        if month.month == 3:
            planted.add(
                "prebuy", "Orders pulled forward before a price rise", "*", month, "month against index", factor=PREBUY
            )
