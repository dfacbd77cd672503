"""Quantiles of exact values; those of delays kept in log buckets are in `records.quantiles`."""

import numpy as np
from numpy.typing import ArrayLike

from telemedsim.records.quantiles import rank_of_quantile

MISSING = float("nan")


def quantile(values: ArrayLike, level: float) -> float:
    """Return the order statistic of rank ceil(level n): the least value with that share at or below.

    It is the same rule as for delays in buckets (type 1 of Hyndman and Fan, 1996), and always a value
    that occurred. Missing values are left out; NaN when nothing is left.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile(range(1, 101), 0.95)
    (2.0, 95.0)
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not known.size:
        return MISSING
    return float(np.sort(known)[rank_of_quantile(level, known.size) - 1])
