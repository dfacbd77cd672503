"""Transfers on the reference plane: steps in order, where the time went, what is counted."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dataplane.transfer_lines import MS, SECOND, Hop, Line, tcp
from telemedsim.dataplane.base import Step
from telemedsim.dataplane.reference import causes
from telemedsim.parts.impairments import LossKernel, LossProcess
from telemedsim.parts.impairments.exponential import Exponential
from telemedsim.parts.impairments.independent import Independent
from telemedsim.records.flows import (
    ACKNOWLEDGEMENT_WAIT,
    OVERFLOW,
    PROPAGATION,
    QUEUEING,
    RETRANSMISSION,
    SERVER,
    TRANSMISSION,
    TransferRecord,
)

FULL_NS = 12_000
"""1500 bytes at 1 Gbit/s."""
SYN_NS, ACK_NS = 480, 416


def lose_listed(state: list[int], draw: int, second_draw: int, threshold: int) -> int:
    """Return 1 for the packets of an interface whose numbers stand in the state."""
    state[0] += 1
    return int(state[0] - 1 in state[1:])


class Listed(LossProcess):
    """Loses the packets of an interface with these numbers, counted from 0."""

    kind: Literal["listed"] = "listed"
    numbers: tuple[int, ...]

    def kernel(self) -> LossKernel:
        return LossKernel(lambda parameters, draw: [0, *self.numbers], lose_listed, draws=1)


def only_mark(record: TransferRecord) -> tuple[int, list[int], dict[int, list[int]]]:
    """Return a transfer's only mark: when, ends, hops; its split closes on its time."""
    (mark,) = record.marks
    assert mark.split.total_ns() == mark.time_ns - record.start_ns
    return mark.time_ns, mark.split.ends, mark.split.hops


def test_a_message_in_one_flight_takes_a_handshake_its_bits_and_one_way() -> None:
    line = Line(Hop())
    line.open(Step(0, 10 * 1448, 0, report=True), start_ns=7)
    record = line.finish(SECOND)
    time, ends, hops = only_mark(record)
    handshake = 1 + SYN_NS + MS + 1 + SYN_NS + MS
    # The data leave behind the handshake's last acknowledgement, bits of their own flow.
    assert time == 7 + handshake + 1 + ACK_NS + 10 * FULL_NS + MS
    assert ends[ACKNOWLEDGEMENT_WAIT] == handshake + 1
    assert ends[RETRANSMISSION] == ends[SERVER] == 0
    assert (hops[0][PROPAGATION], hops[0][TRANSMISSION]) == (MS, ACK_NS + 10 * FULL_NS)
    assert record.end_ns == time
    assert record.delivered_bytes == 14_480


def test_an_open_connection_needs_no_handshake() -> None:
    line = Line(Hop())
    line.open(Step(0, 1448, 0, report=True), connected=True)
    time, _, _ = only_mark(line.finish(SECOND))
    assert time == 1 + FULL_NS + MS


def test_a_second_flight_waits_for_an_acknowledgement_of_the_first() -> None:
    line = Line(Hop())
    line.open(Step(0, 12 * 1448, 0, report=True), connected=True)
    time, ends, hops = only_mark(line.finish(SECOND))
    # The first two segments' ACK lets the eleventh to fourteenth out; all else is under way.
    ack_back = 1 + 2 * FULL_NS + MS + 1 + ACK_NS + MS
    assert time == ack_back + 1 + 2 * FULL_NS + MS
    assert hops[0][TRANSMISSION] == 4 * FULL_NS
    assert hops[0][PROPAGATION] == MS
    assert ends[ACKNOWLEDGEMENT_WAIT] == 2 * MS + ACK_NS + 3


def test_an_answer_follows_the_whole_question_and_the_servers_time() -> None:
    line = Line(Hop())
    line.open(
        Step(0, 200, 0, report=True),
        Step(1, 1448, 30 * MS, report=True),
        Step(0, 1448, 0, report=True),
        connected=True,
    )
    question, answer, thanks = line.finish(SECOND).marks
    # Before the answer goes the acknowledgement that was delayed: it would ride on it.
    assert answer.time_ns == question.time_ns + 30 * MS + 1 + ACK_NS + FULL_NS + MS
    assert answer.split.ends[SERVER] == 30 * MS
    assert answer.split.total_ns() == answer.time_ns
    assert thanks.time_ns == answer.time_ns + 1 + ACK_NS + FULL_NS + MS
    assert [(r.step, r.time_ns, r.last) for r in line.reports] == [
        (0, question.time_ns, False),
        (1, answer.time_ns, False),
        (2, thanks.time_ns, True),
    ]


