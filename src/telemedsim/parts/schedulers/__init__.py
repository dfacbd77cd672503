"""Which packet an interface sends next, when several classes wait.

A scheduler is a file here: its parameters (a subclass of `Scheduler`) and its behaviour, plain
functions over flat lists of integers, so that the same text can be compiled.
"""

import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from telemedsim.core.frozen import Frozen
from telemedsim.core.registry import Registry


class SchedulerKernel(NamedTuple):
    """A scheduler's behaviour; times are ns on a clock that stands still while the link is down."""

    new_state: Callable[[list[int]], list[int]]
    """parameters -> state; parameters are what `Scheduler.parameters` gives."""
    queue_of: Callable[[list[int], int], int]
    """(state, class_index) -> queue; class 0 has the highest priority."""
    on_accept: Callable[[list[int], int, int, int], int]
    """(state, queue, now_ns, service_ns) -> tag of the packet accepted into that queue."""
    select: Callable[[list[int], list[int], list[int], list[int], int], int]
    """(state, queue_lengths, head_bytes, head_tags, now_ns) -> queue whose head is sent next.

    At least one length is positive; the caller then takes the head of that queue.
    """


class Scheduler(Frozen):
    """A scheduler's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str

    def parameters(self, classes: tuple[str, ...]) -> list[int]:
        """Return the kernel's parameters for these classes of service: one integer a queue."""
        raise TypeError("a scheduler must give its parameters")

    def kernel(self) -> SchedulerKernel:
        """Return the scheduler's behaviour."""
        raise TypeError("a scheduler must give its kernel")


def shares_of(shares: Mapping[str, int], classes: tuple[str, ...], what: str) -> list[int]:
    """Return one positive integer for each class of service; a ValueError names the class at fault.

    >>> shares_of({"video": 3, "data": 1}, ("video", "data"), "weight")
    [3, 1]
    """
    unknown = [name for name in shares if name not in classes]
    if unknown:
        raise ValueError(
            f"{what} for unknown class '{unknown[0]}': classes are {', '.join(classes)}"
        )
    missing = [name for name in classes if name not in shares]
    if missing:
        every = ", ".join(classes)
        raise ValueError(f"no {what} for class '{missing[0]}': give one for each of {every}")
    return [shares[name] for name in classes]


@cache
def schedulers() -> Registry[Scheduler]:
    """Return the schedulers by kind."""
    return Registry(sys.modules[__name__], Scheduler)
