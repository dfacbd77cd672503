"""What each line did: its record at the end of a run, its series gathered window by window."""

import numpy as np

from telemedsim.core.compiled import compiled, kernel
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.fluid import carried as fluid_columns
from telemedsim.dataplane.hybrid.layout import (
    ARRIVED_BYTES,
    ARRIVED_PACKETS,
    BLOCK,
    CALENDAR_USED,
    CARRIED_PACKETS,
    DEPARTS,
    HELD_AT,
    HELD_COUNT,
    HELD_HEAD,
    HELD_SERVICE,
    HELD_SIZE,
    INBOX_COUNT,
    INBOX_FIRST,
    LOST_PACKETS,
    ON_WIRE,
    PENDING_COUNT,
    PENDING_FIRST,
    PLAIN,
    ROW,
    ROW_KIDS_AT,
    ROW_LEG,
    ROW_LINE,
    ROW_PARENT,
    SENDING,
    STARTED,
    World,
)
from telemedsim.dataplane.hybrid.measured import close_bins
from telemedsim.dataplane.hybrid.packets.columns import (
    ARRIVALS_COUNT,
    ARRIVALS_FIRST,
    ARRIVALS_TAKEN,
)
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.dataplane.hybrid.wire import close_bin, count_busy
from telemedsim.network.sampling import SampledTime
from telemedsim.records.flows import IMPAIRMENT, LOSS_CAUSES, InterfaceRecord
from telemedsim.records.interface_series import (
    BIN,
    BUSY_NS,
    CARRIED_BYTES,
    InterfaceSeries,
    gathered,
)
from telemedsim.records.interface_series import LOST_PACKETS as LOST

COUNTS = [ARRIVED_PACKETS, ARRIVED_BYTES, CARRIED_PACKETS, *range(LOST_PACKETS, LOST_PACKETS + 4)]
"""Columns of lines that count packets."""


@compiled
def count_on_wire(w: World, block: int, count: int, is_last: bool) -> None:
    """Count packets on the wires that lead to inboxes or (``is_last``) to receivers, once a packet."""
    rows = w.rows
    while count > 0:
        for at in range(block * BLOCK, block * BLOCK + min(count, BLOCK)):
            row = w.entries[at, ROW]
            if is_last:
                w.lines[rows[row, ROW_LINE], ON_WIRE] += 1
                continue
            parent = rows[row, ROW_PARENT]
            if (
                parent >= 0
                and rows[parent, ROW_LEG] < 0
                and w.links[rows[parent, ROW_KIDS_AT]] == row
            ):
                w.lines[rows[parent, ROW_LINE], ON_WIRE] += 1
        count -= BLOCK
        block = w.block_next[block]


def end_lines(w: World, now: int) -> None:
    """Count what is under way at the end of the run."""
    lines = w.lines
    count_on_wire(w, w.cursors[PENDING_FIRST], w.cursors[PENDING_COUNT], True)
    for place in range(w.cursors[CALENDAR_USED]):
        end = w.calendar[place]
        if w.ends[end, ARRIVALS_COUNT]:
            # All of them come over one line.
            first = w.ends[end, ARRIVALS_FIRST] * BLOCK + w.ends[end, ARRIVALS_TAKEN]
            lines[w.rows[w.entries[first, ROW], ROW_LINE], ON_WIRE] += w.ends[end, ARRIVALS_COUNT]
    for line in range(len(lines)):
        count_on_wire(w, lines[line, INBOX_FIRST], lines[line, INBOX_COUNT], False)
        if lines[line, PLAIN] and lines[line, HELD_COUNT]:
            first = lines[line, HELD_AT] + (lines[line, HELD_HEAD] & (lines[line, HELD_SIZE] - 1))
            count_busy(w, line, w.held[first, DEPARTS] - w.held[first, HELD_SERVICE], now)
        elif lines[line, SENDING]:
            count_busy(w, line, lines[line, STARTED], now)
        close_bin(w, line)


def sending_ns(carried_bytes: IntArray, rate_bps: IntArray) -> IntArray:
    """Return the whole ns that a line needs for so many bytes; exact, though bits x 10^9 pass 64 bits.

    >>> sending_ns(np.array([75_000_000_000]), np.array([9_999_999_999])).tolist()
    [60000000006]
    """
    bits = carried_bytes * 8
    time, rest = bits // rate_bps, bits % rate_bps
    # A thousandth at a time: ns are the third.
    for _ in range(3):
        rest = rest * 1_000
        time, rest = time * 1_000 + rest // rate_bps, rest % rate_bps
    return time


