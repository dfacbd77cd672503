"""Exact weighted max-min fair rates, kept up to date event by event.

The certificate: every flow is at its cap, or is held by a full queue on which no flow has a greater
normalised rate (Bertsekas and Gallager, Data Networks, section 6.5). An event changes some
queues; each is given the level that fits what limits its flows elsewhere, and only queues whose flows
thereby change are looked at again, the lowest level first. From any state this comes to the one max-min fair
allocation, as the asynchronous algorithms of Charny, Clark and Jain (ICC 1995) do: the lowest level is
right once it has been visited, then the next. When the visits of an event exceed a bound, all is solved anew.

Cost of an event: O(flows at the queues whose level changes * hops), and O(log queues) for each of
these queues. Flows that are held by a queue end when its service reaches a mark, so a new level costs their
rates a few additions, but no timer.
"""

import numpy as np
from numpy.typing import NDArray

from telemedsim.core.compiled import compiled, kernel
from telemedsim.dataplane.hybrid.fluid.class_shares import MOST_ROUNDS, SAME, share, share_all
from telemedsim.dataplane.hybrid.fluid.full_solve import solve_all
from telemedsim.dataplane.hybrid.fluid.levels import add_up, level_of, set_level
from telemedsim.dataplane.hybrid.fluid.members import enlist, has_room, strike
from telemedsim.dataplane.hybrid.fluid.moves import (
    INFINITE,
    account,
    advance,
    join,
    least_limit,
    leave,
    left_of,
    spread,
    switch,
)
from telemedsim.dataplane.hybrid.fluid.state import (
    CLASSES,
    COUPLED,
    FLOWS,
    NONE,
    NOT_YET,
    TOUCHED,
    VISITS,
    WIDTH,
    WORK,
    State,
)
from telemedsim.dataplane.hybrid.fluid.timers import set_timer
from telemedsim.dataplane.hybrid.fluid.worklist import pop, push

FloatArray = NDArray[np.float64]

ADD, REMOVE, CAP, RATE, STREAMS = 0, 1, 2, 3, 4
"""Kinds of changes: (flow), (flow), (flow, cap), (interface, rate), (queue, rate)."""


def change_and_solve(
    s: State,
    changes: FloatArray,
    now: float,
    most_visits: float,
) -> int:
    """Make all changes of one instant, rows of (kind, which, value), and bring all rates and timers up to date.

    A flow to be added stands in the tables of flows and hops already. When more flows than
    ``most_visits`` have been looked at, all rates are solved anew. Returns how many changes
    were made: fewer than all, and nothing solved, where ``members`` is too small for the next one.
    """
    for number in range(len(changes)):
        kind = int(changes[number, 0])
        which = int(changes[number, 1])
        if kind == ADD and not has_room(s, which):
            return number
        change(s, kind, which, changes[number, 2], now)
    relax(s, now, most_visits)
    rounds = 0
    while s.counts[COUPLED] > 0:
        rounds += 1
        share_all(s, rounds >= MOST_ROUNDS)
        relax(s, now, most_visits)
        if rounds >= MOST_ROUNDS:
            drop_coupled(s)
    set_timers(s, now)
    return len(changes)


