"""From a block of replication to pairs: geography, levels, periods, objectives, recovery."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import telemedsim as ts
from network.test_compile_work import S
from telemedsim.catalogue.load import catalogue
from telemedsim.model.load import load
from telemedsim.model.workflows import StudyReplication
from telemedsim.model.workflows.replication import Level
from telemedsim.network.compile import compile_plan
from telemedsim.network.work import ReplicationWork

KM_A_DEGREE = 111.195
"""Of a meridian of the catalogue's sphere."""


def topology(km: float, scale: str = "tertiary_grade_a") -> dict[str, Any]:
    """Return two centres that far apart on a meridian, and a hospital between them."""
    sites = [("a", "provincial", 0.0), ("b", "provincial", km / KM_A_DEGREE), ("h", "county", 0.1)]
    return {
        "telemedsim": 1,
        "kind": "topology",
        "name": "t",
        "sites": [
            {
                "id": name,
                "tier": tier,
                "latitude": 26 + north,
                "longitude": 106.0,
                "annual_tb": 10,
                "scale": scale,
            }
            for name, tier, north in sites
        ],
        "links": [
            {"id": "ab", "ends": ["a", "b"], "technology": "sdh"},
            {"id": "hb", "ends": ["h", "b"], "technology": "mstp"},
        ],
    }


def written(folder: Path, km: float, scale: str = "tertiary_grade_a", **others: Any) -> Path:
    """Return the experiment of one block of replication from a to b."""
    block = {
        "id": "copy",
        "workflow": "replication",
        "service": "storage.dr_replication",
        "from": {"ids": "a"},
        "to": "b",
        "mode": "asynchronous",
        "scope": "local",
        "level": "tertiary_grade_a",
        **others,
    }
    experiment = {
        "telemedsim": 1,
        "kind": "experiment",
        "name": "e",
        "topology": "t.yaml",
        "window": {"start": "09:35", "duration": "1 h"},
        "scenarios": [{key: value for key, value in block.items() if value is not None}],
    }
    (folder / "t.yaml").write_text(yaml.safe_dump(topology(km, scale)), encoding="utf-8")
    (folder / "e.yaml").write_text(yaml.safe_dump(experiment), encoding="utf-8")
    return folder / "e.yaml"


def work(path: Path) -> ReplicationWork:
    (found,) = compile_plan(load(path)).work
    assert isinstance(found, ReplicationWork)
    return found


REMOTE = {"scope": "remote", "level": None}


@pytest.mark.parametrize(
    ("km", "others", "says"),
    [
        (99, {}, ""),
        (101, {}, "'local' asks for at most 100 km"),
        (299, REMOTE, "'remote' asks for at least 300 km"),
        (301, REMOTE, ""),
        (99, {"mode": "synchronous"}, ""),
        (301, {**REMOTE, "mode": "synchronous"}, "a synchronous pair must be local"),
        (99, {"level": "secondary"}, "the level of a hospital of scale 'tertiary_grade_a'"),
        (99, {"disaster": {"at": "10:00", "working_set_to": "h"}}, ""),
        (99, {"disaster": {"at": "10:00", "working_set_to": "b"}}, "is one of the pair of"),
        (99, {"disaster": {"at": "11:00", "working_set_to": "h"}}, "does not see this disaster"),
    ],
)
def test_geography_and_levels_are_told_with_a_remedy(
    tmp_path: Path, km: float, others: dict[str, Any], says: str
) -> None:
    faults = ts.check([written(tmp_path, km, **others)])
    if not says:
        assert faults == []
    else:
        (fault,) = faults
        assert says in fault.message
        assert fault.hint


def test_a_remote_centre_is_far_from_the_other_local_one_too(tmp_path: Path) -> None:
    """From a it is 310 km to c, which is enough, but from its local survivor b only some 210."""
    path = written(tmp_path, 99)
    network = topology(99)
    north = 26 + 310 / KM_A_DEGREE
    network["sites"].append(
        {"id": "c", "tier": "national", "latitude": north, "longitude": 106.0, "annual_tb": 10}
    )
    network["links"].append({"id": "ac", "ends": ["a", "c"], "technology": "sdh"})
    (tmp_path / "t.yaml").write_text(yaml.safe_dump(network), encoding="utf-8")
    experiment = yaml.safe_load(path.read_text("utf-8"))
    (local,) = experiment["scenarios"]
    remote = {**local, "id": "far", "to": "c", "scope": "remote"}
    del remote["level"]
    told = []
    for blocks in ([remote], [local, remote]):
        path.write_text(yaml.safe_dump({**experiment, "scenarios": blocks}), encoding="utf-8")
        told.append([fault.message for fault in ts.check([path])])
    assert told[0] == []
    (message,) = told[1]
    assert "'b' is 211 km away" in message


def test_periods_count_from_midnight(tmp_path: Path) -> None:
    one = work(written(tmp_path, 50, mode="periodic", period="10 min"))
    assert (one.period_ns, one.first_period_ns) == (600 * S, 300 * S)
    assert work(written(tmp_path, 50)).period_ns == 0


def test_a_disaster_counts_from_the_opening_and_takes_the_catalogues_times(tmp_path: Path) -> None:
    disaster = {"at": "10:00", "working_set_to": "h", "restart": "2 min"}
    one = work(written(tmp_path, 50, disaster=disaster)).recovery
    assert one is not None
    assert one.at_ns == 25 * 60 * S
    assert one.restart_ns == 120 * S
    assert one.detection_ns == catalogue().number("disaster_detection_s") * S
    assert one.users_at.site == "h"


def test_each_pair_has_the_bounds_of_its_objective(tmp_path: Path) -> None:
    """Row by row of the paper's table: scope and level give RPO and RTO."""
    for row in catalogue().recovery_objectives.values():
        scale = {"tertiary_grade_b": "tertiary", "any": "tertiary"}.get(row.level, row.level)
        others = REMOTE if row.scope == "remote" else {"level": row.level}
        disaster = {"at": "10:00", "working_set_to": "h"}
        km = 50 if row.scope == "local" else 400
        path = written(tmp_path, km, scale=scale, disaster=disaster, **others)
        results = ts.simulate(ts.load(path, ["window.duration=30 min"]), engine="null")
        limits = results.tables["limits"].set_index("clause").bound
        assert (limits["rpo_min_max"], limits["rto_min_max"]) == (row.rpo_min, row.rto_min)


def test_the_levels_are_those_of_the_paper() -> None:
    levels = {row.level for row in catalogue().recovery_objectives.values()} - {"any"}
    assert set(Level.__args__) == levels
    assert set(catalogue().value("recovery_level_of_scale")) == set(catalogue().scales)
    assert set(catalogue().value("recovery_level_of_scale").values()) == levels


def test_bounds_by_objective_repeat_the_table_of_the_paper() -> None:
    facts = catalogue()
    for service, name in (
        ("storage.dr_replication", "rpo_min"),
        ("storage.dr_recovery", "rto_min"),
    ):
        clause = facts.services[service].clause(f"{name}_max")
        assert clause is not None
        table = {row.id: getattr(row, name) for row in facts.recovery_objectives.values()}
        assert clause.bound_by_objective == table
        assert clause.bound == table["remote.any"]


def test_without_a_disaster_nothing_judges_a_recovery() -> None:
    block = StudyReplication.model_validate(
        {
            "id": "copy",
            "workflow": "replication",
            "service": "storage.dr_replication",
            "from": {"ids": "a"},
            "to": "b",
            "mode": "asynchronous",
            "scope": "remote",
        }
    )
    assert block.judged_by() == ("storage.dr_replication",)
    assert block.objective == "remote.any"
