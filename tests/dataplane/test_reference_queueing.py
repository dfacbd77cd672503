"""Worked cases of queues, hop by hop, to the nanosecond (ground truths of the reference)."""

import numpy as np
import pytest

from plane_networks import SECOND_NS, Log, interfaces, reference_plane, stream, trace
from scheduler_server import CLASSES, EXAMPLES, random_jobs, serve
from telemedsim.core.random_streams import draw_uniforms
from telemedsim.parts.impairments.uniform import Uniform
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq
from telemedsim.records.flows import (
    OUTAGE,
    OUTAGE_LOSS,
    OVERFLOW,
    QUEUEING,
    TRANSMISSION,
    VARIATION,
)

BYTE_NS = 8
"""Transmission of a byte at 1 Gbit/s, so that sizes can stand for times."""
GIGABIT = 1_000_000_000


def arrivals_of(table, sources, until_ns=10**12, class_indices=None):
    """Return the deliveries by (flow, number) of streams over their paths."""
    plane = reference_plane(table)
    log = Log(plane)
    for flow, (source, path) in enumerate(sources):
        class_index = class_indices[flow] if class_indices else 0
        plane.open(stream(flow, source, path, class_index))
        log.watch(flow)
    plane.advance(until_ns)
    return {(flow, number): time for flow, number, time in log.deliveries}, plane.finish()


