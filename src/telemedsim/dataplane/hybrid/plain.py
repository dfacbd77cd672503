"""A line with one queue, first in, first out, whose link does not change: departures are known at arrival.

The wait of an accepted packet is what is left of the transmission under way and all that waits, so the
time in the system of each class and flow gives the shares of the wait. O(1) a packet and class. What
leaves within the turn is sent on at once; the ring keeps it until no arrival finds it there any more.
"""

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import draw_53
from telemedsim.core.units import framed_bytes, transmission_ns
from telemedsim.dataplane.hybrid.inbox import (
    NEVER,
    end_run,
    free_taken,
    gather,
    next_block,
    put_back,
    write_entry,
)
from telemedsim.dataplane.hybrid.kinds import accept as policy_accepts
from telemedsim.dataplane.hybrid.kinds import drop_policy_kinds
from telemedsim.dataplane.hybrid.layout import (
    ARRIVALS,
    ARRIVED_BYTES,
    ARRIVED_PACKETS,
    BIN_BEGIN,
    BIN_BUSY,
    BIN_BYTES,
    BIN_END,
    BLOCK,
    BYTES,
    CARRIED_PACKETS,
    CELL,
    CLASSES,
    CRAMPED,
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
    HELD_HEAD,
    HELD_PID,
    HELD_ROW,
    HELD_SENT,
    HELD_SERVICE,
    HELD_SIZE,
    IN_BYTES,
    INBOX_FILL,
    INBOX_LAST,
    LIMIT,
    LOSS_DRAWS,
    MAX_QUEUE,
    MIN_FRAME,
    NEXT_NS,
    NONE,
    OVERHEAD,
    PARTS_A_HOP,
    PID,
    PROPAGATION,
    RATE,
    ROW,
    ROW_CLASS,
    ROW_DEPTH,
    ROW_KIDS,
    ROW_NEXT,
    ROW_NEXT_LINE,
    ROW_SLOT,
    SIZE_BYTES,
    SIZE_FRAME,
    SIZE_SERVICE,
    VARIES,
    World,
)
from telemedsim.dataplane.hybrid.wire import (
    count_busy,
    delayed_ns,
    end_transmission,
    hand_over,
    is_destroyed,
    lose,
    note_variation,
    push_cell,
)
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.records.flows import IMPAIRMENT, OVERFLOW, QUEUEING, TRANSMISSION

DROP_TAIL = drop_policy_kinds().number(DropTail())


