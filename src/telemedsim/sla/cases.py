"""What is judged: one case for each leg (or session) and clause, and what was observed of it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Tables = Mapping[str, pd.DataFrame]
FloatArray = NDArray[np.float64]

FINAL, UNFINISHED, UNSEEN, GIVEN_UP, TOO_LITTLE = range(5)
"""States of an observation: complete; still growing when the run ended; its beginning was not
seen; unfinished because the user gave up; not enough data for a verdict."""

BEGAN_BEFORE = "began before the window"
SECONDS_PER_MS = 1e-3

LEG_COLUMNS = [
    "leg",
    "session",
    "scenario",
    "service",
    "kind",
    "direction",
    "site",
    "tier",
    "peer",
    "path",
    "joined_s",
    "ended_s",
    "running_s",
    "sent_packets",
    "delivered_packets",
    "late_packets",
    "lost_packets",
    "in_flight_packets",
    "delay_mean_ns",
    "delay_max_ns",
    "frames_sent",
    "frames_shown",
    "frames_skipped",
    "start_s",
    "freezes",
    "interruptions",
    "target_rate_bps",
    "provisioned_bps",
    "probe_leg",
]


def leg_cases(tables: Tables) -> pd.DataFrame:
    """Return a row for each leg and clause that its service has, with leg and limit beside it.

    Added columns: ``case`` (row number), ``limit`` (row of the limit), ``loss_bound`` (of the same
    service; NaN without), ``running``, ``abandoned``, ``has_stream`` (its session has streams).
    """
    sessions = tables["sessions"][["session", "outcome"]]
    legs = tables["legs"][LEG_COLUMNS].merge(sessions, on="session", how="left")
    legs = legs[(legs.kind != "probe") & (legs.outcome.fillna("") != "blocked")]
    legs = legs.sort_values("leg", kind="stable")
    legs["running"] = legs.ended_s.isna()
    legs["abandoned"] = (legs.outcome == "abandoned").fillna(False).astype(bool)
    with_stream = legs.loc[legs.kind == "stream", "session"].unique()
    legs["has_stream"] = legs.session.isin(with_stream)
    limits = numbered_limits(tables)
    loss = limits.loc[limits.clause == "loss_max", ["scenario", "service", "bound"]]
    limits = limits.merge(
        loss.rename(columns={"bound": "loss_bound"}), on=["scenario", "service"], how="left"
    )
    cases = limits.merge(legs, on=["scenario", "service"], how="inner")
    cases = cases.sort_values(["limit", "leg"], kind="stable", ignore_index=True)
    cases["case"] = np.arange(len(cases))
    return cases


def session_cases(tables: Tables) -> pd.DataFrame:
    """Return a row for each session and clause, blocked ones included, as `leg_cases` numbers limits."""
    sessions = tables["sessions"].sort_values("session", kind="stable")
    cases = numbered_limits(tables).merge(sessions, on=["scenario", "service"], how="inner")
    cases = cases.sort_values(["limit", "session"], kind="stable", ignore_index=True)
    cases["case"] = np.arange(len(cases))
    return cases


def numbered_limits(tables: Tables) -> pd.DataFrame:
    """Return the limits with their place in the experiment as column ``limit``."""
    limits = tables["limits"].reset_index(drop=True)
    return limits.assign(limit=np.arange(len(limits)))


def observations(
    cases: pd.DataFrame,
    observed: object,
    state: object = FINAL,
    note: object = "",
    margin: object = np.nan,
    bin_s: object = np.nan,
) -> pd.DataFrame:
    """Return what was observed of cases: a row each, columns from arrays or single values.

    ``margin`` is given only where it is not simply the distance from observed to bound; ``bin_s`` only for
    the bins of a connection.
    """
    return pd.DataFrame(
        {
            "case": cases["case"].to_numpy(),
            "observed": np.broadcast_to(np.asarray(observed, dtype=np.float64), len(cases)),
            "state": np.broadcast_to(np.asarray(state, dtype=np.int64), len(cases)),
            "note": np.broadcast_to(np.asarray(note, dtype=object), len(cases)),
            "margin": np.broadcast_to(np.asarray(margin, dtype=np.float64), len(cases)),
            "bin_s": np.broadcast_to(np.asarray(bin_s, dtype=np.float64), len(cases)),
        }
    )


def with_bins(cases: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return connections' cases once for each bin, with the counts of the bin (rule 8)."""
    bins = tables["leg_bins"].rename(
        columns={
            "delivered_packets": "bin_delivered",
            "late_packets": "bin_late",
            "lost_packets": "bin_lost",
        }
    )
    columns = ["leg", "bin_s", "bin_width_s", "bin_delivered", "bin_late", "bin_lost"]
    joined = cases.merge(bins[columns], on="leg", how="inner")
    return joined.sort_values(["case", "bin_s"], kind="stable", ignore_index=True)
