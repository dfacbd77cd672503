"""Small plans for the tests of control: a star of sites around a centre, each with a campus."""

from collections.abc import Sequence
from dataclasses import replace
from heapq import heappop, heappush

import numpy as np

from telemedsim.control.world import simulate
from telemedsim.dataplane.base import Flow, Report, Stream, Transfer
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.network.plan import Interfaces, Nodes, Plan
from telemedsim.network.work import ConnectionWork, Place, Probe, Rooms, Video, Work
from telemedsim.parts.arrivals.daily_profile import DailyProfile
from telemedsim.parts.arrivals.poisson import Poisson
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.playout import Playout
from telemedsim.parts.traffic.studies import Modality, StudyMix
from telemedsim.parts.traffic.video import LowDelay
from telemedsim.parts.traffic.video import Video as VideoSource
from telemedsim.parts.transport import Tcp
from telemedsim.records.flows import FlowRecords, LegRecord, TransferRecord
from telemedsim.records.sessions import ControlRecords

S = 1_000_000_000
HOUR = 3600 * S
RATE_BPS = 20_000_000
PROPAGATION_NS = 5_000_000
GEO_NS = 270_000_000
HEADER_BYTES, DATA_BYTES = 52, 1448
"""Of a segment: IP, TCP and timestamps, and what it carries."""
CLASSES = ("multimedia_conferencing", "low_latency_data", "high_throughput_data")
VIDEO_CLASS, READING_CLASS, UPLOAD_CLASS = range(3)

TCP = Tcp(
    algorithm="cubic",
    mss_bytes=1460,
    header_bytes=40,
    timestamp_option_bytes=12,
    syn_option_bytes=20,
    initial_window_segments=10,
    receive_window_bytes=3_145_728,
    sack=True,
    delayed_ack=True,
    delayed_ack_ns=40_000_000,
    segments_per_ack=2,
    min_rto_ns=200_000_000,
    initial_rto_ns=S,
    fallback_rto_ns=3 * S,
    max_rto_ns=60 * S,
    restart_after_idle=True,
)
PROBE = Probe(Constant(period_ns=100_000_000, ip_bytes=64))
PROTOCOL = DicomProtocol(
    kind="c_store",
    request_bytes=200,
    accept_bytes=200,
    release_bytes=10,
    response_bytes=150,
    object_overhead_bytes=2000,
    pdu_max_bytes=16384,
    archive_ns=15_000_000,
    archive_sigma=0.6,
)
MIX = StudyMix(
    modalities=(
        Modality(
            name="CR",
            share=0.6,
            objects_median=2,
            sigma=0.4,
            object_raw_bytes=7_530_000,
            lossless_ratio=3.0,
        ),
        Modality(
            name="CT",
            share=0.4,
            objects_median=350,
            sigma=0.8,
            object_raw_bytes=524_288,
            lossless_ratio=3.0,
            objects_max=2000,
        ),
    )
)
VIDEO = Video(
    source=VideoSource(
        frame_rate_num=30,
        frame_rate_den=1,
        target_rate_bps=5_000_000,
        payload_bytes=1200,
        overhead_bytes=50,
        pacing_share=0.5,
        sizes=LowDelay(scale=0.15, bound=0.9),
    ),
    playout=Playout(jitter_buffer_ms=60, frame_period_ns=33_333_333, repair="none"),
    target_rate_bps=5_000_000,
)
FLAT = DailyProfile(hour_weights=(1 / 24,) * 24, weekend_factor=1.0)


def arrivals(per_hour: float) -> Poisson:
    """Return arrivals at a constant rate."""
    return Poisson(profile=FLAT, per_weekday=24 * per_hour, opens_ns=0)