@compiled
def run_plain(  # noqa: C901 - one flat loop: a call or a table's field costs as much as the work
    w: World, line: int, accept_until_ns: int, depart_until_ns: int
) -> bool:
    """Accept what arrives and send what departs up to two times, the first not after the second.

    Returns False if the ring is too small; what was not accepted then waits in the inbox.
    """
    lines, held, entries, rows, packets = w.lines, w.held, w.entries, w.rows, w.packets
    begin, last = lines[line, HELD_AT], lines[line, HELD_SIZE] - 1
    head = lines[line, HELD_HEAD]
    tail = send_held(w, line, depart_until_ns)
    first = gather(w, line, accept_until_ns)
    end = first + w.cursors[ARRIVALS]
    limit = lines[line, LIMIT] if is_counted(w, line) else -1
    propagation_ns, draws, varies = (
        lines[line, PROPAGATION],
        lines[line, LOSS_DRAWS],
        lines[line, VARIES],
    )
    size_bytes, frame_bytes = lines[line, SIZE_BYTES], lines[line, SIZE_FRAME]
    service_ns = lines[line, SIZE_SERVICE]
    bin_begin_ns, bin_end_ns = lines[line, BIN_BEGIN], lines[line, BIN_END]
    arrived, arrived_bytes, carried, bin_bytes, bin_busy_ns = 0, 0, 0, 0, 0
    most, held_bytes = lines[line, MAX_QUEUE], lines[line, HELD_BYTES_NOW]
    # Only those behind which others wait are counted in the sums of classes and flows.
    counted = tail
    to_line, to_block, to_fill, to_count, to_ns = NONE, NONE, 0, 0, NEVER
    free_ns = held[begin + ((tail - 1) & last), DEPARTS] if head < tail else -1
    sent, is_cramped = 0, False
    for k in range(first, end):
        now, at = w.times[k], w.order[k]
        while head < tail and held[begin + (head & last), DEPARTS] <= now:
            held_bytes -= held[begin + (head & last), HELD_FRAME]
            if head < counted:
                uncount(w, line, begin + (head & last))
            head += 1
            if head == tail:
                lines[line, EMPTIED] = free_ns
        if tail - head > last:
            is_cramped = True
            break
        row, pid, cell = entries[at, ROW], entries[at, PID], entries[at, CELL]
        ip_bytes = packets[pid, BYTES]
        if ip_bytes != size_bytes:
            size_bytes = ip_bytes
            frame_bytes = framed_bytes(ip_bytes, lines[line, OVERHEAD], lines[line, MIN_FRAME])
            service_ns = transmission_ns(frame_bytes, lines[line, RATE])
        arrived += 1
        arrived_bytes += frame_bytes
        if limit >= 0:
            is_admitted = tail - head < limit
        else:
            number = lines[line, ARRIVED_PACKETS] + arrived - 1
            is_admitted = admits(w, line, tail - head, held_bytes, frame_bytes, number, now)
        if not is_admitted:
            lines[line, BIN_BUSY] += bin_busy_ns
            lines[line, BIN_BYTES] += bin_bytes
            lose(w, line, row, pid, OVERFLOW, now)
            bin_busy_ns = bin_bytes = 0
            bin_begin_ns, bin_end_ns = lines[line, BIN_BEGIN], lines[line, BIN_END]
            continue
        starts_ns = now
        if head < tail:
            starts_ns = free_ns
            for one in range(max(head, counted), tail):
                count(w, line, begin + (one & last))
            counted = tail
            cell = note_waits(w, line, row, begin + (head & last), cell, now, starts_ns)
        free_ns = starts_ns + service_ns
        place = begin + (tail & last)
        held[place, DEPARTS] = free_ns
        held[place, HELD_ROW] = row
        held[place, HELD_SERVICE] = service_ns
        held[place, HELD_FRAME] = frame_bytes
        held_bytes += frame_bytes
        tail += 1
        most = max(most, tail - head)
        if free_ns > depart_until_ns:
            held[place, HELD_PID] = pid
            held[place, HELD_CELL] = cell
            continue
        carried += 1
        if bin_begin_ns <= starts_ns and free_ns <= bin_end_ns:
            bin_busy_ns += service_ns
            bin_bytes += frame_bytes
        else:
            lines[line, BIN_BUSY] += bin_busy_ns
            lines[line, BIN_BYTES] += bin_bytes
            count_busy(w, line, starts_ns, free_ns)
            bin_busy_ns, bin_bytes = 0, frame_bytes
            bin_begin_ns, bin_end_ns = lines[line, BIN_BEGIN], lines[line, BIN_END]
        if draws and is_destroyed(w, line, row, pid, frame_bytes):
            lines[line, BIN_BUSY] += bin_busy_ns
            lines[line, BIN_BYTES] += bin_bytes
            lose(w, line, row, pid, IMPAIRMENT, free_ns)
            bin_busy_ns = bin_bytes = 0
            bin_begin_ns, bin_end_ns = lines[line, BIN_BEGIN], lines[line, BIN_END]
            continue
        arrival_ns = free_ns + propagation_ns
        if varies:
            arrival_ns = delayed_ns(w, line, row, pid, arrival_ns)
            cell = note_variation(w, row, cell, arrival_ns - free_ns - propagation_ns)
        if rows[row, ROW_NEXT] < 0:
            if rows[row, ROW_KIDS]:
                end_run(w, to_line, to_block, to_fill, to_count, to_ns)
                to_line = NONE
            hand_over(w, row, pid, cell, arrival_ns)
            continue
        if rows[row, ROW_NEXT_LINE] != to_line:
            end_run(w, to_line, to_block, to_fill, to_count, to_ns)
            to_line, to_count = rows[row, ROW_NEXT_LINE], 0
            to_block, to_fill = lines[to_line, INBOX_LAST], lines[to_line, INBOX_FILL]
            to_ns = min(arrival_ns, lines[to_line, NEXT_NS])
        if to_block < 0 or to_fill == BLOCK:
            to_block = next_block(w, to_line, to_block)
            to_fill = 0
        write_entry(w, to_block * BLOCK + to_fill, arrival_ns, pid, rows[row, ROW_NEXT], cell)
        to_fill += 1
        to_count += 1
    end_run(w, to_line, to_block, to_fill, to_count, to_ns)
    if is_cramped:
        w.cursors[CRAMPED] = line
        put_back(w, line, first + arrived, end)
        # What was not accepted may find them there still.
        while (
            head + sent < tail and held[begin + ((head + sent) & last), DEPARTS] <= depart_until_ns
        ):
            sent += 1
    else:
        while head < tail and held[begin + (head & last), DEPARTS] <= depart_until_ns:
            held_bytes -= held[begin + (head & last), HELD_FRAME]
            if head < counted:
                uncount(w, line, begin + (head & last))
            head += 1
            if head == tail:
                lines[line, EMPTIED] = free_ns
    for one in range(max(head, counted), tail):
        count(w, line, begin + (one & last))
    free_taken(w)
    lines[line, SIZE_BYTES], lines[line, SIZE_FRAME] = size_bytes, frame_bytes
    lines[line, SIZE_SERVICE] = service_ns
    lines[line, BIN_BUSY] += bin_busy_ns
    lines[line, BIN_BYTES] += bin_bytes
    lines[line, CARRIED_PACKETS] += carried
    lines[line, ARRIVED_PACKETS] += arrived
    lines[line, ARRIVED_BYTES] += arrived_bytes
    lines[line, MAX_QUEUE], lines[line, HELD_BYTES_NOW] = most, held_bytes
    lines[line, HELD_HEAD], lines[line, HELD_COUNT] = head, tail - head
    lines[line, HELD_SENT] = sent
    return not is_cramped


