"""Transfers as a fluid: an empty path as the packets have it, shares, outages, where time went."""

from typing import Any

import pytest

from dataplane.fluid.fluid_lines import FluidLine
from dataplane.transfer_lines import MS, SECOND, Hop, Line, tcp
from telemedsim.dataplane.base import Step
from telemedsim.dataplane.hybrid.fluid.carried import BIN, CARRIED_BYTES, INTERFACE
from telemedsim.parts.impairments.independent import Independent
from telemedsim.records.flows import (
    OUTAGE,
    QUEUEING,
    RETRANSMISSION,
    SERVER,
    TRANSMISSION,
    TransferRecord,
)

FAST = (Hop(10**8, 5 * MS), Hop(5 * 10**7, 5 * MS))


def exchange(objects: int, object_bytes: int, report_all: bool = False) -> list[Step]:
    """Return C-STORE's messages: an object, its answer after 15 ms, the next object."""
    steps = []
    for number in range(objects):
        report = report_all or number == objects - 1
        steps += [Step(0, object_bytes, 0, report_all), Step(1, 200, 15 * MS, report)]
    return steps


def both(hops: tuple[Hop, ...], *steps: Step, **how: Any) -> tuple[TransferRecord, TransferRecord]:
    records = []
    for line in (Line(*hops), FluidLine(*hops)):
        line.open(*steps, **how)
        records.append(line.finish(100 * SECOND))
    return records[0], records[1]


@pytest.mark.parametrize(
    ("hops", "steps", "connected"),
    [
        ((Hop(),), [Step(0, 14_480, 0, True)], False),
        ((Hop(),), [Step(0, 1448, 0, True)], True),
        ((Hop(),), [Step(0, 12 * 1448, 0, True)], True),
        ((Hop(),), [Step(1, 1448, 0, True)], False),
        (
            (Hop(),),
            [Step(0, 1448, 0, True), Step(0, 1448, 0, True), Step(0, 1448, 5 * MS, True)],
            True,
        ),
    ],
)
def test_one_flight_on_an_empty_path_takes_what_its_packets_take(
    hops: tuple[Hop, ...], steps: list[Step], connected: bool
) -> None:
    packets, fluid = both(hops, *steps, connected=connected)
    assert [mark.time_ns for mark in fluid.marks] == [mark.time_ns for mark in packets.marks]
    assert fluid.segments_sent == packets.segments_sent
    assert fluid.delivered_bytes == packets.delivered_bytes


@pytest.mark.parametrize(
    ("hops", "steps"),
    [
        (FAST, [Step(0, 10**6, 0, True)]),
        ((Hop(10**9, 50 * MS),), [Step(0, 10**7, 0, True)]),
        ((Hop(10**8, 10 * MS),), exchange(20, 524_000)),
        ((Hop(10**8, 10 * MS),), exchange(7, 524_000, report_all=True)),
    ],
)
def test_many_rounds_alone_end_within_a_packet_a_round(
    hops: tuple[Hop, ...], steps: list[Step]
) -> None:
    packets, fluid = both(hops, *steps)
    assert len(packets.marks) == len(fluid.marks)
    for expected, found in zip(packets.marks, fluid.marks, strict=True):
        # Each round may differ by the bits of a segment and its ACK: 0.25 ms at 50 Mbit/s, 20 rounds.
        assert found.time_ns == pytest.approx(expected.time_ns, rel=1e-3, abs=0.25 * MS)


