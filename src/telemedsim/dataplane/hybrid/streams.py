"""Streams on the hybrid plane: packets made ahead of time, and records when the last one is through."""

from typing import NamedTuple

from telemedsim.core.compiled import kernel
from telemedsim.dataplane.base import Stream
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.collecting import Collector
from telemedsim.dataplane.hybrid.frames import PARAMETERS, settle_last
from telemedsim.dataplane.hybrid.kept_legs import KeptStreams
from telemedsim.dataplane.hybrid.layout import IntArray
from telemedsim.dataplane.hybrid.placing import Leg, Places, Run
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.parts.traffic.settling import (
    FIRST_SHOWN_NS,
    SETTLED,
    SHOWN,
    STATE_SIZE,
    new_state,
)

MOST_CHUNK_PACKETS, LEAST_CHUNK_PACKETS = 4096, 64
POOL_PACKETS = 1 << 22
"""Packets that all streams together make ahead; a stream's share is within the bounds above."""
FIRST_FRAMES = 8
"""Frames of the first chunk, from which the size of further ones is judged."""


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
        run.frames_left = stream.source.frames_before(stream.key, stream.stop_ns - stream.start_ns)
        run.chunk_frames = FIRST_FRAMES
        self._tables.arrays["streams"][run.number][layout.POOL_MORE] = run.frames_left > 0
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
        run.next_frame, run.frames_left = span.first_frame, span.frame_end - span.first_frame
        run.chunk_frames = FIRST_FRAMES
        row[layout.POOL_NEXT] = row[layout.POOL_END]
        row[layout.POOL_MORE] = run.frames_left > 0
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

    def make_packets(self, number: int, until_ns: int) -> None:
        """Make a stream's packets up to a time, and some more."""
        run, table = self._runs[number], self._tables.arrays["streams"]
        while run.frames_left > 0 and self._made_until_ns(number) <= until_ns:
            self._make_chunk(run)
        table[number][layout.POOL_MORE] = run.frames_left > 0

    def _made_until_ns(self, number: int) -> int:
        row = self._tables.arrays["streams"][number]
        if row[layout.POOL_NEXT] == row[layout.POOL_END]:
            return -1
        return int(self._tables.arrays["pool_send_ns"][row[layout.POOL_END] - 1])

    def _make_chunk(self, run: Run) -> None:
        """Append a chunk of packets to what a stream has in the pool."""
        stream = run.stream
        count = min(run.chunk_frames, run.frames_left)
        chunk = stream.source.packets(stream.key, run.next_frame, count)
        made = len(chunk.send_ns)
        run.next_frame += count
        run.frames_left -= count
        share = min(MOST_CHUNK_PACKETS, max(LEAST_CHUNK_PACKETS, POOL_PACKETS // len(self.active)))
        run.chunk_frames = max(1, share * count // max(1, made))
        row = self._tables.arrays["streams"][run.number]
        begin, end = int(row[layout.POOL_NEXT]), int(row[layout.POOL_END])
        left = end - begin
        if left + made > run.pool_size:
            self._widen(run, left + made)
        arrays = self._tables.arrays
        at = run.pool_at
        columns: tuple[tuple[str, IntArray], ...] = (
            ("pool_send_ns", chunk.send_ns + stream.start_ns),
            ("pool_bytes", chunk.ip_bytes),
            ("pool_frame", chunk.frame),
        )
        if stream.playout is not None:
            captured_ns = stream.source.capture_ns(stream.key, run.next_frame - count, count)
            captured_ns = captured_ns[chunk.frame - (run.next_frame - count)] + stream.start_ns
            columns += (("pool_capture_ns", captured_ns),)
        for name, values in columns:
            pool = arrays[name]
            pool[at : at + left] = pool[begin:end].copy()
            pool[at + left : at + left + made] = values
        row[layout.POOL_NEXT], row[layout.POOL_END] = at, at + left + made

    def _widen(self, run: Run, size: int) -> None:
        """Give a stream a larger place in the pool; what is in the old one stays readable."""
        places = self._places
        if run.pool_size:
            places.give_back("pool_send_ns", run.pool_at, run.pool_size)
        size = 1 << (size - 1).bit_length()
        begin = places.take_for_good("pool_send_ns", size)
        for name in ("pool_bytes", "pool_frame", "pool_capture_ns"):
            self._tables.need(name, len(self._tables.arrays["pool_send_ns"]))
        run.pool_at, run.pool_size = begin, size

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
        if run.pool_size:
            self._places.give_back("pool_send_ns", run.pool_at, run.pool_size)
        self._places.clear(run)
        del self._numbers[run.stream.flow]
