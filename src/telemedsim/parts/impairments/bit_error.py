"""Bit errors: a frame is lost if any of its bits is wrong, so long frames are lost more often."""

import math
from typing import Literal

from pydantic import Field

from telemedsim.parts.impairments import LossKernel, LossProcess, threshold_of
from telemedsim.parts.impairments.independent import KERNEL


class BitError(LossProcess):
    """Independent bit errors; the frame's loss is 1 - (1 - ratio) ** bits."""

    kind: Literal["bit_error"] = "bit_error"
    bit_error_ratio: float = Field(ge=0, lt=1)
    """Wrong bits over all bits."""

    def threshold(self, frame_bytes: int) -> int:
        """Return the frame's loss probability in units of 2**-53."""
        return threshold_of(self.mean_loss(frame_bytes))

    def mean_loss(self, frame_bytes: int) -> float:
        """Return the probability that any bit of the frame is wrong, exact for tiny ratios too."""
        return -math.expm1(8 * frame_bytes * math.log1p(-self.bit_error_ratio))

    def kernel(self) -> LossKernel:
        """Return the behaviour of a process without memory; only the threshold differs by size."""
        return KERNEL
