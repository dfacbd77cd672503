"""Transfers as a fluid: connections run their messages, and bytes share queues max-min fairly.

What is left out: the load of acknowledgements and of the handshake (about 2 % on the way back),
queues that a full FIFO makes other packets wait in, overflow of buffers (rates settle at once at their
fair share), delay variation, and bytes in flight when a link fails.
"""

import heapq
from math import ceil, inf
from typing import NamedTuple

from telemedsim.core.units import NS_PER_S
from telemedsim.dataplane.base import Report, Transfer
from telemedsim.dataplane.hybrid.fluid.building import network_of
from telemedsim.dataplane.hybrid.fluid.carried import Carried
from telemedsim.dataplane.hybrid.fluid.courses import (
    Course,
    add_flight,
    close,
    copy_of,
    packed,
    parts_at,
)
from telemedsim.dataplane.hybrid.fluid.messages import Batch, Sender, packet_bytes, plan
from telemedsim.dataplane.hybrid.fluid.opening import opening_ns, repeated_ns
from telemedsim.dataplane.hybrid.fluid.transfer_records import Kept, TransferRecords, keep
from telemedsim.dataplane.hybrid.fluid.ways import Lines, Way, Ways
from telemedsim.network.plan import Interfaces
from telemedsim.records.flows import RETRANSMISSION, Split
from telemedsim.records.interface_series import IntArray

LINK, STREAMS, START, BEGIN, FLOW, RESUME, ARRIVE = range(7)
"""Kinds of events, in their order at one instant."""


class Landing(NamedTuple):
    """A batch on its way from its slowest interface to the other end."""

    batch: Batch
    split: Split


NEVER_NS = 1 << 62


