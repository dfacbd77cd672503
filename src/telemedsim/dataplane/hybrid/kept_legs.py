"""Records of legs in some hundred bytes each: a country's day has a million, read once at its end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from telemedsim.dataplane.hybrid import layout
from telemedsim.records.flows import PROPAGATION, TRANSMISSION, LegRecord, Split

COUNTS = (
    "sent_packets",
    "sent_bytes",
    "delivered_packets",
    "delivered_bytes",
    "late_packets",
    "delay_sum_ns",
    "delay_min_ns",
    "delay_max_ns",
    "frames_sent",
    "frames_shown",
    "frames_skipped",
    "first_shown_ns",
    "freezes",
    "freeze_ns",
    "interruptions",
    "interruption_ns",
    "measured_ns",
)
"""Fields of a record that are one integer each, in the order in which they are kept."""
EVENT = 6
"""Integers of something rare about a bin: those of a stray without its leg."""
DIGIT_BITS = 7
_SHIFTS = DIGIT_BITS * np.arange(10, dtype=np.uint64)
_BOUNDS = np.uint64(1) << _SHIFTS[1:]


def packed(numbers: "Sequence[int] | np.ndarray") -> tuple[bytes, "np.ndarray"]:
    """Return integers in as few bytes as each needs, and where each ends.

    Seven bits a byte, least first, the eighth bit set where more follow (LEB128, DWARF 5, 7.6); the
    sign is the lowest bit, so that small numbers of either sign are short.

    >>> packed([0, -1, 300])
    (b'\\x00\\x01\\xd8\\x04', array([1, 2, 4]))
    """
    signed = np.asarray(numbers, np.int64)
    values = ((signed << 1) ^ (signed >> 63)).view(np.uint64)
    sizes = 1 + np.searchsorted(_BOUNDS, values, side="right")
    digits = (values[:, None] >> _SHIFTS).astype(np.uint8) | np.uint8(128)
    digits[np.arange(len(values)), sizes - 1] &= 127
    ends = np.cumsum(sizes)
    return digits[np.arange(10) < sizes[:, None]].tobytes(), ends


def unpacked(kept: bytes) -> list[int]:
    """Return the integers of `packed`.

    >>> unpacked(packed([5, -(1 << 63), 1 << 62])[0])
    [5, -9223372036854775808, 4611686018427387904]
    """
    digits = np.frombuffer(kept, np.uint8)
    ends = np.flatnonzero(digits < 128)
    if not len(ends):
        return []
    begins = np.concatenate(([0], ends[:-1] + 1))
    places = np.arange(len(digits)) - np.repeat(begins, ends - begins + 1)
    values = np.add.reduceat((digits & 127).astype(np.uint64) << _SHIFTS[places], begins)
    signs = -(values & 1).astype(np.int64)
    numbers: list[int] = ((values >> np.uint64(1)).astype(np.int64) ^ signs).tolist()
    return numbers


class KeptStreams(Mapping[int, list[LegRecord]]):
    """Flow -> the records of its legs, made anew at each look-up."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[bytes, ...]] = {}

    def open(self, flow: int) -> None:
        """Give a flow its place in the order of the mapping."""
        self._kept[flow] = ()

    def keep(self, flow: int, legs: tuple[bytes, ...]) -> None:
        """Take what remains of a flow that is through."""
        self._kept[flow] = legs

    def kept_bytes(self) -> int:
        """Return how much is kept in all."""
        return sum(len(leg) for legs in self._kept.values() for leg in legs)

    def __getitem__(self, flow: int) -> list[LegRecord]:
        """Return the records of a flow's legs; none of a flow that is still open."""
        return [record_of(leg) for leg in self._kept[flow]]

    def __contains__(self, flow: object) -> bool:
        """Tell whether there is such a flow, without making its records."""
        return flow in self._kept

    def __iter__(self) -> Iterator[int]:
        """Return the flows in the order of their opening."""
        return iter(self._kept)

    def __len__(self) -> int:
        """Return the number of flows."""
        return len(self._kept)


class Reading:
    """Integers taken from the front, one or some at a time."""

    def __init__(self, numbers: list[int]) -> None:
        self._numbers = numbers
        self._at = 0

    def some(self, count: int) -> list[int]:
        """Return the next ones."""
        self._at += count
        return self._numbers[self._at - count : self._at]

    def counted(self, width: int = 1) -> list[int]:
        """Return a list that stands behind the number of its rows."""
        return self.some(self.some(1)[0] * width)

    @property
    def has_more(self) -> bool:
        """Tell whether any are left."""
        return self._at < len(self._numbers)

    def rest(self) -> list[int]:
        """Return all that is left."""
        return self._numbers[self._at :]


def record_of(kept: bytes) -> LegRecord:
    """Return the record of a leg that `Collector.keep` put together."""
    reading = Reading(unpacked(kept))
    keep_buckets, size = reading.some(2)
    fields: dict[str, Any] = dict(zip(COUNTS, reading.some(len(COUNTS)), strict=True))
    record = LegRecord(**fields)
    path = reading.counted()
    propagation_ns = reading.some(len(path))
    parts = reading.some(size * len(path))
    record.split.hops = _hops(path, [parts[at : at + size] for at in range(0, len(parts), size)])
    for depth, cause, packets in _rows(reading.counted(3), 3):
        key = (path[depth], cause)
        record.lost[key] = record.lost.get(key, 0) + packets
    record.buckets = {bucket: packets for bucket, packets in _rows(reading.counted(2), 2)}
    for _ in range(reading.some(1)[0]):
        (bucket,) = reading.some(1)
        record.exemplars[bucket] = _exemplar(reading, path, propagation_ns, size)
    for event in _rows(reading.rest(), EVENT):
        _add_event(record, event, bool(keep_buckets))
    for counts in record.bins.values():
        # Sent are those whose end is known: delivered or lost.
        counts[0] = counts[1] + counts[3]
    return record


def _rows(numbers: list[int], width: int) -> Iterator[list[int]]:
    return (numbers[at : at + width] for at in range(0, len(numbers), width))


def _hops(path: list[int], parts: list[list[int]]) -> dict[int, list[int]]:
    """Return the parts of each line; a line that a path crosses twice adds up."""
    hops: dict[int, list[int]] = {}
    for line, own in zip(path, parts, strict=True):
        there = hops.get(line)
        hops[line] = own if there is None else [a + b for a, b in zip(there, own, strict=True)]
    return hops


def _exemplar(reading: Reading, path: list[int], propagation_ns: list[int], size: int) -> Split:
    """Return the delay of a packet that was written down, taken apart."""
    parts = [[0] * size for _ in path]
    for own, fixed_ns, service_ns in zip(
        parts, propagation_ns, reading.some(len(path)), strict=True
    ):
        own[PROPAGATION], own[TRANSMISSION] = fixed_ns, service_ns
    for place, ns in _rows(reading.counted(2), 2):
        parts[place // size][place % size] += ns
    return Split(hops=_hops(path, parts))


def _add_event(record: LegRecord, event: list[int], keep_buckets: bool) -> None:
    """Add what happened in a bin: its counts (delivered, late, lost) or packets in a bucket."""
    kind, in_bin, bucket, *counts = event
    if kind == layout.STRAY_COUNTS:
        there = record.bins.setdefault(in_bin, [0, 0, 0, 0])
        for place, count in enumerate(counts, 1):
            there[place] += count
    elif keep_buckets:
        in_buckets = record.bin_buckets.setdefault(in_bin, {})
        in_buckets[bucket] = in_buckets.get(bucket, 0) + counts[0]
