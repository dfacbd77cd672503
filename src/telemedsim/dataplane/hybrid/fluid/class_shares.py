"""What each class of an interface leaves to its transfers, under the interface's scheduler.

FIFO has one queue: transfers get what the expected rate of all streams leaves, but never less
than LEAST_SHARE, as TCP in a full FIFO starves streams too (assumption).
Strict priority: class k gets what streams of classes up to k and transfers of classes above k leave.
WFQ and DRR: classes share by weight as in generalised processor sharing, each asking for its streams and
its transfers' load, or for everything while its transfers are held back here. A class's capacity is
what it would get if it asked for everything. Streams come before transfers of their class.
Where flows of several classes hold each other back over several weighted interfaces this is a fixed point
that need not be unique or be reached: `share_all` stops after MOST_ROUNDS and then gives the
guaranteed shares, which are always feasible.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.fluid.moves import INFINITE, look_again
from telemedsim.dataplane.hybrid.fluid.state import (
    CLASSES,
    COUPLED,
    FIFO,
    STRICT_PRIORITY,
    State,
)

LEAST_SHARE = 0.01
SAME = 1e-12
MOST_ROUNDS = 16


@compiled
def share(s: State, interface: int, is_last_round: bool) -> None:
    """Set the capacities of an interface's queues."""
    classes = s.counts[CLASSES]
    first = interface * classes
    rate = s.interfaces[interface].rate
    kind = s.interfaces[interface].scheduler
    if kind == FIFO:
        streams = 0.0
        for number in range(classes):
            streams += s.holdings[first + number].stream_load
        set_capacity(s, first, max(rate - streams, LEAST_SHARE * rate), rate)
    elif kind == STRICT_PRIORITY:
        left = rate
        for queue in range(first, first + classes):
            left = max(0.0, left - s.holdings[queue].stream_load)
            set_capacity(s, queue, left, rate)
            left = max(0.0, left - s.queues[queue].load)
    else:
        for queue in range(first, first + classes):
            granted = granted_to(s, first, classes, queue, rate, is_last_round)
            set_capacity(s, queue, max(0.0, granted - s.holdings[queue].stream_load), rate)


@compiled
def granted_to(
    s: State, first: int, classes: int, asking: int, rate: float, is_last_round: bool
) -> float:
    """Return what a class gets by weight that asks for everything, streams included.

    The others ask for what they carry, or in the last round for everything too.
    """
    level = 0.0
    while True:
        room = rate
        shares = 0.0
        for queue in range(first, first + classes):
            demand = demand_of(s, queue, is_last_round or queue == asking)
            if demand <= level * s.holdings[queue].share:
                room -= demand
            else:
                shares += s.holdings[queue].share
        if room / shares <= level * (1 + SAME):
            return float(level * s.holdings[asking].share)
        level = room / shares


@compiled
def demand_of(s: State, queue: int, is_asking: bool) -> float:
    """Return what a class asks for: all it can get while it holds transfers back."""
    if is_asking or s.queues[queue].level < INFINITE:
        return INFINITE
    return float(s.queues[queue].load + s.holdings[queue].stream_load)


@compiled
def set_capacity(s: State, queue: int, capacity: float, rate: float) -> None:
    """Change a queue's capacity; its level follows."""
    if abs(capacity - s.queues[queue].capacity) <= SAME * rate and (capacity > 0) == (
        s.queues[queue].capacity > 0
    ):
        return
    s.queues[queue].capacity = capacity
    if s.queues[queue].level < INFINITE or s.queues[queue].load > capacity:
        look_again(s, queue)


@compiled
def share_all(s: State, is_last_round: bool) -> None:
    """Share all interfaces of which a queue's load has changed."""
    count = s.counts[COUPLED]
    s.counts[COUPLED] = 0
    for position in range(count):
        interface = s.coupled[position]
        s.interfaces[interface].is_coupled = 0
        share(s, interface, is_last_round)
