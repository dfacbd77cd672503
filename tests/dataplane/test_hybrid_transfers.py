"""Transfers by packets on the hybrid plane: every record, report and stopping time of the reference."""

from typing import Any

import pytest

from dataplane.transfer_lines import tcp
from plane_networks import stream, trace
from random_networks import CLASSES, MS, Draws, differences
from random_networks import interfaces as table_of
from telemedsim.dataplane.base import DataPlane, Report, Step, Stream, Transfer
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.network.plan import Interfaces
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
from telemedsim.records.flows import FlowRecords

SECOND_NS = 1_000 * MS
BIN_NS, SERIES_BIN_NS = 300 * MS, 100 * MS
WINDOWS_NS = (7 * MS, 50 * MS, 250 * MS)
WAYS = (
    ((0, 1), (2, 3)),
    ((4, 1), (2, 5)),
    ((0,), (3,)),
    ((1, 0), (3, 2)),
    ((4, 1, 5), (3,)),
)
"""Ways that share lines, in both orders, so that lines feed each other in circles."""
RED = Red(
    min_threshold=0.2,
    max_threshold=0.7,
    max_probability=0.2,
    weight_exponent=3,
    typical_packet_bytes=500,
)
BARELY = Exponential(mean_ms=1e-6)
"""A nanosecond: many draws are none at all."""
SCHEDULERS = (
    Fifo(),
    Fifo(),
    StrictPriority(),
    Wfq(weights={"voice": 3, "video": 2, "data": 1}),
    Drr(quanta_bytes={"voice": 1500, "video": 3000, "data": 4500}),
)
Happenings = tuple[FlowRecords, list[tuple[int, list[Report]]]]


def table(draws: Draws) -> Interfaces:
    """Return six lines, some without propagation, with losses and short queues."""
    count = 6

    def six(*values: Any) -> list[Any]:
        return [draws.one_of(values) for _ in range(count)]

    # A network in three has no propagation anywhere shorter than a millisecond.
    propagation = six(MS, 20 * MS) if draws.chance(0.3) else six(0, 0, MS, 20 * MS)
    built: Interfaces = table_of(
        six(2_000_000, 10_000_000),
        propagation_ns=propagation,
        limit=six(2, 10, 100),
        overhead_bytes=draws.one_of((0, 38)),
        scheduler=six(*SCHEDULERS),
        drop_policy=six(DropTail(), DropTail(), RED),
        loss=six(NoLoss(), NoLoss(), Independent(probability=0.02), GilbertElliott(p=0.01, r=0.3)),
        variation=six(NoVariation(), NoVariation(), Exponential(mean_ms=1), BARELY),
    )
    return built


def transfer(draws: Draws, flow: int, start_ns: int) -> Transfer:
    sizes = [draws.one_of((1, 1448, 20_000, 150_000)) for _ in range(draws.between(1, 4))]
    steps = tuple(
        Step(draws.below(2), size, draws.one_of((0, 5 * MS)), report=draws.chance(0.7))
        for size in sizes
    )
    parameters = tcp(
        algorithm=draws.one_of(("cubic", "new_reno")),
        sack=draws.chance(0.5),
        delayed_ack=draws.chance(0.8),
    )
    forward, backward = draws.one_of(WAYS)
    return Transfer(
        flow,
        77 + flow,
        draws.below(3),
        start_ns,
        forward,
        backward,
        steps,
        parameters,
        connected=draws.chance(0.2),
    )


def a_stream(draws: Draws, flow: int, start_ns: int) -> Stream:
    period_ns = draws.one_of((2 * MS, 5 * MS))
    source = trace([number * period_ns for number in range(100)], 1200)
    way = draws.one_of(draws.one_of(WAYS))
    made: Stream = stream(flow, source, way, draws.below(3), start_ns=start_ns)
    return made


