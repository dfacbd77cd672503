"""What the reference plane offers to control and to endpoints: time, reports, timers."""

import pytest

from plane_networks import SECOND_NS, interfaces, reference_plane, stream, trace
from telemedsim.dataplane.reference.packet import Packet, split_of_packet

GIGABIT = 1_000_000_000


class Recorder:
    """An endpoint that writes down what it hears and does what it is told."""

    def __init__(self, plane, action=None):
        self.plane, self.action = plane, action
        self.heard: list[tuple[str, int]] = []

    def receive(self, packet):
        self.heard.append(("packet", self.plane.now))
        if self.action:
            self.action(self, packet)

    def lost(self, packet, interface, cause, now):
        self.heard.append(("lost", interface))

    def on_timer(self, now):
        assert now == self.plane.now
        self.heard.append(("timer", now))


def test_a_timer_set_again_rings_once_at_its_last_deadline():
    plane = reference_plane(interfaces([GIGABIT]))
    end = Recorder(plane)
    for deadline in (500, 900, 200, 700):
        plane.set_timer(end, deadline)
    plane.advance(10_000)
    assert end.heard == [("timer", 700)]
    plane.set_timer(end, 11_000)
    plane.set_timer(end, 10_500)
    plane.advance(10_999)
    assert end.heard[1:] == [("timer", 10_500)]
    plane.set_timer(end, 11_500)
    plane.set_timer(end, -1)
    plane.advance(20_000)
    plane.set_timer(end, 21_000)
    plane.advance(30_000)
    assert end.heard == [("timer", 700), ("timer", 10_500), ("timer", 21_000)]


def test_an_answer_reaches_its_first_interface_a_nanosecond_later():
    """Host rule: 8000 ns there, 1 ns to answer, 800 ns back; and the split closes."""
    plane = reference_plane(interfaces([GIGABIT, GIGABIT]))
    splits = []

    def answer(end, packet):
        splits.append((plane.now - packet.sent_ns, split_of_packet(packet)))
        if packet.route == there:
            plane.emit(Packet(0, 1, 0, 0, 100, back, asker))

    there, back = plane.route((0,)), plane.route((1,))
    asker, answerer = Recorder(plane, answer), Recorder(plane, answer)
    plane._flow_keys[0] = 1
    plane.emit(Packet(0, 0, 0, 0, 1000, there, answerer))
    plane.advance(SECOND_NS)
    assert answerer.heard == [("packet", 8001)]
    assert asker.heard == [("packet", 8001 + 1 + 800)]
    assert [(delay, split.total_ns()) for delay, split in splits] == [(8000, 8000), (800, 800)]


def test_advance_stops_at_the_end_of_the_first_instant_with_reports():
    plane = reference_plane(interfaces([GIGABIT, GIGABIT]))
    action = lambda end, packet: plane.report(packet.flow, 7, True)  # noqa: E731
    end = Recorder(plane, action)
    for flow in (3, 1):
        plane._flow_keys[flow] = flow
        plane.emit(Packet(flow, 0, 0, 0, 1000, plane.route((0 if flow == 1 else 1,)), end))
    reached, reports = plane.advance(SECOND_NS)
    assert reached == 8001
    assert [(one.flow, one.step, one.time_ns, one.last) for one in reports] == [
        (1, 7, 8001, True),
        (3, 7, 8001, True),
    ]
    assert plane.advance(SECOND_NS) == (SECOND_NS, [])


def test_what_control_decides_now_happens_a_nanosecond_later():
    """Down at t + 1: the transmission that ends at t + 1 is through, departures being first."""
    for decided, lost in ((7999, 0), (7998, 1)):
        plane = reference_plane(interfaces([GIGABIT]))
        plane.open(stream(0, trace([0], 1000), (0,)))
        plane.advance(decided)
        plane.set_link(0, up=False)
        plane.advance(SECOND_NS)
        assert plane.finish().streams[0][0].lost_packets == lost


def test_taking_a_link_down_twice_is_taking_it_down_once():
    plane = reference_plane(interfaces([GIGABIT]))
    for up in (True, False, False, True, True):
        plane.set_link(0, up)
        plane.advance(plane.clock_ns() + 100)
    assert plane.finish().interfaces[0].down_ns == 200


def test_a_flow_number_is_used_once_and_starts_are_not_past():
    plane = reference_plane(interfaces([GIGABIT]))
    plane.open(stream(0, trace([0], 1000), (0,)))
    with pytest.raises(ValueError, match="flow 0 is already open"):
        plane.open(stream(0, trace([0], 1000), (0,)))
    plane.advance(100)
    with pytest.raises(ValueError, match="starts at 99 ns, before now"):
        plane.open(stream(1, trace([0], 1000), (0,), start_ns=99))


def test_packet_hops_and_events_are_counted():
    """One packet over two hops: announcing, two acceptances, two departures, one arrival."""
    plane = reference_plane(interfaces([GIGABIT, GIGABIT]))
    plane.open(stream(0, trace([5], 1000), (0, 1)))
    plane.advance(SECOND_NS)
    records = plane.finish()
    assert (records.packet_hops, records.events) == (2, 6)
