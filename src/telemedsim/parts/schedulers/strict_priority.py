"""Non-preemptive strict priority: the highest class that waits is sent next."""

from typing import Literal

from telemedsim.core.compiled import compiled
from telemedsim.parts.schedulers import Scheduler, SchedulerKernel


def new_state(parameters: list[int]) -> list[int]:
    """Return the state: the number of queues never changes, so there is nothing to remember."""
    return list(parameters)


@compiled
def queue_of(state: list[int], class_index: int) -> int:
    """Return the queue of a class: its own."""
    return class_index


@compiled
def on_accept(state: list[int], queue: int, now_ns: int, service_ns: int) -> int:
    """Return no tag: the class alone decides."""
    return 0


@compiled
def select(
    state: list[int],
    queue_lengths: list[int],
    head_bytes: list[int],
    head_tags: list[int],
    now_ns: int,
) -> int:
    """Return the first queue that holds a packet; a packet in transmission is never interrupted."""
    queue = 0
    while queue_lengths[queue] == 0:
        queue += 1
    return queue


KERNEL = SchedulerKernel(new_state, queue_of, on_accept, select)


class StrictPriority(Scheduler):
    """A lower class is sent only when no higher one waits (non-preemptive)."""

    kind: Literal["strict_priority"] = "strict_priority"

    def parameters(self, classes: tuple[str, ...]) -> list[int]:
        """Return one entry a class."""
        return [1] * len(classes)

    def kernel(self) -> SchedulerKernel:
        """Return strict priority's behaviour."""
        return KERNEL
