"""A line with several queues, or whose link changes: its own small event loop over sorted arrivals.

What has been sent is summed by class and by flow; a packet that begins to wait notes the sums (less
what is left of the transmission under way), and when it is sent the differences are its waits, as on
the reference plane. O(1) a packet, queue and class.
"""

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import draw_53
from telemedsim.dataplane.hybrid.holding import append, free_place, take_place
from telemedsim.dataplane.hybrid.inbox import NEVER, free_taken, gather, put_back
from telemedsim.dataplane.hybrid.kinds import accept as policy_accepts
from telemedsim.dataplane.hybrid.kinds import on_accept, select
from telemedsim.dataplane.hybrid.layout import (
    ACCEPTED,
    ARRIVALS,
    ARRIVED_BYTES,
    ARRIVED_PACKETS,
    BYTES,
    CELL,
    CHANGE_AT,
    CHANGE_KIND,
    CHANGE_NEXT,
    CHANGE_NS,
    CLASS_BUSY,
    CLASSES,
    CRAMPED,
    DOWN_NS,
    DOWN_SINCE,
    DROP,
    DROP_AT,
    DROP_DRAWS,
    DROP_KEY,
    DROP_SIZE,
    DUE,
    GOES_UP,
    HELD_AT,
    HELD_CELL,
    HELD_FRAME,
    HELD_FREE,
    HELD_PID,
    HELD_QUEUE,
    HELD_ROW,
    HELD_SERVICE,
    MAX_QUEUE,
    NEXT_HELD,
    OWN_BUSY,
    PARTS_A_HOP,
    PID,
    QUEUE_BYTES,
    QUEUE_EMPTIED,
    QUEUE_HEAD,
    QUEUE_PACKETS,
    QUEUES,
    ROW,
    ROW_CLASS,
    ROW_DEPTH,
    ROW_QUEUE,
    ROW_SLOT,
    SCHEDULER,
    SCHEDULER_AT,
    SCHEDULER_SIZE,
    SENDING,
    SENDING_CELL,
    SENDING_FRAME,
    SENDING_PID,
    SENDING_QUEUE,
    SENDING_ROW,
    SIZE_BYTES,
    SIZE_FRAME,
    SIZE_SERVICE,
    STARTED,
    TAG,
    UP,
    WAITING,
    World,
)
from telemedsim.dataplane.hybrid.wire import (
    count_busy,
    end_transmission,
    lose,
    push_cell,
    take_size,
)
from telemedsim.records.flows import OUTAGE, OUTAGE_LOSS, OVERFLOW, QUEUEING, TRANSMISSION


@compiled
def run_scheduled(w: World, line: int, accept_until_ns: int, depart_until_ns: int) -> bool:
    """Handle departures, changes of the link and arrivals in the order of time.

    Departures up to one time, changes and arrivals up to another, which is not after it. Returns False if
    there are too few places for held packets; what was not accepted then waits in the inbox.
    """
    k = gather(w, line, accept_until_ns)
    end = k + w.cursors[ARRIVALS]
    lines = w.lines
    while True:
        arrival_ns = w.times[k] if k < end else NEVER
        change = lines[line, CHANGE_AT]
        change_ns = w.changes[change, CHANGE_NS] if change >= 0 else NEVER
        next_ns = min(arrival_ns, change_ns)
        if lines[line, SENDING] and lines[line, DUE] <= min(next_ns, depart_until_ns):
            depart(w, line)
        elif next_ns > accept_until_ns:
            break
        elif change_ns <= arrival_ns:
            lines[line, CHANGE_AT] = w.changes[change, CHANGE_NEXT]
            change_link(w, line, w.changes[change, CHANGE_KIND], change_ns)
        else:
            if lines[line, HELD_FREE] < 0:
                w.cursors[CRAMPED] = line
                put_back(w, line, k, end)
                break
            take(w, line, w.order[k], arrival_ns)
            k += 1
    free_taken(w)
    return w.cursors[CRAMPED] != line


@compiled
def scheduler_ns(w: World, line: int, now: int) -> int:
    """Return the scheduler's time, which stands still while the link is down."""
    lines = w.lines
    return (now if lines[line, UP] else lines[line, DOWN_SINCE]) - lines[line, DOWN_NS]


