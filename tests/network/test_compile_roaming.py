"""Access points from files to the plan, and who may roam between them."""

from pathlib import Path

import pytest

import telemedsim as ts
from telemedsim.core.errors import TelemedsimError
from telemedsim.network.compile import compile_plan
from telemedsim.network.work import ReadingWork

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENT = ROOT / "experiments" / "imaging_cloud_application" / "mobile_imaging.yaml"


def test_each_access_point_is_a_link_of_its_own_to_the_server_room() -> None:
    plan = compile_plan(ts.load(EXPERIMENT))
    work = next(one for one in plan.work if one.scenario == "ward_round")
    assert isinstance(work, ReadingWork)
    assert work.roaming is not None
    points = work.roaming.access_points
    assert points[0] == work.terminals_at
    assert len({point.node for point in points}) == 6
    links = {plan.routes[point.node, work.cache_at.node] for point in points}
    assert len(links) == 6
    assert all(len(way) == 1 for way in links)
    assert work.roaming.handover_ns == 50_000_000
    assert work.roaming.piece_bytes % work.tcp.segment_bytes == 0


def test_a_kind_of_handover_has_its_time_and_a_given_time_comes_first() -> None:
    full = "scenarios.ward_round.roaming.handover=full_authentication"
    given = "scenarios.ward_round.roaming.handover_time=300 ms"
    found = []
    for changes in ([full], [full, given]):
        work = compile_plan(ts.load(EXPERIMENT, changes)).work[0]
        assert isinstance(work, ReadingWork)
        assert work.roaming is not None
        found.append(work.roaming.handover_ns)
    assert found == [1_000_000_000, 300_000_000]


def test_who_has_one_access_point_cannot_roam() -> None:
    with pytest.raises(TelemedsimError, match="no other access point to roam to at"):
        ts.load(EXPERIMENT, ["scenarios.on_call_reading.roaming={handover: fast_transition}"])
