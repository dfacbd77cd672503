"""Which lines move in step with transfers by packets, and which of these depend on each other.

The lines of transfers, and all from which streams reach them, move in step; every other line waits for
the end of the window. Two lines are of one component if a packet goes from one to the other, if they are
of one transfer, or if one stream feeds both.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.layout import (
    NONE,
)
from telemedsim.dataplane.hybrid.packets import columns
from telemedsim.dataplane.hybrid.packets.opening import TransferRun
from telemedsim.dataplane.hybrid.placing import Places
from telemedsim.dataplane.hybrid.tables import Tables

Pairs = tuple[IntArray, IntArray]


class Components:
    """Keeps the tables of components."""

    def __init__(self, tables: Tables, places: Places) -> None:
        self._tables = tables
        self._places = places
        self._schedule: IntArray | None = None
        self._rank = self._ahead_ns = np.zeros(0, np.int64)
        self.is_stale = False
        """The flows are others than those for which the tables were built."""

    def touch(self, lines: Iterable[int]) -> None:
        """Take note of a stream over these lines that has come."""
        component_of = self._tables.arrays["component_of"]
        self.is_stale |= any(component_of[line] >= 0 for line in lines)

    def rebuild(self, runs: Sequence[TransferRun], streams: Sequence[int]) -> None:
        """Find the components of transfers that live, for streams that do."""
        self.is_stale = False
        self._read_schedule()
        count = len(self._tables.arrays["lines"])
        needed, pairs = np.zeros(count, np.bool_), self._ways(runs)
        for line in pairs[0]:
            needed[line] = True
        first, following, roots, root_streams = self._trees(streams)
        grows = True
        while grows:
            into = first[needed[following]]
            grows = not needed[into].all()
            needed[into] = True
        inside = needed[following]
        is_source = needed[roots]
        roots, root_streams = roots[is_source], root_streams[is_source]
        same = root_streams[1:] == root_streams[:-1]
        joined = (
            np.concatenate((pairs[0], first[inside], roots[1:][same])),
            np.concatenate((pairs[1], following[inside], roots[:-1][same])),
        )
        label = _labels(count, joined)
        is_new = np.append(True, ~same)[: len(roots)]
        first_roots = roots[is_new], root_streams[is_new]
        self._write(runs, label, np.flatnonzero(needed), first_roots)

    def _read_schedule(self) -> None:
        """Have each line's place in the order of work, the same for lines of one circle."""
        table = self._tables.arrays["schedule"]
        if table is self._schedule:
            return
        self._schedule = table
        count = len(self._tables.arrays["lines"])
        self._rank, self._ahead_ns = np.zeros(count, np.int64), np.zeros(count, np.int64)
        is_head = np.zeros(len(table), np.bool_)
        place = 0
        while place < len(table):
            is_head[place] = True
            place += int(table[place, layout.GROUP_SIZE])
        lines = table[:, layout.GROUP_LINE]
        self._rank[lines] = np.cumsum(is_head)
        self._ahead_ns[lines] = table[:, layout.GROUP_AHEAD_NS]

    def _ways(self, runs: Sequence[TransferRun]) -> Pairs:
        """Return the lines of transfers, each beside another of its transfer; note how far hosts are."""
        arrays = self._tables.arrays
        ahead, propagation_ns = arrays["host_ahead"], arrays["lines"][:, layout.PROPAGATION]
        ahead[:] = columns.FAR_NS
        one: list[int] = []
        other: list[int] = []
        for run in runs:
            for path in (run.transfer.forward, run.transfer.backward):
                ahead_ns = 0
                for line in reversed(path):
                    ahead_ns += int(propagation_ns[line])
                    ahead[line] = min(ahead[line], ahead_ns)
                one += path
                other += [run.transfer.forward[0]] * len(path)
        return np.array(one, np.int64), np.array(other, np.int64)

    def _trees(self, streams: Sequence[int]) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Return the pairs of lines in which streams feed one from the other, and first lines and their streams."""
        arrays = self._tables.arrays
        rows = arrays["rows"][: self._places.used("rows")]
        is_open = np.zeros(len(arrays["streams"]) + 1, np.bool_)
        is_open[list(streams)] = True
        is_open[NONE] = False
        rows_of = np.flatnonzero(is_open[rows[:, layout.ROW_STREAM]])
        parents = rows[rows_of, layout.ROW_PARENT]
        lines = rows[rows_of, layout.ROW_LINE]
        inner = parents >= 0
        count = len(arrays["lines"])
        before = rows[parents[inner], layout.ROW_LINE]
        pairs = np.unique(before * count + lines[inner])
        roots = np.unique(rows[rows_of[~inner], layout.ROW_STREAM] * count + lines[~inner])
        return pairs // count, pairs % count, roots % count, roots // count

    def _write(
        self, runs: Sequence[TransferRun], label: IntArray, lines: IntArray, roots: Pairs
    ) -> None:
        """Fill the tables; all turns are to be found anew."""
        tables = self._tables
        names, numbers = np.unique(label[lines], return_inverse=True)
        component_of = tables.arrays["component_of"]
        component_of[:] = NONE
        component_of[lines] = numbers
        lines = lines[np.lexsort((lines, self._rank[lines], component_of[lines]))]
        self._write_lines(lines, component_of[lines])
        ways = [way.number for run in runs for way in run.ways]
        firsts = [run.transfer.forward[0] for run in runs for _ in run.ways]
        # Sources of a component stand before its ways.
        streams = np.concatenate((roots[1], np.array(ways, np.int64)))
        owner = component_of[np.concatenate((roots[0], np.array(firsts, np.int64)))]
        kind = np.repeat((0, 1), (len(roots[1]), len(ways)))
        order = np.lexsort((streams, kind, owner))
        tables.need("component_streams", len(order))
        tables.arrays["component_streams"][: len(order)] = streams[order]
        key = 2 * owner[order] + kind[order]
        count = len(names)
        tables.need("components", count)
        tables.need("turns", count)
        table, each = tables.arrays["components"][:count], np.arange(count)
        table[:, columns.SOURCES_AT] = np.searchsorted(key, 2 * each)
        table[:, columns.SOURCES_END] = np.searchsorted(key, 2 * each + 1)
        table[:, columns.WAYS_END] = np.searchsorted(key, 2 * each + 2)
        table[:, columns.LINES_AT] = np.searchsorted(component_of[lines], each)
        table[:, columns.LINES_END] = np.searchsorted(component_of[lines], each, "right")
        table[:, columns.DUE_NS] = NONE
        table[:, columns.TURN_AT] = tables.arrays["turns"][:count] = each
        tables.arrays["cursors"][layout.COMPONENTS_USED] = count

    def _write_lines(self, lines: IntArray, owner: IntArray) -> None:
        """Write the lines of all components in the order of work, circles together."""
        tables, rank = self._tables, self._rank[lines]
        tables.need("component_lines", len(lines))
        table = tables.arrays["component_lines"][: len(lines)]
        is_head = np.ones(len(lines), np.bool_)
        is_head[1:] = (rank[1:] != rank[:-1]) | (owner[1:] != owner[:-1])
        heads = np.flatnonzero(is_head)
        table[:, layout.GROUP_LINE] = lines
        table[:, layout.GROUP_SIZE] = 1
        table[heads, layout.GROUP_SIZE] = np.diff(np.append(heads, len(lines)))
        table[:, layout.GROUP_AHEAD_NS] = self._ahead_ns[lines]


def _labels(count: int, pairs: Pairs) -> IntArray:
    """Return of each of ``count`` things the least one to which pairs join it."""
    one, other = pairs
    label = np.arange(count)
    while True:
        low = np.minimum(label[one], label[other])
        if (label[one] == low).all() and (label[other] == low).all():
            return label
        np.minimum.at(label, one, low)
        np.minimum.at(label, other, low)
