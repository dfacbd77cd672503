"""Queueing theory against the reference plane: `make oracles` prints each comparison.

Each case runs independent replications with fixed seeds; theory's value must lie inside the 99 %
interval (Student's t) of their means. A first part of each run is sent by flows that are not measured,
so that the measured ones find the queue as they would at any time.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from plane_networks import interfaces, reference_plane, stream, trace
from telemedsim.core.random_streams import draw_uniforms, stream_key
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.records.flows import FlowRecords, LegRecord

pytestmark = pytest.mark.oracle

RATE_BPS = 10_000_000
NS_PER_BYTE = 800
LONG_NS = 10**15
MEASURED = 100
"""Flows from this number on are measured, those below warm the queue up."""

Draws = NDArray[np.float64]


def exponentials(seed: int, purpose: str, mean: float, count: int) -> Draws:
    """Return exponential variates by inversion."""
    key = stream_key(seed, 0, "oracle", purpose)
    return -mean * np.log1p(-draw_uniforms(key, 0, count))


def poisson_times(seed: int, purpose: str, rate: float, count: int) -> NDArray[np.int64]:
    """Return the ns of the first arrivals of a Poisson process."""
    return np.cumsum(exponentials(seed, purpose, 1e9 / rate, count)).astype(np.int64)


def exponential_sizes(seed: int, mean: float, count: int) -> NDArray[np.int64]:
    """Return whole bytes: rounding 1000 B to the byte moves the mean wait by less than 1e-3."""
    return np.maximum(np.rint(exponentials(seed, "size", mean, count)), 1).astype(np.int64)


def open_measured(plane, flow, times, sizes, path, class_index=0, warm=0):
    """Open one source as two flows: the first ``warm`` packets, and the measured rest."""
    sizes = np.broadcast_to(sizes, times.shape)
    plane.open(stream(flow, trace(times[:warm], sizes[:warm]), path, class_index))
    measured = trace(times[warm:], sizes[warm:])
    plane.open(stream(MEASURED + flow, measured, path, class_index))


def mean_wait_s(leg: LegRecord, base_ns: float) -> float:
    """Return the mean delay beyond transmission and propagation, in seconds."""
    return (leg.delay_sum_ns / leg.delivered_packets - base_ns) / 1e9


def compare(name: str, theory: float, samples: list[float], unit: str = "s") -> bool:
    """Print, and return whether theory lies inside the 99 % interval of the replications' mean."""
    count = len(samples)
    mean = math.fsum(samples) / count
    deviation = math.sqrt(math.fsum((one - mean) ** 2 for one in samples) / (count - 1))
    half = float(stats.t.ppf(0.995, count - 1)) * deviation / math.sqrt(count)
    print(
        f"{name}: theory {theory:.6g} {unit}, simulated mean {mean:.6g} {unit},"
        f" 99 % interval {mean - half:.6g} … {mean + half:.6g} ({count} replications)"
    )
    return mean - half <= theory <= mean + half


def one_queue(
    times: Callable[[int], NDArray[np.int64]],
    sizes: Callable[[int], NDArray[np.int64]],
    seed: int,
    warm: int,
    limit: int = 10**9,
) -> tuple[FlowRecords, LegRecord]:
    """Return the records of one FIFO link of 10 Mbit/s, and the measured leg."""
    plane = reference_plane(interfaces([RATE_BPS], limit=limit))
    open_measured(plane, 0, times(seed), sizes(seed), (0,), warm=warm)
    plane.advance(LONG_NS)
    records = plane.finish()
    return records, records.streams[MEASURED][0]


def loss_share(leg: LegRecord) -> float:
    return leg.lost_packets / leg.sent_packets


def test_mm1_mean_wait():
    """mm1-wait-mean: rho / (mu - lambda) = 0.8 / (1250 - 1000) = 3.2 ms."""
    waits = []
    for seed in range(20):
        sizes = exponential_sizes(seed, 1000, 5000)
        _, leg = one_queue(
            lambda s: poisson_times(s, "arrival", 1000, 5000), lambda s, z=sizes: z, seed, 1000
        )
        waits.append(mean_wait_s(leg, float(sizes[1000:].mean()) * NS_PER_BYTE))
    assert compare("M/M/1 mean wait, rho 0.8", 0.0032, waits)


def test_md1_mean_wait():
    """Pollaczek-Khinchine: rho S / (2 (1 - rho)) = 0.6 x 1.2 ms / 0.8 = 0.9 ms."""
    waits = []
    for seed in range(20):
        _, leg = one_queue(
            lambda s: poisson_times(s, "arrival", 500, 5000),
            lambda s: np.full(5000, 1500),
            seed,
            500,
        )
        waits.append(mean_wait_s(leg, 1_200_000))
    assert compare("M/D/1 mean wait, rho 0.6", 0.0009, waits)


def test_mg1_mean_wait_of_a_mix_of_sizes():
    """mg1-wait-imix: 40, 576, 1500 B with .5, .1, .4; lambda E[S^2] / (2 (1 - rho)), rho 0.7."""
    waits = []
    for seed in range(20):
        key = stream_key(seed, 0, "oracle", "size")
        sizes = np.array([40, 576, 1500])[
            np.searchsorted([0.5, 0.6], draw_uniforms(key, 0, 6000), side="right")
        ]
        _, leg = one_queue(
            lambda s: poisson_times(s, "arrival", 1291.32231, 6000),
            lambda s, z=sizes: z,
            seed,
            600,
        )
        waits.append(mean_wait_s(leg, float(sizes[600:].mean()) * NS_PER_BYTE))
    assert compare("M/G/1 mean wait, IMIX, rho 0.7", 0.001286470523, waits)


