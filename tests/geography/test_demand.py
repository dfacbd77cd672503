"""A region's yearly demand is its share of what the white paper counts."""

import pytest

from telemedsim.catalogue.load import catalogue
from telemedsim.geography import build_province
from telemedsim.geography.demand import demand_of
from telemedsim.geography.places import Place


def test_the_shares_of_the_kinds_make_a_whole() -> None:
    assert sum(catalogue().value("remote_service_shares").values()) == pytest.approx(1)


def test_services_go_by_the_number_of_sites_and_images_by_their_sizes(
    places: tuple[Place, ...],
) -> None:
    built = build_province("Hainan", places=places)
    demand = demand_of(built.sites)
    part = len(built.sites) / 13_000
    assert demand.services_a_year == pytest.approx(60e6 * part)
    assert demand.services["diagnosis"] == pytest.approx(0.85 * 60e6 * part)
    assert demand.images_tb == pytest.approx(sum(site.annual_tb for site in built.sites))
    assert f"{60e6 * part:,.0f} remote services a year" in built.text
