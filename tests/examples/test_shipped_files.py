"""The files in topologies/ and experiments/: each is valid, runs, and judges something."""

from pathlib import Path
from typing import Any

import pytest

import telemedsim as ts

ROOT = Path(__file__).resolve().parents[2]
LARGE = {"country", "country_day"}
"""What takes a minute to build and check."""


def shipped(folder: str) -> list[Any]:
    """Return the files of a folder, the large ones for the night."""
    return [
        pytest.param(path, marks=[pytest.mark.nightly] if path.stem in LARGE else [])
        for path in sorted((ROOT / folder).rglob("*.yaml"))
    ]


EXPERIMENTS = shipped("experiments")
FILES = [*shipped("topologies"), *EXPERIMENTS]


def test_both_experiments_of_the_readme_are_there() -> None:
    stems = {path.stem for path in (ROOT / "experiments").glob("*.yaml")}
    assert {"guizhou_day", "reference_half_hour"} <= stems


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_has_no_error(path: Path) -> None:
    assert [fault for fault in ts.check([path]) if fault.level == "error"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_tells_an_editor_its_schema(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    schema = path.parent / first.removeprefix("# yaml-language-server: $schema=")
    assert schema.is_file()


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_a_short_window_is_simulated_and_judged(path: Path) -> None:
    """On the plane that delivers at once, every scenario and connection gets its rows."""
    longest_s = 5 if path.parent.name == "experiments" else 60
    seconds = min(longest_s, ts.load(path).experiment.window.duration_s)
    scenario = ts.load(path, [f"window.duration={seconds:g} s", "stream_sampling=1"])
    results = ts.simulate(scenario, engine="null")
    asked = [one.id for one in (*scenario.experiment.scenarios, *scenario.experiment.connections)]
    assert list(dict.fromkeys(results.summary["scenario"])) == asked
    assert results.summary["judged"].sum() > 0
    assert (results.tables["limits"]["source"].str.len() > 0).all(), "a bound without a source"
    assert results.manifest["engine"] == "null"


def test_data_of_others_is_attributed() -> None:
    for name in ("reference", "guizhou", "country"):
        text = (ROOT / "topologies" / f"{name}.yaml").read_text("utf-8")
        assert "GeoNames" in text
        assert "CC BY 4.0" in text
    readme = (ROOT / "README.md").read_text("utf-8")
    for words in ("GeoNames", "CC BY 4.0", "Natural Earth", "Apache-2.0"):
        assert words in readme
