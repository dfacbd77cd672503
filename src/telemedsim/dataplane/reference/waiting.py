"""Whose bits a waiting packet waits for: busy time by class and by flow, and the difference of two.

Only time that somebody waits through is recorded. A packet that comes while another is sent notes
what had been busy until then, less what is left of the transmission under way; when its own
transmission begins, the differences are its waits, and what remains is time out of service.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.packet import Packet

Snapshot = tuple[list[int], int]
"""Busy ns by class, and of the packet's own flow, when it began to wait."""


class Busy:
    """Transmission time of one interface, as far as somebody waits for it."""

    __slots__ = ("by_class", "by_flow", "index")

    def __init__(self, index: int, class_count: int) -> None:
        self.index = index
        self.by_class = [0] * class_count
        self.by_flow: dict[int, int] = {}

    def snapshot(self, packet: "Packet", sending: "Packet | None", left_ns: int) -> Snapshot:
        """Return what was busy when ``packet`` begins to wait; ``sending`` has ``left_ns`` to go."""
        by_class = self.by_class[:]
        own_ns = self.by_flow.get(packet.flow, 0)
        if sending is not None:
            by_class[sending.class_index] -= left_ns
            if sending.flow == packet.flow:
                own_ns -= left_ns
        return by_class, own_ns

    def note_wait(self, packet: "Packet", snapshot: Snapshot, waited_ns: int) -> None:
        """Write a packet's finished wait into its extras."""
        own_ns = self.by_flow.get(packet.flow, 0) - snapshot[1]
        waits = [now - then for now, then in zip(self.by_class, snapshot[0], strict=True)]
        outage_ns = waited_ns - sum(waits)
        waits[packet.class_index] -= own_ns
        extra = (self.index, own_ns, waits, 0, outage_ns)
        if packet.extras is None:
            packet.extras = [extra]
        else:
            packet.extras.append(extra)

    def add(self, packet: "Packet", service_ns: int) -> None:
        """Record a transmission that begins while others wait."""
        self.by_class[packet.class_index] += service_ns
        self.by_flow[packet.flow] = self.by_flow.get(packet.flow, 0) + service_ns

    def cut(self, packet: "Packet", unsent_ns: int) -> None:
        """Take back what was left of a transmission that an outage ended."""
        self.add(packet, -unsent_ns)
