"""Quantiles are values that occurred, by one rule."""

import math

from hypothesis import given
from hypothesis import strategies as st

from telemedsim.stats.quantiles import quantile


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0.01, 1.0))
def test_a_quantile_is_the_least_value_with_that_share_at_or_below(values, level):
    found = quantile(values, level)
    assert found in values
    at_or_below = sum(value <= found for value in values)
    below = sum(value < found for value in values)
    assert at_or_below >= level * len(values) - 1e-6
    assert below < level * len(values)


def test_missing_values_are_left_out():
    assert quantile([math.nan, 3.0, 1.0], 1.0) == 3.0
    assert math.isnan(quantile([math.nan], 0.5))
