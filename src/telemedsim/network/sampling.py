"""Which parts of the window the packets of streams are measured in (docs: definitions, rule 12).

The window is cut into turns, each as long as what a block measures. A block is a turn and its
lead-in, the seconds before it that fill the queues and are not measured; where the turn before was
drawn too, the queues are full already. One turn of each stratum of ``1 / share`` turns is drawn,
so that every instant has the same chance and no hour goes without. What is sampled is the whole
network at once, which no coupled group of links exceeds.
"""

from bisect import bisect_right
from dataclasses import dataclass

from telemedsim.core.random_streams import draw_uniform, stream_key

WHOLE_NUMBER = 0.02
"""How far, of itself, 1 / share may lie from a whole number."""

Part = tuple[int, int]
"""[begin, end) in ns after the window opens."""


@dataclass(frozen=True)
class SampledTime:
    """The parts of a window in which packets are measured, in order and apart from each other."""

    turns: int
    """Turns of a stratum, of which one is measured."""
    blocks: int
    """Turns that were drawn; neighbours make one part."""
    parts: tuple[Part, ...]
    lead_in_ns: int
    grace_ns: int
    """How long streams go on behind a part, so that what was sent in it meets the usual load."""

    def measured_ns(self, begin_ns: int = 0, end_ns: int = 1 << 62) -> int:
        """Return how much of [begin, end) is measured."""
        return sum(max(0, min(end, end_ns) - max(begin, begin_ns)) for begin, end in self.parts)

    @property
    def simulated_ns(self) -> int:
        """How long packets move, with lead-ins and graces."""
        return self.measured_ns() + len(self.parts) * (self.lead_in_ns + self.grace_ns)


def turns_of(share: float) -> int:
    """Return of how many turns one is measured. ValueError where that is no whole number.

    >>> turns_of(0.05), turns_of(0.333)
    (20, 3)
    """
    turns = round(1 / share)
    if share < 1 and (turns == 1 or abs(1 / share - turns) > WHOLE_NUMBER * turns):
        below, above = 1 / int(1 / share), 1 / (int(1 / share) + 1)
        raise ValueError(f"one block in {1 / share:.3g}: give {above:.4g} or {below:.4g}")
    return turns


def stratum_ns(share: float, block_ns: int, lead_in_ns: int) -> int:
    """Return how much time one measured turn stands for.

    >>> stratum_ns(0.05, 60, 5)
    1100
    """
    return turns_of(share) * (block_ns - lead_in_ns)


def sampled_time(
    share: float,
    duration_ns: int,
    block_ns: int,
    lead_in_ns: int,
    grace_ns: int,
    seed: int,
    replication: int,
) -> SampledTime:
    """Return the parts of a window that are measured; each draw is keyed by its stratum.

    A stratum that the end of the window cuts short may have drawn a turn behind the end: that
    keeps every instant's chance the same. ValueError as `turns_of`.
    """
    turns, turn_ns = turns_of(share), block_ns - lead_in_ns
    span_ns = turns * turn_ns
    drawn: list[Part] = []
    for stratum in range(-(-duration_ns // span_ns)):
        key = stream_key(seed, replication, f"stratum/{stratum}", "stream_sampling")
        begin_ns = stratum * span_ns + int(draw_uniform(key, 0) * turns) * turn_ns
        if begin_ns < duration_ns:
            drawn.append((begin_ns, min(begin_ns + turn_ns, duration_ns)))
    parts: list[Part] = []
    for begin_ns, end_ns in drawn:
        if parts and parts[-1][1] == begin_ns:
            parts[-1] = (parts[-1][0], end_ns)
        else:
            parts.append((begin_ns, end_ns))
    return SampledTime(turns, len(drawn), tuple(parts), lead_in_ns, grace_ns)


def part_at(parts: tuple[Part, ...], time_ns: int) -> int:
    """Return the number of the last part that begins by a time, -1 for none.

    >>> part_at(((0, 10), (50, 60)), 30)
    0
    """
    return bisect_right(parts, time_ns, key=lambda part: part[0]) - 1
