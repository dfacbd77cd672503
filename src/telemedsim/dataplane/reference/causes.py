"""Where a transfer's time went: the chain of causes back from a packet's arrival.

A data segment was sent because of an ACK, or of the application's write; an ACK because of a data
segment; a retransmission because its first transmission failed. Each packet holds its trigger, so
the chain can be walked back, and what no chain needs is freed.
"""

from typing import TYPE_CHECKING

from telemedsim.dataplane.reference.packet import Packet, split_of_packet
from telemedsim.records.flows import (
    ACKNOWLEDGEMENT_WAIT,
    QUEUEING,
    RETRANSMISSION,
    SERVER,
    TRANSMISSION,
    Split,
)

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface

DATA, ACK, SYN, SYN_ACK = 0, 1, 2, 3
"""Kinds of a transfer's packets."""

MOST_ROUNDS = 64
"""After so many round trips a chain is summed into a new origin, which bounds the memory."""


class Origin:
    """The end of a chain: a moment, and where the time from the transfer's start to it went."""

    __slots__ = ("rounds", "split", "time_ns")

    def __init__(self, time_ns: int, split: Split) -> None:
        self.time_ns = time_ns
        self.split = split
        self.rounds = 0


Trigger = Packet | Origin


def later(split: Split, server_ns: int) -> Split:
    """Return a split with time at the server added; the same object if there is none."""
    if server_ns == 0:
        return split
    after = copy_of(split)
    after.ends[SERVER] += server_ns
    return after


def copy_of(split: Split) -> Split:
    """Return a split of its own lists."""
    return Split({i: parts[:] for i, parts in split.hops.items()}, split.ends[:])


def shortened(trigger: Trigger, now: int) -> Trigger:
    """Return the trigger, or an origin in its place if it is an ACK of now with a long chain."""
    if trigger.rounds < MOST_ROUNDS or isinstance(trigger, Origin) or trigger.kind != ACK:
        return trigger
    return Origin(now, split_until(trigger, now))


def split_until(packet: Packet, now: int, by_parts: bool = True) -> Split:
    """Return the time from the transfer's start to a packet's arrival now, taken apart.

    If the packet is data, its own flight counts part by part (unless ``by_parts`` says no). In the
    rounds before, transmission of data and all queueing, delay variation and outages keep their
    names and links; the rest of a round (propagation both ways, the ACK's own bits, the delayed-ACK
    timer, 1 ns a host) is acknowledgement wait. From a segment's first transmission to a later one
    is retransmission. The sum is exact: what a round does not name is taken as the difference.
    """
    hops: dict[int, list[int]] = {}
    ends = [0, 0, 0, 0]
    counts: dict[tuple[int, int], int] = {}
    routes: dict[tuple[int, int], tuple[Interface, ...]] = {}
    reached = now
    if by_parts and packet.kind == DATA:
        hops = split_of_packet(packet).hops
        reached = packet.sent_ns
    else:
        reached = add_round(hops, ends, packet, now)
        count_data(counts, routes, packet)
    while True:
        trigger = packet.trigger
        while isinstance(trigger, Packet) and trigger.kind == packet.kind:
            ends[RETRANSMISSION] += reached - trigger.sent_ns
            reached = trigger.sent_ns
            trigger = trigger.trigger
        if not isinstance(trigger, Packet):
            break
        packet = trigger
        reached = add_round(hops, ends, packet, reached)
        count_data(counts, routes, packet)
    for key, count in counts.items():
        ends[ACKNOWLEDGEMENT_WAIT] -= add_transmissions(hops, routes[key], key[0], count)
    assert isinstance(trigger, Origin)
    ends[ACKNOWLEDGEMENT_WAIT] += reached - trigger.time_ns
    add_split(hops, ends, trigger.split)
    return Split(hops, ends)


def count_data(
    counts: dict[tuple[int, int], int],
    routes: "dict[tuple[int, int], tuple[Interface, ...]]",
    packet: Packet,
) -> None:
    """Count a data packet by size and route: its own bits are added once for all of a kind."""
    if packet.kind == DATA:
        key = (packet.ip_bytes, packet.route[0].index)
        counts[key] = counts.get(key, 0) + 1
        routes[key] = packet.route


def add_round(hops: dict[int, list[int]], ends: list[int], packet: Packet, until_ns: int) -> int:
    """Add the time from a packet's sending to ``until_ns``, less its own bits if it is data.

    What the packet's hops waited keeps its name (for an ACK, waiting behind its own flow does not);
    the rest is acknowledgement wait. Returns when it was sent.
    """
    named_ns = 0
    is_data = packet.kind == DATA
    for interface, part, ns in packet.extras or ():
        parts = hops.get(interface)
        if parts is None:
            parts = parts_at(hops, *class_count_at(packet, interface))
        if is_data or part != TRANSMISSION:
            parts[part] += ns
            named_ns += ns
    ends[ACKNOWLEDGEMENT_WAIT] += until_ns - packet.sent_ns - named_ns
    return packet.sent_ns


def class_count_at(packet: Packet, index: int) -> tuple[int, int]:
    """Return an interface of a packet's route by its index, and its number of classes."""
    return index, next(one.class_count for one in packet.route if one.index == index)


def add_transmissions(
    hops: dict[int, list[int]], route: "tuple[Interface, ...]", ip_bytes: int, count: int
) -> int:
    """Add the own bits of ``count`` packets of one size on all hops; return their time."""
    total_ns = 0
    for interface in route:
        service_ns = count * interface.service_ns(ip_bytes)
        parts_at(hops, interface.index, interface.class_count)[TRANSMISSION] += service_ns
        total_ns += service_ns
    return total_ns


def add_split(hops: dict[int, list[int]], ends: list[int], other: Split) -> None:
    """Add a split to hops and ends."""
    for position, ns in enumerate(other.ends):
        ends[position] += ns
    for interface, parts in other.hops.items():
        mine = hops.get(interface)
        if mine is None:
            hops[interface] = parts[:]
        else:
            for position, ns in enumerate(parts):
                mine[position] += ns


def parts_at(hops: dict[int, list[int]], index: int, class_count: int) -> list[int]:
    """Return the parts of an interface, made if it has none yet."""
    parts = hops.get(index)
    if parts is None:
        parts = hops[index] = [0] * (QUEUEING + class_count)
    return parts
