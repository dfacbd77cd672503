"""The null plane's hand-worked answers."""

import numpy as np

from plane_networks import BIN_NS, SECOND_NS, interfaces, stream
from telemedsim.dataplane.base import Step, Transfer, Tree
from telemedsim.dataplane.null import NullPlane
from telemedsim.parts.traffic import Playout
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.transport import Tcp

MS = 1_000_000
PROBE = Constant(period_ns=100 * MS, ip_bytes=1000, fixed_phase_ns=0)
PATH_NS = 2 * MS + 800_000 + 1 * MS + 80_000
"""1000 B over 10 Mbit/s and 100 Mbit/s behind 2 and 1 ms of propagation."""


def null_plane() -> NullPlane:
    table = interfaces([10_000_000, 100_000_000] * 2, propagation_ns=[2 * MS, MS] * 2)
    return NullPlane(table, ("high", "low"), BIN_NS, SECOND_NS, 1, 0)


def transfer(*steps: Step, flow: int = 0, connected: bool = False) -> Transfer:
    return Transfer(flow, 5, 0, 1000, (0, 1), (3, 2), steps, Tcp.model_construct(), connected)


def test_streams_arrive_after_the_base_delay_of_each_leg():
    plane = null_plane()
    tree = Tree((0, 1), (-1, 0), (0, 1))
    plane.open(stream(0, PROBE, tree, stop_ns=2 * SECOND_NS))
    plane.advance(SECOND_NS + PATH_NS)
    near, far = plane.finish().streams[0]
    assert (far.sent_packets, far.delivered_packets) == (11, 11)
    assert near.delay_max_ns == near.delay_min_ns == 2_800_000
    assert far.delay_max_ns == PATH_NS
    for leg in (near, far):
        assert leg.split.total_ns() == leg.delay_sum_ns
        assert [split.total_ns() for split in leg.exemplars.values()] == [leg.delay_max_ns]
        assert leg.lost_packets == leg.late_packets == 0
        assert leg.bins == {0: [11, 11, 0, 0]}


def test_a_closed_stream_and_the_end_of_the_run_leave_packets_in_flight():
    plane = null_plane()
    plane.open(stream(0, PROBE, (0, 1)))
    plane.advance(500 * MS)
    plane.close(0)
    plane.advance(501 * MS)
    leg = plane.finish().streams[0][0]
    assert (leg.sent_packets, leg.in_flight_packets) == (6, 1)


def test_every_frame_is_shown():
    playout = Playout(jitter_buffer_ms=20, frame_period_ns=100 * MS, repair="none")
    plane = null_plane()
    plane.open(stream(0, PROBE, (0, 1), stop_ns=SECOND_NS, playout=playout, start_ns=7))
    plane.advance(3 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert (leg.frames_sent, leg.frames_shown, leg.freezes) == (10, 10, 0)
    assert leg.first_shown_ns == 7 + PATH_NS + 20 * MS


def test_a_transfer_takes_a_handshake_and_each_step_its_base_and_bytes():
    """1500 B on the path: 2 + 1.2 + 1 + 0.12 ms; 125 kB at 10 Mbit/s: 100 ms; server 30 ms."""
    plane = null_plane()
    one_way = 2 * MS + 1_200_000 + MS + 120_000
    plane.open(
        transfer(Step(0, 1250, 0), Step(1, 125_000, 30 * MS, report=True), Step(0, 1250, 0, True))
    )
    answered = 1000 + 2 * one_way + (one_way + MS) + (30 * MS + one_way + 100 * MS)
    reached, reports = plane.advance(SECOND_NS)
    assert reached == answered
    assert [(one.flow, one.step, one.last) for one in reports] == [(0, 1, False)]
    reached, reports = plane.advance(SECOND_NS)
    assert reached == answered + one_way + MS
    assert [(one.step, one.last) for one in reports] == [(2, True)]
    assert plane.advance(SECOND_NS) == (SECOND_NS, [])
    record = plane.finish().transfers[0]
    assert [mark.time_ns - 1000 for mark in record.marks] == [
        mark.split.total_ns() for mark in record.marks
    ]
    assert record.end_ns == reached
    assert record.delivered_bytes == 127_500
    assert record.legs[1].delivered_bytes == 125_000


def test_a_connected_transfer_has_no_handshake_and_a_closed_one_no_end():
    plane = null_plane()
    plane.open(transfer(Step(0, 1250, 0, True), connected=True))
    plane.open(transfer(Step(0, 12_500_000, 0, True), flow=1))
    reached, _ = plane.advance(SECOND_NS)
    assert reached == 1000 + 2 * MS + 1_200_000 + MS + 120_000 + MS
    plane.close(1)
    plane.set_link(0, up=False)
    assert plane.advance(100 * SECOND_NS) == (100 * SECOND_NS, [])
    assert plane.finish().transfers[1].end_ns == -1


def test_a_stream_that_was_never_due_has_empty_legs():
    plane = null_plane()
    plane.open(stream(0, PROBE, (0, 1), start_ns=SECOND_NS))
    plane.advance(10)
    records = plane.finish()
    assert records.streams[0][0].sent_packets == 0
    assert np.all([record.carried_packets == 0 for record in records.interfaces])
