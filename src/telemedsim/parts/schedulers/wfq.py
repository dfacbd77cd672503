"""Weighted fair queueing: packetised generalised processor sharing (GPS).

Demers, Keshav and Shenker, SIGCOMM 1989; Parekh and Gallager, IEEE/ACM ToN 1(3), 1993. A packet
gets the virtual time at which GPS would finish it; the smallest finish is sent next. It leaves
at most one transmission of the largest packet later than under GPS.

Virtual time V grows by 1 / (sum of the weights of the queues that GPS still serves) a ns, in
units of 1 / SCALE ns. A queue's GPS work ends when V reaches its last finish. While GPS is idle V
stands still: that orders packets as a reset to zero would, and no tag already given loses its
meaning. Time too short to move V by one unit is kept, so nothing is lost to rounding.
"""

from typing import Annotated, Literal

from pydantic import Field

from telemedsim.core.compiled import compiled
from telemedsim.parts.schedulers import Scheduler, SchedulerKernel, shares_of

SCALE = 1024
COUNT, VIRTUAL, CLOCK, CREDIT, SERVED, FIRST_WEIGHT = 0, 1, 2, 3, 4, 5
"""State: queues, V, time of V (ns), time kept (ns * SCALE), how many queues GPS still serves, then all
weights, then all last finishes, then the queues that GPS still serves."""


def new_state(parameters: list[int]) -> list[int]:
    """Return the state for one weight a queue."""
    count = len(parameters)
    return [count, 0, 0, 0, 0, *parameters, *([0] * (2 * count))]


@compiled
def queue_of(state: list[int], class_index: int) -> int:
    """Return the queue of a class: its own."""
    return class_index


@compiled
def advance(state: list[int], now_ns: int) -> None:
    """Move virtual time to ``now_ns`` through every departure of the GPS system."""
    first_finish = FIRST_WEIGHT + state[COUNT]
    first_served = first_finish + state[COUNT]
    virtual = state[VIRTUAL]
    credit = state[CREDIT] + (now_ns - state[CLOCK]) * SCALE
    state[CLOCK] = now_ns
    while state[SERVED] > 0:
        weights = 0
        next_finish = state[first_finish + state[first_served]]
        for place in range(first_served, first_served + state[SERVED]):
            queue = state[place]
            weights += state[FIRST_WEIGHT + queue]
            if state[first_finish + queue] < next_finish:
                next_finish = state[first_finish + queue]
        needed = (next_finish - virtual) * weights
        if needed > credit:
            virtual += credit // weights
            credit %= weights
            break
        virtual = next_finish
        credit -= needed
        drop_finished(state, virtual)
    state[VIRTUAL] = virtual
    state[CREDIT] = credit if state[SERVED] > 0 else 0


@compiled
def drop_finished(state: list[int], virtual: int) -> None:
    """Take the queues whose GPS work ends at this virtual time off the list of those served."""
    first_finish = FIRST_WEIGHT + state[COUNT]
    first_served = first_finish + state[COUNT]
    kept = 0
    for place in range(first_served, first_served + state[SERVED]):
        queue = state[place]
        if state[first_finish + queue] > virtual:
            state[first_served + kept] = queue
            kept += 1
    state[SERVED] = kept


@compiled
def on_accept(state: list[int], queue: int, now_ns: int, service_ns: int) -> int:
    """Return the virtual finish of a packet accepted now: max(last finish, V) + service / weight."""
    advance(state, now_ns)
    count = state[COUNT]
    position = FIRST_WEIGHT + count + queue
    virtual = state[VIRTUAL]
    start = state[position]
    is_served = start > virtual
    if not is_served:
        start = virtual
    finish = start + service_ns * SCALE // state[FIRST_WEIGHT + queue]
    state[position] = finish
    if finish > virtual and not is_served:
        state[FIRST_WEIGHT + 2 * count + state[SERVED]] = queue
        state[SERVED] += 1
    return finish


@compiled
def select(
    state: list[int],
    queue_lengths: list[int],
    head_bytes: list[int],
    head_tags: list[int],
    now_ns: int,
) -> int:
    """Return the queue whose head has the smallest virtual finish, the higher class on a tie."""
    best = -1
    for queue in range(state[COUNT]):
        if queue_lengths[queue] > 0 and (best < 0 or head_tags[queue] < head_tags[best]):
            best = queue
    return best


KERNEL = SchedulerKernel(new_state, queue_of, on_accept, select)


class Wfq(Scheduler):
    """Classes share the link in proportion to their weights, whatever the sizes of packets."""

    kind: Literal["wfq"] = "wfq"
    weights: dict[str, Annotated[int, Field(ge=1)]] = Field(min_length=1)
    """Class of service -> weight, a whole number from 1 on."""

    def parameters(self, classes: tuple[str, ...]) -> list[int]:
        """Return the weights in the order of the classes; ValueError where one is missing."""
        return shares_of(self.weights, classes, "weight")

    def kernel(self) -> SchedulerKernel:
        """Return WFQ's behaviour."""
        return KERNEL
