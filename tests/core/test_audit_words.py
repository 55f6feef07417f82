"""Every verb of the audit trail is said in words, in both languages."""

import ast
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.translation import override

from core import audit
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "accounts", "distributors")


def verbs_written() -> set[str]:
    """Return the verbs that the source gives to the trail as they stand, in whatever branch."""
    found: set[str] = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (isinstance(node, ast.keyword) and node.arg == "verb") or _names_verb(node):
                    found |= {one.value for one in ast.walk(node.value) if _is_verb(one)}
    return found


def _names_verb(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == "verb" for one in node.targets)


def _is_verb(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value[1:]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_verb_has_words(language):
    with override(language):
        bare = sorted(verb for verb in verbs_written() if audit.words_of(verb) == verb)
    assert len(verbs_written()) > 50
    assert bare == []


@pytest.mark.django_db
def test_the_trail_says_who_what_and_of_what_kind_in_words(client):
    client.force_login(factories.user(), backend="accounts.backends.EmailBackend")
    kept = factories.distributor()
    audit.record(actor=None, verb="distributor.changed", target=kept)
    page = client.get(reverse("core:auditevent-list"))
    cells = page.context["table"]["rows"][0]["cells"]
    assert [cells[place]["text"] for place in (1, 3)] == ["the product", "card changed"]
    assert cells[4]["sub"] == "distributor"
    assert ("profiles.Distributor", "Distributor") in audit.record_words()
