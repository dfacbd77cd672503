"""Senders that adapt: the rule by itself, and calls over lines that carry one format or both."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import telemedsim as ts
from telemedsim.control.adaptation import Heard, RateEstimate, heard_since
from telemedsim.core.errors import TelemedsimError
from telemedsim.dataplane.base import Received
from telemedsim.model.load import load
from telemedsim.network.compile import compile_plan
from telemedsim.network.work import Adaptation, ConsultationWork

REPORT_S = 5.0


def written(folder: Path, rate: str, duration: str = "90 s", **block: Any) -> Path:
    """Write an experiment of a few calls between a township and its county; return its file."""
    places = {"county": (28.14, 106.83), "town": (28.20, 106.60)}
    sites = [
        {"id": name, "tier": tier, "latitude": places[name][0], "longitude": places[name][1]}
        for name, tier in (("county", "county"), ("town", "grassroots"))
    ]
    link = {"id": "line", "ends": ["town", "county"], "technology": "mstp", "rate": rate}
    topology = {"telemedsim": 1, "kind": "topology", "name": "t", "sites": sites, "links": [link]}
    talks = {
        "id": "talks",
        "workflow": "consultation",
        "service": "consult.grassroots_1080p",
        "host": "county",
        "participants": {"ids": "town"},
        "rooms": 1,
        "sessions_per_site_per_day": 400,
        "image_push": "none",
        "video": "1080p30",
        "fallback": "720p30",
        **block,
    }
    experiment = {
        "telemedsim": 1,
        "kind": "experiment",
        "name": "e",
        "topology": "t.yaml",
        "window": {"start": "10:00", "duration": duration},
        "scenarios": [talks],
    }
    (folder / "t.yaml").write_text(yaml.safe_dump(topology), "utf-8")
    path = folder / "e.yaml"
    path.write_text(yaml.safe_dump(experiment, sort_keys=False), "utf-8")
    return path


def legs_of(path: Path, engine: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    results = ts.simulate(ts.load(path), engine=engine)
    legs = results.tables["legs"]
    return legs[legs.video != ""], results.tables["verdicts"]


def rules(folder: Path) -> Adaptation:
    work = compile_plan(load(written(folder, "20 Mbit/s"))).work[0]
    assert isinstance(work, ConsultationWork)
    assert work.adaptation is not None
    return work.adaptation


def test_the_estimate_follows_the_published_rule(tmp_path: Path) -> None:
    """draft-ietf-rmcat-gcc-02, section 6, with the cap of section 5.5."""
    estimate = RateEstimate(rules(tmp_path), 8_000_000)
    assert estimate.hear(Heard(0.05, 7.6e6)) == 8e6
    assert estimate.hear(Heard(0.4, 4.8e6)) == pytest.approx(6.4e6)
    assert estimate.hear(Heard(0.01, 6e6)) == pytest.approx(6.72e6)
    # What comes through is a cap for growing, not a reason to shrink.
    assert estimate.hear(Heard(0.0, 3.2e6)) == pytest.approx(6.72e6)
    assert estimate.hear(Heard(0.0, 8e6)) == pytest.approx(7.056e6)
    for _ in range(5):
        estimate.hear(Heard(0.0, 8e6))
    assert estimate.rate_bps == 8e6


def test_the_worst_receiver_is_heard_and_silence_says_nothing() -> None:
    before = [Received(100, 0), Received(100, 0)]
    heard = heard_since(before, [Received(200, 0), Received(150, 50)], 1000)
    assert heard == Heard(0.5, 500.0)
    assert heard_since(before, before, 1000) is None


@pytest.mark.oracle
def test_a_line_for_720p_alone_ends_there_and_loses_nothing_more(tmp_path: Path) -> None:
    """8 Mbit/s on a line of 5: over a third is lost, so that the first report makes the sender fall back."""
    legs, verdicts = legs_of(written(tmp_path, "5 Mbit/s"), "hybrid")
    first, second = (legs[legs.video == f"{name}/h264"] for name in ("1080p30", "720p30"))
    assert len(first) == len(second) > 0
    assert (first.lost_packets > 0).any()
    began_s = first.joined_s.clip(lower=0)
    assert ((first.ended_s - began_s).between(REPORT_S, REPORT_S + 0.1)).all()
    assert (second.lost_packets == 0).all()
    assert second.ended_s.isna().all()
    notes = verdicts[verdicts.clause == "target_mbps_min"].note
    assert notes.str.contains("of the time in 1080p30/h264|delivered").all()


def test_both_planes_tell_senders_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, "5 Mbit/s", duration="20 s")
    pd.testing.assert_frame_equal(legs_of(path, "hybrid")[0], legs_of(path, "reference")[0])


@pytest.mark.oracle
def test_a_wide_line_never_adapts_and_packets_are_the_same(tmp_path: Path) -> None:
    with_fallback, _ = legs_of(written(tmp_path, "50 Mbit/s"), "hybrid")
    without, _ = legs_of(written(tmp_path, "50 Mbit/s", fallback=None), "hybrid")
    assert set(with_fallback.video) == {"1080p30/h264"}
    pd.testing.assert_frame_equal(with_fallback, without)


def test_the_picture_never_goes_below_the_fallback(tmp_path: Path) -> None:
    path = written(tmp_path, "2 Mbit/s", service="consult.grassroots_720p")
    legs, verdicts = legs_of(path, "hybrid")
    assert set(legs.video) == {"1080p30/h264", "720p30/h264"}
    rates = verdicts[verdicts.clause == "target_mbps_min"].observed
    assert (rates >= 2.1).all()


def test_a_fallback_that_is_not_smaller_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TelemedsimError, match="needs no less than what is sent first"):
        ts.load(written(tmp_path, "20 Mbit/s", video="720p30"))


def test_without_a_fallback_nothing_adapts(tmp_path: Path) -> None:
    plan = compile_plan(load(written(tmp_path, "20 Mbit/s", fallback=None)))
    work = plan.work[0]
    assert isinstance(work, ConsultationWork)
    assert work.adaptation is None


def test_sampled_time_and_adaptation_do_not_go_together(tmp_path: Path) -> None:
    path = written(tmp_path, "20 Mbit/s", duration="1 h")
    with pytest.raises(TelemedsimError, match="hear of every packet's fate"):
        ts.load(path, ["stream_sampling=0.5"])
