"""One window of time for all lines: sources feed, lines work in order, receivers get what was pending."""

from telemedsim.core.compiled import compiled
from telemedsim.core.units import transmission_ns
from telemedsim.dataplane.hybrid.inbox import (
    NEVER,
    end_run,
    free_block,
    next_block,
    put,
    put_pending,
    write_entry,
)
from telemedsim.dataplane.hybrid.layout import (
    ACTIVE,
    BIN_BUCKETS,
    BLOCK,
    BLOCKS_USED,
    BYTES,
    CELL,
    CELLS_USED,
    CHAIN_CELLS,
    CHANGE_AT,
    CHANGE_NS,
    CLASSES,
    CLEARED,
    COPIES,
    DEPARTS,
    DUE,
    EXEMPLARS_USED,
    FRAME,
    FRAME_MASK,
    FRAMES_AT,
    FRAMES_SENT,
    GRACE,
    GROUP_AHEAD_NS,
    GROUP_LINE,
    GROUP_SIZE,
    HELD_AT,
    HELD_COUNT,
    HELD_HEAD,
    HELD_SIZE,
    HUNGRY,
    INBOX_COUNT,
    INBOX_FILL,
    INBOX_LAST,
    LARGEST_BYTES,
    LAST_FRAME,
    LAST_SENT,
    LIVE,
    MOVED,
    NEXT_NS,
    NEXT_NUMBER,
    NONE,
    NUMBER,
    OVERHEAD,
    PACKETS_USED,
    PENDING_COUNT,
    PENDING_FILL,
    PENDING_FIRST,
    PENDING_LAST,
    PID,
    PLAIN,
    POOL_END,
    POOL_MORE,
    POOL_NEXT,
    RATE,
    ROOTS,
    ROOTS_AT,
    ROW,
    ROW_LEG,
    ROW_LINE,
    ROW_STREAM,
    SENDING,
    SENT,
    SERIES_BIN_NS,
    SERIES_USED,
    SHOWING,
    STOP_NS,
    STRAY_USED,
    THROUGH,
    TIME,
    WANTED_ARRIVALS,
    WANTED_BLOCKS,
    WANTED_CELLS,
    WANTED_EXEMPLARS,
    WANTED_PACKETS,
    WANTED_SERIES,
    WANTED_STRAYS,
    WINDOW_END,
    Table,
    World,
)
from telemedsim.dataplane.hybrid.legs import arrive
from telemedsim.dataplane.hybrid.measured import count_sent, is_measured_frame
from telemedsim.dataplane.hybrid.plain import run_plain
from telemedsim.dataplane.hybrid.scheduled import run_scheduled


def search(w: World, until_ns: int) -> None:
    """Find the streams that need packets before a time, and those that are through by now.

    ``found`` holds the former from its beginning and the latter before its end.
    """
    streams, cursors = w.streams, w.cursors
    now, hungry, through = cursors[WINDOW_END], 0, 0
    for place in range(cursors[ACTIVE]):
        stream = w.active[place]
        end, more = streams[stream, POOL_END], streams[stream, POOL_MORE]
        empty = streams[stream, POOL_NEXT] == end
        if now >= streams[stream, STOP_NS] - 1:
            if (
                streams[stream, LIVE] == 0
                and now >= streams[stream, LAST_SENT] + streams[stream, GRACE]
            ):
                through += 1
                w.found[len(w.found) - through] = stream
        elif more and (empty or w.pool_send_ns[end - 1] <= until_ns):
            w.found[hungry] = stream
            hungry += 1
    cursors[HUNGRY], cursors[THROUGH] = hungry, through


@compiled
def feed(w: World, until_ns: int, first: int) -> int:
    """Let streams send until a time; return how many are through, less than all if space is short."""
    streams, cursors = w.streams, w.cursors
    for number in range(first, cursors[ACTIVE]):
        stream = w.active[number]
        ready = streams[stream, POOL_END] - streams[stream, POOL_NEXT]
        copies = ready * streams[stream, ROOTS]
        w.wanted[WANTED_PACKETS] = cursors[PACKETS_USED] + ready
        w.wanted[WANTED_BLOCKS] = cursors[BLOCKS_USED] + copies + 1
        if not has_room(w) or not holds_frames(w, stream, until_ns):
            return number
        send(w, stream, until_ns)
    return cursors[ACTIVE]


