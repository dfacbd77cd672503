"""From the tables of a run to a verdict for each session's leg, or connection's bin, and clause."""

import numpy as np
import pandas as pd

from telemedsim.core.errors import TelemedsimError
from telemedsim.sla.cases import (
    FINAL,
    GIVEN_UP,
    TOO_LITTLE,
    UNFINISHED,
    UNSEEN,
    Cases,
    Tables,
)
from telemedsim.sla.criteria import CRITERIA, Criterion, unmeasured
from telemedsim.sla.diagnose import NEEDED, with_causes
from telemedsim.sla.sampling import in_sampled_time
from telemedsim.sla.verdict_columns import LIMIT, VERDICT_COLUMNS, VerdictColumns

CARRIED = [LIMIT, *VERDICT_COLUMNS, "strict", *NEEDED]
"""Columns of a case that its verdict and its cause need, where the case has them."""

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
    cases = Cases(tables)
    tiers = _leg_tiers(tables)
    found = VerdictColumns()
    for clause in cases.clauses:
        criterion = CRITERIA.get(clause, UNKNOWN)
        _check_unit(tables, clause, criterion)
        whole = cases.of_sessions(clause)
        if criterion.of_sessions:
            whole = whole.assign(leg=NO_LEG)
            found.add(
                with_causes(_judged(whole, criterion.observe(whole, tables), criterion), tables)
            )
            continue
        legs = cases.of_legs(clause, criterion.of_sound)
        seen = in_sampled_time(legs, criterion.observe(legs, tables), criterion.cause, tables)
        judged = _judged(legs, seen, criterion)
        rest = _by_leg_tier(_unobserved(whole, judged, criterion), tiers)
        found.add(with_causes(judged, tables))
        found.add(with_causes(rest, tables))
    return found.frame()


def _judged(cases: pd.DataFrame, seen: pd.DataFrame, criterion: Criterion) -> pd.DataFrame:
    """Return the cases with what was observed of them and the verdict; ``case`` is their place."""
    rows = cases[[name for name in CARRIED if name in cases]].take(seen["case"].to_numpy())
    rows = rows.reset_index(drop=True)
    for name in ("observed", "state", "note", "margin", "bin_s"):
        rows[name] = seen[name].to_numpy()
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
    rows["cause_kind"] = seen["cause_kind"].to_numpy() if "cause_kind" in seen else criterion.cause
    return rows


def _unobserved(sessions: pd.DataFrame, judged: pd.DataFrame, criterion: Criterion) -> pd.DataFrame:
    """Return a row for each session that a clause found nothing of; blocked ones need none."""
    above = 2 + max(judged.session.max(), sessions.session.max(), 0) if len(judged) else 1
    known = (judged.limit * above + judged.session).unique()
    mine = sessions.limit * above + sessions.session
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


def _leg_tiers(tables: Tables) -> pd.DataFrame:
    """Return session and ``tier_of_leg``, once for each tier that a session's legs have."""
    legs = tables["legs"]
    tiers = legs.loc[legs.kind != "probe", ["session", "tier"]].drop_duplicates()
    return tiers.rename(columns={"tier": "tier_of_leg"})


def _by_leg_tier(sessions: pd.DataFrame, tiers: pd.DataFrame) -> pd.DataFrame:
    """Return the rows once for each tier of their session's legs: a broadcast counts by its viewers.

    A session without legs keeps its own tier.
    """
    rows = sessions.merge(tiers, on="session", how="left")
    rows["tier"] = rows["tier_of_leg"].fillna(rows["tier"].astype("string"))
    return rows.drop(columns="tier_of_leg")


def _check_unit(tables: Tables, clause: str, criterion: Criterion) -> None:
    limits = tables["limits"]
    for unit in limits.loc[limits.clause == clause, "unit"].unique():
        if criterion.unit and unit != criterion.unit:
            raise TelemedsimError(
                f"a limit of {clause} is in '{unit}', but the clause is observed in '{criterion.unit}'",
                remedy=f"give the limit in '{criterion.unit}'",
            )
