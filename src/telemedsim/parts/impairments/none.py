"""A clean link: nothing is lost, nothing varies."""

from typing import Literal

from telemedsim.core.compiled import compiled
from telemedsim.parts.impairments import (
    DelayVariation,
    LossKernel,
    LossProcess,
    VariationKernel,
)


def new_state(parameters: list[int], draw: int) -> list[int]:
    """Return an empty state."""
    return []


@compiled
def is_lost(state: list[int], draw: int, second_draw: int, threshold: int) -> int:
    """Return 0."""
    return 0


@compiled
def variation_ns(parameters: list[int], draw: int) -> int:
    """Return 0."""
    return 0


LOSS_KERNEL = LossKernel(new_state, is_lost, draws=0)
VARIATION_KERNEL = VariationKernel(variation_ns, draws=0)


class NoLoss(LossProcess):
    """No packet is lost on the wire."""

    kind: Literal["none"] = "none"

    def mean_loss(self, frame_bytes: int) -> float:
        """Return 0."""
        return 0.0

    def kernel(self) -> LossKernel:
        """Return the behaviour that loses nothing."""
        return LOSS_KERNEL


class NoVariation(DelayVariation):
    """Every packet takes the propagation delay, exactly."""

    kind: Literal["none"] = "none"

    def kernel(self) -> VariationKernel:
        """Return the behaviour that adds nothing."""
        return VARIATION_KERNEL
