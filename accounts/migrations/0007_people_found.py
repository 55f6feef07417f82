from typing import Any

from django.db import migrations

from core.terms import terms_of

KIND = "person"


def write(apps: Any, _editor: Any) -> None:
    """Write what the people who are there already are found by."""
    User, SearchTerm = apps.get_model("accounts", "User"), apps.get_model("core", "SearchTerm")
    people = User.objects.order_by("pk").values_list("pk", "name", "email", "code", "title")
    pairs = [(pk, term) for pk, *texts in people for term in terms_of(*texts)]
    SearchTerm.objects.bulk_create(
        (SearchTerm(kind=KIND, object_id=pk, term=term) for pk, term in pairs), batch_size=1000, ignore_conflicts=True
    )


def remove(apps: Any, _editor: Any) -> None:
    """Remove it."""
    apps.get_model("core", "SearchTerm").objects.filter(kind=KIND).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_contract_notices"),
        ("core", "0009_audit_words"),
    ]

    operations = [migrations.RunPython(write, remove)]
