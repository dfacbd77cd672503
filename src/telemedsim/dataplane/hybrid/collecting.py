"""What the tables hold of a stream is packed into the bytes from which records of its legs are made."""

import numpy as np

from telemedsim.dataplane.base import INTERRUPTION_NS, Received
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.exemplars import move_exemplars
from telemedsim.dataplane.hybrid.frames import KEPT, PARAMETERS, keep_counters
from telemedsim.dataplane.hybrid.kept_legs import packed
from telemedsim.dataplane.hybrid.placing import BUCKETS, Leg, Places, Run
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.parts.traffic.playout import Shown
from telemedsim.parts.traffic.settling import FIRST_SHOWN_NS, SETTLED, STATE_SIZE, end_picture
from telemedsim.records.flows import LOSS_CAUSES, PROPAGATION, TRANSMISSION
from telemedsim.records.quantiles import DELAY_QUANTILES, rank_of_quantile

MOST_EXEMPLARS = 1 << 20
"""Integers of packets written down, above which those that nobody names any more are left behind."""
NOTHING_SHOWN = Shown(0, 0, -1, 0, 0)


class Collector:
    """Empties the logs of a window and packs the legs of streams that are through."""

    def __init__(self, tables: Tables, places: Places) -> None:
        self._tables = tables
        self._places = places
        self._strays: dict[int, bytearray] = {}
        """Number of the leg -> what of it did not fit the tables, packed."""
        self._far: dict[int, dict[int, list[int]]] = {}
        """Number of the leg -> bucket beyond its histogram -> packets, and where the first one is
        written down."""
        self._most_exemplars = MOST_EXEMPLARS

    def take_strays(self) -> None:
        """Empty the log of strays; let go of packets written down that nobody will ask for."""
        arrays = self._tables.arrays
        used = int(arrays["cursors"][layout.STRAY_USED])
        if used:
            self._take(arrays["strays"][:used].copy())
            arrays["cursors"][layout.STRAY_USED] = 0
        if arrays["cursors"][layout.EXEMPLARS_USED] > self._most_exemplars:
            self._move_exemplars()

    def _take(self, log: IntArray) -> None:
        """Put each row to its leg, packed."""
        delays = log[:, layout.STRAY_KIND] == layout.STRAY_DELAY
        for _, leg, _, bucket, at, _, _ in log[delays].tolist():
            counted = self._far.setdefault(leg, {}).setdefault(bucket, [0, at])
            counted[0] += 1
        log[delays, layout.STRAY_A] = 1
        log = log[np.argsort(log[:, layout.STRAY_LEG], kind="stable")]
        legs = log[:, layout.STRAY_LEG]
        whole, ends = packed(np.delete(log, layout.STRAY_LEG, axis=1).reshape(-1))
        lasts = np.flatnonzero(np.diff(legs, append=-1))
        begin = 0
        for leg, end in zip(
            legs[lasts].tolist(), ends.reshape(len(log), -1)[lasts, -1].tolist(), strict=True
        ):
            self._strays.setdefault(leg, bytearray()).extend(whole[begin:end])
            begin = end

    def _move_exemplars(self) -> None:
        far = [counted for buckets in self._far.values() for counted in buckets.values()]
        moved = move_exemplars(self._tables, [at for _, at in far])
        for counted, at in zip(far, moved, strict=True):
            counted[1] = at
        used = int(self._tables.arrays["cursors"][layout.EXEMPLARS_USED])
        self._most_exemplars = max(MOST_EXEMPLARS, 2 * used)

    def keep(self, run: Run, until_ns: int, bin_buckets: bool = True) -> tuple[bytes, ...]:
        """Return what remains of a stream's legs, for `kept_legs.record_of`.

        ``until_ns`` is when it ended; ``bin_buckets`` tells whether delays count bin by bin too,
        where there is no playout.
        """
        return tuple(self._keep(run, leg, until_ns, bin_buckets) for leg in run.legs)

    def _keep(self, run: Run, leg: Leg, until_ns: int, bin_buckets: bool) -> bytes:
        arrays = self._tables.arrays
        row = arrays["legs"][leg.number].tolist()
        bin_buckets = bin_buckets and run.stream.playout is None
        sizes, packets, services_ns = self._delivered(run, row, leg)
        delivered = int(packets.sum())
        numbers = [int(bin_buckets), self._tables.parts_a_hop]
        numbers += self._counts(run, row, leg, until_ns, delivered, int((packets * sizes).sum()))
        numbers += self._path(row, leg, delivered, packets @ services_ns)
        numbers += self._losses(row, leg)
        numbers += self._delays(row, leg, sizes, services_ns)
        numbers += self._last_bin(row, run.stream.playout is None)
        # Whoever has no histogram names no packet that was written down.
        arrays["legs"][leg.number, layout.HISTOGRAM_SIZE] = 0
        return packed(numbers)[0] + self._strays.pop(leg.number, b"")

    def received(self, run: Run) -> list[Received]:
        """Return what each leg of an open stream has seen of what was moved so far."""
        arrays, found = self._tables.arrays, list[Received]()
        largest = run.stream.source.largest_packet_bytes()
        for leg in run.legs:
            row = arrays["legs"][leg.number]
            delivered = arrays["sizes"][row[layout.SIZES_AT] :][: largest + 1].sum()
            causes = len(LOSS_CAUSES) * len(leg.path)
            lost = arrays["losses"][row[layout.LOST_AT] :][:causes].sum()
            found.append(Received(int(delivered), int(lost)))
        return found

    def _delivered(self, run: Run, row: list[int], leg: Leg) -> tuple[IntArray, IntArray, IntArray]:
        """Return the sizes delivered, packets of each, and the time that each takes on each line."""
        largest = run.stream.source.largest_packet_bytes()
        counts = self._tables.arrays["sizes"][row[layout.SIZES_AT] :][: largest + 1]
        sizes = np.flatnonzero(counts)
        services_ns = [self._places.services_ns(line, sizes) for line in leg.path]
        return sizes, counts[sizes].astype(np.int64), np.stack(services_ns, axis=1)

    def _counts(
        self,
        run: Run,
        row: list[int],
        leg: Leg,
        until_ns: int,
        delivered: int,
        delivered_bytes: int,
    ) -> list[int]:
        """Return the fields of `kept_legs.COUNTS`."""
        stream = self._tables.arrays["streams"][run.number].tolist()
        shown = self._shown(run, row, leg)
        gap_ns = until_ns - max(row[layout.LAST_NS], run.stream.start_ns)
        is_gap = run.sees_end and gap_ns > INTERRUPTION_NS
        return [
            stream[layout.SENT_PACKETS],
            stream[layout.SENT_BYTES],
            delivered,
            delivered_bytes,
            row[layout.LATE],
            row[layout.DELAY_SUM],
            row[layout.DELAY_MIN],
            row[layout.DELAY_MAX] if row[layout.DELAY_MIN] >= 0 else -1,
            stream[layout.FRAMES_SENT],
            shown.frames_shown,
            shown.frames_skipped,
            shown.first_shown_ns,
            shown.freezes,
            shown.freeze_ns,
            row[layout.INTERRUPTIONS] + is_gap,
            row[layout.INTERRUPTED_NS] + (gap_ns if is_gap else 0),
            run.measured_ns,
        ]

    def _shown(self, run: Run, row: list[int], leg: Leg) -> Shown:
        """Return what the receiver showed of the frames that are measured; all have been judged."""
        if run.stream.playout is None:
            return NOTHING_SHOWN
        values = self._tables.arrays["settling"][row[layout.SETTLING_AT] :]
        parameters = values[:PARAMETERS].tolist()
        state = values[PARAMETERS:][:STATE_SIZE].tolist()
        kept = values[PARAMETERS + STATE_SIZE :][:KEPT].tolist()
        first_measured = self._tables.arrays["streams"][run.number, layout.FRAME_FROM]
        if run.sees_end and state[SETTLED] >= first_measured:
            end_picture(parameters, state)
            keep_counters(state, kept, 1)
        shown, skipped, freezes, freeze_ns = kept
        first_shown_ns = NOTHING_SHOWN.first_shown_ns
        if run.sees_start:
            first_shown_ns = run.first_shown_ns.get(leg.number, state[FIRST_SHOWN_NS])
        return Shown(shown, skipped, first_shown_ns, freezes, freeze_ns)

    def _path(
        self, row: list[int], leg: Leg, delivered: int, transmission_ns: IntArray
    ) -> list[int]:
        """Return the lines, their propagation, and where the time of what was delivered went."""
        arrays, size, hops = self._tables.arrays, self._tables.parts_a_hop, len(leg.path)
        propagation_ns = arrays["lines"][list(leg.path), layout.PROPAGATION]
        parts = arrays["parts_ns"][row[layout.PARTS_AT] :][: size * hops].reshape(hops, size).copy()
        parts[:, PROPAGATION] += delivered * propagation_ns
        parts[:, TRANSMISSION] += transmission_ns
        return [hops, *leg.path, *propagation_ns.tolist(), *parts.reshape(-1).tolist()]

    def _losses(self, row: list[int], leg: Leg) -> list[int]:
        """Return (hop, cause, packets) of all that were lost, behind their number."""
        causes = len(LOSS_CAUSES)
        losses = self._tables.arrays["losses"][row[layout.LOST_AT] :][: causes * len(leg.path)]
        numbers = [0]
        for place in np.flatnonzero(losses).tolist():
            numbers += [*divmod(place, causes), int(losses[place])]
            numbers[0] += 1
        return numbers

    def _histogram(self, row: list[int], column: int) -> tuple[IntArray, IntArray]:
        """Return the buckets of one of the leg's histograms, and the packets of each."""
        counts = self._tables.arrays["histogram"][row[column] :][:BUCKETS]
        places = np.flatnonzero(counts)
        return places + row[layout.HISTOGRAM_OFFSET], counts[places].astype(np.int64)

    def _delays(
        self, row: list[int], leg: Leg, sizes: IntArray, services_ns: IntArray
    ) -> list[int]:
        """Return the histogram, and the packets that stand at its quantiles."""
        buckets, packets = self._histogram(row, layout.HISTOGRAM_AT)
        far = self._far.pop(leg.number, {})
        if far:
            # All of them lie behind the histogram.
            more = sorted(far)
            buckets = np.concatenate((buckets, more))
            packets = np.concatenate((packets, [far[bucket][0] for bucket in more]))
        if not len(buckets):
            return [0, 0]
        passed = np.cumsum(packets)
        ranks = [rank_of_quantile(share, int(passed[-1])) for _, share in DELAY_QUANTILES]
        chosen = np.unique(np.searchsorted(passed, ranks)).tolist()
        numbers = [len(buckets), *np.column_stack((buckets, packets)).reshape(-1).tolist()]
        numbers.append(len(chosen))
        for place in chosen:
            bucket = int(buckets[place])
            if place == len(buckets) - 1:
                at = row[layout.SLOWEST]
            elif bucket in far:
                at = far[bucket][1]
            else:
                first = row[layout.HISTOGRAM_AT] + bucket - row[layout.HISTOGRAM_OFFSET]
                at = int(self._tables.arrays["firsts"][first])
            numbers += [bucket, *self._exemplar(at, sizes, services_ns)]
        return numbers

    def _exemplar(self, at: int, sizes: IntArray, services_ns: IntArray) -> list[int]:
        """Return a packet's time on each line, and (part, ns) of its waits behind their number."""
        exemplars = self._tables.arrays["exemplars"]
        ip_bytes, count = exemplars[at : at + 2].tolist()
        own_ns = services_ns[np.searchsorted(sizes, ip_bytes)]
        return [*own_ns.tolist(), count, *exemplars[at + 2 : at + 2 + 2 * count].tolist()]

    def _last_bin(self, row: list[int], has_buckets: bool) -> list[int]:
        """Return the counts of the leg's present bin, as strays tell of earlier ones."""
        current = [row[layout.BIN_DELIVERED], row[layout.BIN_LATE], row[layout.BIN_LOST_PACKETS]]
        in_bin = row[layout.LEG_BIN]
        numbers = [layout.STRAY_COUNTS, in_bin, 0, *current] if any(current) else []
        if has_buckets:
            buckets, packets = self._histogram(row, layout.BIN_HISTOGRAM_AT)
            self._tables.arrays["cursors"][layout.BIN_BUCKETS] -= len(buckets)
            for bucket, count in zip(buckets.tolist(), packets.tolist(), strict=True):
                numbers += [layout.STRAY_BUCKETS, in_bin, bucket, count, 0, 0]
        return numbers
