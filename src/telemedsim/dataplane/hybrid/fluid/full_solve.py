"""All rates anew by progressive filling: for events that change the rates of too many flows.

Queues stand in a heap by the level that would fill them; levels only rise, so a key that is out of date is
put right when it comes up. O(hops + pops * log queues) and a pass over all flows and queues.
"""

from typing import Any

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.fluid.moves import (
    INFINITE,
    account,
    advance,
    couple,
    join,
    leave,
    left_of,
    touch,
)
from telemedsim.dataplane.hybrid.fluid.state import AT_CAP, FULL_SOLVES, WIDTH, WORK, State
from telemedsim.dataplane.hybrid.fluid.worklist import pop, push

UNKNOWN = -1.0


@compiled
def solve_all(s: State, now: float) -> None:
    """Give every flow its max-min fair rate."""
    s.counts[FULL_SOLVES] += 1
    begin(s)
    queues, holdings, work, counts = s.queues, s.holdings, s.work, s.counts
    while counts[WORK] > 0:
        queue = pop(queues, work, counts)
        if holdings[queue].open_members == 0:
            continue
        level = max(0.0, holdings[queue].room) / holdings[queue].open_units
        if counts[WORK] > 0 and level > work[0].key:
            push(queues, work, counts, queue, level)
        elif fix_capped(s, queue, level):
            if holdings[queue].open_members > 0:
                level = max(0.0, holdings[queue].room) / holdings[queue].open_units
                push(queues, work, counts, queue, level)
        else:
            holdings[queue].new_level = level
            fix_held(s, queue, level)
    for queue in range(len(s.queues)):
        if s.holdings[queue].count > 0:
            advance(s, queue, now)
            couple(s, queue)
    settle_flows(s, now)
    for queue in range(len(s.queues)):
        if s.queues[queue].level != s.holdings[queue].new_level:
            s.queues[queue].level = s.holdings[queue].new_level
            touch(s, queue)


@compiled
def begin(s: State) -> None:
    """Forget the worklist, and put every queue with flows into the heap."""
    queues, holdings, members, scratch = s.queues, s.holdings, s.members, s.scratch
    work, counts = s.work, s.counts
    for place in range(s.counts[WORK]):
        queues[s.work[place].queue].is_queued = 0
    s.counts[WORK] = 0
    for flow in range(len(scratch)):
        scratch[flow].limit = UNKNOWN
    for queue in range(len(queues)):
        holdings[queue].new_level = INFINITE
        count = holdings[queue].count
        if count == 0:
            continue
        first = holdings[queue].first
        units = 0.0
        for place in range(first, first + count):
            units += members[place].unit
        holdings[queue].room = queues[queue].capacity
        holdings[queue].open_members = count
        holdings[queue].open_units = units
        push(queues, work, counts, queue, queues[queue].capacity / units)


@compiled
def fix_capped(s: State, queue: int, level: float) -> bool:
    """Fix the queue's flows whose cap is below a level that no other queue undercuts."""
    flows, hops, holdings = s.flows, s.hops, s.holdings
    members, scratch = s.members, s.scratch
    width = s.counts[WIDTH]
    found = False
    first = s.holdings[queue].first
    for place in range(first, first + s.holdings[queue].count):
        flow = members[place].hop // width
        if scratch[flow].limit == UNKNOWN and flows[flow].cap <= level:
            fix(flows, hops, holdings, scratch, width, flow, AT_CAP, flows[flow].cap)
            found = True
    return found


@compiled
def fix_held(s: State, queue: int, level: float) -> None:
    """Fix all flows of a queue that have no rate yet: it is full."""
    flows, hops, holdings = s.flows, s.hops, s.holdings
    members, scratch = s.members, s.scratch
    width = s.counts[WIDTH]
    first = s.holdings[queue].first
    for place in range(first, first + s.holdings[queue].count):
        hop = members[place].hop
        if scratch[hop // width].limit == UNKNOWN:
            fix(flows, hops, holdings, scratch, width, hop // width, hop, level)


@compiled
def fix(
    flows: Any,
    hops: Any,
    holdings: Any,
    scratch: Any,
    width: int,
    flow: int,
    holder: int,
    rate: float,
) -> None:
    """Give a flow its rate and take it off its queues' room."""
    # Tables one by one: to pass the whole state costs more than all that is done here.
    scratch[flow].limit = rate
    flows[flow].new_holder = holder
    first = flow * width
    for hop in range(first, first + flows[flow].hop_count):
        queue = hops[hop].queue
        holdings[queue].room -= rate * hops[hop].unit
        holdings[queue].open_units -= hops[hop].unit
        holdings[queue].open_members -= 1


@compiled
def settle_flows(s: State, now: float) -> None:
    """Put the new rates into force; a flow whose holder stays and is not stopped needs no timer."""
    queues, holdings, flows = s.queues, s.holdings, s.flows
    hops, scratch = s.hops, s.scratch
    width = s.counts[WIDTH]
    for queue in range(len(queues)):
        if holdings[queue].count > 0:
            queues[queue].load = 0.0
    for flow in range(len(flows)):
        if flows[flow].hop_count == 0:
            continue
        rate = scratch[flow].limit
        before = flows[flow].rate
        holder = flows[flow].new_holder
        held_by = flows[flow].held_by
        if holder == held_by and holder != AT_CAP and rate > 0 and before > 0:
            flows[flow].rate = rate
        elif holder != held_by or rate != before:
            left = left_of(s, flow, now)
            account(s, flow, left, now)
            leave(s, flow)
            flows[flow].rate = rate
            join(s, flow, holder, left, now)
        first = flow * width
        for hop in range(first, first + flows[flow].hop_count):
            queues[hops[hop].queue].load += hops[hop].unit * rate
