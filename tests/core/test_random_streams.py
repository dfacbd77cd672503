"""Draws are functions of their key and number, and have the laws they claim."""

import math
from statistics import NormalDist, fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from telemedsim.core.random_streams import (
    RandomStream,
    child_key,
    draw_u64,
    draw_uniform,
    draw_uniforms,
    stream_key,
)

KEYS = st.integers(0, 2**64 - 1)


def test_generator_is_splitmix64() -> None:
    # First outputs of SplitMix64 from state 1234567, as published with the reference code.
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [draw_u64(1234567, n) for n in range(3)] == expected


@given(KEYS, st.integers(0, 10**9), st.integers(1, 50))
def test_array_draws_equal_single_draws(key: int, first: int, count: int) -> None:
    expected = [draw_uniform(key, first + n) for n in range(count)]
    assert draw_uniforms(key, first, count).tolist() == expected


def test_another_entity_seed_replication_or_purpose_is_another_stream() -> None:
    keys = {
        stream_key(seed, replication, entity, purpose)
        for seed in (1, 2)
        for replication in (0, 1)
        for entity in ("a", "b")
        for purpose in ("x", "y")
    }
    assert len(keys) == 16
    assert len({child_key(5, n) for n in range(1000)}) == 1000


def test_uniforms_are_uniform() -> None:
    draws = draw_uniforms(stream_key(1, 0, "test", "uniform"), 0, 100_000)
    counts = np.histogram(draws, bins=100, range=(0, 1))[0]
    assert chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("exponential", lambda x: -np.expm1(-np.asarray(x) / 2)),
        ("lognormal", lambda x: np.vectorize(NormalDist().cdf)(np.log(np.asarray(x) / 3) / 0.5)),
    ],
)
def test_transforms_follow_their_law(name: str, law: object) -> None:
    stream = RandomStream(stream_key(1, 0, "test", name))
    draw = {
        "exponential": lambda: stream.exponential(2),
        "lognormal": lambda: stream.lognormal(3, 0.5),
    }
    sample = [draw[name]() for _ in range(5000)]
    assert kstest(sample, law).pvalue > 1e-4
    assert stream.number == 5000, "one uniform a draw keeps common random numbers in step"


def test_poisson_and_index_have_their_means() -> None:
    stream = RandomStream(stream_key(1, 0, "test", "poisson"))
    counts = [stream.poisson(7.0) for _ in range(4000)]
    # Mean 7, variance 7: four standard errors.
    assert abs(fmean(counts) - 7.0) < 4 * math.sqrt(7.0 / 4000)
    picks = [stream.index([1, 2, 5]) for _ in range(8000)]
    assert chisquare([picks.count(i) for i in range(3)], [1000, 2000, 5000]).pvalue > 1e-4
