"""The level of one queue: from what limits its flows elsewhere, and what follows from a new level."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.fluid.moves import (
    ALMOST_FULL,
    INFINITE,
    advance,
    couple,
    least_limit,
    look_again,
    switch,
    touch,
)
from telemedsim.dataplane.hybrid.fluid.state import WIDTH, State

FULL = 1 + 1e-12
"""A queue filled beyond this much of its capacity holds flows back; the rest is rounding."""


@compiled
def level_of(s: State, queue: int) -> float:
    """Return the level that fills a queue, infinite if its flows are held back enough elsewhere.

    Leaves in ``scratch`` what limits each member elsewhere, in the order of the list, infinite
    where it cannot matter. O(members * hops) when the level rises, O(members) when it falls.
    """
    # Tables in local variables: compiled code counts references at each use of ``s``.
    flows, members, scratch = s.flows, s.members, s.scratch
    level = s.queues[queue].level
    capacity = s.queues[queue].capacity
    width = s.counts[WIDTH]
    first = s.holdings[queue].first
    count = s.holdings[queue].count
    room = capacity
    units = 0.0
    for member in range(count):
        hop = members[first + member].hop
        unit = members[first + member].unit
        flow = hop // width
        scratch[member].unit = unit
        if flows[flow].held_by == hop:
            units += unit
            scratch[member].limit = INFINITE
        else:
            rate = flows[flow].rate
            room -= unit * rate
            scratch[member].limit = rate
    if units > 0 and room > level * units:
        limit_held(s, first, count, width)
    return water_level(s, count, capacity, level)


@compiled
def limit_held(s: State, first_member: int, count: int, width: int) -> None:
    """Write what limits the flows that the queue holds elsewhere: cap or another queue's level."""
    queues, flows, hops = s.queues, s.flows, s.hops
    members, scratch = s.members, s.scratch
    for member in range(count):
        hop = members[first_member + member].hop
        flow = hop // width
        if flows[flow].held_by == hop:
            limit = flows[flow].cap
            first = flow * width
            for other in range(first, first + flows[flow].hop_count):
                if other != hop:
                    limit = min(limit, queues[hops[other].queue].level)
            scratch[member].limit = limit


@compiled
def water_level(s: State, count: int, capacity: float, guess: float) -> float:
    """Return x with sum(unit * min(limit, x)) = capacity, infinite if no x is that high.

    Newton's method on a concave line of pieces: after the first step the values rise to the root
    and stop when no more limits lie below it.
    """
    scratch = s.scratch
    level = guess
    below_before = -1
    while True:
        room = capacity
        units = 0.0
        all_units = 0.0
        below = 0
        for member in range(count):
            unit = scratch[member].unit
            all_units += unit
            if scratch[member].limit < level:
                room -= unit * scratch[member].limit
                below += 1
            else:
                units += unit
        if below == below_before:
            return level
        if below == count:
            if room >= capacity * (1 - FULL):
                return INFINITE
            if below_before >= 0:
                return level
            level = capacity / all_units
        else:
            following = max(room / units, capacity / all_units)
            # A limit that equals the level but for rounding would have it go up and down for ever.
            if below_before >= 0 and following <= level * FULL:
                return level
            level = following
        below_before = below


@compiled
def set_level(s: State, queue: int, level: float, now: float) -> int:
    """Give a queue the level just found, and its flows their rates; return how many flows it has."""
    advance(s, queue, now)
    touch(s, queue)
    couple(s, queue)
    before = s.queues[queue].level
    s.queues[queue].level = level
    first = s.holdings[queue].first
    count = s.holdings[queue].count
    width = s.counts[WIDTH]
    if 0 < level < INFINITE and 0 < before < INFINITE:
        lift_held(s, first, count, level, now)
    flows, members, scratch = s.flows, s.members, s.scratch
    load = 0.0
    for member in range(count):
        hop = members[first + member].hop
        flow = hop // width
        if flows[flow].held_by != hop:
            if flows[flow].rate > level:
                switch(s, flow, hop, level, hop, now)
        elif scratch[member].limit < level:
            limit, holder = least_limit(s, flow, hop)
            switch(s, flow, holder, limit, hop, now)
        elif flows[flow].rate != level:
            switch(s, flow, hop, level, hop, now)
        load += scratch[member].unit * flows[flow].rate
    s.queues[queue].load = load
    return int(count)


@compiled
def lift_held(s: State, first_member: int, count: int, level: float, now: float) -> None:
    """Have the flows that stay held follow their queue's level, and their other queues hear of it."""
    queues, flows, hops = s.queues, s.flows, s.hops
    members, scratch = s.members, s.scratch
    width = s.counts[WIDTH]
    for member in range(count):
        hop = members[first_member + member].hop
        flow = hop // width
        if flows[flow].held_by != hop or scratch[member].limit < level:
            continue
        difference = level - flows[flow].rate
        flows[flow].rate = level
        first = flow * width
        for other in range(first, first + flows[flow].hop_count):
            if other == hop:
                continue
            queue = hops[other].queue
            passed = now - queues[queue].since
            at = queues[queue].level
            if passed > 0:
                # As in `advance`.
                if at < INFINITE:
                    queues[queue].service += at * passed
                queues[queue].carried += queues[queue].load * passed
                queues[queue].since = now
            load = queues[queue].load + hops[other].unit * difference
            queues[queue].load = load
            if queues[queue].is_shared == 1:
                couple(s, queue)
            if (at < INFINITE or load > queues[queue].capacity * ALMOST_FULL) and queues[
                queue
            ].is_queued == 0:
                look_again(s, queue)


@compiled
def add_up(s: State, queue: int, now: float) -> None:
    """Make a queue's load the exact sum of its flows' rates."""
    advance(s, queue, now)
    flows, members = s.flows, s.members
    width = s.counts[WIDTH]
    first = s.holdings[queue].first
    load = 0.0
    for place in range(first, first + s.holdings[queue].count):
        load += members[place].unit * flows[members[place].hop // width].rate
    s.queues[queue].load = load
