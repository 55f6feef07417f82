"""The planner knows the words that many records share, so that their lists go by the order asked for."""

from typing import Any

from django.db import migrations


def _collected(words: int) -> Any:
    def collect(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE core_searchterm ALTER COLUMN term SET STATISTICS {words}")

    return collect


class Migration(migrations.Migration):
    dependencies = [("core", "0009_audit_words")]

    operations = [migrations.RunPython(_collected(1000), _collected(-1))]
