"""A packet, and the two sides between which it travels: endpoints and the plane."""

from typing import TYPE_CHECKING, Protocol

from telemedsim.dataplane.reference.happenings import (
    ACCEPTANCE,
    FLOW_SHIFT,
    ROW_MASK,
    Happening,
    ignore,
)
from telemedsim.records.flows import PROPAGATION, QUEUEING, TRANSMISSION, Split

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface

Extra = tuple[int, int, int]
"""Time beyond propagation and the packet's own bits: (interface index, part of the hop's split, ns).

Waiting behind the packet's own flow is transmission, behind other flows queueing of their class.
"""


class Endpoint(Protocol):
    """What receives packets at the end of their route, and hears its timer."""

    def receive(self, packet: "Packet") -> None:
        """Take a packet that has arrived at the end of its route now."""

    def lost(self, packet: "Packet", interface: int, cause: int, now: int) -> None:
        """Count a packet lost at an interface (LOSS_CAUSES); accounting only, it decides nothing."""

    def on_timer(self, now: int) -> None:
        """Act on the timer that was set for now."""


class Packet(Happening):
    """One packet (one copy, for multicast) on its way, and the event of its next arrival.

    ``route[:hop]`` are the interfaces that have sent it. ``row`` and ``number`` order packets of a
    flow that reach an interface at one instant: a transfer's packets begin at row 0 from end 0 and
    at row ``len(forward)`` from end 1. Packets of one row follow each other in order of number, so
    ``order`` holds flow and row only.
    """

    __slots__ = (
        "ack",
        "class_index",
        "due_ns",
        "end_seq",
        "endpoint",
        "extras",
        "flow",
        "frame",
        "hop",
        "ip_bytes",
        "kind",
        "number",
        "order",
        "rounds",
        "route",
        "sack",
        "sent_ns",
        "seq",
        "transmission",
        "trigger",
    )

    flow: int
    order: int
    """Its priority among packets that reach an interface at one instant."""
    number: int
    """Counts the packets of its flow and direction in the order of sending."""
    class_index: int
    ip_bytes: int
    sent_ns: int
    """When it reached its first interface; set by the plane."""
    due_ns: int
    """When it reaches the next interface, or behind the last one its host."""
    hop: int
    """Interfaces that have sent it."""
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
        self.callback = ignore
        self.flow = flow
        self.order = ACCEPTANCE + (flow << FLOW_SHIFT) + row
        self.number = number
        self.class_index = class_index
        self.ip_bytes = ip_bytes
        self.route = route
        self.endpoint = endpoint
        self.hop = 0
        self.extras = None

    def is_on_wire(self) -> bool:
        """Tell whether it has been sent by one interface and not yet reached the next place."""
        if self.hop == 0 or self.callback is ignore:
            return False
        return self.hop == len(self.route) or self.route[self.hop].sending is not self

    @property
    def row(self) -> int:
        """The row of its flow's tree on which it is."""
        return self.order & ROW_MASK


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
    return split_of(packet.route[: packet.hop], packet.ip_bytes, packet.extras)


def split_of(path: "tuple[Interface, ...]", ip_bytes: int, extras: list[Extra] | None) -> Split:
    """Return the delay of a packet that crossed ``path`` taken apart."""
    hops: dict[int, list[int]] = {}
    for interface in path:
        index = interface.index
        if index not in hops:
            hops[index] = [0] * (QUEUEING + interface.class_count)
        parts = hops[index]
        parts[PROPAGATION] += interface.propagation_ns
        parts[TRANSMISSION] += interface.service_ns(ip_bytes)
    for index, part, ns in extras or ():
        hops[index][part] += ns
    return Split(hops=hops)
