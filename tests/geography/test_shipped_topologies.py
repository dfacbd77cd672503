"""The topologies that we ship are valid and are what their headers say."""

from pathlib import Path

import pytest

from telemedsim.model.load import load_topology

TOPOLOGIES = Path(__file__).parents[2] / "topologies"


@pytest.mark.parametrize(("name", "sites"), [("reference", 12), ("guizhou", 296)])
def test_a_shipped_topology_is_valid(name: str, sites: int) -> None:
    topology = load_topology(TOPOLOGIES / f"{name}.yaml")
    assert topology.name == name
    assert len(topology.sites) == sites
    assert "CC BY 4.0" in topology.attribution


def test_the_reference_has_every_tier_and_both_kinds_of_radio() -> None:
    topology = load_topology(TOPOLOGIES / "reference.yaml")
    tiers = [site.tier for site in topology.sites]
    assert {tier: tiers.count(tier) for tier in dict.fromkeys(tiers)} == {
        "national": 1, "provincial": 1, "municipal": 2, "county": 3, "grassroots": 4, "mobile": 1,
    }  # fmt: skip
    technologies = {link.technology for link in topology.links}
    assert {"sdh", "mstp", "mpls_vpn", "internet", "4g", "satellite_geo"} == technologies


def test_redundant_lines_are_of_different_operators() -> None:
    for name in ("reference", "guizhou"):
        links = {link.id: link for link in load_topology(TOPOLOGIES / f"{name}.yaml").links}
        for link in links.values():
            if link.standby_of:
                assert links[link.standby_of].operator != link.operator
