"""What this app adds to the pages around it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.audit import records_add, words_add
from core.contributors import Link, Setting, contribute, link_add, setting_add
from core.panels import panel_add
from distributors.ledger import tasks, timeline
from distributors.ledger.contracts import contract_targets, product_lines, year_before
from distributors.ledger.drop_looking import drop_follow
from distributors.ledger.drop_selectors import drop_needs
from distributors.ledger.facts import FACTS
from distributors.ledger.handover import order_blocks
from distributors.ledger.home import sales_figures
from distributors.ledger.home_books import books_and_imports
from distributors.ledger.home_receivables import receivable_ages
from distributors.ledger.home_territories import territory_comparison
from distributors.ledger.kinds import (
    assignments,
    cards,
    contacts,
    contracts,
    distributors,
    invoices,
    occurrences,
    orders,
    payments,
    people,
    products,
    rates,
    sales,
    stock,
    targets,
    territories,
)
from distributors.ledger.merging import closed_since, merge_follow
from distributors.ledger.needs import import_needs, import_words, overdue_needs
from distributors.ledger.overview import overview_charts
from distributors.ledger.receivable_figures import receivable_figures
from distributors.ledger.wallet import wallet_points
from distributors.profiles.outbound import kinds_add

DECLARED = (
    *(tasks, territories, people, distributors, assignments, contacts, cards, products, contracts, rates),
    *(sales, orders, invoices, payments, stock, targets, occurrences),
)


def register() -> None:
    """Add the navigation entries, the sales tab, and what Home and the timeline show."""
    link_add(Link(_("Products"), "ledger:product-list", "box", "ledger.view_product", 40))
    link_add(Link(_("Receivables"), "ledger:openitem-list", "list", "ledger.view_openitem", 35))
    link_add(Link(_("Imports"), "ledger:import-list", "upload", "ledger.view_import", 40, "setup"))
    link_add(Link(_("Batches"), "ledger:batch-list", "history", "ledger.undo_batch", 41, "setup"))
    _settings_add()
    panel_add(
        "profiles.Distributor",
        "sales",
        _("Sales"),
        "ledger:distributor-sales",
        permission="ledger.view_saleline",
        order=20,
    )
    panel_add(
        "profiles.Distributor",
        "receivables",
        _("Receivables"),
        "ledger:distributor-receivables",
        permission="ledger.view_openitem",
        order=22,
    )
    view = "ledger.view_retailprice"
    panel_add("profiles.Distributor", "prices", _("Prices"), "ledger:distributor-prices", permission=view, order=24)
    contribute("product_lines", product_lines)
    contribute("wallet", wallet_points)
    contribute("contract_year_before", year_before)
    contribute("contract_targets", contract_targets)
    contribute("handover", order_blocks)
    contribute("merged", merge_follow)
    contribute("settled_since", closed_since)
    contribute("home", sales_figures)
    contribute("home", territory_comparison)
    contribute("home", receivable_ages)
    contribute("home", books_and_imports)
    contribute("home", receivable_figures)
    contribute("overview", overview_charts)
    contribute("needs", import_needs)
    contribute("needs", drop_needs)
    contribute("job_ended", drop_follow)
    contribute("job_kinds", scheduled_kinds)
    contribute("job_words", import_words)
    contribute("needs", overdue_needs)
    timeline.register()


def _settings_add() -> None:
    setting_add(
        Setting(
            _("Company"),
            _("Name, base currency, kind of rate, time zone, fiscal calendar, language of new people."),
            "ledger:company",
            "box",
            "core.view_company",
            10,
            ("core.Company",),
        )
    )
    setting_add(
        Setting(
            _("Books"),
            _("Which months are closed: their sums never change, what comes late counts in the first open month."),
            "ledger:books",
            "calendar",
            "ledger.view_periodlock",
            15,
            ("ledger.PeriodLock",),
        )
    )
    setting_add(
        Setting(
            _("Exchange rates"),
            _("Rates to the base currency by day: added and corrected by hand, or from a file; which are missing."),
            "ledger:exchangerate-list",
            "chart",
            "ledger.view_exchangerate",
            16,
            ("ledger.ExchangeRate",),
        )
    )
    setting_add(
        Setting(
            _("Drop folder"),
            _("Which files other systems leave in the folder are read how; what waits there, and what was read last."),
            "ledger:droprule-list",
            "upload",
            "ledger.view_droprule",
            17,
            ("ledger.DropRule",),
        )
    )
    _words_add()


def _words_add() -> None:
    kinds_add(
        {
            "books.closed": _("months closed"),
            "books.reopened": _("month opened again"),
            "batch.undone": _("batch undone"),
        }
    )
    records_add(
        {
            "ledger.Batch": _("batch"),
            "ledger.DropRule": _("row of the drop folder"),
            "ledger.ExchangeRate": _("exchange rate"),
            "ledger.Import": _("import"),
            "ledger.ImportProfile": _("mapping"),
            "ledger.PeriodLock": _("closed months"),
            "ledger.Product": _("product"),
            "ledger.Source": _("source"),
        }
    )
    words_add(
        {
            "company.changed": _("changed"),
            "books.closed": _("closed"),
            "books.reopened": _("opened again"),
            "batch.undone": _("undone"),
            "rate.added": _("added"),
            "rate.corrected": _("corrected"),
            "import.uploaded": _("file uploaded"),
            "import.started": _("import started"),
            "import.cancelled": _("import cancelled"),
            "import.refused": _("import refused"),
            "import.published": _("imported"),
            "profile.saved": _("mapping kept"),
            "profile.deleted": _("mapping deleted"),
            "lines.upserted": _("sent by a system"),
            "droprule.saved": _("saved"),
            "price.seen": _("price at retail noted"),
            "price.removed": _("price at retail removed"),
            "drop.refused": _("refused"),
        }
        | {f"{fact.kind}.upserted": _("sent by a system") for fact in FACTS}
    )


def scheduled_kinds() -> list[tuple[str, str]]:
    """Return what the scheduled work of this app is called."""
    return [
        ("ledger.nightly", gettext_noop("Twelve months of every standing")),
        ("ledger.files", gettext_noop("Old files of imports removed")),
    ]
