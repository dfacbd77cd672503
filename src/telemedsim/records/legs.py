"""The tables that have rows for each leg, filled leg by leg."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from telemedsim.core.units import NS_PER_S
from telemedsim.records.columns import GrowingTable
from telemedsim.records.flows import LOSS_CAUSES, FlowRecords, LegRecord, Split, TransferRecord
from telemedsim.records.quantiles import bucket_of_quantile
from telemedsim.records.sessions import ABANDONED, LOST, ControlRecords, LegUse, SessionRecord
from telemedsim.records.splits import Part, Splitter, weightiest_interface
from telemedsim.records.tables import typed

LATE = "late"
MISSING = float("nan")
NOTHING_SENT = LegRecord()
"""Of a leg that never began; nobody writes into it."""
NEVER_SAMPLED = LegRecord(measured_ns=0)
"""Of a leg that no sampled part of the window saw."""


@dataclass(frozen=True)
class Timing:
    """The window and the bins of a run, in ns."""

    duration_ns: int
    bin_ns: int
    series_bin_ns: int


class LegTables:
    """Fills the tables that have rows for each leg.

    What only a verdict on delays reads is left out where none is given: the histogram and the
    splits of a transfer whose service bounds no delay, and the bins of probes that are no connection.
    """

    NAMES = ("legs", "measures", "delays", "delay_bins", "losses", "splits", "leg_bins")

    def __init__(
        self,
        interfaces: tuple[str, ...],
        classes: tuple[str, ...],
        flows: FlowRecords,
        control: ControlRecords,
        timing: Timing,
        judged_delays: frozenset[tuple[str, str]],
    ) -> None:
        self._tables = {name: GrowingTable(name) for name in self.NAMES}
        self._interfaces = interfaces
        self._classes = classes
        self._flows = flows
        self._sessions = {s.session: s for s in control.sessions}
        self._duration_ns = timing.duration_ns
        self._bin_ns = timing.bin_ns
        self._splitter = Splitter(interfaces, classes)
        self._judged_delays = judged_delays
        self._paths: dict[tuple[int, ...], str] = {(): ""}
        self._open_stream: tuple[int | None, list[LegRecord]] = (None, [])
        """The stream read last and its legs, which follow one another."""

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the finished tables; each is given up as its frame is made."""
        return {name: typed(name, self._tables.pop(name).columns()) for name in self.NAMES}

    def add(self, use: LegUse) -> None:
        """Add the rows of a leg."""
        transfer = self._flows.transfers.get(use.flow)
        record = self._record(use, transfer)
        session = self._sessions.get(use.session)
        self._leg(use, session, record, transfer)
        if transfer is None or self._delays_judged(use, session):
            self._delays(use, record)
        self._losses(use, record)
        self._bins(use, record)
        self._measures(use, transfer, session)

    def _delays_judged(self, use: LegUse, session: SessionRecord | None) -> bool:
        of = (use.scenario, use.service) if session is None else (session.scenario, session.service)
        return of in self._judged_delays

    def _record(self, use: LegUse, transfer: TransferRecord | None) -> LegRecord:
        if transfer is not None:
            return transfer.legs[use.flow_leg]
        if self._open_stream[0] != use.flow:
            if use.flow not in self._flows.streams:
                return NEVER_SAMPLED if self._flows.sampled_parts else NOTHING_SENT
            self._open_stream = (use.flow, self._flows.streams[use.flow])
        return self._open_stream[1][use.flow_leg]

    def _delays(self, use: LegUse, record: LegRecord) -> None:
        buckets = sorted(record.buckets)
        packets = [record.buckets[bucket] for bucket in buckets]
        same, each = {"leg": use.leg}, {"bucket": buckets, "packets": packets}
        self._tables["delays"].extend(len(buckets), same, each)
        for name, parts in self._splitter.delays(record):
            self._split(use.leg, name, parts)

    def _split(self, leg: int, of: str, parts: list[Part]) -> None:
        if parts:
            names = ("interface", "component", "ns")
            each = dict(zip(names, zip(*parts, strict=True), strict=True))
            self._tables["splits"].extend(len(parts), {"leg": leg, "of": of}, each)

    def _leg(
        self,
        use: LegUse,
        session: SessionRecord | None,
        record: LegRecord,
        transfer: TransferRecord | None,
    ) -> None:
        ended = session.ended_ns if session is not None else -1
        if transfer is not None and transfer.end_ns >= 0:
            ended = transfer.end_ns
        elif use.ended_ns >= 0:
            ended = use.ended_ns
        elif transfer is not None:
            ended = _cut_off_ns(session)
        began = use.joined_ns if transfer is None else transfer.start_ns
        age = MISSING if ended >= 0 else (self._duration_ns - began) / NS_PER_S
        shown = record.first_shown_ns >= 0 and use.joined_ns >= 0
        self._tables["legs"].append(
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
                "path": self._path(use.path),
                "class": self._classes[use.class_index],
                "joined_s": use.joined_ns / NS_PER_S,
                "ended_s": seconds(ended),
                "start_s": (record.first_shown_ns - use.joined_ns) / NS_PER_S if shown else MISSING,
                "target_rate_bps": use.target_rate_bps,
                "provisioned_bps": use.provisioned_bps,
                "running_s": age,
                "probe_leg": use.probe_leg,
                "measured_s": seconds(record.measured_ns),
                "handover_s": seconds(use.handover_ns),
                "video": use.video,
                **_counts(record),
                **_segments(transfer),
            }
        )

    def _path(self, path: tuple[int, ...]) -> str:
        name = self._paths.get(path)
        if name is None:
            name = self._paths[path] = " ".join(self._interfaces[i] for i in path)
        return name

    def _losses(self, use: LegUse, record: LegRecord) -> None:
        for interface, cause in sorted(record.lost):
            packets = record.lost[interface, cause]
            self._loss(use.leg, self._interfaces[interface], LOSS_CAUSES[cause], packets)
        if record.late_packets:
            where = self._interfaces[_late_interface(use, record)]
            self._loss(use.leg, where, LATE, record.late_packets)

    def _loss(self, leg: int, interface: str, cause: str, packets: int) -> None:
        row = {"leg": leg, "interface": interface, "cause": cause, "packets": packets}
        self._tables["losses"].append(row)

    def _bins(self, use: LegUse, record: LegRecord) -> None:
        width, numbers = self._bin_ns, sorted(record.bins)
        counts = [record.bins[number] for number in numbers]
        each: dict[str, Sequence[object]] = {
            "bin_s": [number * width / NS_PER_S for number in numbers],
            "bin_width_s": [
                min(width, self._duration_ns - number * width) / NS_PER_S for number in numbers
            ],
            "sent_packets": [delivered + lost for _, delivered, _, lost in counts],
            "delivered_packets": [delivered for _, delivered, _, _ in counts],
            "late_packets": [late for _, _, late, _ in counts],
            "lost_packets": [lost for _, _, _, lost in counts],
        }
        self._tables["leg_bins"].extend(len(numbers), {"leg": use.leg}, each)
        if use.kind != "connection":
            return
        for number in sorted(record.bin_buckets):
            buckets = sorted(record.bin_buckets[number])
            packets = [record.bin_buckets[number][bucket] for bucket in buckets]
            same = {"leg": use.leg, "bin_s": number * width / NS_PER_S}
            own = {"bucket": buckets, "packets": packets}
            self._tables["delay_bins"].extend(len(buckets), same, own)

    def _measures(
        self, use: LegUse, transfer: TransferRecord | None, session: SessionRecord | None
    ) -> None:
        cut_off = _cut_off_ns(session)
        end = cut_off if cut_off >= 0 else self._duration_ns
        for measure in use.measures:
            source = transfer or TransferRecord(end, (LegRecord(), LegRecord()))
            value, parts = self._splitter.measure(measure, source, end)
            self._split(use.leg, measure.name, parts)
            to_last_byte_s = (value - measure.server_after_ns) / NS_PER_S
            goodput = measure.object_bytes * 8 / to_last_byte_s if to_last_byte_s > 0 else MISSING
            self._tables["measures"].append(
                {
                    "leg": use.leg,
                    "measure": measure.name,
                    "origin_s": measure.origin_ns / NS_PER_S,
                    "value_s": seconds(value),
                    "running_s": MISSING if value >= 0 else (end - measure.origin_ns) / NS_PER_S,
                    "object_bytes": measure.object_bytes,
                    "goodput_bps": goodput,
                }
            )


def _cut_off_ns(session: SessionRecord | None) -> int:
    """Return when a session's user gave up or a failure ended it, else -1: its transfers end there."""
    cut_off = session is not None and session.outcome in (ABANDONED, LOST)
    return session.ended_ns if session is not None and cut_off else -1


def seconds(time_ns: int) -> float:
    """Return a time in s; missing for a negative one."""
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
        "delay_most_ns": MISSING if record.delay_most_ns is None else record.delay_most_ns,
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
