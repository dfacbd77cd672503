"""Whose bits a waiting packet waits for: busy time by class and by flow, and the difference of two.

Only time that somebody waits through is recorded. A packet that comes while another is sent notes
what had been busy until then, less what is left of the transmission under way; when its own
transmission begins, the differences are its waits, and what remains is time out of service.
"""

from typing import TYPE_CHECKING

from telemedsim.records.flows import OUTAGE, QUEUEING, TRANSMISSION

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.packet import Packet

Snapshot = tuple[dict[int, int], int]
"""Busy ns by class, and of the packet's own flow, when it began to wait."""


class Busy:
    """Transmission time of one interface, as far as somebody waits for it."""

    __slots__ = ("by_class", "by_flow", "index")

    def __init__(self, index: int) -> None:
        self.index = index
        self.by_class: dict[int, int] = {}
        """Only classes that were sent since somebody waits: few of all there are."""
        self.by_flow: dict[int, int] = {}

    def snapshot(self, packet: "Packet", sending: "Packet | None", now: int) -> Snapshot:
        """Return what was busy when ``packet`` begins to wait; ``sending`` is not yet through."""
        own_ns = self.by_flow.get(packet.flow, 0)
        if sending is None:
            return self.by_class.copy(), own_ns
        class_index, left_ns = sending.class_index, sending.due_ns - now
        if class_index not in self.by_class:
            self.by_class[class_index] = 0
        by_class = self.by_class.copy()
        by_class[class_index] -= left_ns
        if sending.flow == packet.flow:
            own_ns -= left_ns
        return by_class, own_ns

    def note_wait(self, packet: "Packet", snapshot: Snapshot, waited_ns: int) -> None:
        """Write a packet's finished wait into its extras."""
        index, extras = self.index, packet.extras
        if extras is None:
            extras = packet.extras = []
        then = snapshot[0]
        own_ns = self.by_flow.get(packet.flow, 0) - snapshot[1]
        if own_ns:
            extras.append((index, TRANSMISSION, own_ns))
        for class_index, busy_ns in self.by_class.items():
            ns = busy_ns - then[class_index] if class_index in then else busy_ns
            waited_ns -= ns
            if class_index == packet.class_index:
                ns -= own_ns
            if ns:
                extras.append((index, QUEUEING + class_index, ns))
        if waited_ns:
            extras.append((index, OUTAGE, waited_ns))

    def add(self, packet: "Packet", service_ns: int) -> None:
        """Record a transmission that begins while others wait."""
        by_class, by_flow = self.by_class, self.by_flow
        class_index, flow = packet.class_index, packet.flow
        by_class[class_index] = by_class.get(class_index, 0) + service_ns
        by_flow[flow] = by_flow.get(flow, 0) + service_ns

    def cut(self, packet: "Packet", unsent_ns: int) -> None:
        """Take back what was left of a transmission that an outage ended."""
        self.add(packet, -unsent_ns)

    def forget(self) -> None:
        """Begin anew: nobody waits."""
        self.by_class.clear()
        self.by_flow.clear()
