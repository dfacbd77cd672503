"""What an interface did bin by bin: rows of integers that thousands of interfaces can share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

BIN, BUSY_NS, CARRIED_BYTES, LOST_PACKETS = 0, 1, 2, 3
"""Columns of `InterfaceSeries.rows`."""
COLUMNS = 4


class InterfaceSeries:
    """Rows of [bin, busy_ns, carried_bytes, lost_packets] in the order of bins, not to be written to.

    Bins in which nothing happened have no row. Series are equal when their rows are.

    >>> series = InterfaceSeries.of_counts({7: [50, 1500, 0], 2: [9, 64, 1]})
    >>> series.rows.tolist()
    [[2, 9, 64, 1], [7, 50, 1500, 0]]
    >>> series == InterfaceSeries(series.rows.copy())
    True
    """

    __slots__ = ("rows",)
    __hash__ = None  # type: ignore[assignment]

    rows: IntArray

    def __init__(self, rows: IntArray) -> None:
        """Take rows in the order of their bins; several series may be slices of one array."""
        self.rows = rows.view()
        self.rows.flags.writeable = False

    @classmethod
    def of_counts(cls, counts: Mapping[int, Sequence[int]]) -> "InterfaceSeries":
        """Return the series of bin -> (busy_ns, carried_bytes, lost_packets)."""
        rows = [(number, *counts[number]) for number in sorted(counts)]
        return cls(np.array(rows, np.int64).reshape(-1, COLUMNS))

    def __eq__(self, other: object) -> bool:
        """Tell whether both have the same rows."""
        return isinstance(other, InterfaceSeries) and np.array_equal(self.rows, other.rows)

    def __repr__(self) -> str:
        """Return the rows, as a test's message shows them."""
        return f"InterfaceSeries({self.rows.tolist()})"

    def total(self, column: int) -> int:
        """Return the sum of a column over all bins."""
        return int(self.rows[:, column].sum())


NO_SERIES = InterfaceSeries(np.zeros((0, COLUMNS), np.int64))
"""Of an interface at which nothing happened."""


def column_of(series: Sequence[InterfaceSeries], column: int) -> "NDArray[Any]":
    """Return one column of many series, one after the other."""
    return np.concatenate([NO_SERIES.rows[:, column], *(one.rows[:, column] for one in series)])


def gathered(
    interface: IntArray, bins: IntArray, counts: Sequence[IntArray], interfaces: int
) -> tuple[IntArray, IntArray]:
    """Return a log's rows added up, one for each interface and bin, and where each interface's begin.

    ``counts`` are the columns behind BIN. The second array has a last element, where all rows end.
    The order of the log does not matter, since sums of integers are exact.

    >>> counts = [np.array(column) for column in ([5, 6, 7], [1, 1, 1], [0, 0, 2])]
    >>> rows, begins = gathered(np.array([1, 0, 1]), np.array([3, 2, 3]), counts, 3)
    >>> rows.tolist(), begins.tolist()
    ([[2, 6, 1, 0], [3, 12, 2, 2]], [0, 1, 2, 2])
    """
    width = int(bins.max(initial=0)) + 1
    keys = interface * width + bins
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    rows = np.zeros((len(firsts), COLUMNS), np.int64)
    if len(firsts):
        rows[:, BIN] = keys[firsts] % width
        for column, values in enumerate(counts, BUSY_NS):
            rows[:, column] = np.add.reduceat(values[order], firsts)
    begins = np.searchsorted(keys[firsts], np.arange(interfaces + 1) * width)
    return rows, begins
