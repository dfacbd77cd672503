"""A line with one queue, first in, first out, whose link does not change: departures are known at arrival.

The wait of an accepted packet is what is left of the transmission under way and all that waits, so the
time in the system of each class and flow gives the shares of the wait. O(1) a packet and class.
"""

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import draw_53
from telemedsim.dataplane.hybrid.inbox import gather, sort
from telemedsim.dataplane.hybrid.kinds import accept as policy_accepts
from telemedsim.dataplane.hybrid.kinds import drop_policy_kinds
from telemedsim.dataplane.hybrid.layout import (
    ARRIVED_BYTES,
    ARRIVED_PACKETS,
    BYTES,
    CELL,
    CLASSES,
    DEPARTS,
    DROP,
    DROP_AT,
    DROP_DRAWS,
    DROP_KEY,
    DROP_SIZE,
    EMPTIED,
    HELD_AT,
    HELD_BYTES_NOW,
    HELD_CELL,
    HELD_COUNT,
    HELD_FRAME,
    HELD_PID,
    HELD_ROW,
    HELD_SERVICE,
    HELD_USED,
    IN_BYTES,
    LIMIT,
    MAX_QUEUE,
    PARTS_A_HOP,
    PID,
    ROW,
    ROW_CLASS,
    ROW_DEPTH,
    ROW_SLOT,
    SIZE_BYTES,
    SIZE_FRAME,
    SIZE_SERVICE,
    TIME,
    World,
)
from telemedsim.dataplane.hybrid.wire import end_transmission, lose, push_cell, take_size
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.records.flows import OVERFLOW, QUEUEING, TRANSMISSION

DROP_TAIL = drop_policy_kinds().number(DropTail())


@compiled
def run_plain(w: World, line: int, accept_until_ns: int, depart_until_ns: int) -> None:
    """Accept what arrives and send what departs up to two times, the first not after the second."""
    count = gather(w, line, accept_until_ns)
    order = sort(w, count) if count > 1 else 0
    if count == 1:
        w.order[0] = 0
    lines, ring, arrivals = w.lines, w.ring, w.arrivals
    tail = take_held(w, line)
    if count == 0 and tail == 0:
        return
    head = 0
    for k in range(count):
        at = w.order[order + k]
        now = arrivals[at, TIME]
        while head < tail and ring[head, DEPARTS] <= now:
            depart(w, line, head, head + 1 == tail)
            head += 1
        row, pid = arrivals[at, ROW], arrivals[at, PID]
        ip_bytes = w.packets[pid, BYTES]
        if ip_bytes != lines[line, SIZE_BYTES]:
            take_size(w, line, ip_bytes)
        frame_bytes = lines[line, SIZE_FRAME]
        number = lines[line, ARRIVED_PACKETS]
        lines[line, ARRIVED_PACKETS] = number + 1
        lines[line, ARRIVED_BYTES] += frame_bytes
        if not admits(w, line, tail - head, frame_bytes, number, now):
            lose(w, line, row, pid, OVERFLOW, now)
            continue
        accept(w, line, head, tail, at, now)
        tail += 1
        lines[line, MAX_QUEUE] = max(lines[line, MAX_QUEUE], tail - head)
    while head < tail and ring[head, DEPARTS] <= depart_until_ns:
        depart(w, line, head, head + 1 == tail)
        head += 1
    keep_held(w, line, head, tail)


@compiled
def admits(w: World, line: int, held: int, frame_bytes: int, number: int, now: int) -> bool:
    """Tell whether the queue takes a packet."""
    lines = w.lines
    if lines[line, DROP] == DROP_TAIL:
        if lines[line, IN_BYTES]:
            return lines[line, HELD_BYTES_NOW] + frame_bytes <= lines[line, LIMIT]
        return held < lines[line, LIMIT]
    draw = draw_53(lines[line, DROP_KEY], number) if lines[line, DROP_DRAWS] else 0
    begin = lines[line, DROP_AT]
    state = w.line_states[begin : begin + lines[line, DROP_SIZE]]
    held_bytes, emptied_ns = lines[line, HELD_BYTES_NOW], lines[line, EMPTIED]
    kind = lines[line, DROP]
    return policy_accepts(kind, state, held, held_bytes, frame_bytes, now, emptied_ns, draw) == 1