class Star:
    """Sites s0, s1, … on one link each to the centre; link 2k is site k's, 2k + 1 its campus."""

    def __init__(self, sites: int) -> None:
        self.names = ["centre", "centre.campus"]
        self.ends = [(1, 0)]
        for site in range(sites):
            node = len(self.names)
            self.names += [f"s{site}", f"s{site}.campus"]
            self.ends += [(node, 0), (node + 1, node)]

    def place(self, name: str) -> Place:
        """Return the place at a node."""
        site = name.removesuffix(".campus")
        tier = "provincial" if site == "centre" else "county"
        return Place(site, tier, self.names.index(name), name)

    def _up(self, node: int) -> list[int]:
        """Return the interfaces from a node to the centre."""
        for link, (low, high) in enumerate(self.ends):
            if low == node:
                return [2 * link, *self._up(high)]
        return []

    def path(self, tail: int, head: int) -> tuple[int, ...]:
        """Return the interfaces from node to node."""
        up, down = self._up(tail), self._up(head)
        while up and down and up[-1] == down[-1]:
            up.pop()
            down.pop()
        return (*up, *(interface + 1 for interface in reversed(down)))

    def plan(
        self,
        work: Sequence[Work],
        duration_ns: int,
        connections: Sequence[ConnectionWork] = (),
        seed: int = 1,
    ) -> Plan:
        """Return a plan with all routes of the star."""
        count = 2 * len(self.ends)
        ends = np.array(self.ends, dtype=np.int64)
        tail = ends.reshape(-1)
        head = ends[:, ::-1].reshape(-1)
        zeros = np.zeros(count, dtype=np.int64)
        nodes = range(len(self.names))
        blank = ("",) * len(self.names)
        return Plan(
            name="star",
            seed=seed,
            replication=0,
            window_start_ns=0,
            duration_ns=duration_ns,
            bin_ns=300 * S,
            series_bin_ns=60 * S,
            classes=CLASSES,
            nodes=Nodes(tuple(self.names), tuple(self.names), blank, blank),
            interfaces=Interfaces(
                name=tuple(str(i) for i in range(count)),
                link=tuple(str(i // 2) for i in range(count)),
                technology=("mstp",) * count,
                origin=("",) * count,
                tail=tail,
                head=head,
                rate_bps=np.full(count, RATE_BPS, dtype=np.int64),
                propagation_ns=np.full(count, PROPAGATION_NS, dtype=np.int64),
                overhead_bytes=zeros,
                min_frame_bytes=zeros,
                queue_limit=zeros,
                queue_in_bytes=zeros,
                scheduler=(),
                drop_policy=(),
                loss=(),
                delay_variation=(),
                active=zeros + 1,
                monthly_cost=np.zeros(count),
            ),
            routes={(a, b): self.path(a, b) for a in nodes for b in nodes if a != b},
            work=tuple(work),
            connections=tuple(connections),
            fingerprint="",
        )

    def rooms(self, name: str, rooms: int, per_hour: float = 0.0, screens: int = 1) -> Rooms:
        """Return rooms on a campus; without sessions an hour they only answer."""
        asked = arrivals(per_hour) if per_hour else None
        return Rooms(self.place(f"{name}.campus"), rooms, screens, asked)


class NominalPlane:
    """A data plane without packets: each step takes its bits at the star's rate and a path."""

    def __init__(self) -> None:
        self.streams: dict[int, Stream] = {}
        self.transfers: dict[int, Transfer] = {}
        self.opened_ns: dict[int, int] = {}
        self._records: dict[int, TransferRecord] = {}
        self._reports: list[tuple[int, int, int, bool]] = []
        self._now_ns = 0

    def open(self, flow: Flow) -> None:
        assert flow.start_ns >= self._now_ns
        self.opened_ns[flow.flow] = self._now_ns
        if isinstance(flow, Stream):
            self.streams[flow.flow] = flow
            return
        self.transfers[flow.flow] = flow
        time_ns = flow.start_ns
        for number, step in enumerate(flow.steps):
            path = flow.backward if step.sender else flow.forward
            bits_ns = step.size_bytes * 8 * S // RATE_BPS
            time_ns += step.delay_ns + bits_ns + PROPAGATION_NS * len(path)
            if step.report:
                last = number == len(flow.steps) - 1
                heappush(self._reports, (time_ns, flow.flow, number, last))

    def close(self, flow: int) -> None:
        raise AssertionError("streams end at their stop, transfers with their last step")

    def set_link(self, interface: int, up: bool) -> None:
        raise AssertionError("no link fails here")

    def advance(self, until_ns: int) -> tuple[int, list[Report]]:
        assert until_ns >= self._now_ns
        if self._reports and self._reports[0][0] <= until_ns:
            self._now_ns = self._reports[0][0]
            reports = []
            while self._reports and self._reports[0][0] == self._now_ns:
                time_ns, flow, step, last = heappop(self._reports)
                reports.append(Report(flow, step, time_ns, last))
            return self._now_ns, reports
        self._now_ns = until_ns
        return until_ns, []

    def finish(self) -> FlowRecords:
        streams = {
            flow: [LegRecord() for leg in stream.tree.leg if leg >= 0]
            for flow, stream in self.streams.items()
        }
        return FlowRecords(streams, self._records, [], 0, 0)


def reseeded(plan: Plan, seed: int) -> Plan:
    """Return the plan with another seed."""
    return replace(plan, seed=seed)


def packet_by_packet(
    plan: Plan, propagation_ns: int = PROPAGATION_NS
) -> tuple[ControlRecords, FlowRecords]:
    """Return what a run records, packet by packet on lines of unbounded queues without loss."""
    count = len(plan.interfaces.name)
    lines = replace(
        plan.interfaces,
        propagation_ns=np.full(count, propagation_ns, dtype=np.int64),
        queue_limit=np.full(count, 10**9, dtype=np.int64),
        scheduler=(Fifo(),) * count,
        drop_policy=(DropTail(),) * count,
        loss=(NoLoss(),) * count,
        delay_variation=(NoVariation(),) * count,
    )
    plane = ReferencePlane(lines, plan.classes, plan.bin_ns, plan.series_bin_ns, plan.seed, 0)
    return simulate(replace(plan, interfaces=lines), plane)


def times_s(plan: Plan, propagation_ns: int = PROPAGATION_NS) -> dict[str, list[float]]:
    """Return the times of ended transfers by measure, packet by packet on lines of unbounded queues."""
    control, flows = packet_by_packet(plan, propagation_ns)
    found: dict[str, list[float]] = {}
    for leg in control.legs:
        for measure in leg.measures:
            marks = {mark.step: mark.time_ns for mark in flows.transfers[leg.flow].marks}
            if measure.step in marks:
                time_ns = marks[measure.step] - measure.origin_ns
                found.setdefault(measure.name, []).append(time_ns / S)
    return found


def wire_s(size_bytes: int) -> float:
    """Return how long the line sends a message, the headers of its segments included."""
    segments = -(-size_bytes // DATA_BYTES)
    return (size_bytes + segments * HEADER_BYTES) * 8 / RATE_BPS
