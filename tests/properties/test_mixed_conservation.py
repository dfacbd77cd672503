"""TCP transfers and streams in the same queues: no packet, byte or nanosecond is lost from the books."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataplane.transfer_lines import tcp
from plane_networks import SECOND_NS, interfaces, reference_plane, stream, trace
from telemedsim.dataplane.base import Step, Transfer
from telemedsim.parts.impairments.exponential import Exponential
from telemedsim.parts.impairments.gilbert_elliott import GilbertElliott
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.schedulers.drr import Drr
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq
from telemedsim.records.flows import FlowRecords

FORWARD, BACKWARD = (0, 1), (2, 3)
SCHEDULERS = st.sampled_from(
    [
        Fifo(),
        StrictPriority(),
        Wfq(weights={"high": 3, "low": 1}),
        Drr(quanta_bytes={"high": 4500, "low": 1500}),
    ]
)
LOSSES = st.sampled_from([NoLoss(), Independent(probability=0.02), GilbertElliott(p=0.01, r=0.3)])
VARIATIONS = st.sampled_from([NoVariation(), Exponential(mean_ms=1)])


@dataclass
class Mix:
    """Two hops there and back, transfers and streams that share them, and when the run ends."""

    table: Any
    flows: list[Any]
    outage: tuple[int, int, int] | None
    end_ns: int


def four(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> list[Any]:
    return [draw(values) for _ in range(4)]


@st.composite
def transfers(draw: st.DrawFn, flow: int) -> Transfer:
    sizes = draw(st.lists(st.sampled_from([1, 1448, 20_000, 150_000]), min_size=1, max_size=4))
    steps = tuple(
        Step(draw(st.integers(0, 1)), size, draw(st.sampled_from([0, 5_000_000])), report=True)
        for size in sizes
    )
    parameters = tcp(
        algorithm=draw(st.sampled_from(["cubic", "new_reno"])), sack=draw(st.booleans())
    )
    start_ns = draw(st.integers(0, 50)) * 1_000_000
    return Transfer(flow, 77 + flow, 1, start_ns, FORWARD, BACKWARD, steps, parameters)


@st.composite
def mixes(draw: st.DrawFn) -> Mix:
    table = interfaces(
        four(draw, st.sampled_from([2_000_000, 10_000_000])),
        propagation_ns=four(draw, st.sampled_from([0, 1_000_000, 20_000_000])),
        limit=four(draw, st.sampled_from([2, 10, 100])),
        overhead_bytes=draw(st.sampled_from([0, 38])),
        scheduler=four(draw, SCHEDULERS),
        loss=four(draw, LOSSES),
        variation=four(draw, VARIATIONS),
    )
    flows: list[Any] = [draw(transfers(flow)) for flow in range(draw(st.integers(1, 3)))]
    for flow in range(len(flows), len(flows) + draw(st.integers(0, 2))):
        period_ns = draw(st.sampled_from([2_000_000, 5_000_000]))
        source = trace([number * period_ns for number in range(100)], 1200)
        path = draw(st.sampled_from([FORWARD, BACKWARD]))
        flows.append(stream(flow, source, path, draw(st.integers(0, 1))))
    outage = draw(
        st.none() | st.tuples(st.integers(0, 3), st.integers(0, 500), st.integers(1, 500))
    )
    return Mix(table, flows, outage, draw(st.sampled_from([SECOND_NS // 5, 3 * SECOND_NS])))


def run(mix: Mix) -> FlowRecords:
    plane = reference_plane(mix.table)
    for flow in mix.flows:
        plane.open(flow)
    if mix.outage is not None:
        interface, begin_ms, length_ms = mix.outage
        advance_to(plane, min(begin_ms * 1_000_000, mix.end_ns))
        plane.set_link(interface, up=False)
        advance_to(plane, min((begin_ms + length_ms) * 1_000_000, mix.end_ns))
        plane.set_link(interface, up=True)
    advance_to(plane, mix.end_ns)
    return plane.finish()


def advance_to(plane: Any, time_ns: int) -> None:
    """Move to a time; the plane comes back at each report on the way."""
    reached = -1
    while reached < time_ns:
        reached, _ = plane.advance(time_ns)


def assert_conserved(mix: Mix) -> None:
    """At every interface, flow and leg: what was sent was delivered, was lost, or is still inside."""
    records = run(mix)
    for record in records.interfaces:
        inside = record.delivered_packets + sum(record.lost_packets) + record.queued_packets
        assert record.arrived_packets == inside
        assert record.busy_ns + record.down_ns <= mix.end_ns
    for transfer in records.transfers.values():
        for leg in transfer.legs:
            assert leg.in_flight_packets >= 0
            assert sum(leg.buckets.values()) == leg.delivered_packets
            assert leg.split.total_ns() == leg.delay_sum_ns
        assert transfer.segments_sent == sum(leg.sent_packets for leg in transfer.legs)
        for mark in transfer.marks:
            assert mark.split.total_ns() == mark.time_ns - transfer.start_ns
    for flow in mix.flows:
        if isinstance(flow, Transfer):
            arrived = records.transfers[flow.flow]
            sizes = sum(step.size_bytes for step in flow.steps)
            assert arrived.delivered_bytes <= sizes
            assert (arrived.delivered_bytes == sizes) == (arrived.end_ns >= 0)


@settings(max_examples=60)
@given(mixes())
def test_transfers_and_streams_in_one_queue_are_conserved(mix: Mix) -> None:
    assert_conserved(mix)


@settings(max_examples=15)
@given(mixes())
def test_the_same_mix_gives_the_same_records(mix: Mix) -> None:
    assert run(mix) == run(mix)


@pytest.mark.nightly
@settings(max_examples=3000, derandomize=False)
@given(mixes())
def test_many_fresh_mixes_are_conserved(mix: Mix) -> None:
    assert_conserved(mix)
