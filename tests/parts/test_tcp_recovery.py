"""Losses: timeouts and their back-off, SACK's repair in one round trip, NewReno's one a round."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from parts.tcp_loop import MS, Loop, pipe_of, tcp
from telemedsim.parts.transport import sender as tx
from telemedsim.parts.transport import tcp_state as st
from telemedsim.parts.transport.handshake import (
    establish,
    on_handshake_timeout,
    on_syn,
    open_active,
)
from telemedsim.parts.transport.timers import take_sample, timeout_ns

MSS = 1448
SECOND = 1000 * MS


def test_timeouts_double_up_to_the_bound_and_repeat_the_oldest_segment() -> None:
    s = st.new_sender(tcp(), 100)
    tx.write(s, 5 * MSS)
    while tx.next_segment(s, 0) >= 0:
        pass
    now, waits, thresholds = 0, [], []
    for _ in range(8):
        waits.append((s[st.RTO_DEADLINE] - now) // SECOND)
        now = s[st.RTO_DEADLINE]
        tx.on_timeout(s, now)
        assert tx.next_segment(s, now) == 0
        assert tx.next_segment(s, now) == -1, "one segment only"
        thresholds.append(s[st.SSTHRESH])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert set(thresholds) == {5 * MSS * 7 // 10}, "repeated timeouts of one segment cut once"
    assert s[st.CWND] == MSS


def test_a_round_trip_in_doubt_is_not_measured_and_keeps_the_back_off() -> None:
    s = st.new_sender(tcp(), 100)
    tx.write(s, 2 * MSS)
    while tx.next_segment(s, 0) >= 0:
        pass
    tx.on_timeout(s, SECOND)
    tx.next_segment(s, SECOND)
    tx.on_ack(s, 2 * MSS, (), 0, SECOND + 50 * MS)
    assert s[st.SRTT] == 0
    assert timeout_ns(s) == 2 * SECOND
    tx.write(s, MSS)
    tx.next_segment(s, 2 * SECOND)
    tx.on_ack(s, 3 * MSS, (), 0, 2 * SECOND + 50 * MS)
    assert s[st.SRTT] == 50 * MS
    assert s[st.BACKOFF] == 0


def test_the_estimate_is_that_of_rfc_6298() -> None:
    s = st.new_sender(tcp(), 4)
    take_sample(s, 100 * MS)
    assert (s[st.SRTT], s[st.RTTVAR]) == (100 * MS, 50 * MS)
    take_sample(s, 180 * MS)
    assert (s[st.SRTT], s[st.RTTVAR]) == (110 * MS, 57_500_000)
    assert timeout_ns(s) == 110 * MS + 4 * 57_500_000
    s[st.RTTVAR] = 0
    assert timeout_ns(s) == 310 * MS, "200 ms at least above the round trip, as in Linux"


def test_data_acknowledged_again_and_again_never_time_out_on_a_long_path() -> None:
    loop = Loop(tcp(), 3_000_000, one_way_ns=300 * MS, gap_ns=600_000)
    loop.run()
    assert loop.sender[st.TIMEOUTS] == 0
    assert loop.sender[st.RETRANSMITTED_SEGMENTS] == 0


def test_sack_repairs_many_losses_within_one_round_trip() -> None:
    lost = {40, 44, 47, 48, 55}
    loop = Loop(tcp(), 400 * MSS, gap_ns=10_000, lose_data=lambda number: number in lost)
    loop.run()
    times = [time for time, _, repeated in loop.sendings if repeated]
    assert len(times) == len(lost)
    assert max(times) - min(times) < 50 * MS
    assert loop.sender[st.TIMEOUTS] == 0
    assert [loop.sendings[n][1] for n in sorted(lost)] == [
        start for _, start, repeated in loop.sendings if repeated
    ]


def test_without_sack_each_loss_of_a_window_takes_a_round_trip() -> None:
    lost = {40, 44, 48}
    loop = Loop(tcp(sack=False), 400 * MSS, gap_ns=10_000, lose_data=lambda n: n in lost)
    loop.run()
    times = [time for time, _, repeated in loop.sendings if repeated]
    assert len(times) == 3
    assert all(50 * MS <= later - before < 52 * MS for before, later in pairwise(times))
    assert loop.sender[st.TIMEOUTS] == 0


def test_fast_recovery_of_a_long_round_trip_does_not_time_out() -> None:
    """The repaired segment's ACK comes one round trip after the last; the timeout is 0.2 s more."""
    loop = Loop(
        tcp(receive_window_bytes=200_000),
        4000 * MSS,
        one_way_ns=300 * MS,
        gap_ns=100_000,
        lose_data=lambda number: number in (3000, 3030),
    )
    loop.run()
    assert loop.sender[st.RETRANSMITTED_SEGMENTS] == 2
    assert loop.sender[st.TIMEOUTS] == 0