class FluidTransfers:
    """Runs transfers as flows of a `FluidNetwork`; times are whole ns, never before the last."""

    def __init__(
        self, interfaces: Interfaces, classes: tuple[str, ...], bin_ns: int, series_bin_ns: int
    ) -> None:
        self._lines = Lines(interfaces, classes)
        self._classes = len(classes)
        self._bin_ns = bin_ns
        self._rates = [rate / (8 * NS_PER_S) for rate in self._lines.rate_bps]
        self._network = network_of(interfaces, classes, self._rates)
        self._carried = Carried(self._network, series_bin_ns)
        self._events: list[tuple[int, int, int, int, object]] = []
        self._serial = 0
        self._courses: dict[int, Course] = {}
        self._running: dict[int, Course] = {}
        """By number in the network."""
        self._kept: dict[int, Kept] = {}
        self._ways = Ways(self._lines)
        self._down: dict[int, int] = {}
        """Interface -> since when it is down."""
        self._stream_bps = [0.0] * (len(self._rates) * self._classes)
        self._reports: list[Report] = []
        self._now = 0

    def open(self, transfer: Transfer) -> None:
        """Begin a transfer at its start, which is not before now."""
        ways = self._ways.of(transfer)
        tcp = transfer.tcp
        window_bytes = min(
            tcp.initial_window_segments * tcp.segment_bytes, tcp.receive_window_bytes
        )
        course = Course(transfer, ways, (Sender(window_bytes), Sender(window_bytes)))
        course.base_ns = transfer.start_ns
        self._courses[transfer.flow] = course
        self._schedule(transfer.start_ns, START, transfer.flow, 0)

    def close(self, flow: int) -> None:
        """End a transfer now; it arrives nowhere any more."""
        course = self._courses.pop(flow, None)
        if course is None:
            return
        course.is_closed = True
        self._stop_flow(course, self._now)
        self._kept[flow] = keep(course)

    def set_link(self, interface: int, up: bool) -> None:
        """Take an interface down (its flows stand still) or up again, 1 ns from now."""
        self._schedule(self._now + 1, LINK, interface, up)

    def set_stream_load(
        self, interface: int, class_index: int, delta_bps: float, now_ns: int
    ) -> None:
        """Add to the expected rate of the streams of a class at an interface from ``now_ns`` on."""
        queue = interface * self._classes + class_index
        self._schedule(now_ns, STREAMS, queue, delta_bps)

    def advance(self, until_ns: int) -> tuple[int, list[Report]]:
        """Move to ``until_ns`` or to the first instant with reports; return it and them."""
        while True:
            due = self._network.next_finish()[0]
            finish_ns = until_ns + 1 if due == inf else max(self._now, ceil(due))
            event_ns = self._events[0][0] if self._events else until_ns + 1
            now = min(finish_ns, event_ns)
            if now > until_ns:
                self._carried.advance(until_ns)
                self._now = until_ns
                return until_ns, []
            self._carried.advance(now)
            self._now = now
            self._finish_flows(now)
            while self._events and self._events[0][0] <= now:
                _, kind, number, _, what = heapq.heappop(self._events)
                self._handle(kind, number, what, now)
            self._network.solve(now)
            if self._reports:
                reports, self._reports = self._reports, []
                reports.sort(key=lambda report: (report.flow, report.step))
                return now, reports

    def next_ns(self) -> int:
        """Return when something happens next, a very late time if nothing does."""
        due = self._network.next_finish()[0]
        finish_ns = NEVER_NS if due == inf else max(self._now, ceil(due))
        return min(finish_ns, self._events[0][0] if self._events else NEVER_NS)

    def finish(self) -> tuple[TransferRecords, IntArray]:
        """Return flow -> record, and (interface, series bin, bytes carried with framing) as rows.

        Busy time is bytes * 8 / rate. A transfer that runs is told of up to its last message.
        """
        for flow, course in self._courses.items():
            self._kept[flow] = keep(course)
        kept = dict(sorted(self._kept.items()))
        return TransferRecords(kept, self._classes, self._bin_ns), self._carried.close(self._now)

    # Events.

    def _schedule(self, time_ns: int, kind: int, number: int, what: object) -> None:
        self._serial += 1
        heapq.heappush(self._events, (time_ns, kind, number, self._serial, what))

    def _handle(self, kind: int, number: int, what: object, now: int) -> None:
        if kind == LINK:
            self._change_link(number, bool(what), now)
        elif kind == STREAMS:
            self._stream_bps[number] += float(what)  # type: ignore[arg-type]
            self._network.set_streams(number, self._stream_bps[number] / (8 * NS_PER_S))
        elif number in self._courses:
            course = self._courses[number]
            if kind == START:
                self._start(course, int(what), now)  # type: ignore[call-overload]
            elif kind == BEGIN:
                self._begin(course, now)
            elif kind == FLOW:
                self._flow(course)
            elif kind == RESUME and course.flow == what and course.batch is not None:
                self._network.set_cap(course.flow, course.batch.cap)
            elif kind == ARRIVE:
                assert isinstance(what, Landing)
                self._arrive(course, what, now)

    def _start(self, course: Course, tries: int, now: int) -> None:
        """Open the connection; a SYN that meets a failed link is sent again after its timeout."""
        transfer = course.transfer
        if any(one in self._down for one in transfer.forward + transfer.backward):
            wait_ns = min(transfer.tcp.initial_rto_ns << min(tries, 16), transfer.tcp.max_rto_ns)
            course.timeouts += 1
            course.base.ends[RETRANSMISSION] += wait_ns
            self._schedule(now + wait_ns, START, transfer.flow, tries + 1)
            return
        ready_ns = now
        if not transfer.connected:
            ready_ns += opening_ns(course.ways, transfer.steps[0].sender)
            lost_ns = repeated_ns(course.ways)
            ready_ns += lost_ns
            course.base.ends[RETRANSMISSION] += lost_ns
        close(course.base, ready_ns - transfer.start_ns, [0] * 8)
        course.base_ns = ready_ns
        self._schedule(ready_ns, BEGIN, transfer.flow, None)

    def _begin(self, course: Course, now: int, written_ns: int = -1) -> None:
        """Begin the next batch of messages."""
        steps = course.transfer.steps
        first = 0 if course.batch is None else course.batch.last + 1
        offered = (self._offer(course.ways[0]), self._offer(course.ways[1]))
        batch = plan(steps, first, course.ways, course.senders, now, offered)
        batch.written_ns = now + round(batch.server_ns)
        if written_ns >= 0:
            # The delay counts from the write of the message before, not from its last bit.
            batch.written_ns = written_ns + steps[first].delay_ns
            batch.server_ns -= min(batch.server_ns, now - written_ns)
        course.batch = batch
        if batch.is_exchange:
            self._flow(course)
        elif batch.size_bytes <= batch.way.tcp.segment_bytes and not self._down:
            batch.sent_ns = now + round(batch.pauses_ns + batch.flow_ns)
            self._carried.add(batch.way, packet_bytes(batch.way, batch.size_bytes))
            self._sent(course, [], [])
        else:
            self._schedule(now + round(batch.pauses_ns), FLOW, course.transfer.flow, None)

    def _offer(self, way: Way) -> float:
        return self._network.offer(way.queues, way.units, way.window_rate)

    def _flow(self, course: Course) -> None:
        """Let a batch's bytes flow."""
        batch = course.batch
        assert batch is not None
        way = batch.way
        course.flow = self._network.add(way.queues, way.units, batch.cap, batch.size_bytes)
        self._running[course.flow] = course

    def _finish_flows(self, now: int) -> None:
        """Take out all flows that are through by now."""
        while True:
            due, flow = self._network.next_finish()
            if due > now:
                return
            course = self._running[flow]
            waited, stopped = self._stop_flow(course, now)
            assert course.batch is not None
            course.batch.sent_ns = now
            self._sent(course, waited, stopped)

    def _stop_flow(self, course: Course, now: int) -> tuple[list[float], list[float]]:
        """Take a course's flow out of the network; return what it waited and stood still, by hop."""
        flow, course.flow = course.flow, -1
        if flow < 0 or course.batch is None:
            return [], []
        del self._running[flow]
        self._network.remove(flow)
        self._network.solve(now)
        return self._network.waits(flow, len(course.batch.way.path))

    def _sent(self, course: Course, waited: list[float], stopped: list[float]) -> None:
        """A batch's last bit has passed, or will pass, its slowest interface at ``sent_ns``."""
        batch = course.batch
        assert batch is not None
        steps = course.transfer.steps
        split = course.sent_split(waited, stopped, self._classes)
        size_bytes = steps[batch.last].size_bytes
        way = batch.last_way
        tail_ns = way.tail_ns(packet_bytes(way, size_bytes))
        flow = course.transfer.flow
        self._schedule(batch.sent_ns + tail_ns, ARRIVE, flow, Landing(batch, split))
        following = batch.last + 1
        if following < len(steps) and steps[following].sender == steps[batch.last].sender:
            course.base, course.base_ns = split, batch.sent_ns
            written_ns = batch.sent_ns if batch.is_exchange else batch.written_ns
            self._begin(course, batch.sent_ns, written_ns)

    def _arrive(self, course: Course, landing: Landing, now: int) -> None:
        """A batch has wholly arrived: mark and report it, and let the answer follow."""
        batch, split = landing
        transfer = course.transfer
        steps, last = transfer.steps, batch.last
        for step in steps[batch.first : last + 1]:
            course.segments[step.sender] += -(-step.size_bytes // transfer.tcp.segment_bytes)
            course.data_bytes[step.sender] += step.size_bytes
            course.delivered_bytes += step.size_bytes
        is_report, is_last = steps[last].report, last == len(steps) - 1
        arrived = copy_of(split)
        way = batch.last_way
        add_flight(arrived, way, steps[last].size_bytes, self._classes, is_report)
        close(arrived, now - transfer.start_ns, parts_at(arrived, way.slowest, self._classes))
        if is_report:
            course.marks.append((last, now, packed(arrived)))
            self._reports.append(Report(transfer.flow, last, now, is_last))
        if is_last:
            course.end_ns = now
            self._kept[transfer.flow] = keep(course)
            del self._courses[transfer.flow]
        elif steps[last + 1].sender != steps[last].sender:
            course.base, course.base_ns = arrived, now
            self._begin(course, now)

    # Links.

    def _change_link(self, interface: int, up: bool, now: int) -> None:
        """Stop an interface, or start it; its flows go on when their timers next try."""
        if not up:
            self._down.setdefault(interface, now)
            self._network.set_rate(interface, 0.0)
            return
        since_ns = self._down.pop(interface, now)
        self._network.set_rate(interface, self._rates[interface])
        for flow in self._network.flows_at(interface):
            self._resume_later(self._running[flow], since_ns, now)

    def _resume_later(self, course: Course, since_ns: int, now: int) -> None:
        """Hold a flow back until the first retransmission after the repair."""
        due_ns = course.resume_after(since_ns, now)
        self._network.set_cap(course.flow, 0.0)
        self._schedule(due_ns, RESUME, course.transfer.flow, course.flow)
