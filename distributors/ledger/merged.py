"""Merged distributors in SQL: facts keep the distributor they came for, and count for the one it was merged into."""

from core.database import rows
from distributors.profiles.models import Distributor

DISTRIBUTORS = Distributor._meta.db_table
MERGED = f"(SELECT id, merged_into_id FROM {DISTRIBUTORS} WHERE merged_into_id IS NOT NULL)"


def any_merged() -> bool:
    """Tell whether any distributor was merged into another."""
    return bool(rows(f"SELECT 1 FROM {DISTRIBUTORS} WHERE merged_into_id IS NOT NULL LIMIT 1"))


def counts_for(alias: str, name: str = "g", column: str = "distributor_id") -> tuple[str, str]:
    """Return the join and the expression that give for whom the facts of an alias count."""
    join = f"LEFT JOIN {MERGED} {name} ON {name}.id = {alias}.{column}"
    return join, f"coalesce({name}.merged_into_id, {alias}.{column})"


def strangers(left: str, right: str, column: str = "distributor_id") -> tuple[str, str]:
    """Return the joins and the condition that two distributors are not one company; `column` is the right one's."""
    (mine, my_own), (theirs, their_own) = counts_for(left, "ours"), counts_for(right, "others", column)
    return f"{mine} {theirs}", f"{my_own} <> {their_own}"


def family_sql(pairs: str) -> str:
    """Return the SELECT of the distributors in table `pairs` and of those merged into them."""
    return (
        f"SELECT distributor_id FROM {pairs} UNION SELECT m.id FROM {MERGED} m "
        f"WHERE m.merged_into_id IN (SELECT distributor_id FROM {pairs})"
    )


def members_sql(pairs: str) -> str:
    """Return the SELECT of (id, survivor, month): whose facts count for the distributors in table `pairs`."""
    return (
        f"SELECT t.distributor_id AS id, t.distributor_id AS survivor, t.month FROM {pairs} t "
        f"LEFT JOIN {MERGED} m ON m.id = t.distributor_id WHERE m.id IS NULL UNION ALL "
        f"SELECT m.id, m.merged_into_id, t.month FROM {pairs} t JOIN {MERGED} m ON m.merged_into_id = t.distributor_id"
    )
