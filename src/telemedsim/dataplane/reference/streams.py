"""Streams: packets made chunk by chunk, copied where their tree branches, measured at each leg."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from telemedsim.dataplane.base import Received, Stream
from telemedsim.dataplane.reference.happenings import HOST, Callback, Happening, ignore
from telemedsim.dataplane.reference.measure import LegMeter
from telemedsim.dataplane.reference.packet import Packet
from telemedsim.dataplane.reference.routes import Branches
from telemedsim.parts.traffic import show
from telemedsim.records.flows import LegRecord

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface
    from telemedsim.dataplane.reference.plane import ReferencePlane

FrameCounts = dict[int, int]
"""Frame -> packets."""
CHUNK_PACKETS = 512
"""Packets made at a time: enough to make arrays worth while."""
FIRST_FRAMES = 8
"""Frames of the first chunk, from which the size of further ones is judged."""


class StreamRun:
    """A stream under way: sender, branching points and receivers in one endpoint."""

    def __init__(self, plane: "ReferencePlane", stream: Stream) -> None:
        self.stream = stream
        self._branches = Branches(stream.tree, plane.interfaces)
        self._legs = [
            StreamLeg(plane, stream, path) for path in self._branches.leg_paths(stream.tree)
        ]
        self._stop_ns = stream.stop_ns
        self._sent_packets = 0
        self._sent_bytes = 0
        self._sent_of_frame: FrameCounts = {}
        self._packets = self._make()
        self._announced: list[Packet] = []
        """The copies of the packet that is sent next."""
        self._send_callback: Callback = self._send
        self._following = next(self._packets, None)
        if self._following is not None:
            # Only from then on does the stream burden the clock's queue.
            beginning = Happening(self._announce)
            plane.clock.schedule_at(self._following[1], HOST + stream.flow, beginning)

    def _make(self) -> Iterator[tuple[int, int, int, int]]:
        """Give (number, time, size, frame) of each packet sent before the stream's stop."""
        stream, source = self.stream, self.stream.source
        left = source.frames_before(stream.key, stream.stop_ns - stream.start_ns)
        number, first, count = 0, 0, FIRST_FRAMES
        while left > 0:
            count = min(count, left)
            chunk = source.packets(stream.key, first, count)
            times = (chunk.send_ns + stream.start_ns).tolist()
            for time, size, frame in zip(
                times, chunk.ip_bytes.tolist(), chunk.frame.tolist(), strict=True
            ):
                if time < stream.stop_ns:
                    yield number, time, size, frame
                    number += 1
            first += count
            left -= count
            count = max(1, CHUNK_PACKETS * count // max(1, len(times)))

    def _announce(self, event: Happening) -> None:
        """Let the next packet arrive at its first interfaces at its time.

        Only the next one, as the plane's clock is the faster the fewer events wait. One sent at
        the same time is announced in that instant and stands behind this one in the order.
        """
        self._announced = []
        if self._following is None:
            return
        number, time_ns, ip_bytes, frame = self._following
        self._following = next(self._packets, None)
        stream = self.stream
        flow, class_index = stream.flow, stream.class_index
        for row, route, _ in self._branches.roots:
            packet = Packet(flow, row, number, class_index, ip_bytes, route, self)
            packet.sent_ns = time_ns
            packet.frame = frame
            route[0].expect(packet, time_ns)
            self._announced.append(packet)
        self._announced[0].callback = self._send_callback

    def _send(self, packet: Packet) -> None:
        """The first copy of a packet is due: count it, and announce the packet behind it."""
        self._sent_packets += 1
        self._sent_bytes += packet.ip_bytes
        sent_of_frame = self._sent_of_frame
        sent_of_frame[packet.frame] = sent_of_frame.get(packet.frame, 0) + 1
        self._announce(packet)
        packet.route[0].accept(packet)

    def receive(self, packet: Packet) -> None:
        """Deliver a packet to the leg that ends here, and send copies on where the tree goes on."""
        row, branches, now = packet.row, self._branches, packet.due_ns
        number = branches.leg[row]
        if number >= 0:
            leg, frame = self._legs[number], packet.frame
            late = leg.meter.deliver(packet, now)
            if leg.shows and not late:
                leg.in_time[frame] = leg.in_time.get(frame, 0) + 1
                leg.complete_ns[frame] = now
        for child, route, hop in branches.onward[row]:
            copy = Packet(
                packet.flow,
                child,
                packet.number,
                packet.class_index,
                packet.ip_bytes,
                route,
                self,
            )
            copy.sent_ns, copy.frame, copy.hop = packet.sent_ns, packet.frame, hop
            copy.extras = packet.extras[:] if packet.extras is not None else None
            route[hop].expect(copy, now)

    def lost(self, packet: Packet, interface: int, cause: int, now: int) -> None:
        """Count a lost packet at every leg that it would have reached.

        For its frame a packet lost after its deadline is late, as it would have been anyway.
        """
        frame, age_ns = packet.frame, now - packet.sent_ns
        for leg in (self._legs[number] for number in self._branches.legs_behind[packet.row]):
            leg.meter.lose(packet, interface, cause)
            if age_ns <= leg.budget_ns:
                leg.lost[frame] = leg.lost.get(frame, 0) + 1

    def on_timer(self, now: int) -> None:
        """Streams set no timer."""

    def stop(self, now: int) -> None:
        """Send nothing after now; packets on their way go on."""
        if now >= self._stop_ns:
            return
        self._stop_ns = now
        self._following = None
        for packet in self._announced:
            packet.callback = ignore
        self._announced.clear()

    def received(self) -> list[Received]:
        """Return what each leg has seen so far."""
        return [leg.meter.received() for leg in self._legs]

    def close(self, now: int) -> list[LegRecord]:
        """Return the records of all legs at the end of the run."""
        until_ns = min(self._stop_ns, now)
        self.stop(now)
        sent = array_of(self._sent_of_frame, max(self._sent_of_frame, default=-1) + 1)
        records = []
        for leg in self._legs:
            record = leg.close(until_ns, now, sent)
            record.sent_packets = self._sent_packets
            record.sent_bytes = self._sent_bytes
            records.append(record)
        return records


class StreamLeg:
    """One receiver of a stream."""

    def __init__(
        self, plane: "ReferencePlane", stream: Stream, path: "tuple[Interface, ...]"
    ) -> None:
        self._stream = stream
        full_bytes = stream.source.largest_packet_bytes()
        self.base_delay_ns = sum(
            interface.propagation_ns + interface.service_ns(full_bytes) for interface in path
        )
        playout = stream.playout
        self.budget_ns = -1 if playout is None else playout.budget_ns(self.base_delay_ns)
        self.meter = LegMeter(path, plane.bin_ns, self.budget_ns, keep_bin_buckets=playout is None)
        self.shows = playout is not None
        self.in_time: FrameCounts = {}
        self.lost: FrameCounts = {}
        """Frame -> packets that were lost before their deadline."""
        self.complete_ns: dict[int, int] = {}
        """Frame -> arrival of the last of its packets that came in time."""

    def close(self, until_ns: int, now: int, sent: NDArray[np.int64]) -> LegRecord:
        """Return the record; ``sent`` are the packets of each frame that were sent."""
        stream = self._stream
        record = self.meter.close(stream.start_ns, until_ns)
        record.frames_sent = int(np.count_nonzero(sent))
        playout = stream.playout
        if playout is None or not len(sent):
            return record
        capture_ns = stream.source.capture_ns(stream.key, 0, len(sent))
        due_ns = capture_ns + stream.start_ns + playout.budget_ns(self.base_delay_ns)
        # The next frame's capture bounds the sending of this one: all its deadlines have passed.
        judged = int(np.searchsorted(due_ns + playout.frame_period_ns, now, side="right"))
        complete_ns = np.full(len(sent), -1, dtype=np.int64)
        for frame, arrival_ns in self.complete_ns.items():
            complete_ns[frame] = arrival_ns - stream.start_ns
        in_time = array_of(self.in_time, judged)
        shown = show(
            playout,
            capture_ns[:judged],
            sent[:judged],
            in_time,
            complete_ns[:judged],
            self.base_delay_ns,
            round_trip_ns=2 * self.base_delay_ns,
            # What is neither in time nor lost by then is late, wherever it is.
            packets_late=sent[:judged] - in_time - array_of(self.lost, judged),
        )
        record.frames_shown, record.frames_skipped = shown.frames_shown, shown.frames_skipped
        record.freezes, record.freeze_ns = shown.freezes, shown.freeze_ns
        if shown.first_shown_ns >= 0:
            record.first_shown_ns = shown.first_shown_ns + stream.start_ns
        return record


def array_of(counts: FrameCounts, length: int) -> NDArray[np.int64]:
    """Return the packets of the first ``length`` frames."""
    array = np.zeros(length, dtype=np.int64)
    for frame, count in counts.items():
        if frame < length:
            array[frame] = count
    return array
