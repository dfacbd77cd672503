"""The shipped country: what its recipe builds.

Building takes some twenty seconds in each process: what needs the whole country is left to the night. By
day the README's command builds it.
"""

from collections import Counter
from pathlib import Path

import pytest

from telemedsim.catalogue.load import catalogue
from telemedsim.core.great_circle import great_circle_km
from telemedsim.geography import Built, build_country, build_region, country_recipe
from telemedsim.geography.country import county_shares, shipped_country
from telemedsim.geography.demand import demand_of
from telemedsim.geography.divisions import provinces
from telemedsim.geography.places import Place
from telemedsim.model.load import load_recipe

RECIPE = Path(__file__).parents[2] / "topologies" / "country.yaml"


@pytest.fixture(scope="module")
def built(places: tuple[Place, ...]) -> Built:
    return build_region(load_recipe(RECIPE), places=places)


def test_the_shipped_recipe_is_small_and_is_the_country() -> None:
    shipped = load_recipe(RECIPE).model_copy(update={"description": ""})
    assert shipped == country_recipe()
    assert RECIPE.stat().st_size < 4096


@pytest.mark.nightly
def test_order_of_the_places_does_not_matter(built: Built, places: tuple[Place, ...]) -> None:
    assert build_country(places=places[::-1]).text == built.text


def test_the_provinces_are_those_that_the_white_paper_counts() -> None:
    """The divisions of the rank of a province are 22; the paper gives only their number."""
    ranked = [one.name for one in provinces() if one.name_zh.endswith("省")]
    listed = [one.name for one in shipped_country().provinces]
    assert sorted(listed) == sorted(ranked)
    assert len(listed) == catalogue().number("provinces_with_platform")


@pytest.mark.nightly
def test_counts_are_those_of_the_white_paper(built: Built) -> None:
    tiers = Counter(site.tier for site in built.sites)
    assert tiers["county"] == catalogue().number("counties_covered")
    assert len(built.sites) == catalogue().number("institutions_connected")
    assert (tiers["national"], tiers["provincial"]) == (1, 22)
    assert tiers["municipal"] + len(built.missing) == 281


@pytest.mark.nightly
def test_each_province_has_its_share_of_the_counties(built: Built) -> None:
    """The largest remainders leave no province a whole county off its exact share."""
    country = shipped_country()
    divisions = sum(one.county_divisions for one in country.provinces)
    names = [one.name for one in country.provinces]
    shares = county_shares(country, names, country.counties.value)
    codes = {one.name: one.code for one in provinces()}
    found = Counter(site.place.province_code for site in built.sites if site.tier == "county")
    for one in country.provinces:
        assert found[codes[one.name]] == shares[one.name]
        exact = country.counties.value * one.county_divisions / divisions
        assert abs(found[codes[one.name]] - exact) < 1


@pytest.mark.nightly
def test_the_header_says_how_many_counties_the_data_lacks(built: Built) -> None:
    header = built.text.partition("\nsites:")[0]
    assert "1800 county hospitals for 2340 divisions, 540 are missing" in header
    assert "Guizhou 68 of 88" in header


@pytest.mark.nightly
def test_known_cities_are_where_they_are(built: Built) -> None:
    """Namesakes in two provinces (Suzhou, Fuzhou, Yichun, Taizhou) are all there."""
    by_id = {site.id: site for site in built.sites}
    shenzhen = by_id["shenzhen-municipal"].place
    assert great_circle_km(22.54, 114.06, shenzhen.latitude, shenzhen.longitude) < 20
    names = Counter(site.place.name for site in built.sites if site.tier == "municipal")
    assert {name for name, count in names.items() if count == 2} >= {"Suzhou", "Taizhou", "Fuzhou"}


@pytest.mark.nightly
def test_a_site_is_served_inside_its_province_by_the_tier_above(built: Built) -> None:
    order = ("national", "provincial", "municipal", "county", "grassroots")
    by_id = {site.id: site for site in built.sites}
    for site in built.sites:
        if site.tier == "national":
            continue
        parent = by_id[site.parent]
        assert order.index(parent.tier) == order.index(site.tier) - 1
        if site.tier != "provincial":
            assert parent.place.province_code == site.place.province_code


@pytest.mark.nightly
def test_ids_are_unique_and_each_site_has_its_line(built: Built) -> None:
    ids = [site.id for site in built.sites]
    assert len(set(ids)) == len(ids)
    active = Counter(line.lower for line in built.lines if not line.standby_of)
    assert active == Counter(ids[1:])


@pytest.mark.nightly
def test_its_year_closes_with_the_remote_services_of_the_white_paper(built: Built) -> None:
    demand = demand_of(built.sites)
    assert demand.services_a_year == pytest.approx(catalogue().number("remote_services_per_year"))
    assert "60,000,000 remote services a year" in built.text
    assert "51,000,000 diagnoses, 6,000,000 consultations, 3,000,000 lessons" in built.text
    assert "240,000 on each of 250 working days" in built.text
