"""Losses and delay variations against the laws that they are named after."""

import math

import pytest
from pydantic import ValidationError
from scipy import stats

from telemedsim.core.random_streams import DRAW_BITS, draw_u64
from telemedsim.parts.impairments import delay_variations, loss_processes
from telemedsim.parts.impairments.bit_error import BitError
from telemedsim.parts.impairments.exponential import Exponential
from telemedsim.parts.impairments.gilbert_elliott import GilbertElliott
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.impairments.lognormal import Lognormal
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.impairments.quantiles import Quantiles
from telemedsim.parts.impairments.uniform import Uniform

PACKETS = 100_000


def draw(number: int, key: int = 3) -> int:
    return draw_u64(key, number) >> (64 - DRAW_BITS)


def losses(process, frame_bytes=1500, packets=PACKETS):
    """Return 1 for each lost packet."""
    kernel = process.kernel()
    state = kernel.new_state(process.parameters(), draw(0, key=5))
    threshold = process.threshold(frame_bytes)
    return [kernel.is_lost(state, draw(2 * n), draw(2 * n + 1), threshold) for n in range(packets)]


def test_every_impairment_is_found_by_its_file_name():
    assert sorted(loss_processes()) == ["bit_error", "gilbert_elliott", "independent", "none"]
    kinds = ["exponential", "lognormal", "none", "quantiles", "uniform"]
    assert sorted(delay_variations()) == kinds


def test_a_clean_link_loses_and_delays_nothing():
    assert NoLoss().kernel().draws == 0
    assert sum(losses(NoLoss(), packets=10)) == 0
    assert NoVariation().kernel().variation_ns([], draw(1)) == 0
    assert NoLoss().mean_loss(1500) == 0


def test_independent_losses_have_their_probability():
    lost = sum(losses(Independent(probability=0.01)))
    low, high = stats.binom(PACKETS, 0.01).interval(0.999)
    assert low <= lost <= high
    assert sum(losses(Independent(probability=1), packets=100)) == 100
    assert sum(losses(Independent(probability=0), packets=100)) == 0


def test_gilbert_elliott_has_the_mean_and_bursts_of_its_chain():
    """ge-mean: p .001, r .1, half lost in the bad state: mean loss .00495049505."""
    process = GilbertElliott(p=0.001, r=0.1, loss_good=0, loss_bad=0.5)
    assert process.mean_loss(1500) == pytest.approx(0.00495049505)
    share = sum(losses(process)) / PACKETS
    # The state's correlation is 1 - p - r a packet; only the state's part of the variance has it.
    bad = 0.001 / 0.101
    variance = 0.25 * bad * (1 - bad) * (1.899 / 0.101) + 0.25 * bad
    assert abs(share - process.mean_loss(1500)) < 3.3 * math.sqrt(variance / PACKETS)


def test_gilbert_bursts_last_one_over_r_packets():
    """When the bad state loses all, bursts are geometric with mean 10."""
    lost = losses(GilbertElliott(p=0.01, r=0.1))
    text = "".join(map(str, lost)).strip("1")
    bursts = [len(burst) for burst in text.split("0") if burst]
    spread = math.sqrt(0.9) / 0.1 / math.sqrt(len(bursts))
    assert abs(sum(bursts) / len(bursts) - 10) < 3.3 * spread


def test_gilbert_elliott_begins_in_its_stationary_state():
    process = GilbertElliott(p=0.1, r=0.3)
    begin = process.kernel().new_state
    bad = sum(begin(process.parameters(), draw(n))[0] for n in range(4000))
    low, high = stats.binom(4000, 0.25).interval(0.999)
    assert low <= bad <= high


def test_a_chain_that_never_moves_is_refused():
    with pytest.raises(ValidationError, match="never move"):
        GilbertElliott(p=0, r=0)


def test_bit_errors_lose_long_frames_more_often():
    """1 - (1 - 1e-12)^(8 x 1500) = 1.2e-8, and a ratio near 1 loses everything."""
    assert BitError(bit_error_ratio=1e-12).mean_loss(1500) == pytest.approx(1.2e-8)
    assert BitError(bit_error_ratio=1e-5).mean_loss(1500) == pytest.approx(1 - (1 - 1e-5) ** 12000)
    lost = sum(losses(BitError(bit_error_ratio=1e-5), frame_bytes=100))
    low, high = stats.binom(PACKETS, 1 - (1 - 1e-5) ** 800).interval(0.999)
    assert low <= lost <= high
    assert sum(losses(BitError(bit_error_ratio=1), packets=100)) == 100


MILLION = 1e6
VARIATIONS = [
    (Uniform(low_ms=1, high_ms=3), stats.uniform(1 * MILLION, 2 * MILLION)),
    (Exponential(mean_ms=2), stats.expon(scale=2 * MILLION)),
    (Lognormal(median_ms=5, sigma=0.4), stats.lognorm(0.4, scale=5 * MILLION)),
    (
        Quantiles(points=((0, 0), (0.5, 1), (0.9, 5), (1, 30))),
        stats.rv_histogram(
            ([0.5, 0.4, 0.1], [0, MILLION, 5 * MILLION, 30 * MILLION]), density=False
        ),
    ),
]


@pytest.mark.parametrize(("variation", "law"), VARIATIONS, ids=lambda one: getattr(one, "kind", ""))
def test_delay_variations_follow_their_laws(variation, law):
    """Kolmogorov-Smirnov with fixed draws, at the 0.1 % level."""
    kernel = variation.kernel()
    parameters = variation.parameters()
    sample = [kernel.variation_ns(parameters, draw(n)) for n in range(5000)]
    assert stats.kstest(sample, law.cdf).pvalue > 0.001
    extremes = [kernel.variation_ns(parameters, d) for d in (0, (1 << DRAW_BITS) - 1)]
    assert 0 <= extremes[0] <= extremes[1]


def test_a_variation_grows_with_its_draw():
    """Inversion: a larger draw never gives a shorter delay, so common draws stay in step."""
    for variation, _ in VARIATIONS:
        kernel, parameters = variation.kernel(), variation.parameters()
        delays = [kernel.variation_ns(parameters, n << (DRAW_BITS - 8)) for n in range(256)]
        assert delays == sorted(delays)


@pytest.mark.parametrize(
    "points", [((0.1, 0), (1, 1)), ((0, 0), (0.9, 1)), ((0, 2), (1, 1)), ((0, -1), (1, 1))]
)
def test_a_table_that_is_no_distribution_is_refused(points):
    with pytest.raises(ValidationError):
        Quantiles(points=points)


def test_bounds_that_do_not_rise_are_refused():
    with pytest.raises(ValidationError, match="below low_ms"):
        Uniform(low_ms=2, high_ms=1)
