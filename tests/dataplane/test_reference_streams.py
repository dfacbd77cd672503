"""Streams on the reference plane: trees, closing, late packets, frames, interruptions, draws."""

import numpy as np
import pytest

from plane_networks import SECOND_NS, Log, interfaces, reference_plane, stream, trace
from telemedsim.dataplane.base import Tree
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.impairments.uniform import Uniform
from telemedsim.parts.traffic import Playout
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.video import LowDelay, Video
from telemedsim.records.flows import IMPAIRMENT, OVERFLOW, PROPAGATION, TRANSMISSION

GIGABIT = 1_000_000_000
BYTE_NS = 8


def test_multicast_sends_one_copy_a_link_and_unicast_one_a_viewer():
    """A trunk and two branches: 3 hops a packet by multicast, 4 by two unicast paths."""
    multicast = Tree((0, 1, 2), (-1, 0, 0), (-1, 0, 1))
    unicast = Tree((0, 1, 0, 2), (-1, 0, -1, 2), (-1, 0, -1, 1))
    carried = []
    for tree in (multicast, unicast):
        plane = reference_plane(interfaces([GIGABIT] * 3, propagation_ns=1000))
        plane.open(stream(0, trace([0, 50_000], 1000), tree))
        plane.advance(SECOND_NS)
        records = plane.finish()
        carried.append([record.carried_packets for record in records.interfaces])
        assert [leg.delivered_packets for leg in records.streams[0]] == [2, 2]
    assert carried == [[2, 2, 2], [4, 2, 2]]


