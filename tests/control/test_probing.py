"""Probes of connections: both directions, the whole window, shared with transfers."""

from dataclasses import replace

from control.control_plans import PROBE, READING_CLASS, NominalPlane, S, Star
from control.test_image_reading import reading
from telemedsim.control.world import simulate
from telemedsim.network.work import ConnectionWork


def connection(star: Star, site: str = "s0") -> ConnectionWork:
    return ConnectionWork(
        connection="lines",
        service="conn.county_hospital",
        class_index=READING_CLASS,
        place=star.place(site),
        towards=star.place("centre"),
        probe=PROBE,
    )


def test_a_connection_is_probed_both_ways_until_the_end() -> None:
    star = Star(2)
    plane = NominalPlane()
    works = [connection(star, "s0"), connection(star, "s1")]
    control, _ = simulate(star.plan([], 600 * S, works), plane)
    assert [(leg.site, leg.direction, leg.peer) for leg in control.legs] == [
        ("s0", "up", "centre"),
        ("s0", "down", "centre"),
        ("s1", "up", "centre"),
        ("s1", "down", "centre"),
    ]
    for leg in control.legs:
        stream = plane.streams[leg.flow]
        assert (leg.session, leg.scenario, leg.kind) == (-1, "lines", "connection")
        assert stream.tree.interface == leg.path
        assert stream.stop_ns == 600 * S
        assert leg.provisioned_bps == 20_000_000
    assert len({stream.key for stream in plane.streams.values()}) == 4


def test_a_probe_serves_both_a_connection_and_the_transfers_of_its_path() -> None:
    star = Star(1)
    work = replace(reading(star), terminals_at=star.place("s0"), cache_at=star.place("s0"))
    control, _ = simulate(star.plan([work], 600 * S, [connection(star)]), NominalPlane())
    kinds = [leg.kind for leg in control.legs]
    assert kinds.count("connection") == 2
    assert kinds.count("probe") == 0
    down = next(leg for leg in control.legs if leg.kind == "connection" and leg.direction == "down")
    assert {leg.probe_leg for leg in control.legs if leg.role == "reader"} == {down.leg}
