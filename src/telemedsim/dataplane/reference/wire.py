"""The wire behind an interface: losses and delay variation, drawn when a transmission ends."""

from typing import TYPE_CHECKING

from telemedsim.core.random_streams import child_key, draw_53
from telemedsim.dataplane.draws import DrawKey
from telemedsim.parts.impairments import DelayVariation, LossProcess
from telemedsim.records.flows import VARIATION

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.packet import Packet

LOST = -1


class Wire:
    """Loses and delays packets, each by draws of its own; never lets one overtake another."""

    __slots__ = (
        "_flow_keys",
        "_is_lost",
        "_last_arrival_ns",
        "_loss_draws",
        "_loss_key",
        "_loss_state",
        "_row_keys",
        "_variation_key",
        "_variation_ns",
        "_variation_parameters",
        "_varies",
        "index",
        "propagation_ns",
        "threshold",
    )

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
        self._loss_draws = loss_kernel.draws
        self._varies = variation_kernel.draws > 0
        self._is_lost = loss_kernel.is_lost
        self._variation_ns = variation_kernel.variation_ns
        self._variation_parameters = variation.parameters()
        self._loss_key, self._variation_key = key.of("loss"), key.of("delay_variation")
        beginning = draw_53(self._loss_key, 0)
        self._loss_state = loss_kernel.new_state(loss.parameters(), beginning)
        self._flow_keys = flow_keys
        self._row_keys: dict[int, tuple[int, int]] = {}
        """Flow and row of a packet -> the keys of its loss and of its delay variation here."""
        self._last_arrival_ns = 0

    def arrival_ns(self, packet: "Packet", threshold: int, now: int) -> int:
        """Return when a packet sent until now arrives, or `LOST` if errors destroy it.

        A longer delay is added to its extras.
        """
        keys = self._row_keys.get(packet.order)
        if keys is None:
            keys = self._new_row_keys(packet)
        if self._loss_draws:
            second = 0
            if self._loss_draws == 1:
                draw = draw_53(keys[0], packet.number)
            else:
                draw = draw_53(keys[0], 2 * packet.number)
                second = draw_53(keys[0], 2 * packet.number + 1)
            if self._is_lost(self._loss_state, draw, second, threshold):
                return LOST
        arrival_ns = now + self.propagation_ns
        if self._varies:
            draw = draw_53(keys[1], packet.number)
            undelayed_ns = arrival_ns
            arrival_ns += self._variation_ns(self._variation_parameters, draw)
            if arrival_ns < self._last_arrival_ns:
                arrival_ns = self._last_arrival_ns
            self._last_arrival_ns = arrival_ns
            extra = (self.index, VARIATION, arrival_ns - undelayed_ns)
            if packet.extras is None:
                packet.extras = [extra]
            else:
                packet.extras.append(extra)
        return arrival_ns

    def _new_row_keys(self, packet: "Packet") -> tuple[int, int]:
        """Return the keys of a flow's row, so that copies of one packet have draws of their own."""
        flow_key, row = self._flow_keys[packet.flow], packet.row
        loss, variation = (
            child_key(child_key(key, flow_key), row)
            for key in (self._loss_key, self._variation_key)
        )
        self._row_keys[packet.order] = loss, variation
        return loss, variation
