"""Packets on their way to a line: chains of blocks, and their order of acceptance.

Each upstream line appends its packets in the order of time, so an inbox is a few sorted runs, which
are merged: O(n log runs).
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    BLOCK,
    BLOCKS_USED,
    CELL,
    FREE_BLOCK,
    INBOX_COUNT,
    INBOX_FILL,
    INBOX_FIRST,
    INBOX_LAST,
    NEXT_NS,
    NONE,
    PENDING_COUNT,
    PENDING_FILL,
    PENDING_FIRST,
    PENDING_LAST,
    PID,
    ROW,
    ROW_ORDER,
    TIME,
    World,
)

NEVER = (1 << 63) - 1


@compiled
def take_block(w: World) -> int:
    """Return a block that nobody uses."""
    block = w.cursors[FREE_BLOCK]
    if block >= 0:
        w.cursors[FREE_BLOCK] = w.block_next[block]
    else:
        block = w.cursors[BLOCKS_USED]
        w.cursors[BLOCKS_USED] = block + 1
    w.block_next[block] = NONE
    return block


@compiled
def block_behind(w: World, last: int, fill: int) -> int:
    """Return the block for a chain's next entry: its last one, or once that is full a fresh one."""
    if last >= 0 and fill < BLOCK:
        return last
    fresh = take_block(w)
    if last >= 0:
        w.block_next[last] = fresh
    return fresh


@compiled
def free_block(w: World, block: int) -> int:
    """Give back a block that has been read; return the one behind it."""
    following = w.block_next[block]
    w.block_next[block] = w.cursors[FREE_BLOCK]
    w.cursors[FREE_BLOCK] = block
    return following


@compiled
def write_entry(w: World, at: int, time_ns: int, pid: int, row: int, cell: int) -> None:
    """Write a packet on its way at a place of the blocks."""
    entries = w.entries
    entries[at, TIME] = time_ns
    entries[at, PID] = pid
    entries[at, ROW] = row
    entries[at, CELL] = cell


@compiled
def put(w: World, line: int, time_ns: int, pid: int, row: int, cell: int) -> None:
    """Append a packet that arrives at a line at ``time_ns``."""
    lines = w.lines
    last, fill = lines[line, INBOX_LAST], lines[line, INBOX_FILL]
    block = block_behind(w, last, fill)
    if block != last:
        if last < 0:
            lines[line, INBOX_FIRST] = block
        lines[line, INBOX_LAST] = block
        fill = 0
    write_entry(w, block * BLOCK + fill, time_ns, pid, row, cell)
    lines[line, INBOX_FILL] = fill + 1
    lines[line, INBOX_COUNT] += 1
    lines[line, NEXT_NS] = min(lines[line, NEXT_NS], time_ns)


@compiled
def put_pending(w: World, time_ns: int, pid: int, row: int, cell: int) -> None:
    """Append a packet that reaches its receiver after the end of the window."""
    cursors = w.cursors
    last, fill = cursors[PENDING_LAST], cursors[PENDING_FILL]
    block = block_behind(w, last, fill)
    if block != last:
        if last < 0:
            cursors[PENDING_FIRST] = block
        cursors[PENDING_LAST] = block
        fill = 0
    write_entry(w, block * BLOCK + fill, time_ns, pid, row, cell)
    cursors[PENDING_FILL] = fill + 1
    cursors[PENDING_COUNT] += 1


@compiled
def gather(w: World, line: int, until_ns: int) -> int:
    """Move what arrives up to a time into the scratch of arrivals, in no order; return its count."""
    lines = w.lines
    if lines[line, NEXT_NS] > until_ns:
        return 0
    block = lines[line, INBOX_FIRST]
    left = lines[line, INBOX_COUNT]
    lines[line, INBOX_FIRST] = lines[line, INBOX_LAST] = NONE
    lines[line, INBOX_FILL] = lines[line, INBOX_COUNT] = 0
    lines[line, NEXT_NS] = NEVER
    entries, arrivals = w.entries, w.arrivals
    count = 0
    while left > 0:
        begin = block * BLOCK
        for at in range(begin, begin + min(left, BLOCK)):
            if entries[at, TIME] <= until_ns:
                arrivals[count, TIME] = entries[at, TIME]
                arrivals[count, PID] = entries[at, PID]
                arrivals[count, ROW] = entries[at, ROW]
                arrivals[count, CELL] = entries[at, CELL]
                count += 1
            else:
                put(
                    w,
                    line,
                    entries[at, TIME],
                    entries[at, PID],
                    entries[at, ROW],
                    entries[at, CELL],
                )
        left -= BLOCK
        block = free_block(w, block)
    return count


@compiled
def is_before(w: World, one: int, other: int) -> bool:
    """Tell whether an arrival is accepted before another, or may be: time, then flow and row."""
    arrivals = w.arrivals
    if arrivals[one, TIME] != arrivals[other, TIME]:
        return arrivals[one, TIME] < arrivals[other, TIME]
    rows = w.rows
    return rows[arrivals[one, ROW], ROW_ORDER] <= rows[arrivals[other, ROW], ROW_ORDER]


@compiled
def run_end(w: World, order: int, begin: int, count: int) -> int:
    """Return where the sorted run that begins at a place ends."""
    at = begin + 1
    while at < count and is_before(w, w.order[order + at - 1], w.order[order + at]):
        at += 1
    return at


@compiled
def sort(w: World, count: int) -> int:
    """Order the arrivals; return where in ``order`` their order begins. Natural merge sort, stable."""
    half = len(w.order) // 2
    source, target = 0, half
    for at in range(count):
        w.order[at] = at
    while run_end(w, source, 0, count) < count:
        begin = 0
        while begin < count:
            middle = run_end(w, source, begin, count)
            end = run_end(w, source, middle, count) if middle < count else middle
            merge(w, source, target, begin, middle, end)
            begin = end
        source, target = target, source
    return source


@compiled
def merge(w: World, source: int, target: int, begin: int, middle: int, end: int) -> None:
    """Merge two neighbouring runs; of equals the first run's come first."""
    order = w.order
    left, right = begin, middle
    for at in range(begin, end):
        if left < middle and (
            right == end or is_before(w, order[source + left], order[source + right])
        ):
            order[target + at] = order[source + left]
            left += 1
        else:
            order[target + at] = order[source + right]
            right += 1
