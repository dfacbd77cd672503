"""Streams on the hybrid plane: opened and placed in time, and their records when the last packet is through."""

from typing import NamedTuple

from telemedsim.core.compiled import kernel
from telemedsim.dataplane.base import Received, Stream
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.collecting import Collector
from telemedsim.dataplane.hybrid.frames import PARAMETERS, settle_last
from telemedsim.dataplane.hybrid.kept_legs import KeptStreams
from telemedsim.dataplane.hybrid.placing import Leg, Places, Run
from telemedsim.dataplane.hybrid.sources import set_clock
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.parts.traffic.settling import (
    FIRST_SHOWN_NS,
    SETTLED,
    SHOWN,
    STATE_SIZE,
    new_state,
)

PACKETS_A_FRAME = 1 << 20
"""More than any frame has: packets of two parts of sampled time never have one number."""


class Span(NamedTuple):
    """What a stream sends in a part of sampled time."""

    begin_ns: int
    stop_ns: int
    """Nothing is sent at or after this time."""
    first_frame: int
    frame_end: int
    measured_frame: int
    measured_frame_end: int
    """The frames from the one up to before the other are measured."""


class Streams:
    """The streams that are open, and the records of those that were."""

    def __init__(self, tables: Tables, places: Places, collector: Collector) -> None:
        self._tables = tables
        self._places = places
        self._collector = collector
        self._runs: dict[int, Run] = {}
        """Number in the table of streams -> run."""
        self._numbers: dict[int, int] = {}
        """Flow -> number, of open streams."""
        self.records = KeptStreams()
        self.active: list[int] = []
        """Open streams, in no order; the table has the same."""
        self._place_of: dict[int, int] = {}
        self._settle_last = kernel(settle_last)

    def __len__(self) -> int:
        return len(self.active)

    def open(self, stream: Stream) -> Run:
        """Give a stream its places."""
        run = self._places.place(stream)
        frames = stream.source.frames_before(stream.key, stream.stop_ns - stream.start_ns)
        row = self._places.place_source(run)
        set_clock(row, stream.source, stream.key, range(frames), stream.start_ns)
        self._runs[run.number] = run
        self._numbers[stream.flow] = run.number
        self.records.open(stream.flow)
        self.activate(run.number)
        return run

    def run_of(self, flow: int) -> Run | None:
        """Return an open stream's run; None for one that is not open."""
        number = self._numbers.get(flow)
        return None if number is None else self._runs[number]

    def activate(self, number: int) -> None:
        """Put a stream behind the list of open ones, unless it is there."""
        if number in self._place_of:
            return
        tables, place = self._tables, len(self.active)
        self.active.append(number)
        self._place_of[number] = place
        tables.need("active", place + 1)
        tables.need("found", place + 1)
        tables.arrays["active"][place] = number
        tables.arrays["cursors"][layout.ACTIVE] = place + 1

    def _deactivate(self, number: int) -> None:
        """Take a stream off the list of open ones; the last one gets its place."""
        tables, place, last = self._tables, self._place_of.pop(number), self.active.pop()
        if last != number:
            self.active[place] = last
            self._place_of[last] = place
            tables.arrays["active"][place] = last
        tables.arrays["cursors"][layout.ACTIVE] = len(self.active)

    def position(self, run: Run, span: Span) -> None:
        """Let a stream go on with a later frame, as if it had been there all the time."""
        row, stream = self._tables.arrays["streams"][run.number], run.stream
        frames = range(span.first_frame, span.frame_end)
        set_clock(row, stream.source, stream.key, frames, stream.start_ns)
        row[layout.STOP_NS] = span.stop_ns
        row[layout.LAST_SENT] = max(stream.start_ns, span.begin_ns)
        row[layout.LAST_FRAME] = layout.NONE
        row[layout.CLEARED] = span.first_frame
        row[layout.FRAME_FROM] = span.measured_frame
        row[layout.FRAME_STOP] = span.measured_frame_end
        # Losses are drawn by a packet's number: another one in each part.
        scale = 1 if stream.playout is None else PACKETS_A_FRAME
        row[layout.NEXT_NUMBER] = scale * span.first_frame
        for leg in run.legs:
            if stream.start_ns < span.begin_ns:
                self._tables.arrays["legs"][leg.number, layout.LAST_NS] = span.begin_ns
            if stream.playout is not None:
                self._begin_picture(run, leg, span.first_frame)
        self.activate(run.number)

    def _begin_picture(self, run: Run, leg: Leg, first_frame: int) -> None:
        """Let a receiver forget what it showed, and begin with a frame."""
        arrays = self._tables.arrays
        row = arrays["legs"][leg.number]
        at = row[layout.SETTLING_AT] + PARAMETERS
        state = arrays["settling"][at : at + STATE_SIZE]
        if state[SHOWN]:
            run.first_shown_ns.setdefault(leg.number, int(state[FIRST_SHOWN_NS]))
        state[:] = new_state()
        state[SETTLED] = first_frame
        arrays["frames"][row[layout.LEG_FRAMES_AT] :][: 3 * run.frame_ring] = 0
        arrays["frames"][run.frames_at :][: 2 * run.frame_ring] = 0

    def widen_frames(self, number: int) -> None:
        """Make the rings of frames larger, if those of a stream are full."""
        run = self._runs[number]
        if run.stream.playout is not None:
            self._places.widen_frames(run)

    def stop(self, flow: int, now: int) -> None:
        """Have a stream send nothing after now."""
        number = self._numbers.get(flow)
        if number is not None:
            row = self._tables.arrays["streams"][number]
            row[layout.STOP_NS] = min(row[layout.STOP_NS], now + 1)

    def received(self, flow: int) -> list[Received]:
        """Return what each leg of a stream has seen of what was moved so far."""
        run = self.run_of(flow)
        if run is not None:
            return self._collector.received(run)
        return [Received(leg.delivered_packets, leg.lost_packets) for leg in self.records[flow]]

    def finish_all(self, now: int) -> None:
        """Keep the records of all streams at the end of the run."""
        for run in list(self._runs.values()):
            run.goes_on = False
            self.finish(run.number, now)

    def finish(self, number: int, now: int) -> None:
        """Keep the records of a stream that is through, or of all there is at the end of the run.

        One that goes on in a later part of sampled time is only put aside.
        """
        run = self._runs[number]
        if run.stream.playout is not None:
            self._settle_last(self._tables.world(), number, now)
        if run.goes_on:
            self._deactivate(number)
            return
        del self._runs[number]
        row = self._tables.arrays["streams"][number]
        # A stop comes 1 ns after the closing of a stream, which is when it ended.
        until_ns = min(run.stream.stop_ns, int(row[layout.STOP_NS]) - 1, now)
        if row[layout.STOP_NS] == run.stream.stop_ns:
            until_ns = min(run.stream.stop_ns, now)
        self.records.keep(run.stream.flow, self._collector.keep(run, until_ns))
        if number in self._place_of:
            self._deactivate(number)
        self._places.clear(run)
        del self._numbers[run.stream.flow]
