"""Prepared stacks for the fault tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DEMO
from tests.faults.running import LEASE, import_ask
from tests.faults.salesfile import sales_file
from tests.stack import Stack, StackMaker


@pytest.fixture
def importing(fresh_stack: StackMaker, tmp_path: Path) -> tuple[Stack, int]:
    """Return a stack of demo data, no process running, whose job is an import of 21,000 lines, and that job."""
    stack = fresh_stack(data=DEMO, web=False, worker=False, redis_url="")
    return stack, import_ask(stack, sales_file(stack, tmp_path / "sales.csv"))


@pytest.fixture
def embedded_stack(tmp_path: Path) -> Iterator[Stack]:
    """Give a stack with a worker as a first try has it: SQLite, and the queue in a file."""
    maker = StackMaker("sqlite:///", tmp_path)
    yield maker(data=DEMO, web=False, QUDAO_LEASE_SECONDS=LEASE)
    maker.close()
