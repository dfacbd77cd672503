"""A run from experiment to summary, judged again under other limits, saved and opened."""

from pathlib import Path

import pandas as pd
import pytest

import telemedsim as ts
from telemedsim.records.schema import TABLES

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENT = ROOT / "experiments" / "reference_half_hour.yaml"
DAY = [
    "window.duration=20 min",
    "window.start=09:00",
]


@pytest.fixture(scope="module")
def results() -> ts.Results:
    return ts.simulate(ts.load(EXPERIMENT, DAY), engine="null")


def test_every_table_is_its_schema(results: ts.Results) -> None:
    assert set(results.tables) == set(TABLES)
    for name, columns in TABLES.items():
        assert list(results.tables[name].columns) == list(columns), name


def test_every_session_has_a_scenario_and_every_verdict_a_limit(results: ts.Results) -> None:
    limits = results.tables["limits"]
    named = set(zip(limits["scenario"], limits["clause"], strict=True))
    judged = set(zip(results.verdicts["scenario"], results.verdicts["clause"], strict=True))
    assert judged <= named
    assert set(results.sessions["scenario"]) <= set(limits["scenario"])


def test_counts_of_a_row_close(results: ts.Results) -> None:
    rows = results.summary
    parts = rows["judged"] + rows["censored"] + rows["not_judged"] + rows["blocked"]
    blocking = rows["clause"].eq("blocking_max")
    assert (parts[~blocking] == rows.loc[~blocking, "offered"]).all()
    assert (rows["violated"] <= rows["judged"]).all()


def test_judging_again_needs_no_simulation_and_flags_the_override(results: ts.Results) -> None:
    strict = ts.evaluate(results, {("reading", "response_s_max"): 0.001})
    before = results.summary.query("scenario == 'reading' and clause == 'response_s_max'")
    after = strict.summary.query("scenario == 'reading' and clause == 'response_s_max'")
    assert before["violated"].sum() == 0
    assert (after["violated"] == after["judged"]).all()
    assert after["judged"].sum() > 0
    assert after["flags"].str.contains("override").all()
    others = "scenario != 'reading'"
    pd.testing.assert_frame_equal(
        results.summary.query(others).reset_index(drop=True),
        strict.summary.query(others).reset_index(drop=True),
    )
    with pytest.raises(KeyError, match="no clause"):
        ts.evaluate(results, {("reading", "start_s_max"): 1.0})


def test_a_saved_run_opens_as_it_was(results: ts.Results, tmp_path: Path) -> None:
    opened = ts.open_run(results.save(tmp_path))
    for name, table in results.tables.items():
        pd.testing.assert_frame_equal(opened.tables[name], table)
    assert opened.scenario_text == results.scenario_text
    assert opened.manifest["seed"] == 1
    again = ts.simulate(ts.load(opened.folder / "scenario.yaml"), engine="null")
    pd.testing.assert_frame_equal(again.summary, results.summary)


def test_an_override_in_the_file_is_flagged_with_its_place(tmp_path: Path) -> None:
    text = EXPERIMENT.read_text("utf-8").replace("../topologies", str(ROOT / "topologies"))
    text = text.replace(
        "reads_per_terminal_per_hour: 12}",
        "reads_per_terminal_per_hour: 12, limits: {response_s_max: 2}}",
        1,
    )
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    own = ts.simulate(ts.load(tmp_path / "own.yaml", DAY), engine="null")
    row = own.tables["limits"].query("scenario == 'reading' and clause == 'response_s_max'").iloc[0]
    assert row["bound"] == 2
    assert row["source"].startswith("override at ")
    assert "own.yaml:" in row["source"]
    flags = own.summary.query("scenario == 'reading' and clause == 'response_s_max'")["flags"]
    assert flags.str.contains("override").all()


