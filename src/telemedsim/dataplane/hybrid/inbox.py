"""Packets on their way to a line: chains of blocks, and their order of acceptance.

Each upstream line appends its packets in the order of time, so an inbox is a few sorted runs, which
are merged: O(n log runs).
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    ARRIVALS,
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
    TAKEN_FIRST,
    TAKEN_LAST,
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
def next_block(w: World, line: int, last: int) -> int:
    """Put a fresh block behind the last one of a line's inbox; return it."""
    fresh = take_block(w)
    if last >= 0:
        w.block_next[last] = fresh
    else:
        w.lines[line, INBOX_FIRST] = fresh
    return fresh


@compiled
def end_run(w: World, line: int, block: int, fill: int, count: int, next_ns: int) -> None:
    """Write down how far a run of packets to one line has filled its inbox (-1: there was no run)."""
    if line >= 0:
        lines = w.lines
        lines[line, INBOX_LAST], lines[line, INBOX_FILL] = block, fill
        lines[line, INBOX_COUNT] += count
        lines[line, NEXT_NS] = next_ns


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
def accepts_before(w: World, one: int, other: int) -> bool:
    """Tell which of two entries of the same time is accepted first, or may be: by flow and row."""
    entries, rows = w.entries, w.rows
    return rows[entries[one, ROW], ROW_ORDER] <= rows[entries[other, ROW], ROW_ORDER]


@compiled
def gather(w: World, line: int, until_ns: int) -> int:
    """Take what arrives up to a time out of the inbox; return where in ``order`` its order begins.

    ARRIVALS tells how many those are; their times and places stand in ``times`` and ``order``. The blocks
    that hold them are to be freed afterwards (`free_taken`).
    """
    lines, cursors, entries, times, order = w.lines, w.cursors, w.entries, w.times, w.order
    cursors[ARRIVALS] = 0
    cursors[TAKEN_FIRST] = NONE
    if lines[line, NEXT_NS] > until_ns:
        return 0
    block, left = lines[line, INBOX_FIRST], lines[line, INBOX_COUNT]
    cursors[TAKEN_FIRST] = block
    cursors[TAKEN_LAST] = lines[line, INBOX_LAST]
    lines[line, INBOX_FIRST] = lines[line, INBOX_LAST] = NONE
    lines[line, INBOX_FILL] = lines[line, INBOX_COUNT] = 0
    lines[line, NEXT_NS] = NEVER
    count, runs, before = 0, 0, -1
    while left > 0:
        begin = block * BLOCK
        for at in range(begin, begin + min(left, BLOCK)):
            time_ns = entries[at, TIME]
            if time_ns > until_ns:
                put(w, line, time_ns, entries[at, PID], entries[at, ROW], entries[at, CELL])
                continue
            if time_ns <= before and (
                time_ns < before or not accepts_before(w, order[count - 1], at)
            ):
                w.runs[runs] = count
                runs += 1
            times[count] = before = time_ns
            order[count] = at
            count += 1
        left -= BLOCK
        block = w.block_next[block]
    cursors[ARRIVALS] = count
    return sort(w, runs, count) if runs > 0 else 0


@compiled
def free_taken(w: World) -> None:
    """Give back the blocks of the arrivals gathered last."""
    cursors = w.cursors
    if cursors[TAKEN_FIRST] >= 0:
        w.block_next[cursors[TAKEN_LAST]] = cursors[FREE_BLOCK]
        cursors[FREE_BLOCK] = cursors[TAKEN_FIRST]


@compiled
def put_back(w: World, line: int, first: int, end: int) -> None:
    """Return arrivals that were not accepted to the inbox: those from one place of the order on."""
    for k in range(first, end):
        at = w.order[k]
        put(w, line, w.times[k], w.entries[at, PID], w.entries[at, ROW], w.entries[at, CELL])


@compiled
def sort(w: World, breaks: int, count: int) -> int:
    """Merge sorted runs, which begin at 0 and at ``breaks`` places; return where their order begins.

    Bottom up and stable: runs neighbour each other, and those put first win where all is equal.
    """
    runs, source, target = w.runs, 0, len(w.order) // 2
    while breaks > 0:
        left, done = 0, 0
        begin = 0
        while left <= breaks:
            # Run ``left`` begins at the break before it and ends at break ``left``.
            middle = runs[left] if left < breaks else count
            end = runs[left + 1] if left + 1 < breaks else count
            merge(w, source, target, begin, middle, end)
            if end < count:
                runs[done] = end
                done += 1
            begin = end
            left += 2
        source, target, breaks = target, source, done
    return source


@compiled
def merge(w: World, source: int, target: int, begin: int, middle: int, end: int) -> None:
    """Merge two neighbouring runs; of equals the first run's come first."""
    times, order = w.times, w.order
    left, right, at = source + begin, source + middle, target + begin
    left_end, right_end = source + middle, source + end
    while left < left_end and right < right_end:
        one, other = times[left], times[right]
        if one == other and not accepts_before(w, order[left], order[right]):
            one += 1
        # Without a branch, which would be guessed wrong every other time.
        is_right = 1 if other < one else 0
        chosen = right if other < one else left
        times[at] = times[chosen]
        order[at] = order[chosen]
        right += is_right
        left += 1 - is_right
        at += 1
    for rest in range(left, left_end):
        times[at] = times[rest]
        order[at] = order[rest]
        at += 1
    for rest in range(right, right_end):
        times[at] = times[rest]
        order[at] = order[rest]
        at += 1
