"""What is judged: one case for each leg (or session) and clause, and what was observed of it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from telemedsim.records.sessions import SOUND

Tables = Mapping[str, pd.DataFrame]
FloatArray = NDArray[np.float64]

FINAL, UNFINISHED, UNSEEN, GIVEN_UP, TOO_LITTLE = range(5)
"""States of an observation: complete; still growing when the run ended; its beginning was not
seen; unfinished because the user gave up; not enough data for a verdict."""

BEGAN_BEFORE = "began before the window"
SECONDS_PER_MS = 1e-3

PAIR = ["scenario", "service"]
"""What a limit and the units that it bounds have in common."""
LIMIT_COLUMNS = [
    "limit",
    *PAIR,
    "clause",
    "bound",
    "unit",
    "strict",
    "statistic",
    "basis",
    "source",
    "loss_bound",
]
LEG_COLUMNS = [
    "leg",
    "session",
    "scenario",
    "service",
    "kind",
    "role",
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
    "delay_most_ns",
    "frames_sent",
    "frames_shown",
    "frames_skipped",
    "start_s",
    "freezes",
    "interruptions",
    "target_rate_bps",
    "provisioned_bps",
    "probe_leg",
    "measured_s",
]


class Cases:
    """What a clause judges: its legs and its sessions, for one clause at a time.

    A country's day has millions of cases; texts that repeat are categories here, and only the
    columns that a criterion, a verdict or a cause asks for are there.
    """

    def __init__(self, tables: Tables) -> None:
        limits = numbered_limits(tables)
        words = {
            name: pd.CategoricalDtype(
                sorted(
                    {
                        str(w)
                        for t in ("limits", "sessions", "legs")
                        for w in tables[t][name].unique()
                    }
                )
            )
            for name in PAIR
        }
        loss = limits.loc[limits.clause == "loss_max", [*PAIR, "bound"]]
        limits = limits.merge(loss.rename(columns={"bound": "loss_bound"}), on=PAIR, how="left")
        self._limits = (
            limits[LIMIT_COLUMNS]
            .astype(words)
            .astype(dict.fromkeys(["clause", "unit"], "category"))
        )
        self._legs = _legs(tables, words)
        self._sessions = _sessions(tables, words)

    @property
    def clauses(self) -> list[str]:
        """The clauses of the limits, in their order."""
        return [str(clause) for clause in self._limits.clause.drop_duplicates()]

    def of_legs(self, clause: str, of_sound: bool = False) -> pd.DataFrame:
        """Return a row for each leg that the clause bounds, with leg and limit beside it.

        ``of_sound``: the legs of sound and no others; else all others. Added columns: ``case`` (its place in this frame), ``limit`` (row of the limit), ``loss_bound``
        (of the same service; NaN without), ``running``, ``abandoned``, ``has_stream`` (its session has
        streams).
        """
        legs = self._legs
        return self._joined(clause, legs[(legs.role == SOUND) == of_sound], "leg")

    def of_sessions(self, clause: str) -> pd.DataFrame:
        """Return a row for each session that the clause bounds, blocked ones included."""
        return self._joined(clause, self._sessions, "session")

    def _joined(self, clause: str, units: pd.DataFrame, name: str) -> pd.DataFrame:
        limits = self._limits[self._limits.clause == clause]
        cases = limits.merge(units, on=PAIR, how="inner")
        cases = cases.sort_values(["limit", name], kind="stable", ignore_index=True)
        cases["case"] = np.arange(len(cases))
        return cases


def _legs(tables: Tables, words: Mapping[str, pd.CategoricalDtype]) -> pd.DataFrame:
    """Return the legs that may be judged, in their order, with what became of their session."""
    legs = pd.DataFrame({name: _slim(tables["legs"][name], words) for name in LEG_COLUMNS})
    sessions = _slim(tables["sessions"].set_index("session").outcome, words)
    place = sessions.index.get_indexer(pd.Index(legs.session))
    legs["outcome"] = sessions.array.take(place, allow_fill=True)
    legs = legs[((legs.kind != "probe") & (legs.outcome != "blocked")).to_numpy()]
    legs = legs.sort_values("leg", kind="stable", ignore_index=True)
    legs["running"] = legs.ended_s.isna()
    legs["abandoned"] = (legs.outcome == "abandoned").to_numpy(dtype=bool)
    with_stream = legs.loc[legs.kind == "stream", "session"].unique()
    legs["has_stream"] = legs.session.isin(with_stream)
    return legs


def _sessions(tables: Tables, words: Mapping[str, pd.CategoricalDtype]) -> pd.DataFrame:
    sessions = tables["sessions"].sort_values("session", kind="stable", ignore_index=True)
    return pd.DataFrame({name: _slim(sessions[name], words) for name in sessions.columns})


def _slim(column: "pd.Series", words: Mapping[str, pd.CategoricalDtype]) -> "pd.Series":
    """Return a column of texts as a category, any other as it is."""
    if column.dtype != "string":
        return column
    return column.astype(words.get(str(column.name), "category"))


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
