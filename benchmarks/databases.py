"""Databases with generated data, made once a run and kept between runs where BENCH_KEEP=1."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
SEED = 1
TODAY = "2026-03-18"
HIDDEN = {"DEBUG", "DJANGO_SETTINGS_MODULE", "REDIS_URL", "SECRET_KEY"}


class Databases:
    """Makes databases beside the one of DATABASE_URL and drops them at the end."""

    def __init__(self, url: str, folder: Path):
        self.server = urlsplit(url)
        self.folder = folder
        self.keep = os.environ.get("BENCH_KEEP") == "1"
        self.made: list[str] = []
        self.fingerprint = fingerprint()

    def filled(self, size: str) -> str:
        """Return the URL of a database that holds the demo of `size`."""
        name = f"bench_{size}_{SEED}_{self.fingerprint}"
        if not self._exists(name):
            print(f"Generating {size} ...", flush=True)
            fresh = f"{name}_new"
            self.empty(fresh)
            self.manage(fresh, "demo_data", "--size", size, "--seed", str(SEED))
            # Demo people sign in with DEBUG on only; these databases are thrown away, and are measured with it off.
            self._sql(fresh, "UPDATE accounts_user SET is_demo = false")
            self._sql(fresh, "VACUUM ANALYZE")
            self._drop(name)
            self._sql("", f'ALTER DATABASE "{fresh}" RENAME TO "{name}"')
        self.made.append(name)
        return self.url(name)

    def empty(self, name: str) -> str:
        """Return the URL of a new database with the product's tables."""
        self._drop(name)
        self._sql("", f'CREATE DATABASE "{name}"')
        self.manage(name, "migrate", "--verbosity", "0")
        return self.url(name)

    def close(self) -> None:
        """Drop what this run made, unless it is kept."""
        for name in [] if self.keep else self.made:
            self._drop(name)

    def url(self, name: str) -> str:
        """Return the URL of a database of the server."""
        return self.server._replace(path=f"/{name}").geturl() if name else self.server.geturl()

    def environment(self, url: str) -> dict[str, str]:
        """Return the environment of a process that works on `url`."""
        kept = {key: value for key, value in os.environ.items() if key not in HIDDEN}
        return kept | {
            "DATABASE_URL": url,
            "QUDAO_VAR": str(self.folder),
            "QUDAO_TODAY": TODAY,
            "PYTHONPATH": str(ROOT),
        }

    def manage(self, name: str, *arguments: str) -> None:
        """Run a management command on a database."""
        command = [sys.executable, "manage.py", *arguments]
        environment = self.environment(self.url(name)) | {"DEBUG": "1", "LOG_LEVEL": "WARNING"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    def version(self) -> str:
        """Return PostgreSQL's version."""
        return self._sql("", "SHOW server_version")[0][0].split()[0]

    def _exists(self, name: str) -> bool:
        return self.keep and bool(self._sql("", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))

    def _drop(self, name: str) -> None:
        self._sql("", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _sql(self, name: str, statement: str) -> list[tuple]:
        connection = psycopg2.connect(self.url(name))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def fingerprint() -> str:
    """Return a short hash of what the generated data depends on."""
    folders = ("accounts", "core", "distributors")
    migrations = (path for folder in folders for path in ROOT.glob(f"{folder}/**/migrations/0*.py"))
    sources = sorted([*ROOT.glob("config/demo/**/*.py"), *migrations])
    digest = hashlib.sha256(TODAY.encode())
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
