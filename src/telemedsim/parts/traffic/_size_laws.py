"""Laws of a frame's size relative to its mean: the quantile draws it, the survival plans it.

Each draw inverts one uniform. The logarithms go through `math` one element at a time: numpy's
vectorised ones differ in the last bit between processors, and a result must not.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from telemedsim.core.normal_quantile import normal_quantile

LEAST_UNIFORM = 2.0**-54


class SizeLaw(Protocol):
    """A positive random factor."""

    @property
    def mean(self) -> float:
        """Return its expectation."""

    def quantile(self, uniform: float) -> float:
        """Return the value below which the factor lies with probability ``uniform`` in [0, 1)."""

    def survival(self, factor: float) -> float:
        """Return the probability of a greater value."""


def normal_cdf(value: float) -> float:
    """Return the standard normal distribution function, exact in both tails."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def _normal_density(value: float) -> float:
    return math.exp(-0.5 * value * value) / math.sqrt(2.0 * math.pi)


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

    def quantile(self, uniform: float) -> float:
        """Return the factor at ``uniform``."""
        side = 2.0 * uniform - 1.0
        distance = -self.scale * math.log1p(-abs(side) * self._kept)
        return 1.0 + math.copysign(min(distance, self.bound), side)

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

    def quantile(self, uniform: float) -> float:
        """Return the value at ``uniform``."""
        low, high = (normal_cdf(end) for end in self._ends)
        inside = min(max(low + uniform * (high - low), LEAST_UNIFORM), 1.0 - LEAST_UNIFORM * 2)
        value = self.centre + self.sigma * normal_quantile(inside)
        return min(max(value, self.low), self.high)

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

    def quantile(self, uniform: float) -> float:
        """Return the factor at ``uniform``; inversion reaches 8.2 sigma, no further."""
        sigma = self._sigma
        normal = normal_quantile(max(uniform, LEAST_UNIFORM))
        return math.exp(sigma * normal - 0.5 * sigma * sigma)

    def survival(self, factor: float) -> float:
        """Return the probability of a greater factor."""
        if factor <= 0.0:
            return 1.0
        sigma = self._sigma
        return normal_cdf(-(math.log(factor) + 0.5 * sigma * sigma) / sigma)
