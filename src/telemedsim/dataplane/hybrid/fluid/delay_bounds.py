"""The most that a packet of a fluid transfer may have been delayed: its packets are not simulated.

At each hop a packet that is accepted finds at most a full queue. FIFO sends that at the line's rate; WFQ
at its class's guaranteed rate, at most one largest packet late (Parekh and Gallager 1993); under strict
priority only the first class is sure of any rate, and DRR is not bounded here. Delay variation is taken at
a quantile that all hops together exceed for one packet in BEYOND at most (the union bound).
"""

import math

from telemedsim.core.random_streams import DRAW_BITS
from telemedsim.core.units import NS_PER_S
from telemedsim.dataplane.hybrid.fluid.ways import Lines

BEYOND = 1000
"""One packet in so many may be later: beyond every quantile that a clause compares (p50, p95, p99)."""


def most_delay_ns(lines: Lines, path: tuple[int, ...], class_index: int, full_bytes: int) -> float:
    """Return the bound of a full packet's delay over a path in ns; infinite where there is none."""
    waits = sum(_most_wait_ns(lines, one, class_index, full_bytes) for one in path)
    draw = round((1 - 1 / (BEYOND * len(path))) * (1 << DRAW_BITS))
    varies = sum(
        kind.kernel().variation_ns(kind.parameters(), draw)
        for kind in (lines.delay_variation[one] for one in path)
    )
    return lines.one_way_ns(path, full_bytes) + waits + varies


def _most_wait_ns(lines: Lines, interface: int, class_index: int, full_bytes: int) -> float:
    """Return the longest wait for the rest of a full queue, and for a packet of another one."""
    packet_ns = lines.transmission_ns(interface, full_bytes)
    limit_bytes = lines.buffer_bytes(interface, full_bytes)
    frame_share = lines.frame_bytes(interface, full_bytes) / full_bytes
    queue_ns = limit_bytes * frame_share * 8 * NS_PER_S / lines.rate_bps[interface]
    scheduler = lines.scheduler[interface]
    if scheduler.kind == "fifo":
        return queue_ns
    if scheduler.kind == "strict_priority" and class_index == 0:
        return queue_ns + packet_ns
    if scheduler.kind == "wfq":
        weights = scheduler.parameters(lines.class_names)
        return queue_ns * sum(weights) / weights[class_index] + packet_ns
    return math.inf
