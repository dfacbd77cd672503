"""TCP's limits by formula, against the vectors of the project's own sheet of formulas."""

import pytest

from dataplane.transfer_lines import MS, Hop, interfaces, tcp
from telemedsim.dataplane.hybrid.fluid.messages import time_with_loss
from telemedsim.dataplane.hybrid.fluid.tcp_limits import (
    cubic_segments_per_s,
    idle_in_slow_start,
    loss_free_segments,
    loss_limit,
    new_reno_segments_per_s,
    window_after,
)
from telemedsim.dataplane.hybrid.fluid.ways import Lines, Way
from telemedsim.parts.impairments.independent import Independent

MBPS = 8 * 1460 / 1e6


@pytest.mark.parametrize(
    ("p", "round_trip_s", "pftk_mbps", "cubic_mbps"),
    [
        (1e-4, 0.05, 20.16, 28.61),
        (1e-3, 0.05, 6.29, 9.05),
        (1e-2, 0.05, 1.82, 2.86),
        (1e-3, 0.60, 0.52, 2.49),
    ],
)
def test_long_run_rates_are_those_of_the_sheet(
    p: float, round_trip_s: float, pftk_mbps: float, cubic_mbps: float
) -> None:
    timeout_s = max(0.2, 4 * round_trip_s)
    pftk = new_reno_segments_per_s(p, round_trip_s, timeout_s, acks_every=2)
    # The sheet gives two decimals; its Reno factor is rounded to 1.22 of 1.2247.
    assert pftk * MBPS == pytest.approx(pftk_mbps, abs=0.006)
    assert cubic_segments_per_s(p, round_trip_s) * MBPS == pytest.approx(cubic_mbps, rel=3e-3)


def test_segments_before_the_first_loss_are_cardwells_and_add_up() -> None:
    # E[d_ss] counts the lost segment too.
    assert loss_free_segments(1e-3, 0, 1000) + 1 == pytest.approx(632.7, abs=0.05)
    parts = loss_free_segments(1e-3, 0, 400) + loss_free_segments(1e-3, 400, 600)
    assert parts == pytest.approx(loss_free_segments(1e-3, 0, 1000))
    assert loss_free_segments(0.0, 5, 7) == 7.0


def test_slow_start_waits_for_each_round_until_the_window_fills_it() -> None:
    # Rounds of 10, 20, 40 kB in 50 us each at 1 B/ns; the fourth lasts longer than a round trip.
    assert idle_in_slow_start(10**6, 10_000, 1.0, 50_000) == 40_000 + 30_000 + 10_000
    assert idle_in_slow_start(10_000, 10_000, 1.0, 50_000) == 0
    assert idle_in_slow_start(10**6, 10_000, 0.0, 50_000) == 0


def test_a_window_grows_only_when_half_of_it_is_used() -> None:
    assert window_after(5_000, 10_000, 10**6) == 10_000
    assert window_after(5_001, 10_000, 10**6) == 15_001
    assert window_after(10**6, 10_000, 50_000) == 50_000


def test_loss_brings_a_large_window_down_step_by_step() -> None:
    hop = Hop(10**8, 50 * MS, queue_packets=100, loss=Independent(probability=1e-3))
    way = Way(Lines(interfaces([hop, Hop()]), ("data",)), (0,), (1,), 0, tcp())
    period_bytes = 1448 / way.loss
    first_ns, window_bytes = time_with_loss(way, period_bytes, 4e5)
    assert window_bytes == pytest.approx(2.8e5)
    assert first_ns == pytest.approx(period_bytes * way.round_trip_ns / 2.8e5)
    long_ns, window_bytes = time_with_loss(way, 1e10, 10**6)
    limit = loss_limit(way.tcp, way.loss, way.round_trip_ns)
    assert window_bytes == pytest.approx(limit * way.round_trip_ns)
    assert 1e10 / long_ns == pytest.approx(limit, rel=1e-2)
    assert loss_limit(way.tcp, 1.0, 1) == 0.0
