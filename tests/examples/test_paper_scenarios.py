"""Each scenario of the white paper has an experiment that is judged by what the catalogue says it is judged by."""

from pathlib import Path

import pytest

import telemedsim as ts
from telemedsim.catalogue.load import catalogue
from telemedsim.catalogue.planning_rows import ScenarioRow

ROOT = Path(__file__).resolve().parents[2]
ROWS = list(catalogue().scenarios.values())


def judged_by(row: ScenarioRow) -> set[str]:
    """Return the services and connections that an experiment names."""
    experiment = ts.load(ROOT / row.file).experiment
    found = {one.service for one in (*experiment.scenarios, *experiment.connections)}
    for block in experiment.scenarios:
        parts = block.model_dump().get("services") or {}
        found |= {service for service in parts.values() if service}
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_scenario_is_judged_as_the_catalogue_says(row: ScenarioRow) -> None:
    assert {*row.services, *row.connections} <= judged_by(row)


def test_every_scenario_has_its_experiment() -> None:
    assert [row.id for row in ROWS if not (ROOT / row.file).is_file()] == []


def test_the_paper_has_eighteen_scenarios_in_five_categories() -> None:
    rows = [row for row in ROWS if row.category != "whitepaper"]
    own = [row for row in rows if row.category != "extra"]
    assert (len(own), len({row.category for row in own})) == (18, 5)


def test_every_file_belongs_to_a_scenario() -> None:
    named = {row.file for row in ROWS}
    folders = (path for path in (ROOT / "experiments").iterdir() if path.is_dir())
    for folder in folders:
        for path in folder.glob("*.yaml"):
            assert str(path.relative_to(ROOT)) in named
