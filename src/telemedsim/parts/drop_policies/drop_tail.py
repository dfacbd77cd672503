"""Drop tail: a packet is refused when it does not fit."""

from typing import Literal

from telemedsim.core.compiled import compiled
from telemedsim.parts.drop_policies import DropKernel, DropPolicy

LIMIT, IN_BYTES = 0, 1


def new_state(parameters: list[int]) -> list[int]:
    """Return the state: the limit and its unit."""
    return list(parameters)


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
    """Return 1 if the queue with this packet stays within its limit."""
    if state[IN_BYTES]:
        return 1 if queue_bytes + packet_bytes <= state[LIMIT] else 0
    return 1 if queue_packets < state[LIMIT] else 0


KERNEL = DropKernel(new_state, accept, needs_draw=False)


class DropTail(DropPolicy):
    """A packet that would exceed the limit is dropped; none is dropped before."""

    kind: Literal["drop_tail"] = "drop_tail"

    def parameters(self, limit: int, in_bytes: int, rate_bps: int) -> list[int]:
        """Return the limit and its unit."""
        return [limit, in_bytes]

    def kernel(self) -> DropKernel:
        """Return drop tail's behaviour."""
        return KERNEL
