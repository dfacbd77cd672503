"""What the tables hold of a stream becomes the records of its legs."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from telemedsim.dataplane.base import INTERRUPTION_NS
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.frames import KEPT, PARAMETERS, keep_counters
from telemedsim.dataplane.hybrid.placing import BUCKETS, Leg, Places, Run
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.parts.traffic.settling import FIRST_SHOWN_NS, SETTLED, STATE_SIZE, end_picture
from telemedsim.records.flows import LOSS_CAUSES, PROPAGATION, TRANSMISSION, LegRecord, Split
from telemedsim.records.quantiles import DELAY_QUANTILES, bucket_of_quantile


@dataclass(slots=True)
class Strays:
    """What of a leg did not fit the tables."""

    bins: dict[int, list[int]] = field(default_factory=dict)
    """Bin -> delivered, late, lost."""
    bin_buckets: dict[int, dict[int, int]] = field(default_factory=dict)
    buckets: dict[int, int] = field(default_factory=dict)
    firsts: dict[int, int] = field(default_factory=dict)
    """Bucket -> where its first packet is written down."""


class Collector:
    """Empties the logs of a window and makes the records of streams that are through."""

    def __init__(self, tables: Tables, places: Places) -> None:
        self._tables = tables
        self._places = places
        self._strays: defaultdict[int, Strays] = defaultdict(Strays)
        """By number of the leg."""

    def take_strays(self) -> None:
        """Empty the log of strays."""
        arrays = self._tables.arrays
        cursors = arrays["cursors"]
        used = int(cursors[layout.STRAY_USED])
        for row in arrays["strays"][:used].tolist():
            self._take(*row)
        cursors[layout.STRAY_USED] = 0

    def _take(self, kind: int, leg: int, in_bin: int, bucket: int, a: int, b: int, c: int) -> None:
        strays = self._strays[leg]
        if kind == layout.STRAY_COUNTS:
            counts = strays.bins.setdefault(in_bin, [0, 0, 0])
            for place, count in enumerate((a, b, c)):
                counts[place] += count
            return
        if kind == layout.STRAY_DELAY:
            strays.buckets[bucket] = strays.buckets.get(bucket, 0) + 1
            strays.firsts.setdefault(bucket, a)
            a = 1
        in_buckets = strays.bin_buckets.setdefault(in_bin, {})
        in_buckets[bucket] = in_buckets.get(bucket, 0) + a

    def records_of(self, run: Run, until_ns: int) -> list[LegRecord]:
        """Return the records of a stream's legs; ``until_ns`` is when it ended."""
        return [self._record(run, leg, until_ns) for leg in run.legs]

    def _record(self, run: Run, leg: Leg, until_ns: int) -> LegRecord:
        arrays = self._tables.arrays
        row = arrays["legs"][leg.number].tolist()
        stream = arrays["streams"][run.number].tolist()
        record = LegRecord(
            sent_packets=stream[layout.SENT_PACKETS],
            sent_bytes=stream[layout.SENT_BYTES],
            late_packets=row[layout.LATE],
            delay_sum_ns=row[layout.DELAY_SUM],
            delay_min_ns=row[layout.DELAY_MIN],
            delay_max_ns=row[layout.DELAY_MAX] if row[layout.DELAY_MIN] >= 0 else -1,
            frames_sent=stream[layout.FRAMES_SENT],
            interruptions=row[layout.INTERRUPTIONS],
            interruption_ns=row[layout.INTERRUPTED_NS],
            measured_ns=run.measured_ns,
        )
        strays = self._strays.pop(leg.number, Strays())
        self._add_bins(record, row, strays, run.stream.playout is None)
        self._add_losses(record, row, leg)
        sizes = arrays["sizes"][row[layout.SIZES_AT] :][: self._largest(run) + 1]
        self._add_split(record, row, leg, sizes)
        self._add_buckets(record, row, leg, strays)
        gap_ns = until_ns - max(row[layout.LAST_NS], run.stream.start_ns)
        if gap_ns > INTERRUPTION_NS and run.sees_end:
            record.interruptions += 1
            record.interruption_ns += gap_ns
        self._add_frames(record, run, row, leg)
        return record

    def _largest(self, run: Run) -> int:
        return run.stream.source.largest_packet_bytes()

    def _add_bins(
        self, record: LegRecord, row: list[int], strays: Strays, keep_buckets: bool
    ) -> None:
        """Add the counts by bin; the leg's own are those of its last one."""
        current = (row[layout.BIN_DELIVERED], row[layout.BIN_LATE], row[layout.BIN_LOST_PACKETS])
        bins, last = strays.bins, row[layout.LEG_BIN]
        if any(current):
            counts = bins.setdefault(last, [0, 0, 0])
            bins[last] = [a + b for a, b in zip(counts, current, strict=True)]
        for number, (delivered, late, lost) in bins.items():
            record.bins[number] = [delivered + lost, delivered, late, lost]
        if keep_buckets:
            record.bin_buckets = strays.bin_buckets
            current_buckets = self._counts(row, layout.BIN_HISTOGRAM_AT)
            self._tables.arrays["cursors"][layout.BIN_BUCKETS] -= len(current_buckets)
            for bucket, count in current_buckets.items():
                in_buckets = record.bin_buckets.setdefault(last, {})
                in_buckets[bucket] = in_buckets.get(bucket, 0) + count

    def _counts(self, row: list[int], column: int) -> dict[int, int]:
        """Return a histogram of the leg as bucket -> count."""
        counts = self._tables.arrays["histogram"][row[column] :][:BUCKETS]
        places = np.flatnonzero(counts)
        buckets = (places + row[layout.HISTOGRAM_OFFSET]).tolist()
        return dict(zip(buckets, counts[places].tolist(), strict=True))

    def _add_losses(self, record: LegRecord, row: list[int], leg: Leg) -> None:
        causes = len(LOSS_CAUSES)
        losses = self._tables.arrays["losses"][row[layout.LOST_AT] :][: causes * len(leg.path)]
        for place in np.flatnonzero(losses).tolist():
            depth, cause = divmod(place, causes)
            key = (leg.path[depth], cause)
            record.lost[key] = record.lost.get(key, 0) + int(losses[place])

    def _add_split(
        self, record: LegRecord, row: list[int], leg: Leg, counts: "np.ndarray[Any, Any]"
    ) -> None:
        """Add how much was delivered, and where its time went."""
        size, tables = self._tables.parts_a_hop, self._tables
        waits = tables.arrays["parts_ns"][row[layout.PARTS_AT] :][: size * len(leg.path)]
        sizes = np.flatnonzero(counts)
        numbers = counts[sizes].astype(np.int64)
        record.delivered_packets = int(numbers.sum())
        record.delivered_bytes = int((numbers * sizes).sum())
        hops = record.split.hops
        for depth, line in enumerate(leg.path):
            parts = hops.setdefault(line, [0] * size)
            for part, ns in enumerate(waits[depth * size : (depth + 1) * size].tolist()):
                parts[part] += ns
            propagation_ns = int(tables.arrays["lines"][line, layout.PROPAGATION])
            parts[PROPAGATION] += record.delivered_packets * propagation_ns
            parts[TRANSMISSION] += int((numbers * self._places.services_ns(line, sizes)).sum())

    def _add_buckets(self, record: LegRecord, row: list[int], leg: Leg, strays: Strays) -> None:
        """Add the histogram, and the packets that stand at its quantiles."""
        buckets = record.buckets = self._counts(row, layout.HISTOGRAM_AT) | strays.buckets
        if not buckets:
            return
        greatest = max(buckets)
        for bucket in [bucket_of_quantile(buckets, share) for _, share in DELAY_QUANTILES]:
            if bucket == greatest:
                at = row[layout.SLOWEST]
            elif bucket in strays.firsts:
                at = strays.firsts[bucket]
            else:
                place = row[layout.HISTOGRAM_AT] + bucket - row[layout.HISTOGRAM_OFFSET]
                at = int(self._tables.arrays["firsts"][place])
            record.exemplars[bucket] = self._exemplar(leg, at)

    def _exemplar(self, leg: Leg, at: int) -> Split:
        """Return the delay of a packet that was written down, taken apart."""
        tables, size = self._tables, self._tables.parts_a_hop
        ip_bytes, count = tables.arrays["exemplars"][at : at + 2].tolist()
        hops: dict[int, list[int]] = {}
        for line in leg.path:
            parts = hops.setdefault(line, [0] * size)
            parts[PROPAGATION] += int(tables.arrays["lines"][line, layout.PROPAGATION])
            parts[TRANSMISSION] += self._places.service_ns(line, ip_bytes)
        cells = tables.arrays["exemplars"][at + 2 : at + 2 + 2 * count].tolist()
        for part, ns in zip(cells[::2], cells[1::2], strict=True):
            depth, part = divmod(part, size)
            hops[leg.path[depth]][part] += ns
        return Split(hops=hops)

    def _add_frames(self, record: LegRecord, run: Run, row: list[int], leg: Leg) -> None:
        """Add what the receiver showed; its frames have been judged."""
        if run.stream.playout is None:
            return
        at = row[layout.SETTLING_AT]
        parameters = self._tables.arrays["settling"][at : at + PARAMETERS].tolist()
        state = self._tables.arrays["settling"][at + PARAMETERS :][:STATE_SIZE].tolist()
        kept = self._tables.arrays["settling"][at + PARAMETERS + STATE_SIZE :][:KEPT].tolist()
        first_measured = self._tables.arrays["streams"][run.number, layout.FRAME_FROM]
        if run.sees_end and state[SETTLED] >= first_measured:
            end_picture(parameters, state)
            keep_counters(state, kept, 1)
        record.frames_shown, record.frames_skipped, record.freezes, record.freeze_ns = kept
        if run.sees_start:
            record.first_shown_ns = run.first_shown_ns.get(leg.number, state[FIRST_SHOWN_NS])
