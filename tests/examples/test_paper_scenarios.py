"""Each scenario of the white paper that has an experiment is judged by what the catalogue says it is judged by."""

from pathlib import Path

import pytest

import telemedsim as ts
from telemedsim.catalogue.load import catalogue
from telemedsim.catalogue.planning_rows import ScenarioRow

ROOT = Path(__file__).resolve().parents[2]
NOT_YET = frozenset({"multi_hospital_morning_reading"})
"""Scenarios whose experiment is still to be written."""
ROWS = [row for row in catalogue().scenarios.values() if (ROOT / row.file).is_file()]


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
    missing = {row.id for row in catalogue().scenarios.values()} - {row.id for row in ROWS}
    assert missing == NOT_YET


def test_the_paper_has_eighteen_scenarios_in_five_categories() -> None:
    rows = [row for row in catalogue().scenarios.values() if row.category != "whitepaper"]
    own = [row for row in rows if row.category != "extra"]
    assert (len(own), len({row.category for row in own})) == (18, 5)


def test_every_file_belongs_to_a_scenario() -> None:
    named = {row.file for row in catalogue().scenarios.values()}
    folders = (path for path in (ROOT / "experiments").iterdir() if path.is_dir())
    for folder in folders:
        for path in folder.glob("*.yaml"):
            assert str(path.relative_to(ROOT)) in named
