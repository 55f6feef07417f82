"""Exchange rates to the base currency, by currency, day and kind."""

from django.utils.translation import gettext_lazy as _

from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.models import ExchangeRate
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

TABLE = ExchangeRate._meta.db_table

FIELDS = (
    Field(
        "currency",
        _("currency"),
        required=True,
        key=True,
        pattern="^[A-Z]{3}$",
        hint=_("Not a currency code of three capital letters."),
    ),
    Field("day", _("day"), type="date", required=True, key=True),
    Field("kind", _("kind"), type="choice", choices=dict(ExchangeRate.Kind.choices), default="average", key=True),
    Field("rate", _("rate"), type="rate", required=True),
)


def rates_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write new and changed rates; lines keep the base amounts they came in with."""
    on = "t.currency = s.currency AND t.kind = s.kind AND t.day = s.day"
    counts = stage.match(TABLE, on, [("s.rate", "t.rate")])
    stage.update(TABLE, {"rate": "s.rate"})
    stage.insert(TABLE, {name: f"s.{name}" for name in ("currency", "day", "kind", "rate")})
    return counts


RATES = kind_add(
    Kind(
        name="rates",
        title=_("Exchange rates"),
        permission="ledger.add_import",
        order=50,
        fields=FIELDS,
        publish=rates_publish,
        checks=(
            Check("rate", _("A rate is above zero."), "SELECT row, rate AS value FROM {stage} WHERE rate <= 0"),
            Check(
                "rate",
                _("The base currency is always worth one."),
                "SELECT s.row, s.currency AS value FROM {stage} s JOIN core_company c ON c.base_currency = s.currency "
                "WHERE s.rate <> 1000000000000",
            ),
        ),
    )
)
