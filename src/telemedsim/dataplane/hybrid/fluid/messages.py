"""What one or several messages of a transfer cost on an empty network: waits, and bytes that share.

One message: the sender waits for ACKs while its window opens; then its bytes flow. A long exchange without a
report between (C-STORE: an object, its answer, the next object) is one flow of all its bytes, with
a cap that stands for its pauses: bytes / (pauses + bytes / rate). Alone it takes exactly the sum; where its
share falls below the cap, pauses are taken to be filled by others (error map in docs/fluid_errors.md).
"""

from dataclasses import dataclass

from telemedsim.dataplane.base import Step
from telemedsim.dataplane.hybrid.fluid.tcp_limits import (
    idle_in_slow_start,
    loss_free_segments,
    window_after,
)
from telemedsim.dataplane.hybrid.fluid.ways import Way

WORST_TIMES = 1e9
"""Round trips a segment where everything is lost."""
SHRINKS_TO = {"cubic": 0.7, "new_reno": 0.5}
"""What a loss leaves of the window (RFC 9438, 4.6; RFC 5681, 3.1)."""
MOST_SINGLE_STEPS = 16
"""A longer run of messages without a report is one flow (assumption: speed against detail)."""


@dataclass(slots=True)
class Sender:
    """What a sender's TCP remembers between messages."""

    window_bytes: int
    sent_segments: int = 0
    last_sent_ns: int = -1


@dataclass(slots=True)
class Batch:
    """Messages that are one flow; times in ns as floats until they are recorded."""

    first: int
    last: int
    way: Way
    """Of the end that sends most; the last message's way may be the other one."""
    last_way: Way
    began_ns: int
    size_bytes: int = 0
    is_exchange: bool = False
    server_ns: float = 0.0
    idle_ns: float = 0.0
    """Waiting for acknowledgements, and for messages there and back that are not the last."""
    lost_ns: float = 0.0
    """Beyond what the bytes would take without loss."""
    resumed_ns: float = 0.0
    """After outages: from the repair to the retransmission."""
    flow_ns: float = 0.0
    """What the bytes take alone, at the way's own limits."""
    sent_ns: int = -1
    written_ns: int = -1
    """When the application wrote the last message."""

    @property
    def pauses_ns(self) -> float:
        """Time in which nothing flows."""
        return self.server_ns + self.idle_ns

    @property
    def cap(self) -> float:
        """Most bytes a ns: an exchange's with its pauses, a message's without."""
        return self.size_bytes / (self.flow_ns + (self.pauses_ns if self.is_exchange else 0.0))


def last_of_batch(steps: tuple[Step, ...], first: int) -> int:
    """Return the last step of the batch that begins at a step."""
    last = first
    while last + 1 < len(steps) and not steps[last].report:
        last += 1
    return last if last - first >= MOST_SINGLE_STEPS else first


def plan(
    steps: tuple[Step, ...],
    first: int,
    ways: tuple[Way, Way],
    senders: tuple[Sender, Sender],
    now_ns: int,
    offered: tuple[float, float],
) -> Batch:
    """Return the batch that begins at a step; the senders' windows are as after it.

    ``offered``: about what rate each way's bytes would get now.
    """
    last = last_of_batch(steps, first)
    sizes = [0, 0]
    for step in steps[first : last + 1]:
        sizes[step.sender] += step.size_bytes
    main = 0 if sizes[0] >= sizes[1] else 1
    batch = Batch(first, last, ways[main], ways[steps[last].sender], now_ns)
    batch.is_exchange = last > first
    for number in range(first, last + 1):
        step = steps[number]
        way = ways[step.sender]
        batch.server_ns += step.delay_ns
        at_ns = now_ns + int(batch.pauses_ns + batch.flow_ns)
        flow_ns = add_message(
            batch, step.size_bytes, way, senders[step.sender], offered, main, at_ns
        )
        if step.sender == main:
            batch.size_bytes += step.size_bytes
            batch.flow_ns += flow_ns
        else:
            batch.idle_ns += flow_ns
        if number < last and steps[number + 1].sender != step.sender:
            batch.idle_ns += way.tail_ns(packet_bytes(way, step.size_bytes))
    return batch


def add_message(
    batch: Batch,
    size_bytes: int,
    way: Way,
    sender: Sender,
    offered: tuple[float, float],
    main: int,
    now_ns: int,
) -> float:
    """Add a message's waits to a batch; return how long its bytes flow alone."""
    tcp, loss = way.tcp, way.loss
    idle_ns = now_ns - sender.last_sent_ns if sender.last_sent_ns >= 0 else 0
    if idle_ns > way.timeout_ns and tcp.restart_after_idle:
        initial_bytes = tcp.initial_window_segments * way.segment_bytes
        sender.window_bytes = min(sender.window_bytes, initial_bytes)
    segments = -(-size_bytes // way.segment_bytes)
    free = loss_free_segments(loss, sender.sent_segments, segments) / segments if loss else 1.0
    if free * size_bytes > sender.window_bytes:
        rate = min(way.window_rate, offered[main] if way is batch.way else way.window_rate)
        batch.idle_ns += idle_in_slow_start(
            free * size_bytes, sender.window_bytes, rate, way.round_trip_ns
        )
    before_bytes = sender.window_bytes
    sender.window_bytes = window_after(size_bytes, before_bytes, tcp.receive_window_bytes)
    sender.sent_segments += segments
    if segments == 1:
        flow_ns = float(way.slowest_ns(size_bytes + way.overhead_bytes))
    else:
        flow_ns = size_bytes / way.window_rate
    if free < 1:
        at_loss_bytes = min(before_bytes + free * size_bytes, way.most_in_flight_bytes)
        rest_bytes = (1 - free) * size_bytes
        lossy_ns, window_bytes = time_with_loss(way, rest_bytes, at_loss_bytes)
        sender.window_bytes = int(window_bytes)
        batch.lost_ns += lossy_ns - rest_bytes / way.window_rate
        flow_ns += lossy_ns - rest_bytes / way.window_rate
    sender.last_sent_ns = now_ns + int(flow_ns)
    return flow_ns


def time_with_loss(way: Way, size_bytes: float, window_bytes: float) -> tuple[float, float]:
    """Return how long bytes take from a connection's first loss on, and the window after them.

    Each loss, one every 1 / p segments, shrinks the window, until it is the long run's. The window at the
    end of slow start is often far above that: of a CT on a long path with 0.1 % loss all is sent
    before CUBIC has come down.
    """
    shrinks_to = SHRINKS_TO[way.tcp.algorithm]
    steady_bytes = max(way.loss_rate * way.round_trip_ns, way.segment_bytes / WORST_TIMES)
    period_bytes = way.segment_bytes / way.loss
    passed_ns = 0.0
    while size_bytes > 0:
        window_bytes = max(window_bytes * shrinks_to, steady_bytes)
        sent_bytes = size_bytes if window_bytes == steady_bytes else min(size_bytes, period_bytes)
        passed_ns += sent_bytes / min(way.window_rate, window_bytes / way.round_trip_ns)
        size_bytes -= sent_bytes
    return passed_ns, max(window_bytes, way.segment_bytes)


def packet_bytes(way: Way, size_bytes: int) -> int:
    """Return the IP bytes of a message's last packet."""
    last_bytes = size_bytes % way.segment_bytes or way.segment_bytes
    return last_bytes + way.overhead_bytes
