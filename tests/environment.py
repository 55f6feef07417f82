"""The environment of a test process, set before Django reads its settings (loaded by `-p` in pyproject.toml).

Nothing here points at the developer's own database, broker or files: without DATABASE_URL the tests run on SQLite
under a folder that goes away with the run, and each parallel process has its own.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

REDIS_DATABASES_PER_PROCESS = 60


def worker_number() -> int:
    """Return this process's place among the parallel ones, 0 when it is the only one."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def prepare() -> Path:
    """Set what is not set and return this process's folder."""
    if "TESTS_FOLDER" not in os.environ:
        os.environ["TESTS_FOLDER"] = tempfile.mkdtemp(prefix="qudao-tests-")
        atexit.register(shutil.rmtree, os.environ["TESTS_FOLDER"], ignore_errors=True)
    folder = Path(os.environ["TESTS_FOLDER"]) / f"process-{worker_number()}"
    folder.mkdir(exist_ok=True)
    os.environ["QUDAO_VAR"] = str(folder)
    for name, value in {
        "DEBUG": "0",
        "SECRET_KEY": "only-for-tests-5f0c9a7e31b24d6f8a90c2e417d3b586",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "SECURE": "0",
        "BASE_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": f"sqlite:///{folder}/main.sqlite3",
    }.items():
        os.environ.setdefault(name, value)
    if private_redis := os.environ.get("TESTS_REDIS_SERVER"):
        os.environ["REDIS_URL"] = f"{private_redis}/{worker_number() * REDIS_DATABASES_PER_PROCESS}"
    return folder


FOLDER = prepare()
