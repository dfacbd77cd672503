"""A data plane without queues: everything arrives after the delay of an empty path, nothing is lost.

For tests of control and of what reads records: its answers can be worked out by hand. A stream's
packet takes the base delay of its leg (propagation, and the transmission of a full packet at each
hop). A transfer takes a round trip for its handshake, then for each step the sender's delay, the base
delay (unless the same end sent the step before) and the step's bytes at the path's slowest rate. Links that are taken down change nothing.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telemedsim.core.units import FULL_PACKET_BYTES, framed_bytes, transmission_ns
from telemedsim.dataplane.base import Flow, Received, Report, Stream, Transfer
from telemedsim.dataplane.trees import paths_of
from telemedsim.network.plan import Interfaces
from telemedsim.parts.traffic import show
from telemedsim.records.flows import (
    ACKNOWLEDGEMENT_WAIT,
    PROPAGATION,
    QUEUEING,
    SERVER,
    TRANSMISSION,
    FlowRecords,
    InterfaceRecord,
    LegRecord,
    Mark,
    Split,
    TransferRecord,
)
from telemedsim.records.histogram import bucket_of

IntArray = NDArray[np.int64]
FRAMES_AT_A_TIME = 4096


@dataclass(slots=True)
class Course:
    """A transfer under way: its record, when its latest step began, and the next one."""

    transfer: Transfer
    record: TransferRecord
    split: Split
    step: int = 0
    closed: bool = False


class NullPlane:
    """Delivers everything after the delay of an empty path; the same constructor as other planes."""

    def __init__(
        self,
        interfaces: Interfaces,
        classes: tuple[str, ...],
        bin_ns: int,
        series_bin_ns: int,
        seed: int,
        replication: int,
    ) -> None:
        self._table = interfaces
        self._parts = QUEUEING + len(classes)
        self._bin_ns = bin_ns
        self._now = 0
        self._interfaces = [InterfaceRecord() for _ in interfaces.name]
        self._streams: dict[int, tuple[Stream, int]] = {}
        """Flow -> stream, and when it stops."""
        self._courses: dict[int, Course] = {}
        self._arrivals: list[tuple[int, int]] = []
        """Heap of (time, flow): when the current step of a transfer has wholly arrived."""

    def open(self, flow: Flow) -> None:
        """Begin a flow."""
        if isinstance(flow, Stream):
            self._streams[flow.flow] = (flow, flow.stop_ns)
            return
        record = TransferRecord(flow.start_ns, (LegRecord(), LegRecord()))
        course = Course(flow, record, Split())
        self._courses[flow.flow] = course
        time_ns = flow.start_ns
        if not flow.connected:
            for path in (flow.forward, flow.backward):
                handshake_ns = self._base_delay_ns(path, FULL_PACKET_BYTES)
                course.split.ends[ACKNOWLEDGEMENT_WAIT] += handshake_ns
                time_ns += handshake_ns
        self._send_step(course, time_ns)

    def close(self, flow: int) -> None:
        """End a flow now."""
        if flow in self._streams:
            stream, stop_ns = self._streams[flow]
            self._streams[flow] = (stream, min(stop_ns, self._now + 1))
        else:
            self._courses[flow].closed = True

    def set_link(self, interface: int, up: bool) -> None:
        """Change nothing: this plane loses nothing."""

    def advance(self, until_ns: int) -> tuple[int, list[Report]]:
        """Move to ``until_ns`` or to the first instant with reports."""
        reports: list[Report] = []
        while self._arrivals and self._arrivals[0][0] <= until_ns:
            time_ns, flow = heapq.heappop(self._arrivals)
            course = self._courses[flow]
            if course.closed:
                continue
            step, last = course.step, course.step + 1 == len(course.transfer.steps)
            self._finish_step(course, time_ns)
            if course.transfer.steps[step].report:
                reports.append(Report(flow, step, time_ns, last))
                until_ns = time_ns
        self._now = until_ns
        return until_ns, reports

    def received(self, flow: int) -> list[Received]:
        """Return a packet for each frame begun so far: nothing is ever lost."""
        stream, stop_ns = self._streams[flow]
        life_ns = max(0, min(stop_ns, self._now) - stream.start_ns)
        frames = stream.source.frames_before(stream.key, life_ns)
        return [Received(frames, 0) for leg in stream.tree.leg if leg >= 0]

    def finish(self) -> FlowRecords:
        """Return all that was measured."""
        streams = {flow: self._legs(*one) for flow, one in self._streams.items()}
        return FlowRecords(
            streams=streams,
            transfers={flow: course.record for flow, course in self._courses.items()},
            interfaces=self._interfaces,
            packet_hops=sum(record.carried_packets for record in self._interfaces),
            events=0,
        )

    def _transmission_ns(self, interface: int, ip_bytes: int) -> int:
        table = self._table
        frame_bytes = framed_bytes(
            ip_bytes, int(table.overhead_bytes[interface]), int(table.min_frame_bytes[interface])
        )
        return transmission_ns(frame_bytes, int(table.rate_bps[interface]))

    def _base_delay_ns(self, path: tuple[int, ...], ip_bytes: int) -> int:
        return sum(
            int(self._table.propagation_ns[one]) + self._transmission_ns(one, ip_bytes)
            for one in path
        )

    def _add_base(self, split: Split, path: tuple[int, ...], ip_bytes: int, count: int) -> None:
        """Add ``count`` times the base delay of a path to a split."""
        for interface in path:
            parts = split.hops.setdefault(interface, [0] * self._parts)
            parts[PROPAGATION] += count * int(self._table.propagation_ns[interface])
            parts[TRANSMISSION] += count * self._transmission_ns(interface, ip_bytes)

    def _send_step(self, course: Course, time_ns: int) -> None:
        """Begin the next step of a transfer and foresee its arrival."""
        transfer = course.transfer
        step = transfer.steps[course.step]
        path = transfer.backward if step.sender else transfer.forward
        rates = [int(self._table.rate_bps[interface]) for interface in path]
        body_ns = transmission_ns(step.size_bytes, min(rates))
        course.split.ends[SERVER] += step.delay_ns
        if course.step == 0 or transfer.steps[course.step - 1].sender != step.sender:
            # Who sends on does not wait for the arrival of what went before.
            self._add_base(course.split, path, FULL_PACKET_BYTES, 1)
            time_ns += self._base_delay_ns(path, FULL_PACKET_BYTES)
        course.split.hops[path[rates.index(min(rates))]][TRANSMISSION] += body_ns
        time_ns += step.delay_ns + body_ns
        heapq.heappush(self._arrivals, (time_ns, transfer.flow))

    def _finish_step(self, course: Course, time_ns: int) -> None:
        """Record a step that has arrived, and begin the next one."""
        step, record = course.transfer.steps[course.step], course.record
        leg = record.legs[step.sender]
        packets = -(-step.size_bytes // FULL_PACKET_BYTES)
        leg.sent_packets += packets
        leg.delivered_packets += packets
        leg.sent_bytes += step.size_bytes
        leg.delivered_bytes += step.size_bytes
        transfer = course.transfer
        path = transfer.backward if step.sender else transfer.forward
        self._count_delay(leg, path, FULL_PACKET_BYTES, packets)
        record.segments_sent += packets
        record.delivered_bytes += step.size_bytes
        if step.report:
            hops = {one: parts[:] for one, parts in course.split.hops.items()}
            record.marks.append(Mark(course.step, time_ns, Split(hops, course.split.ends[:])))
        course.step += 1
        if course.step < len(course.transfer.steps):
            self._send_step(course, time_ns)
        else:
            record.end_ns = time_ns

    def _count_delay(
        self, leg: LegRecord, path: tuple[int, ...], ip_bytes: int, count: int
    ) -> None:
        """Count packets of one size, all of which took the base delay of a path."""
        delay_ns = self._base_delay_ns(path, ip_bytes)
        leg.delay_sum_ns += count * delay_ns
        leg.delay_min_ns = leg.delay_max_ns = delay_ns
        bucket = bucket_of(delay_ns)
        leg.buckets[bucket] = leg.buckets.get(bucket, 0) + count
        if bucket not in leg.exemplars:
            leg.exemplars[bucket] = Split()
            self._add_base(leg.exemplars[bucket], path, ip_bytes, 1)
        self._add_base(leg.split, path, ip_bytes, count)

    def _legs(self, stream: Stream, stop_ns: int) -> list[LegRecord]:
        """Return the records of a stream's legs."""
        sent_ns, sizes, frame_packets = self._sent(stream, min(stop_ns, self._now + 1))
        for interface in stream.tree.interface:
            record = self._interfaces[interface]
            record.arrived_packets += len(sent_ns)
            record.carried_packets += len(sent_ns)
            record.delivered_packets += len(sent_ns)
        of_row = paths_of(stream.tree)
        paths = {leg: of_row[row] for row, leg in enumerate(stream.tree.leg) if leg >= 0}
        return [
            self._leg(stream, paths[leg], sent_ns, sizes, frame_packets)
            for leg in range(len(paths))
        ]

    def _sent(self, stream: Stream, stop_ns: int) -> tuple[IntArray, IntArray, IntArray]:
        """Return send times, sizes, and packets by frame, of all that was sent before stop_ns."""
        source, key = stream.source, stream.key
        frames = source.frames_before(key, stop_ns - stream.start_ns)
        chunks = [
            source.packets(key, first, min(FRAMES_AT_A_TIME, frames - first))
            for first in range(0, frames, FRAMES_AT_A_TIME)
        ]
        if not chunks:
            return (np.zeros(0, np.int64),) * 3
        sent_ns = np.concatenate([chunk.send_ns for chunk in chunks]) + stream.start_ns
        in_time = sent_ns < stop_ns
        sizes = np.concatenate([chunk.ip_bytes for chunk in chunks])[in_time]
        frame = np.concatenate([chunk.frame for chunk in chunks])[in_time]
        return sent_ns[in_time], sizes, np.bincount(frame)

    def _leg(
        self,
        stream: Stream,
        path: tuple[int, ...],
        sent_ns: IntArray,
        sizes: IntArray,
        frame_packets: IntArray,
    ) -> LegRecord:
        """Return the record of one leg."""
        full_bytes = stream.source.largest_packet_bytes()
        delay_ns = self._base_delay_ns(path, full_bytes)
        arrived = sent_ns + delay_ns <= self._now
        count = int(np.count_nonzero(arrived))
        record = LegRecord(
            sent_packets=len(sent_ns),
            sent_bytes=int(sizes.sum()),
            delivered_packets=count,
            delivered_bytes=int(sizes[arrived].sum()),
            frames_sent=int(np.count_nonzero(frame_packets)),
        )
        if count == 0:
            return record
        self._count_delay(record, path, full_bytes, count)
        bucket = bucket_of(delay_ns)
        bins, counts = np.unique(sent_ns[arrived] // self._bin_ns, return_counts=True)
        for number, packets in zip(bins.tolist(), counts.tolist(), strict=True):
            record.bins[number] = [packets, packets, 0, 0]
            if stream.playout is None:
                record.bin_buckets[number] = {bucket: packets}
        self._show(stream, record, frame_packets, delay_ns)
        return record

    def _show(
        self, stream: Stream, record: LegRecord, frame_packets: IntArray, delay_ns: int
    ) -> None:
        """Add what the receiver showed: every frame whose deadline has passed."""
        playout = stream.playout
        if playout is None:
            return
        capture_ns = stream.source.capture_ns(stream.key, 0, len(frame_packets))
        due_ns = stream.start_ns + capture_ns + playout.budget_ns(delay_ns)
        judged = due_ns + playout.frame_period_ns <= self._now
        sent = frame_packets[judged].astype(np.int64)
        complete_ns = capture_ns[judged] + delay_ns
        shown = show(playout, capture_ns[judged], sent, sent, complete_ns, delay_ns)
        record.frames_shown, record.frames_skipped = shown.frames_shown, shown.frames_skipped
        record.freezes, record.freeze_ns = shown.freezes, shown.freeze_ns
        if shown.first_shown_ns >= 0:
            record.first_shown_ns = stream.start_ns + shown.first_shown_ns
