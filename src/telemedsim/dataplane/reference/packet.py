"""A packet, and the two sides between which it travels: endpoints and the plane."""

from typing import TYPE_CHECKING, Protocol

from telemedsim.records.flows import OUTAGE, PROPAGATION, QUEUEING, TRANSMISSION, VARIATION, Split

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface

Extra = tuple[int, int, list[int], int, int]
"""What a hop took beyond propagation and the packet's own bits, all ns: (interface index, waiting
behind its own flow, waiting by class of other flows, delay variation, waiting during an outage)."""


class Endpoint(Protocol):
    """What receives packets at the end of their route, and hears its timer."""

    def receive(self, packet: "Packet") -> None:
        """Take a packet that has arrived at the end of its route now."""

    def lost(self, packet: "Packet", interface: int, cause: int) -> None:
        """Count a packet lost at an interface (LOSS_CAUSES); accounting only, it decides nothing."""

    def on_timer(self, now: int) -> None:
        """Act on the timer that was set for now."""


class Packet:
    """One packet (one copy, for multicast) on its way.

    ``route[: hop + 1]`` are the interfaces it has been accepted by. ``row`` and ``number`` order
    packets of a flow that reach an interface at one instant: a transfer's packets begin at
    row 0 from end 0 and at row ``len(forward)`` from end 1.
    """

    __slots__ = (
        "ack",
        "class_index",
        "end_seq",
        "endpoint",
        "extras",
        "flow",
        "frame",
        "hop",
        "ip_bytes",
        "kind",
        "number",
        "rounds",
        "route",
        "row",
        "sack",
        "sent_ns",
        "seq",
        "transmission",
        "trigger",
    )

    flow: int
    row: int
    number: int
    """Counts the packets of its flow and direction in the order of sending."""
    class_index: int
    ip_bytes: int
    sent_ns: int
    """When it reached its first interface; set by the plane."""
    hop: int
    route: "tuple[Interface, ...]"
    extras: list[Extra] | None
    """Only hops that took longer than propagation and the packet's own bits."""
    endpoint: Endpoint
    """Who receives it (and hears of its loss)."""
    frame: int
    """Stream packets: the frame it belongs to."""
    trigger: object
    """TCP: what made its sender send it; None for streams."""
    kind: int
    seq: int
    end_seq: int
    ack: int
    sack: tuple[int, ...]
    """SACK blocks: start, end, start, end, …"""
    transmission: int
    """TCP: 0 for a segment's first transmission, then 1, 2, …"""
    rounds: int
    """TCP: how many round trips its chain of triggers goes back."""

    def __init__(
        self,
        flow: int,
        row: int,
        number: int,
        class_index: int,
        ip_bytes: int,
        route: "tuple[Interface, ...]",
        endpoint: Endpoint,
    ) -> None:
        self.flow = flow
        self.row = row
        self.number = number
        self.class_index = class_index
        self.ip_bytes = ip_bytes
        self.route = route
        self.endpoint = endpoint
        self.hop = 0
        self.extras = None


class Host(Protocol):
    """What the plane offers to endpoints.

    A host answers 1 ns after what it answers to, so whatever it emits in `receive` or `on_timer`
    at t is accepted by the first interface at t + 1, in the order of (flow, row, number).
    """

    now: int

    def route(self, interfaces: tuple[int, ...]) -> "tuple[Interface, ...]":
        """Return the route over interfaces given by index; share it between packets."""

    def emit(self, packet: Packet) -> None:
        """Send a packet: sets ``sent_ns`` to now + 1, when its first interface accepts it."""

    def set_timer(self, endpoint: Endpoint, deadline_ns: int) -> None:
        """Set the endpoint's only timer (later than now); -1 cancels it. Cheap to set again."""

    def report(self, flow: int, step: int, last: bool) -> None:
        """Tell control that a marked step has wholly arrived now; ``last`` also ends the flow."""


def split_of_packet(packet: Packet) -> Split:
    """Return an arrived packet's one-way delay taken apart; it closes on now - ``sent_ns``."""
    hops: dict[int, list[int]] = {}
    for interface in packet.route[: packet.hop + 1]:
        parts = hops.setdefault(interface.index, [0] * (QUEUEING + interface.class_count))
        parts[PROPAGATION] += interface.propagation_ns
        parts[TRANSMISSION] += interface.service_ns(packet.ip_bytes)
    add_extras(hops, packet.extras)
    return Split(hops=hops)


def add_extras(hops: dict[int, list[int]], extras: list[Extra] | None) -> None:
    """Add a packet's waiting, delay variation and outages to the hops of a split."""
    for interface, own_ns, by_class, variation_ns, outage_ns in extras or ():
        parts = hops[interface]
        parts[TRANSMISSION] += own_ns
        parts[VARIATION] += variation_ns
        parts[OUTAGE] += outage_ns
        for class_index, waited_ns in enumerate(by_class):
            parts[QUEUEING + class_index] += waited_ns
