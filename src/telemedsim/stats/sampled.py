"""Estimates from sampled blocks of time: sessions that one block saw are one cluster."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from telemedsim.core.units import MINUTE_S
from telemedsim.stats.intervals import clustered_wilson, ratio_interval

WHOLE = -1
"""Block of what was measured in all of the window."""
A_MINUTE = "a minute"
"""A note that begins so says that the observed value is a rate."""


def sampled_columns(tables: Mapping[str, pd.DataFrame]) -> dict[str, NDArray[np.generic]]:
    """Return of each verdict its block (`WHOLE` for none), what of its stream was measured in s, and
    whether it counts a minute.

    A leg that several blocks saw belongs to the first; a connection's bins are blocks themselves.
    """
    verdicts, parts = tables["verdicts"], tables["sampled_parts"]
    if not len(parts):
        nothing = np.full(len(verdicts), np.nan)
        counts = np.zeros(len(verdicts), dtype=bool)
        return {"block": np.full(len(verdicts), WHOLE), "measured_s": nothing, "a_minute": counts}
    legs = tables["legs"].set_index("leg")[["kind", "joined_s", "measured_s"]]
    of = legs.reindex(verdicts.leg)
    measured_s = of.measured_s.to_numpy()
    known = ~np.isnan(measured_s)
    first = np.searchsorted(parts.end_s.to_numpy(), of.joined_s.fillna(0.0).to_numpy(), "right")
    bins = verdicts.bin_s.to_numpy()
    block = np.where(np.isnan(bins), first, bins)
    not_judged = (verdicts.verdict == "not_judged").to_numpy(dtype=bool)
    a_minute = known & not_judged & verdicts.observed.notna().to_numpy()
    notes = verdicts.note[a_minute]
    a_minute[a_minute] = notes.str.startswith(A_MINUTE).to_numpy(dtype=bool)
    return {
        "block": np.where(known, block, WHOLE).astype(np.float64),
        "measured_s": measured_s,
        "a_minute": a_minute,
    }


def by_block(group: pd.DataFrame, violated: int, met: int) -> tuple[float, float]:
    """Return the interval of the share of violated units, which are clustered by their first block.

    ``violated`` and ``met`` are ranks of verdicts; a unit is what its worst leg is.
    """
    units = group.groupby("unit").agg(rank=("rank", "min"), block=("block", "min"))
    judged = units[units["rank"].isin([violated, met])]
    # What was measured in all of the window is a cluster of its own.
    alone = np.arange(len(judged)) + judged.block.max() + 1
    cluster = judged.block.where(judged.block >= 0, alone)
    hits = (judged["rank"] == violated).groupby(cluster.to_numpy()).agg(["sum", "count"])
    return clustered_wilson(hits["sum"].tolist(), hits["count"].tolist())


def sampled_flag(group: pd.DataFrame) -> str:
    """Return what a reader must know of a row whose streams were sampled; '' for others.

    What was counted a minute is told with its interval over blocks.
    """
    sampled = group[group.block >= 0]
    if not len(sampled):
        return ""
    counted = sampled[sampled.a_minute]
    if not len(counted):
        return "sampled blocks"
    minutes = counted.measured_s / MINUTE_S
    sums = pd.DataFrame({"counts": counted.observed * minutes, "minutes": minutes})
    clusters = sums.groupby(counted["block"].to_numpy()).sum()
    rate, low, high = ratio_interval(clusters.counts.tolist(), clusters.minutes.tolist())
    between = "" if np.isnan(low) else f" ({low:.3g} to {high:.3g})"
    return f"sampled blocks: {rate:.3g} a minute{between}"