def test_a_loss_at_the_very_end_takes_a_timeout() -> None:
    loop = Loop(tcp(), 5 * MSS, lose_data=lambda number: number == 4)
    loop.run()
    assert loop.sender[st.TIMEOUTS] == 1
    assert loop.sender[st.RETRANSMITTED_SEGMENTS] == 1


def test_after_a_timeout_what_was_sacked_is_not_sent_again() -> None:
    lost = {1, 10, 11, 12, 13}
    loop = Loop(tcp(), 10 * MSS, lose_data=lambda number: number in lost)
    loop.run()
    assert loop.sender[st.TIMEOUTS] >= 1
    assert {start for _, start, repeated in loop.sendings if repeated} == {MSS}


@pytest.mark.parametrize(
    ("repetitions", "window", "timeout"), [(0, 10, 300), (1, 10, 3000), (2, 1, 3000)]
)
def test_a_repeated_handshake_gives_no_round_trip_and_a_careful_start(
    repetitions: int, window: int, timeout: int
) -> None:
    s = st.new_sender(tcp(), 100)
    now = 0
    open_active(s, now)
    for _ in range(repetitions):
        now = s[st.RTO_DEADLINE]
        on_handshake_timeout(s, now)
    assert now == (2**repetitions - 1) * SECOND
    assert establish(s, now + 100 * MS)
    assert not establish(s, now + 200 * MS)
    assert s[st.CWND] == window * MSS
    assert timeout_ns(s) == timeout * MS


def test_a_syn_is_answered_until_the_connection_stands() -> None:
    s = st.new_sender(tcp(), 100)
    assert on_syn(s, 0)
    assert on_syn(s, 10)
    establish(s, 20)
    assert not on_syn(s, 30)


def check_invariants(loop: Loop) -> None:
    """Check what holds at every moment of every run."""
    s = loop.sender
    assert s[st.PIPE] == pipe_of(s)
    assert 0 <= s[st.UNA] <= s[st.NXT] <= s[st.WRITTEN]
    assert s[st.NXT] - s[st.UNA] <= s[st.RECEIVE_WINDOW]
    assert s[st.CWND] >= s[st.MSS]
    assert (s[st.RTO_DEADLINE] >= 0) == (s[st.UNA] < s[st.NXT])


fates = some.lists(some.sampled_from(["arrives"] * 5 + ["lost", "late"]), max_size=120)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    data=fates,
    acks=fates,
    size=some.integers(1, 120_000),
    sack=some.booleans(),
    algorithm=some.sampled_from(["cubic", "new_reno"]),
    window=some.sampled_from([2_000, 30_000, 3_000_000]),
)
def test_whatever_is_lost_or_late_every_byte_arrives_in_order_exactly_once(
    data: list[str], acks: list[str], size: int, sack: bool, algorithm: str, window: int
) -> None:
    def lost(fate: list[str]) -> Callable[[int], int]:
        return lambda number: number < len(fate) and fate[number] == "lost"

    def late(fate: list[str]) -> Callable[[int], int]:
        return lambda number: 70 * MS if number < len(fate) and fate[number] == "late" else 0

    loop = Loop(
        tcp(sack=sack, algorithm=algorithm, receive_window_bytes=window),
        size,
        gap_ns=100_000,
        lose_data=lost(data),
        lose_ack=lost(acks),
        delay_data=late(data),
        delay_ack=late(acks),
    )
    loop.on_event = check_invariants
    loop.run(50_000)
    assert loop.delivered[0][0] == 0
    assert all(a[1] == b[0] for a, b in pairwise(loop.delivered))
    assert loop.delivered[-1][1] == size
    assert loop.sender[st.UNA] == size
