"""Bit errors: a frame is lost if any of its bits is wrong, so long frames are lost more often."""

import math
from typing import Literal

from telemedsim.core.units import Ratio
from telemedsim.parts.impairments import LossKernel, LossProcess, threshold_of
from telemedsim.parts.impairments.independent import KERNEL

LARGEST = 1.0 - 2.0**-53
"""A ratio of 1 has no logarithm; this one loses every frame as well."""


class BitError(LossProcess):
    """Independent bit errors; the frame's loss is 1 - (1 - ratio) ** bits."""

    kind: Literal["bit_error"] = "bit_error"
    bit_error_ratio: Ratio
    """Wrong bits over all bits."""

    def threshold(self, frame_bytes: int) -> int:
        """Return the frame's loss probability in units of 2**-53."""
        return threshold_of(self.mean_loss(frame_bytes))

    def mean_loss(self, frame_bytes: int) -> float:
        """Return the probability that any bit of the frame is wrong, exact for tiny ratios too."""
        return -math.expm1(8 * frame_bytes * math.log1p(-min(self.bit_error_ratio, LARGEST)))

    def kernel(self) -> LossKernel:
        """Return the behaviour of a process without memory; only the threshold differs by size."""
        return KERNEL
