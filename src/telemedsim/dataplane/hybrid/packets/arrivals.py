"""Packets on the last wire of a transfer's way: a queue for each end, in the order of arrival."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.inbox import block_behind, free_block, write_entry
from telemedsim.dataplane.hybrid.layout import (
    BLOCK,
    NONE,
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
    ends = w.ends
    last, fill = ends[end, ARRIVALS_LAST], ends[end, ARRIVALS_FILL]
    block = block_behind(w, last, fill)
    if block != last:
        if last < 0:
            ends[end, ARRIVALS_FIRST] = block
            ends[end, ARRIVALS_TAKEN] = 0
        ends[end, ARRIVALS_LAST] = block
        fill = 0
    write_entry(w, block * BLOCK + fill, time_ns, pid, row, cell)
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
        ends[end, ARRIVALS_TAKEN] = 0
        ends[end, ARRIVALS_FIRST] = free_block(w, block)
        if ends[end, ARRIVALS_COUNT] == 0:
            ends[end, ARRIVALS_FIRST] = ends[end, ARRIVALS_LAST] = NONE
            ends[end, ARRIVALS_FILL] = 0
    return block * BLOCK + taken