def test_what_a_scenario_says_of_its_delays_is_an_override_and_no_assumption() -> None:
    own = ["scenarios.lesson_4k.statistic=p99", "scenarios.lesson_4k.limits.delay_ms_max=15"]
    limits = ts.simulate(ts.load(EXPERIMENT, [*DAY, *own]), engine="null").tables["limits"]
    delays = limits[limits["clause"].eq("delay_ms_max")].set_index("scenario")["source"]
    assert delays["lesson_4k"].endswith("; override: statistic; assumption: delay_basis")
    assert delays["lesson_4k"].startswith("override at ")
    assert delays["reading"].endswith("; assumption: statistic, delay_basis")


def test_judging_again_keeps_what_is_assumed_of_a_clause_beside_its_bound(
    results: ts.Results,
) -> None:
    strict = ts.evaluate(results, {("lesson_4k", "delay_ms_max"): 15})
    row = strict.summary.query("scenario == 'lesson_4k' and clause == 'delay_ms_max'").iloc[0]
    assert row["flags"].startswith("override; assumed: statistic p95 and basis one way")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_day(
    results: ts.Results, tmp_path: Path
) -> None:
    again = ts.simulate(ts.load(EXPERIMENT, DAY), engine="null")
    for name, table in results.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
    other = ts.simulate(ts.load(EXPERIMENT, [*DAY, "seed=2"]), engine="null")
    assert not other.sessions.equals(results.sessions)


def test_what_a_run_says_of_itself(results: ts.Results) -> None:
    assert repr(results).startswith("<Results reference_half_hour: ")
    page = results._repr_html_()
    assert "<table" in page
    assert len(page) < 100_000
    keys = {
        "schema_version", "package_version", "scenario_hash", "seed", "engine", "wall_time_s",
        "packet_hops", "packet_hops_per_s", "peak_memory_bytes", "stream_version", "simpy_events",
        "sessions", "sessions_per_s",
    }  # fmt: skip
    assert keys <= set(results.manifest)


SHOW = """\
telemedsim: 1
kind: experiment
name: show
topology: {topology}
window: {{start: "09:40", duration: 5 s}}
scenarios:
  - {{id: show, workflow: broadcast, service: education.broadcast_4k, source: provincial,
     viewers: {{ids: tongzi}}, delivery: unicast, schedule: [{{start: "09:40", duration: 3 s}}]}}
"""


@pytest.mark.parametrize(
    ("rate", "broken", "cause"),
    [
        ("200 Mbit/s", set(), ""),
        ("4 Mbit/s", {"freezes_max", "skips_max", "sound_distortions_max"}, "overflow"),
        ("200 kbit/s", {"skips_max", "start_s_max", "sound_distortions_max"}, "overflow"),
    ],
)
def test_a_line_that_is_too_thin_freezes_skips_or_never_starts_a_broadcast(
    rate: str, broken: set[str], cause: str, tmp_path: Path
) -> None:
    """Repair brings back what a line loses by chance, and nothing where it loses most."""
    path = tmp_path / "show.yaml"
    path.write_text(SHOW.format(topology=ROOT / "topologies" / "reference.yaml"), "utf-8")
    results = ts.simulate(ts.load(path, [f"links.tongzi-line.rate={rate}"]))
    violations = results.violations()
    assert set(violations["clause"]) - {"delay_ms_max"} == broken
    skips = violations[violations["clause"].eq("skips_max")]
    assert skips["cause"].eq(cause).all()
    assert skips["cause_interface"].eq("tongzi-line/down").all()


def test_a_forecast_counts_what_control_would_do() -> None:
    scenario = ts.load(EXPERIMENT, ["window.duration=60 s"])
    forecast = ts.plan(scenario)
    run = ts.simulate(scenario, engine="null")
    assert forecast.figures["sessions"] == len(run.sessions)
    assert forecast.figures["legs"] == len(run.legs)
    # The null plane counts the packets of streams exactly; the forecast takes a sample of them.
    carried = run.links["carried_packets"].sum()
    assert forecast.figures["packet_hops"] >= 0.9 * carried


def test_public_names_are_what_the_package_lists() -> None:
    for name in ts.__all__:
        assert getattr(ts, name) is not None
    assert dir(ts) == sorted(ts.__all__)
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        ts.simulat  # noqa: B018