def run(plane: DataPlane, number: int) -> Happenings:
    """Run a random mix: flows open, close and links fail at random times, as control may do."""
    draws = Draws(number)
    table(draws)
    end_ns = draws.one_of((SECOND_NS // 5, 2 * SECOND_NS))
    flows = 0
    for _ in range(draws.between(1, 3)):
        plane.open(transfer(draws, flows, draws.between(0, 50) * MS))
        flows += 1
    for _ in range(draws.between(0, 2)):
        plane.open(a_stream(draws, flows, draws.between(0, 50) * MS))
        flows += 1
    stops = []
    now = 0
    while now < end_ns:
        until_ns = min(end_ns, now + draws.between(1, end_ns // 3))
        now, reports = plane.advance(until_ns)
        stops.append((now, reports))
        if draws.chance(0.2):
            plane.close(draws.below(flows))
        if draws.chance(0.2):
            plane.set_link(draws.below(6), draws.chance(0.5))
        if draws.chance(0.3):
            make = draws.one_of((transfer, a_stream))
            plane.open(make(draws, flows, now + draws.between(1, 20 * MS)))
            flows += 1
    return plane.finish(), stops


def hybrid_of(interfaces: Interfaces, number: int, window_ns: int) -> HybridPlane:
    return HybridPlane(
        interfaces,
        CLASSES,
        BIN_NS,
        SERIES_BIN_NS,
        number,
        0,
        window_ns=window_ns,
        transfers="packets",
    )


def check(number: int) -> None:
    interfaces = table(Draws(number))
    reference = ReferencePlane(interfaces, CLASSES, BIN_NS, SERIES_BIN_NS, number, 0)
    hybrid = hybrid_of(interfaces, number, WINDOWS_NS[number % len(WINDOWS_NS)])
    wanted, stops = run(reference, number)
    found, other_stops = run(hybrid, number)
    assert other_stops == stops, f"mix {number}"
    assert differences(wanted, found) == [], f"mix {number}"


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_mixes_of_transfers_and_streams_are_the_same_on_both_planes(first: int) -> None:
    for number in range(first, first + 20):
        check(number)


def test_nothing_is_left_out_where_instants_follow_each_other() -> None:
    """Mix 222 stops at an instant without propagation, whose departures are a phase of their own."""
    check(222)


@pytest.mark.parametrize("number", [71, 109])
def test_a_transfer_that_turns_the_order_of_lines_finds_the_new_one(number: int) -> None:
    """In these mixes a way is opened against the order in which its lines have worked so far."""
    check(number)


def test_a_leg_takes_nothing_over_from_the_one_that_had_its_place() -> None:
    """Mix 4183 ends a stream within a window, and another gets its place at once."""
    check(4183)


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(60, 5_060, 200))
def test_thousands_of_mixes_are_the_same_on_both_planes(first: int) -> None:
    for number in range(first, first + 200):
        check(number)


@pytest.mark.parametrize("number", [1, 8, 15])
def test_the_length_of_windows_changes_no_transfer(number: int) -> None:
    interfaces = table(Draws(number))
    runs = [run(hybrid_of(interfaces, number, window_ns), number) for window_ns in WINDOWS_NS]
    for records, stops in runs[1:]:
        assert stops == runs[0][1]
        assert differences(runs[0][0], records) == []


def test_two_transfers_and_a_video_in_one_queue_are_the_same_on_both_planes() -> None:
    """Issue 5: two TCP transfers and a video of 4 Mbit/s on 10 Mbit/s, buffer 100 packets, 10 and 25 ms."""
    interfaces = table_of(
        [10_000_000, 10_000_000, 10**9, 10**9],
        propagation_ns=[10 * MS, 10 * MS, 15 * MS, 15 * MS],
        limit=100,
    )
    end_ns = 5 * SECOND_NS
    steps = (Step(0, 10**9, 0, report=True),)
    video = trace(range(0, end_ns, 2_400_000), 1200)
    flows = [
        Transfer(0, 77, 1, 0, (0,), (1,), steps, tcp()),
        Transfer(1, 78, 1, 5 * MS, (2, 0), (1, 3), steps, tcp()),
        stream(2, video, (0,)),
    ]
    records = []
    for plane in (
        ReferencePlane(interfaces, CLASSES, BIN_NS, SERIES_BIN_NS, 1, 0),
        hybrid_of(interfaces, 1, 250 * MS),
    ):
        for flow in flows:
            plane.open(flow)
        assert plane.advance(end_ns) == (end_ns, [])
        records.append(plane.finish())
    assert records[0].transfers[1].segments_retransmitted > 0
    assert differences(*records) == []


def test_a_transfer_that_cannot_run_is_refused() -> None:
    interfaces = table_of([10_000_000, 10_000_000])
    plane = hybrid_of(interfaces, 1, 250 * MS)
    with pytest.raises(ValueError, match="transfer 0 has no steps"):
        plane.open(Transfer(0, 77, 1, 0, (0,), (1,), (), tcp()))
