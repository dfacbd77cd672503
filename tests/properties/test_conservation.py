"""Whatever the network, no packet and no nanosecond is lost from the books."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plane_networks import Log, interfaces, reference_plane, stream, trace
from telemedsim.dataplane.base import Tree
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.parts.drop_policies.red import Red
from telemedsim.parts.impairments.exponential import Exponential
from telemedsim.parts.impairments.gilbert_elliott import GilbertElliott
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.schedulers.drr import Drr
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq
from telemedsim.records.flows import LegRecord
from telemedsim.records.histogram import bucket_of
from telemedsim.records.interface_series import BUSY_NS

INTERFACES = 5
GRID_NS = 1000
"""Times, sizes and rates lie on a coarse grid, so that many things happen at one instant."""

schedulers = st.sampled_from(
    [
        Fifo(),
        StrictPriority(),
        Wfq(weights={"high": 3, "low": 1}),
        Drr(quanta_bytes={"high": 300, "low": 100}),
    ]
)
drop_policies = st.sampled_from(
    [
        DropTail(),
        Red(
            min_threshold=0.2,
            max_threshold=0.6,
            max_probability=0.5,
            weight_exponent=1,
            typical_packet_bytes=125,
        ),
    ]
)
losses = st.sampled_from(
    [NoLoss(), NoLoss(), Independent(probability=0.2), GilbertElliott(p=0.1, r=0.3)]
)
variations = st.sampled_from([NoVariation(), NoVariation(), Exponential(mean_ms=0.003)])


def five(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=INTERFACES, max_size=INTERFACES)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree of up to 7 rows in which every last row has a leg."""
    count = draw(st.integers(1, 7))
    parents = [draw(st.integers(-1, row - 1)) for row in range(count)]
    ends = [row for row in range(count) if row not in parents or draw(st.booleans())]
    legs = tuple(ends.index(row) if row in ends else -1 for row in range(count))
    where = tuple(draw(st.integers(0, INTERFACES - 1)) for _ in range(count))
    return Tree(where, tuple(parents), legs)


@dataclass
class Case:
    """A network, its streams, what is cut and when the run ends."""

    table: Any
    streams: list[Any]
    outages: list[tuple[int, int, int]]
    closes: list[tuple[int, int]]
    end_ns: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    table = interfaces(
        draw(five(st.sampled_from([10**9, 5 * 10**8]))),
        propagation_ns=draw(five(st.sampled_from([0, 1, GRID_NS, 3 * GRID_NS]))),
        limit=draw(five(st.sampled_from([1, 2, 5, 400]))),
        in_bytes=draw(st.integers(0, 1)),
        scheduler=draw(five(schedulers)),
        drop_policy=draw(five(drop_policies)),
        loss=draw(five(losses)),
        variation=draw(five(variations)),
    )
    streams = []
    for flow in range(draw(st.integers(1, 4))):
        gaps = draw(st.lists(st.integers(0, 3), min_size=1, max_size=25))
        times = [sum(gaps[: n + 1]) * GRID_NS for n in range(len(gaps))]
        sizes = draw(st.lists(st.sampled_from([125, 250]), min_size=len(gaps), max_size=len(gaps)))
        source = trace(times, sizes)
        streams.append(stream(flow, source, draw(trees()), draw(st.integers(0, 1))))
    spans = st.tuples(st.integers(0, INTERFACES - 1), st.integers(0, 40), st.integers(1, 20))
    outages = draw(st.lists(spans, max_size=2, unique_by=lambda span: span[0]))
    closes = draw(
        st.lists(st.tuples(st.integers(0, len(streams) - 1), st.integers(0, 50)), max_size=1)
    )
    return Case(table, streams, outages, closes, draw(st.sampled_from([20, 50, 10_000])) * GRID_NS)


def run(case: Case) -> tuple[Any, Log]:
    """Run a case, doing at each time what it asks."""
    plane = reference_plane(case.table)
    log = Log(plane)
    for one in case.streams:
        plane.open(one)
        log.watch(one.flow)
    actions: list[tuple[int, int, Any]] = []
    for interface, begin, length in case.outages:
        actions.append((begin, interface, lambda i=interface: plane.set_link(i, up=False)))
        actions.append((begin + length, interface, lambda i=interface: plane.set_link(i, up=True)))
    for flow, time in case.closes:
        actions.append((time, INTERFACES + flow, lambda f=flow: plane.close(f)))
    for time, _, action in sorted(actions, key=lambda one: one[:2]):
        if time * GRID_NS - 1 < case.end_ns:
            plane.advance(time * GRID_NS - 1)
            action()
    plane.advance(case.end_ns)
    return plane.finish(), log


@settings(max_examples=80, deadline=None, derandomize=True)
@given(cases())
def test_packets_and_times_are_conserved(case: Case) -> None:
    """At every interface and every leg: what came in went out, was lost, or is still inside."""
    records, log = run(case)
    for record in records.interfaces:
        inside = record.delivered_packets + sum(record.lost_packets) + record.queued_packets
        assert record.arrived_packets == inside
        assert record.carried_packets <= record.arrived_packets
        assert record.busy_ns == record.series.total(BUSY_NS)
        assert record.busy_ns + record.down_ns <= case.end_ns
    for legs in records.streams.values():
        for leg in legs:
            check_leg(leg)
            if case.end_ns == 10_000 * GRID_NS:
                assert leg.in_flight_packets == 0
    for flow, legs in records.streams.items():
        if len(legs) == 1:
            numbers = [number for one, number, _ in log.deliveries if one == flow]
            assert numbers == sorted(numbers)
    for delay_ns, split in log.splits:
        assert split.total_ns() == delay_ns
        assert all(part >= 0 for parts in split.hops.values() for part in parts)


def check_leg(leg: LegRecord) -> None:
    """Assert that a leg's figures agree with each other."""
    assert leg.in_flight_packets >= 0
    assert sum(leg.buckets.values()) == leg.delivered_packets
    assert leg.split.total_ns() == leg.delay_sum_ns
    for bucket, exemplar in leg.exemplars.items():
        assert bucket_of(exemplar.total_ns()) == bucket
    assert sum(counts[1] for counts in leg.bins.values()) == leg.delivered_packets
    assert sum(counts[3] for counts in leg.bins.values()) == leg.lost_packets


@settings(max_examples=20, deadline=None, derandomize=True)
@given(cases())
def test_the_same_seed_gives_the_same_records(case: Case) -> None:
    first, _ = run(case)
    second, _ = run(case)
    assert first == second


@settings(max_examples=20, deadline=None, derandomize=True)
@given(cases())
def test_the_order_of_opening_changes_nothing(case: Case) -> None:
    """Ties are ordered by flow and number, never by who was opened first."""
    first, _ = run(case)
    case.streams.reverse()
    second, _ = run(case)
    assert first == second
