"""A backup restores into an empty database, and nowhere else."""

import pytest

from tests.stack import Stack

FILL = """
import io
from core.files import blob_store
from tests import factories
factories.distributor(factories.territory("North"), code="KEPT")
blob_store(source=io.BytesIO(b"bytes that matter"), limit=100)
"""
READ = """
from core.files import blob_path
from core.models import Blob
from core import triggers
from distributors.profiles.models import Distributor
print(Distributor.objects.get().code, blob_path(Blob.objects.get()).read_bytes(), sorted(triggers.missing()))
"""


@pytest.fixture
def filled(fresh_stack):
    stack = fresh_stack(web=False, worker=False)
    stack.python(FILL)
    return stack


def test_a_restored_backup_has_the_rows_the_files_and_the_triggers(filled, make_stack, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    filled.manage("backup", str(archive))
    empty = Stack(make_stack._new_database())
    try:
        empty.manage("restore", str(archive))
        assert empty.python(READ) == filled.python(READ) == "KEPT b'bytes that matter' []\n"
    finally:
        empty.close()


def test_a_database_that_holds_something_is_not_restored_over(filled, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    filled.manage("backup", str(archive))
    before = filled.python(READ)
    refused = filled.manage("restore", str(archive), check=False)
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert filled.python(READ) == before
