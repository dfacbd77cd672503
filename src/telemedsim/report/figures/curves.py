"""Cumulative shares from saved tables: numbers only, no drawing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from telemedsim.records.histogram import bucket_bounds

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
NS_PER_MS = 1e6


@dataclass(frozen=True)
class Curve:
    """A cumulative distribution: values upwards and the share of all that is not above them.

    ``unfinished`` counts what had no value when the run ended; it is part of the whole, so the
    curve ends below 1 where there is any.
    """

    label: str
    values: FloatArray
    shares: FloatArray
    count: int
    unfinished: int = 0


@dataclass(frozen=True)
class Bound:
    """A clause's bound, in the unit of the values; ``statistic`` is what has to stay under it."""

    value: float
    statistic: str


@dataclass(frozen=True)
class Panel:
    """The curves of one scenario and service, and the bounds that hold for it."""

    scenario: str
    service: str
    curves: tuple[Curve, ...]
    bounds: tuple[Bound, ...]

    @property
    def excess(self) -> float:
        """Return the largest share above a bound; panels that break more come first."""
        return max((above(curve, bound.value) for curve in self.curves for bound in self.bounds),
                   default=-1.0)  # fmt: skip


def above(curve: Curve, value: float) -> float:
    """Return the share of a curve's whole that lies above a value, the unfinished included."""
    position = int(np.searchsorted(curve.values, value, side="right"))
    return 1.0 - (float(curve.shares[position - 1]) if position else 0.0)


def delay_panels(
    legs: "pd.DataFrame", delays: "pd.DataFrame", limits: "pd.DataFrame"
) -> list[Panel]:
    """Return the one-way delays of delivered packets in ms, by scenario, service and tier."""
    rows = delays.merge(legs[["leg", "scenario", "service", "tier"]], on="leg", how="inner")
    groups = rows.groupby(["scenario", "service", "tier", "bucket"], sort=True)["packets"].sum()
    return _panels(groups.reset_index(), limits, "delay_ms_max", _delay_curve)


def response_panels(
    legs: "pd.DataFrame", measures: "pd.DataFrame", limits: "pd.DataFrame"
) -> list[Panel]:
    """Return the response times in s, by scenario, service and tier."""
    chosen = measures[measures["measure"].eq("response")]
    rows = chosen.merge(legs[["leg", "scenario", "service", "tier"]], on="leg", how="inner")
    return _panels(rows, limits, "response_s_max", _response_curve)


def _panels(
    rows: "pd.DataFrame",
    limits: "pd.DataFrame",
    clause: str,
    curve_of: Callable[[str, "pd.DataFrame"], Curve],
) -> list[Panel]:
    held = limits[limits["clause"].eq(clause)]
    panels = []
    for key, part in rows.groupby(["scenario", "service"], sort=True):
        scenario, service = (str(word) for word in key)
        curves = tuple(
            curve_of(str(tier), group) for tier, group in part.groupby("tier", sort=True)
        )
        mine = held[held["scenario"].eq(scenario) & held["service"].eq(service)]
        bounds = tuple(
            Bound(float(value), str(statistic))
            for value, statistic in zip(mine["bound"], mine["statistic"], strict=True)
        )
        panels.append(Panel(scenario, service, curves, bounds))
    return sorted(panels, key=lambda panel: (-panel.excess, panel.scenario, panel.service))


def _delay_curve(tier: str, rows: "pd.DataFrame") -> Curve:
    buckets = rows["bucket"].to_numpy()
    packets = rows["packets"].to_numpy(dtype=np.float64)
    # The upper end of a bucket: no packet is drawn faster than it was.
    values = np.array([bucket_bounds(int(bucket))[1] / NS_PER_MS for bucket in buckets])
    return Curve(tier, values, np.cumsum(packets) / packets.sum(), int(packets.sum()))


def _response_curve(tier: str, rows: "pd.DataFrame") -> Curve:
    values = np.sort(rows["value_s"].dropna().to_numpy(dtype=np.float64))
    shares = np.arange(1, len(values) + 1) / len(rows)
    return Curve(tier, values, shares, len(rows), len(rows) - len(values))
