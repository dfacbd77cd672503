"""The wire behind an interface: losses and delay variation, drawn when a transmission ends."""

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from telemedsim.core.random_streams import child_key, draw_u64, stream_key
from telemedsim.parts.impairments import DRAW_BITS, DelayVariation, LossProcess

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.packet import Extra, Packet

UNUSED_BITS = 64 - DRAW_BITS


class DrawKey(NamedTuple):
    """Whose draws these are: one interface of one replication."""

    seed: int
    replication: int
    interface: str

    def of(self, purpose: str) -> int:
        """Return the key for a purpose."""
        return stream_key(self.seed, self.replication, self.interface, purpose)


class Wire:
    """Loses and delays packets, each by draws of its own; never lets one overtake another."""

    def __init__(
        self,
        index: int,
        propagation_ns: int,
        loss: LossProcess,
        variation: DelayVariation,
        key: DrawKey,
        flow_keys: dict[int, int],
    ) -> None:
        self.index = index
        self.propagation_ns = propagation_ns
        self.threshold = loss.threshold
        loss_kernel, variation_kernel = loss.kernel(), variation.kernel()
        self.loss_draws = loss_kernel.draws
        self.varies = variation_kernel.draws > 0
        self._is_lost = loss_kernel.is_lost
        self._variation_ns = variation_kernel.variation_ns
        self._variation_parameters = variation.parameters()
        self._loss_key, self._variation_key = key.of("loss"), key.of("delay_variation")
        beginning = draw_u64(self._loss_key, 0) >> UNUSED_BITS
        self._loss_state = loss_kernel.new_state(loss.parameters(), beginning)
        self._flow_keys = flow_keys
        self._row_keys: dict[tuple[int, int, int], int] = {}
        self._last_arrival_ns = 0
        self._arrivals: deque[int] = deque()
        """Recent arrivals at the far end, at least all that are still to come."""

    def lost(self, packet: "Packet", threshold: int) -> bool:
        """Return whether errors destroy a packet that has just been sent."""
        if self.loss_draws == 0:
            return False
        key = self._row_key(self._loss_key, packet)
        number = packet.number * self.loss_draws
        draw = draw_u64(key, number) >> UNUSED_BITS
        second = draw_u64(key, number + 1) >> UNUSED_BITS if self.loss_draws == 2 else 0
        return self._is_lost(self._loss_state, draw, second, threshold) == 1

    def arrival_ns(self, packet: "Packet", now: int) -> int:
        """Return when a packet sent until now arrives; a longer delay is added to its extras."""
        arrival_ns = now + self.propagation_ns
        if self.varies:
            draw = draw_u64(self._row_key(self._variation_key, packet), packet.number)
            arrival_ns += self._variation_ns(self._variation_parameters, draw >> UNUSED_BITS)
            arrival_ns = max(arrival_ns, self._last_arrival_ns)
            self._last_arrival_ns = arrival_ns
            added_ns = arrival_ns - now - self.propagation_ns
            extra: Extra = (self.index, 0, [], added_ns, 0)
            if packet.extras is None:
                packet.extras = [extra]
            else:
                packet.extras.append(extra)
        arrivals = self._arrivals
        arrivals.append(arrival_ns)
        # One out for one in keeps it as short as the most packets ever on the wire.
        if arrivals[0] < now:
            arrivals.popleft()
        return arrival_ns

    def on_wire(self, now: int) -> int:
        """Return how many packets arrive after now."""
        return sum(arrival_ns > now for arrival_ns in self._arrivals)

    def _row_key(self, key: int, packet: "Packet") -> int:
        """Return the key of a flow's row, so that copies of one packet have draws of their own."""
        place = (key, packet.flow, packet.row)
        row_key = self._row_keys.get(place)
        if row_key is None:
            row_key = child_key(child_key(key, self._flow_keys[packet.flow]), packet.row)
            self._row_keys[place] = row_key
        return row_key
