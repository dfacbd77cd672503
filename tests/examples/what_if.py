"""Shipped experiments asked what if: run with changes as ``--set`` makes them, and looked at row by row."""

from functools import cache
from pathlib import Path

import pandas as pd

import telemedsim as ts

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


@cache
def run(name: str, *changes: str, engine: str | None = None) -> ts.Results:
    """Simulate an experiment of one of the categories; the same question is simulated once."""
    (path,) = EXPERIMENTS.glob(f"*/{name}.yaml")
    return ts.simulate(ts.load(path, changes), engine=engine)


def rows(results: ts.Results, scenario: str, clause: str) -> pd.DataFrame:
    """Return the summary's rows of a clause, one a tier; at least one of them judged something."""
    found = results.summary
    found = found[(found["scenario"] == scenario) & (found["clause"] == clause)]
    assert found["judged"].sum() > 0
    return found


def violated(results: ts.Results, scenario: str, clause: str) -> int:
    """Return how many verdicts of a clause are violated, over all tiers."""
    return int(rows(results, scenario, clause)["violated"].sum())


def observed(results: ts.Results, scenario: str, clause: str, site: str) -> pd.Series:
    """Return what was observed at a site wherever the clause was judged there; at least one."""
    found = results.verdicts
    found = found[(found["scenario"] == scenario) & (found["clause"] == clause)]
    found = found[(found["site"] == site) & found["verdict"].isin(["met", "violated"])]
    assert len(found) > 0
    return found["observed"].reset_index(drop=True)


def assert_same_answer(one: ts.Results, other: ts.Results) -> None:
    """Assert that each row of the two summaries is the same to the last bit."""
    pd.testing.assert_frame_equal(one.summary, other.summary, check_exact=True)
