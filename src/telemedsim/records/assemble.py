"""From what was measured to the tables of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from telemedsim.core.units import NS_PER_S
from telemedsim.records.flows import LOSS_CAUSES, FlowRecords, LegRecord, Split, TransferRecord
from telemedsim.records.links import InterfaceColumns, link_columns, series_columns
from telemedsim.records.quantiles import bucket_of_quantile
from telemedsim.records.sessions import ControlRecords, LegUse, SessionRecord
from telemedsim.records.splits import Splitter, weightiest_interface
from telemedsim.records.tables import Rows, empty, typed

LATE = "late"
MISSING = float("nan")


@dataclass(frozen=True)
class Timing:
    """The window and the bins of a run, in ns."""

    duration_ns: int
    bin_ns: int
    series_bin_ns: int


def assemble(
    interfaces: InterfaceColumns,
    classes: tuple[str, ...],
    flows: FlowRecords,
    control: ControlRecords,
    timing: Timing,
    sites: Rows,
    limits: Rows,
) -> dict[str, pd.DataFrame]:
    """Return the tables of a run before any verdict, exactly as in `records.schema`.

    ``sites`` and ``limits`` are rows of the tables of that name.
    """
    duration_ns = timing.duration_ns
    legs = _Legs(interfaces.name, classes, flows, control, timing)
    links = link_columns(interfaces, flows.interfaces, duration_ns)
    series = series_columns(interfaces.name, flows.interfaces, duration_ns, timing.series_bin_ns)
    for use in control.legs:
        legs.add(use)
    return {
        "sessions": typed("sessions", _sessions(control.sessions)),
        **{name: typed(name, columns) for name, columns in legs.tables.items()},
        "links": typed("links", links),
        "link_series": typed("link_series", series),
        "sites": typed("sites", sites),
        "limits": typed("limits", limits),
    }


def _sessions(sessions: Sequence[SessionRecord]) -> dict[str, list[object]]:
    table = empty("sessions")
    for session in sessions:
        _append(
            table,
            {
                "session": session.session,
                "scenario": session.scenario,
                "service": session.service,
                "site": session.site,
                "tier": session.tier,
                "started_s": session.started_ns / NS_PER_S,
                "ended_s": _seconds(session.ended_ns),
                "outcome": session.outcome,
                "in_progress": session.in_progress,
                "blocked_by": session.blocked_by,
            },
        )
    return table


class _Legs:
    """Fills the tables that have rows for each leg."""

    NAMES = ("legs", "measures", "delays", "delay_bins", "losses", "splits", "leg_bins")

    def __init__(
        self,
        interfaces: tuple[str, ...],
        classes: tuple[str, ...],
        flows: FlowRecords,
        control: ControlRecords,
        timing: Timing,
    ) -> None:
        self.tables = {name: empty(name) for name in self.NAMES}
        self._interfaces = interfaces
        self._classes = classes
        self._flows = flows
        self._sessions = {s.session: s for s in control.sessions}
        self._duration_ns = timing.duration_ns
        self._bin_ns = timing.bin_ns
        self._splitter = Splitter(interfaces, classes)

    def add(self, use: LegUse) -> None:
        transfer = self._flows.transfers.get(use.flow)
        record = self._record(use, transfer)
        self._leg(use, record, transfer)
        for bucket in sorted(record.buckets):
            self._row("delays", use.leg, bucket, record.buckets[bucket])
        for name, parts in self._splitter.delays(record):
            self._split(use.leg, name, parts)
        self._losses(use, record)
        self._bins(use, record)
        self._measures(use, transfer)

    def _record(self, use: LegUse, transfer: TransferRecord | None) -> LegRecord:
        if transfer is not None:
            return transfer.legs[use.flow_leg]
        if use.flow in self._flows.streams:
            return self._flows.streams[use.flow][use.flow_leg]
        return LegRecord()

    def _row(self, table: str, *values: object) -> None:
        for column, value in zip(self.tables[table].values(), values, strict=True):
            column.append(value)

    def _split(self, leg: int, of: str, parts: Sequence[tuple[str, str, float]]) -> None:
        for interface, component, ns in parts:
            self._row("splits", leg, of, interface, component, ns)

    def _leg(self, use: LegUse, record: LegRecord, transfer: TransferRecord | None) -> None:
        session = self._sessions.get(use.session)
        ended = session.ended_ns if session is not None else -1
        if transfer is not None:
            ended = transfer.end_ns
        began = use.joined_ns if transfer is None else transfer.start_ns
        age = MISSING if ended >= 0 else (self._duration_ns - began) / NS_PER_S
        shown = record.first_shown_ns >= 0 and use.joined_ns >= 0
        _append(
            self.tables["legs"],
            {
                "leg": use.leg,
                "session": use.session,
                "scenario": session.scenario if session is not None else use.scenario,
                "service": session.service if session is not None else use.service,
                "kind": use.kind,
                "role": use.role,
                "direction": use.direction,
                "site": use.site,
                "tier": use.tier,
                "peer": use.peer,
                "path": " ".join(self._interfaces[i] for i in use.path),
                "class": self._classes[use.class_index],
                "joined_s": use.joined_ns / NS_PER_S,
                "ended_s": _seconds(ended),
                "start_s": (record.first_shown_ns - use.joined_ns) / NS_PER_S if shown else MISSING,
                "target_rate_bps": use.target_rate_bps,
                "provisioned_bps": use.provisioned_bps,
                "running_s": age,
                "probe_leg": use.probe_leg,
                **_counts(record),
                **_segments(transfer),
            },
        )

    def _losses(self, use: LegUse, record: LegRecord) -> None:
        for interface, cause in sorted(record.lost):
            packets = record.lost[interface, cause]
            self._row("losses", use.leg, self._interfaces[interface], LOSS_CAUSES[cause], packets)
        if record.late_packets:
            where = self._interfaces[_late_interface(use, record)]
            self._row("losses", use.leg, where, LATE, record.late_packets)

    def _bins(self, use: LegUse, record: LegRecord) -> None:
        width = self._bin_ns
        for number in sorted(record.bins):
            start = number * width
            wide = min(width, self._duration_ns - start) / NS_PER_S
            _, delivered, late, lost = record.bins[number]
            counts = (delivered + lost, delivered, late, lost)
            self._row("leg_bins", use.leg, start / NS_PER_S, wide, *counts)
        for number in sorted(record.bin_buckets):
            for bucket in sorted(record.bin_buckets[number]):
                packets = record.bin_buckets[number][bucket]
                self._row("delay_bins", use.leg, number * width / NS_PER_S, bucket, packets)

    def _measures(self, use: LegUse, transfer: TransferRecord | None) -> None:
        end = self._duration_ns
        for measure in use.measures:
            source = transfer or TransferRecord(end, (LegRecord(), LegRecord()))
            value, parts = self._splitter.measure(measure, source, end)
            self._split(use.leg, measure.name, parts)
            to_last_byte_s = (value - measure.server_after_ns) / NS_PER_S
            self._row(
                "measures",
                use.leg,
                measure.name,
                measure.origin_ns / NS_PER_S,
                _seconds(value),
                MISSING if value >= 0 else (end - measure.origin_ns) / NS_PER_S,
                measure.object_bytes,
                measure.object_bytes * 8 / to_last_byte_s if to_last_byte_s > 0 else MISSING,
            )


def _append(table: Mapping[str, list[object]], row: Mapping[str, object]) -> None:
    for name, column in table.items():
        column.append(row[name])


def _seconds(time_ns: int) -> float:
    return MISSING if time_ns < 0 else time_ns / NS_PER_S


def _late_interface(use: LegUse, record: LegRecord) -> int:
    """Return where the slowest packet waited longest: late packets are the slowest ones."""
    slowest = record.exemplars.get(bucket_of_quantile(record.buckets, 1.0), Split())
    where = weightiest_interface(slowest)
    return use.path[-1] if where is None else where


def _counts(record: LegRecord) -> dict[str, object]:
    delivered = record.delivered_packets
    return {
        "sent_packets": record.sent_packets,
        "delivered_packets": delivered,
        "late_packets": record.late_packets,
        "lost_packets": record.lost_packets,
        "in_flight_packets": record.in_flight_packets,
        "sent_bytes": record.sent_bytes,
        "delivered_bytes": record.delivered_bytes,
        "delay_mean_ns": record.delay_sum_ns / delivered if delivered else MISSING,
        "delay_min_ns": record.delay_min_ns if delivered else MISSING,
        "delay_max_ns": record.delay_max_ns if delivered else MISSING,
        "frames_sent": record.frames_sent,
        "frames_shown": record.frames_shown,
        "frames_skipped": record.frames_skipped,
        "freezes": record.freezes,
        "freeze_s": record.freeze_ns / NS_PER_S,
        "interruptions": record.interruptions,
        "interruption_s": record.interruption_ns / NS_PER_S,
    }


def _segments(transfer: TransferRecord | None) -> dict[str, object]:
    return {
        "segments_sent": transfer.segments_sent if transfer else 0,
        "segments_retransmitted": transfer.segments_retransmitted if transfer else 0,
        "timeouts": transfer.timeouts if transfer else 0,
    }
