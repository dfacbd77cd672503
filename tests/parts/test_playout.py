"""Playout: each freeze, skip and repair worked by hand (definitions.md, rule 7)."""

import numpy as np
import pytest

from telemedsim.core.random_streams import draw_uniforms, stream_key
from telemedsim.parts.traffic.playout import Playout, Shown, show

PERIOD = 40_000_000  # 25 frames/s; a freeze is a gap over max(120 ms, 190 ms) = 190 ms
BASE = 20_000_000
MS = 1_000_000


def playout(repair="none", **more):
    return Playout(jitter_buffer_ms=60, frame_period_ns=PERIOD, repair=repair, **more)


def run(receiver, missing, late=None, packets=10, round_trip_ns=None):
    """Frames of equal size, captured from 0; in-time frames complete 5 ms after the base delay."""
    missing = np.array(missing, dtype=np.int64)
    captures = np.arange(len(missing), dtype=np.int64) * PERIOD
    in_time = packets - missing
    complete = np.where(in_time > 0, captures + BASE + 5 * MS, -1)
    sent = np.full(len(missing), packets, dtype=np.int64)
    late = None if late is None else np.array(late, dtype=np.int64)
    return show(receiver, captures, sent, in_time, complete, BASE, round_trip_ns, late)


def test_the_budget_is_the_base_delay_and_the_jitter_buffer():
    assert playout().budget_ns(BASE) == 80 * MS


def test_a_clean_stream_shows_all_frames_from_the_deadline_on():
    assert run(playout(), [0] * 50) == Shown(50, 0, 80 * MS, 0, 0)


def test_a_lost_frame_is_a_skip_and_no_freeze():
    assert run(playout(), [0, 0, 1, 0, 0]) == Shown(4, 1, 80 * MS, 0, 0)


@pytest.mark.parametrize(
    ("lost", "freezes", "freeze_ns"),
    [(3, 0, 0), (4, 1, 200 * MS), (10, 1, 440 * MS)],
)
def test_a_freeze_is_a_gap_over_the_period_and_150_ms(lost, freezes, freeze_ns):
    """3 frames lost leave a gap of 160 ms, 4 leave 200 ms: the bound is 190 ms."""
    shown = run(playout(), [0, 0] + [10] * lost + [0, 0])
    assert shown == Shown(4, lost, 80 * MS, freezes, freeze_ns)


def test_a_gap_of_exactly_the_bound_is_no_freeze():
    """d = 50 ms: 4 d = 200 ms = d + 150 ms exactly; 10 ns more is a freeze."""
    receiver = Playout(jitter_buffer_ms=60, frame_period_ns=50 * MS, repair="none")
    ones = np.ones(2, dtype=np.int64)
    for gap, freezes in ((200 * MS, 0), (200 * MS + 10, 1)):
        captures = np.array([0, gap], dtype=np.int64)
        shown = show(receiver, captures, ones, ones, captures + BASE, BASE)
        assert (shown.freezes, shown.freeze_ns) == (freezes, gap * freezes)


def test_slow_streams_freeze_only_over_three_periods():
    """d = 100 ms: 3 d = 300 ms is more than d + 150 ms = 250 ms."""
    receiver = Playout(jitter_buffer_ms=60, frame_period_ns=100 * MS, repair="none")
    ones = np.ones(2, dtype=np.int64)
    for gap, freezes in ((300 * MS, 0), (301 * MS, 1)):
        captures = np.array([0, gap], dtype=np.int64)
        assert show(receiver, captures, ones, ones, captures + BASE, BASE).freezes == freezes


def test_two_freezes_are_counted_apart():
    shown = run(playout(), [0] + [1] * 5 + [0] + [1] * 6 + [0])
    assert shown == Shown(3, 11, 80 * MS, 2, 240 * MS + 280 * MS)


def test_frames_lost_before_the_first_shown_delay_the_start_and_freeze_nothing():
    assert run(playout(), [10] * 20 + [0, 0]) == Shown(2, 20, 880 * MS, 0, 0)


def test_a_picture_that_stands_still_to_the_end_is_frozen():
    """After the last shown frame 5 are lost: it stands for 200 ms at least, the bound is 190 ms."""
    assert run(playout(), [0, 0] + [10] * 5) == Shown(2, 5, 80 * MS, 1, 200 * MS)
    assert run(playout(), [0, 0] + [10] * 4).freezes == 0


def test_nothing_shown():
    assert run(playout(), [10] * 5) == Shown(0, 5, -1, 0, 0)
    assert run(playout(), []) == Shown(0, 0, -1, 0, 0)


