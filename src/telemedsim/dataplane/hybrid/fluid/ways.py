"""One direction of a connection over a path: what its data take of each queue, and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from telemedsim.core.units import framed_bytes, transmission_ns
from telemedsim.dataplane.base import Transfer
from telemedsim.dataplane.hybrid.fluid.tcp_limits import loss_limit
from telemedsim.network.plan import Interfaces
from telemedsim.parts.transport import Tcp


class Lines:
    """What ways need of a table of interfaces, as Python's integers."""

    def __init__(self, table: Interfaces, classes: tuple[str, ...]) -> None:
        self.class_names = classes
        self.classes = len(classes)
        self.rate_bps: list[int] = table.rate_bps.tolist()
        self.propagation_ns: list[int] = table.propagation_ns.tolist()
        self.loss = table.loss
        self.delay_variation = table.delay_variation
        self.scheduler = table.scheduler
        self.kind = [scheduler.kind for scheduler in table.scheduler]
        self._overhead_bytes: list[int] = table.overhead_bytes.tolist()
        self._queue_limit: list[int] = table.queue_limit.tolist()
        self._queue_in_bytes: list[int] = table.queue_in_bytes.tolist()
        self._min_frame_bytes: list[int] = table.min_frame_bytes.tolist()

    def frame_bytes(self, interface: int, ip_bytes: int) -> int:
        """Return the bytes on the wire of an IP packet."""
        return framed_bytes(
            ip_bytes, self._overhead_bytes[interface], self._min_frame_bytes[interface]
        )

    def transmission_ns(self, interface: int, ip_bytes: int) -> int:
        """Return the time to send an IP packet."""
        return transmission_ns(self.frame_bytes(interface, ip_bytes), self.rate_bps[interface])

    def one_way_ns(self, path: Sequence[int], ip_bytes: int) -> int:
        """Return the time of one packet over an empty path, with the host's 1 ns."""
        return 1 + sum(
            self.propagation_ns[one] + self.transmission_ns(one, ip_bytes) for one in path
        )

    def buffer_bytes(self, interface: int, ip_bytes: int) -> int:
        """Return the limit of an interface's queue in bytes, for packets of one size."""
        limit = self._queue_limit[interface]
        return limit if self._queue_in_bytes[interface] else limit * ip_bytes

    def queue(self, interface: int, class_index: int) -> int:
        """Return the number of the queue of a class: FIFO has one, the first."""
        return interface * self.classes + (0 if self.kind[interface] == "fifo" else class_index)


@dataclass(frozen=True)
class Way:
    """Data from one end to the other; rates are bytes of data a ns."""

    lines: Lines
    path: tuple[int, ...]
    back: tuple[int, ...]
    class_index: int
    tcp: Tcp
    _times: dict[int, tuple[int, int]] = field(default_factory=dict, compare=False)
    """IP bytes of a packet -> its transmission at the slowest interface, and the rest of its way."""

    @cached_property
    def full_bytes(self) -> int:
        """IP bytes of a full segment."""
        return self.tcp.segment_bytes + self.tcp.packet_overhead_bytes

    @cached_property
    def queues(self) -> tuple[int, ...]:
        """The queue of each hop."""
        return tuple(self.lines.queue(one, self.class_index) for one in self.path)

    @cached_property
    def loss(self) -> float:
        """Probability that a full segment is lost on the way."""
        kept = 1.0
        for one in self.path:
            frame_bytes = self.lines.frame_bytes(one, self.full_bytes)
            kept *= 1 - self.lines.loss[one].mean_loss(frame_bytes)
        return 1 - kept

    @cached_property
    def lossiest(self) -> int:
        """The interface that loses most."""
        return max(
            self.path, key=lambda one: (self.lines.loss[one].mean_loss(self.full_bytes), -one)
        )

    @cached_property
    def units(self) -> tuple[float, ...]:
        """Bytes on each hop's wire for a byte of data: headers, framing, retransmissions."""
        again = 1 / (1 - self.loss) if self.loss < 1 else 1.0
        return tuple(
            again * self.lines.frame_bytes(one, self.full_bytes) / self.tcp.segment_bytes
            for one in self.path
        )

    @cached_property
    def slowest(self) -> int:
        """The interface where a full segment takes longest, the first of equals."""
        return max(
            self.path,
            key=lambda one: (
                self.lines.transmission_ns(one, self.full_bytes),
                -self.path.index(one),
            ),
        )

    @cached_property
    def line_rate(self) -> float:
        """Data rate of full segments at the slowest interface."""
        return self.tcp.segment_bytes / self.lines.transmission_ns(self.slowest, self.full_bytes)

    def tail_ns(self, ip_bytes: int) -> int:
        """Return the time from a packet's last bit at the slowest interface to its arrival."""
        return self._times_of(ip_bytes)[1]

    def slowest_ns(self, ip_bytes: int) -> int:
        """Return a packet's transmission at the slowest interface."""
        return self._times_of(ip_bytes)[0]

    def _times_of(self, ip_bytes: int) -> tuple[int, int]:
        times = self._times.get(ip_bytes)
        if times is None:
            own_ns = self.lines.transmission_ns(self.slowest, ip_bytes)
            times = own_ns, self.lines.one_way_ns(self.path, ip_bytes) - own_ns
            self._times[ip_bytes] = times
        return times

    @cached_property
    def round_trip_ns(self) -> int:
        """From the first bit of a window to the ACK that opens the next one, on an empty path."""
        lines, tcp = self.lines, self.tcp
        together = (tcp.segments_per_ack if tcp.delayed_ack else 1) - 1
        there_ns = lines.one_way_ns(self.path, self.full_bytes)
        there_ns += together * lines.transmission_ns(self.slowest, self.full_bytes)
        return there_ns + lines.one_way_ns(self.back, tcp.ack_bytes(0))

    @cached_property
    def timeout_ns(self) -> int:
        """Retransmission timeout once the round trip is known to be steady."""
        return self.round_trip_ns + self.tcp.min_rto_ns

    @cached_property
    def most_in_flight_bytes(self) -> float:
        """What the path holds alone: a round trip at the line's rate and the slowest queue's buffer."""
        held = self.line_rate * self.round_trip_ns
        held += self.lines.buffer_bytes(self.slowest, self.full_bytes)
        return min(held, self.tcp.receive_window_bytes)

    @cached_property
    def segment_bytes(self) -> int:
        """Data in a full segment."""
        return self.tcp.segment_bytes

    @cached_property
    def overhead_bytes(self) -> int:
        """IP and TCP headers of a segment."""
        return self.tcp.packet_overhead_bytes

    @cached_property
    def window_rate(self) -> float:
        """Limit by the receive window, and by the line."""
        return min(self.line_rate, self.tcp.receive_window_bytes / self.round_trip_ns)

    @cached_property
    def loss_rate(self) -> float:
        """Limit by loss."""
        return loss_limit(self.tcp, self.loss, self.round_trip_ns)


class Ways:
    """Both ways of a transfer, made once for all transfers of a path, class and TCP."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._made: dict[tuple[object, ...], tuple[Way, Way]] = {}

    def of(self, transfer: Transfer) -> tuple[Way, Way]:
        """Return the ways from end 0 to end 1 and back."""
        there, back = transfer.forward, transfer.backward
        class_index, tcp = transfer.class_index, transfer.tcp
        key = (there, back, class_index, tcp)
        ways = self._made.get(key)
        if ways is None:
            ways = self._made[key] = (
                Way(self._lines, there, back, class_index, tcp),
                Way(self._lines, back, there, class_index, tcp),
            )
        return ways
