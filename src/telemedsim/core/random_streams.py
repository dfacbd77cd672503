"""Random numbers keyed by who draws them, so that no draw depends on any other.

The generator is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) used as a counter-based
generator: draw ``n`` of a key is a pure function of (key, n). A key is the hash of
(stream version, seed, replication, entity, purpose). Every transform is an inversion that
takes one uniform, so common random numbers stay in step whatever else changes.

Keys are unsigned. Arrays hold them as int64 of the same bits (`signed_key`), which all functions of a
key take as well, in Python and compiled. Compiled, `mix64`, `draw_u64` and `child_key` give uint64:
put it into an array or draw from it; never add or compare it with an int64 (numba makes that a float).
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telemedsim.core.compiled import compiled, compiled_as, kernel_once_loaded
from telemedsim.core.normal_quantile import normal_quantile

STREAM_VERSION = 1
"""Raised whenever any draw of an unchanged scenario changes; written in each result."""

MASK64 = 0xFFFFFFFFFFFFFFFF
GOLDEN_GAMMA = 0x9E3779B97F4A7C15
DRAW_BITS = 53
"""Bits of a draw that decides something: thresholds are integers in units of 2**-53."""


def stream_key(seed: int, replication: int, entity: str, purpose: str) -> int:
    """Return the 64-bit key of one entity's draws for one purpose.

    >>> stream_key(1, 0, "county-1", "arrivals") == stream_key(1, 0, "county-1", "arrivals")
    True
    """
    text = f"{STREAM_VERSION}\x1f{seed}\x1f{replication}\x1f{entity}\x1f{purpose}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mix64_twin(value: Any) -> Any:
    mixed = np.uint64(value)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@compiled_as(_mix64_twin)
def mix64(value: int) -> int:
    """Return SplitMix64's output function of a 64-bit integer."""
    value &= MASK64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK64
    return value ^ (value >> 31)


def _draw_u64_twin(key: Any, number: Any) -> Any:
    state: Any = np.uint64(key) + (np.uint64(number) + np.uint64(1)) * np.uint64(GOLDEN_GAMMA)
    return mix64(state)


@compiled_as(_draw_u64_twin)
def draw_u64(key: int, number: int) -> int:
    """Return draw ``number`` of a key: a uniform integer of 64 bits."""
    return mix64(key + (number + 1) * GOLDEN_GAMMA)


def _draw_53_twin(key: Any, number: Any) -> Any:
    return np.int64(draw_u64(key, number) >> np.uint64(64 - DRAW_BITS))


@compiled_as(_draw_53_twin)
def draw_53(key: int, number: int) -> int:
    """Return draw ``number`` of a key as an integer of 53 bits: what thresholds are held against.

    `draw_u64` written out: packets on the wire draw more often than anything else calls anything.
    """
    value = (key + (number + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (value ^ (value >> 31)) >> 11


@compiled
def draw_uniform(key: int, number: int) -> float:
    """Return draw ``number`` of a key as a float in [0, 1) with 53 random bits."""
    return draw_53(key, number) * 2.0**-53


def _fill_uniforms(key: int, first: int, uniforms: Any) -> None:
    for place in range(len(uniforms)):
        uniforms[place] = draw_uniform(key, first + place)


def _fill_uniforms_at_once(key: int, first: int, uniforms: NDArray[np.float64]) -> None:
    value = np.arange(first + 1, first + len(uniforms) + 1, dtype=np.uint64)
    value *= np.uint64(GOLDEN_GAMMA)
    value += np.uint64(key & MASK64)
    value ^= value >> np.uint64(30)
    value *= np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(27)
    value *= np.uint64(0x94D049BB133111EB)
    value ^= value >> np.uint64(31)
    value >>= np.uint64(64 - DRAW_BITS)
    np.multiply(value, 2.0**-DRAW_BITS, out=uniforms)


fill_uniforms = kernel_once_loaded(_fill_uniforms, _fill_uniforms_at_once)
"""(signed key, first, uniforms): write the draws from number ``first`` on."""


def draw_uniforms(key: int, first: int, count: int) -> NDArray[np.float64]:
    """Return draws ``first`` … ``first + count - 1``: what `draw_uniform` gives, as an array."""
    uniforms = np.empty(count, dtype=np.float64)
    fill_uniforms(signed_key(key), first, uniforms)
    return uniforms


def _child_key_twin(key: Any, number: Any) -> Any:
    part: Any = np.uint64(number) + np.uint64(GOLDEN_GAMMA)
    mixed: Any = np.uint64(key) ^ mix64(part)
    return mix64(mixed)


@compiled_as(_child_key_twin)
def child_key(key: int, number: int) -> int:
    """Return a key for part ``number`` of an entity (a packet's hop, a flow's frames)."""
    return mix64(key ^ mix64(number + GOLDEN_GAMMA))


def signed_key(key: int) -> int:
    """Return a key's 64 bits as a signed integer, for an int64 array; it draws the same.

    >>> key = 2**64 - 5
    >>> signed_key(key), draw_53(signed_key(key), 7) == draw_53(key, 7)
    (-5, True)
    """
    return key - (1 << 64) if key >> 63 else key


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
        return normal_quantile(max(self.uniform(), 2.0**-54))

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
