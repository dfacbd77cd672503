"""What a verdict may say where only parts of the window are measured (rule 12)."""

import numpy as np
import pandas as pd

from telemedsim.core.units import MINUTE_S
from telemedsim.sla.cases import TOO_LITTLE, UNFINISHED, FloatArray, Tables

OUTSIDE = "outside of sampled blocks"
START_OUTSIDE = "began outside of sampled blocks"
OF_PACKETS = ("delay", "losses", "rate", "picture")
"""Causes of the clauses that are observed on packets of streams."""
SAME_S = 1e-3
"""Times of a session and of its streams agree at least so far."""


def in_sampled_time(
    cases: pd.DataFrame, seen: pd.DataFrame, cause: str, tables: Tables
) -> pd.DataFrame:
    """Return what was observed of a clause's legs, as far as sampled blocks tell.

    A stream that no block saw is not judged. Counts over a whole session become rates a minute and are
    not judged, unless all of the session was measured; a start is judged where a block saw it. Delay,
    loss and rate are judged on what the blocks saw.
    """
    if cause not in OF_PACKETS:
        return seen
    rows = cases.take(seen["case"].to_numpy())
    sampled = (rows.measured_s.notna() & (rows.kind == "stream")).to_numpy()
    if not sampled.any():
        return seen
    seen = seen.reset_index(drop=True)
    if cause == "picture":
        seen = (
            _starts(rows, seen, sampled, tables) if _is_start(rows) else _rates(rows, seen, sampled)
        )
    outside = sampled & (rows.measured_s == 0).to_numpy()
    return _not_judged(seen, outside, OUTSIDE, np.nan)


def _is_start(rows: pd.DataFrame) -> bool:
    return bool((rows.clause == "start_s_max").all())


def _not_judged(
    seen: pd.DataFrame, which: np.ndarray, note: object, observed: float | FloatArray
) -> pd.DataFrame:
    """Return the observations with some of them not judged."""
    return seen.assign(
        state=np.where(which, TOO_LITTLE, seen.state),
        note=np.where(which, np.asarray(note, dtype=object), seen.note.to_numpy(dtype=object)),
        observed=np.where(which, observed, seen.observed),
    )


def _rates(rows: pd.DataFrame, seen: pd.DataFrame, sampled: np.ndarray) -> pd.DataFrame:
    """Return counts as rates a minute where a part of the session was measured."""
    measured_s = rows.measured_s.to_numpy()
    life_s = (rows.ended_s - rows.joined_s).to_numpy()
    in_part = sampled & ~((measured_s >= life_s - SAME_S) & (rows.joined_s >= 0).to_numpy())
    minutes = np.where(in_part & (measured_s > 0), measured_s, np.nan) / MINUTE_S
    note = [f"a minute, in {seconds:g} s of sampled blocks" for seconds in np.round(measured_s, 1)]
    return _not_judged(seen, in_part, note, seen.observed.to_numpy() / minutes)


def _starts(
    rows: pd.DataFrame, seen: pd.DataFrame, sampled: np.ndarray, tables: Tables
) -> pd.DataFrame:
    """Return starts as far as seen: one that took longer than its block has only begun."""
    parts = tables["sampled_parts"]
    begin, end = parts.begin_s.to_numpy(), parts.end_s.to_numpy()
    joined_s = rows.joined_s.to_numpy()
    place = np.searchsorted(begin, joined_s + SAME_S, side="right") - 1
    part_end_s = np.where(place >= 0, end[np.maximum(place, 0)], -np.inf)
    unknown = sampled & rows.start_s.isna().to_numpy() & (joined_s >= 0)
    outside = unknown & ~(joined_s < part_end_s)
    goes_on = rows.ended_s.fillna(np.inf).to_numpy() > part_end_s
    unfinished = unknown & ~outside & goes_on
    seen = seen.assign(
        state=np.where(unfinished, UNFINISHED, seen.state),
        note=np.where(unfinished, "", seen.note.to_numpy(dtype=object)),
        observed=np.where(unfinished, part_end_s - joined_s, seen.observed),
    )
    return _not_judged(seen, outside, START_OUTSIDE, np.nan)