def test_the_parts_of_each_mark_close_on_its_time() -> None:
    line = FluidLine(Hop(10**7, 20 * MS, loss=Independent(probability=1e-3)), Hop(2 * 10**7, MS))
    for flow in range(5):
        line.open(
            Step(1, 300, 0, True),
            *exchange(4, 400_000, report_all=True),
            *exchange(12, 100_000),
            Step(1, 10**6, 5 * MS, True),
            Step(1, 10**6, 5 * MS, True),
            flow=flow,
            start_ns=flow * 123_456,
        )
    line.finish(200 * SECOND)
    records, _ = line.plane.finish()
    for record in records.values():
        assert len(record.marks) == 12
        for mark in record.marks:
            assert mark.split.total_ns() == mark.time_ns - record.start_ns
            assert min(mark.split.ends) >= 0
            assert min(min(parts) for parts in mark.split.hops.values()) >= 0
        assert record.end_ns == record.marks[-1].time_ns
        # The last message was written while the one before was being sent.
        server_ns = record.marks[-1].split.ends[SERVER]
        assert (4 + 12) * 15 * MS <= server_ns <= (4 + 12) * 15 * MS + 5 * MS


def test_two_alike_share_and_wait_for_each_other() -> None:
    line = FluidLine(Hop(10**7))
    for flow in range(2):
        line.open(Step(0, 10**6, 0, True), flow=flow, connected=True)
    record = line.finish(10 * SECOND)
    (mark,) = record.marks
    assert mark.split.hops[0][TRANSMISSION] == pytest.approx(1_500 / 1_448 * 0.8 * SECOND, rel=1e-3)
    assert mark.split.hops[0][QUEUEING] == pytest.approx(mark.split.hops[0][TRANSMISSION], rel=1e-2)
    carried = line.carried[line.carried[:, INTERFACE] == 0]
    assert carried[:, BIN].tolist() == [0, 1]
    assert carried[:, CARRIED_BYTES].sum() == pytest.approx(2 * 10**6 * 1_500 / 1_448, abs=2)


def test_an_outage_stops_a_transfer_until_its_timer_tries_again() -> None:
    line = FluidLine(Hop(10**7))
    line.open(Step(0, 10**6, 0, True), connected=True)
    line.run(400 * MS)
    line.plane.set_link(0, False)
    line.run(SECOND)
    line.plane.set_link(0, True)
    record = line.finish(10 * SECOND)
    (mark,) = record.marks
    rto_ns = 200 * MS
    retry_ns = 3 * rto_ns
    assert mark.split.hops[0][OUTAGE] == 600 * MS
    # Tries after 1, 3 timeouts of about 0.2 s and a round trip: the second comes after the repair.
    assert 0 < mark.split.ends[RETRANSMISSION] < 4 * 5 * MS + retry_ns - 600 * MS
    assert record.timeouts == 2
    assert mark.split.total_ns() == mark.time_ns


def test_a_transfer_that_is_closed_arrives_nowhere() -> None:
    line = FluidLine(Hop(10**7))
    line.open(Step(0, 10**6, 0, True), connected=True)
    line.run(100 * MS)
    line.plane.close(0)
    record = line.finish(10 * SECOND)
    assert record.end_ns == -1
    assert record.marks == []
    assert line.reports == []
    assert record.running_split is not None


def test_streams_come_before_transfers_of_a_fifo() -> None:
    line = FluidLine(Hop(10**7))
    line.plane.set_stream_load(0, 0, 5e6, 0)
    line.open(Step(0, 10**6, 0, True), connected=True)
    halved = line.finish(10 * SECOND).end_ns
    alone = FluidLine(Hop(5 * 10**6))
    alone.open(Step(0, 10**6, 0, True), connected=True)
    # The stream halves the rate; a packet's own bits and the round trips stay those of 10 Mbit/s.
    assert halved == pytest.approx(alone.finish(10 * SECOND).end_ns, rel=1e-2)


def test_loss_is_expected_in_the_counts_and_limits_the_rate() -> None:
    lossy = (Hop(10**8, 25 * MS, loss=Independent(probability=1e-2)),)
    line = FluidLine(*lossy)
    line.open(Step(0, 10**7, 0, True), parameters=tcp(algorithm="new_reno"))
    record = line.finish(1000 * SECOND)
    segments = -(-(10**7) // 1448)
    assert record.segments_retransmitted == round(segments * 0.01 / 0.99)
    assert record.legs[0].lost_packets == record.segments_retransmitted
    assert record.marks[0].split.ends[RETRANSMISSION] > 20 * SECOND
