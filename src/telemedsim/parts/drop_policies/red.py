"""Random early detection (Floyd and Jacobson, IEEE/ACM ToN 1(4), 1993), gentle.

The average queue is an exponentially weighted mean, updated at each arrival; over an idle time it
decays as if small queues had been seen once a typical transmission. Between the thresholds the
probability of a drop rises to ``max_probability``; gently, up to 1 at twice the upper threshold.
Drops are spaced by the count of packets since the last one, which is 0 for the first packet after a
drop: gaps are then uniform on 1 … 1/p as section 7 derives (the paper's listing is off by one).
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from telemedsim.core.compiled import compiled
from telemedsim.core.random_streams import DRAW_BITS
from telemedsim.core.units import transmission_ns
from telemedsim.parts.drop_policies import DropKernel, DropPolicy

POINT = 16
"""Averages and thresholds are in units of 2**-16 packets or bytes."""
PROBABILITY = 20
"""Probabilities of a drop are in units of 2**-20."""
DECAY = 30
"""Factors of the decay are in units of 2**-30."""
LIMIT, IN_BYTES, LOW, HIGH, MAX_PROBABILITY, SHIFT, TYPICAL_NS, AVERAGE, SINCE = range(9)


def new_state(parameters: list[int]) -> list[int]:
    """Return the state: parameters, the average, and packets since the last drop (-1: none)."""
    return [*parameters, 0, -1]


@compiled
def decayed(average: int, shift: int, steps: int) -> int:
    """Return average * (1 - 2**-shift) ** steps, by squaring, in integers."""
    factor = (1 << DECAY) - (1 << (DECAY - shift))
    while steps > 0 and average > 0:
        if steps & 1:
            average = (average * factor) >> DECAY
        factor = (factor * factor) >> DECAY
        steps >>= 1
    return average


@compiled
def base_probability(state: list[int]) -> int:
    """Return the probability of a drop at the average queue, before drops are spaced."""
    average, low, high, top = state[AVERAGE], state[LOW], state[HIGH], state[MAX_PROBABILITY]
    if average < low:
        return 0
    if average < high:
        return top * (average - low) // (high - low)
    if average < 2 * high:
        return top + ((1 << PROBABILITY) - top) * (average - high) // high
    return 1 << PROBABILITY


@compiled
def accept(
    state: list[int],
    queue_packets: int,
    queue_bytes: int,
    packet_bytes: int,
    now_ns: int,
    emptied_ns: int,
    draw: int,
) -> int:
    """Return 1 if the packet is taken; updates the average queue and the count since a drop."""
    if queue_packets == 0:
        steps = (now_ns - emptied_ns) // state[TYPICAL_NS]
        state[AVERAGE] = decayed(state[AVERAGE], state[SHIFT], steps)
    else:
        queue = queue_bytes if state[IN_BYTES] else queue_packets
        state[AVERAGE] += ((queue << POINT) - state[AVERAGE]) >> state[SHIFT]
    probability = base_probability(state)
    if probability == 0:
        state[SINCE] = -1
    else:
        state[SINCE] += 1
        left = (1 << PROBABILITY) - state[SINCE] * probability
        # u < p / (1 - count p), multiplied out; 30 bits of the draw keep it within int64.
        if left <= 0 or (draw >> (DRAW_BITS - 30)) * left < probability << 30:
            state[SINCE] = -1
            return 0
    used, size = (queue_bytes, packet_bytes) if state[IN_BYTES] else (queue_packets, 1)
    if used + size > state[LIMIT]:
        state[SINCE] = -1
        return 0
    return 1


KERNEL = DropKernel(new_state, accept, needs_draw=True)


class Red(DropPolicy):
    """Drops at random before the queue is full, the more the longer its average."""

    kind: Literal["red"] = "red"
    min_threshold: float = Field(gt=0, lt=1)
    """Average queue at which drops begin, as a share of the queue's limit."""
    max_threshold: float = Field(gt=0, le=1)
    """Average queue at which ``max_probability`` is reached, as a share of the limit."""
    max_probability: float = Field(gt=0, le=1)
    """Probability of a drop at the upper threshold."""
    weight_exponent: int = Field(ge=1, le=16)
    """The average's weight for a new sample is 2 to the minus this."""
    typical_packet_bytes: int = Field(ge=1)
    """Packet whose transmission is one step of the decay while idle."""

    @model_validator(mode="after")
    def thresholds_rise(self) -> Self:
        """Refuse an upper threshold that is not above the lower one."""
        if self.max_threshold <= self.min_threshold:
            raise ValueError(
                f"max_threshold {self.max_threshold} must be above min_threshold"
                f" {self.min_threshold}"
            )
        return self

    def parameters(self, limit: int, in_bytes: int, rate_bps: int) -> list[int]:
        """Return limit, unit, thresholds, probability, weight and typical transmission."""
        low = round(self.min_threshold * limit * (1 << POINT))
        high = max(low + 1, round(self.max_threshold * limit * (1 << POINT)))
        return [
            limit,
            in_bytes,
            low,
            high,
            round(self.max_probability * (1 << PROBABILITY)),
            self.weight_exponent,
            transmission_ns(self.typical_packet_bytes, rate_bps),
        ]

    def kernel(self) -> DropKernel:
        """Return RED's behaviour."""
        return KERNEL
