"""Both engines on one experiment: what is compared, and that equal things are called equal."""

import pandas as pd
import pytest

import telemedsim as ts
from telemedsim.study.run import Run, run_once
from telemedsim.study.verification import compare, verify

EXPERIMENT = "experiments/reference_half_hour.yaml"


@pytest.fixture(scope="module")
def one_run() -> Run:
    return run_once(ts.load(EXPERIMENT, ["window.duration=2 s"]), engine="null")


def test_a_run_differs_from_itself_in_nothing(one_run: Run) -> None:
    rows = compare(one_run, one_run)
    assert len(rows) > 0
    assert (rows["difference"] == 0).all()
    assert (rows["equal"] == rows["compared"]).all()


def test_a_longer_delay_shows_with_its_sign(one_run: Run) -> None:
    legs = one_run.tables["legs"].copy()
    legs["delay_mean_ns"] = legs["delay_mean_ns"] + 2_000_000
    slower = Run({**one_run.tables, "legs": legs}, one_run.manifest, one_run.scenario_text)
    rows = compare(one_run, slower)
    delays = rows[rows["quantity"] == "mean one-way delay"]
    assert len(delays) > 0
    assert (delays["equal"] == 0).all()
    assert delays["difference"].tolist() == pytest.approx([2.0] * len(delays))


def test_streams_alone_are_equal_on_both_engines() -> None:
    """No transfer runs, so that every leg of every stream is the same to the nanosecond."""
    scenario = ts.load("experiments/guizhou_day.yaml", ["window.duration=1 s"])
    streams = {"county_rooms", "municipal_rooms", "surgery_4k", "anatomy_8k", "lecture_4k"}
    kept = tuple(one for one in scenario.experiment.scenarios if one.id in streams)
    experiment = scenario.experiment.model_copy(update={"scenarios": kept, "connections": ()})
    found = verify(scenario.__class__(**{**vars(scenario), "experiment": experiment}))
    legs = found.rows[~found.rows["quantity"].str.startswith("violated")]
    assert set(legs["scenario"]) <= streams
    assert len(legs) > 0
    assert (legs["equal"] == legs["compared"]).all()
    assert isinstance(found.rows, pd.DataFrame)