@compiled
def take(w: World, line: int, at: int, now: int) -> None:
    """Accept or refuse an arrival."""
    lines, queues = w.lines, w.queues
    row, pid, cell = w.entries[at, ROW], w.entries[at, PID], w.entries[at, CELL]
    ip_bytes = w.packets[pid, BYTES]
    if ip_bytes != lines[line, SIZE_BYTES]:
        take_size(w, line, ip_bytes)
    frame_bytes, service_ns = lines[line, SIZE_FRAME], lines[line, SIZE_SERVICE]
    queue = w.rows[row, ROW_QUEUE]
    table = line * lines[line, CLASSES] + queue
    number = lines[line, ARRIVED_PACKETS]
    lines[line, ARRIVED_PACKETS] = number + 1
    lines[line, ARRIVED_BYTES] += frame_bytes
    if not admits(w, line, table, queue, frame_bytes, number, now):
        lose(w, line, row, pid, OVERFLOW, now)
        return
    queues[table, QUEUE_PACKETS] += 1
    queues[table, QUEUE_BYTES] += frame_bytes
    inside = 1
    if not lines[line, SENDING] and lines[line, UP]:
        if lines[line, QUEUES] > 1:
            pass_through(w, line, queue, frame_bytes, service_ns, now)
        start(w, line, queue, row, pid, cell, frame_bytes, service_ns, now)
    else:
        push(w, line, queue, row, pid, cell, now)
        inside = lines[line, WAITING] + lines[line, SENDING]
    lines[line, MAX_QUEUE] = max(lines[line, MAX_QUEUE], inside)


@compiled
def admits(
    w: World, line: int, table: int, queue: int, frame_bytes: int, number: int, now: int
) -> bool:
    """Tell whether a queue's drop policy takes a packet."""
    lines, queues = w.lines, w.queues
    draw = draw_53(lines[line, DROP_KEY], number) if lines[line, DROP_DRAWS] else 0
    size = lines[line, DROP_SIZE]
    begin = lines[line, DROP_AT] + queue * size
    return (
        policy_accepts(
            lines[line, DROP],
            w.line_states[begin : begin + size],
            queues[table, QUEUE_PACKETS],
            queues[table, QUEUE_BYTES],
            frame_bytes,
            now,
            queues[table, QUEUE_EMPTIED],
            draw,
        )
        == 1
    )


@compiled
def ask(w: World, line: int, now: int) -> int:
    """Return the queue that the scheduler chooses."""
    lines = w.lines
    first, count = line * lines[line, CLASSES], lines[line, QUEUES]
    begin = lines[line, SCHEDULER_AT]
    return select(
        lines[line, SCHEDULER],
        w.line_states[begin : begin + lines[line, SCHEDULER_SIZE]],
        w.lengths[first : first + count],
        w.head_bytes[first : first + count],
        w.head_tags[first : first + count],
        scheduler_ns(w, line, now),
    )


@compiled
def tell(w: World, line: int, queue: int, service_ns: int, now: int) -> int:
    """Tell the scheduler of an accepted packet; return its tag."""
    lines = w.lines
    begin = lines[line, SCHEDULER_AT]
    state = w.line_states[begin : begin + lines[line, SCHEDULER_SIZE]]
    clock_ns = scheduler_ns(w, line, now)
    return on_accept(lines[line, SCHEDULER], state, queue, clock_ns, service_ns)


@compiled
def pass_through(
    w: World, line: int, queue: int, frame_bytes: int, service_ns: int, now: int
) -> None:
    """Let the scheduler see a packet that is sent at once, as nothing waits."""
    table = line * w.lines[line, CLASSES] + queue
    w.head_tags[table] = tell(w, line, queue, service_ns, now)
    w.head_bytes[table] = frame_bytes
    w.lengths[table] = 1
    ask(w, line, now)
    w.lengths[table] = 0


@compiled
def start(
    w: World,
    line: int,
    queue: int,
    row: int,
    pid: int,
    cell: int,
    frame_bytes: int,
    service_ns: int,
    now: int,
) -> None:
    """Begin a transmission."""
    lines = w.lines
    lines[line, SENDING] = 1
    lines[line, SENDING_PID] = pid
    lines[line, SENDING_ROW] = row
    lines[line, SENDING_CELL] = cell
    lines[line, SENDING_FRAME] = frame_bytes
    lines[line, SENDING_QUEUE] = queue
    lines[line, STARTED] = now
    lines[line, DUE] = now + service_ns
    add_busy(w, line, row, service_ns)


@compiled
def add_busy(w: World, line: int, row: int, ns: int) -> None:
    """Add transmission time to the sums of a packet's class and flow."""
    w.class_ns[line * w.lines[line, CLASSES] + w.rows[row, ROW_CLASS]] += ns
    w.slot_ns[w.rows[row, ROW_SLOT]] += ns


@compiled
def push(w: World, line: int, queue: int, row: int, pid: int, cell: int, now: int) -> None:
    """Put an admitted packet at the end of its queue."""
    lines, held, rows = w.lines, w.held, w.rows
    at = take_place(w, line)
    classes = lines[line, CLASSES]
    service_ns = lines[line, SIZE_SERVICE]
    held[at, HELD_PID] = pid
    held[at, HELD_ROW] = row
    held[at, HELD_CELL] = cell
    held[at, HELD_SERVICE] = service_ns
    held[at, HELD_FRAME] = lines[line, SIZE_FRAME]
    held[at, ACCEPTED] = now
    held[at, HELD_QUEUE] = queue
    held[at, TAG] = tell(w, line, queue, service_ns, now) if lines[line, QUEUES] > 1 else 0
    held[at, OWN_BUSY] = w.slot_ns[rows[row, ROW_SLOT]]
    for one in range(classes):
        held[at, CLASS_BUSY + one] = w.class_ns[line * classes + one]
    if lines[line, SENDING]:
        left_ns = lines[line, DUE] - now
        sending = lines[line, SENDING_ROW]
        held[at, CLASS_BUSY + rows[sending, ROW_CLASS]] -= left_ns
        if rows[sending, ROW_SLOT] == rows[row, ROW_SLOT]:
            held[at, OWN_BUSY] -= left_ns
    append(w, line, queue, at)


