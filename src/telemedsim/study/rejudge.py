"""A saved run judged again under other limits, without simulating."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from telemedsim.study.run import judge

if TYPE_CHECKING:
    import pandas as pd

OVERRIDE = "override in evaluate()"


def rejudge(
    tables: "Mapping[str, pd.DataFrame]", limits: Mapping[tuple[str, str], float]
) -> "dict[str, pd.DataFrame]":
    """Return the tables with other bounds, by (scenario, clause), and the verdicts they give."""
    rows = tables["limits"].copy()
    for (scenario, clause), bound in limits.items():
        place = (rows["scenario"] == scenario) & (rows["clause"] == clause)
        if not place.any():
            raise KeyError(f"no clause '{clause}' in scenario '{scenario}'")
        rows.loc[place, "bound"] = bound
        rows.loc[place, "source"] = [_overridden(source) for source in rows.loc[place, "source"]]
    return judge({**tables, "limits": rows})


def _overridden(source: str) -> str:
    """Return the source of another bound; what else of the clause is assumed stays so."""
    _, known, assumed = source.partition("assumption: ")
    others = [name for name in assumed.split(", ") if known and name != "bound"]
    return f"{OVERRIDE}; assumption: {', '.join(others)}" if others else OVERRIDE
