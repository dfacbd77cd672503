"""Health management asked what if: changes that must be felt, and changes that must not."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import telemedsim as ts

CAMPUS = {"technology": "campus"}
BLOCKS: dict[str, dict[str, Any]] = {
    "online": {
        "workflow": "online_consultation",
        "service": "health.online_consultation",
        "patients": {"tier": "grassroots"},
        "doctors_at": "h",
        "doctors": 2,
        "sessions_per_site_per_day": 100,
    },
    "wearables": {
        "workflow": "monitoring",
        "service": "health.remote_monitoring",
        "from": {"tier": "grassroots"},
        "to": "h",
        "alarms_per_wearable_per_day": 5,
    },
    "files": {
        "workflow": "image_reading",
        "service": "health.personal_image_file",
        "from": {"tier": "grassroots"},
        "source": "h",
        "whole_study": False,
        "terminals": 20,
        "reads_per_terminal_per_hour": 3,
    },
}


def run(
    folder: Path,
    block: str,
    link: dict[str, Any],
    *,
    minutes: float = 20,
    engine: str = "hybrid",
    **change: Any,
) -> ts.Results:
    """Run one block between a township and a hospital over one line."""
    sites = [
        {"id": "h", "tier": "provincial", "latitude": 26.6, "longitude": 106.7, "campus": CAMPUS},
        {"id": "g", "tier": "grassroots", "latitude": 26.9, "longitude": 106.9},
    ]
    links = [{"id": "line", "ends": ["g", "h"], **link}]
    topology = {"telemedsim": 1, "kind": "topology", "name": "t", "sites": sites, "links": links}
    experiment = {
        "telemedsim": 1,
        "kind": "experiment",
        "name": "e",
        "topology": "t.yaml",
        "window": {"start": "09:30", "duration": f"{minutes:g} min"},
        "scenarios": [{"id": block, **BLOCKS[block], **change}],
    }
    (folder / "t.yaml").write_text(yaml.safe_dump(topology), "utf-8")
    (folder / "e.yaml").write_text(yaml.safe_dump(experiment), "utf-8")
    return ts.simulate(ts.load(folder / "e.yaml"), engine=engine)


def observed(results: ts.Results, clause: str) -> pd.Series:
    """Return what was observed of a clause where it was judged."""
    rows = results.verdicts
    return rows[(rows.clause == clause) & rows.verdict.isin(["met", "violated"])].observed


PRIVATE = {"technology": "sdh", "rate": "20 Mbit/s"}
WIDE = {"technology": "sdh", "rate": "200 Mbit/s"}
SATELLITE = {"technology": "satellite_geo", "rate": "20 Mbit/s"}


def test_a_geostationary_satellite_lowers_the_voice_below_medium_quality(tmp_path: Path) -> None:
    on_earth = observed(run(tmp_path, "online", PRIVATE), "voice_rating_min")
    by_satellite = observed(run(tmp_path, "online", SATELLITE), "voice_rating_min")
    assert on_earth.min() > 90
    assert by_satellite.max() < 70


def test_more_bandwidth_on_an_idle_line_leaves_the_voice_as_it_was(tmp_path: Path) -> None:
    before = observed(run(tmp_path, "online", PRIVATE), "voice_rating_min")
    after = observed(run(tmp_path, "online", WIDE), "voice_rating_min")
    assert len(before) == len(after) > 0
    # 260 bytes leave a tenth of a millisecond sooner, a picture's packet before them half of one.
    assert (before.to_numpy() - after.to_numpy()).max() == pytest.approx(0, abs=0.05)


def test_a_satellite_delays_alarms_by_its_rounds(tmp_path: Path) -> None:
    on_earth = observed(run(tmp_path, "wearables", PRIVATE), "alarm_s_max")
    by_satellite = observed(run(tmp_path, "wearables", SATELLITE), "alarm_s_max")
    # A handshake and two flights of 15 kB: five ways of 255 ms at least, less what the fibre takes.
    assert by_satellite.min() > on_earth.max() + 5 * 0.25
    assert by_satellite.max() < 5


def test_more_bandwidth_saves_an_alarm_its_own_bits_and_no_more(tmp_path: Path) -> None:
    before = observed(run(tmp_path, "wearables", PRIVATE), "alarm_s_max")
    after = observed(run(tmp_path, "wearables", WIDE), "alarm_s_max")
    bits = (15_250 + 11 * 60) * 8
    assert 0 <= before.median() - after.median() < 2 * bits / 20e6


def test_one_doctor_fewer_is_felt_and_a_wider_line_is_not(tmp_path: Path) -> None:
    def gave_up(link: dict[str, Any], doctors: int) -> list[float]:
        results = run(tmp_path, "online", link, minutes=240, engine="null", doctors=doctors)
        sessions = results.sessions
        return sorted(sessions[sessions.outcome == "abandoned"].started_s)

    two, one = gave_up(PRIVATE, 2), gave_up(PRIVATE, 1)
    assert len(one) > len(two) > 0
    assert gave_up(WIDE, 2) == two


def test_patients_give_up_on_a_slow_line_and_only_there(tmp_path: Path) -> None:
    def share(rate: str) -> float:
        link = {"technology": "internet", "rate": rate}
        seen = observed(run(tmp_path, "files", link, patience="20 s"), "abandonment_max")
        return float(seen.mean())

    assert share("2 Mbit/s") > 0.3
    assert share("100 Mbit/s") == share("200 Mbit/s") == 0
