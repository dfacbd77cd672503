"""Which hops stand at a queue: blocks of a power of two, in one piece, so that scans are quick."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.fluid.state import USED, WIDTH, State

SMALLEST = 4


@compiled
def has_room(s: State, flow: int) -> bool:
    """Tell whether the table of members holds all new blocks that a flow may need."""
    first = flow * s.counts[WIDTH]
    needed = 0
    for hop in range(first, first + s.flows[flow].hop_count):
        needed += max(SMALLEST, 2 * s.holdings[s.hops[hop].queue].block)
    return bool(s.counts[USED] + needed <= len(s.members))


@compiled
def enlist(s: State, hop: int) -> None:
    """Add a hop to its queue's members; a full block moves to one twice as large."""
    queue = s.hops[hop].queue
    members = s.members
    count = s.holdings[queue].count
    if count == s.holdings[queue].block:
        size = max(SMALLEST, 2 * count)
        to = take_block(s, size)
        first = s.holdings[queue].first
        for place in range(count):
            members[to + place].hop = members[first + place].hop
            members[to + place].unit = members[first + place].unit
            s.pasts[members[to + place].hop].place = to + place
        if count > 0:
            members[first].hop = s.free[power_of(count)]
            s.free[power_of(count)] = first
        s.holdings[queue].first = to
        s.holdings[queue].block = size
    place = s.holdings[queue].first + count
    members[place].hop = hop
    members[place].unit = s.hops[hop].unit
    s.pasts[hop].place = place
    s.holdings[queue].count = count + 1


@compiled
def take_block(s: State, size: int) -> int:
    """Return where a block of a size is free: one given up, or the end of the table."""
    power = power_of(size)
    block = s.free[power]
    if block >= 0:
        s.free[power] = s.members[block].hop
    else:
        block = s.counts[USED]
        s.counts[USED] += size
    return int(block)


@compiled
def power_of(size: int) -> int:
    """Return the binary logarithm of a power of two."""
    power = 0
    while size > 1:
        size >>= 1
        power += 1
    return power


@compiled
def strike(s: State, hop: int) -> None:
    """Take a hop off its queue's members; the last one takes its place."""
    queue = s.hops[hop].queue
    count = s.holdings[queue].count - 1
    s.holdings[queue].count = count
    place = s.pasts[hop].place
    last = s.holdings[queue].first + count
    moved = s.members[last].hop
    s.members[place].hop = moved
    s.members[place].unit = s.members[last].unit
    s.pasts[moved].place = place
    if count == 0:
        s.queues[queue].load = 0.0
