"""What a receiver measures of the packets it gets: delays, bins, losses, and where time went."""

from typing import TYPE_CHECKING

from telemedsim.dataplane.base import INTERRUPTION_NS, Received
from telemedsim.dataplane.reference.packet import Extra, split_of
from telemedsim.records.flows import PROPAGATION, QUEUEING, TRANSMISSION, LegRecord
from telemedsim.records.histogram import SUB_BITS
from telemedsim.records.quantiles import DELAY_QUANTILES, bucket_of_quantile

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface
    from telemedsim.dataplane.reference.packet import Packet


class LegMeter:
    """Fills the record of one leg; what is the same for all packets of a size is added at the end.

    ``budget_ns`` is the playout deadline's network share, or -1: nothing is late.
    """

    def __init__(
        self,
        path: "tuple[Interface, ...]",
        bin_ns: int,
        budget_ns: int = -1,
        keep_bin_buckets: bool = False,
    ) -> None:
        self.record = LegRecord()
        self.path = path
        self.budget_ns = budget_ns
        self.last_ns = -1
        """When the last packet was delivered, -1 if none was."""
        self._bin_ns = bin_ns
        self._keep_bin_buckets = keep_bin_buckets
        self._counts: dict[int, int] = {}
        """IP packet size -> delivered packets."""
        self._firsts: dict[int, tuple[int, list[Extra] | None]] = {}
        """Bucket -> size and waits of the first packet in it; few become exemplars at the end."""
        self._slowest: tuple[int, list[Extra] | None] = (0, None)
        """Size and waits of the first packet with the greatest delay, which stands for its bucket."""
        self._bin_begin_ns, self._bin_end_ns = 0, -1
        self._bin: list[int] = [0, 0, 0, 0]
        """The bin of the send time that was counted last."""
        hops = self._hops = self.record.split.hops
        for interface in path:
            hops.setdefault(interface.index, [0] * (QUEUEING + interface.class_count))

    def deliver(self, packet: "Packet", now: int) -> bool:
        """Count a packet that has arrived now; return whether it is late."""
        record = self.record
        delay_ns = now - packet.sent_ns
        self._counts[packet.ip_bytes] = self._counts.get(packet.ip_bytes, 0) + 1
        record.delay_sum_ns += delay_ns
        if delay_ns > record.delay_max_ns:
            record.delay_max_ns = delay_ns
            self._slowest = (packet.ip_bytes, packet.extras)
        if delay_ns < record.delay_min_ns or record.delay_min_ns < 0:
            record.delay_min_ns = delay_ns
        # histogram.bucket_of, written out: this is the busiest line of a receiver.
        shift = delay_ns.bit_length() - SUB_BITS - 1
        bucket = (shift << SUB_BITS) + (delay_ns >> shift) if shift > 0 else delay_ns
        if bucket in record.buckets:
            record.buckets[bucket] += 1
        else:
            record.buckets[bucket] = 1
            self._firsts[bucket] = (packet.ip_bytes, packet.extras)
        if packet.extras is not None:
            hops = self._hops
            for index, part, ns in packet.extras:
                hops[index][part] += ns
        if not self._bin_begin_ns <= packet.sent_ns < self._bin_end_ns:
            self._open_bin(packet.sent_ns)
        counts = self._bin
        counts[1] += 1
        late = 0 <= self.budget_ns < delay_ns
        if late:
            record.late_packets += 1
            counts[2] += 1
        if self._keep_bin_buckets:
            in_bin = record.bin_buckets.setdefault(packet.sent_ns // self._bin_ns, {})
            in_bin[bucket] = in_bin.get(bucket, 0) + 1
        if now - self.last_ns > INTERRUPTION_NS and self.last_ns >= 0:
            self._interrupt(now - self.last_ns)
        self.last_ns = now
        return late

    def _open_bin(self, sent_ns: int) -> None:
        """Make the bin of a send time the current one."""
        number = sent_ns // self._bin_ns
        self._bin = self.record.bins.setdefault(number, [0, 0, 0, 0])
        self._bin_begin_ns, self._bin_end_ns = number * self._bin_ns, (number + 1) * self._bin_ns

    def lose(self, packet: "Packet", interface: int, cause: int) -> None:
        """Count a packet lost at an interface."""
        place = (interface, cause)
        self.record.lost[place] = self.record.lost.get(place, 0) + 1
        if not self._bin_begin_ns <= packet.sent_ns < self._bin_end_ns:
            self._open_bin(packet.sent_ns)
        self._bin[3] += 1

    def received(self) -> Received:
        """Return what was delivered and lost so far."""
        return Received(sum(self._counts.values()), self.record.lost_packets)

    def close(self, active_from_ns: int = -1, active_until_ns: int = -1) -> LegRecord:
        """Return the record, complete; an active leg that got nothing to its end was interrupted."""
        record = self.record
        last_ns = max(self.last_ns, active_from_ns)
        if active_until_ns - last_ns > INTERRUPTION_NS and active_from_ns >= 0:
            self._interrupt(active_until_ns - last_ns)
        for ip_bytes, count in self._counts.items():
            record.delivered_packets += count
            record.delivered_bytes += count * ip_bytes
            for interface in self.path:
                parts = record.split.hops[interface.index]
                parts[PROPAGATION] += count * interface.propagation_ns
                parts[TRANSMISSION] += count * interface.service_ns(ip_bytes)
        self._counts.clear()
        if record.buckets:
            self._keep_exemplars()
        for counts in record.bins.values():
            # Sent are those whose end is known: delivered or lost.
            counts[0] = counts[1] + counts[3]
        return record

    def _keep_exemplars(self) -> None:
        """Take the packets apart that stand at the quantiles of the record."""
        buckets = self.record.buckets
        self._firsts[max(buckets)] = self._slowest
        for bucket in [bucket_of_quantile(buckets, share) for _, share in DELAY_QUANTILES]:
            self.record.exemplars[bucket] = split_of(self.path, *self._firsts[bucket])
        self._firsts.clear()

    def _interrupt(self, gap_ns: int) -> None:
        self.record.interruptions += 1
        self.record.interruption_ns += gap_ns
