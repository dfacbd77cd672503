"""The most that a packet of a fluid transfer may have been delayed, against packets that were simulated."""

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataplane.fluid.fluid_lines import FluidLine
from dataplane.transfer_lines import MS, SECOND, Hop, Line, interfaces
from telemedsim.dataplane.base import Step
from telemedsim.dataplane.hybrid.fluid.delay_bounds import most_delay_ns
from telemedsim.dataplane.hybrid.fluid.ways import Lines
from telemedsim.parts.impairments.uniform import Uniform
from telemedsim.parts.schedulers import Scheduler
from telemedsim.parts.schedulers.drr import Drr
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq

CLASSES = ("first", "second")
PACKET_NS = 1500 * 8 * 1000 // 10
"""1,500 bytes at 10 Mbit/s."""


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([5, 20, 100]), st.integers(5, 200), st.integers(0, 30)),
        min_size=1,
        max_size=3,
    ),
    st.integers(1, 4),
)
def test_no_packet_of_a_transfer_is_later_or_earlier(
    hops: list[tuple[int, int, int]], megabytes: int
) -> None:
    way = [
        Hop(rate * 1_000_000, MS, queue, variation=Uniform(low_ms=0, high_ms=0.001 + varies))
        for rate, queue, varies in hops
    ]
    back = [Hop() for _ in way]
    by_packets, as_fluid = Line(*way, back=back), FluidLine(*way, back=back)
    for line in (by_packets, as_fluid):
        line.open(Step(0, megabytes * 250_000, 0, report=True))
    seen = by_packets.finish(60 * SECOND).legs[0]
    bounds = as_fluid.finish(60 * SECOND).legs[0]
    assert bounds.delay_most_ns is not None
    # The last segment may be a short one, and a variation of 0 ns is drawn by none.
    least_ns = seen.delay_sum_ns / seen.delivered_packets
    assert bounds.delay_min_ns <= least_ns
    # Packets overtake none: one in a thousand may be beyond the quantile of the variation.
    assert seen.delay_max_ns <= bounds.delay_most_ns + sum(1 + v for _, _, v in hops) * MS / 1000


def bound(scheduler: Scheduler, class_index: int) -> float:
    """Return the bound on one hop of 10 Mbit/s and 1 ms with room for 50 packets a queue."""
    table = interfaces([Hop(10_000_000, MS, 50)])
    table = dataclasses.replace(table, scheduler=(scheduler,))
    return most_delay_ns(Lines(table, CLASSES), (0,), class_index, 1500)


def test_bounds_worked_by_hand() -> None:
    own = 1 + MS + PACKET_NS
    assert bound(Fifo(), 1) == own + 50 * PACKET_NS
    assert bound(StrictPriority(), 0) == own + 51 * PACKET_NS
    weighted = Wfq(weights={"first": 3, "second": 1})
    assert bound(weighted, 0) == pytest.approx(own + 50 * PACKET_NS * 4 / 3 + PACKET_NS)
    assert bound(weighted, 1) == pytest.approx(own + 50 * PACKET_NS * 4 + PACKET_NS)


def test_who_may_starve_has_no_bound() -> None:
    assert math.isinf(bound(StrictPriority(), 1))
    assert math.isinf(bound(Drr(quanta_bytes={"first": 1500, "second": 1500}), 0))
