"""Deficit round robin (Shreedhar and Varghese, SIGCOMM 1995).

Queues that hold packets stand in an active list; a queue becomes active at its end. At its turn a
queue earns its quantum and sends while its deficit covers the head; an emptied queue leaves the
list and loses what is left.
"""

from typing import Annotated, Literal

from pydantic import Field

from telemedsim.core.compiled import compiled
from telemedsim.parts.schedulers import Scheduler, SchedulerKernel, shares_of

COUNT, ACTIVE, PAID, FIRST_QUANTUM = 0, 1, 2, 3
"""State: queues, length of the active list, 1 once the head of the list has earned its quantum,
then quanta, deficits, the active list, and for each queue whether it is in the list."""


def new_state(parameters: list[int]) -> list[int]:
    """Return the state for one quantum a queue, in bytes."""
    count = len(parameters)
    return [count, 0, 0, *parameters, *([0] * (3 * count))]


@compiled
def queue_of(state: list[int], class_index: int) -> int:
    """Return the queue of a class: its own."""
    return class_index


@compiled
def on_accept(state: list[int], queue: int, now_ns: int, service_ns: int) -> int:
    """Put the queue at the end of the active list if it is not in it; there is no tag."""
    count = state[COUNT]
    listed = FIRST_QUANTUM + 3 * count + queue
    if state[listed] == 0:
        state[listed] = 1
        state[FIRST_QUANTUM + count + queue] = 0
        state[FIRST_QUANTUM + 2 * count + state[ACTIVE]] = queue
        state[ACTIVE] += 1
    return 0


@compiled
def take_head(state: list[int]) -> int:
    """Take the first queue off the active list and return it; the next one has not been paid."""
    first = FIRST_QUANTUM + 2 * state[COUNT]
    queue = state[first]
    for position in range(first, first + state[ACTIVE] - 1):
        state[position] = state[position + 1]
    state[ACTIVE] -= 1
    state[PAID] = 0
    return queue


@compiled
def select(
    state: list[int],
    queue_lengths: list[int],
    head_bytes: list[int],
    head_tags: list[int],
    now_ns: int,
) -> int:
    """Return the queue whose turn and deficit allow its head to be sent."""
    count = state[COUNT]
    first = FIRST_QUANTUM + 2 * count
    while True:
        queue = state[first]
        deficit = FIRST_QUANTUM + count + queue
        if state[PAID] == 0:
            state[deficit] += state[FIRST_QUANTUM + queue]
            state[PAID] = 1
        if head_bytes[queue] <= state[deficit]:
            state[deficit] -= head_bytes[queue]
            if queue_lengths[queue] == 1:
                take_head(state)
                state[FIRST_QUANTUM + 3 * count + queue] = 0
            return queue
        take_head(state)
        state[first + state[ACTIVE]] = queue
        state[ACTIVE] += 1


KERNEL = SchedulerKernel(new_state, queue_of, on_accept, select)


class Drr(Scheduler):
    """Classes take turns; each turn a class may send its quantum of bytes."""

    kind: Literal["drr"] = "drr"
    quanta_bytes: dict[str, Annotated[int, Field(ge=1)]] = Field(min_length=1)
    """Class of service -> bytes a turn; at least the largest packet keeps a turn cheap."""

    def parameters(self, classes: tuple[str, ...]) -> list[int]:
        """Return the quanta in the order of the classes; ValueError where one is missing."""
        return shares_of(self.quanta_bytes, classes, "quantum")

    def kernel(self) -> SchedulerKernel:
        """Return DRR's behaviour."""
        return KERNEL
