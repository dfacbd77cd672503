"""What each line did: its record at the end of a run, its series gathered window by window."""

import numpy as np

from telemedsim.core.compiled import compiled, kernel
from telemedsim.core.units import NS_PER_S
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.layout import (
    BLOCK,
    CALENDAR_USED,
    DEPARTS,
    HELD_AT,
    HELD_COUNT,
    HELD_HEAD,
    HELD_SERVICE,
    HELD_SIZE,
    INBOX_COUNT,
    INBOX_FIRST,
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
from telemedsim.dataplane.hybrid.packets.columns import (
    ARRIVALS_COUNT,
    ARRIVALS_FIRST,
    ARRIVALS_TAKEN,
)
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.dataplane.hybrid.wire import close_bin, count_busy
from telemedsim.records.flows import IMPAIRMENT, LOSS_CAUSES, InterfaceRecord


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

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._taken: list[IntArray] = []

    def take(self) -> None:
        """Empty the log of the window."""
        arrays = self._tables.arrays
        used = int(arrays["cursors"][layout.SERIES_USED])
        if used:
            self._taken.append(arrays["series"][:used].copy())
            arrays["cursors"][layout.SERIES_USED] = 0

    def records(self, now: int, fluid: list[dict[int, int]]) -> list[InterfaceRecord]:
        """Return the records of all lines at the end of the run.

        ``fluid`` are, of each bin, the bytes that each line carried for transfers without packets.
        """
        tables, lines = self._tables, self._tables.arrays["lines"]
        tables.need("series", 8 * len(lines) + 1024)
        kernel(end_lines)(tables.world(), now)
        self.take()
        records = [self._record(row, now) for row in lines.tolist()]
        log = np.concatenate(self._taken) if self._taken else np.zeros((0, 5), np.int64)
        for line, number, busy_ns, carried_bytes, lost in log.tolist():
            counts = records[line].series.setdefault(number, [0, 0, 0])
            counts[0] += busy_ns
            counts[1] += carried_bytes
            counts[2] += lost
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
