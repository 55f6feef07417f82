"""Every text of ours is translated: the catalogue in the repository against what the source holds now."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("config", "core", "accounts", "distributors", "templates", "locale", "static/js", "manage.py")
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))


def read(path: Path) -> Catalog:
    return read_po(io.BytesIO(path.read_bytes()))


def untranslated(catalogue: Catalog) -> list[str]:
    return [text(message) for message in catalogue if message.id and not all(strings(message))]


def strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Return the folder of a copy whose catalogues were brought up to date with the source."""
    if not shutil.which("xgettext"):
        pytest.skip("GNU gettext is not installed")
    copy = tmp_path_factory.mktemp("source")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
        elif source.exists():
            shutil.copyfile(source, copy / part)
    for domain in {path.stem for path in CATALOGUES}:
        command = [sys.executable, "-m", "django", "makemessages", "--all", "--no-obsolete", "--no-location"]
        subprocess.run([*command, "--domain", domain, "--ignore", "vendor"], cwd=copy, check=True, capture_output=True)
    return copy


def test_there_is_a_chinese_catalogue():
    assert ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po" in CATALOGUES


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_no_text_lacks_its_translation(path, collected):
    assert untranslated(read(collected / path.relative_to(ROOT))) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_no_translation_is_a_guess(path, collected):
    assert [text(message) for message in read(collected / path.relative_to(ROOT)) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_every_translation_keeps_its_placeholders(path):
    broken = [f"{text(message)}: {error}" for message, errors in read(path).check() for error in errors]
    assert broken == []