def test_copies_of_a_branch_share_their_past_and_part_at_the_branch():
    """The trunk's queueing is in both legs; each branch adds its own, and both close."""
    tree = Tree((0, 1, 2), (-1, 0, 0), (-1, 0, 1))
    plane = reference_plane(interfaces([GIGABIT, GIGABIT, GIGABIT // 2]))
    log = Log(plane)
    plane.open(stream(0, trace([0, 0], 1000), tree))
    log.watch(0)
    plane.advance(SECOND_NS)
    legs = plane.finish().streams[0]
    service = 1000 * BYTE_NS
    assert [sorted(leg.split.hops) for leg in legs] == [[0, 1], [0, 2]]
    assert [leg.delay_sum_ns for leg in legs] == [
        2 * service + 3 * service,
        3 * service + 5 * service,
    ]
    assert legs[1].split.hops[2][TRANSMISSION] == 2 * 2 * service + service
    assert all(split.total_ns() == delay for delay, split in log.splits)


def test_a_viewer_may_stand_in_the_middle_of_a_path():
    """A leg ends behind row 0 and the packet still goes on over row 1."""
    plane = reference_plane(interfaces([GIGABIT] * 2))
    plane.open(stream(0, trace([0], 1000), Tree((0, 1), (-1, 0), (0, 1))))
    plane.advance(SECOND_NS)
    near, far = plane.finish().streams[0]
    assert (near.delay_max_ns, far.delay_max_ns) == (8000, 16000)


def test_a_packet_lost_on_the_trunk_is_lost_to_every_leg_behind_it():
    tree = Tree((0, 1, 2), (-1, 0, 0), (-1, 0, 1))
    plane = reference_plane(interfaces([GIGABIT] * 3, limit=[1, 9, 9]))
    plane.open(stream(0, trace([0, 0], 1000), tree))
    plane.advance(SECOND_NS)
    for leg in plane.finish().streams[0]:
        assert (leg.sent_packets, leg.delivered_packets) == (2, 1)
        assert leg.lost == {(0, OVERFLOW): 1}


def test_a_closed_stream_sends_nothing_after_now_and_its_packets_arrive():
    times = np.arange(100) * 10_000
    plane = reference_plane(interfaces([GIGABIT], propagation_ns=SECOND_NS))
    plane.open(stream(0, trace(times, 100), (0,)))
    plane.advance(505_000)
    plane.close(0)
    plane.advance(2 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert (leg.sent_packets, leg.delivered_packets, leg.sent_bytes) == (51, 51, 5100)


def test_packets_announced_but_not_sent_at_the_end_of_the_run_do_not_count():
    times = np.arange(100) * 10_000
    plane = reference_plane(interfaces([GIGABIT], propagation_ns=95_000))
    plane.open(stream(0, trace(times, 100), (0,)))
    plane.advance(200_000)
    records = plane.finish()
    leg = records.streams[0][0]
    # Sent at 0 … 200 us; those sent until 100 us have arrived (800 ns and 95 us later).
    assert (leg.sent_packets, leg.delivered_packets, leg.in_flight_packets) == (21, 11, 10)
    assert records.interfaces[0].queued_packets == 10


def test_a_stream_stops_before_its_stop():
    plane = reference_plane(interfaces([GIGABIT]))
    plane.open(
        stream(0, Constant(period_ns=1000, ip_bytes=50, fixed_phase_ns=0), (0,), stop_ns=10_000)
    )
    plane.advance(SECOND_NS)
    assert plane.finish().streams[0][0].sent_packets == 10


def video(frames_a_second: int = 25) -> Video:
    """Return the source of the catalogue's kind with whole figures, a burst a frame."""
    return Video.model_validate(
        {
            "frame_rate_num": frames_a_second,
            "frame_rate_den": 1,
            "target_rate_bps": 4_000_000,
            "payload_bytes": 1200,
            "overhead_bytes": 40,
            "pacing_share": 0.0,
            "fixed_phase_ns": 0,
            "sizes": {"model": "low_delay", "scale": 0.15, "bound": 0.5},
        }
    )


def playout(jitter_buffer_ms: float = 20, repair: str = "none") -> Playout:
    figures = {"jitter_buffer_ms": jitter_buffer_ms, "frame_period_ns": 40_000_000}
    return Playout.model_validate({**figures, "repair": repair})


def frame_trace(frames: int, lost: range = range(0)):
    """Return one packet a frame each 40 ms; the lost ones are left out by a far too small queue."""
    return trace(
        [n * 40_000_000 for n in range(frames)],
        [9000 if n in lost else 1000 for n in range(frames)],
    )


def test_frames_are_shown_frozen_and_skipped_by_what_arrives():
    """250 frames at 25 a second, 10 of them lost: one freeze of 11 frame times."""
    plane = reference_plane(interfaces([GIGABIT], limit=2000, in_bytes=1))
    plane.open(stream(0, frame_trace(250, range(100, 110)), (0,), playout=playout()))
    plane.advance(20 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert (leg.frames_sent, leg.frames_shown, leg.frames_skipped) == (250, 240, 10)
    assert (leg.freezes, leg.freeze_ns) == (1, 11 * 40_000_000)
    # The largest packet of 9000 bytes sets the base delay, the jitter buffer follows.
    assert leg.first_shown_ns == 9000 * BYTE_NS + 20_000_000


def test_packets_beyond_the_playout_deadline_are_late_not_lost():
    """A queue of 3 ms before a jitter buffer of 1 ms: the packets behind it come too late."""
    burst = trace([0, 0, 0, 0], [125_000] * 4)
    plane = reference_plane(interfaces([GIGABIT]))
    plane.open(stream(0, burst, (0,), playout=playout(1)))
    plane.advance(SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert (leg.delivered_packets, leg.late_packets, leg.lost_packets) == (4, 2, 0)
    assert leg.bins == {0: [4, 4, 2, 0]}


def test_two_seconds_with_nothing_delivered_are_an_interruption():
    source = trace([0, SECOND_NS, 4 * SECOND_NS, 5 * SECOND_NS], 1000)
    plane = reference_plane(interfaces([GIGABIT]))
    plane.open(stream(0, source, (0,), stop_ns=5 * SECOND_NS + 1))
    plane.advance(60 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert (leg.interruptions, leg.interruption_ns) == (1, 3 * SECOND_NS)


def test_a_leg_that_gets_nothing_to_its_end_is_interrupted():
    plane = reference_plane(interfaces([GIGABIT]))
    plane.open(stream(0, trace([n * SECOND_NS // 2 for n in range(40)], 100), (0,)))
    plane.advance(3 * SECOND_NS)
    plane.set_link(0, up=False)
    plane.advance(15 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert leg.interruptions == 1
    assert leg.interruption_ns == pytest.approx(12 * SECOND_NS, abs=SECOND_NS // 2)


def test_video_and_xr_sources_run_and_close():
    """Several chunks of a real source: every packet is accounted for, frames are shown."""
    plane = reference_plane(interfaces([10_000_000], propagation_ns=1_000_000))
    plane.open(stream(0, video(), (0,), stop_ns=8 * SECOND_NS, playout=playout(200)))
    plane.advance(10 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert leg.sent_packets == leg.delivered_packets > 2 * 512
    assert leg.frames_shown == leg.frames_sent == 200
    assert leg.split.total_ns() == leg.delay_sum_ns
    assert leg.split.hops[0][PROPAGATION] == leg.delivered_packets * 1_000_000


def test_another_stream_changes_no_loss_or_delay_draw_of_this_one():
    """Common random numbers: what is lost of flow 0 does not depend on who else is there."""
    lost = []
    for others in (0, 3):
        table = interfaces(
            [GIGABIT], loss=Independent(probability=0.1), variation=Uniform(high_ms=0)
        )
        plane = reference_plane(table)
        log = Log(plane)
        for flow in range(1 + others):
            plane.open(stream(flow, trace(np.arange(500) * 100_000 + flow, 100), (0,)))
        log.watch(0)
        plane.advance(SECOND_NS)
        records = plane.finish()
        lost.append([number for _, number, _ in log.deliveries])
        assert records.streams[0][0].lost.keys() == {(0, IMPAIRMENT)}
    assert lost[0] == lost[1]
    assert 20 < 500 - len(lost[0]) < 80


def test_copies_on_one_wire_are_lost_independently():
    """Two unicast copies of each packet over one lossy link: both lost in about 1 %."""
    plane = reference_plane(interfaces([GIGABIT, GIGABIT], loss=Independent(probability=0.1)))
    tree = Tree((0, 0), (-1, -1), (0, 1))
    log = Log(plane)
    plane.open(stream(0, trace(np.arange(5000) * 100_000, 100), tree))
    log.watch(0)
    plane.advance(SECOND_NS)
    both = 5000 - len({number for _, number, _ in log.deliveries})
    assert 20 < both < 90


def test_probes_keep_their_delays_by_bin():
    plane = reference_plane(interfaces([GIGABIT]))
    probe = Constant(period_ns=100_000_000, ip_bytes=100, fixed_phase_ns=0)
    plane.open(stream(0, probe, (0,), stop_ns=600 * SECOND_NS))
    plane.advance(600 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert {number: sum(counts.values()) for number, counts in leg.bin_buckets.items()} == {
        0: 3000,
        1: 3000,
    }


def test_the_split_of_the_greatest_delay_closes_on_it():
    """Three packets of one bucket: the last waits behind the second, and stands for the greatest."""
    plane = reference_plane(interfaces([GIGABIT], propagation_ns=100_000_000))
    plane.open(stream(0, trace([0, 50_000, 50_000], 1000), (0,)))
    plane.advance(SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert len(leg.buckets) == 1
    (exemplar,) = leg.exemplars.values()
    assert exemplar.total_ns() == leg.delay_max_ns == 100_000_000 + 2 * 1000 * BYTE_NS


def test_a_frame_stuck_in_the_queue_past_its_deadline_is_not_repaired():
    """At 200 kbit/s nothing arrives in time; what waits at the end is late, and NACK mends no lateness."""
    plane = reference_plane(interfaces([200_000], limit=100_000))
    plane.open(stream(0, video(), (0,), stop_ns=2 * SECOND_NS, playout=playout(200, "nack")))
    plane.advance(3 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert leg.lost_packets == 0
    assert leg.in_flight_packets > 0
    assert leg.frames_skipped == leg.frames_sent - leg.frames_shown
    assert leg.frames_shown <= 1


@pytest.mark.parametrize(("down_ns", "shown"), [(9_500_000, 1), (9_500_001, 0)])
def test_a_packet_lost_after_its_deadline_counts_as_late_for_its_frame(down_ns, shown):
    """Ten packets of 1 ms; the line fails while the last one is sent, its deadline is 9.5 ms.

    Lost by then it is asked for again (it comes with 0.9); later it is late, and stays away.
    """
    source = Video(
        frame_rate_num=1, frame_rate_den=1, target_rate_bps=9400 * 8, pacing_share=0.0,
        fixed_phase_ns=0, payload_bytes=950, overhead_bytes=50,
        sizes=LowDelay(scale=1e-9, bound=0.1),
    )  # fmt: skip
    receiver = Playout(jitter_buffer_ms=8.5, frame_period_ns=SECOND_NS, repair="nack")
    plane = reference_plane(interfaces([8_000_000]))
    plane.open(stream(0, source, (0,), stop_ns=SECOND_NS, playout=receiver))
    plane.advance(down_ns - 1)
    plane.set_link(0, False)
    plane.advance(3 * SECOND_NS)
    leg = plane.finish().streams[0][0]
    assert (leg.delivered_packets, leg.lost_packets) == (9, 1)
    assert (leg.frames_shown, leg.frames_skipped) == (shown, 1 - shown)
