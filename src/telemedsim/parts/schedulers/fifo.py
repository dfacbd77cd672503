"""First in, first out: one queue for all classes."""

from typing import Literal

from telemedsim.core.compiled import compiled
from telemedsim.parts.schedulers import Scheduler, SchedulerKernel


def new_state(parameters: list[int]) -> list[int]:
    """Return the state: FIFO needs none."""
    return list(parameters)


@compiled
def queue_of(state: list[int], class_index: int) -> int:
    """Return the only queue."""
    return 0


@compiled
def on_accept(state: list[int], queue: int, now_ns: int, service_ns: int) -> int:
    """Return no tag: the order of acceptance says it all."""
    return 0


@compiled
def select(
    state: list[int],
    queue_lengths: list[int],
    head_bytes: list[int],
    head_tags: list[int],
    now_ns: int,
) -> int:
    """Return the only queue."""
    return 0


KERNEL = SchedulerKernel(new_state, queue_of, on_accept, select)


class Fifo(Scheduler):
    """All classes wait in one queue and leave in the order of their acceptance."""

    kind: Literal["fifo"] = "fifo"

    def parameters(self, classes: tuple[str, ...]) -> list[int]:
        """Return one entry: there is one queue."""
        return [1]

    def kernel(self) -> SchedulerKernel:
        """Return FIFO's behaviour."""
        return KERNEL
