"""Hand traces of the congestion window: slow start, avoidance, one loss, idleness."""

import pytest

from parts.tcp_loop import MS, Loop, tcp
from telemedsim.parts.transport import cubic
from telemedsim.parts.transport import sender as tx
from telemedsim.parts.transport import tcp_state as st
from telemedsim.parts.transport.scoreboard import is_lost

MSS = 1448


def sender_with(window_segments: int, threshold_segments: int, **changes: object) -> list[int]:
    """Return a sender whose window is full of data in flight."""
    s = st.new_sender(tcp(**changes), 10_000)
    s[st.CWND] = window_segments * MSS
    s[st.SSTHRESH] = threshold_segments * MSS
    tx.write(s, 10_000 * MSS)
    drain(s, 0)
    return s


def drain(s: list[int], now: int) -> int:
    """Send all that the windows let out; return the number of segments."""
    count = 0
    while tx.next_segment(s, now) >= 0:
        count += 1
    return count


def test_slow_start_doubles_each_round_although_acks_are_delayed() -> None:
    s = sender_with(10, 1 << 20)
    windows = []
    for round_number in range(1, 5):
        flight_end = s[st.NXT]
        while s[st.UNA] < flight_end:
            tx.on_ack(s, s[st.UNA] + 2 * MSS, (), 0, round_number * 50 * MS)
            drain(s, round_number * 50 * MS)
        windows.append(s[st.CWND] // MSS)
    assert windows == [20, 40, 80, 160]


def test_an_ack_of_many_segments_counts_for_two_in_slow_start() -> None:
    s = sender_with(10, 1 << 20)
    tx.on_ack(s, 8 * MSS, (), 0, 50 * MS)
    assert s[st.CWND] == 12 * MSS


def test_reno_adds_one_segment_a_round_although_acks_are_delayed() -> None:
    s = sender_with(20, 20, algorithm="new_reno")
    for round_number in range(1, 4):
        flight_end = s[st.NXT]
        while s[st.UNA] < flight_end:
            tx.on_ack(s, min(s[st.UNA] + 2 * MSS, flight_end), (), 0, round_number * 50 * MS)
            drain(s, round_number * 50 * MS)
        assert s[st.CWND] == (20 + round_number) * MSS


def test_a_window_that_is_not_used_does_not_grow() -> None:
    s = st.new_sender(tcp(), 10_000)
    s[st.SSTHRESH] = 10 * MSS
    tx.write(s, 2 * MSS)
    drain(s, 0)
    tx.on_ack(s, 2 * MSS, (), 0, 50 * MS)
    assert s[st.CWND] == 10 * MSS


@pytest.mark.parametrize(("algorithm", "kept_tenths"), [("new_reno", 5), ("cubic", 7)])
@pytest.mark.parametrize("sack", [True, False])
def test_one_loss_is_repeated_after_three_duplicates_and_cuts_the_window_once(
    algorithm: str, kept_tenths: int, sack: bool
) -> None:
    s = sender_with(40, 40, algorithm=algorithm, sack=sack)
    repeated = []
    for arrived in range(1, 40):
        block = (MSS, (arrived + 1) * MSS) if sack else ()
        tx.on_ack(s, 0, block, len(block) // 2, 50 * MS)
        while (number := tx.next_segment(s, 50 * MS)) >= 0:
            if number == 0:
                repeated.append(arrived)
    assert repeated == [3], "fast retransmit comes with the third duplicate, once"
    assert s[st.SSTHRESH] == 40 * MSS * kept_tenths // 10
    assert s[st.STATE] == st.RECOVERY
    tx.on_ack(s, s[st.NXT], (), 0, 100 * MS)
    assert s[st.STATE] == st.OPEN
    assert s[st.CWND] <= s[st.SSTHRESH]
    assert s[st.TIMEOUTS] == 0


def test_limited_transmit_lets_one_new_segment_out_for_each_of_two_duplicates() -> None:
    for sack in (True, False):
        s = sender_with(4, 4, sack=sack)
        sent = []
        for arrived in (1, 2):
            block = (MSS, (arrived + 1) * MSS) if sack else ()
            tx.on_ack(s, 0, block, len(block) // 2, 50 * MS)
            sent.append(drain(s, 50 * MS))
        assert sent == [1, 1]
        assert s[st.STATE] == st.OPEN


@pytest.mark.parametrize(("restart", "expected"), [(True, 10), (False, 40)])
def test_idleness_longer_than_the_timeout_restarts_from_the_initial_window(
    restart: bool, expected: int
) -> None:
    s = st.new_sender(tcp(restart_after_idle=restart), 10_000)
    s[st.CWND] = 40 * MSS
    s[st.SRTT], s[st.RTTVAR] = 50 * MS, 0
    tx.write(s, MSS)
    drain(s, 0)
    tx.on_ack(s, MSS, (), 0, 50 * MS)
    tx.write(s, 100 * MSS)
    assert drain(s, 251 * MS) == expected


def test_idleness_shorter_than_the_timeout_keeps_the_window() -> None:
    s = st.new_sender(tcp(), 10_000)
    s[st.CWND] = 40 * MSS
    s[st.SRTT], s[st.RTTVAR] = 50 * MS, 0
    tx.write(s, MSS)
    drain(s, 0)
    tx.on_ack(s, MSS, (), 0, 50 * MS)
    tx.write(s, 100 * MSS)
    assert drain(s, 249 * MS) == 40


def test_the_receive_window_bounds_what_is_outstanding() -> None:
    loop = Loop(tcp(receive_window_bytes=20_000), 500_000, gap_ns=10_000)
    outstanding = []
    loop.on_event = lambda one: outstanding.append(one.sender[st.NXT] - one.sender[st.UNA])
    loop.run()
    assert max(outstanding) == 20_000 // MSS * MSS


def cubic_sender(lost_at_segments: int) -> list[int]:
    s = st.new_sender(tcp(), 100_000)
    s[st.CWND] = lost_at_segments * MSS
    cubic.remember_loss(s)
    s[st.CWND] = cubic.threshold(s[st.CWND])
    s[st.SSTHRESH] = s[st.CWND]
    return s


def test_cubic_curve_is_the_formula_within_rounding() -> None:
    s = cubic_sender(1000)
    cubic.begin_epoch(s, 0)
    exact_k = (1000 * 0.3 / 0.4) ** (1 / 3)
    assert 0 <= exact_k - s[st.K_MS] / 1000 < 0.001, "K is a floor to 1 ms"
    for t_ms in range(0, 20_000, 37):
        offset = t_ms / 1000 - exact_k
        exact = MSS * (0.4 * offset**3 + 1000)
        # K off by 1 ms; the cube in units of 0.001 s^3, then bytes: both floors.
        slack = MSS * 0.4 * (3 * (abs(offset) + 0.001) ** 2 * 0.001 + 0.001) + 1
        assert abs(cubic.window_at(s, t_ms) - exact) <= slack


def test_cubic_window_follows_its_curve_one_round_trip_ahead() -> None:
    s = cubic_sender(1000)
    round_trip = 50 * MS
    s[st.SRTT] = round_trip
    s[st.CWND_PRIOR] = 1 << 40
    now, largest_step = 0, 0.0
    while now < 15_000 * MS:
        acked, window = 0, s[st.CWND]
        while acked < window:
            cubic.grow(s, 2 * MSS, now + round_trip * acked // window)
            acked += 2 * MSS
        now += round_trip
        ahead = cubic.window_at(s, (now + round_trip) // MS)
        largest_step = max(largest_step, ahead - cubic.window_at(s, now // MS))
        assert s[st.CWND] <= ahead + MSS
        # Each round closes 1 - 1/e of the gap at least: 1 / (1 - 1/e) = 1.58 steps behind.
        assert s[st.CWND] >= ahead - 1.59 * largest_step - 2 * MSS


def test_cubic_lowers_its_plateau_when_a_second_loss_comes_below_the_first() -> None:
    s = cubic_sender(1000)
    s[st.CWND] = 800 * MSS
    cubic.remember_loss(s)
    assert s[st.W_MAX] == 680 * MSS


def test_cubic_is_at_least_as_fast_as_reno_at_short_round_trips() -> None:
    s = cubic_sender(20)
    s[st.SRTT] = 2 * MS
    prior, now, rounds = 20 * MSS, 0, 0
    while s[st.CWND] < prior:
        acked, window = 0, s[st.CWND]
        while acked < window:
            cubic.grow(s, 2 * MSS, now)
            acked += 2 * MSS
        now += 2 * MS
        rounds += 1
    # Reno's estimate gains 9/17 of a segment a round from 14 to 20 segments.
    assert rounds <= 6 / (9 / 17) + 1
    assert cubic.window_at(s, now // MS) < s[st.W_EST], "the cubic alone would be slower"


def test_a_partial_ack_lets_the_next_hole_and_one_new_segment_out() -> None:
    """RFC 6582, 3.2, step 3: deflate by what was acknowledged, then add one segment."""
    s = sender_with(20, 20, algorithm="new_reno", sack=False)
    for _ in range(18):
        tx.on_ack(s, 0, (), 0, 50 * MS)
        drain(s, 50 * MS)
    tx.on_ack(s, 5 * MSS, (), 0, 100 * MS)
    assert tx.next_segment(s, 100 * MS) == 5
    assert drain(s, 100 * MS) == 1
    assert s[st.STATE] == st.RECOVERY


def lost_segments(s: list[int]) -> list[int]:
    """Return the numbers of the segments marked lost."""
    return [n for n in range(s[st.HEAD], s[st.TAIL]) if is_lost(s, n)]


def test_lost_is_what_has_more_than_two_segments_sacked_above_it() -> None:
    s = sender_with(20, 20)
    tx.on_ack(s, 0, (3 * MSS, 5 * MSS), 1, 50 * MS)
    assert lost_segments(s) == []
    tx.on_ack(s, 0, (3 * MSS, 6 * MSS), 1, 50 * MS)
    assert lost_segments(s) == [0, 1, 2]


def test_lost_is_what_has_three_separate_ranges_sacked_above_it() -> None:
    """Segments of 100 bytes: their bytes alone would not do."""
    s = st.new_sender(tcp(), 100)
    for _ in range(8):
        tx.write(s, 100)
        drain(s, 0)
    for first, expected in ((2, []), (4, []), (6, [0, 1])):
        tx.on_ack(s, 0, (first * 100, first * 100 + 100), 1, 50 * MS)
        assert lost_segments(s) == expected