def test_messages_of_one_end_follow_each_other_without_waiting() -> None:
    line = Line(Hop())
    line.open(
        Step(0, 1448, 0, report=True),
        Step(0, 1448, 0, report=True),
        Step(0, 1448, 5 * MS, report=True),
        connected=True,
    )
    times = [mark.time_ns for mark in line.finish(SECOND).marks]
    assert times == [
        1 + FULL_NS + MS,
        1 + 2 * FULL_NS + MS,
        5 * MS + 1 + FULL_NS + MS,
    ]


def test_the_end_that_was_called_may_speak_first() -> None:
    line = Line(Hop())
    line.open(Step(1, 1448, 0, report=True))
    time, _, hops = only_mark(line.finish(SECOND))
    handshake = 1 + SYN_NS + MS + 1 + SYN_NS + MS + 1 + ACK_NS + MS
    assert time == handshake + 1 + FULL_NS + MS
    assert list(hops) == [1]


@pytest.mark.parametrize("side", ["SYN", "SYN-ACK"])
def test_a_lost_opening_costs_a_second_of_retransmission(side: str) -> None:
    lost = Listed(numbers=(0,))
    there, back = (Hop(loss=lost), Hop()) if side == "SYN" else (Hop(), Hop(loss=lost))
    line = Line(there, back=[back])
    line.open(Step(0, 1448, 0, report=True))
    record = line.finish(10 * SECOND)
    _, ends, _ = only_mark(record)
    assert ends[RETRANSMISSION] == SECOND
    # The called end answers the second SYN; its own timer was due at the same time or later.
    assert record.timeouts >= 1


def test_a_lost_last_segment_is_retransmission_from_its_first_sending() -> None:
    line = Line(Hop(loss=Listed(numbers=(2,))), back=[Hop()])
    line.open(Step(0, 1448, 0, report=True))
    record = line.finish(10 * SECOND)
    time, ends, hops = only_mark(record)
    assert record.timeouts == 1
    assert (record.segments_sent, record.segments_retransmitted) == (2, 1)
    assert hops[0][TRANSMISSION] == FULL_NS
    assert ends[RETRANSMISSION] == time - ends[ACKNOWLEDGEMENT_WAIT] - FULL_NS - MS
    assert ends[RETRANSMISSION] >= 200 * MS
    leg = record.legs[0]
    assert (leg.sent_packets, leg.delivered_packets, leg.lost_packets) == (2, 1, 1)
    assert leg.in_flight_packets == 0


def test_the_ack_of_the_handshake_may_be_lost_as_data_say_the_same() -> None:
    line = Line(Hop(loss=Listed(numbers=(1,))), back=[Hop()])
    line.open(Step(0, 1448, 0, report=True))
    time, ends, _ = only_mark(line.finish(SECOND))
    assert ends[RETRANSMISSION] == 0
    assert time < 4 * MS


def test_what_overflows_is_counted_where_it_was_lost() -> None:
    line = Line(Hop(), Hop(rate_bps=10_000_000, queue_packets=5))
    line.open(Step(0, 10 * 1448, 0, report=True), connected=True)
    record = line.finish(10 * SECOND)
    assert record.legs[0].lost == {(1, OVERFLOW): 5}
    assert record.end_ns > 0
    assert record.delivered_bytes == 14_480


def test_a_closed_transfer_sends_nothing_more_and_never_ends() -> None:
    line = Line(Hop(rate_bps=1_000_000))
    line.open(Step(0, 1_000_000, 0, report=True))
    line.run(SECOND)
    line.plane.close(0)
    line.run(5 * SECOND)
    carried = line.plane.interfaces[0].record.carried_packets
    record = line.finish(60 * SECOND)
    assert line.plane.interfaces[0].record.carried_packets == carried
    assert record.end_ns == -1
    assert record.marks == []
    assert record.legs[0].in_flight_packets == 0