def test_fifo_follows_lindleys_recursion():
    """Waits of the trace arrivals 0,1,2,3 with service 2,2,1,0.5 are 0,1,2,2."""
    unit = 1000 * BYTE_NS
    source = trace([0, unit, 2 * unit, 3 * unit], [2000, 2000, 1000, 500])
    arrived, records = arrivals_of(interfaces([GIGABIT]), [(source, (0,))])
    service = [2 * unit, 2 * unit, unit, unit // 2]
    waits = [arrived[0, n] - n * unit - service[n] for n in range(4)]
    assert waits == [0, unit, 2 * unit, 2 * unit]
    assert records.interfaces[0].busy_ns == sum(service)
    assert records.interfaces[0].max_queue_packets == 3


def test_a_departure_frees_its_place_before_an_arrival_of_the_same_instant():
    """K = 1, service 2, arrivals at 0 and 2: the second packet is accepted."""
    service = 1000 * BYTE_NS
    table = interfaces([GIGABIT], limit=1)
    _, records = arrivals_of(table, [(trace([0, service], 1000), (0,))])
    assert records.interfaces[0].lost_packets[OVERFLOW] == 0
    _, records = arrivals_of(table, [(trace([0, service - 1], 1000), (0,))])
    assert records.interfaces[0].lost_packets[OVERFLOW] == 1


def test_arrivals_of_one_instant_are_accepted_by_flow_then_number():
    """Three flows meet at 16 us; the ones with the higher number set out first, over longer ways."""
    service = 1000 * BYTE_NS
    ways = [1000, 4000, 8000]
    table = interfaces([GIGABIT] * 4, propagation_ns=[*ways, 0], limit=[9, 9, 9, 2])
    plane = reference_plane(table)
    log = Log(plane)
    for flow in (2, 0, 1):
        plane.open(stream(flow, trace([8000 - ways[flow]], 1000), (flow, 3)))
        log.watch(flow)
    plane.advance(SECOND_NS)
    records = plane.finish()
    assert log.deliveries == [(0, 0, 16_000 + service), (1, 0, 16_000 + 2 * service)]
    assert records.streams[2][0].lost == {(3, OVERFLOW): 1}


@pytest.mark.parametrize("scheduler", EXAMPLES, ids=lambda one: one.kind)
def test_an_interface_serves_as_its_schedulers_kernel_says(scheduler):
    """The plane's queues give the departures of a plain server around the same kernel."""
    jobs = [(n + arrival, c, size) for n, (arrival, c, size) in enumerate(random_jobs(5, 300, 1.1))]
    expected = serve(scheduler, jobs)
    plane = reference_plane(interfaces([GIGABIT], scheduler=scheduler), CLASSES)
    log = Log(plane)
    for flow, (arrival, class_index, size) in enumerate(jobs):
        plane.open(stream(flow, trace([arrival], [size]), (0,), class_index))
        log.watch(flow)
    plane.advance(SECOND_NS)
    assert [time for _, _, time in sorted(log.deliveries)] == expected


def test_the_fluid_of_wfq_stands_still_while_the_link_is_down():
    """Silver's backlog is not served in an outage: gold, which comes then, shares with it after."""
    service = 1000 * BYTE_NS
    wfq = Wfq(weights={"gold": 1, "silver": 1, "bronze": 1})
    plane = reference_plane(interfaces([GIGABIT], scheduler=wfq), CLASSES)
    log = Log(plane)
    plane.open(stream(0, trace([50 * service] * 4, 1000), (0,), class_index=0))
    plane.open(stream(1, trace([0] * 5, 1000), (0,), class_index=1))
    log.watch(0)
    log.watch(1)
    plane.advance(service // 2)
    plane.set_link(0, up=False)
    plane.advance(100 * service)
    plane.set_link(0, up=True)
    plane.advance(SECOND_NS)
    assert [flow for flow, _, _ in log.deliveries[:6]] == [0, 1, 0, 1, 0, 1]


def test_a_message_of_packets_is_pipelined_over_equal_hops():
    """100 x 1500 B over three hops of 10 Mbit/s: the last leaves after (n + h - 1) S = 122.4 ms."""
    arrived, _ = arrivals_of(interfaces([10_000_000] * 3), [(trace([0] * 100, 1500), (0, 1, 2))])
    assert arrived[0, 99] == 122_400_000


def test_a_second_hop_of_equal_rate_never_queues_packets_of_one_size():
    """Departures of the first hop are at least S apart."""
    uniforms = draw_uniforms(5, 0, 2000)
    times = np.cumsum(-np.log1p(-uniforms) * 2_000_000).astype(np.int64)
    _, records = arrivals_of(interfaces([10_000_000] * 2), [(trace(times, 1500), (0, 1))])
    split = records.streams[0][0].split
    assert records.interfaces[0].max_queue_packets > 3
    assert records.interfaces[1].max_queue_packets == 1
    assert split.hops[1][TRANSMISSION] == 2000 * 1_200_000


def test_a_tandem_of_packets_of_one_size_follows_its_slowest_hop():
    """D_n = max_j (A_j + sum of S_i + (n - j) S_max), on any arrivals."""
    uniforms = draw_uniforms(6, 0, 500)
    times = np.cumsum(-np.log1p(-uniforms) * 2_000_000).astype(np.int64)
    table = interfaces([100_000_000, 10_000_000, 100_000_000])
    arrived, _ = arrivals_of(table, [(trace(times, 1500), (0, 1, 2))])
    total, slowest = 120_000 + 1_200_000 + 120_000, 1_200_000
    for n in range(500):
        expected = max(int(times[j]) + total + (n - j) * slowest for j in range(n + 1))
        assert arrived[0, n] == expected


def test_high_priority_waits_for_one_low_packet_at_most():
    """A lone high packet behind a low one just begun waits L_max / C, never more."""
    table = interfaces([10_000_000], scheduler=StrictPriority())
    low, high = trace([0] * 5, 1500), trace([1], 200)
    arrived, records = arrivals_of(table, [(low, (0,)), (high, (0,))], class_indices=[1, 0])
    assert arrived[1, 0] == 1_200_000 + 160_000
    split = records.streams[1][0].split
    assert split.hops[0][QUEUEING + 1] == 1_200_000 - 1
    assert split.hops[0][QUEUEING] == 0


def test_waiting_is_split_into_own_bits_and_those_of_others_by_class():
    """FIFO: two own packets and one of each class stand before the last one of flow 0."""
    table = interfaces([GIGABIT])
    sources = [
        (trace([0, 0, 10], 1000), (0,)),
        (trace([1], 300), (0,)),
        (trace([2], 500), (0,)),
    ]
    plane = reference_plane(table)
    log = Log(plane)
    for flow, (source, path) in enumerate(sources):
        plane.open(stream(flow, source, path, class_index=[0, 0, 1][flow]))
        log.watch(flow)
    plane.advance(SECOND_NS)
    delay, split = log.splits[-1]
    own = 2 * 1000 * BYTE_NS - 10
    assert split.hops[0] == [0, own + 1000 * BYTE_NS, 0, 0, 300 * BYTE_NS, 500 * BYTE_NS]
    assert split.total_ns() == delay


def test_an_outage_loses_the_packet_on_the_wire_and_holds_the_queue():
    """Down from 2 to 5 services: one lost, the others wait, and that wait is outage."""
    service = 1000 * BYTE_NS
    plane = reference_plane(interfaces([GIGABIT]))
    log = Log(plane)
    plane.open(stream(0, trace([0, 0, 0, 0], 1000), (0,)))
    log.watch(0)
    plane.advance(service + 99)
    plane.set_link(0, up=False)
    plane.advance(5 * service - 1)
    plane.set_link(0, up=True)
    plane.advance(SECOND_NS)
    records = plane.finish()
    assert log.deliveries == [(0, 0, service), (0, 2, 6 * service), (0, 3, 7 * service)]
    assert records.streams[0][0].lost == {(0, OUTAGE_LOSS): 1}
    assert records.interfaces[0].down_ns == 5 * service - (service + 100)
    assert records.interfaces[0].busy_ns == 3 * service + 100
    delay, split = log.splits[1]
    assert split.hops[0][OUTAGE] == records.interfaces[0].down_ns
    assert split.hops[0][TRANSMISSION] == service + 100 + service
    assert split.total_ns() == delay


def test_an_outage_of_three_seconds_without_a_buffer_loses_its_packets():
    """20 Mbit/s in packets of 1500 B each 600 us over 3 s: 5000 lost, within one by phase."""
    times = np.arange(0, 5 * SECOND_NS, 600_000)
    plane = reference_plane(interfaces([1_000_000_000], limit=1))
    plane.open(stream(0, trace(times, 1500), (0,)))
    plane.advance(SECOND_NS)
    plane.set_link(0, up=False)
    plane.advance(4 * SECOND_NS)
    plane.set_link(0, up=True)
    plane.advance(6 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    # The one place of the buffer keeps one packet over the outage.
    assert leg.lost_packets + 1 in (4999, 5000, 5001)
    assert leg.interruptions == 1
    assert 3 * SECOND_NS - 1_200_000 < leg.interruption_ns < 3 * SECOND_NS + 1_200_000


def test_delay_variation_never_reorders_an_interface():
    """Each arrival is at least the one before it, and the split closes on what was added."""
    table = interfaces([GIGABIT], variation=Uniform(low_ms=0, high_ms=1))
    times = np.arange(0, 200) * 50_000
    plane = reference_plane(table)
    log = Log(plane)
    plane.open(stream(0, trace(times, 100), (0,)))
    log.watch(0)
    plane.advance(SECOND_NS)
    assert [number for _, number, _ in log.deliveries] == list(range(200))
    assert all(split.total_ns() == delay for delay, split in log.splits)
    added = [split.hops[0][VARIATION] for _, split in log.splits]
    assert min(added) > 0
    assert max(added) < 2_000_000


def test_series_bins_share_a_transmission_that_reaches_into_several():
    """3.5 s of one transmission over bins of a second, and its bytes where it ends."""
    table = interfaces([8_000])
    _, records = arrivals_of(table, [(trace([500_000_000], 3500), (0,))])
    series = records.interfaces[0].series
    half = SECOND_NS // 2
    assert series.rows.tolist() == [
        [0, half, 0, 0],
        [1, SECOND_NS, 0, 0],
        [2, SECOND_NS, 0, 0],
        [3, SECOND_NS, 3500, 0],
    ]


def test_framing_and_the_least_frame_are_sent_too():
    """20 bytes become the least frame of 64; 1500 with 38 of framing 1538."""
    table = interfaces([GIGABIT], overhead_bytes=38, min_frame_bytes=64)
    arrived, records = arrivals_of(table, [(trace([0, 10**6], [20, 1500]), (0,))])
    assert arrived == {(0, 0): 64 * BYTE_NS, (0, 1): 10**6 + 1538 * BYTE_NS}
    assert records.interfaces[0].carried_bytes == 64 + 1538
    assert records.streams[0][0].delivered_bytes == 1520
