"""Exchange rates to the base currency, by currency, day and kind."""

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.models import ExchangeRate
from distributors.ledger.receivables import foreign_refresh
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.trail import Traced, Trail

TABLE = ExchangeRate._meta.db_table

FIELDS = (
    Field(
        "currency",
        _("currency"),
        required=True,
        key=True,
        pattern="^[A-Z]{3}$",
        hint=_("Not a currency code of three capital letters: write one such as CNY or EUR."),
    ),
    Field("day", _("day"), type="date", required=True, key=True),
    Field("kind", _("kind"), type="choice", choices=dict(ExchangeRate.Kind.choices), default="average", key=True),
    Field("rate", _("rate"), type="rate", required=True),
)

GIVEN = ("currency", "day", "kind", "rate")
CALLED = ("currency", "day")
CORRECTED = Trail(ExchangeRate, CALLED, (Traced("rate", "s.rate", "t.rate", "rate"),))
ADDED = Trail(ExchangeRate, CALLED, tuple(Traced(name, f"s.{name}", type=name) for name in GIVEN))


def rates_publish(stage: Stage, around: Surroundings) -> Counts:
    """Write new and changed rates; facts keep the base amounts they came in with."""
    on = "t.currency = s.currency AND t.kind = s.kind AND t.day = s.day"
    counts = stage.match(TABLE, on, [("s.rate", "t.rate")])
    CORRECTED.changed(stage, "rate.corrected")
    stage.update(TABLE, {"rate": "s.rate", "version": "t.version + 1", **stage.stamp()})
    stage.insert(TABLE, {**{name: f"s.{name}" for name in GIVEN}, **stage.stamp()})
    ADDED.created(stage, "rate.added", on)
    if counts.new or counts.changed:
        foreign_refresh(around.today)
    return counts


RATES = kind_add(
    Kind(
        name="rates",
        title=gettext_lazy("Exchange rates"),
        permission="ledger.add_import",
        order=50,
        shown="ledger:exchangerate-list",
        fields=FIELDS,
        across=("rate", "currency"),
        publish=rates_publish,
        checks=(
            Check(
                "rate", _("A rate is above zero: mend it."), "SELECT row, rate AS value FROM {stage} WHERE rate <= 0"
            ),
            Check(
                "rate",
                _("The base currency is always worth one: take the row out."),
                "SELECT s.row, s.currency AS value FROM {stage} s JOIN core_company c ON c.base_currency = s.currency "
                "WHERE s.rate <> 1000000000000",
            ),
        ),
    )
)
