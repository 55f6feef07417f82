"""Makes a demo in an empty database."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import Territory, User
from accounts.roles import Role
from accounts.search import PERSON
from config.demo.card_parts import card_parts_write
from config.demo.cards import cards_write
from config.demo.catalogue import LAUNCH_MONTH, Catalogue, catalogue_write, rates_write
from config.demo.channel import Channel, channel_plan, month_dates, yesterday
from config.demo.contacts import contacts_write
from config.demo.contracts import contracts_write
from config.demo.credit import credit_write
from config.demo.demand import Demand, demand_plan, demand_scale, ranked, usual_orders
from config.demo.lending import lending_begin, lending_write
from config.demo.loading import indexes_later
from config.demo.people import Person, Tree, people_plan, people_write, territories_write, tree_plan
from config.demo.plans import occurrences_write, stock_write, targets_write
from config.demo.planted import Planted, class_moves_found, gaps_plan, never_plan, plants_note, silence_plan
from config.demo.receivables import receivables_write
from config.demo.sales import Ledger, batch_dates, tables_make
from config.demo.selection import selection_write
from config.demo.sizes import MONTHS, SIZES, Size
from config.demo.tags import tags_write
from config.demo.work import tasks_write
from config.demo.writing import next_pk, rows_write
from core import clock
from core.company import company
from core.database import analyze, copy_rows, tuned
from core.errors import DomainError
from core.models import SearchTerm
from core.periods import month_of, month_shift
from core.search import index_renew
from distributors.classification.services import classification_run, policy_add, policy_default
from distributors.ledger.models import Batch, MonthlyLineSales, MonthlySales, Product, SaleLine, Source
from distributors.ledger.receivables import receivables_refresh
from distributors.ledger.records import Allocation, Invoice, OpenItem, Payment
from distributors.ledger.services import rollups_refresh, standings_refresh
from distributors.profiles.card.search import OUTLETS
from distributors.profiles.models import Assignment, Contact, ContactPersonal, Distributor, Place, Standing
from distributors.profiles.people.search import KIND as CONTACTS
from distributors.profiles.search import SEARCH
from distributors.profiles.services import types_seed

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
    types_seed()
    tree = tree_plan(size)
    people = people_plan(size, tree)
    territories_write(tree)
    users = people_write(people, tree)
    channel = channel_plan(size, tree, np.random.default_rng([seed, 1]), first, last)
    demand = _demand_with_plants(channel, size, np.random.default_rng([seed, 2]), first, last)
    cards_write(channel, tree, users, last, first)
    tags_write(channel, next(user for user in users if user.role == Role.ADMIN), np.random.default_rng([seed, 9]))
    contacts_write(channel, today, np.random.default_rng([seed, 10]))
    ledger = _ledger(demand, planted, people, tree, seed)
    lines = _lines_write(ledger, today)
    plants_note(channel, [person.code for person in people], planted, month_dates(first))
    _figures_write(size, users, today, ledger)
    tasks_write(users, today, np.random.default_rng([seed, 5]))
    contracts_write(users, today, np.random.default_rng([seed, 11]))
    selection_write(users, today, np.random.default_rng([seed, 12]))
    card_parts_write(channel, tree, users, today, np.random.default_rng([seed, 13]))
    index_renew(OUTLETS)
    lending_begin(channel, users, today, seed)
    credit_write(users, today, size.closes + 1, np.random.default_rng([seed, 14]))
    lending_write(users, today, seed)
    path = Path(settings.VAR_DIR) / PLANTED_FILE
    planted.write(path)
    return Made(channel.size, len(users), lines, planted, path)


def _company_set() -> None:
    row = company()
    row.name, row.base_currency, row.time_zone = "江禾动力 Jianghe Power（演示）", "CNY", "Asia/Shanghai"
    row.save()


def _demand_with_plants(channel: Channel, size: Size, rng: np.random.Generator, first: date, last: date) -> Demand:
    """Plan the demand with what is hidden in it; it is written down once the codes are known."""
    never = never_plan(channel, rng, last)
    demand = demand_plan(channel, size, first, last)
    silent = silence_plan(channel, usual_orders(demand), rng, last)
    channel.hidden = {"never": never, "silent": silent, "gaps": gaps_plan(channel, usual_orders(demand), rng)}
    demand_scale(demand)
    return demand


def _ledger(demand: Demand, planted: Planted, people: list[Person], tree: Tree, seed: int) -> Ledger:
    """Write what lines refer to, and return it with the demand."""
    source = Source.objects.create(code="erp", name="江禾 ERP Jianghe ERP")
    first = demand.first
    launch = month_dates(first)[LAUNCH_MONTH]
    catalogue: Catalogue = catalogue_write(demand.size, np.random.default_rng([seed, 3]), source, launch, first)
    rates = rates_write(np.random.default_rng([seed, 4]), first, month_shift(demand.last, 1))
    flat = np.full(len(rates["USD"]), 10_000)
    return Ledger(
        demand=demand,
        catalogue=catalogue,
        planted=planted,
        rates=np.stack([flat, rates["USD"], rates["EUR"]]),
        source=source.pk,
        first_batch=next_pk(Batch),
        sellers=[person.code for person in people],
        territories=[tree.nodes[leaf.node].code for leaf in tree.leaves],
        seed=seed,
    )


def _lines_write(ledger: Ledger, today: date) -> int:
    """Write the lines and their batches; note who was made to cross a class cut at the last close."""
    demand = ledger.demand
    close = MONTHS - 1 - (month_of(today) == demand.months[-1].first)
    table = SaleLine._meta.db_table
    with indexes_later(table):
        written = copy_rows(table, tables_make(ledger, close))
    rows_write(
        Batch,
        {
            "number": np.arange(MONTHS) + ledger.first_batch,
            "kind": "sales",
            "source_id": ledger.source,
            "rows_new": np.array(ledger.new),
            "rows_changed": np.array(ledger.changed),
            "created_at": batch_dates(demand),
        },
        MONTHS,
    )
    for who, old, new in class_moves_found(ranked(demand, close), demand.actual, close, ledger.moves):
        ledger.planted.add(
            "class_move",
            f"Stands in {new} for the first time, in {old} until now",
            demand.channel.code[who],
            month_shift(demand.months[close].first, 1),
            "class about to change",
            before=old,
            after=new,
        )
    return written


def _facts_write(ledger: Ledger) -> None:
    """Write the other facts of the ERP, one batch a kind, behind those of the lines."""
    number = ledger.first_batch + MONTHS
    kinds = ("invoices", "payments", "orders", "stock", "targets", "occurrences")
    batches = dict(zip(kinds, range(number, number + len(kinds)), strict=True))
    counts = [
        *receivables_write(ledger, (batches["invoices"], batches["payments"], batches["orders"])),
        stock_write(ledger, batches["stock"]),
        targets_write(ledger, batches["targets"]),
        occurrences_write(ledger, batches["occurrences"]),
    ]
    came_in = f"{ledger.demand.last + timedelta(days=1)} 02:00:00"
    columns = {"number": list(batches.values()), "kind": list(kinds), "source_id": ledger.source}
    rows_write(Batch, {**columns, "rows_new": counts, "created_at": [came_in] * len(kinds)}, len(kinds))


def _figures_write(size: Size, users: list[User], today: date, ledger: Ledger) -> None:
    """Compute what pages read: roll-ups, standing, and the classes of the last month closes."""
    _analyze(Distributor, Place, Assignment, Standing, Product, SaleLine)
    with tuned():
        rollups_refresh()
    _analyze(MonthlySales, MonthlyLineSales)
    _facts_write(ledger)
    _analyze(Invoice, Payment)
    with tuned():
        standings_refresh(as_of=today)
        receivables_refresh(None, today)
    _analyze(Allocation, OpenItem)
    administrator = next(user for user in users if user.role == Role.ADMIN)
    policies = [policy_default(), policy_add(actor=administrator, name="Tier 2", tier=2)]
    for policy in policies:
        for step in range(size.closes - 1, -1, -1):
            classification_run(policy=policy, as_of=month_shift(today, -step), official=True)
        if today.day > 1:
            classification_run(policy=policy, as_of=today, official=False)
    for kind in (SEARCH, CONTACTS, PERSON):
        index_renew(kind)
    _analyze(Standing, SearchTerm, Contact, ContactPersonal)


def _analyze(*models: type[Model]) -> None:
    for model in models:
        analyze(model._meta.db_table)
