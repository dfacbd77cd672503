"""Lognormal delay variation, by inversion (normal quantile: Wichura's AS 241)."""

import math
from typing import Literal

from pydantic import Field

from telemedsim.core.compiled import compiled
from telemedsim.core.normal_quantile import normal_quantile
from telemedsim.core.random_streams import DRAW_BITS
from telemedsim.core.units import DurationMs
from telemedsim.parts.impairments import DelayVariation, VariationKernel

UNIT = 2.0**-DRAW_BITS
MILLIONTH = 1e-6


@compiled
def variation_ns(parameters: list[int], draw: int) -> int:
    """Return median * exp(sigma * z), z the standard normal quantile of the draw."""
    z = normal_quantile(max(draw, 0.5) * UNIT)
    return round(parameters[0] * math.exp(parameters[1] * MILLIONTH * z))


KERNEL = VariationKernel(variation_ns, draws=1)


class Lognormal(DelayVariation):
    """Lognormal with median ``median_ms`` and log standard deviation ``sigma``."""

    kind: Literal["lognormal"] = "lognormal"
    median_ms: DurationMs
    """Median added delay."""
    sigma: float = Field(gt=0, le=4)
    """Standard deviation of the logarithm (kept to 6 decimals)."""

    def parameters(self) -> list[int]:
        """Return the median in ns and sigma in millionths."""
        return [round(self.median_ms * 1e6), round(self.sigma / MILLIONTH)]

    def kernel(self) -> VariationKernel:
        """Return the lognormal behaviour."""
        return KERNEL