@compiled
def accept(w: World, line: int, head: int, tail: int, at: int, now: int) -> None:
    """Put an arrival behind what is held, and write down what it will have waited for."""
    lines, ring, rows = w.lines, w.ring, w.rows
    row, cell = w.arrivals[at, ROW], w.arrivals[at, CELL]
    slot, own_class = rows[row, ROW_SLOT], rows[row, ROW_CLASS]
    service_ns, frame_bytes = lines[line, SIZE_SERVICE], lines[line, SIZE_FRAME]
    starts_ns = now
    first_class = line * lines[line, CLASSES]
    if head < tail:
        starts_ns = ring[tail - 1, DEPARTS]
        first_part = rows[row, ROW_DEPTH] * w.cursors[PARTS_A_HOP]
        sending = ring[head, HELD_ROW]
        elapsed_ns = now - (ring[head, DEPARTS] - ring[head, HELD_SERVICE])
        own_ns = w.slot_ns[slot]
        if rows[sending, ROW_SLOT] == slot:
            own_ns -= elapsed_ns
        if own_ns:
            cell = push_cell(w, first_part + TRANSMISSION, own_ns, cell)
        left_ns = starts_ns - now - own_ns
        sending_class = rows[sending, ROW_CLASS]
        other = 0
        while left_ns > 0:
            ns = w.class_ns[first_class + other]
            if ns:
                if other == sending_class:
                    ns -= elapsed_ns
                if other == own_class:
                    ns -= own_ns
                if ns:
                    cell = push_cell(w, first_part + QUEUEING + other, ns, cell)
                    left_ns -= ns
            other += 1
    ring[tail, DEPARTS] = starts_ns + service_ns
    ring[tail, HELD_PID] = w.arrivals[at, PID]
    ring[tail, HELD_ROW] = row
    ring[tail, HELD_CELL] = cell
    ring[tail, HELD_SERVICE] = service_ns
    ring[tail, HELD_FRAME] = frame_bytes
    lines[line, HELD_BYTES_NOW] += frame_bytes
    w.slot_ns[slot] += service_ns
    w.class_ns[first_class + own_class] += service_ns


@compiled
def depart(w: World, line: int, head: int, is_last: bool) -> None:
    """End the transmission of the first packet held."""
    lines, ring, rows = w.lines, w.ring, w.rows
    row, service_ns = ring[head, HELD_ROW], ring[head, HELD_SERVICE]
    frame_bytes, now = ring[head, HELD_FRAME], ring[head, DEPARTS]
    lines[line, HELD_BYTES_NOW] -= frame_bytes
    if is_last:
        lines[line, EMPTIED] = now
    w.slot_ns[rows[row, ROW_SLOT]] -= service_ns
    w.class_ns[line * lines[line, CLASSES] + rows[row, ROW_CLASS]] -= service_ns
    pid, cell = ring[head, HELD_PID], ring[head, HELD_CELL]
    end_transmission(w, line, row, pid, cell, frame_bytes, now - service_ns, now)


@compiled
def take_held(w: World, line: int) -> int:
    """Copy what the line holds to the beginning of the scratch ring; return how many those are."""
    lines, count = w.lines, w.lines[line, HELD_COUNT]
    first = lines[line, HELD_AT]
    for k in range(count):
        for column in range(w.ring.shape[1]):
            w.ring[k, column] = w.held[first + k, column]
    return count


@compiled
def keep_held(w: World, line: int, head: int, tail: int) -> None:
    """Keep what is left in the ring for the line's next turn."""
    lines, first = w.lines, w.cursors[HELD_USED]
    lines[line, HELD_AT] = first
    lines[line, HELD_COUNT] = tail - head
    w.cursors[HELD_USED] = first + tail - head
    for k in range(tail - head):
        for column in range(w.ring.shape[1]):
            w.held[first + k, column] = w.ring[head + k, column]
