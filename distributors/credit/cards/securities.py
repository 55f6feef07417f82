"""What secures the receivables, supplied by whoever keeps it: until somebody does, it is not recorded."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
# Gives, as of a day and for some distributors or all (None), three columns of one length: keys of distributors, what
# their accepted securities are worth after the haircut, and their exposure, both in ten-thousandths.
Reader = Callable[[date, Sequence[int] | None], tuple[Ints, Ints, Ints]]

_readers: list[Reader] = []


def securities_supply(reader: Reader) -> None:
    """Register the one function that knows securities and exposures, set-wise."""
    _readers[:] = [reader]


def securities_recorded() -> bool:
    """Tell whether anybody supplies securities."""
    return bool(_readers)


def securities_read(as_of: date, distributors: Sequence[int] | None) -> tuple[Ints, Ints, Ints]:
    """Return keys, securities and exposures in ten-thousandths; empty columns where nobody supplies them."""
    if not _readers:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    return _readers[0](as_of, distributors)
