"""Backup and restore: the database and the stored files in one archive."""

import os
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from core.database import is_postgres
from core.errors import DomainError

DUMP = "database.dump"
FILES = "files"


def backup_write(*, target: Path) -> int:
    """Write the database and the stored files to `target` (.tar.gz) and return its size in bytes.

    The database part is one consistent snapshot; the archive appears under its name only when it is complete. Files
    are added after the snapshot: bytes are kept by content and never change, so every row finds its file.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump, archive = Path(folder, DUMP), Path(folder, "archive")
        _dump(dump)
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(dump, DUMP)
            if Path(settings.MEDIA_ROOT).exists():
                tar.add(settings.MEDIA_ROOT, FILES)
        os.replace(archive, target)
    return target.stat().st_size


def backup_restore(*, source: Path) -> None:
    """Restore an archive into an empty database; raise DomainError where tables are in the way."""
    if connection.introspection.table_names():
        raise DomainError(_("The database is not empty; restore into a new one."))
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
        _load(Path(folder, DUMP))
        files = Path(folder, FILES)
        for path in sorted(files.rglob("*")):
            final = Path(settings.MEDIA_ROOT) / path.relative_to(files)
            if path.is_file() and not final.exists():
                final.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, final)


def _server() -> tuple[list[str], dict[str, str]]:
    database = connection.settings_dict
    arguments = [f"--dbname={database['NAME']}"]
    for option, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER")):
        if database[key]:
            arguments.append(f"--{option}={database[key]}")
    return arguments, {**os.environ, "PGPASSWORD": str(database["PASSWORD"] or "")}


def _run(program: str, *arguments: str) -> None:
    server, environment = _server()
    try:
        subprocess.run([program, *arguments, *server], env=environment, check=True, capture_output=True)  # noqa: S603
    except FileNotFoundError as error:
        raise DomainError(_("%(program)s is not installed here.") % {"program": program}) from error
    except subprocess.CalledProcessError as error:
        raise DomainError(error.stderr.decode().strip()[:500]) from error


def _dump(target: Path) -> None:
    if is_postgres():
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
        return
    source = sqlite3.connect(connection.settings_dict["NAME"])
    copy = sqlite3.connect(target)
    with copy:
        source.backup(copy)
    copy.close()
    source.close()


def _load(dump: Path) -> None:
    if is_postgres():
        _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(dump))
        return
    connection.close()
    target = sqlite3.connect(connection.settings_dict["NAME"])
    source = sqlite3.connect(dump)
    with target:
        source.backup(target)
    source.close()
    target.close()
