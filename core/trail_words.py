"""How the audit trail is searched by word: by an index on PostgreSQL, in the newest entries on SQLite."""

import re
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet

from core.database import Unindexed, is_postgres, planned_rows

# In so many of the newest entries that the other filters keep, words are looked for on SQLite.
MOST = 50_000
# So many entries that have the words are found on PostgreSQL, the newest, and one that says that there are more.
FOUND = 1_000
# Words that more entries have are met soon on the way from the newest; those of fewer are all taken from the index.
COMMON = 50_000
BETWEEN = "\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f\\u3000-\\u303f\\uff00-\\uff0f"
SIGNS = "\\u3400-\\u9fff"
# What lies between words becomes a space, and every Chinese character a word. The classes are spelt out, because what
# a database takes for a letter depends on its locale.
WORDS = (
    "to_tsvector('simple', regexp_replace(regexp_replace({text}, "
    f"'[{BETWEEN}]+', ' ', 'g'), '([{SIGNS}])', ' \\1 ', 'g'))"
)
SEGMENT = re.compile(f"[{SIGNS}]|[^{SIGNS}]+")


class _HasWords(Func):
    """Whether name or reason of an entry has words that a query asks for, by the index."""

    output_field = BooleanField()
    template = WORDS.format(text="%(expressions)s")
    arg_joiner = " || ' ' || "

    def __init__(self, asked: str):
        super().__init__(F("target_text"), F("note"))
        self.asked = asked

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        sql, params = super().as_sql(compiler, connection, *args, **extra)
        return f"{sql} @@ to_tsquery('simple', %s)", [*params, self.asked]


def words_query(text: str) -> str:
    """Return what is asked of the index: every word, by its beginning, Chinese characters one behind the other."""
    words = re.sub(f"[{BETWEEN}\\s\\x00]+", " ", text).split()[:8]
    return " & ".join(
        "(" + " <-> ".join(f"'{one}'" if re.match(f"[{SIGNS}]", one) else f"'{one}':*" for one in parts) + ")"
        for parts in (SEGMENT.findall(word) for word in words)
    )


def with_words(queryset: QuerySet, text: str) -> QuerySet:
    """Keep the entries with every word in the name of their record or in the reason.

    PostgreSQL finds beginnings of words and Chinese anywhere, SQLite any part of a word. The inner query is limited, so
    that no planner walks the whole trail instead.
    """
    if is_postgres():
        asked = words_query(text)
        if not asked:
            return queryset.none()
        everywhere = planned_rows(queryset.model.objects.filter(_HasWords(asked)))
        newest: Any = "-pk" if everywhere > COMMON else Unindexed("pk").desc()
        found = queryset.filter(_HasWords(asked)).order_by(newest).values("pk")[: FOUND + 1]
        return queryset.filter(pk__in=found)
    queryset = queryset.filter(pk__in=queryset.order_by("-at", "-pk").values("pk")[:MOST])
    for word in text.replace("\x00", "").split()[:8]:
        queryset = queryset.filter(Q(target_text__icontains=word) | Q(note__icontains=word))
    return queryset
