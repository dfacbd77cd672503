"""What each line did: its record at the end of a run, its series gathered window by window."""

import numpy as np

from telemedsim.core.compiled import compiled, kernel
from telemedsim.core.units import NS_PER_S
from telemedsim.dataplane.hybrid import layout
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
    IntArray,
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


class SeriesLog:
    """Keeps the series of all lines as arrays, and makes the lines' records."""

    def __init__(self, tables: Tables, sampled: SampledTime | None = None) -> None:
        self._tables = tables
        self._sampled = sampled
        self._taken: list[IntArray] = []
        self._keep_from = 0
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

    def records(self, now: int, fluid: list[dict[int, int]]) -> list[InterfaceRecord]:
        """Return the records of all lines at the end of the run.

        ``fluid`` are, of each bin, the bytes that each line carried for transfers without packets.
        """
        tables, lines = self._tables, self._tables.arrays["lines"]
        tables.need("series", 8 * len(lines) + 1024)
        kernel(end_lines)(tables.world(), now)
        self.take()
        self.packet_hops = int(lines[:, CARRIED_PACKETS].sum())
        if self._sampled is not None:
            del self._taken[self._keep_from :]
            lines[:, COUNTS] = self._measured
        records = [self._record(row, now) for row in lines.tolist()]
        log = np.concatenate(self._taken) if self._taken else np.zeros((0, 5), np.int64)
        for line, number, busy_ns, carried_bytes, lost in log.tolist():
            counts = records[line].series.setdefault(number, [0, 0, 0])
            counts[0] += busy_ns
            counts[1] += carried_bytes
            counts[2] += lost
        if self._sampled is not None:
            self._scale(self._sampled, records, now)
        rate_bps = lines[:, layout.RATE].tolist()
        for number, carried in enumerate(fluid):
            for line, carried_bytes in carried.items():
                counts = records[line].series.setdefault(number, [0, 0, 0])
                counts[0] += carried_bytes * 8 * NS_PER_S // rate_bps[line]
                counts[1] += carried_bytes
        for record in records:
            record.busy_ns = sum(counts[0] for counts in record.series.values())
            record.carried_bytes = sum(counts[1] for counts in record.series.values())
        return records

    def _scale(self, sampled: SampledTime, records: list[InterfaceRecord], now: int) -> None:
        """Let what streams kept busy in the measured part of a bin stand for the whole bin.

        A bin without any measured part gets nothing; its lost packets stay counts.
        """
        bin_ns = int(self._tables.arrays["lines"][0, layout.SERIES_BIN_NS]) if records else 1
        bins: dict[int, tuple[int, int]] = {}
        for number in range(-(-now // bin_ns)):
            begin_ns, end_ns = number * bin_ns, min((number + 1) * bin_ns, now)
            bins[number] = end_ns - begin_ns, sampled.measured_ns(begin_ns, end_ns)
        for record in records:
            for number in list(record.series):
                counts, (width_ns, measured_ns) = record.series[number], bins.get(number, (0, 0))
                if measured_ns == 0:
                    # A transmission that began before a part reaches back into an earlier bin.
                    del record.series[number]
                    continue
                for column in (0, 1):
                    counts[column] = counts[column] * width_ns // measured_ns

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
