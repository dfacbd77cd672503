"""Buckets and the quantiles read from them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.records.histogram import bucket_bounds, bucket_of
from telemedsim.records.quantiles import (
    bucket_edges,
    bucket_of_quantile,
    group_quantiles,
    rank_of_quantile,
)

VALUES = st.integers(0, 2**50)


@given(VALUES)
def test_a_value_lies_in_its_bucket_which_is_narrow(value):
    low, high = bucket_bounds(bucket_of(value))
    assert low <= value < high
    assert high - low <= max(1, value / 128)


@given(VALUES)
def test_buckets_tile_the_numbers(value):
    bucket = bucket_of(value)
    assert bucket_bounds(bucket)[1] == bucket_bounds(bucket + 1)[0]
    low, high = bucket_edges(np.array([bucket]))
    assert (int(low[0]), int(high[0]) + 1) == bucket_bounds(bucket)


@given(st.lists(VALUES, min_size=1, max_size=300), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_from_buckets_is_off_by_less_than_a_bucket(values, level):
    exact = sorted(values)[rank_of_quantile(level, len(values)) - 1]
    buckets: dict[int, int] = {}
    for value in values:
        buckets[bucket_of(value)] = buckets.get(bucket_of(value), 0) + 1
    assert bucket_of_quantile(buckets, level) == bucket_of(exact)
    keys = np.array(list(buckets))
    counts = np.array([buckets[key] for key in keys])
    _, found, total = group_quantiles(np.zeros(len(keys), dtype=np.int64), keys, counts, level)
    assert total[0] == len(values)
    assert abs(found[0] - exact) <= max(exact / 128, 1e-9)


def test_groups_are_apart_and_their_order_is_theirs():
    group = np.array([7, 3, 7, 3])
    bucket = np.array([50, 20, 10, 10])
    names, values, totals = group_quantiles(group, bucket, np.array([1, 5, 1, 5]), 0.5)
    assert list(names) == [3, 7]
    assert list(values) == [10.0, 10.0]
    assert list(totals) == [10, 2]


def test_nothing_has_no_quantile():
    nothing = np.zeros(0, dtype=np.int64)
    assert len(group_quantiles(nothing, nothing, nothing, 0.5)[0]) == 0
    with pytest.raises(ValueError, match="at least one"):
        bucket_of_quantile({}, 0.5)


def test_ranks_do_not_suffer_from_floating_point():
    assert [rank_of_quantile(0.07, n) for n in (100, 1000)] == [7, 70]
    assert rank_of_quantile(0.95, 21) == math.ceil(19.95)