@compiled
def change(s: State, kind: int, which: int, value: float, now: float) -> None:
    """Make one change; queues that it concerns go on the worklist."""
    if kind == ADD:
        add(s, which, now)
    elif kind == REMOVE:
        remove(s, which, now)
    elif kind == CAP:
        set_cap(s, which, value, now)
    elif kind == RATE:
        s.interfaces[which].rate = value
        share(s, which, False)
    else:
        s.holdings[which].stream_load = max(0.0, value)
        share(s, which // s.counts[CLASSES], False)


@compiled
def add(s: State, flow: int, now: float) -> None:
    """Link a flow into the lists of its queues and give it the rate that their levels allow."""
    s.counts[FLOWS] += 1
    s.flows[flow].held_by = NOT_YET
    s.flows[flow].rate = 0.0
    s.flows[flow].joined = now
    first = flow * s.counts[WIDTH]
    for hop in range(first, first + s.flows[flow].hop_count):
        enlist(s, hop)
        s.pasts[hop].waited = 0.0
        s.pasts[hop].stopped = 0.0
    limit, holder = least_limit(s, flow, NONE)
    switch(s, flow, holder, limit, NONE, now)


@compiled
def remove(s: State, flow: int, now: float) -> None:
    """Take a flow out of its queues; what it had left stays in ``left_at_joining``."""
    left = left_of(s, flow, now)
    account(s, flow, left, now)
    leave(s, flow)
    spread(s, flow, NONE, -s.flows[flow].rate, now)
    s.flows[flow].left_at_joining = left
    s.counts[FLOWS] -= 1
    first = flow * s.counts[WIDTH]
    for hop in range(first, first + s.flows[flow].hop_count):
        strike(s, hop)
    s.flows[flow].hop_count = 0
    s.flows[flow].held_by = NOT_YET


@compiled
def set_cap(s: State, flow: int, cap: float, now: float) -> None:
    """Change a flow's cap; what it waited so far counts against the old one."""
    left = left_of(s, flow, now)
    account(s, flow, left, now)
    leave(s, flow)
    s.flows[flow].cap = cap
    limit, holder = least_limit(s, flow, NONE)
    difference = limit - s.flows[flow].rate
    s.flows[flow].rate = limit
    join(s, flow, holder, left, now)
    if difference != 0.0:
        spread(s, flow, NONE, difference, now)


@compiled
def relax(s: State, now: float, most_visits: float) -> None:
    """Work off the worklist: afterwards every queue has the level that fits its flows."""
    s.counts[VISITS] = 0
    while s.counts[WORK] > 0:
        queue = pop(s.queues, s.work, s.counts)
        before = s.queues[queue].level
        level = level_of(s, queue)
        if level == before or (before < INFINITE and abs(level - before) <= SAME * before):
            if level == INFINITE:
                add_up(s, queue, now)
            continue
        key = min(level, before)
        if s.counts[WORK] > 0 and key > s.work[0].key:
            push(s.queues, s.work, s.counts, queue, key)
            continue
        s.counts[VISITS] += set_level(s, queue, level, now)
        if s.counts[VISITS] > most_visits:
            solve_all(s, now)


@compiled
def set_timers(s: State, now: float) -> None:
    """Set the timer of each queue that has another level or other flows than before."""
    for position in range(s.counts[TOUCHED]):
        queue = s.touched[position]
        s.holdings[queue].is_touched = 0
        advance(s, queue, now)
        if s.holdings[queue].is_stale == 1:
            find_first(s, queue)
        due = INFINITE
        if s.holdings[queue].first_flow >= 0 and s.queues[queue].level > 0:
            left = max(0.0, s.holdings[queue].first_finish - s.queues[queue].service)
            due = now + left / s.queues[queue].level
        set_timer(s, queue, due)
    s.counts[TOUCHED] = 0


@compiled
def find_first(s: State, queue: int) -> None:
    """Find the held flow that finishes first, now that the one that did has left."""
    s.holdings[queue].is_stale = 0
    flows, members = s.flows, s.members
    width = s.counts[WIDTH]
    least = INFINITE
    earliest = NONE
    first = s.holdings[queue].first
    for place in range(first, first + s.holdings[queue].count):
        hop = members[place].hop
        flow = hop // width
        if flows[flow].held_by == hop and flows[flow].finish < least:
            least = flows[flow].finish
            earliest = flow
    s.holdings[queue].first_finish = least
    s.holdings[queue].first_flow = earliest


@compiled
def drop_coupled(s: State) -> None:
    """Leave the classes' shares as they are."""
    for position in range(s.counts[COUPLED]):
        s.interfaces[s.coupled[position]].is_coupled = 0
    s.counts[COUPLED] = 0


solve = kernel(change_and_solve)
"""Compiled `change_and_solve`."""
