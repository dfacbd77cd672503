"""A transfer takes its places in the tables: rows of both ways, legs, steps, and TCP's records at each end."""

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from telemedsim.core.random_streams import child_key, signed_key
from telemedsim.dataplane.base import Stream, Transfer, Tree
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import NONE
from telemedsim.dataplane.hybrid.packets import columns
from telemedsim.dataplane.hybrid.placing import Places, Run
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.dataplane.transfer_steps import last_bytes, segments_of
from telemedsim.parts.transport import MAX_SACK_BLOCKS, tcp_state
from telemedsim.parts.transport.receiver import new_receiver
from telemedsim.parts.transport.tcp_state import new_sender
from telemedsim.records.flows import Mark


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


def place(transfer: Transfer, tables: Tables, places: Places) -> TransferRun:
    """Give a transfer its places; its timer for the beginning is set."""
    return _Opening(transfer, tables, places).run


class _Opening:
    """Fills the tables for one transfer."""

    def __init__(self, transfer: Transfer, tables: Tables, places: Places) -> None:
        self._tables = tables
        self._places = places
        tcp = transfer.tcp
        largest = max(
            tcp.packet_overhead_bytes + tcp.segment_bytes,
            tcp.ack_bytes(MAX_SACK_BLOCKS),
            tcp.header_bytes + tcp.syn_option_bytes,
        )
        ways = tuple(
            places.place(
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
        number = places.take(ways[0], "ends", 2) // 2
        run = self.run = TransferRun(transfer, number, (ways[0], ways[1]))
        self._place_steps(run)
        self._share_slots(run)
        segments = segments_of(transfer)
        for side in (0, 1):
            self._place_end(run, side, segments)

    def _place_steps(self, run: TransferRun) -> None:
        """Write the transfer and its steps into their tables."""
        tables, transfer = self._tables, run.transfer
        count = len(transfer.steps)
        at = self._places.take(run.ways[0], "steps", count)
        ends = last_bytes(transfer)
        for place, step in enumerate(transfer.steps):
            tables.arrays["steps"][at + place] = (
                step.sender,
                step.size_bytes,
                step.delay_ns,
                int(step.report),
                ends[place],
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
        others[:-1, layout.ROW_NEXT] = np.arange(second + 1, second + count)
        others[:, layout.ROW_KIDS_AT] = np.arange(kids, kids + count)
        return second
