"""Replication from files to verdicts: distances, defaults, and the lag of a line."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import telemedsim as ts
from telemedsim.core.great_circle import great_circle_km
from telemedsim.model.load import load
from telemedsim.network.compile import compile_plan
from telemedsim.network.work import ReplicationWork

PLACES = {"guiyang": (26.5833, 106.7167), "anshun": (26.25, 105.9333), "zunyi": (27.6867, 106.9072)}
TIERS = {"guiyang": "provincial", "anshun": "municipal", "zunyi": "municipal"}
MINUTE = 60_000_000_000


def written(folder: Path, rate: str = "100 Mbit/s", duration: str = "1 h", **block: Any) -> Path:
    """Write an experiment of one block, by default Anshun's copies to Guiyang; return its file."""
    sites = [
        {"id": name, "tier": TIERS[name], "latitude": at[0], "longitude": at[1]}
        for name, at in PLACES.items()
    ]
    lines = [
        {"id": f"{name}-line", "ends": [name, "guiyang"], "technology": "sdh", "rate": rate}
        for name in ("anshun", "zunyi")
    ]
    topology = {"telemedsim": 1, "kind": "topology", "name": "t", "sites": sites, "links": lines}
    copies = {
        "id": "copies",
        "workflow": "replication",
        "service": "storage.dr_replication",
        "from": {"ids": "anshun"},
        "to": "guiyang",
        "scope": "local",
        "mode": "asynchronous",
        "studies_per_day": 100,
        **block,
    }
    experiment = {
        "telemedsim": 1,
        "kind": "experiment",
        "name": "e",
        "topology": "t.yaml",
        "window": {"start": "09:07", "duration": duration},
        "scenarios": [copies],
    }
    (folder / "t.yaml").write_text(yaml.safe_dump(topology), "utf-8")
    path = folder / "e.yaml"
    path.write_text(yaml.safe_dump(experiment, sort_keys=False), "utf-8")
    return path


def lags(path: Path) -> pd.DataFrame:
    """Return the lags seen whole on the hybrid plane."""
    measures = ts.simulate(ts.load(path), engine="hybrid").tables["measures"]
    return measures[(measures.measure == "lag") & (measures.origin_s >= 0)]


@pytest.mark.parametrize(
    ("change", "wanted", "remedy"),
    [
        ({"from": {"ids": "zunyi"}}, "at most 100 km", "Choose a survivor at most 100 km"),
        ({"scope": "remote"}, "at least 300 km", "or write 'scope: local'"),
        ({"from": {"ids": "zunyi"}, "scope": "remote"}, "at least 300 km", "Choose a survivor"),
    ],
)
def test_a_pair_that_contradicts_its_scope_is_refused(
    change: dict[str, Any], wanted: str, remedy: str, tmp_path: Path
) -> None:
    path = written(tmp_path, **change)
    (fault,) = ts.check([path])
    primary = change.get("from", {}).get("ids", "anshun")
    apart_km = great_circle_km(*PLACES[primary], *PLACES["guiyang"])
    assert (fault.path, fault.level, Path(str(fault.file))) == ("scenarios[0].scope", "error", path)
    assert remedy in fault.hint
    value = change.get("scope", "local")
    for words in (f"'{value}'", wanted, f"{apart_km:.0f} km", "'guiyang'", f"'{primary}'"):
        assert words in fault.message


def test_copies_are_due_at_times_of_day_and_one_after_another(tmp_path: Path) -> None:
    plan = compile_plan(load(written(tmp_path, mode="periodic", period="10 min")))
    (work,) = plan.work
    assert isinstance(work, ReplicationWork)
    assert (work.period_ns, work.since_copy_ns) == (10 * MINUTE, 7 * MINUTE)
    assert work.connections == 1


def test_what_is_not_said_comes_from_the_catalogue(tmp_path: Path) -> None:
    (work,) = compile_plan(load(written(tmp_path, mode="asynchronous"))).work
    assert isinstance(work, ReplicationWork)
    assert (work.period_ns, work.connections) == (0, 4)
    (work,) = compile_plan(load(written(tmp_path, mode="periodic"))).work
    assert isinstance(work, ReplicationWork)
    assert work.period_ns == 15 * MINUTE


def test_on_an_idle_line_the_lag_is_that_of_a_transfer(tmp_path: Path) -> None:
    """Connecting, the bytes at the line's rate, the way there; slow start costs some round trips.

    100 Mbit/s over 86 km hold less than 40 segments, so that a window of 10 fills the line after
    two round trips.
    """
    path = written(tmp_path, modality_mix={"CR_DX": 1}, studies_per_day=300, connections=1)
    plan = compile_plan(load(path))
    names = list(plan.interfaces.name)
    line = next(i for i, name in enumerate(names) if "anshun" in name)
    round_trip_s = 2 * plan.interfaces.propagation_ns[line] / 1e9
    assert 100e6 * round_trip_s / 8 / 1460 < 40
    frame_bytes = 1500 + plan.interfaces.overhead_bytes[line]
    found = lags(path).sort_values("origin_s")
    alone = found[
        found.origin_s > (found.origin_s + found.value_s).cummax().shift(fill_value=0) + 1
    ]
    assert len(alone) > 5
    # Pixels and 2 kB of headers an image, in full segments with TCP's time stamps.
    wire_s = alone.object_bytes * frame_bytes / 1448 * 8 / 100e6
    left_s = alone.value_s - wire_s - 1.5 * round_trip_s
    assert (left_s > 0).all()
    assert (left_s < 3 * round_trip_s + 0.01 * wire_s).all()


def test_half_the_rate_raises_every_lag(tmp_path: Path) -> None:
    few = {"modality_mix": {"CR_DX": 1}, "studies_per_day": 300, "duration": "20 min"}
    wide = lags(written(tmp_path, rate="100 Mbit/s", **few))
    narrow = lags(written(tmp_path, rate="50 Mbit/s", **few))
    both = pd.DataFrame(
        {
            "wide": wide.set_index("origin_s").value_s,
            "narrow": narrow.set_index("origin_s").value_s,
        }
    ).dropna()
    assert len(both) > 5
    assert (both.narrow > 1.5 * both.wide).all()


def test_a_spare_line_elsewhere_changes_no_lag(tmp_path: Path) -> None:
    """Zunyi copies nothing here; without it, or with other volumes there, nothing changes."""
    path = written(tmp_path, duration="10 min", studies_per_day=500)
    one = lags(path)
    assert len(one) > 2
    text = (tmp_path / "t.yaml").read_text("utf-8")
    topology = yaml.safe_load(text)
    topology["sites"] = [site for site in topology["sites"] if site["id"] != "zunyi"]
    topology["links"] = [link for link in topology["links"] if link["id"] != "zunyi-line"]
    (tmp_path / "t.yaml").write_text(yaml.safe_dump(topology), "utf-8")
    assert list(lags(path).value_s) == list(one.value_s)