def test_a_running_transfer_says_where_its_time_went_so_far() -> None:
    line = Line(Hop(rate_bps=1_000_000))
    line.open(Step(0, 1_000_000, 0, report=True))
    record = line.finish(3 * SECOND)
    split = record.running_split
    assert split is not None
    # An event at least each transmission time of a full packet: 12 ms.
    assert 3 * SECOND - 13 * MS < split.total_ns() <= 3 * SECOND
    assert record.end_ns == -1


def test_waiting_behind_another_flow_is_queueing_of_its_class() -> None:
    alone, behind = Line(Hop(rate_bps=10_000_000)), Line(Hop(rate_bps=10_000_000))
    behind.open(Step(0, 10 * 1448, 0), flow=0, connected=True)
    for line in (alone, behind):
        line.open(Step(0, 1448, 0, report=True), flow=1, connected=True)
        line.run(SECOND)
    mark = behind.finish(SECOND, flow=1).marks[0]
    quiet = alone.finish(SECOND, flow=1).marks[0]
    assert mark.split.hops[0][QUEUEING] == 10 * 1_200_000
    assert mark.time_ns - quiet.time_ns == 10 * 1_200_000


@pytest.mark.parametrize("most_rounds", [0, 1, 7])
def test_long_chains_summed_early_give_the_same_split(
    most_rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def split() -> object:
        line = Line(Hop(), Hop(rate_bps=10_000_000, queue_packets=30), seed=3)
        line.open(Step(1, 100_000, 0), flow=0)
        line.open(Step(0, 400_000, 0, report=True), flow=1)
        return line.finish(20 * SECOND, flow=1).marks[0].split

    monkeypatch.setattr(causes, "MOST_ROUNDS", 10**9)
    whole = split()
    monkeypatch.setattr(causes, "MOST_ROUNDS", most_rounds)
    assert split() == whole


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "no steps"),
        ((Step(0, 0, 0),), "at least one byte"),
        ((Step(2, 10, 0),), "sender 0 or 1"),
        ((Step(0, 10, -1),), "no negative delay"),
    ],
)
def test_a_transfer_that_cannot_run_is_refused(steps: tuple[Step, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Line(Hop()).open(*steps)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    loss=some.sampled_from([0.0, 0.02, 0.2]),
    seed=some.integers(0, 10**6),
    queue=some.sampled_from([4, 50]),
    sizes=some.lists(
        some.tuples(some.integers(0, 1), some.integers(1, 40_000), some.sampled_from([0, 3 * MS])),
        min_size=1,
        max_size=6,
    ),
    sack=some.booleans(),
    connected=some.booleans(),
)
def test_splits_close_to_the_nanosecond_whatever_is_lost(
    loss: float,
    seed: int,
    queue: int,
    sizes: list[tuple[int, int, int]],
    sack: bool,
    connected: bool,
) -> None:
    hops = (
        Hop(loss=Independent(probability=loss), variation=Exponential(mean_ms=1.0)),
        Hop(rate_bps=20_000_000, queue_packets=queue, overhead_bytes=20),
    )
    line = Line(*hops, seed=seed)
    line.open(Step(0, 100_000, 0), flow=0)
    steps = tuple(Step(sender, size, delay, report=True) for sender, size, delay in sizes)
    line.open(*steps, flow=1, start_ns=11, parameters=tcp(sack=sack), connected=connected)
    record = line.finish(900 * SECOND, flow=1)
    assert [mark.step for mark in record.marks] == list(range(len(steps)))
    assert record.delivered_bytes == sum(size for _, size, _ in sizes)
    for mark in record.marks:
        assert mark.split.total_ns() == mark.time_ns - 11
        assert min(mark.split.ends) >= 0
        assert all(min(parts) >= 0 for parts in mark.split.hops.values())
    for leg in record.legs:
        assert leg.in_flight_packets == 0
        assert leg.split.total_ns() == leg.delay_sum_ns
        assert sum(leg.buckets.values()) == leg.delivered_packets
