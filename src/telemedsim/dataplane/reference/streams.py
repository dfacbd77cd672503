"""Streams: packets made chunk by chunk, copied where their tree branches, measured at each leg."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from telemedsim.dataplane.base import Stream
from telemedsim.dataplane.reference.happenings import HOST, Callbacks, Happening
from telemedsim.dataplane.reference.measure import LegMeter
from telemedsim.dataplane.reference.packet import Packet
from telemedsim.dataplane.reference.routes import Branches
from telemedsim.parts.traffic import show
from telemedsim.records.flows import LegRecord

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface
    from telemedsim.dataplane.reference.plane import ReferencePlane

CHUNK_PACKETS = 512
"""Packets made at a time: enough to make arrays worth while."""
AHEAD_PACKETS = 16
"""Packets announced to the first interface at a time: fewer events, and still a short heap."""
FIRST_FRAMES = 8
"""Frames of the first chunk, from which the size of further ones is judged."""


class StreamRun:
    """A stream under way: sender, branching points and receivers in one endpoint."""

    def __init__(self, plane: "ReferencePlane", stream: Stream) -> None:
        self.stream = stream
        self._plane = plane
        self._branches = Branches(stream.tree, plane.interfaces)
        self._legs = [
            StreamLeg(plane, stream, path) for path in self._branches.leg_paths(stream.tree)
        ]
        self._stop_ns = stream.stop_ns
        self._sent_packets = 0
        self._sent_bytes = 0
        self._frame_packets = FrameCounts()
        self._packets = self._make()
        self._next = next(self._packets, None)
        self._ahead: list[tuple[int, int, int, list[Packet]]] = []
        """Packets announced and perhaps not yet sent: time, size, frame, copies."""
        self._callbacks: Callbacks = [self._announce]
        if self._next is not None:
            self._schedule_at(self._next[1])

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

    def _schedule_at(self, time_ns: int) -> None:
        delay_ns = max(time_ns - self._plane.clock_ns(), 0)
        self._plane.schedule(Happening(self._callbacks), HOST + self.stream.flow, delay_ns)

    def _announce(self, event: Happening) -> None:
        """Announce the next few packets to their first interfaces, each for its own time."""
        now, following = self._plane.clock_ns(), self._next
        if following is None:
            return
        self._ahead = [one for one in self._ahead if one[0] > now]
        stream, heads = self.stream, self._branches.roots
        for number, time_ns, ip_bytes, frame in [
            following,
            *islice(self._packets, AHEAD_PACKETS - 1),
        ]:
            copies = []
            for row, route, _ in heads:
                packet = Packet(stream.flow, row, number, stream.class_index, ip_bytes, route, self)
                packet.sent_ns = time_ns
                packet.frame = frame
                packet.trigger = None
                route[0].expect(packet, time_ns, now)
                copies.append(packet)
            self._ahead.append((time_ns, ip_bytes, frame, copies))
            self._sent_packets += 1
            self._sent_bytes += ip_bytes
            self._frame_packets.add(frame)
        self._next = next(self._packets, None)
        if self._next is not None:
            self._schedule_at(time_ns)

    def receive(self, packet: Packet) -> None:
        """Deliver a packet to the leg that ends here, and send copies on where the tree goes on."""
        row, branches = packet.row, self._branches
        leg = branches.leg[row]
        if leg >= 0:
            self._legs[leg].deliver(packet, self._plane.now)
        now = self._plane.now
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
            copy.sent_ns, copy.frame, copy.trigger, copy.hop = (
                packet.sent_ns,
                packet.frame,
                None,
                hop,
            )
            copy.extras = packet.extras[:] if packet.extras is not None else None
            route[hop].expect(copy, now, now)

    def lost(self, packet: Packet, interface: int, cause: int) -> None:
        """Count a lost packet at every leg that it would have reached."""
        for leg in self._branches.legs_behind[packet.row]:
            self._legs[leg].meter.lose(packet, interface, cause)

    def on_timer(self, now: int) -> None:
        """Streams set no timer."""

    def stop(self, now: int) -> None:
        """Send nothing after now; packets on their way go on."""
        if now >= self._stop_ns:
            return
        self._stop_ns = now
        self._next = None
        for time_ns, ip_bytes, frame, copies in self._ahead:
            if time_ns > now:
                for packet in copies:
                    packet.route[0].call_off(packet, time_ns)
                self._sent_packets -= 1
                self._sent_bytes -= ip_bytes
                self._frame_packets.remove(frame)
        self._ahead.clear()

    def close(self, now: int) -> list[LegRecord]:
        """Return the records of all legs at the end of the run."""
        until_ns = min(self._stop_ns, now)
        self.stop(now)
        sent = self._frame_packets.array()
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
        budget_ns = -1 if playout is None else playout.budget_ns(self.base_delay_ns)
        self.meter = LegMeter(path, plane.bin_ns, budget_ns, keep_bin_buckets=playout is None)
        self._in_time, self._late = FrameCounts(), FrameCounts()
        self._complete_ns: dict[int, int] = {}
        """Frame -> arrival of the last of its packets that came in time."""

    def deliver(self, packet: Packet, now: int) -> None:
        """Take a packet that has arrived now."""
        late = self.meter.deliver(packet, now)
        if self.meter.budget_ns < 0:
            return
        if late:
            self._late.add(packet.frame)
        else:
            self._in_time.add(packet.frame)
            self._complete_ns[packet.frame] = now

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
        for frame, arrival_ns in self._complete_ns.items():
            complete_ns[frame] = arrival_ns - stream.start_ns
        shown = show(
            playout,
            capture_ns[:judged],
            sent[:judged],
            self._in_time.array(len(sent))[:judged],
            complete_ns[:judged],
            self.base_delay_ns,
            round_trip_ns=2 * self.base_delay_ns,
            packets_late=self._late.array(len(sent))[:judged],
        )
        record.frames_shown, record.frames_skipped = shown.frames_shown, shown.frames_skipped
        record.freezes, record.freeze_ns = shown.freezes, shown.freeze_ns
        if shown.first_shown_ns >= 0:
            record.first_shown_ns = shown.first_shown_ns + stream.start_ns
        return record


class FrameCounts:
    """Packets by frame, frames from 0 on."""

    def __init__(self) -> None:
        self._counts: list[int] = []

    def add(self, frame: int) -> None:
        """Count one packet."""
        counts = self._counts
        if frame >= len(counts):
            counts.extend([0] * (frame + 1 - len(counts)))
        counts[frame] += 1

    def remove(self, frame: int) -> None:
        """Take one packet back."""
        self._counts[frame] -= 1

    def array(self, length: int | None = None) -> NDArray[np.int64]:
        """Return the counts of all frames seen, or of the first ``length``."""
        counts = np.array(self._counts, dtype=np.int64)
        if length is None:
            # Frames whose packets were all taken back were never sent.
            return np.trim_zeros(counts, "b")
        return np.pad(counts[:length], (0, max(0, length - len(counts))))
