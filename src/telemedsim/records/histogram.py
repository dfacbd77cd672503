"""A log-bucket histogram of integer nanoseconds, the same in every data plane.

128 buckets an octave: a bucket is at most 1/128 = 0.79 % wide, merging is adding counts, and
the index is integer arithmetic only (as in HdrHistogram).
"""

SUB_BITS = 7


def bucket_of(value_ns: int) -> int:
    """Return the bucket of a non-negative value.

    >>> bucket_of(5), bucket_of(128), bucket_of(255), bucket_of(256)
    (5, 128, 255, 256)
    """
    shift = value_ns.bit_length() - SUB_BITS - 1
    if shift <= 0:
        return value_ns
    return (shift << SUB_BITS) + (value_ns >> shift)


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
