"""A transfer under way as a fluid, and where its time went; the parts close on the time exactly."""

from array import array
from dataclasses import dataclass, field

from telemedsim.dataplane.base import Transfer
from telemedsim.dataplane.hybrid.fluid.messages import Batch, Sender, packet_bytes
from telemedsim.dataplane.hybrid.fluid.ways import Way
from telemedsim.records.flows import (
    ACKNOWLEDGEMENT_WAIT,
    OUTAGE,
    PROPAGATION,
    QUEUEING,
    RETRANSMISSION,
    SERVER,
    TRANSMISSION,
    Split,
)


@dataclass(slots=True)
class Course:
    """What is known of a transfer until its last step has arrived."""

    transfer: Transfer
    ways: tuple[Way, Way]
    senders: tuple[Sender, Sender]
    base: Split = field(default_factory=Split)
    """Where the time from the start to ``base_ns`` went."""
    base_ns: int = 0
    batch: Batch | None = None
    flow: int = -1
    """Its number in the network, -1 while no bytes flow."""
    is_closed: bool = False
    timeouts: int = 0
    segments: list[int] = field(default_factory=lambda: [0, 0])
    data_bytes: list[int] = field(default_factory=lambda: [0, 0])
    delivered_bytes: int = 0
    end_ns: int = -1
    marks: "list[tuple[int, int, array[int]]]" = field(default_factory=list)

    def sent_split(self, waited: list[float], stopped: list[float], classes: int) -> Split:
        """Return the time from the start to the batch's last bit at the slowest interface."""
        batch = self.batch
        assert batch is not None
        way = batch.way
        split = copy_of(self.base)
        split.ends[SERVER] += round(batch.server_ns)
        split.ends[RETRANSMISSION] += round(batch.lost_ns + batch.resumed_ns)
        own_ns = min(batch.size_bytes / way.line_rate, batch.flow_ns)
        parts = parts_at(split, way.slowest, classes)
        parts[TRANSMISSION] += round(own_ns)
        queueing = QUEUEING + self.transfer.class_index
        for interface, wait_ns, stop_ns in zip(way.path, waited, stopped, strict=False):
            # What is under a nanosecond a wait is rounding.
            if wait_ns >= 1.0 or stop_ns >= 1.0:
                there = parts_at(split, interface, classes)
                there[queueing] += round(max(0.0, wait_ns))
                there[OUTAGE] += round(stop_ns)
        close(split, batch.sent_ns - self.transfer.start_ns, parts)
        return split

    def resume_after(self, since_ns: int, now: int) -> int:
        """Return when a flow stopped by an outage is tried again after the repair, which is now.

        Timeouts double from the failure on (RFC 6298, 5.5); the time from the repair is retransmission.
        """
        batch = self.batch
        assert batch is not None
        timeout_ns, max_ns = batch.way.timeout_ns, batch.way.tcp.max_rto_ns
        due_ns = since_ns + timeout_ns
        self.timeouts += 1
        while due_ns < now:
            timeout_ns = min(2 * timeout_ns, max_ns)
            due_ns += timeout_ns
            self.timeouts += 1
        batch.resumed_ns += due_ns - now
        return due_ns


def copy_of(split: Split) -> Split:
    """Return a split of its own lists."""
    return Split({one: parts[:] for one, parts in split.hops.items()}, split.ends[:])


def parts_at(split: Split, interface: int, classes: int) -> list[int]:
    """Return an interface's parts, made if it has none yet."""
    return split.hops.setdefault(interface, [0] * (QUEUEING + classes))


def close(split: Split, total_ns: int, parts: list[int]) -> None:
    """Have a split close on a time: what lacks was waiting for acknowledgements, what is too much
    is rounding and taken off a transmission."""
    rest = total_ns - split.total_ns()
    if rest >= 0:
        split.ends[ACKNOWLEDGEMENT_WAIT] += rest
    else:
        parts[TRANSMISSION] += rest


def add_flight(split: Split, way: Way, size_bytes: int, classes: int, by_parts: bool) -> None:
    """Add a last packet's way from the slowest interface on; else as a round of the protocol."""
    ip_bytes = packet_bytes(way, size_bytes)
    for interface in way.path:
        parts = parts_at(split, interface, classes)
        if interface != way.slowest:
            parts[TRANSMISSION] += way.lines.transmission_ns(interface, ip_bytes)
        if by_parts:
            parts[PROPAGATION] += way.lines.propagation_ns[interface]
        else:
            split.ends[ACKNOWLEDGEMENT_WAIT] += way.lines.propagation_ns[interface]
    split.ends[ACKNOWLEDGEMENT_WAIT] += 1


def packed(split: Split) -> "array[int]":
    """Return a split in a few integers: its ends, then (interface, part, ns) of all that is not 0."""
    numbers = array("q", split.ends)
    for interface, parts in split.hops.items():
        for part, ns in enumerate(parts):
            if ns:
                numbers.extend((interface, part, ns))
    return numbers


def unpacked(numbers: "array[int]", classes: int) -> Split:
    """Return the split of `packed`.

    >>> split = Split({3: [0, 7, 0, 0, 0]}, [1, 0, 0, 0])
    >>> unpacked(packed(split), 1) == split
    True
    """
    split = Split({}, list(numbers[:4]))
    for at in range(4, len(numbers), 3):
        interface, part, ns = numbers[at : at + 3]
        parts_at(split, interface, classes)[part] = ns
    return split
