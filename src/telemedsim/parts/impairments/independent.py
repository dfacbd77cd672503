"""Each packet is lost with one probability, whatever happens to others (Bernoulli)."""

from typing import Literal

from telemedsim.core.compiled import compiled
from telemedsim.core.units import Ratio
from telemedsim.parts.impairments import LossKernel, LossProcess, threshold_of


def new_state(parameters: list[int], draw: int) -> list[int]:
    """Return an empty state: the process has no memory."""
    return []


@compiled
def is_lost(state: list[int], draw: int, second_draw: int, threshold: int) -> int:
    """Return 1 if the draw is below the packet's threshold."""
    return 1 if draw < threshold else 0


KERNEL = LossKernel(new_state, is_lost, draws=1)


class Independent(LossProcess):
    """Packets are lost independently."""

    kind: Literal["independent"] = "independent"
    probability: Ratio
    """Probability that a packet is lost."""

    def threshold(self, frame_bytes: int) -> int:
        """Return the probability in units of 2**-53."""
        return threshold_of(self.probability)

    def mean_loss(self, frame_bytes: int) -> float:
        """Return the probability."""
        return self.probability

    def kernel(self) -> LossKernel:
        """Return the behaviour of a process without memory."""
        return KERNEL
