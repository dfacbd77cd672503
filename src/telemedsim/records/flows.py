"""What a data plane measures, before it becomes tables: plain records of integers.

A time is split into components that close exactly. The components of a hop are HOP_PARTS and
one queueing part for each class of service: the time during which packets of that class, from
other flows, were being sent while this packet waited. Waiting behind packets of its own flow
is transmission: the flow's own bits being sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from telemedsim.records.interface_series import NO_SERIES, InterfaceSeries

PROPAGATION, TRANSMISSION, VARIATION, OUTAGE, QUEUEING = 0, 1, 2, 3, 4
"""Positions in a hop's split; queueing of class c stands at QUEUEING + c."""
HOP_PARTS = ("propagation", "transmission", "delay_variation", "outage")

ACKNOWLEDGEMENT_WAIT, RETRANSMISSION, SERVER, WAITING = 0, 1, 2, 3
END_PARTS = ("acknowledgement_wait", "retransmission", "server", "waiting")
"""Parts of a time that belong to no single hop; waiting is for a slot at the front-end processor."""

IMPAIRMENT, OVERFLOW, POLICER, OUTAGE_LOSS = 0, 1, 2, 3
LOSS_CAUSES = ("impairment", "overflow", "policer", "outage")


@dataclass(slots=True)
class Split:
    """One time taken apart: ``hops[interface][part]`` and ``ends[part]``, in ns; the sum closes."""

    hops: dict[int, list[int]] = field(default_factory=dict)
    ends: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def total_ns(self) -> int:
        """Return the sum of all parts."""
        return sum(self.ends) + sum(sum(parts) for parts in self.hops.values())


ALL_MEASURED = -1


@dataclass(slots=True)
class LegRecord:
    """What one leg (receiver, direction) of a flow measured of its data packets."""

    sent_packets: int = 0
    sent_bytes: int = 0
    delivered_packets: int = 0
    delivered_bytes: int = 0
    late_packets: int = 0
    """Delivered after the playout deadline; they count as lost for the loss clause."""
    lost: dict[tuple[int, int], int] = field(default_factory=dict)
    """(interface, cause) -> packets."""
    delay_sum_ns: int = 0
    delay_min_ns: int = -1
    delay_max_ns: int = -1
    delay_most_ns: float | None = None
    """Where the delay is only known from below, what it may have been at most (or infinite)."""
    buckets: dict[int, int] = field(default_factory=dict)
    """records.histogram bucket -> delivered packets."""
    exemplars: dict[int, Split] = field(default_factory=dict)
    """Buckets of records.quantiles.DELAY_QUANTILES -> the first packet of the bucket, taken apart."""
    split: Split = field(default_factory=Split)
    """Sum over all delivered packets; closes on delay_sum_ns."""
    bins: dict[int, list[int]] = field(default_factory=dict)
    """Bin of the send time -> [sent, delivered, late, lost]."""
    bin_buckets: dict[int, dict[int, int]] = field(default_factory=dict)
    """Bin of the send time -> bucket -> delivered packets; only for streams without playout
    (probes), since a connection's delay is judged bin by bin (rule 8)."""
    frames_sent: int = 0
    frames_shown: int = 0
    frames_skipped: int = 0
    first_shown_ns: int = -1
    freezes: int = 0
    freeze_ns: int = 0
    interruptions: int = 0
    interruption_ns: int = 0
    measured_ns: int = ALL_MEASURED
    """How much of a stream's life was measured, where time is sampled."""

    @property
    def lost_packets(self) -> int:
        """Packets lost on the way, whatever the cause."""
        return sum(self.lost.values())

    @property
    def in_flight_packets(self) -> int:
        """Packets neither delivered nor lost when the run ended."""
        return self.sent_packets - self.delivered_packets - self.lost_packets


@dataclass(slots=True)
class Mark:
    """A reported step: when its last byte arrived, and where the time since the flow began went."""

    step: int
    time_ns: int
    split: Split


@dataclass(slots=True)
class TransferRecord:
    """What one transfer measured; legs[0] is the data of end 0, legs[1] of end 1 (no pure ACKs)."""

    start_ns: int
    legs: tuple[LegRecord, LegRecord]
    marks: list[Mark] = field(default_factory=list)
    end_ns: int = -1
    """-1 while it is still running at the end of the run."""
    segments_sent: int = 0
    segments_retransmitted: int = 0
    timeouts: int = 0
    delivered_bytes: int = 0
    """Application bytes of both ends that arrived in order."""
    running_split: Split | None = None
    """For a transfer still running at the end: its time up to its last event."""


@dataclass(slots=True)
class InterfaceRecord:
    """What one interface did."""

    arrived_packets: int = 0
    arrived_bytes: int = 0
    carried_packets: int = 0
    carried_bytes: int = 0
    """On the wire, framing included; lost on the wire or not."""
    busy_ns: int = 0
    down_ns: int = 0
    lost_packets: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    """By cause, as LOSS_CAUSES."""
    queued_packets: int = 0
    """Waiting, in service or on the wire when the run ended."""
    delivered_packets: int = 0
    """Arrived at the head of the link."""
    max_queue_packets: int = 0
    series: InterfaceSeries = field(default_factory=lambda: NO_SERIES)
    """Of each bin busy_ns, carried_bytes and lost_packets."""


@dataclass(slots=True)
class FlowRecords:
    """All that a data plane measured in one replication.

    The mappings are read once, in the order in which control opened the flows: a plane of millions
    of them may make each record when it is asked for, and keep none.
    """

    streams: Mapping[int, list[LegRecord]]
    """flow -> its legs."""
    transfers: Mapping[int, TransferRecord]
    interfaces: Sequence[InterfaceRecord]
    packet_hops: int
    events: int
    transfer_rule: str = ""
    """How it was decided which transfers run packet by packet; empty where all run alike."""
    packet_transfers: int = 0
    fluid_transfers: int = 0
    sampled_parts: tuple[tuple[int, int], ...] = ()
    """[begin, end) in ns in which packets of streams were measured; empty for the whole window.

    Where time is sampled, streams that no part saw are not in ``streams``; counts of links are those
    of the parts, while their series, busy time and carried bytes stand for the whole window.
    """
