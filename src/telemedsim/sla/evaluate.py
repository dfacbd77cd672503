"""From the tables of a run to a verdict for each session's leg, or connection's bin, and clause."""

import numpy as np
import pandas as pd

from telemedsim.core.errors import TelemedsimError
from telemedsim.records.schema import TABLES
from telemedsim.records.tables import typed
from telemedsim.sla.cases import (
    FINAL,
    GIVEN_UP,
    TOO_LITTLE,
    UNFINISHED,
    UNSEEN,
    Tables,
    leg_cases,
    session_cases,
)
from telemedsim.sla.criteria import CRITERIA, Criterion, unmeasured
from telemedsim.sla.diagnose import with_causes

MET, VIOLATED, CENSORED, NOT_JUDGED = "met", "violated", "censored", "not_judged"
NO_LEG = -1
NOT_JUDGED_SOURCE = "not judged:"
"""What follows it in the source of a limit is why nothing can judge it."""

UNKNOWN = Criterion("", unmeasured, "")


def evaluate(tables: Tables) -> pd.DataFrame:
    """Return table ``verdicts``: what docs call rules 1 to 10, from the tables of a run alone.

    A clause without a criterion, and a session of which a clause finds nothing, is ``not_judged``.
    The order of rows is that of the limits, then session, leg and bin, whatever order the tables
    have. Raises TelemedsimError when a limit is in another unit than its clause.
    """
    legs, sessions = leg_cases(tables), session_cases(tables)
    parts = []
    for clause in tables["limits"].clause.drop_duplicates():
        criterion = CRITERIA.get(clause, UNKNOWN)
        _check_unit(tables, clause, criterion)
        whole = sessions[sessions.clause == clause]
        if criterion.of_sessions:
            whole = whole.assign(leg=NO_LEG)
            parts.append(_judged(whole, criterion.observe(whole, tables), criterion))
            continue
        cases = legs[legs.clause == clause]
        judged = _judged(cases, criterion.observe(cases, tables), criterion)
        rest = _by_leg_tier(_unobserved(whole, judged, criterion), tables)
        parts += [judged, rest]
    if not parts:
        return typed("verdicts", [])
    verdicts = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    order = ["limit", "session", "leg", "bin_s"]
    verdicts = verdicts.sort_values(order, kind="stable", ignore_index=True)
    return typed("verdicts", with_causes(verdicts, tables)[list(TABLES["verdicts"])])


def _judged(cases: pd.DataFrame, seen: pd.DataFrame, criterion: Criterion) -> pd.DataFrame:
    """Return the cases with what was observed of them and the verdict."""
    rows = seen.merge(cases, on="case", how="inner")
    sign = np.where(rows.clause.str.endswith("_min"), 1.0, -1.0)
    distance = sign * (rows.observed - rows.bound)
    rows["margin"] = rows.margin.where(rows.margin.notna(), distance)
    broken = ((rows.margin < 0) | (rows.strict & (rows.margin == 0))).to_numpy()
    state = rows.state.to_numpy()
    nothing = rows.observed.isna().to_numpy() & (state == FINAL)
    unbounded = rows.bound.isna().to_numpy()
    rows["verdict"] = np.select(
        [
            unbounded | nothing | (state == TOO_LITTLE) | (state == UNSEEN),
            broken | (state == GIVEN_UP),
            state == UNFINISHED,
        ],
        [NOT_JUDGED, VIOLATED, CENSORED],
        MET,
    )
    rows["note"] = np.select(
        [unbounded, (rows.note == "").to_numpy() & (state == GIVEN_UP)],
        ["no bound", "given up by the user"],
        rows.note.to_numpy(dtype=object),
    )
    # Who gave up before the bound was reached has no room left, and no overrun that could be told.
    rows.loc[(state == GIVEN_UP) & ~broken, "margin"] = np.nan
    rows["cause_kind"] = criterion.cause
    return rows


def _unobserved(sessions: pd.DataFrame, judged: pd.DataFrame, criterion: Criterion) -> pd.DataFrame:
    """Return a row for each session that a clause found nothing of; blocked ones need none."""
    known = pd.MultiIndex.from_frame(judged[["limit", "session"]])
    mine = pd.MultiIndex.from_frame(sessions[["limit", "session"]])
    rest = sessions[~mine.isin(known) & (sessions.outcome != "blocked").to_numpy()]
    said = [str(source).partition(NOT_JUDGED_SOURCE)[2].strip() for source in rest.source]
    gave_up = (rest.outcome == "abandoned").to_numpy() & criterion.is_time
    why = (
        "no workflow measures this clause"
        if criterion.observe is unmeasured
        else "nothing of it was measured"
    )
    return rest.assign(
        leg=NO_LEG,
        bin_s=np.nan,
        observed=np.nan,
        margin=np.nan,
        verdict=np.where(gave_up, VIOLATED, NOT_JUDGED),
        note=np.select(
            [gave_up, np.array([bool(text) for text in said], dtype=bool)],
            ["given up by the user", np.array(said, dtype=object)],
            why,
        ),
        cause_kind="",
    )


def _by_leg_tier(sessions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the rows once for each tier of their session's legs: a broadcast counts by its viewers.

    A session without legs keeps its own tier.
    """
    legs = tables["legs"]
    tiers = legs.loc[legs.kind != "probe", ["session", "tier"]].drop_duplicates()
    rows = sessions.merge(tiers, on="session", how="left", suffixes=("", "_of_leg"))
    rows["tier"] = rows["tier_of_leg"].fillna(rows["tier"])
    return rows.drop(columns="tier_of_leg")


def _check_unit(tables: Tables, clause: str, criterion: Criterion) -> None:
    limits = tables["limits"]
    for unit in limits.loc[limits.clause == clause, "unit"].unique():
        if criterion.unit and unit != criterion.unit:
            raise TelemedsimError(
                f"a limit of {clause} is in '{unit}', but the clause is observed in '{criterion.unit}'",
                remedy=f"give the limit in '{criterion.unit}'",
            )
