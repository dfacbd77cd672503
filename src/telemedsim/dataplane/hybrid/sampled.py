"""Streams where time is sampled: packets move in parts of the window only, and time jumps over the rest.

A part is run at once, when all is known of the time up to the next one. Streams that are open at its
lead-in begin there with the frame that is due, so their packets are those of an unsampled run; they go
on through the grace behind it, and then the lines run empty. A stream has no place in the tables before
a part sees it, and none after the last one that does.
"""

from bisect import bisect_right
from collections.abc import Callable

from telemedsim.dataplane.base import Stream
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.placing import Run
from telemedsim.dataplane.hybrid.series import SeriesLog
from telemedsim.dataplane.hybrid.streams import Span, Streams
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.network.sampling import SampledTime
from telemedsim.parts.traffic.settling import NO_FRAME

NEVER_NS = 1 << 62


class SampledStreams:
    """The streams of a sampled window; ``move`` brings the plane's packets from one time to another."""

    def __init__(
        self,
        sampled: SampledTime,
        tables: Tables,
        streams: Streams,
        series: SeriesLog,
        move: Callable[[int, int], None],
    ) -> None:
        self._cursors = tables.arrays["cursors"]
        self._streams = streams
        self._series = series
        self._move = move
        self._parts = sampled.parts
        self._step_ns = max(1, sampled.grace_ns)
        """Lines run empty in such steps."""
        self._begins = [max(0, begin - sampled.lead_in_ns) for begin, _ in sampled.parts]
        """When the lead-in of each part begins."""
        self._ends = [end + sampled.grace_ns for _, end in sampled.parts]
        self._known: dict[int, Stream] = {}
        self._closed: dict[int, int] = {}
        """Flow -> from when on it sends nothing, of streams that were closed."""
        self._waiting: list[list[int]] = [[] for _ in sampled.parts]
        """Part -> the flows that it is the next one to see."""
        self._next = 0

    def open(self, stream: Stream) -> bool:
        """Take a stream, unless no part sees it; tell whether one does."""
        part = bisect_right(self._ends, stream.start_ns)
        if part == len(self._parts) or stream.stop_ns <= self._begins[part]:
            return False
        self._known[stream.flow] = stream
        self._waiting[part].append(stream.flow)
        return True

    def close(self, flow: int, now: int) -> None:
        """Have a stream send nothing after now."""
        if flow in self._known:
            self._closed[flow] = min(self._closed.get(flow, NEVER_NS), now + 1)

    def advance(self, now: int) -> None:
        """Run the parts of which everything is known by now."""
        while self._next + 1 < len(self._parts) and self._begins[self._next + 1] <= now:
            self._run_part(self._next, self._begins[self._next + 1] - 1)
            self._next += 1

    def finish(self, now: int) -> None:
        """Run what is left up to the end of the run, and make the records of all streams."""
        self.advance(now)
        if self._next < len(self._parts) and self._begins[self._next] < now:
            self._run_part(self._next, now)
        self._streams.finish_all(now)

    def _run_part(self, part: int, until_ns: int) -> None:
        """Run a part; its lines are empty, or nearly, by the time given."""
        begin_ns, end_ns = self._parts[part][0], min(self._parts[part][1], until_ns)
        self._cursors[layout.MEASURE_BEGIN], self._cursors[layout.MEASURE_END] = begin_ns, end_ns
        for flow in self._waiting[part]:
            self._begin(flow, part, until_ns)
        self._waiting[part].clear()
        self._move(self._begins[part], begin_ns - 1)
        self._series.begin()
        self._move(begin_ns, end_ns - 1)
        self._series.end()
        reached_ns = min(self._ends[part], until_ns)
        self._move(end_ns, reached_ns)
        while self._streams.active and reached_ns < until_ns:
            reached_ns = min(reached_ns + self._step_ns, until_ns)
            self._move(end_ns, reached_ns)

    def _begin(self, flow: int, part: int, until_ns: int) -> None:
        """Let a stream go on at the lead-in of a part, or come to its end if it was closed before."""
        stream, streams = self._known[flow], self._streams
        stop_ns = min(stream.stop_ns, self._closed.get(flow, NEVER_NS))
        lead_in_ns = self._begins[part]
        run = streams.run_of(flow)
        if stop_ns <= lead_in_ns:
            del self._known[flow]
            if run is not None:
                run.goes_on = False
                streams.finish(run.number, lead_in_ns)
            return
        if run is None:
            run = streams.open(stream)
            run.measured_ns = 0
            run.sees_start = stream.start_ns >= self._parts[part][0]
        self._note_life(run, part, stop_ns, until_ns)
        streams.position(run, self._span(stream, part, stop_ns, until_ns))
        following = part + 1
        run.goes_on = following < len(self._parts) and stop_ns > self._begins[following]
        if run.goes_on:
            self._waiting[following].append(flow)
        else:
            del self._known[flow]

    def _note_life(self, run: Run, part: int, stop_ns: int, until_ns: int) -> None:
        """Note how much of a stream's life a part measures, and whether its end is there."""
        begin_ns, end_ns = self._parts[part]
        life_end_ns = min(stop_ns, until_ns)
        run.measured_ns += max(0, min(end_ns, life_end_ns) - max(begin_ns, run.stream.start_ns))
        run.sees_end = begin_ns < life_end_ns <= end_ns

    def _span(self, stream: Stream, part: int, stop_ns: int, until_ns: int) -> Span:
        """Return which frames a stream sends in a part, and which of them are measured."""
        (begin_ns, end_ns), lead_in_ns = self._parts[part], self._begins[part]
        is_last = until_ns <= end_ns
        if not is_last:
            stop_ns = min(stop_ns, self._ends[part])
        first, measured, measured_end, end = (
            stream.source.frames_before(stream.key, max(0, time_ns - stream.start_ns))
            for time_ns in (lead_in_ns, begin_ns, end_ns, stop_ns)
        )
        if measured >= min(measured_end, end):
            measured = measured_end = NO_FRAME
        elif is_last or stop_ns <= end_ns:
            measured_end = NO_FRAME
        return Span(lead_in_ns, stop_ns, first, end, measured, measured_end)
