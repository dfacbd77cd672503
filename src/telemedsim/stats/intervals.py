"""Confidence intervals: of a rate, of a mean, of a quantile. All values are taken as independent,
so what belongs together (the packets or legs of a session) must be made one value first."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import NamedTuple

from telemedsim.core.normal_quantile import normal_quantile

CONFIDENCE = 0.95


class QuantileInterval(NamedTuple):
    """Ranks (from 1) of the order statistics that enclose a quantile, and how surely they do."""

    low_rank: int
    high_rank: int
    coverage: float


def wilson(hits: float, trials: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Wilson's score interval of a rate; its ends are exactly 0 and 1 where they must be.

    Trials that depend on each other may count as fewer, not whole ones (`clustered_wilson`). (0, 1) without trials. Wilson, J. Am. Stat. Assoc. 22 (1927). Raises ValueError.

    >>> wilson(0, 1000)[0], round(wilson(0, 1000)[1], 12)
    (0.0, 0.003826758486)
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits of {trials} trials is no rate")
    if trials == 0:
        return 0.0, 1.0
    z = normal_quantile(0.5 + confidence / 2)
    rate, square = hits / trials, z * z / trials
    middle = rate + square / 2
    half = z * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials))
    low = 0.0 if hits == 0 else (middle - half) / (1 + square)
    high = 1.0 if hits == trials else (middle + half) / (1 + square)
    return low, high


def clustered_wilson(
    hits: Sequence[int], trials: Sequence[int], confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the interval of a rate over clusters, from the hits and trials of each.

    The trials count as so many independent ones as have the variance of the ratio estimator over
    clusters (Kish, Survey Sampling, 1965: the design effect), never more than there are. Where all
    trials end alike, or in one cluster, nothing tells how clusters differ: each counts as one trial.

    >>> wide, naive = clustered_wilson([10, 0, 0, 10], [10, 10, 10, 10]), wilson(20, 40)
    >>> wide[0] < naive[0] < naive[1] < wide[1]
    True
    """
    count, total, hit = len(trials), sum(trials), sum(hits)
    if total == 0:
        return 0.0, 1.0
    rate, effective = hit / total, float(min(total, count))
    if 0 < hit < total and count > 1:
        squares = sum((h - rate * n) ** 2 for h, n in zip(hits, trials, strict=True))
        design_effect = squares * count / (count - 1) / (total * rate * (1 - rate))
        effective = total / max(1.0, design_effect)
    return wilson(rate * effective, effective, confidence)


def ratio_interval(
    counts: Sequence[float], sizes: Sequence[float], confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """Return (ratio, low, high) of sums over clusters by Student's t; NaN ends for a single cluster.

    Cochran, Sampling Techniques, 1977, 6.4, without the correction of finite populations.

    >>> [round(x, 3) for x in ratio_interval([1, 2, 3], [1, 1, 1])]
    [2.0, 0.0, 4.484]
    """
    count, total = len(sizes), math.fsum(sizes)
    ratio = math.fsum(counts) / total
    if count < 2:
        return ratio, math.nan, math.nan
    from scipy.special import stdtrit

    squares = math.fsum((c - ratio * s) ** 2 for c, s in zip(counts, sizes, strict=True))
    half = float(stdtrit(count - 1, 0.5 + confidence / 2))
    half *= math.sqrt(squares * count / (count - 1)) / total
    return ratio, max(0.0, ratio - half), ratio + half


def mean_interval(
    values: Sequence[float], confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """Return (mean, low, high) by Student's t over replications. Raises ValueError below two values.

    >>> tuple(round(x, 4) for x in mean_interval([1.0, 2.0, 3.0]))
    (2.0, -0.4841, 4.4841)
    """
    if len(values) < 2:
        raise ValueError("an interval of a mean needs at least two values")
    from scipy.special import stdtrit

    count, mean = len(values), fmean(values)
    half = float(stdtrit(count - 1, 0.5 + confidence / 2)) * stdev(values) / math.sqrt(count)
    return mean, mean - half, mean + half


def quantile_ranks(
    count: int, quantile: float, confidence: float = CONFIDENCE
) -> QuantileInterval | None:
    """Return the closest order statistics that enclose a quantile with the given confidence.

    None when ``count`` values are too few. P(X(l) <= x < X(u)) = F(u - 1) - F(l - 1), with F the
    binomial distribution of (count, quantile): David and Nagaraja, Order Statistics, 7.1.

    >>> quantile_ranks(100, 0.95)[:2], quantile_ranks(58, 0.95)
    ((91, 100), None)
    """
    if not 0 < quantile < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {quantile}")
    if count < 1:
        return None
    from scipy.special import bdtr

    below = [float(bdtr(rank, count, quantile)) for rank in range(count)]
    best: QuantileInterval | None = None
    high = 1
    for low in range(1, count):
        high = max(high, low + 1)
        while high <= count and below[high - 1] - below[low - 1] < confidence:
            high += 1
        if high > count:
            break
        found = QuantileInterval(low, high, below[high - 1] - below[low - 1])
        if best is None or _better(found, best):
            best = found
    return best


def _better(one: QuantileInterval, other: QuantileInterval) -> bool:
    width, best = one.high_rank - one.low_rank, other.high_rank - other.low_rank
    return width < best or (width == best and one.coverage > other.coverage)
