"""Changes of links: noted for their time; a line that changes is no longer a plain one."""

import numpy as np

from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.holding import link_free
from telemedsim.dataplane.hybrid.layout import NONE
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.records.flows import QUEUEING, TRANSMISSION


class Changes:
    """Failures and repairs to come."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._used = 0
        self._last: dict[int, int] = {}
        """Line -> its last change."""

    def add(self, line: int, time_ns: int, kind: int) -> None:
        """Note a change, which is not before those noted earlier."""
        tables = self._tables
        tables.need("changes", self._used + 1)
        row = tables.arrays["lines"][line]
        if row[layout.PLAIN]:
            self._schedule_plain(line)
        number = self._used
        self._used += 1
        changes = tables.arrays["changes"]
        changes[number] = (time_ns, kind, NONE)
        if row[layout.CHANGE_AT] >= 0:
            changes[self._last[line], layout.CHANGE_NEXT] = number
        else:
            row[layout.CHANGE_AT] = number
        self._last[line] = number

    def _schedule_plain(self, line: int) -> None:
        """Turn a plain line into one with an event loop: waits that were foretold become notes of sums."""
        arrays = self._tables.arrays
        row, rows, held = arrays["lines"][line], arrays["rows"], arrays["held"]
        first, count = int(row[layout.HELD_AT]), int(row[layout.HELD_COUNT])
        classes = int(row[layout.CLASSES])
        size = int(row[layout.HELD_SIZE])
        if size:
            # Begin at the first place.
            held[first : first + size] = held[
                first + (row[layout.HELD_HEAD] + np.arange(size)) % size
            ]
        packets = held[first : first + count]
        slots = rows[packets[:, layout.HELD_ROW], layout.ROW_SLOT].tolist()
        busy, slot_busy = np.zeros(classes, np.int64), dict.fromkeys(slots, 0)
        for place, (packet, slot) in enumerate(zip(packets, slots, strict=True)):
            one = rows[packet[layout.HELD_ROW]]
            own_class = int(one[layout.ROW_CLASS])
            if place:
                own_ns, class_ns = self._take_waits(packet, int(one[layout.ROW_DEPTH]), own_class)
                starts_ns = packet[layout.DEPARTS] - packet[layout.HELD_SERVICE]
                packet[layout.ACCEPTED] = starts_ns - sum(class_ns)
                packet[layout.OWN_BUSY] = slot_busy[slot] - own_ns
                packet[layout.CLASS_BUSY :] = busy - class_ns
                packet[layout.TAG] = packet[layout.HELD_QUEUE] = 0
            slot_busy[slot] += int(packet[layout.HELD_SERVICE])
            busy[own_class] += packet[layout.HELD_SERVICE]
        arrays["class_ns"][line * classes : (line + 1) * classes] = 0
        arrays["slot_ns"][slots] = 0
        if count:
            self._send_first(line, packets[0])
        queue = arrays["queues"][line * classes]
        queue[layout.QUEUE_PACKETS] = count
        queue[layout.QUEUE_BYTES] = row[layout.HELD_BYTES_NOW]
        queue[layout.QUEUE_EMPTIED] = row[layout.EMPTIED]
        self._link(line, max(0, count - 1))

    def _take_waits(self, packet: IntArray, depth: int, own_class: int) -> tuple[int, list[int]]:
        """Take what a packet waits here off its chain: behind its own flow, and by class with that."""
        cells, size = self._tables.arrays["cells"], self._tables.parts_a_hop
        own_ns, class_ns = 0, [0] * (size - QUEUEING)
        cell = int(packet[layout.HELD_CELL])
        while cell >= 0 and cells[cell, layout.PART] // size == depth:
            part, ns = int(cells[cell, layout.PART]) % size, int(cells[cell, layout.NS])
            if part == TRANSMISSION:
                own_ns = ns
                class_ns[own_class] += ns
            else:
                class_ns[part - QUEUEING] += ns
            cell = int(cells[cell, layout.NEXT])
        packet[layout.HELD_CELL] = cell
        return own_ns, class_ns

    def _send_first(self, line: int, packet: IntArray) -> None:
        """Let the first packet held be the one in transmission."""
        arrays = self._tables.arrays
        row = arrays["lines"][line]
        row[layout.SENDING], row[layout.SENDING_QUEUE] = 1, 0
        row[layout.SENDING_PID] = packet[layout.HELD_PID]
        row[layout.SENDING_ROW] = packet[layout.HELD_ROW]
        row[layout.SENDING_CELL] = packet[layout.HELD_CELL]
        row[layout.SENDING_FRAME] = packet[layout.HELD_FRAME]
        one, service_ns = arrays["rows"][packet[layout.HELD_ROW]], packet[layout.HELD_SERVICE]
        arrays["slot_ns"][one[layout.ROW_SLOT]] = service_ns
        arrays["class_ns"][line * row[layout.CLASSES] + one[layout.ROW_CLASS]] = service_ns
        row[layout.DUE] = packet[layout.DEPARTS]
        row[layout.STARTED] = packet[layout.DEPARTS] - packet[layout.HELD_SERVICE]

    def _link(self, line: int, waiting: int) -> None:
        """Link what waits, which is behind the first place, to the queue, and free the other places."""
        arrays = self._tables.arrays
        row, held = arrays["lines"][line], arrays["held"]
        table, begin = line * int(row[layout.CLASSES]), int(row[layout.HELD_AT])
        row[layout.PLAIN] = row[layout.HELD_HEAD] = 0
        row[layout.HELD_COUNT] = row[layout.WAITING] = arrays["lengths"][table] = waiting
        row[layout.HELD_FREE] = NONE
        link_free(row, held, waiting + 1 if waiting else 0)
        if waiting:
            held[begin + 1 : begin + waiting + 1, layout.NEXT_HELD] = np.arange(2, waiting + 2)
            held[begin + waiting, layout.NEXT_HELD] = NONE
            held[begin, layout.NEXT_HELD] = row[layout.HELD_FREE]
            row[layout.HELD_FREE] = 0
            queue = arrays["queues"][table]
            queue[layout.QUEUE_HEAD], queue[layout.QUEUE_TAIL] = 1, waiting
            arrays["head_bytes"][table] = held[begin + 1, layout.HELD_FRAME]
            arrays["head_tags"][table] = 0
