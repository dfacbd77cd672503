"""Intervals against known values and against their own promise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.stats.intervals import mean_interval, quantile_ranks, wilson


@pytest.mark.oracle
def test_wilson_without_a_hit():
    low, high = wilson(0, 1000)
    assert low == 0.0
    assert high == pytest.approx(0.003826758486, rel=1e-9)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_encloses_the_rate_and_is_symmetric(counts):
    hits, trials = counts
    low, high = wilson(hits, trials)
    assert 0.0 <= low <= hits / trials <= high <= 1.0
    assert (low == 0.0) == (hits == 0)
    assert (high == 1.0) == (hits == trials)
    other_low, other_high = wilson(trials - hits, trials)
    assert (other_low, other_high) == (pytest.approx(1 - high), pytest.approx(1 - low))


def test_wilson_says_nothing_without_trials_and_refuses_nonsense():
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="5 hits of 3"):
        wilson(5, 3)


def test_mean_interval_is_students():
    # t of 4 degrees of freedom at 97.5 %: 2.776445 (any table).
    mean, low, high = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.776445105 * math.sqrt(2.5 / 5)
    assert (mean, low, high) == (3.0, pytest.approx(3 - half), pytest.approx(3 + half))
    with pytest.raises(ValueError, match="two values"):
        mean_interval([1.0])


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("count", "level", "low", "high", "coverage"),
    [
        (100, 0.5, 40, 60, 0.953956),
        (100, 0.95, 91, 100, 0.965891),
        (300, 0.95, 278, 293, 0.954849),
    ],
)
def test_shortest_ranks_around_a_quantile(count, level, low, high, coverage):
    found = quantile_ranks(count, level)
    assert (found.low_rank, found.high_rank) == (low, high)
    assert found.coverage == pytest.approx(coverage, abs=5e-7)


def test_too_few_values_enclose_no_quantile():
    # The widest interval, from the least to the greatest value, covers p95 with 1 - q^n - (1-q)^n.
    least = next(n for n in range(1, 200) if 1 - 0.95**n - 0.05**n >= 0.95)
    assert quantile_ranks(least - 1, 0.95) is None
    assert quantile_ranks(least, 0.95)[:2] == (1, least) or quantile_ranks(least, 0.95) is not None
    assert quantile_ranks(0, 0.5) is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_ranks(10, 1.0)
