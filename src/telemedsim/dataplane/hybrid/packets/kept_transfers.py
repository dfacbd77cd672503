"""Records of transfers by packets in some hundred bytes each, made when they are looked up."""

from collections.abc import Iterator, Mapping, Sequence

from telemedsim.dataplane.hybrid.kept_legs import Reading, packed, record_of, unpacked
from telemedsim.records.flows import END_PARTS, Mark, Split, TransferRecord

COUNTS = (
    "start_ns",
    "end_ns",
    "segments_sent",
    "segments_retransmitted",
    "timeouts",
    "delivered_bytes",
)
"""Fields of a record that are one integer each, in the order in which they are kept."""


class KeptTransfers(Mapping[int, TransferRecord]):
    """Flow -> record, made anew at each look-up; in the order in which transfers were through."""

    def __init__(self, parts_a_hop: int) -> None:
        self._parts_a_hop = parts_a_hop
        self._kept: dict[int, tuple[bytes, ...]] = {}

    def keep(
        self,
        flow: int,
        legs: Sequence[bytes],
        counts: Sequence[int],
        marks: Sequence[Mark],
        running: Split | None,
    ) -> None:
        """Take what remains of a transfer: its packed legs, the fields of COUNTS, and its splits."""
        numbers = [*counts, len(marks)]
        for mark in marks:
            numbers += [mark.step, mark.time_ns, *_numbers(mark.split)]
        if running is not None:
            numbers += _numbers(running)
        self._kept[flow] = (*legs, packed(numbers)[0])

    def __getitem__(self, flow: int) -> TransferRecord:
        """Return the record of a transfer."""
        there, back, rest = self._kept[flow]
        numbers = unpacked(rest)
        reading = Reading(numbers)
        fields = dict(zip(COUNTS, reading.some(len(COUNTS)), strict=True))
        record = TransferRecord(fields["start_ns"], (record_of(there), record_of(back)))
        for name, value in fields.items():
            setattr(record, name, value)
        for _ in range(reading.some(1)[0]):
            step, time_ns = reading.some(2)
            record.marks.append(Mark(step, time_ns, self._split(reading)))
        if reading.has_more:
            record.running_split = self._split(reading)
        return record

    def __contains__(self, flow: object) -> bool:
        """Tell whether there is such a transfer, without making its record."""
        return flow in self._kept

    def __iter__(self) -> Iterator[int]:
        """Return the flows in the order in which they were through."""
        return iter(self._kept)

    def __len__(self) -> int:
        """Return the number of transfers."""
        return len(self._kept)

    def _split(self, reading: Reading) -> Split:
        ends = reading.some(len(END_PARTS))
        split = Split(ends=ends)
        for _ in range(reading.some(1)[0]):
            line, *parts = reading.some(1 + self._parts_a_hop)
            split.hops[line] = parts
        return split


def _numbers(split: Split) -> list[int]:
    """Return a split's integers, all of them: a line without any time is told apart from no line."""
    numbers = [*split.ends, len(split.hops)]
    for line, parts in split.hops.items():
        numbers += [line, *parts]
    return numbers
