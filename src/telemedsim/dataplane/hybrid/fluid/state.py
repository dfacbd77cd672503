"""The tables of a fluid network: queues that share rate, flows that cross them, and timers.

A *queue* is one queue of one interface; a *hop* is one flow at one queue, at row ``flow * width +
position``. Rates are normalised: what a flow gets for each unit of its weight, in bytes a ns. A
queue's *level* is the normalised rate of the flows that it holds back, infinite while it holds none.
No field may have the name of an attribute of numpy's records (``size``, ``item``).
Tables are arrays of records, so that what one step reads of a queue or a flow lies together.
"""

from typing import Any, NamedTuple

import numpy as np

NONE = -1
AT_CAP, NOT_YET = -1, -2
"""``held_by`` of a flow that its own cap holds back, and of one that has no rate yet."""
FLOWS, WORK, TIMERS, TOUCHED, COUPLED, VISITS, FULL_SOLVES, WIDTH, CLASSES, USED = range(10)
"""Positions in ``counts``."""
FIFO, STRICT_PRIORITY, WEIGHTED = 0, 1, 2
"""Kinds of schedulers; WFQ and DRR share by weight alike."""

QUEUE = {
    # What a change of a flow's rate reads: one line of the processor's cache
    "level": "f8",
    "load": "f8",  # sum of the rates, kept by differences, made exact by each scan
    "capacity": "f8",
    "since": "f8",  # the time to which service and carried are true
    "carried": "f8",
    "service": "f8",  # integral of the level: what a held flow got for a unit of weight
    "is_queued": "i8",
    "is_shared": "i8",  # 1 where classes share the interface under a scheduler
}
HOLDING = {
    # A queue's members: a block of ``block`` rows of ``members``, of which ``count`` are in use
    "first": "i8",
    "count": "i8",
    "block": "i8",
    "first_finish": "f8",  # the service at which the first of the held flows finishes, and which
    "first_flow": "i8",
    "is_stale": "i8",  # 1 while first_flow has left
    "is_touched": "i8",
    "share": "f8",  # weight of the queue's class
    "stream_load": "f8",
    "room": "f8",  # of a full solve: capacity left, units and number of flows without a rate
    "open_units": "f8",
    "open_members": "i8",
    "new_level": "f8",
}
INTERFACE = {"rate": "f8", "scheduler": "i8", "is_coupled": "i8"}
FLOW = {
    "rate": "f8",
    "cap": "f8",
    "held_by": "i8",  # the hop that holds the flow back
    "hop_count": "i8",
    "finish": "f8",  # at its cap: what was left when it joined; else the queue's service at its end
    "joined": "f8",
    "left_at_joining": "f8",
    "new_holder": "i8",
}
HOP = {
    "queue": "i8",
    "unit": "f8",  # what a normalised rate of 1 takes of the queue: weight and framing
}
PAST = {
    "place": "i8",  # where the hop stands among its queue's members
    "waited": "f8",  # time beyond what the cap alone takes, while this hop held the flow back
    "stopped": "f8",  # time at rate 0 at this hop
}
MEMBER = {"hop": "i8", "unit": "f8"}


class State(NamedTuple):
    """All tables of a network."""

    queues: Any
    holdings: Any
    """What else there is of each queue."""
    interfaces: Any
    flows: Any
    hops: Any
    pasts: Any
    """What else there is of each hop."""
    members: Any
    """Blocks of hops, one block a queue; blocks given up stand in lists by size."""
    free: Any
    """First block given up of each power of two, -1 for none; its first member names the next."""
    timers: Any
    """A heap of (key, owner), and each item's place: queues first, then flows at their cap."""
    work: Any
    """A heap of (key, queue)."""
    scratch: Any
    """What limits the members of one queue, and their units."""
    touched: Any
    coupled: Any
    counts: Any


def table(rows: int, fields: dict[str, str]) -> Any:
    """Return a table of records, all 0."""
    return np.zeros(rows, dtype=np.dtype(list(fields.items()), align=True)).view(np.recarray)


def new_state(queues: int, interfaces: int, width: int, flows: int, members: int) -> State:
    """Return an empty network: no capacity, no flow; paths have at most ``width`` hops."""
    state = State(
        queues=table(queues, QUEUE),
        holdings=table(queues, HOLDING),
        interfaces=table(interfaces, INTERFACE),
        flows=table(flows, FLOW),
        hops=table(flows * width, HOP),
        pasts=table(flows * width, PAST),
        members=table(members, MEMBER),
        free=np.full(48, NONE, np.int64),
        timers=table(queues + flows, {"key": "f8", "owner": "i8", "place": "i8"}),
        work=table(queues, {"key": "f8", "queue": "i8"}),
        scratch=table(flows, {"limit": "f8", "unit": "f8"}),
        touched=np.zeros(queues, np.int64),
        coupled=np.zeros(interfaces, np.int64),
        counts=np.zeros(10, np.int64),
    )
    state.queues.level[:] = np.inf
    state.holdings.first_finish[:] = np.inf
    state.holdings.first_flow[:] = NONE
    state.timers.place[:] = NONE
    state.flows.held_by[:] = NOT_YET
    state.counts[WIDTH] = width
    return state


def grown(state: State, flows: int, members: int) -> State:
    """Return the same network with room for more; the old tables are out of use."""
    width = int(state.counts[WIDTH])
    fresh = new_state(len(state.queues), len(state.interfaces), width, flows, members)
    for old, new in zip(state, fresh, strict=True):
        new[: len(old)] = old
    return fresh
