"""Transfers by packets: places in the tables at their opening, records at the end of the run."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from telemedsim.dataplane.base import Report, Transfer, Tree
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.collecting import Collector
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import World
from telemedsim.dataplane.hybrid.packets import columns
from telemedsim.dataplane.hybrid.packets.accounts import account_until, segment_of
from telemedsim.dataplane.hybrid.packets.components import Components
from telemedsim.dataplane.hybrid.packets.kept_transfers import KeptTransfers
from telemedsim.dataplane.hybrid.packets.lockstep import FIND
from telemedsim.dataplane.hybrid.packets.opening import TransferRun, place
from telemedsim.dataplane.hybrid.placing import Places
from telemedsim.dataplane.hybrid.scheduling import Schedule
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.dataplane.transfer_steps import check_transfer
from telemedsim.parts.transport import tcp_state
from telemedsim.records.flows import Mark, Split, TransferRecord


class JoinedRecords(Mapping[int, TransferRecord]):
    """Records of transfers by packets, then those by fluid, which are made when they are looked up."""

    def __init__(
        self, packets: Mapping[int, TransferRecord], fluid: Mapping[int, TransferRecord]
    ) -> None:
        self._packets = packets
        self._fluid = fluid

    def __getitem__(self, flow: int) -> TransferRecord:
        return self._packets[flow] if flow in self._packets else self._fluid[flow]

    def __iter__(self) -> Iterator[int]:
        yield from self._packets
        yield from self._fluid

    def __len__(self) -> int:
        return len(self._packets) + len(self._fluid)


class PacketTransfers:
    """The transfers whose packets share lines with those of streams."""

    def __init__(
        self, tables: Tables, places: Places, collector: Collector, schedule: Schedule
    ) -> None:
        self._tables = tables
        self._places = places
        self._collector = collector
        self._schedule = schedule
        self._components = Components(tables, places)
        self._runs: dict[int, TransferRun] = {}
        """By number of the transfer."""
        self._numbers: dict[int, int] = {}
        """Flow -> number."""
        self._records = KeptTransfers(tables.parts_a_hop)
        """Of transfers that are through."""

    def __len__(self) -> int:
        return len(self._runs)

    def touch(self, tree: Tree | None) -> None:
        """Take note of a stream that has come, or (None) of some that have ended."""
        if tree is None:
            self._components.is_stale = True
        else:
            self._components.touch(tree.interface)

    def join_lines(self, streams: Sequence[int]) -> None:
        """Find anew which lines move in step, if flows have changed; ``streams`` are the open ones' numbers."""
        if self._components.is_stale:
            self._components.rebuild(list(self._runs.values()), streams)
            self.find_turns()

    def find_turns(self) -> None:
        """Have the next turn of all lines found anew."""
        self._tables.arrays["cursors"][layout.LOCK_PHASE] = FIND

    def __contains__(self, flow: int) -> bool:
        return flow in self._numbers

    def open(self, transfer: Transfer) -> None:
        """Begin a transfer; ValueError for one without a path, steps or bytes."""
        check_transfer(transfer)
        for path in (transfer.forward, transfer.backward):
            self._schedule.add(Tree.path(path))
        run = place(transfer, self._tables, self._places)
        self._runs[run.number] = run
        self._numbers[transfer.flow] = run.number
        self._fill_calendar()
        self._components.is_stale = True

    def _fill_calendar(self) -> None:
        """Put the open ends into the heap: in order, which is a heap too."""
        tables = self._tables
        numbers = np.array(list(self._runs), np.int64)
        ends = np.column_stack((2 * numbers, 2 * numbers + 1)).reshape(-1)
        table = tables.arrays["ends"]
        ends = ends[np.argsort(table[ends, columns.END_NEXT_NS], kind="stable")]
        tables.need("calendar", len(ends))
        tables.arrays["calendar"][: len(ends)] = ends
        table[ends, columns.CALENDAR_AT] = np.arange(len(ends))
        tables.arrays["cursors"][layout.CALENDAR_USED] = len(ends)

    def close(self, flow: int) -> None:
        """End a transfer now: nothing more is sent; packets on their way go on."""
        number = self._numbers[flow]
        if number not in self._runs or self._runs[number].transfer.flow != flow:
            return
        arrays = self._tables.arrays
        arrays["transfers"][number, columns.STOPPED] = 1
        for row in arrays["ends"][2 * number : 2 * number + 2]:
            row[columns.END_NEXT_NS] = NEVER
            if row[columns.ARRIVALS_COUNT]:
                first = row[columns.ARRIVALS_FIRST] * layout.BLOCK + row[columns.ARRIVALS_TAKEN]
                row[columns.END_NEXT_NS] = arrays["entries"][first, layout.TIME]
        self._fill_calendar()

    def retire(self) -> None:
        """Keep the records of transfers at which nothing can happen any more, and free their places."""
        arrays = self._tables.arrays
        ends, streams = arrays["ends"], arrays["streams"]
        numbers = np.fromiter(self._runs, np.int64, len(self._runs))
        next_ns = ends[:, columns.END_NEXT_NS]
        done = numbers[np.minimum(next_ns[2 * numbers], next_ns[2 * numbers + 1]) == NEVER]
        quiet = []
        for number in done.tolist():
            both = [way.number for way in self._runs[number].ways]
            if not streams[both, layout.LIVE].any():
                quiet.append(number)
        for number in quiet:
            run = self._runs.pop(number)
            self._keep(run)
            for way in run.ways:
                self._places.clear(way)
        if quiet:
            self._fill_calendar()
            self._components.is_stale = True

    def take_reports(self) -> list[Report]:
        """Empty the log of marks; return the reports in the order of flow and step."""
        tables = self._tables
        cursors = tables.arrays["cursors"]
        used = int(cursors[layout.MARKS_USED])
        cursors[layout.MARKS_USED] = 0
        reports = []
        for number, step, time_ns, account, last in tables.arrays["marks"][:used].tolist():
            run = self._runs[number]
            run.marks.append(Mark(step, time_ns, self._split(run, account)))
            reports.append(Report(run.transfer.flow, step, time_ns, bool(last)))
        return sorted(reports, key=lambda report: (report.flow, report.step))

    def _split(self, run: TransferRun, account: int) -> Split:
        """Return an account as a split."""
        size = self._tables.parts_a_hop
        transfer = run.transfer
        path = (*transfer.forward, *transfer.backward)
        width = columns.ACCOUNT_HOPS + len(path) * (size + 1)
        values = self._tables.arrays["accounts"][account : account + width].tolist()
        hops: dict[int, list[int]] = {}
        for hop, line in enumerate(path):
            begin = columns.ACCOUNT_HOPS + hop * (size + 1)
            if values[begin]:
                parts = hops.setdefault(line, [0] * size)
                for part, ns in enumerate(values[begin + 1 : begin + 1 + size]):
                    parts[part] += ns
        return Split(hops, values[columns.ACCOUNT_ENDS : columns.ACCOUNT_HOPS])

    def records(self) -> Mapping[int, TransferRecord]:
        """Return the records of all transfers at the end of the run."""
        for run in self._runs.values():
            self._keep(run)
        return self._records

    def _keep(self, run: TransferRun) -> None:
        """Keep what remains of a transfer."""
        arrays = self._tables.arrays
        row = arrays["transfers"][run.number].tolist()
        end_ns = row[columns.TRANSFER_END_NS]
        segments = np.zeros(3, np.int64)
        for end in (2 * run.number, 2 * run.number + 1):
            sender = arrays["tcp"][int(arrays["ends"][end, columns.SENDER_AT]) :]
            segments += sender[
                [tcp_state.SEGMENTS_SENT, tcp_state.RETRANSMITTED_SEGMENTS, tcp_state.TIMEOUTS]
            ]
        # Only the plane's streams count what comes after their last packet as an interruption.
        start_ns = run.transfer.start_ns
        legs = [self._collector.keep(way, start_ns, bin_buckets=False)[0] for way in run.ways]
        counts = (start_ns, end_ns, *segments.tolist(), row[columns.DELIVERED_BYTES])
        running = self._running_split(run) if end_ns < 0 else None
        self._records.keep(run.transfer.flow, legs, counts, run.marks, running)

    def _running_split(self, run: TransferRun) -> Split:
        """Return where the time went up to the last packet that arrived at either end."""
        tables = self._tables
        tables.need("accounts", int(tables.arrays["cursors"][layout.ACCOUNTS_USED]) + 4096)
        world = World(**{name: memoryview(tables.arrays[name]) for name in World._fields})  # type: ignore[arg-type]
        events = []
        for end in (2 * run.number, 2 * run.number + 1):
            pid, cell = world.ends[end, columns.LAST_PID], world.ends[end, columns.LAST_CELL]
            if pid >= 0:
                is_data = world.segments[segment_of(world, pid) + columns.KIND] == columns.DATA
                time_ns = world.ends[end, columns.LAST_EVENT_NS]
                events.append((time_ns, is_data, end, pid, cell))
        if not events:
            return Split()
        time_ns, _, end, pid, cell = max(events, key=lambda event: event[:2])
        used = world.cursors[layout.ACCOUNTS_USED]
        account = account_until(world, end ^ 1, pid, cell, time_ns, True)
        split = self._split(run, account)
        world.cursors[layout.ACCOUNTS_USED] = used
        return split
