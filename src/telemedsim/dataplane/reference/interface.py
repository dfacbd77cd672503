"""One direction of a link: drop policy, queues, scheduler, transmitter and the wire.

Invariant: a packet that arrived here is waiting, in transmission, sent on or lost, and counted once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telemedsim.core.units import framed_bytes, transmission_ns
from telemedsim.dataplane.reference.happenings import (
    DEPARTURE,
    HOST,
    Callback,
    Clock,
    ignore,
)
from telemedsim.dataplane.reference.queues import Queue, Queues, Size
from telemedsim.dataplane.reference.waiting import Busy
from telemedsim.dataplane.reference.wire import Wire
from telemedsim.records.flows import IMPAIRMENT, OUTAGE_LOSS, OVERFLOW, InterfaceRecord
from telemedsim.records.interface_series import BUSY_NS, CARRIED_BYTES, InterfaceSeries

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.packet import Packet


@dataclass(frozen=True, slots=True)
class Setting:
    """What an interface is made of."""

    index: int
    class_count: int
    rate_bps: int
    propagation_ns: int
    overhead_bytes: int
    min_frame_bytes: int
    series_bin_ns: int


class Interface:
    """Accepts, queues, sends and delivers packets; counts all of it."""

    __slots__ = (
        "_bin",
        "_bin_begin_ns",
        "_bin_end_ns",
        "_busy",
        "_clock",
        "_departure",
        "_down_since_ns",
        "_drop_draw",
        "_host_callback",
        "_queue",
        "_series",
        "_size",
        "_sizes",
        "_started_ns",
        "acceptance",
        "class_count",
        "index",
        "propagation_ns",
        "queues",
        "record",
        "sending",
        "setting",
        "up",
        "wire",
    )

    def __init__(
        self,
        setting: Setting,
        queues: Queues,
        wire: Wire,
        drop_draw: Callable[[int], int] | None,
        clock: Clock,
        host_callback: Callback,
    ) -> None:
        self.setting = setting
        self.index = setting.index
        self.class_count = setting.class_count
        self.propagation_ns = setting.propagation_ns
        self.queues = queues
        self.wire = wire
        self.record = InterfaceRecord()
        self.up = True
        self.sending: Packet | None = None
        """The packet in transmission; then its size, queue and times."""
        self._size = Size(0, 0, 0)
        self._queue = queues.of_class[0]
        self._started_ns = 0
        self._down_since_ns = 0
        self._busy = Busy(setting.index)
        self._drop_draw = drop_draw
        self._clock = clock
        self._host_callback = host_callback
        self.acceptance: Callback = self.accept
        """What happens to a packet that arrives here."""
        self._departure: Callback = self._depart
        self._sizes: dict[int, Size] = {}
        self._bin_begin_ns, self._bin_end_ns = 0, -1
        self._bin: list[int] = [0, 0, 0]
        self._series: dict[int, list[int]] = {}

    def service_ns(self, ip_bytes: int) -> int:
        """Return the time to send a packet of this size."""
        return self.size(ip_bytes).service_ns

    def size(self, ip_bytes: int) -> Size:
        """Return what an IP packet's size means here."""
        size = self._sizes.get(ip_bytes)
        if size is None:
            setting = self.setting
            frame_bytes = framed_bytes(ip_bytes, setting.overhead_bytes, setting.min_frame_bytes)
            service_ns = transmission_ns(frame_bytes, setting.rate_bps)
            size = Size(frame_bytes, service_ns, self.wire.threshold(frame_bytes))
            self._sizes[ip_bytes] = size
        return size

    def expect(self, packet: "Packet", time_ns: int) -> None:
        """Let a packet arrive here at ``time_ns``, which is not before now."""
        packet.due_ns = time_ns
        packet.callback = self.acceptance
        self._clock.schedule_at(time_ns, packet.order, packet)

    def accept(self, packet: "Packet") -> None:
        """Accept or refuse a packet that arrives now."""
        now = packet.due_ns
        record, queues = self.record, self.queues
        size = self._sizes.get(packet.ip_bytes) or self.size(packet.ip_bytes)
        frame_bytes = size[0]
        draw = self._drop_draw(record.arrived_packets) if self._drop_draw is not None else 0
        record.arrived_packets += 1
        record.arrived_bytes += frame_bytes
        queue = queues.of_class[packet.class_index]
        held, held_bytes = queue.held_packets, queue.held_bytes
        if not queues.drop_accept(
            queue.drop_state, held, held_bytes, frame_bytes, now, queue.emptied_ns, draw
        ):
            self._lose(packet, OVERFLOW, now)
            return
        queue.held_packets, queue.held_bytes = held + 1, held_bytes + frame_bytes
        inside = 1
        if self.sending is None and self.up:
            if not queues.single:
                queues.pass_through(queue, size, now - record.down_ns)
            self._start(packet, size, queue, now)
        else:
            snapshot = self._busy.snapshot(packet, self.sending, now)
            queues.push(queue, packet, size, now, snapshot, self._scheduler_ns(now))
            inside = queues.waiting if self.sending is None else queues.waiting + 1
        if inside > record.max_queue_packets:
            record.max_queue_packets = inside

    def _scheduler_ns(self, now: int) -> int:
        """Return the scheduler's time, which stands still while the link is down."""
        return (now if self.up else self._down_since_ns) - self.record.down_ns

    def _serve_next(self, now: int) -> None:
        """Begin the transmission of the packet that the scheduler chooses."""
        queues, busy = self.queues, self._busy
        queue, entry = queues.pop(now - self.record.down_ns)
        packet, size, accepted_ns, snapshot, _ = entry
        if now > accepted_ns:
            busy.note_wait(packet, snapshot, now - accepted_ns)
        if queues.waiting:
            busy.add(packet, size[1])
        elif busy.by_class:
            busy.forget()
        self._start(packet, size, queue, now)

    def _start(self, packet: "Packet", size: Size, queue: Queue, now: int) -> None:
        self.sending = packet
        self._size = size
        self._queue = queue
        self._started_ns = now
        departs_ns = packet.due_ns = now + size[1]
        packet.callback = self._departure
        self._clock.schedule_at(departs_ns, DEPARTURE, packet)

    def _depart(self, packet: "Packet") -> None:
        """End a transmission: free the place, choose the next packet, then send this one on."""
        now, size, started_ns = packet.due_ns, self._size, self._started_ns
        queues = self.queues
        self.record.carried_packets += 1
        if self._bin_begin_ns <= started_ns and now <= self._bin_end_ns:
            self._bin[0] += now - started_ns
        else:
            self._count_busy(started_ns, now)
        self._bin[1] += size[0]
        self._queue.release(size[0], now)
        self.sending = None
        if queues.waiting:
            self._serve_next(now)
        arrival_ns = self.wire.arrival_ns(packet, size[2], now)
        if arrival_ns < 0:
            self._lose(packet, IMPAIRMENT, now)
            return
        packet.due_ns = arrival_ns
        hop = packet.hop = packet.hop + 1
        route = packet.route
        if hop < len(route):
            packet.order += 1
            packet.callback = route[hop].acceptance
            self._clock.schedule_at(arrival_ns, packet.order, packet)
        else:
            packet.callback = self._host_callback
            self._clock.schedule_at(arrival_ns, HOST + packet.flow, packet)

    def _lose(self, packet: "Packet", cause: int, now: int) -> None:
        self.record.lost_packets[cause] += 1
        self._open_bin(now)
        self._bin[2] += 1
        packet.endpoint.lost(packet, self.index, cause, now)

    def _open_bin(self, now: int) -> None:
        """Make the bin that holds (now - 1, now] the current one of the series."""
        if not self._bin_begin_ns < now <= self._bin_end_ns:
            width = self.setting.series_bin_ns
            number = max(now - 1, 0) // width
            self._bin = self._series.setdefault(number, [0, 0, 0])
            self._bin_begin_ns, self._bin_end_ns = number * width, (number + 1) * width

    def _count_busy(self, begin_ns: int, now: int) -> None:
        """Count a transmission in each bin of the series it reaches into."""
        while begin_ns < now:
            self._open_bin(begin_ns + 1)
            end_ns = min(now, self._bin_end_ns)
            self._bin[0] += end_ns - begin_ns
            begin_ns = end_ns

    def take_down(self, now: int) -> None:
        """Take the link out of service: the packet in transmission is lost, the queue waits."""
        if not self.up:
            return
        self.up = False
        self._down_since_ns = now
        packet = self.sending
        if packet is None:
            return
        packet.callback = ignore
        self._busy.cut(packet, packet.due_ns - now)
        self._count_busy(self._started_ns, now)
        self._queue.release(self._size[0], now)
        self.sending = None
        self._lose(packet, OUTAGE_LOSS, now)

    def bring_up(self, now: int) -> None:
        """Put the link back into service."""
        if self.up:
            return
        self.up = True
        self.record.down_ns += now - self._down_since_ns
        if self.queues.waiting:
            self._serve_next(now)

    def close(self, now: int, on_wire: int) -> InterfaceRecord:
        """Return the record at the end of the run; what is under way is counted as queued.

        ``on_wire`` are the packets sent here that have not arrived.
        """
        record = self.record
        if self.sending is not None:
            self._count_busy(self._started_ns, now)
        if not self.up:
            record.down_ns += now - self._down_since_ns
            self._down_since_ns = now
        record.series = InterfaceSeries.of_counts(self._series)
        record.busy_ns = record.series.total(BUSY_NS)
        record.carried_bytes = record.series.total(CARRIED_BYTES)
        record.delivered_packets = (
            record.carried_packets - record.lost_packets[IMPAIRMENT] - on_wire
        )
        sending = 1 if self.sending is not None else 0
        record.queued_packets = self.queues.waiting + sending + on_wire
        return record