@compiled
def holds_frames(w: World, stream: int, until_ns: int) -> bool:
    """Tell whether the stream's rings hold all frames that are sent until a time."""
    streams = w.streams
    if streams[stream, SHOWING] == 0:
        return True
    low, high = streams[stream, POOL_NEXT], streams[stream, POOL_END]
    while low < high:
        middle = (low + high) // 2
        if w.pool_send_ns[middle] <= until_ns:
            low = middle + 1
        else:
            high = middle
    if low == streams[stream, POOL_NEXT]:
        return True
    return w.pool_frame[low - 1] - streams[stream, CLEARED] <= streams[stream, FRAME_MASK]


@compiled
def send(w: World, stream: int, until_ns: int) -> None:
    """Put a stream's packets that are sent until a time into the inboxes of its first lines."""
    streams, packets, frames, links = w.streams, w.packets, w.frames, w.links
    last_ns = min(until_ns, streams[stream, STOP_NS] - 1)
    at, end = streams[stream, POOL_NEXT], streams[stream, POOL_END]
    if at == end or w.pool_send_ns[at] > last_ns:
        return
    mask, first_frame = streams[stream, FRAME_MASK], streams[stream, FRAMES_AT]
    pid, number = w.cursors[PACKETS_USED], streams[stream, NEXT_NUMBER]
    before, sent_bytes, last_frame = pid, 0, streams[stream, LAST_FRAME]
    first, roots = streams[stream, ROOTS_AT], streams[stream, ROOTS]
    # The first root's inbox is filled in one run; others, which are rare, packet by packet.
    row = links[first]
    line = w.rows[row, ROW_LINE]
    block, fill = w.lines[line, INBOX_LAST], w.lines[line, INBOX_FILL]
    next_ns = min(w.lines[line, NEXT_NS], w.pool_send_ns[at])
    send_ns = w.pool_send_ns[at]
    while at < end and send_ns <= last_ns:
        ip_bytes, frame = w.pool_bytes[at], w.pool_frame[at]
        packets[pid, SENT] = send_ns
        packets[pid, BYTES] = ip_bytes
        packets[pid, FRAME] = frame
        packets[pid, NUMBER] = number
        packets[pid, MOVED] = NONE
        sent_bytes += ip_bytes
        if frame != last_frame:
            last_frame = frame
            frames[first_frame + (frame & mask)] = w.pool_capture_ns[at]
            streams[stream, FRAMES_SENT] += is_measured_frame(w, stream, frame)
        frames[first_frame + mask + 1 + (frame & mask)] += 1
        if block < 0 or fill == BLOCK:
            block = next_block(w, line, block)
            fill = 0
        write_entry(w, block * BLOCK + fill, send_ns, pid, row, NONE)
        fill += 1
        at += 1
        pid += 1
        number += 1
        if at < end:
            send_ns = w.pool_send_ns[at]
    end_run(w, line, block, fill, pid - before, next_ns)
    for root in range(first + 1, first + roots):
        for one in range(before, pid):
            put(w, w.rows[links[root], ROW_LINE], packets[one, SENT], one, links[root], NONE)
    streams[stream, POOL_NEXT] = at
    streams[stream, LAST_FRAME] = last_frame
    streams[stream, LAST_SENT] = packets[pid - 1, SENT]
    streams[stream, NEXT_NUMBER] = number
    count_sent(w, stream, before, pid, sent_bytes)
    streams[stream, LIVE] += (pid - before) * roots
    w.cursors[PACKETS_USED] = pid


def deliver_pending(w: World, until_ns: int) -> bool:
    """Hand packets that were on the last wire to their receivers, in the order of sending.

    Returns False, and does nothing, if space is short.
    """
    cursors, entries = w.cursors, w.entries
    block, left = cursors[PENDING_FIRST], cursors[PENDING_COUNT]
    want_deliveries(w, left)
    w.wanted[WANTED_BLOCKS] = cursors[BLOCKS_USED] + left // BLOCK + 1
    if not has_room(w):
        return False
    cursors[PENDING_FIRST] = cursors[PENDING_LAST] = NONE
    cursors[PENDING_FILL] = cursors[PENDING_COUNT] = 0
    while left > 0:
        begin = block * BLOCK
        for at in range(begin, begin + min(left, BLOCK)):
            time_ns, pid = entries[at, TIME], entries[at, PID]
            row, cell = entries[at, ROW], entries[at, CELL]
            if time_ns <= until_ns:
                arrive(w, w.rows[row, ROW_LEG], time_ns, pid, cell)
                w.streams[w.rows[row, ROW_STREAM], LIVE] -= 1
            else:
                put_pending(w, time_ns, pid, row, cell)
        left -= BLOCK
        block = free_block(w, block)
    return True