@compiled
def is_counted(w: World, line: int) -> bool:
    """Tell whether the queue takes packets by their number alone."""
    return w.lines[line, DROP] == DROP_TAIL and not w.lines[line, IN_BYTES]


@compiled
def send_held(w: World, line: int, until_ns: int) -> int:
    """Send on what the line held before and what leaves until a time; return the tail of its ring."""
    lines, held = w.lines, w.held
    begin, last = lines[line, HELD_AT], lines[line, HELD_SIZE] - 1
    at = lines[line, HELD_HEAD]
    tail = at + lines[line, HELD_COUNT]
    at += lines[line, HELD_SENT]
    while at < tail and held[begin + (at & last), DEPARTS] <= until_ns:
        place = begin + (at & last)
        departs_ns = held[place, DEPARTS]
        end_transmission(
            w,
            line,
            held[place, HELD_ROW],
            held[place, HELD_PID],
            held[place, HELD_CELL],
            held[place, HELD_FRAME],
            departs_ns - held[place, HELD_SERVICE],
            departs_ns,
        )
        at += 1
    return tail


@compiled
def count(w: World, line: int, place: int) -> None:
    """Add a held packet to the sums of its class and flow."""
    row, service_ns = w.held[place, HELD_ROW], w.held[place, HELD_SERVICE]
    w.slot_ns[w.rows[row, ROW_SLOT]] += service_ns
    w.class_ns[line * w.lines[line, CLASSES] + w.rows[row, ROW_CLASS]] += service_ns


@compiled
def uncount(w: World, line: int, place: int) -> None:
    """Take a held packet off the sums of its class and flow."""
    row, service_ns = w.held[place, HELD_ROW], w.held[place, HELD_SERVICE]
    w.slot_ns[w.rows[row, ROW_SLOT]] -= service_ns
    w.class_ns[line * w.lines[line, CLASSES] + w.rows[row, ROW_CLASS]] -= service_ns


@compiled
def admits(
    w: World, line: int, held: int, held_bytes: int, frame_bytes: int, number: int, now: int
) -> bool:
    """Tell whether the queue takes a packet."""
    lines = w.lines
    if lines[line, DROP] == DROP_TAIL:
        return held_bytes + frame_bytes <= lines[line, LIMIT]
    draw = draw_53(lines[line, DROP_KEY], number) if lines[line, DROP_DRAWS] else 0
    begin = lines[line, DROP_AT]
    state = w.line_states[begin : begin + lines[line, DROP_SIZE]]
    kind, emptied_ns = lines[line, DROP], lines[line, EMPTIED]
    return policy_accepts(kind, state, held, held_bytes, frame_bytes, now, emptied_ns, draw) == 1


@compiled
def note_waits(
    w: World, line: int, row: int, head: int, cell: int, now: int, starts_ns: int
) -> int:
    """Return an arrival's chain with what it will have waited for; ``head`` is what is being sent."""
    lines, held, rows = w.lines, w.held, w.rows
    slot, own_class = rows[row, ROW_SLOT], rows[row, ROW_CLASS]
    first_part = rows[row, ROW_DEPTH] * w.cursors[PARTS_A_HOP]
    first_class = line * lines[line, CLASSES]
    sending = held[head, HELD_ROW]
    elapsed_ns = now - (held[head, DEPARTS] - held[head, HELD_SERVICE])
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
    return cell
