"""From verdicts to the table of a run: for each scenario, service, tier and clause what was broken.

It counts sessions (a broadcast to many viewers is one), and bins for connections. In every row
offered = judged + censored + not_judged + blocked; where the clause is about blocking itself, blocked
sessions are among the judged. Abandoned sessions are counted beside: they are violated in
clauses about times that they never saw the end of, else judged on what they did.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from telemedsim.records.tables import typed
from telemedsim.stats.intervals import wilson
from telemedsim.stats.quantiles import quantile
from telemedsim.stats.sampled import by_block, sampled_columns, sampled_flag

INTERVAL = "naive (one day)"
"""One day is one sample: an interval over replications replaces it (rule 11)."""
CENSORED_SHARE_MARKED = 0.1
TIER_ORDER = ("national", "provincial", "municipal", "county", "grassroots", "mobile")
IN_PART = "sessions seen in part"
BY_BLOCK = "by block (one day)"
"""Sessions seen in one sampled block of time meet one state of the network."""
_FLAGS = {"assumption": "assumed", "override": "override"}
WORST_FIRST = ("violated", "censored", "not_judged", "met")
"""A unit is what the first of these says that any of its legs is; not judged is never a pass."""

Row = dict[str, object]
Limit = Mapping[Any, Any]


def summarise(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return table ``summary`` from verdicts, sessions, legs and limits.

    Rows stand in the order of the limits, then of tiers. A limit whose scenario offered
    nothing has one row of zeros without a tier.
    """
    units = _units(tables)
    key = ["scenario", "service", "clause", "tier"]
    groups = {tuple(map(str, name)): group for name, group in units.groupby(key, sort=False)}
    present = _present(tables)
    rows = []
    for limit in tables["limits"].to_dict("records"):
        here = present.get((limit["scenario"], limit["service"]), {})
        mine = (limit["scenario"], limit["service"], limit["clause"])
        tiers = {*here, *(name[3] for name in groups if name[:3] == mine)}
        for tier in sorted(tiers, key=_tier_rank) or [""]:
            group = groups.get((*mine, tier), units.iloc[:0])
            rows.append(_row(limit, tier, group, here.get(tier, _NOBODY)))
    return typed("summary", rows)


