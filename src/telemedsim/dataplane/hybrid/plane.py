"""The hybrid plane: packets between two decisions are arrays, and compiled kernels move them.

Streams report nothing to control, so their packets are moved window by window as time passes, whatever
control decides meanwhile; the length of a window changes no result.
"""

from collections.abc import Mapping

from telemedsim.core.compiled import kernel
from telemedsim.dataplane.base import Flow, Received, Report, Stream
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.changes import Changes
from telemedsim.dataplane.hybrid.choosing import RULE, SAMPLED_RULE, Choice
from telemedsim.dataplane.hybrid.collecting import Collector
from telemedsim.dataplane.hybrid.fluid.transfers import FluidTransfers
from telemedsim.dataplane.hybrid.frames import settle_all
from telemedsim.dataplane.hybrid.loads import StreamLoads
from telemedsim.dataplane.hybrid.packets.lockstep import DONE, run_lockstep
from telemedsim.dataplane.hybrid.packets.moving import compact_all
from telemedsim.dataplane.hybrid.packets.transfers import JoinedRecords, PacketTransfers
from telemedsim.dataplane.hybrid.placing import Places
from telemedsim.dataplane.hybrid.sampled import SampledStreams
from telemedsim.dataplane.hybrid.scheduling import Schedule
from telemedsim.dataplane.hybrid.series import SeriesLog
from telemedsim.dataplane.hybrid.span import LEAST_PIECE_NS, run_span
from telemedsim.dataplane.hybrid.span import SHORT as SHORT_OF_SPACE
from telemedsim.dataplane.hybrid.streams import Streams
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.dataplane.hybrid.window import deliver_pending, search
from telemedsim.network.plan import Interfaces
from telemedsim.network.sampling import SampledTime
from telemedsim.records.flows import FlowRecords, TransferRecord

WINDOW_NS = 1_000_000_000
MOST_PACKETS = 1 << 18
"""Of a window: a shorter one follows one that had more, so that memory does not grow with the network's load."""
SPARE = ("packets", "cells", "segments", "accounts")
"""Arrays that are compacted at the end of each window."""