@compiled
def serve_next(w: World, line: int, now: int) -> None:
    """Begin the transmission of the packet that the scheduler chooses."""
    lines, held = w.lines, w.held
    queue = ask(w, line, now) if lines[line, QUEUES] > 1 else 0
    table = line * lines[line, CLASSES] + queue
    at = lines[line, HELD_AT] + w.queues[table, QUEUE_HEAD]
    w.lengths[table] -= 1
    lines[line, WAITING] -= 1
    following = held[at, NEXT_HELD]
    w.queues[table, QUEUE_HEAD] = following
    if following >= 0:
        w.head_bytes[table] = held[lines[line, HELD_AT] + following, HELD_FRAME]
        w.head_tags[table] = held[lines[line, HELD_AT] + following, TAG]
    cell = held[at, HELD_CELL]
    if now > held[at, ACCEPTED]:
        cell = note_wait(w, line, at, now - held[at, ACCEPTED])
    row, pid = held[at, HELD_ROW], held[at, HELD_PID]
    frame_bytes, service_ns = held[at, HELD_FRAME], held[at, HELD_SERVICE]
    free_place(w, line, at)
    start(w, line, queue, row, pid, cell, frame_bytes, service_ns, now)


@compiled
def note_wait(w: World, line: int, at: int, waited_ns: int) -> int:
    """Return a held packet's chain with its finished wait, taken apart."""
    held, rows, classes = w.held, w.rows, w.lines[line, CLASSES]
    row, cell = held[at, HELD_ROW], held[at, HELD_CELL]
    first_part = rows[row, ROW_DEPTH] * w.cursors[PARTS_A_HOP]
    own_ns = w.slot_ns[rows[row, ROW_SLOT]] - held[at, OWN_BUSY]
    if own_ns:
        cell = push_cell(w, first_part + TRANSMISSION, own_ns, cell)
    for one in range(classes):
        ns = w.class_ns[line * classes + one] - held[at, CLASS_BUSY + one]
        waited_ns -= ns
        if one == rows[row, ROW_CLASS]:
            ns -= own_ns
        if ns:
            cell = push_cell(w, first_part + QUEUEING + one, ns, cell)
    if waited_ns:
        cell = push_cell(w, first_part + OUTAGE, waited_ns, cell)
    return cell


@compiled
def release(w: World, line: int, now: int) -> None:
    """Free the place of the packet whose transmission has ended."""
    lines, queues = w.lines, w.queues
    lines[line, SENDING] = 0
    table = line * lines[line, CLASSES] + lines[line, SENDING_QUEUE]
    queues[table, QUEUE_PACKETS] -= 1
    queues[table, QUEUE_BYTES] -= lines[line, SENDING_FRAME]
    if queues[table, QUEUE_PACKETS] == 0:
        queues[table, QUEUE_EMPTIED] = now


@compiled
def depart(w: World, line: int) -> None:
    """End the transmission under way: free the place, choose the next packet, send this one on."""
    lines = w.lines
    now, row, pid = lines[line, DUE], lines[line, SENDING_ROW], lines[line, SENDING_PID]
    cell, frame_bytes = lines[line, SENDING_CELL], lines[line, SENDING_FRAME]
    started = lines[line, STARTED]
    release(w, line, now)
    if lines[line, WAITING]:
        serve_next(w, line, now)
    end_transmission(w, line, row, pid, cell, frame_bytes, started, now)


@compiled
def change_link(w: World, line: int, kind: int, now: int) -> None:
    """Take the link down (the packet in transmission is lost, the queue waits) or up again."""
    lines = w.lines
    if kind == GOES_UP:
        if lines[line, UP]:
            return
        lines[line, UP] = 1
        lines[line, DOWN_NS] += now - lines[line, DOWN_SINCE]
        if lines[line, WAITING]:
            serve_next(w, line, now)
        return
    if not lines[line, UP]:
        return
    lines[line, UP] = 0
    lines[line, DOWN_SINCE] = now
    if lines[line, SENDING]:
        row, pid = lines[line, SENDING_ROW], lines[line, SENDING_PID]
        add_busy(w, line, row, now - lines[line, DUE])
        count_busy(w, line, lines[line, STARTED], now)
        release(w, line, now)
        lose(w, line, row, pid, OUTAGE_LOSS, now)