@compiled
def fits(w: World, line: int) -> bool:
    """Tell whether all arrays have room for whatever the line's next turn may give; note what it wants."""
    lines, cursors, wanted = w.lines, w.cursors, w.wanted
    inside = lines[line, INBOX_COUNT] + lines[line, HELD_COUNT] + 1
    copies = inside * lines[line, COPIES]
    crossed = transmission_ns(cursors[LARGEST_BYTES] + lines[line, OVERHEAD], lines[line, RATE])
    bins = 3 + crossed // lines[line, SERIES_BIN_NS]
    blocks = copies // BLOCK + min(copies, len(lines)) + inside // BLOCK + 2
    wanted[WANTED_ARRIVALS] = inside
    wanted[WANTED_BLOCKS] = cursors[BLOCKS_USED] + blocks
    wanted[WANTED_CELLS] = cursors[CELLS_USED] + inside * (lines[line, CLASSES] + 4)
    wanted[WANTED_SERIES] = cursors[SERIES_USED] + inside * bins
    want_deliveries(w, inside)
    return has_room(w)


@compiled
def want_deliveries(w: World, count: int) -> None:
    """Note the room for so many deliveries, each packet written down twice."""
    cursors, wanted = w.cursors, w.wanted
    cells = 4 * count * (1 + cursors[CHAIN_CELLS])
    wanted[WANTED_EXEMPLARS] = cursors[EXEMPLARS_USED] + cells
    wanted[WANTED_STRAYS] = cursors[STRAY_USED] + 4 * count + cursors[BIN_BUCKETS]


@compiled
def has_room(w: World) -> bool:
    """Tell whether all arrays are as long as wanted."""
    wanted = w.wanted
    return (
        wanted[WANTED_ARRIVALS] <= len(w.runs)
        and wanted[WANTED_BLOCKS] <= len(w.block_next)
        and wanted[WANTED_CELLS] <= len(w.cells)
        and wanted[WANTED_EXEMPLARS] <= len(w.exemplars)
        and wanted[WANTED_STRAYS] <= len(w.strays)
        and wanted[WANTED_SERIES] <= len(w.series)
        and wanted[WANTED_PACKETS] <= len(w.packets)
    )


@compiled
def next_event_ns(w: World, line: int) -> int:
    """Return when something happens next at a line."""
    lines = w.lines
    time_ns = lines[line, NEXT_NS]
    if lines[line, PLAIN]:
        if lines[line, HELD_COUNT]:
            at = lines[line, HELD_AT] + (lines[line, HELD_HEAD] & (lines[line, HELD_SIZE] - 1))
            time_ns = min(time_ns, w.held[at, DEPARTS])
        return time_ns
    if lines[line, SENDING]:
        time_ns = min(time_ns, lines[line, DUE])
    if lines[line, CHANGE_AT] >= 0:
        time_ns = min(time_ns, w.changes[lines[line, CHANGE_AT], CHANGE_NS])
    return time_ns


@compiled
def run_line(w: World, line: int, accept_until_ns: int, depart_until_ns: int) -> bool:
    """Let a line work; return False, to be called again, if space is short."""
    if next_event_ns(w, line) > depart_until_ns:
        return True
    if not fits(w, line):
        return False
    if w.lines[line, PLAIN]:
        return run_plain(w, line, accept_until_ns, depart_until_ns)
    return run_scheduled(w, line, accept_until_ns, depart_until_ns)


@compiled
def run_circle(w: World, groups: Table, place: int, size: int, until_ns: int) -> bool:
    """Let lines that feed each other work in slices of their shortest propagation.

    Whatever is sent within a slice arrives after it. Without any propagation a slice is an instant:
    first all departures, then all arrivals.
    """
    ahead_ns = groups[place, GROUP_AHEAD_NS]
    while True:
        begin_ns = NEVER
        for at in range(place, place + size):
            begin_ns = min(begin_ns, next_event_ns(w, groups[at, GROUP_LINE]))
        if begin_ns > until_ns:
            return True
        end_ns = min(until_ns, begin_ns + max(ahead_ns - 1, 0))
        if ahead_ns == 0:
            for at in range(place, place + size):
                if not run_line(w, groups[at, GROUP_LINE], begin_ns - 1, begin_ns):
                    return False
        for at in range(place, place + size):
            if not run_line(w, groups[at, GROUP_LINE], end_ns, end_ns):
                return False


@compiled
def run_groups(w: World, groups: Table, place: int, end: int, until_ns: int) -> int:
    """Let lines of a list work until a time, from one place to another; return the place reached.

    That is before the end if space is short.
    """
    while place < end:
        size = groups[place, GROUP_SIZE]
        if groups[place, GROUP_AHEAD_NS] >= 0:
            if not run_circle(w, groups, place, size, until_ns):
                return place
        elif not run_line(w, groups[place, GROUP_LINE], until_ns, until_ns):
            return place
        place += size
    return place
