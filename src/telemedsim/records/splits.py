"""Where times went: the rows of table ``splits``, each group closing on the time it explains."""

from collections.abc import Iterable

from telemedsim.records.flows import (
    END_PARTS,
    HOP_PARTS,
    SERVER,
    WAITING,
    LegRecord,
    Mark,
    Split,
    TransferRecord,
)
from telemedsim.records.quantiles import DELAY_QUANTILES, bucket_of_quantile
from telemedsim.records.sessions import Measure

UNFINISHED = "unfinished"
"""Part of a running measure: from the transfer's last event to the end of the run."""
BEFORE_WINDOW = "before_window"
"""Part of a measure whose beginning lies before the window opens."""

Part = tuple[str, str, float]
"""(interface, component, ns)."""


class Splitter:
    """Makes parts of a split with the names of interfaces and classes."""

    def __init__(self, interfaces: tuple[str, ...], classes: tuple[str, ...]) -> None:
        self._interfaces = interfaces
        self._hop_parts = HOP_PARTS + tuple(f"queueing:{name}" for name in classes)

    def parts(self, split: Split, share: float = 1.0) -> list[Part]:
        """Return the parts of a split that are not zero, each times ``share``."""
        found: list[Part] = []
        for interface in sorted(split.hops):
            name = self._interfaces[interface]
            for component, ns in zip(self._hop_parts, split.hops[interface], strict=False):
                if ns:
                    found.append((name, component, ns * share))
        for component, ns in zip(END_PARTS, split.ends, strict=True):
            if ns:
                found.append(("", component, ns * share))
        return found

    def delays(self, record: LegRecord) -> Iterable[tuple[str, list[Part]]]:
        """Return the parts of the mean delay and of the packet that stands at each quantile."""
        if not record.delivered_packets:
            return
        yield "delay_mean", self.parts(record.split, 1.0 / record.delivered_packets)
        for name, quantile in DELAY_QUANTILES:
            exemplar = record.exemplars.get(bucket_of_quantile(record.buckets, quantile))
            if exemplar is not None:
                yield name, self.parts(exemplar)

    def measure(
        self, measure: Measure, transfer: TransferRecord, duration_ns: int
    ) -> tuple[int, list[Part]]:
        """Return a measure's value in ns (-1 while running) and its parts.

        The parts sum to the value, or to the age at the end of the run while it is running.
        """
        mark = next((m for m in transfer.marks if m.step == measure.step), None)
        if mark is not None:
            value = mark.time_ns - measure.origin_ns + measure.server_after_ns
            split = _since(_base(measure, transfer.marks), mark.split)
            split.ends[SERVER] += measure.server_after_ns
            return value, self._closed(split, value, measure)
        running = transfer.running_split
        split = _since(_base(measure, transfer.marks), running) if running is not None else Split()
        age = duration_ns - measure.origin_ns
        reached = transfer.start_ns + (0 if running is None else running.total_ns())
        parts = self._closed(split, max(reached, measure.origin_ns) - measure.origin_ns, measure)
        rest = age - sum(int(ns) for _, _, ns in parts)
        return -1, [*parts, ("", UNFINISHED, float(rest))] if rest else parts

    def _closed(self, split: Split, total: int, measure: Measure) -> list[Part]:
        """Return the parts of a split and what it lacks to the total, by what it must have been."""
        rest = total - split.total_ns()
        before = max(0, min(rest, -measure.origin_ns))
        rest -= before
        stages = _stages_seen(measure, rest)
        rest -= sum(ns for _, ns in stages)
        # A reader's pause on an open connection is the sender's delay of the next request, and
        # begins before the request does: what is too much is taken off there.
        split.ends[SERVER if rest < 0 else WAITING] += rest
        unseen = [("", BEFORE_WINDOW, float(before))] if before else []
        return unseen + [("", name, float(ns)) for name, ns in stages] + self.parts(split)


def _stages_seen(measure: Measure, most_ns: int) -> list[tuple[str, int]]:
    """Return the stages of a measure's waiting that lie in the window, ``most_ns`` in all at most."""
    found, began = list[tuple[str, int]](), measure.origin_ns
    for name, ns in measure.stages:
        seen = max(0, min(ns, began + ns, most_ns))
        began, most_ns = began + ns, most_ns - seen
        if seen:
            found.append((name, seen))
    return found


def _base(measure: Measure, marks: list[Mark]) -> Split | None:
    """Return the split of the last message that had arrived when the measure began."""
    earlier = [m for m in marks if m.time_ns <= measure.origin_ns and m.step < measure.step]
    return max(earlier, key=lambda m: m.time_ns).split if earlier else None


def _since(base: Split | None, split: Split) -> Split:
    """Return a copy of a split, less what had passed at ``base``."""
    hops = {interface: list(parts) for interface, parts in split.hops.items()}
    ends = list(split.ends)
    if base is not None:
        ends = [a - b for a, b in zip(ends, base.ends, strict=True)]
        for interface, parts in base.hops.items():
            now = hops.setdefault(interface, [0] * len(parts))
            for position, ns in enumerate(parts):
                now[position] -= ns
    return Split(hops, ends)


def weightiest_interface(split: Split) -> int | None:
    """Return the interface where a packet lost most time to queues, variation and outages."""
    waits = {i: sum(parts) - parts[0] - parts[1] for i, parts in split.hops.items()}
    return min(waits, key=lambda i: (-waits[i], i)) if waits else None
