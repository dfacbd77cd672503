"""Transfers by packets: places in the tables at their opening, records at the end of the run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from telemedsim.core.random_streams import child_key, signed_key
from telemedsim.dataplane.base import Report, Stream, Transfer, Tree
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.collecting import Collector
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import NONE, World
from telemedsim.dataplane.hybrid.packets import columns
from telemedsim.dataplane.hybrid.packets.accounts import account_until, segment_of
from telemedsim.dataplane.hybrid.placing import Places, Run
from telemedsim.dataplane.hybrid.scheduling import Schedule
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.parts.transport import MAX_SACK_BLOCKS, tcp_state
from telemedsim.parts.transport.receiver import new_receiver
from telemedsim.parts.transport.tcp_state import new_sender
from telemedsim.records.flows import LegRecord, Mark, Split, TransferRecord


@dataclass(frozen=True)
class Segments:
    """What stands for a source of packets where a transfer's data take places of a stream."""

    largest_bytes: int

    def largest_packet_bytes(self) -> int:
        """Return the IP size of a full segment."""
        return self.largest_bytes


@dataclass(slots=True)
class TransferRun:
    """A transfer under way, and where it stands in the tables."""

    transfer: Transfer
    number: int
    ways: tuple[Run, Run]
    marks: list[Mark] = field(default_factory=list)


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
        self._runs: dict[int, TransferRun] = {}
        """By number of the transfer."""
        self._numbers: dict[int, int] = {}
        """Flow -> number."""
        self._records: dict[int, TransferRecord] = {}
        """Of transfers that are through."""
        tables.arrays["cursors"][layout.HOST_AHEAD] = columns.FAR_NS

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, flow: int) -> bool:
        return flow in self._numbers

    def open(self, transfer: Transfer) -> None:
        """Begin a transfer; ValueError for one without a path, steps or bytes."""
        check(transfer)
        tcp = transfer.tcp
        largest = max(
            tcp.packet_overhead_bytes + tcp.segment_bytes,
            tcp.ack_bytes(MAX_SACK_BLOCKS),
            tcp.header_bytes + tcp.syn_option_bytes,
        )
        ways = tuple(
            self._places.place(
                Stream(
                    transfer.flow,
                    transfer.key,
                    transfer.class_index,
                    transfer.start_ns,
                    transfer.start_ns,
                    cast(Any, Segments(largest)),
                    Tree.path(path),
                    None,
                )
            )
            for path in (transfer.forward, transfer.backward)
        )
        for path in (transfer.forward, transfer.backward):
            self._schedule.add(Tree.path(path))
        first = self._places.take(ways[0], "ends", 2)
        number = first // 2
        run = TransferRun(transfer, number, (ways[0], ways[1]))
        self._runs[number] = run
        self._numbers[transfer.flow] = number
        self._place_steps(run)
        self._share_slots(run)
        segments = segments_of(transfer)
        for side in (0, 1):
            self._place_end(run, side, segments)
        self._fill_calendar()

    def _place_steps(self, run: TransferRun) -> None:
        """Write the transfer and its steps into their tables."""
        tables, transfer = self._tables, run.transfer
        count = len(transfer.steps)
        at = self._places.take(run.ways[0], "steps", count)
        written = [0, 0]
        for place, step in enumerate(transfer.steps):
            written[step.sender] += step.size_bytes
            tables.arrays["steps"][at + place] = (
                step.sender,
                step.size_bytes,
                step.delay_ns,
                int(step.report),
                written[step.sender],
            )
        tables.need("transfers", run.number + 1)
        row = tables.arrays["transfers"][run.number]
        hops = len(transfer.forward) + len(transfer.backward)
        row[:] = 0
        row[columns.STEPS_AT], row[columns.STEPS] = at, count
        row[[columns.WRITTEN_STEP, columns.BASE, columns.TRANSFER_END_NS]] = NONE
        row[columns.CONNECTED] = int(transfer.connected)
        row[columns.ACCOUNT_SIZE] = columns.ACCOUNT_HOPS + hops * (tables.parts_a_hop + 1)

    def _share_slots(self, run: TransferRun) -> None:
        """Let both ways be one flow on lines that they share."""
        rows = self._tables.arrays["rows"]
        transfer = run.transfer
        slots: dict[int, int] = {}
        for way, path in zip(run.ways, (transfer.forward, transfer.backward), strict=True):
            for row, line in enumerate(path, way.rows_at):
                slot = int(rows[row, layout.ROW_SLOT])
                rows[row, layout.ROW_SLOT] = slots.setdefault(line, slot)

    def _place_end(self, run: TransferRun, side: int, segments: tuple[int, int]) -> None:
        """Give one end its rows, its sender and its receiver."""
        tables, places, transfer = self._tables, self._places, run.transfer
        way, path = run.ways[side], (transfer.forward, transfer.backward)[side]
        end = 2 * run.number + side
        first_row = 0 if side == 0 else len(transfer.forward)
        acknowledge_row = self._place_rows(run, side, path, first_row)
        sender = new_sender(transfer.tcp, max(1, segments[side]))
        receiver = new_receiver(transfer.tcp, max(1, segments[1 - side]))
        ring = columns.OUTSTANDING_COLUMNS * (sender[tcp_state.MASK] + 1)
        sender_at = places.take(way, "tcp", len(sender))
        receiver_at = places.take(way, "tcp", len(receiver))
        outstanding_at = places.take(way, "tcp", ring)
        tcp = tables.arrays["tcp"]
        tcp[sender_at : sender_at + len(sender)] = sender
        tcp[receiver_at : receiver_at + len(receiver)] = receiver
        row = tables.arrays["ends"][end]
        row[:] = NONE
        row[columns.SENDER_AT], row[columns.SENDER_SIZE] = sender_at, len(sender)
        row[columns.RECEIVER_AT], row[columns.RECEIVER_SIZE] = receiver_at, len(receiver)
        row[columns.OUTSTANDING_AT] = outstanding_at
        row[columns.DATA_ROW], row[columns.ACK_ROW] = way.rows_at, acknowledge_row
        row[columns.END_STREAM], row[columns.END_LEG] = way.number, way.legs[0].number
        row[columns.SENT_COUNT] = row[columns.ARRIVALS_COUNT] = row[columns.ARRIVALS_FILL] = 0
        row[columns.ARRIVALS_TAKEN] = 0
        row[columns.WRITE_NS] = transfer.start_ns if side == 0 else NONE
        row[columns.END_NEXT_NS] = transfer.start_ns if side == 0 else NEVER
        for blocks in range(MAX_SACK_BLOCKS + 1):
            row[columns.ACK_BYTES + blocks] = transfer.tcp.ack_bytes(blocks)
        row[columns.SYN_BYTES] = transfer.tcp.header_bytes + transfer.tcp.syn_option_bytes
        row[columns.FIRST_HOP], row[columns.HOPS] = first_row, len(path)
        row[columns.END_OPEN] = 1
        ahead_ns = 0
        ahead = tables.arrays["host_ahead"]
        for line in reversed(path):
            ahead_ns += int(tables.arrays["lines"][line, layout.PROPAGATION])
            ahead[line] = min(ahead[line], ahead_ns)
        cursors = tables.arrays["cursors"]
        cursors[layout.HOST_AHEAD] = min(cursors[layout.HOST_AHEAD], ahead_ns)

    def _place_rows(
        self, run: TransferRun, side: int, path: tuple[int, ...], first_row: int
    ) -> int:
        """Number an end's rows, and give packets without data rows of their own; return the first one."""
        tables, way = self._tables, run.ways[side]
        count, flow, key = len(path), run.transfer.flow, run.transfer.key
        second = self._places.take(way, "rows", count)
        kids = self._places.take(way, "links", count)
        rows = tables.arrays["rows"]
        data = rows[way.rows_at : way.rows_at + count]
        for hop, line in enumerate(path):
            row = data[hop]
            row[layout.ROW_ORDER] = (flow << 32) + first_row + hop
            for column, wire_key in zip(
                (layout.ROW_LOSS_KEY, layout.ROW_VARIATION_KEY), tables.wire_keys[line], strict=True
            ):
                row[column] = signed_key(child_key(child_key(wire_key, key), first_row + hop))
        data[-1][layout.ROW_LEG] = NONE
        data[-1][layout.ROW_END] = 2 * run.number + (1 - side) + 1
        others = rows[second : second + count]
        others[:] = data
        others[:, layout.ROW_LEGS] = 0
        others[1:, layout.ROW_PARENT] = np.arange(second, second + count - 1)
        tables.arrays["links"][kids : kids + count] = np.arange(second + 1, second + count + 1)
        others[:, layout.ROW_KIDS_AT] = np.arange(kids, kids + count)
        return second

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
        """Make the records of transfers at which nothing can happen any more, and free their places."""
        arrays = self._tables.arrays
        ends, streams = arrays["ends"], arrays["streams"]
        quiet = []
        for number in self._runs:
            if ends[2 * number : 2 * number + 2, columns.END_NEXT_NS].min() == NEVER:
                both = [way.number for way in self._runs[number].ways]
                if not streams[both, layout.LIVE].any():
                    quiet.append(number)
        for number in quiet:
            run = self._runs.pop(number)
            self._records[run.transfer.flow] = self._record(run)
            for way in run.ways:
                self._places.clear(way)
        if quiet:
            self._fill_calendar()

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
        for place, line in enumerate(path):
            begin = columns.ACCOUNT_HOPS + place * (size + 1)
            if values[begin]:
                parts = hops.setdefault(line, [0] * size)
                for part, ns in enumerate(values[begin + 1 : begin + 1 + size]):
                    parts[part] += ns
        return Split(hops, values[columns.ACCOUNT_ENDS : columns.ACCOUNT_HOPS])

    def records(self) -> dict[int, TransferRecord]:
        """Return the records of all transfers at the end of the run."""
        for run in self._runs.values():
            self._records[run.transfer.flow] = self._record(run)
        return self._records

    def _record(self, run: TransferRun) -> TransferRecord:
        arrays = self._tables.arrays
        row = arrays["transfers"][run.number].tolist()
        legs: list[LegRecord] = []
        for way in run.ways:
            # Only the plane's streams count what comes after their last packet as an interruption.
            leg = self._collector.records_of(way, run.transfer.start_ns)[0]
            leg.bin_buckets = {}
            legs.append(leg)
        record = TransferRecord(run.transfer.start_ns, (legs[0], legs[1]), run.marks)
        record.end_ns = row[columns.TRANSFER_END_NS]
        record.delivered_bytes = row[columns.DELIVERED_BYTES]
        for end in (2 * run.number, 2 * run.number + 1):
            first = int(arrays["ends"][end, columns.SENDER_AT])
            sender = arrays["tcp"][first : first + tcp_state.SEGMENTS].tolist()
            record.segments_sent += sender[tcp_state.SEGMENTS_SENT]
            record.segments_retransmitted += sender[tcp_state.RETRANSMITTED_SEGMENTS]
            record.timeouts += sender[tcp_state.TIMEOUTS]
        if record.end_ns < 0:
            record.running_split = self._running_split(run)
        return record

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


def check(transfer: Transfer) -> None:
    """Raise ValueError for a transfer that cannot run."""
    flow = transfer.flow
    if not transfer.forward or not transfer.backward:
        raise ValueError(f"transfer {flow} has a way without any interface: both ends are one node")
    if not transfer.steps:
        raise ValueError(f"transfer {flow} has no steps: give it at least one message")
    for number, step in enumerate(transfer.steps):
        if step.size_bytes < 1 or step.delay_ns < 0 or step.sender not in (0, 1):
            raise ValueError(
                f"transfer {flow}, step {number} is {step}: it needs a sender 0 or 1, at least one"
                " byte, and no negative delay"
            )


def segments_of(transfer: Transfer) -> tuple[int, int]:
    """Return the most segments that each end can send for the first time."""
    counts = [0, 0]
    for step in transfer.steps:
        counts[step.sender] += -(-step.size_bytes // transfer.tcp.segment_bytes)
    return counts[0], counts[1]