def _units(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what is counted of each verdict; texts that repeat are categories."""
    verdicts = tables["verdicts"]
    seen_in_part = verdicts.leg.isin(_seen_in_part(tables["legs"]))
    texts = ["scenario", "service", "clause", "tier", "verdict", "cause", "cause_interface"]
    return pd.DataFrame(
        {
            **{name: verdicts[name].astype("category") for name in texts},
            "session": verdicts.session,
            "observed": verdicts.observed,
            "unit": np.where(verdicts.session >= 0, verdicts.session, -1 - verdicts.index),
            "rank": verdicts.verdict.map({name: rank for rank, name in enumerate(WORST_FIRST)}),
            "in_part": seen_in_part & verdicts.verdict.isin(["met", "violated"]),
            **sampled_columns(tables),
        }
    )


def _seen_in_part(legs: pd.DataFrame) -> "pd.Series":
    """Return the legs of streams that began before the window or went on after it.

    Their delay, loss and rates are judged on the packets seen, which rule 2 would call unfinished.
    """
    cut = (legs.kind == "stream") & (legs.ended_s.isna() | (legs.joined_s < 0))
    return legs.leg[cut]


_NOBODY: dict[str, int] = {"offered": 0, "blocked": 0, "abandoned": 0}


def _present(
    tables: Mapping[str, pd.DataFrame],
) -> dict[tuple[str, str], dict[str, dict[str, int]]]:
    """Return sessions offered, blocked and abandoned by (scenario, service) and tier.

    A session appears in the tier of each of its legs, one without legs in its own.
    """
    sessions = tables["sessions"][["session", "scenario", "service", "tier", "outcome"]]
    legs = tables["legs"].loc[tables["legs"].session >= 0, ["session", "tier"]].drop_duplicates()
    with_legs = sessions.drop(columns="tier").merge(legs, on="session")
    without = sessions[~sessions.session.isin(legs.session)]
    found: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    everyone = pd.concat([with_legs, without], ignore_index=True)
    for name, group in everyone.groupby(["scenario", "service", "tier"]):
        scenario, service, tier = map(str, name)
        found.setdefault((scenario, service), {})[tier] = {
            "offered": len(group),
            "blocked": int((group.outcome == "blocked").sum()),
            "abandoned": int((group.outcome == "abandoned").sum()),
        }
    return found


def _row(limit: Limit, tier: str, group: pd.DataFrame, present: dict[str, int]) -> Row:
    by_unit = group.groupby("unit")["rank"].min()
    count = {name: int((by_unit == rank).sum()) for rank, name in enumerate(WORST_FIRST)}
    judged = count["violated"] + count["met"]
    bins = bool(len(group)) and bool((group.session < 0).all())
    offered = len(by_unit) if bins else present["offered"]
    low, high = wilson(count["violated"], judged)
    sampled = bool((group.block >= 0).any())
    if sampled:
        low, high = by_block(group, WORST_FIRST.index("violated"), WORST_FIRST.index("met"))
    return {
        **{name: limit[name] for name in ("scenario", "service", "clause", "bound", "unit")},
        "tier": tier,
        "statistic": _statistic(limit),
        "offered": offered,
        "judged": judged,
        "violated": count["violated"],
        "censored": count["censored"],
        "blocked": present["blocked"],
        "abandoned": present["abandoned"],
        "not_judged": count["not_judged"],
        "rate": count["violated"] / judged if judged else np.nan,
        "rate_low": low if judged else np.nan,
        "rate_high": high if judged else np.nan,
        "interval": (BY_BLOCK if sampled else INTERVAL) if judged else "",
        **_observed(group, str(limit["clause"])),
        **_top(group),
        "flags": "; ".join(
            filter(
                None,
                (
                    _flags(limit, count["censored"], offered, bool(group.in_part.any())),
                    sampled_flag(group),
                ),
            )
        ),
    }


def _observed(group: pd.DataFrame, clause: str) -> Row:
    """Return quantiles of the legs' observed values, of those with a verdict met or violated."""
    values = group.loc[group.verdict.isin(["met", "violated"]), "observed"].to_numpy()
    values = values[~np.isnan(values)]
    if not len(values):
        return dict.fromkeys(("p50", "p95", "p99", "worst"), np.nan)
    worst = values.min() if clause.endswith("_min") else values.max()
    levels = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    return {**{name: quantile(values, level) for name, level in levels.items()}, "worst": worst}


def _top(group: pd.DataFrame) -> Row:
    """Return the most frequent cause of the violations, and its most frequent interface."""
    broken = group[(group.verdict == "violated") & (group.cause != "")]
    if not len(broken):
        return {"top_cause": "", "top_interface": ""}
    cause = _most_frequent(broken.cause)
    return {
        "top_cause": cause,
        "top_interface": _most_frequent(broken.loc[broken.cause == cause, "cause_interface"]),
    }


def _most_frequent(names: pd.Series) -> str:
    counts = names.value_counts()
    return min(str(name) for name, count in counts.items() if count == counts.max())


def _statistic(limit: Limit) -> str:
    statistic, basis = limit["statistic"], limit["basis"]
    return f"{statistic} {basis}".strip()


def _flags(limit: Limit, censored: int, offered: int, in_part: bool) -> str:
    """Return what a reader must know of a row; for delays the basis too (rule 3)."""
    flags = []
    for part in str(limit["source"]).split("; "):
        word, _, names = part.partition(": ")
        if word in _FLAGS:
            flags.append(f"{_FLAGS[word]}: {_named(limit, names.split(', '))}")
        elif part.startswith("override "):
            flags.append("override")
    if censored > CENSORED_SHARE_MARKED * offered:
        flags.append("over 10 % censored")
    if in_part:
        flags.append(IN_PART)
    return "; ".join(flags)


def _named(limit: Limit, fields: list[str]) -> str:
    """Return fields of a clause in words, with what the limit has there."""
    values = {"statistic": str(limit["statistic"]), "delay_basis": str(limit["basis"])}
    words = [f"{name.split('_')[-1]} {values.get(name, '')}".strip() for name in fields]
    return " and ".join(words).replace("_", " ")


def _tier_rank(tier: str) -> tuple[int, str]:
    return (TIER_ORDER.index(tier) if tier in TIER_ORDER else len(TIER_ORDER), tier)
