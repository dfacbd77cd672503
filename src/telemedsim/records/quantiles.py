"""Quantiles of delays that were kept as counts of log buckets.

The q-quantile of n values is the order statistic of rank ceil(q n), the inverse of the
empirical distribution (type 1 of Hyndman and Fan, 1996). It lies in the bucket found here, so
the value returned is wrong by less than a bucket's width: at most 1/128 of it. Inside the bucket the
counts are taken to lie evenly (linear interpolation). Buckets of width 1 are exact.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from telemedsim.records.histogram import SUB_BITS

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

DELAY_QUANTILES = (("delay_p50", 0.5), ("delay_p95", 0.95), ("delay_p99", 0.99), ("delay_max", 1.0))
"""Quantiles of a leg's delays that are taken apart, by the name of their split."""

_ROUNDING = 1e-9
"""0.07 * 100 is a little over 7 in floating point, and must not become rank 8."""


def rank_of_quantile(quantile: float, count: int) -> int:
    """Return the rank, from 1, of a quantile among ``count`` values.

    >>> rank_of_quantile(0.95, 100), rank_of_quantile(0.07, 100), rank_of_quantile(0.5, 1)
    (95, 7, 1)
    """
    return max(1, math.ceil(quantile * count - _ROUNDING))


def bucket_of_quantile(buckets: Mapping[int, int], quantile: float) -> int:
    """Return the bucket that holds a quantile of a non-empty histogram.

    >>> bucket_of_quantile({5: 94, 9: 5, 70: 1}, 0.95)
    9
    """
    rank = rank_of_quantile(quantile, sum(buckets.values()))
    passed = 0
    for bucket in sorted(buckets):
        passed += buckets[bucket]
        if passed >= rank:
            return bucket
    raise ValueError("a quantile needs at least one value")


def bucket_edges(bucket: IntArray) -> tuple[IntArray, IntArray]:
    """Return the least and the greatest integer of each bucket, in ns."""
    shift = np.maximum((bucket >> SUB_BITS) - 1, 0)
    low = (bucket - (shift << SUB_BITS)) << shift
    return low, low + (np.int64(1) << shift) - 1


def group_quantiles(
    group: IntArray, bucket: IntArray, packets: IntArray, quantile: float
) -> tuple[IntArray, FloatArray, IntArray]:
    """Return (group, quantile in ns, values) for each group of rows, groups ascending.

    Rows may come in any order; a group may hold one bucket several times (merged histograms).
    """
    order = np.lexsort((bucket, group))
    group, bucket, packets = group[order], bucket[order], packets[order]
    names, first = np.unique(group, return_index=True)
    if not len(names):
        return names, np.zeros(0), np.zeros(0, dtype=np.int64)
    passed = np.cumsum(packets)
    before = passed[first] - packets[first]
    totals = np.diff(np.append(before, passed[-1]))
    targets = quantile * totals
    ranks = np.maximum(np.ceil(targets - _ROUNDING), 1).astype(np.int64)
    at = np.searchsorted(passed, before + ranks, side="left")
    low, high = bucket_edges(bucket[at])
    inside = (np.maximum(targets, 1) - (passed[at] - packets[at] - before)) / packets[at]
    values = (low + np.clip(inside, 0.0, 1.0) * (high - low)).astype(np.float64)
    return names, values, totals
