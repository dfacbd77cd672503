"""Gilbert-Elliott loss: a chain of a good and a bad state, one step a packet of the interface.

Gilbert, BSTJ 39 (1960); Elliott, BSTJ 42 (1963). The chain begins in its stationary state.
"""

from typing import Literal, Self

from pydantic import model_validator

from telemedsim.core.compiled import compiled
from telemedsim.core.units import Ratio
from telemedsim.parts.impairments import LossKernel, LossProcess, threshold_of

BAD, TO_BAD, TO_GOOD, LOSS_GOOD, LOSS_BAD, STATIONARY = range(6)


def new_state(parameters: list[int], draw: int) -> list[int]:
    """Return [state, thresholds …]; the draw below the stationary share begins in the bad state."""
    return [1 if draw < parameters[STATIONARY - 1] else 0, *parameters]


@compiled
def is_lost(state: list[int], draw: int, second_draw: int, threshold: int) -> int:
    """Return 1 if the packet is lost: the first draw moves the chain, the second loses."""
    if state[BAD]:
        if draw < state[TO_GOOD]:
            state[BAD] = 0
    elif draw < state[TO_BAD]:
        state[BAD] = 1
    return 1 if second_draw < state[LOSS_GOOD + state[BAD]] else 0


KERNEL = LossKernel(new_state, is_lost, draws=2)


class GilbertElliott(LossProcess):
    """Losses come in bursts; the mean burst in the bad state is 1 / r packets."""

    kind: Literal["gilbert_elliott"] = "gilbert_elliott"
    p: Ratio
    """Probability a packet of going from good to bad."""
    r: Ratio
    """Probability a packet of going from bad to good."""
    loss_good: Ratio = 0.0
    """Loss in the good state; 0 is Gilbert's own model."""
    loss_bad: Ratio = 1.0
    """Loss in the bad state; 1 is the simple Gilbert model."""

    @model_validator(mode="after")
    def chain_moves(self) -> Self:
        """Refuse a chain that never leaves its state: it has no mean."""
        if self.p + self.r == 0:
            raise ValueError("p and r are both 0: the chain would never move; give r > 0")
        return self

    def parameters(self) -> list[int]:
        """Return the thresholds of moving, of losing, and the stationary share of the bad state."""
        bad = self.p / (self.p + self.r)
        chances = (self.p, self.r, self.loss_good, self.loss_bad, bad)
        return [threshold_of(chance) for chance in chances]

    def mean_loss(self, frame_bytes: int) -> float:
        """Return (p * loss_bad + r * loss_good) / (p + r)."""
        return (self.p * self.loss_bad + self.r * self.loss_good) / (self.p + self.r)

    def kernel(self) -> LossKernel:
        """Return the chain's behaviour."""
        return KERNEL
