"""What must change the answers of the reporting scenarios, and what must not, on the plane without queues."""

from pathlib import Path

import pandas as pd
import pytest

import telemedsim as ts
from examples.what_if import assert_same_answer, run

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "experiments" / "medical_collaboration"
STAGES = ["upload", "worklist", "fetch", "reading"]


def cases(path: Path, *settings: str) -> pd.DataFrame:
    """Return the reported cases that began in the window: a row each, seconds by stage, value and role."""
    results = ts.simulate(ts.load(path, list(settings)), engine="null")
    measures, legs = results.tables["measures"], results.tables["legs"]
    splits = results.tables["splits"]
    done = measures[(measures.measure == "result") & (measures.origin_s >= 0)].dropna(
        subset=["value_s"]
    )
    parts = splits[(splits.of == "result") & splits.leg.isin(done.leg)]
    table = parts.pivot_table("ns", "leg", "component", aggfunc="sum", fill_value=0) / 1e9
    sums = table.sum(axis=1)
    table = table.reindex(columns=STAGES, fill_value=0.0)
    found = table.join(done.set_index("leg").value_s).join(legs.set_index("leg")[["role", "site"]])
    assert sums.to_numpy() == pytest.approx(found.value_s.to_numpy(), abs=1e-6)
    return found


def test_a_reader_fewer_lengthens_the_wait_and_nothing_else() -> None:
    path = FOLDER / "regional_imaging_centre.yaml"
    usual, fewer = (cases(path, f"scenarios[0].readers={count}") for count in (3, 2))
    assert fewer.worklist.mean() > 2 * usual.worklist.mean()
    assert fewer.upload.mean() == pytest.approx(usual.upload.mean(), rel=0.1)


@pytest.mark.nightly
def test_faster_lines_shorten_the_upload_and_leave_the_wait(tmp_path: Path) -> None:
    """The wait moves at most by what arrivals at the worklist move."""
    path = FOLDER / "remote_diagnosis.yaml"
    lines = (ROOT / "topologies" / "reference.yaml").read_text("utf-8")
    (tmp_path / "fast.yaml").write_text(
        lines.replace("rate: 10 Mbit/s", "rate: 100 Mbit/s"), "utf-8"
    )
    text = path.read_text("utf-8").replace("../../topologies/reference.yaml", "fast.yaml")
    (tmp_path / "e.yaml").write_text(text, "utf-8")
    usual, fast = cases(path), cases(tmp_path / "e.yaml")
    sites = ["chumi", "anchang"]
    gain = usual[usual.site.isin(sites)].upload.mean() - fast[fast.site.isin(sites)].upload.mean()
    assert gain > 5
    assert usual.worklist.mean() > 30 * gain
    assert abs(usual.worklist.mean() - fast.worklist.mean()) < 2 * gain
    assert usual.reading.mean() == pytest.approx(fast.reading.mean(), rel=0.05)


def test_an_urgent_case_overtakes() -> None:
    found = cases(FOLDER / "remote_diagnosis.yaml", "window.duration=9 h")
    waits = found.groupby("role").worklist.mean()
    assert waits["report:emergency"] < 0.5 * waits["report:outpatient"]


@pytest.mark.nightly
def test_an_acknowledgement_an_image_costs_a_far_centre_its_round_trips() -> None:
    path = FOLDER / "remote_imaging_centre.yaml"
    streamed, stored = (
        cases(path, f"scenarios[0].protocol={kind}") for kind in ("streamed", "c_store")
    )
    far = [one[one.site == "shixi"].upload.mean() for one in (streamed, stored)]
    assert far[1] > 2 * far[0]


def test_a_line_that_no_case_takes_changes_nothing_of_a_third_partys_reports() -> None:
    """The ambulance sends it nothing, and the standby stands by."""
    usual, elsewhere = (
        run("remote_imaging_centre", "window.duration=1 h", *changes, engine="null")
        for changes in (
            (),
            ("links.ambulance-line.rate_up=1 Mbit/s", "links.zunyi-standby.rate=2 Mbit/s"),
        )
    )
    assert_same_answer(usual, elsewhere)
