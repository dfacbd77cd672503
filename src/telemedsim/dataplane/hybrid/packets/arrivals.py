"""Packets on the last wire of a transfer's way: a queue for each end, in the order of arrival."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.inbox import take_block
from telemedsim.dataplane.hybrid.layout import (
    BLOCK,
    CELL,
    FREE_BLOCK,
    NONE,
    PID,
    ROW,
    TIME,
    World,
)
from telemedsim.dataplane.hybrid.packets.calendar import reschedule
from telemedsim.dataplane.hybrid.packets.columns import (
    ARRIVALS_COUNT,
    ARRIVALS_FILL,
    ARRIVALS_FIRST,
    ARRIVALS_LAST,
    ARRIVALS_TAKEN,
)


@compiled
def put_arrival(w: World, end: int, time_ns: int, pid: int, row: int, cell: int) -> None:
    """Append a packet that reaches an end at ``time_ns``, not before those appended earlier."""
    ends, entries = w.ends, w.entries
    fill = ends[end, ARRIVALS_FILL]
    block = ends[end, ARRIVALS_LAST]
    if block < 0 or fill == BLOCK:
        fresh = take_block(w)
        if block < 0:
            ends[end, ARRIVALS_FIRST] = fresh
            ends[end, ARRIVALS_TAKEN] = 0
        else:
            w.block_next[block] = fresh
        ends[end, ARRIVALS_LAST] = fresh
        block = fresh
        fill = 0
    at = block * BLOCK + fill
    entries[at, TIME] = time_ns
    entries[at, PID] = pid
    entries[at, ROW] = row
    entries[at, CELL] = cell
    ends[end, ARRIVALS_FILL] = fill + 1
    ends[end, ARRIVALS_COUNT] += 1
    if ends[end, ARRIVALS_COUNT] == 1:
        reschedule(w, end)


@compiled
def take_arrival(w: World, end: int) -> int:
    """Take the first packet out of an end's queue; return its place, good until the next block is taken."""
    ends = w.ends
    block, taken = ends[end, ARRIVALS_FIRST], ends[end, ARRIVALS_TAKEN]
    ends[end, ARRIVALS_COUNT] -= 1
    ends[end, ARRIVALS_TAKEN] = taken + 1
    if ends[end, ARRIVALS_COUNT] == 0 or taken + 1 == BLOCK:
        following = w.block_next[block]
        w.block_next[block] = w.cursors[FREE_BLOCK]
        w.cursors[FREE_BLOCK] = block
        ends[end, ARRIVALS_TAKEN] = 0
        ends[end, ARRIVALS_FIRST] = following
        if ends[end, ARRIVALS_COUNT] == 0:
            ends[end, ARRIVALS_FIRST] = ends[end, ARRIVALS_LAST] = NONE
            ends[end, ARRIVALS_FILL] = 0
    return block * BLOCK + taken
