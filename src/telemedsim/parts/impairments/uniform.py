"""Delay variation spread evenly between two bounds."""

from typing import Literal, Self

from pydantic import Field, model_validator

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import DRAW_BITS
from telemedsim.core.units import DurationMs
from telemedsim.parts.impairments import DelayVariation, VariationKernel


@compiled
def variation_ns(parameters: list[int], draw: int) -> int:
    """Return a time in [low, high)."""
    low, high = parameters[0], parameters[1]
    # 31 bits of the draw keep the product within int64 up to a span of 4 s.
    return low + ((high - low) * (draw >> (DRAW_BITS - 31)) >> 31)


KERNEL = VariationKernel(variation_ns, draws=1)


class Uniform(DelayVariation):
    """Any delay between ``low_ms`` and ``high_ms`` is as likely as another."""

    kind: Literal["uniform"] = "uniform"
    low_ms: DurationMs = 0.0
    """Least added delay."""
    high_ms: DurationMs = Field(le=4000)
    """Greatest added delay."""

    @model_validator(mode="after")
    def bounds_rise(self) -> Self:
        """Refuse an upper bound below the lower one."""
        if self.high_ms < self.low_ms:
            raise ValueError(f"high_ms {self.high_ms} is below low_ms {self.low_ms}")
        return self

    def parameters(self) -> list[int]:
        """Return both bounds in ns."""
        return [round(self.low_ms * 1e6), round(self.high_ms * 1e6)]

    def kernel(self) -> VariationKernel:
        """Return the uniform behaviour."""
        return KERNEL
