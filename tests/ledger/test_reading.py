"""The two parsers of one file: the fast one gives what the careful one gives, or steps aside."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributors.ledger.reading import Reader, Unreadable, quotes_are_plain


def reader(text: str, tmp: Path) -> Reader:
    path = tmp / "file.csv"
    path.write_text(f"one,two\n{text}", encoding="utf-8", newline="")
    return Reader(path, "utf-8", ",", 1)


def rows(block):
    return list(zip(block.rows.to_pylist(), *(block.cells[name].to_pylist() for name in ("one", "two")), strict=True))


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet='",\nab', min_size=1, max_size=24))
def test_the_fast_parser_never_differs_from_the_careful_one(tmp_path_factory, text):
    with reader(text, tmp_path_factory.mktemp("files")) as found:
        found.file.read()
        fast = found._plain(text)
        if fast is None:
            return
        found.row = 1
        careful = found._quoted(text)
    assert rows(fast) == rows(careful)
    assert careful.crooked == []


@pytest.mark.parametrize(
    "line",
    [
        '"a","b"',
        '"","x"',
        '"he said ""yes""",b',
        '"""a""",b',
        '"two\nlines",b',
        '\N{LATIN SMALL LETTER E WITH ACUTE},"b"',
    ],
)
def test_proper_quotes_take_the_fast_parser(tmp_path, line):
    assert quotes_are_plain(line.encode(), ",")
    with reader(f"{line}\n", tmp_path) as found:
        assert found._plain(f"{line}\n") is not None


@pytest.mark.parametrize("line", ['"a"b,c', 'a"b,c', '""a,b', '"a,b'])
def test_odd_quotes_leave_it_to_the_careful_one(tmp_path, line):
    assert not quotes_are_plain(line.encode(), ",")
    with reader(f"{line}\n", tmp_path) as found:
        assert found._plain(f"{line}\n") is None


def test_a_quote_that_does_not_close_names_its_row(tmp_path):
    with reader('a,b\n"c,d\n', tmp_path) as found, pytest.raises(Unreadable, match="quotes of this row"):
        list(found.blocks())
