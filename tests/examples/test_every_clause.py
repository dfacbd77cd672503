"""Each shipped experiment, run as its file says: everything in it is offered something, and each clause judged."""

from pathlib import Path

import pytest

import telemedsim as ts
from examples.what_if import EXPERIMENTS

TOO_FEW = "pictures make a longer window slow, and in this one probes send too little for rule 4"
CANNOT: dict[tuple[str, str, str], str] = {
    (stem, lines, "loss_max"): TOO_FEW
    for stem in ("training", "multi_hospital_morning_reading")
    for lines in ("county_lines", "township_lines")
}
"""Clauses that nothing in their scenario can be judged by, and why."""

SCENARIOS = sorted(
    path
    for path in EXPERIMENTS.glob("*/*.yaml")
    if path.parent.name not in ("whitepaper", "schema")
)


def test_what_cannot_be_judged_is_of_experiments_that_exist() -> None:
    assert {stem for stem, _, _ in CANNOT} <= {path.stem for path in SCENARIOS}


@pytest.mark.nightly
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_each_scenario_is_offered_something_and_each_clause_judged(path: Path) -> None:
    scenario = ts.load(path)
    results = ts.simulate(scenario)
    asked = {one.id for one in (*scenario.experiment.scenarios, *scenario.experiment.connections)}
    offered = results.summary.groupby("scenario").offered.sum()
    assert set(offered[offered > 0].index) == asked

    clause = ["scenario", "service", "clause"]
    judged = results.summary.groupby(clause).judged.sum()
    limits = results.tables["limits"].set_index(clause).index
    assert set(limits) == set(judged.index)
    unjudged = {(path.stem, name, what) for name, _, what in judged[judged == 0].index}
    expected = {key for key in CANNOT if key[0] == path.stem}
    assert unjudged - expected == set(), "not judged in the file's own window"
    assert expected - unjudged == set(), "judged now: it can be, so take it off the list"

    verdicts = results.verdicts[~results.verdicts.verdict.isin(["met", "violated"])]
    for _, name, what in expected:
        of_it = verdicts[(verdicts.scenario == name) & (verdicts.clause == what)]
        assert (of_it.note.str.len() > 0).all(), "a verdict that is none says why"
