"""A log-bucket histogram of integer nanoseconds, the same in every data plane.

128 buckets an octave: a bucket is at most 1/128 = 0.79 % wide, merging is adding counts, and
the index is integer arithmetic only (as in HdrHistogram).
"""

from typing import Any

import numpy as np

from telemedsim.core.compiled import compiled, compiled_as

SUB_BITS = 7


def _bit_length_twin(value: Any) -> Any:
    # The exponent of a float: exact below 2**53, hence the upper half by itself.
    high = value >> 32
    if high > 0:
        return (np.float64(high).view(np.int64) >> 52) - 990
    return max(0, (np.float64(value).view(np.int64) >> 52) - 1022)


@compiled_as(_bit_length_twin)
def bit_length(value: int) -> int:
    """Return the number of bits of a non-negative integer, 0 for 0."""
    return value.bit_length()


@compiled
def bucket_of(value_ns: int) -> int:
    """Return the bucket of a non-negative value.

    >>> bucket_of(5), bucket_of(128), bucket_of(255), bucket_of(256)
    (5, 128, 255, 256)
    """
    shift = bit_length(value_ns) - SUB_BITS - 1
    if shift <= 0:
        return value_ns
    return (shift << SUB_BITS) + (value_ns >> shift)


@compiled
def bucket_bounds(bucket: int) -> tuple[int, int]:
    """Return the smallest value of a bucket and the smallest of the next one.

    >>> bucket_bounds(bucket_of(1_000_000))
    (999424, 1003520)
    """
    shift = (bucket >> SUB_BITS) - 1
    if shift <= 0:
        return bucket, bucket + 1
    low = (bucket - (shift << SUB_BITS)) << shift
    return low, low + (1 << shift)