def test_mm1k_loss():
    """mm1k-loss-0.8-10: (1 - rho) rho^K / (1 - rho^(K+1)); the limit counts the one in service."""
    shares = []
    for seed in range(20):
        _, leg = one_queue(
            lambda s: poisson_times(s, "arrival", 1000, 5000),
            lambda s: exponential_sizes(s, 1000, 5000),
            seed,
            500,
            limit=10,
        )
        shares.append(loss_share(leg))
    assert compare("M/M/1/K loss, rho 0.8, K 10", 0.02349285758, shares, unit="")


def test_md1k_loss():
    """md1k-loss-1-10: 1 - 1 / (pi_0 + rho), pi the chain at departures of M/D/1/K; rho 1, K 10."""
    shares = []
    for seed in range(20):
        _, leg = one_queue(
            lambda s: poisson_times(s, "arrival", 1e9 / 1_200_000, 5000),
            lambda s: np.full(5000, 1500),
            seed,
            500,
            limit=10,
        )
        shares.append(loss_share(leg))
    assert compare("M/D/1/K loss, rho 1, K 10", 0.05084745763, shares, unit="")


def two_classes(scheduler, seed: int) -> tuple[LegRecord, LegRecord]:
    """Return the legs of Cobham's case: 200 B at 2000/s high, 1500 B at 300/s low, 10 Mbit/s."""
    plane = reference_plane(interfaces([RATE_BPS], scheduler=scheduler))
    high = poisson_times(seed, "high", 2000, 4000)
    low = poisson_times(seed, "low", 300, 600)
    open_measured(plane, 0, high, np.array(200), (0,), 0, warm=400)
    open_measured(plane, 1, low, np.array(1500), (0,), 1, warm=60)
    plane.advance(LONG_NS)
    streams = plane.finish().streams
    return streams[MEASURED][0], streams[MEASURED + 1][0]


def test_two_class_non_preemptive_priority():
    """Cobham: R / (1 - rho_1) and R / ((1 - rho_1)(1 - rho_1 - rho_2)), R = sum lambda E[S^2] / 2."""
    legs = [two_classes(StrictPriority(), seed) for seed in range(20)]
    assert compare(
        "priority, mean wait of the high class",
        0.0003552941176,
        [mean_wait_s(high, 160_000) for high, _ in legs],
    )
    assert compare(
        "priority, mean wait of the low class",
        0.001110294118,
        [mean_wait_s(low, 1_200_000) for _, low in legs],
    )


def test_fifo_of_the_same_two_classes():
    """cobham-fifo: R / (1 - rho) = 0.755 ms, for a packet of either class (PASTA)."""
    legs = [two_classes(Fifo(), seed) for seed in range(20)]
    assert compare(
        "FIFO, mean wait of the same traffic", 0.000755, [mean_wait_s(h, 160_000) for h, _ in legs]
    )


def test_tandem_of_packets_of_one_size():
    """tandem-fixed: the sum of S_i plus the M/D/1 wait at the slowest hop: 2.34 ms."""
    delays = []
    for seed in range(20):
        plane = reference_plane(interfaces([100_000_000, RATE_BPS, 100_000_000]))
        times = poisson_times(seed, "arrival", 500, 2500)
        open_measured(plane, 0, times, np.array(1500), (0, 1, 2), warm=250)
        plane.advance(LONG_NS)
        leg = plane.finish().streams[MEASURED][0]
        delays.append(mean_wait_s(leg, 0))
    assert compare("tandem FIFO mean delay, 100/10/100 Mbit/s", 0.00234, delays)


PERIOD_NS, SLOT_NS, SOURCES = 600_000, 12_000, 30


def periodic(phases_ns: NDArray[np.int64]) -> FlowRecords:
    """Return the records of 30 streams of 20 Mbit/s (1500 B each 600 us) on 1 Gbit/s.

    The first two periods warm the queue up; all later ones are alike, so two are measured.
    """
    plane = reference_plane(interfaces([1_000_000_000]))
    for flow, phase in enumerate(phases_ns.tolist()):
        times = phase + np.arange(4, dtype=np.int64) * PERIOD_NS
        open_measured(plane, flow, times, np.array(1500), (0,), warm=2)
    plane.advance(LONG_NS)
    return plane.finish()


def test_periodic_streams_with_random_phases():
    """nddd1-mean: the integral of Q(N - 1, D, x), 7.538555 us; each draw of phases is one sample."""
    waits = []
    for seed in range(120):
        key = stream_key(seed, 0, "oracle", "phase")
        phases = (draw_uniforms(key, 0, SOURCES) * PERIOD_NS).astype(np.int64)
        records = periodic(phases)
        legs = [records.streams[MEASURED + flow][0] for flow in range(SOURCES)]
        total = sum(leg.delay_sum_ns for leg in legs)
        waits.append((total / sum(leg.delivered_packets for leg in legs) - SLOT_NS) / 1e9)
    assert compare("nD/D/1 mean wait, 30 x 20 Mbit/s on 1 Gbit/s", 7.538555083e-06, waits)


def test_periodic_streams_at_their_best_and_worst():
    """Phases a slot apart never wait; equal phases wait up to (N - 1) S = 348 us."""
    best = periodic(np.arange(SOURCES, dtype=np.int64) * PERIOD_NS // SOURCES)
    worst = periodic(np.zeros(SOURCES, dtype=np.int64))
    legs = range(MEASURED, MEASURED + SOURCES)
    assert {best.streams[flow][0].delay_max_ns for flow in legs} == {SLOT_NS}
    longest = max(worst.streams[flow][0].delay_max_ns for flow in legs)
    print(f"nD/D/1 largest wait, equal phases: theory 0.000348 s, simulated {longest - SLOT_NS} ns")
    assert longest - SLOT_NS == 348_000
