"""Random numbers keyed by who draws them, so that no draw depends on any other.

The generator is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) used as a counter-based
generator: draw ``n`` of a key is a pure function of (key, n). A key is the hash of
(stream version, seed, replication, entity, purpose). Every transform is an inversion that
takes one uniform, so common random numbers stay in step whatever else changes.
"""

import hashlib
import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

STREAM_VERSION = 1
"""Raised whenever any draw of an unchanged scenario changes; written in each result."""

MASK64 = 0xFFFFFFFFFFFFFFFF
GOLDEN_GAMMA = 0x9E3779B97F4A7C15
_STANDARD_NORMAL = NormalDist()


def stream_key(seed: int, replication: int, entity: str, purpose: str) -> int:
    """Return the 64-bit key of one entity's draws for one purpose.

    >>> stream_key(1, 0, "county-1", "arrivals") == stream_key(1, 0, "county-1", "arrivals")
    True
    """
    text = f"{STREAM_VERSION}\x1f{seed}\x1f{replication}\x1f{entity}\x1f{purpose}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def mix64(value: int) -> int:
    """Return SplitMix64's output function of a 64-bit integer."""
    value &= MASK64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK64
    return value ^ (value >> 31)


def draw_u64(key: int, number: int) -> int:
    """Return draw ``number`` of a key: a uniform integer of 64 bits.

    `mix64` written out: packets on the wire draw more often than anything else calls anything.
    """
    value = (key + (number + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return value ^ (value >> 31)


def draw_uniform(key: int, number: int) -> float:
    """Return draw ``number`` of a key as a float in [0, 1) with 53 random bits."""
    return (draw_u64(key, number) >> 11) * 2.0**-53


def draw_uniforms(key: int, first: int, count: int) -> NDArray[np.float64]:
    """Return draws ``first`` … ``first + count - 1``: what `draw_uniform` gives, as an array."""
    gamma = np.uint64(GOLDEN_GAMMA)
    numbers = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    value = np.uint64(key) + numbers * gamma
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    value ^= value >> np.uint64(31)
    return (value >> np.uint64(11)).astype(np.float64) * 2.0**-53


def child_key(key: int, number: int) -> int:
    """Return a key for part ``number`` of an entity (a packet's hop, a flow's frames)."""
    return mix64(key ^ mix64(number + GOLDEN_GAMMA))


class RandomStream:
    """The draws of one entity for one purpose, in order; each method takes one uniform."""

    __slots__ = ("key", "number")

    def __init__(self, key: int) -> None:
        self.key = key
        self.number = 0

    def uniform(self) -> float:
        """Return a float in [0, 1)."""
        value = draw_uniform(self.key, self.number)
        self.number += 1
        return value

    def exponential(self, mean: float) -> float:
        """Return an exponential variate by inversion."""
        return -mean * math.log1p(-self.uniform())

    def normal(self) -> float:
        """Return a standard normal variate by inversion (Wichura's AS 241)."""
        return _STANDARD_NORMAL.inv_cdf(max(self.uniform(), 2.0**-54))

    def lognormal(self, median: float, sigma: float) -> float:
        """Return a lognormal variate with the given median and log standard deviation."""
        return median * math.exp(sigma * self.normal())

    def poisson(self, mean: float) -> int:
        """Return a Poisson variate by sequential inversion; O(mean), for means below 700."""
        target, count = self.uniform(), 0
        term = math.exp(-mean)
        total = term
        while total < target and term > 0.0:
            count += 1
            term *= mean / count
            total += term
        return count

    def index(self, weights: Sequence[float]) -> int:
        """Return an index drawn with the given weights (they need not sum to 1)."""
        target = self.uniform() * math.fsum(weights)
        total = 0.0
        for position, weight in enumerate(weights):
            total += weight
            if target < total:
                return position
        return len(weights) - 1