@pytest.mark.parametrize(("round_trip_ms", "shown"), [(60, 3), (61, 2)])
def test_nack_repairs_when_one_round_trip_fits_the_jitter_buffer(round_trip_ms, shown):
    result = run(playout("nack"), [0, 3, 0], [0, 0, 0], round_trip_ns=round_trip_ms * MS)
    assert (result.frames_shown, result.frames_skipped) == (shown, 3 - shown)


def test_nack_brings_back_a_frame_lost_as_a_whole_but_no_late_packet():
    late = [0, 0, 2, 0]
    assert run(playout("nack"), [0, 10, 2, 0], late, round_trip_ns=40 * MS).frames_shown == 3


@pytest.mark.parametrize(("lost", "shown"), [(1, 10), (4, 2)])
def test_what_is_sent_again_is_lost_as_the_rest_is(lost, shown):
    """The share behind a frame is lost / 10: one packet comes with 0.9, four with 0.6^4 = 0.13.

    Of the last frames only those are shown behind which nothing more is lost.
    """
    losses = [lost] * 8 + [0, 0]
    result = run(playout("nack"), losses, [0] * 10, round_trip_ns=40 * MS)
    assert result.frames_shown == shown + (1 if lost == 4 else 0)


def test_nack_without_counts_of_late_packets_takes_empty_frames_as_late():
    assert run(playout("nack"), [0, 10, 2, 0], round_trip_ns=40 * MS).frames_shown == 3


def test_nack_needs_a_round_trip():
    assert run(playout("nack"), [0, 1, 0], [0, 0, 0]).frames_skipped == 1


@pytest.mark.parametrize(("missing", "shown"), [(2, 1), (3, 0)])
def test_fec_repairs_as_many_packets_as_its_redundancy(missing, shown):
    """floor(0.29 x 10) = 2."""
    assert run(playout("fec", fec_overhead=0.29), [missing]).frames_shown == shown


def test_fec_makes_up_for_late_packets():
    assert run(playout("fec", fec_overhead=0.2), [2], [2]).frames_shown == 1


def test_no_repair_without_fec_or_nack():
    assert run(playout("none", fec_overhead=0.5), [1], round_trip_ns=MS).frames_shown == 0


@pytest.mark.parametrize(("missing", "shown"), [(1, 1), (2, 0)])
def test_concealment_shows_slightly_damaged_frames(missing, shown):
    assert run(playout(concealment=0.1), [missing]).frames_shown == shown


def test_concealment_needs_something_to_show():
    receiver = playout(concealment=0.99)
    assert run(receiver, [1], packets=1).frames_shown == 0


def test_a_paced_frame_is_shown_when_its_last_packet_came():
    """Its last packet was sent 30 ms after capture and took 70 ms, less than 80: shown at 100."""
    zero, ten = np.zeros(1, dtype=np.int64), np.full(1, 10, dtype=np.int64)
    shown = show(playout(), zero, ten, ten, zero + 100 * MS, BASE)
    assert shown.first_shown_ns == 100 * MS


def test_the_packet_loss_of_the_paper_damages_frames_without_repair_only():
    """Rule 7's figure: 30 min of 1080p30 at 5 Mbit/s, 0.05 % loss: about 486 damaged frames."""
    frames, packets = 54_000, 18
    lost = draw_uniforms(stream_key(1, 0, "wire", "loss"), 0, frames * packets) < 0.0005
    missing = lost.reshape(frames, packets).sum(axis=1)
    captures = np.arange(frames, dtype=np.int64) * 1_000_000_000 // 30
    sent = np.full(frames, packets, dtype=np.int64)
    none = np.zeros(frames, dtype=np.int64)
    skipped = {}
    for repair in ("none", "nack"):
        receiver = Playout(jitter_buffer_ms=60, frame_period_ns=33_333_333, repair=repair)
        shown = show(receiver, captures, sent, sent - missing, captures + BASE, BASE, 40 * MS, none)
        skipped[repair] = shown.frames_skipped
    assert abs(skipped["none"] - 54_000 * (1 - 0.9995**18)) <= 3.29 * 484**0.5
    assert skipped["nack"] == 0


@pytest.mark.parametrize(("lost", "gaps"), [(1, 0), (3, 0), (4, 1), (20, 1)])
def test_concealment_hides_a_gap_of_sound_up_to_its_length(lost, gaps):
    """60 ms are three packets of 20 ms: the fourth in a row is heard to be missing."""
    receiver = Playout(
        jitter_buffer_ms=60, frame_period_ns=20 * MS, repair="none", concealed_gap_ms=60
    )
    captures = np.arange(lost + 20, dtype=np.int64) * 20 * MS
    ones = np.ones(len(captures), dtype=np.int64)
    in_time = ones.copy()
    in_time[10 : 10 + lost] = 0
    shown = show(receiver, captures, ones, in_time, captures + BASE, BASE)
    assert (shown.freezes, shown.frames_skipped) == (gaps, lost)
