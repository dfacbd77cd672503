"""How flows get new rates: what they received so far is settled, and other queues hear of it.

A flow held by a queue needs nothing when the queue's level changes: it ends when the queue's
``service`` reaches the flow's ``finish``. Only a flow whose holder changes is settled by itself.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.fluid.state import (
    AT_CAP,
    CLASSES,
    COUPLED,
    NOT_YET,
    TOUCHED,
    WIDTH,
    State,
)
from telemedsim.dataplane.hybrid.fluid.timers import set_timer
from telemedsim.dataplane.hybrid.fluid.worklist import push

INFINITE = float("inf")
ALMOST_FULL = 1 - 1e-9
"""From here on a queue's load, which is kept by differences, is added up again."""


@compiled
def advance(s: State, queue: int, now: float) -> None:
    """Bring what a queue has served and carried up to now."""
    queues = s.queues
    passed = now - queues[queue].since
    if passed > 0:
        if queues[queue].level < INFINITE:
            queues[queue].service += queues[queue].level * passed
        queues[queue].carried += queues[queue].load * passed
        queues[queue].since = now


@compiled
def touch(s: State, queue: int) -> None:
    """Have a queue's timer set when the event has been solved."""
    if s.holdings[queue].is_touched == 0:
        s.holdings[queue].is_touched = 1
        s.touched[s.counts[TOUCHED]] = queue
        s.counts[TOUCHED] += 1


@compiled
def couple(s: State, queue: int) -> None:
    """Have an interface's classes share it anew, unless it has one queue."""
    if s.queues[queue].is_shared == 0:
        return
    interface = queue // s.counts[CLASSES]
    if s.interfaces[interface].is_coupled == 0:
        s.interfaces[interface].is_coupled = 1
        s.coupled[s.counts[COUPLED]] = interface
        s.counts[COUPLED] += 1


@compiled
def look_again(s: State, queue: int) -> None:
    """Put a queue on the worklist; one that was not full is looked at first."""
    push(
        s.queues,
        s.work,
        s.counts,
        queue,
        s.queues[queue].level if s.queues[queue].level < INFINITE else 0.0,
    )


@compiled
def left_of(s: State, flow: int, now: float) -> float:
    """Return what a flow still has to send, for a unit of weight."""
    holder = s.flows[flow].held_by
    if holder == NOT_YET:
        return float(s.flows[flow].finish)
    if holder == AT_CAP:
        return float(
            max(0.0, s.flows[flow].finish - s.flows[flow].rate * (now - s.flows[flow].joined))
        )
    queue = s.hops[holder].queue
    advance(s, queue, now)
    return float(max(0.0, s.flows[flow].finish - s.queues[queue].service))


@compiled
def account(s: State, flow: int, left: float, now: float) -> None:
    """Add the time since a flow's last change to the hop that held it, beyond what its cap takes."""
    holder = s.flows[flow].held_by
    if holder < 0:
        return
    passed = now - s.flows[flow].joined
    if s.flows[flow].rate == 0.0:
        s.pasts[holder].stopped += passed
    else:
        s.pasts[holder].waited += (
            passed - (s.flows[flow].left_at_joining - left) / s.flows[flow].cap
        )


@compiled
def leave(s: State, flow: int) -> None:
    """Take a flow off its holder's timer."""
    holder = s.flows[flow].held_by
    if holder == AT_CAP:
        set_timer(s, len(s.queues) + flow, INFINITE)
    elif holder >= 0:
        queue = s.hops[holder].queue
        if s.holdings[queue].first_flow == flow:
            s.holdings[queue].is_stale = 1
        touch(s, queue)


@compiled
def join(s: State, flow: int, holder: int, left: float, now: float) -> None:
    """Have a flow, whose rate is set, held by one of its hops or by its cap from now on."""
    s.flows[flow].held_by = holder
    s.flows[flow].joined = now
    s.flows[flow].left_at_joining = left
    if holder == AT_CAP:
        s.flows[flow].finish = left
        due = now + left / s.flows[flow].rate if s.flows[flow].rate > 0 else INFINITE
        set_timer(s, len(s.queues) + flow, due)
        return
    queue = s.hops[holder].queue
    advance(s, queue, now)
    finish = s.queues[queue].service + left
    s.flows[flow].finish = finish
    if finish < s.holdings[queue].first_finish:
        s.holdings[queue].first_finish = finish
        s.holdings[queue].first_flow = flow
    touch(s, queue)


@compiled
def spread(s: State, flow: int, but: int, difference: float, now: float) -> None:
    """Tell all queues of a flow, but that of one hop, by how much its rate has changed."""
    queues, hops = s.queues, s.hops
    first = flow * s.counts[WIDTH]
    for hop in range(first, first + s.flows[flow].hop_count):
        if hop == but:
            continue
        queue = hops[hop].queue
        advance(s, queue, now)
        queues[queue].load += hops[hop].unit * difference
        couple(s, queue)
        if (
            queues[queue].level < INFINITE
            or queues[queue].load > queues[queue].capacity * ALMOST_FULL
        ):
            look_again(s, queue)


@compiled
def switch(s: State, flow: int, holder: int, rate: float, but: int, now: float) -> None:
    """Give a flow another holder, or its rate a jump; queues but that of hop ``but`` hear of it."""
    left = left_of(s, flow, now)
    account(s, flow, left, now)
    leave(s, flow)
    difference = rate - s.flows[flow].rate
    s.flows[flow].rate = rate
    join(s, flow, holder, left, now)
    if difference != 0.0:
        spread(s, flow, but, difference, now)


@compiled
def least_limit(s: State, flow: int, but: int) -> tuple[float, int]:
    """Return the lowest of a flow's cap and its queues' levels but that of one hop, and whose it is."""
    queues, hops = s.queues, s.hops
    first = flow * s.counts[WIDTH]
    limit = s.flows[flow].cap
    holder = AT_CAP
    for hop in range(first, first + s.flows[flow].hop_count):
        if hop != but and queues[hops[hop].queue].level < limit:
            limit = queues[hops[hop].queue].level
            holder = hop
    return limit, holder
