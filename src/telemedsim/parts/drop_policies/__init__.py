"""Which packet a full (or filling) queue refuses."""

import sys
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from telemedsim.core.frozen import Frozen
from telemedsim.core.registry import Registry


class DropKernel(NamedTuple):
    """A drop policy's behaviour: plain functions over flat lists of integers, one state a queue."""

    new_state: Callable[[list[int]], list[int]]
    """parameters -> state; parameters are what `DropPolicy.parameters` gives."""
    accept: Callable[[list[int], int, int, int, int, int, int], int]
    """(state, queue_packets, queue_bytes, packet_bytes, now_ns, emptied_ns, draw) -> 1 or 0.

    The queue's packets and bytes count the one in service if it came from this queue;
    ``emptied_ns`` is when the queue was last emptied.
    """
    needs_draw: bool


class DropPolicy(Frozen):
    """A drop policy's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str

    def parameters(self, limit: int, in_bytes: int, rate_bps: int) -> list[int]:
        """Return the kernel's parameters for a queue's limit, in packets or (``in_bytes``) bytes."""
        raise TypeError("a drop policy must give its parameters")

    def kernel(self) -> DropKernel:
        """Return the policy's behaviour."""
        raise TypeError("a drop policy must give its kernel")


@cache
def drop_policies() -> Registry[DropPolicy]:
    """Return the drop policies by kind."""
    return Registry(sys.modules[__name__], DropPolicy)
