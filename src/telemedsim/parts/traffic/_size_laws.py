"""Laws of a frame's size relative to its mean: the quantile draws it, the survival plans it.

Each draw inverts one uniform. The logarithms go through `math` one element at a time: numpy's
vectorised ones differ in the last bit between processors, and a result must not. A law's quantile is
a function of its constants in a flat record, so that the same text draws in compiled code.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from telemedsim.core.compiled import compiled, dispatch
from telemedsim.core.normal_quantile import normal_quantile

LEAST_UNIFORM = 2.0**-54
LAPLACE, NORMAL, LOGNORMAL = range(3)
"""Numbers of the laws' quantiles in `quantile_of`."""
LAW_FLOATS = 8
"""Floats of a law in a table: its number, the mean that it multiplies, its constants."""
LAW, MEAN, FIRST = 0, 1, 2
LEAST = 2
"""Which constant of a truncated normal law is its lower end."""


class SizeLaw(Protocol):
    """A positive random factor."""

    @property
    def mean(self) -> float:
        """Return its expectation."""

    @property
    def number(self) -> int:
        """Return the number of its quantile in `quantile_of`."""

    @property
    def constants(self) -> list[float]:
        """Return the constants of its quantile."""

    def quantile(self, uniform: float) -> float:
        """Return the value below which the factor lies with probability ``uniform`` in [0, 1)."""

    def survival(self, factor: float) -> float:
        """Return the probability of a greater value."""


def normal_cdf(value: float) -> float:
    """Return the standard normal distribution function, exact in both tails."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def _normal_density(value: float) -> float:
    return math.exp(-0.5 * value * value) / math.sqrt(2.0 * math.pi)


@compiled
def laplace_quantile(laws: Any, at: int, uniform: float) -> float:
    """Return the factor of a truncated Laplace law: scale, bound, share kept by the truncation."""
    side = 2.0 * uniform - 1.0
    distance = -laws[at] * math.log1p(-abs(side) * laws[at + 2])
    return float(1.0 + math.copysign(min(distance, laws[at + 1]), side))


@compiled
def truncated_normal_quantile(laws: Any, at: int, uniform: float) -> float:
    """Return the value of a truncated normal law: centre, sigma, its ends, and their normal cdf."""
    low, high = laws[at + 4], laws[at + 5]
    inside = min(max(low + uniform * (high - low), LEAST_UNIFORM), 1.0 - LEAST_UNIFORM * 2)
    value = laws[at] + laws[at + 1] * normal_quantile(inside)
    return float(min(max(value, laws[at + 2]), laws[at + 3]))


@compiled
def lognormal_quantile(laws: Any, at: int, uniform: float) -> float:
    """Return the factor of a lognormal law of mean 1: sigma."""
    sigma = laws[at]
    normal = normal_quantile(max(uniform, LEAST_UNIFORM))
    return math.exp(sigma * normal - 0.5 * sigma * sigma)


quantile_of = dispatch([laplace_quantile, truncated_normal_quantile, lognormal_quantile])
"""(number, laws, at, uniform) -> factor, the law's constants from ``laws[at]`` on."""


def law_table(types: Sequence[tuple[float, float, SizeLaw]]) -> list[float]:
    """Return `LAW_FLOATS` floats for each type of frame (share, mean, law)."""
    table: list[float] = []
    for _, mean, law in types:
        row = [float(law.number), mean, *law.constants]
        table += row + [0.0] * (LAW_FLOATS - len(row))
    return table


@dataclass(frozen=True)
class TruncatedLaplace:
    """1 + Laplace(0, scale) within 1 ± bound; symmetric, so its mean is exactly 1."""

    scale: float
    bound: float

    @property
    def mean(self) -> float:
        """Return 1."""
        return 1.0

    @property
    def _kept(self) -> float:
        return -math.expm1(-self.bound / self.scale)

    @property
    def number(self) -> int:
        """Return the number of its quantile."""
        return LAPLACE

    @property
    def constants(self) -> list[float]:
        """Return scale, bound and the share that the truncation keeps."""
        return [self.scale, self.bound, self._kept]

    def quantile(self, uniform: float) -> float:
        """Return the factor at ``uniform``."""
        return laplace_quantile(self.constants, 0, uniform)

    def survival(self, factor: float) -> float:
        """Return the probability of a greater factor."""
        distance = min(abs(factor - 1.0), self.bound)
        inside = 0.5 * -math.expm1(-distance / self.scale) / self._kept
        return 0.5 - inside if factor >= 1.0 else 0.5 + inside


@dataclass(frozen=True)
class TruncatedNormal:
    """Normal(centre, sigma) within [low, high]; its mean follows from the truncation."""

    centre: float
    sigma: float
    low: float
    high: float

    @property
    def _ends(self) -> tuple[float, float]:
        return (self.low - self.centre) / self.sigma, (self.high - self.centre) / self.sigma

    @property
    def mean(self) -> float:
        """Return centre + sigma (phi(a) - phi(b)) / (Phi(b) - Phi(a)), the textbook form."""
        low, high = self._ends
        kept = normal_cdf(high) - normal_cdf(low)
        return self.centre + self.sigma * (_normal_density(low) - _normal_density(high)) / kept

    @property
    def number(self) -> int:
        """Return the number of its quantile."""
        return NORMAL

    @property
    def constants(self) -> list[float]:
        """Return centre, sigma, both ends and their normal cdf."""
        low, high = (normal_cdf(end) for end in self._ends)
        return [self.centre, self.sigma, self.low, self.high, low, high]

    def quantile(self, uniform: float) -> float:
        """Return the value at ``uniform``."""
        return truncated_normal_quantile(self.constants, 0, uniform)

    def survival(self, factor: float) -> float:
        """Return the probability of a greater value."""
        low, high = (normal_cdf(end) for end in self._ends)
        at = normal_cdf((min(max(factor, self.low), self.high) - self.centre) / self.sigma)
        return (high - at) / (high - low)


@dataclass(frozen=True)
class MeanOneLognormal:
    """Lognormal with mean 1 and the given coefficient of variation."""

    variation: float

    @property
    def mean(self) -> float:
        """Return 1."""
        return 1.0

    @property
    def _sigma(self) -> float:
        return math.sqrt(math.log1p(self.variation**2))

    @property
    def number(self) -> int:
        """Return the number of its quantile."""
        return LOGNORMAL

    @property
    def constants(self) -> list[float]:
        """Return sigma."""
        return [self._sigma]

    def quantile(self, uniform: float) -> float:
        """Return the factor at ``uniform``; inversion reaches 8.2 sigma, no further."""
        return lognormal_quantile(self.constants, 0, uniform)

    def survival(self, factor: float) -> float:
        """Return the probability of a greater factor."""
        if factor <= 0.0:
            return 1.0
        sigma = self._sigma
        return normal_cdf(-(math.log(factor) + 0.5 * sigma * sigma) / sigma)
