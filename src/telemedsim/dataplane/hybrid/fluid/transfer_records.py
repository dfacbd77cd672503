"""Records of fluid transfers, kept in a few integers each and written out when they are asked for."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from telemedsim.dataplane.hybrid.fluid.courses import Course, packed, unpacked
from telemedsim.dataplane.hybrid.fluid.delay_bounds import most_delay_ns
from telemedsim.dataplane.hybrid.fluid.ways import Way
from telemedsim.records.flows import (
    IMPAIRMENT,
    PROPAGATION,
    QUEUEING,
    TRANSMISSION,
    LegRecord,
    Mark,
    Split,
    TransferRecord,
)
from telemedsim.records.histogram import bucket_of


class Kept(NamedTuple):
    """What remains of a transfer; ``marks`` are (step, time, packed split)."""

    start_ns: int
    end_ns: int
    ways: tuple[Way, Way]
    segments: tuple[int, int]
    data_bytes: tuple[int, int]
    delivered_bytes: int
    timeouts: int
    marks: tuple[tuple[int, int, object], ...]
    running: object
    """Packed split of a transfer that has not ended, else None."""


def keep(course: Course) -> Kept:
    """Return what remains of a course."""
    return Kept(
        course.transfer.start_ns,
        course.end_ns,
        course.ways,
        (course.segments[0], course.segments[1]),
        (course.data_bytes[0], course.data_bytes[1]),
        course.delivered_bytes,
        course.timeouts,
        tuple(course.marks),
        None if course.end_ns >= 0 else packed(course.base),
    )


class TransferRecords(Mapping[int, TransferRecord]):
    """Flow -> record. Each look-up builds the record anew, so that a million need little memory."""

    def __init__(self, kept: dict[int, Kept], classes: int, bin_ns: int) -> None:
        self._kept = kept
        self._classes = classes
        self._bin_ns = bin_ns
        self._bounds: dict[tuple[tuple[int, ...], int, int], float] = {}

    def __getitem__(self, flow: int) -> TransferRecord:
        one = self._kept[flow]
        legs = (self._leg(one, 0), self._leg(one, 1))
        again = sum(leg.lost_packets for leg in legs)
        return TransferRecord(
            start_ns=one.start_ns,
            legs=legs,
            marks=[
                Mark(step, time_ns, unpacked(split, self._classes))  # type: ignore[arg-type]
                for step, time_ns, split in one.marks
            ],
            end_ns=one.end_ns,
            segments_sent=sum(one.segments) + again,
            segments_retransmitted=again,
            timeouts=one.timeouts,
            delivered_bytes=one.delivered_bytes,
            running_split=(
                None if one.running is None else unpacked(one.running, self._classes)  # type: ignore[arg-type]
            ),
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def _leg(self, one: Kept, side: int) -> LegRecord:
        """Return one direction's packets: those expected to be lost, and between what their delay lies."""
        way, count = one.ways[side], one.segments[side]
        if count == 0:
            return LegRecord()
        overhead_bytes = way.tcp.packet_overhead_bytes
        lost = round(count * way.loss / (1 - way.loss)) if way.loss < 1 else 0
        delivered_bytes = one.data_bytes[side] + count * overhead_bytes
        leg = LegRecord(
            sent_packets=count + lost,
            sent_bytes=delivered_bytes + lost * way.full_bytes,
            delivered_packets=count,
            delivered_bytes=delivered_bytes,
        )
        if lost:
            leg.lost[(way.lossiest, IMPAIRMENT)] = lost
        split = self._empty_path(way, 1)
        delay_ns = split.total_ns()
        bucket = bucket_of(delay_ns)
        leg.delay_sum_ns = count * delay_ns
        leg.delay_min_ns = leg.delay_max_ns = delay_ns
        leg.buckets[bucket] = count
        leg.exemplars[bucket] = split
        leg.split = self._empty_path(way, count)
        leg.delay_most_ns = self._most_delay_ns(way)
        leg.bins[one.start_ns // self._bin_ns] = [count + lost, count, 0, lost]
        return leg

    def _most_delay_ns(self, way: Way) -> float:
        key = way.path, way.class_index, way.full_bytes
        bound = self._bounds.get(key)
        if bound is None:
            bound = self._bounds[key] = most_delay_ns(way.lines, *key)
        return bound

    def _empty_path(self, way: Way, count: int) -> Split:
        split = Split()
        for interface in way.path:
            parts = split.hops.setdefault(interface, [0] * (QUEUEING + self._classes))
            parts[PROPAGATION] += count * way.lines.propagation_ns[interface]
            parts[TRANSMISSION] += count * way.lines.transmission_ns(interface, way.full_bytes)
        return split
