"""Exponential delay variation, by inversion."""

import math
from typing import Literal

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import DRAW_BITS
from telemedsim.core.units import DurationMs
from telemedsim.parts.impairments import DelayVariation, VariationKernel

UNIT = 2.0**-DRAW_BITS


@compiled
def variation_ns(parameters: list[int], draw: int) -> int:
    """Return -mean * ln(1 - u)."""
    return round(-parameters[0] * math.log1p(-draw * UNIT))


KERNEL = VariationKernel(variation_ns, draws=1)


class Exponential(DelayVariation):
    """Exponential with mean ``mean_ms``."""

    kind: Literal["exponential"] = "exponential"
    mean_ms: DurationMs
    """Mean added delay."""

    def parameters(self) -> list[int]:
        """Return the mean in ns."""
        return [round(self.mean_ms * 1e6)]

    def kernel(self) -> VariationKernel:
        """Return the exponential behaviour."""
        return KERNEL
