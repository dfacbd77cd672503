"""Transfer times against times worked by hand: long, short, and one acknowledged object at a time."""

import math

import pytest

from dataplane.transfer_lines import MS, SECOND, Hop, Line, tcp
from telemedsim.dataplane.base import Step
from telemedsim.records.flows import ACKNOWLEDGEMENT_WAIT, PROPAGATION, RETRANSMISSION

DATA_BYTES, PACKET_BYTES = 1448, 1500
"""Of a full segment: 1460 announced, 12 of them timestamps."""

pytestmark = pytest.mark.oracle


def show(name: str, theory: float, simulated: float, low: float, high: float) -> bool:
    """Print one line of the oracles, in seconds, and return whether it holds."""
    print(f"{name}: {theory:.6f}, {simulated:.6f}, [{low:.6f}, {high:.6f}]")
    return low <= simulated <= high


def long_transfer_s(size_bytes: int, rate_bps: int, one_way_s: float) -> float:
    """Return the hand-worked time of a long transfer whose queue never runs empty after slow start.

    A handshake; the bottleneck idles while the doubling window is below the bandwidth-delay
    product; all packets at the bottleneck's rate; the last one's way.
    """
    round_trip_s = 2 * one_way_s
    packets = math.ceil(size_bytes / DATA_BYTES)
    packet_s = PACKET_BYTES * 8 / rate_bps
    wire_bytes = size_bytes + packets * (PACKET_BYTES - DATA_BYTES)
    idle_s, window = 0.0, 10
    while window * packet_s < round_trip_s:
        idle_s += round_trip_s - window * packet_s
        window *= 2
    return round_trip_s + idle_s + wire_bytes * 8 / rate_bps + one_way_s


@pytest.mark.parametrize(("algorithm", "queue_packets"), [("cubic", 100), ("new_reno", 10**9)])
def test_50_mb_over_20_mbit_s_takes_the_hand_worked_time(
    algorithm: str, queue_packets: int
) -> None:
    line = Line(Hop(rate_bps=20_000_000, propagation_ns=25 * MS, queue_packets=queue_packets))
    line.open(Step(0, 50_000_000, 0, report=True), parameters=tcp(algorithm=algorithm))
    simulated = line.finish(100 * SECOND).marks[0].time_ns / SECOND
    theory = long_transfer_s(50_000_000, 20_000_000, 0.025)
    queue = "unbounded" if queue_packets == 10**9 else f"{queue_packets} packets"
    assert show(
        f"50 MB over 20 Mbit/s, 25 ms, {algorithm}, queue {queue}, s",
        theory,
        simulated,
        0.95 * theory,
        1.05 * theory,
    )


@pytest.mark.parametrize("segments", [1, 10, 11, 30, 31, 70, 150, 151, 1000])
def test_short_transfers_take_the_rounds_of_slow_start(segments: int) -> None:
    """The window doubles from 10: n rounds carry 10 (2^n - 1) segments, delayed ACKs or not.

    Between theory and simulation lie at most each round's last ACK pair and the bits of all packets.
    """
    rate_bps, one_way_ns = 10**10, 50 * MS
    rounds = math.ceil(math.log2(segments / 10 + 1))
    theory = (2 * one_way_ns + (rounds - 1) * 2 * one_way_ns + one_way_ns) / SECOND
    line = Line(Hop(rate_bps=rate_bps, propagation_ns=one_way_ns))
    line.open(Step(0, segments * DATA_BYTES, 0, report=True))
    simulated = line.finish(60 * SECOND).marks[0].time_ns / SECOND
    bits_s = (segments * PACKET_BYTES + 500 * (rounds + 2)) * 8 / rate_bps + 1e-8 * (rounds + 2)
    name = f"{segments} segments in {rounds} rounds of 100 ms, s"
    assert show(name, theory, simulated, theory, theory + bits_s)


@pytest.mark.parametrize("objects", [1, 20, 300])
def test_each_acknowledged_object_waits_a_satellite_round_trip(objects: int) -> None:
    """Objects of one window, each answered before the next, as C-STORE does: N round trips."""
    rate_bps, one_way_ns, object_bytes, answer_bytes = 10**9, 300 * MS, 10_000, 200
    steps = [
        step
        for number in range(objects)
        for step in (
            Step(0, object_bytes, 0),
            Step(1, answer_bytes, 0, report=number == objects - 1),
        )
    ]
    line = Line(Hop(rate_bps=rate_bps, propagation_ns=one_way_ns))
    line.open(*steps)
    mark = line.finish(1000 * SECOND).marks[0]
    theory = (objects + 1) * 2 * one_way_ns / SECOND
    # Bits of seven segments, an answer, and the ACKs before it.
    wire_bytes = object_bytes + 7 * 52 + answer_bytes + 52 + 4 * 52
    bits_s = objects * (wire_bytes * 8 / rate_bps + 4e-9) + 200 * 8 / rate_bps
    assert show(
        f"{objects} objects, each acknowledged over 600 ms, s",
        theory,
        mark.time_ns / SECOND,
        theory,
        theory + bits_s,
    )
    assert mark.split.ends[RETRANSMISSION] == 0
    assert mark.split.total_ns() == mark.time_ns
    # All but the last answer's own way is waiting for acknowledgements.
    waits_s = mark.split.ends[ACKNOWLEDGEMENT_WAIT] / SECOND
    way_s = one_way_ns / SECOND
    assert show(
        f"{objects} objects, acknowledgement waits, s",
        theory - way_s,
        waits_s,
        theory - way_s,
        theory - way_s + bits_s,
    )
    assert mark.split.hops[1][PROPAGATION] == one_way_ns


def test_a_transfer_over_two_lines_is_as_fast_as_the_slower() -> None:
    slow = Hop(rate_bps=5_000_000, propagation_ns=10 * MS)
    line = Line(Hop(rate_bps=10**9, propagation_ns=5 * MS), slow)
    line.open(Step(0, 5_000_000, 0, report=True))
    simulated = line.finish(100 * SECOND).marks[0].time_ns / SECOND
    theory = long_transfer_s(5_000_000, 5_000_000, 0.015)
    assert show(
        "5 MB over 5 Mbit/s behind 1 Gbit/s, s", theory, simulated, 0.99 * theory, 1.01 * theory
    )
