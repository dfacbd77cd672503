"""What a link does to packets on the wire: loss and delay variation.

A process is a file here: its parameters and its behaviour together. Draws are integers of 53
bits, keyed by interface, flow, row and packet number, so that no packet changes another's luck.
"""

import sys
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from telemedsim.core.frozen import Frozen
from telemedsim.core.random_streams import DRAW_BITS
from telemedsim.core.registry import Registry


class LossKernel(NamedTuple):
    """A loss process's behaviour: plain functions over a flat list of integers, one an interface."""

    new_state: Callable[[list[int], int], list[int]]
    """(parameters, draw) -> state; the draw chooses where a process with memory begins."""
    is_lost: Callable[[list[int], int, int, int], int]
    """(state, draw, second_draw, threshold) -> 1 if the packet just sent is lost."""
    draws: int
    """Draws a packet: 0 (nothing is ever lost), 1 or 2."""


class VariationKernel(NamedTuple):
    """A delay variation's behaviour."""

    variation_ns: Callable[[list[int], int], int]
    """(parameters, draw) -> ns added to the propagation."""
    draws: int
    """Draws a packet: 0 (no variation) or 1."""


class LossProcess(Frozen):
    """A loss process's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str

    def parameters(self) -> list[int]:
        """Return the kernel's parameters."""
        return []

    def threshold(self, frame_bytes: int) -> int:
        """Return the loss probability of a frame of this size, in units of 2**-53, if it has one."""
        return 0

    def mean_loss(self, frame_bytes: int) -> float:
        """Return the long-run probability that a frame of this size is lost."""
        raise TypeError("a loss process must give its mean")

    def kernel(self) -> LossKernel:
        """Return the process's behaviour."""
        raise TypeError("a loss process must give its kernel")


class DelayVariation(Frozen):
    """A delay variation's parameters; subclasses carry ``kind: Literal[...]``."""

    kind: str

    def parameters(self) -> list[int]:
        """Return the kernel's parameters."""
        return []

    def kernel(self) -> VariationKernel:
        """Return the variation's behaviour."""
        raise TypeError("a delay variation must give its kernel")


def threshold_of(probability: float) -> int:
    """Return a probability in units of 2**-53: a draw below it says yes.

    >>> threshold_of(0.5) == 1 << 52
    True
    """
    return round(probability * (1 << DRAW_BITS))


@cache
def loss_processes() -> Registry[LossProcess]:
    """Return the loss processes by kind."""
    return Registry(sys.modules[__name__], LossProcess)


@cache
def delay_variations() -> Registry[DelayVariation]:
    """Return the delay variations by kind."""
    return Registry(sys.modules[__name__], DelayVariation)