class HybridPlane:
    """Offers `DataPlane`; the same constructor as other planes."""

    def __init__(
        self,
        interfaces: Interfaces,
        classes: tuple[str, ...],
        bin_ns: int,
        series_bin_ns: int,
        seed: int,
        replication: int,
        window_ns: int = WINDOW_NS,
        media: frozenset[tuple[int, int]] = frozenset(),
        transfers: str = "auto",
        sampled: SampledTime | None = None,
    ) -> None:
        """Take what other planes take, where (line, class) media may wait, and how transfers run.

        With ``sampled`` packets of streams move in parts of the window only, and all transfers are a fluid.
        """
        self._tables = Tables(interfaces, classes, series_bin_ns, seed, replication)
        self._tables.arrays["cursors"][layout.WINDOW_END] = -1
        self._tables.arrays["cursors"][layout.PIECE_NS] = LEAST_PIECE_NS
        places = Places(self._tables, bin_ns)
        self._collector = Collector(self._tables, places)
        self._streams = Streams(self._tables, places, self._collector)
        self._schedule = Schedule(interfaces.propagation_ns)
        self._series = SeriesLog(self._tables, sampled)
        self._sampled = sampled
        self._sampled_streams: SampledStreams | None = None
        if sampled is not None:
            transfers = "fluid"
            parts = self._tables, self._streams, self._series, self._jump
            self._sampled_streams = SampledStreams(sampled, *parts)
        self._changes = Changes(self._tables)
        self._fluid = FluidTransfers(interfaces, classes, bin_ns, series_bin_ns)
        self._choice = Choice(interfaces, self._tables.queue_of, media, transfers)
        self._packets = PacketTransfers(self._tables, places, self._collector, self._schedule)
        self._loads = StreamLoads(interfaces, self._fluid)
        self._used: set[int] = set()
        """Numbers of all flows so far."""
        self._window_ns = window_ns
        self._step_ns = window_ns
        """The length of the next window that no transfer by packets cuts short."""
        self._now = 0
        self._moved_packets = 0
        self._reached = -1
        """Packets were moved until then."""
        self._stepped = -1
        """What transfers by packets use was moved until then."""
        self._prepared = -1
        """The order of lines is good until then."""
        self._spare = {name: self._tables.arrays[name].copy() for name in SPARE}
        self._search, self._span = kernel(search), kernel(run_span)
        self._deliver = kernel(deliver_pending)
        self._compact, self._settle = kernel(compact_all), kernel(settle_all)
        self._lockstep = kernel(run_lockstep)

    def open(self, flow: Flow) -> None:
        """Begin a flow; its start is not before now. ValueError for a number used before."""
        if flow.flow in self._used:
            raise ValueError(f"flow {flow.flow} is already open: give each flow its own number")
        if flow.start_ns < self._now:
            raise ValueError(
                f"flow {flow.flow} starts at {flow.start_ns} ns, before now ({self._now} ns)"
            )
        self._used.add(flow.flow)
        self._prepared = -1
        if isinstance(flow, Stream):
            self._open_stream(flow)
            self._packets.touch(flow.tree)
            self._loads.open(flow)
        elif self._choice.by_packets(flow):
            if not self._packets and self._now > 0:
                self._stepped = self._now
            self._packets.open(flow)
        else:
            self._fluid.open(flow)

    def _open_stream(self, stream: Stream) -> None:
        if self._sampled_streams is None:
            self._streams.open(stream)
        elif not self._sampled_streams.open(stream):
            return
        self._schedule.add(stream.tree)

    def close(self, flow: int) -> None:
        """End a flow now: nothing more is sent; packets on their way go on."""
        if flow in self._loads:
            self._streams.stop(flow, self._now)
            if self._sampled_streams is not None:
                self._sampled_streams.close(flow, self._now)
            self._loads.close(flow, self._now)
        elif flow in self._packets:
            self._packets.close(flow)
        else:
            self._fluid.close(flow)

    def set_link(self, interface: int, up: bool) -> None:
        """Take an interface down or up, 1 ns from now: a decision comes after what it answers to."""
        self._schedule.add_line(interface)
        self._changes.add(interface, self._now + 1, layout.GOES_UP if up else layout.GOES_DOWN)
        self._packets.find_turns()
        self._fluid.set_link(interface, up)

    def advance(self, until_ns: int) -> tuple[int, list[Report]]:
        """Move to ``until_ns`` or to the end of the first instant with reports."""
        if self._packets:
            return self._advance_in_step(until_ns)
        self._now, reports = self._fluid.advance(until_ns)
        if self._sampled_streams is not None:
            self._sampled_streams.advance(self._now)
            return self._now, reports
        while self._reached + self._step_ns <= self._now:
            self._move(self._reached + self._step_ns)
            self._fit_step()
        return self._now, reports

    def _advance_in_step(self, until_ns: int) -> tuple[int, list[Report]]:
        """Advance with transfers by packets: what they use moves up to the first report."""
        while True:
            end_ns = self._reached + self._step_ns
            bound_ns = min(until_ns, self._fluid.next_ns(), end_ns)
            if bound_ns > self._stepped:
                self._move_in_step(bound_ns)
            self._now, reports = self._fluid.advance(self._stepped)
            reports = sorted(
                reports + self._packets.take_reports(),
                key=lambda report: (report.flow, report.step),
            )
            if self._stepped >= end_ns:
                self._move(self._stepped)
                self._fit_step()
                self._packets.retire()
            if reports or self._now >= until_ns:
                return self._now, reports

    def received(self, flow: int) -> list[Received]:
        """Return what each leg of a stream has seen up to now; a window ends for it."""
        if self._reached < self._now:
            self._move(self._now)
        return self._streams.received(flow)

    def finish(self) -> FlowRecords:
        """Return all that was measured; packets not yet delivered are counted as in flight."""
        if self._sampled_streams is not None:
            self._sampled_streams.finish(self._now)
        elif self._reached < self._now:
            self._move(self._now)
        self._streams.finish_all(self._now)
        fluid, carried = self._fluid.finish()
        transfers: Mapping[int, TransferRecord] = JoinedRecords(self._packets.records(), fluid)
        interfaces = self._series.records(self._now, carried)
        return FlowRecords(
            streams=self._streams.records,
            transfers=transfers,
            interfaces=interfaces,
            packet_hops=self._series.packet_hops,
            events=0,
            transfer_rule=RULE if self._sampled is None else SAMPLED_RULE,
            packet_transfers=self._choice.packet_transfers,
            fluid_transfers=self._choice.fluid_transfers,
            sampled_parts=() if self._sampled is None else self._sampled.parts,
        )

    def _prepare(self, until_ns: int) -> None:
        """Have the lines in order until a time, and streams that are through away."""
        found, cursors = self._tables.arrays["found"], self._tables.arrays["cursors"]
        if self._schedule.is_stale:
            schedule = self._schedule.table()
            self._tables.put("schedule", schedule)
            self._tables.give_first_places(schedule[:, layout.GROUP_LINE])
        self._search(self._tables.world())
        through = found[: int(cursors[layout.THROUGH])].tolist()
        if through:
            # What else is known of them, before their places go to others.
            self._collector.take_strays()
        for number in through:
            self._streams.finish(number, self._reached)
        self._prepared = until_ns
        if through:
            self._packets.touch(None)
        self._packets.find_turns()

    def _deliver_until(self, until_ns: int) -> None:
        """Hand packets to receivers that arrive until a time; later ones wait on."""
        self._tables.arrays["cursors"][layout.WINDOW_END] = until_ns
        while not self._deliver(self._tables.world(), until_ns):
            self._tables.make_room()

    def _end_window(self, until_ns: int) -> None:
        """Judge frames and empty the logs."""
        self._settle(self._tables.world(), until_ns)
        self._series.take()
        self._collector.take_strays()
        self._reached = until_ns

    def _move(self, until_ns: int) -> None:
        """Move all packets until a time that is after the last one."""
        self._prepare(until_ns)
        self._deliver_until(until_ns)
        cursors = self._tables.arrays["cursors"]
        cursors[layout.PIECE_END] = self._reached
        while int(self._span(self._tables.world(), until_ns)) == SHORT_OF_SPACE:
            if not self._tables.make_room():
                self._streams.widen_frames(self._streams.active[int(cursors[layout.PIECE_PLACE])])
        self._end_window(until_ns)
        self._moved_packets = int(cursors[layout.PACKETS_USED])
        self._move_together()

    def _fit_step(self) -> None:
        """Choose the length of the next window by the packets of the last one; it changes no result."""
        if self._moved_packets > MOST_PACKETS:
            self._step_ns = max(1, self._step_ns // 2)
        elif 4 * self._moved_packets < MOST_PACKETS:
            self._step_ns = min(2 * self._step_ns, self._window_ns)

    def _jump(self, begin_ns: int, until_ns: int) -> None:
        """Move all packets until a time, from one at which they may have been moved already."""
        self._reached = max(self._reached, begin_ns - 1)
        self._tables.arrays["cursors"][layout.WINDOW_END] = self._reached
        while self._reached < until_ns:
            self._move(min(self._reached + self._step_ns, until_ns))
            self._fit_step()

    def _move_in_step(self, until_ns: int) -> None:
        """Move what transfers use until a time, or to the end of the first instant with a report."""
        if self._prepared < until_ns:
            self._prepare(self._reached + self._step_ns)
        self._packets.join_lines(self._streams.active)
        cursors = self._tables.arrays["cursors"]
        while int(self._lockstep(self._tables.world(), until_ns)) != DONE:
            if not self._tables.make_room():
                self._streams.widen_frames(int(cursors[layout.LOCK_PLACE]))
        self._stepped = int(cursors[layout.LOCK_END])

    def _move_together(self) -> None:
        """Compact what is still on its way into the spare arrays, which change places with the others."""
        arrays, spare = self._tables.arrays, self._spare
        for name in SPARE:
            if len(spare[name]) < len(arrays[name]):
                spare[name] = arrays[name].copy()
        fresh = [self._tables.seen(spare[name]) for name in SPARE]
        self._compact(self._tables.world(), *fresh)
        for name in SPARE:
            old = arrays[name]
            self._tables.put(name, spare[name])
            spare[name] = old