class SeriesLog:
    """Keeps the series of all lines as arrays, and makes the lines' records."""

    def __init__(self, tables: Tables, sampled: SampledTime | None = None) -> None:
        self._tables = tables
        self._sampled = sampled
        self._taken = [np.zeros((0, layout.SERIES_COLUMNS), np.int64)]
        self._keep_from = 1
        self._close_bins = kernel(close_bins)
        counts = np.zeros((len(tables.arrays["lines"]), len(COUNTS)), np.int64)
        self._before, self._measured = counts, counts.copy()
        """What lines had counted when the measured part began, and in all measured parts."""
        self.packet_hops = 0

    def take(self) -> None:
        """Empty the log of the window."""
        arrays = self._tables.arrays
        used = int(arrays["cursors"][layout.SERIES_USED])
        if used:
            self._taken.append(arrays["series"][:used].copy())
            arrays["cursors"][layout.SERIES_USED] = 0

    def _close(self) -> None:
        """Have all lines write down what they have counted so far."""
        used = int(self._tables.arrays["cursors"][layout.SERIES_USED])
        self._tables.need("series", used + len(self._before))
        self._close_bins(self._tables.world())
        self.take()

    def forget(self) -> None:
        """Forget the series since the last measured part; sampled time goes on behind it."""
        self._close()
        del self._taken[self._keep_from :]

    def begin(self) -> None:
        """Measure lines from now on, in a window of sampled time."""
        self.forget()
        self._before = self._tables.arrays["lines"][:, COUNTS].copy()

    def end(self) -> None:
        """Measure lines up to now."""
        self._close()
        self._keep_from = len(self._taken)
        self._measured += self._tables.arrays["lines"][:, COUNTS] - self._before

    def records(self, now: int, carried: IntArray) -> list[InterfaceRecord]:
        """Return the records of all lines at the end of the run.

        ``carried`` are rows of (line, bin, bytes) that lines carried for transfers without packets.
        """
        tables, lines = self._tables, self._tables.arrays["lines"]
        tables.need("series", 8 * len(lines) + 1024)
        kernel(end_lines)(tables.world(), now)
        self.take()
        self.packet_hops = int(lines[:, CARRIED_PACKETS].sum())
        if self._sampled is not None:
            del self._taken[self._keep_from :]
            lines[:, COUNTS] = self._measured
        if self._sampled is not None:
            self._taken = [self._scaled(self._sampled, now)]
        rows, begins = self._series(carried)
        records = [self._record(row, now) for row in lines.tolist()]
        sums = np.zeros((len(rows) + 1, rows.shape[1]), np.int64)
        np.cumsum(rows, axis=0, out=sums[1:])
        sums = np.diff(sums[begins], axis=0)
        bounds = begins.tolist()
        for line, record in enumerate(records):
            record.series = InterfaceSeries(rows[bounds[line] : bounds[line + 1]])
            record.busy_ns = int(sums[line, BUSY_NS])
            record.carried_bytes = int(sums[line, CARRIED_BYTES])
        return records

    def _scaled(self, sampled: SampledTime, now: int) -> IntArray:
        """Return the log with what streams kept busy in the measured part of a bin for the whole bin.

        A bin without any measured part gets nothing; its lost packets stay counts.
        """
        log = np.concatenate(self._taken)
        lines = self._tables.arrays["lines"]
        columns = (layout.SERIES_BUSY, layout.SERIES_BYTES, layout.SERIES_LOST)
        rows, begins = gathered(
            log[:, layout.SERIES_LINE],
            log[:, layout.SERIES_BIN],
            [log[:, column] for column in columns],
            len(lines),
        )
        bin_ns = int(lines[0, layout.SERIES_BIN_NS]) if len(lines) else 1
        begins_ns = range(0, now, bin_ns)
        ends_ns = [min(begin_ns + bin_ns, now) for begin_ns in begins_ns]
        measured = map(sampled.measured_ns, begins_ns, ends_ns)
        bins = np.array([*zip(begins_ns, ends_ns, measured, strict=True), (0, 0, 0)], np.int64)
        width_ns = bins[:, 1] - bins[:, 0]
        # A transmission that began before a part reaches back into an earlier bin, without a measured part.
        bins_of = np.minimum(rows[:, BIN], len(bins) - 1)
        is_seen = bins[bins_of, 2] > 0
        scaled = np.zeros((len(rows), layout.SERIES_COLUMNS), np.int64)
        scaled[:, layout.SERIES_LINE] = np.repeat(np.arange(len(lines)), np.diff(begins))
        scaled[:, layout.SERIES_BIN] = rows[:, BIN]
        for source, target in ((BUSY_NS, layout.SERIES_BUSY), (CARRIED_BYTES, layout.SERIES_BYTES)):
            whole = rows[:, source] * width_ns[bins_of]
            scaled[:, target] = whole // np.maximum(1, bins[bins_of, 2])
        scaled[:, layout.SERIES_LOST] = rows[:, LOST]
        seen: IntArray = scaled[is_seen]
        return seen

    def _series(self, carried: IntArray) -> tuple[IntArray, IntArray]:
        """Return the rows of all lines' series, one line's after another's, and where each begins."""
        lines = self._tables.arrays["lines"]
        fluid = carried[:, fluid_columns.INTERFACE]
        fluid_bytes = carried[:, fluid_columns.CARRIED_BYTES]
        columns = {
            layout.SERIES_LINE: fluid,
            layout.SERIES_BIN: carried[:, fluid_columns.BIN],
            layout.SERIES_BUSY: sending_ns(fluid_bytes, lines[fluid, layout.RATE]),
            layout.SERIES_BYTES: fluid_bytes,
            layout.SERIES_LOST: np.zeros_like(fluid),
        }
        # Column by column: the log of a country is too large to be there twice.
        line, number, *counts = (
            np.concatenate([*(taken[:, column] for taken in self._taken), of_fluid])
            for column, of_fluid in columns.items()
        )
        return gathered(line, number, counts, len(lines))

    def _record(self, row: list[int], now: int) -> InterfaceRecord:
        first = layout.LOST_PACKETS
        lost = row[first : first + len(LOSS_CAUSES)]
        on_wire = row[layout.ON_WIRE]
        down_ns = row[layout.DOWN_NS]
        if not row[layout.UP]:
            down_ns += now - row[layout.DOWN_SINCE]
        return InterfaceRecord(
            arrived_packets=row[layout.ARRIVED_PACKETS],
            arrived_bytes=row[layout.ARRIVED_BYTES],
            carried_packets=row[layout.CARRIED_PACKETS],
            down_ns=down_ns,
            lost_packets=lost,
            queued_packets=row[layout.HELD_COUNT] + row[layout.SENDING] + on_wire,
            delivered_packets=row[layout.CARRIED_PACKETS] - lost[IMPAIRMENT] - on_wire,
            max_queue_packets=row[layout.MAX_QUEUE],
        )
