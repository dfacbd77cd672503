"""A link's figures: its own before its technology's, in the engine's units."""

import pytest

from telemedsim.catalogue.load import catalogue
from telemedsim.core.great_circle import great_circle_km
from telemedsim.model.topology import Topology
from telemedsim.network.links import ResolvedLink, campus_node, node_names, resolve_links

BASE = {
    "telemedsim": 1,
    "kind": "topology",
    "name": "two",
    "sites": [
        {
            "id": "low",
            "tier": "county",
            "latitude": 26.0,
            "longitude": 106.0,
            "campus": {"technology": "campus"},
        },
        {"id": "high", "tier": "provincial", "latitude": 27.0, "longitude": 107.0},
    ],
}


def resolve(**link: object) -> tuple[ResolvedLink, ...]:
    own = {"id": "line", "ends": ["low", "high"], "technology": "sdh", **link}
    topology = Topology.model_validate({**BASE, "links": [own]})
    return resolve_links(topology, catalogue())


def test_distance_is_the_great_circle_times_the_route_factor() -> None:
    line = resolve()[0]
    row = catalogue().technologies["sdh"]
    route_km = great_circle_km(26.0, 106.0, 27.0, 107.0) * row.route_factor
    assert line.distance_km == pytest.approx(route_km, rel=1e-12)
    fibre_ns = route_km * row.propagation_us_per_km * 1000
    assert line.propagation_ns == pytest.approx(fibre_ns + row.node_transit_us * 1000, abs=1)


def test_given_figures_replace_the_technologys() -> None:
    line = resolve(
        distance="100 km", rate_up="2 Mbit/s", rate_down="8 Mbit/s", propagation_fixed="3 ms",
        node_transit_us=0, propagation_us_per_km=5, overhead_bytes=0, queue_limit="64 kB",
        monthly_cost=12.5, loss={"kind": "independent", "probability": "1 %"},
    )[0]  # fmt: skip
    assert line.rates_bps == (2_000_000, 8_000_000)
    assert line.propagation_ns == 3_500_000
    assert (line.overhead_bytes, line.monthly_cost) == (0, 12.5)
    assert line.queue_limits == ((64_000, True), (64_000, True))
    assert line.loss.model_dump() == {"kind": "independent", "probability": 0.01}


def test_a_buffer_in_ms_grows_with_the_direction_s_rate() -> None:
    line = resolve(technology="4g", rate_up="10 Mbit/s", rate_down="30 Mbit/s")[0]
    (up_bytes, up_in_bytes), (down_bytes, down_in_bytes) = line.queue_limits
    assert up_in_bytes
    assert down_in_bytes
    assert down_bytes == 3 * up_bytes


def test_a_campus_is_a_node_and_a_link_behind_its_site() -> None:
    topology = Topology.model_validate({**BASE, "links": []})
    assert node_names(topology) == (("low", "low"), ("low.campus", "low"), ("high", "high"))
    campus = resolve()[-1]
    assert campus.ends == (campus_node(topology.sites[0]), "low")
    assert campus.technology == "campus"
