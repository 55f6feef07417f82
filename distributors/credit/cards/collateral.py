"""Securities and exposures for the cards, read from the register of securities and the standings, set-wise."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from core.database import integer_columns
from distributors.credit.cards.securities import Ints
from distributors.credit.limits.models import Security
from distributors.credit.limits.rules import policy_now, rules_of
from distributors.ledger.merged import counts_for
from distributors.profiles.models import Standing


def collateral_read(as_of: date, distributors: Sequence[int] | None) -> tuple[Ints, Ints, Ints]:
    """Return keys, securities in force on a day after their haircut, and exposures as they stand now."""
    some = f" IN ({', '.join(str(int(pk)) for pk in distributors)})" if distributors is not None else " IS NOT NULL"
    haircuts = " ".join(f"WHEN '{kind}' THEN {share}" for kind, share in rules_of(policy_now()).haircuts.items())
    join, who = counts_for("s")
    worth = f"s.base_amount * coalesce(s.counts, CASE s.kind {haircuts} ELSE 0 END) / 100"
    sql = f"""
        SELECT CAST(t.distributor_id AS bigint), CAST(coalesce(x.worth, 0) AS bigint), CAST(t.exposure AS bigint)
        FROM {Standing._meta.db_table} t LEFT JOIN (
            SELECT {who} AS who, sum({worth}) AS worth FROM {Security._meta.db_table} s {join}
            WHERE s.starts_on <= %s AND (s.expires_on IS NULL OR s.expires_on >= %s)
                  AND (s.released_on IS NULL OR s.released_on > %s) AND s.distributor_id{some} GROUP BY 1
        ) x ON x.who = t.distributor_id
        WHERE t.distributor_id{some}
    """
    keys, worth_held, exposure = integer_columns(sql, [as_of, as_of, as_of], 3)
    return keys, worth_held, np.maximum(exposure, 0)
