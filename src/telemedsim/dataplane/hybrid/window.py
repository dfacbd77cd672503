"""One window of time for all lines: sources feed, lines work in order, receivers get what was pending."""

from telemedsim.core.compiled import compiled
from telemedsim.core.units import transmission_ns
from telemedsim.dataplane.hybrid.array_types import Table
from telemedsim.dataplane.hybrid.inbox import (
    NEVER,
    free_block,
    put_pending,
)
from telemedsim.dataplane.hybrid.layout import (
    ACTIVE,
    BLOCK,
    BLOCKS_USED,
    CELL,
    CELLS_USED,
    CHANGE_AT,
    CHANGE_NS,
    CLASSES,
    COPIES,
    DEPARTS,
    DUE,
    GRACE,
    GROUP_AHEAD_NS,
    GROUP_LINE,
    GROUP_SIZE,
    HELD_AT,
    HELD_COUNT,
    HELD_HEAD,
    HELD_SIZE,
    INBOX_COUNT,
    LARGEST_BYTES,
    LAST_SENT,
    LIVE,
    NEXT_NS,
    NONE,
    OVERHEAD,
    PENDING_COUNT,
    PENDING_FILL,
    PENDING_FIRST,
    PENDING_LAST,
    PID,
    PLAIN,
    RATE,
    ROW,
    ROW_LEG,
    ROW_STREAM,
    SENDING,
    SERIES_BIN_NS,
    SERIES_USED,
    STOP_NS,
    THROUGH,
    TIME,
    WANTED_ARRIVALS,
    WANTED_BLOCKS,
    WANTED_CELLS,
    WANTED_SERIES,
    WINDOW_END,
    World,
)
from telemedsim.dataplane.hybrid.legs import arrive
from telemedsim.dataplane.hybrid.plain import run_plain
from telemedsim.dataplane.hybrid.room import has_room, want_deliveries
from telemedsim.dataplane.hybrid.scheduled import run_scheduled
from telemedsim.dataplane.hybrid.sources import send


def search(w: World) -> None:
    """Find the streams that are through by now; ``found`` holds them from its beginning."""
    streams, cursors = w.streams, w.cursors
    now, through = cursors[WINDOW_END], 0
    for place in range(cursors[ACTIVE]):
        stream = w.active[place]
        if (
            now >= streams[stream, STOP_NS] - 1
            and streams[stream, LIVE] == 0
            and now >= streams[stream, LAST_SENT] + streams[stream, GRACE]
        ):
            w.found[through] = stream
            through += 1
    cursors[THROUGH] = through


@compiled
def feed(w: World, until_ns: int, first: int) -> int:
    """Let streams send until a time; return how many are through, less than all if space is short."""
    for number in range(first, w.cursors[ACTIVE]):
        if not send(w, w.active[number], until_ns):
            return number
    return w.cursors[ACTIVE]


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
