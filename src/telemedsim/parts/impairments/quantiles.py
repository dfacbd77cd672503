"""Delay variation after a table of measured quantiles, straight lines between them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import DRAW_BITS
from telemedsim.parts.impairments import DelayVariation, VariationKernel

BITS = 31
"""Probabilities of the table are in units of 2**-31, so that products stay within int64."""


@compiled
def variation_ns(parameters: list[int], draw: int) -> int:
    """Return the delay at the draw's place in the table: [count, probability, delay, …]."""
    place = draw >> (DRAW_BITS - BITS)
    position = 3
    while parameters[position] <= place:
        position += 2
    low, low_ns = parameters[position - 2], parameters[position - 1]
    high, high_ns = parameters[position], parameters[position + 1]
    return low_ns + (high_ns - low_ns) * (place - low) // (high - low)


KERNEL = VariationKernel(variation_ns, draws=1)


class Quantiles(DelayVariation):
    """Any measured distribution: points [probability, delay in ms] from probability 0 to 1."""

    kind: Literal["quantiles"] = "quantiles"
    points: tuple[tuple[float, float], ...] = Field(min_length=2)
    """[probability, added delay in ms], both rising; the first probability is 0, the last 1."""

    @model_validator(mode="after")
    def points_rise(self) -> Self:
        """Refuse a table that is not a distribution."""
        if self.points[0][0] != 0 or self.points[-1][0] != 1:
            raise ValueError("points must begin at probability 0 and end at probability 1")
        if self.points[0][1] < 0:
            raise ValueError(f"an added delay of {self.points[0][1]} ms is negative")
        for (low, low_ms), (high, high_ms) in zip(self.points, self.points[1:], strict=False):
            if round(high * (1 << BITS)) <= round(low * (1 << BITS)) or high_ms < low_ms:
                raise ValueError(f"point [{high}, {high_ms}] does not rise above [{low}, {low_ms}]")
            if high_ms - low_ms > 4000:
                raise ValueError(f"a step of {high_ms - low_ms} ms is over 4000: add a point")
        return self

    def parameters(self) -> list[int]:
        """Return [count, probability, delay, …] with delays in ns."""
        flat = [len(self.points)]
        for probability, delay_ms in self.points:
            flat += [round(probability * (1 << BITS)), round(delay_ms * 1e6)]
        return flat

    def kernel(self) -> VariationKernel:
        """Return the table's behaviour."""
        return KERNEL
