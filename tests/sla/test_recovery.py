"""Data at risk: what counts as the age of data that a survivor does not have."""

from typing import Any

import pandas as pd
import pytest

from telemedsim.sla.cases import FINAL, UNFINISHED, UNSEEN
from telemedsim.sla.recovery import data_at_risk

NAN = float("nan")
MINUTE = 60.0


def observed(outcome: str, *measures: dict[str, Any]) -> "pd.Series":
    """Return what is observed of one leg with some measures."""
    plain = {"leg": 1, "measure": "lag", "origin_s": 10.0, "value_s": NAN, "running_s": NAN}
    tables = {"measures": pd.DataFrame([{**plain, **one} for one in measures])}
    cases = pd.DataFrame({"case": [0], "leg": [1], "session": [1], "outcome": [outcome]})
    return data_at_risk(cases, tables).iloc[0]


@pytest.mark.parametrize(
    ("outcome", "measure", "minutes", "state"),
    [
        ("completed", {"value_s": 2 * MINUTE}, 2.0, FINAL),
        ("running", {"running_s": 5 * MINUTE}, 5.0, UNFINISHED),
        ("lost", {"running_s": 5 * MINUTE}, 5.0, FINAL),
        ("completed", {"origin_s": -1.0, "value_s": MINUTE}, 1.0, UNSEEN),
    ],
)
def test_the_age_of_a_study(
    outcome: str, measure: dict[str, Any], minutes: float, state: int
) -> None:
    row = observed(outcome, measure)
    assert (row.observed, row.state) == (minutes, state)


def test_what_is_committed_only_at_the_survivor_is_never_at_risk() -> None:
    lag, commit = {"value_s": 600.0}, {"measure": "commit", "value_s": 601.0}
    assert observed("completed", lag, commit).observed == 0
    assert observed("lost", {"running_s": 600.0}, {**commit, "value_s": NAN}).state == FINAL
