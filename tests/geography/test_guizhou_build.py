"""The shipped province: what is built, and that the committed file is what the builder makes."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from telemedsim.core.great_circle import great_circle_km
from telemedsim.geography import Built, build_province
from telemedsim.geography.places import Place
from telemedsim.geography.rules import shipped_rules

TOPOLOGIES = Path(__file__).parents[2] / "topologies"
GUIZHOU_BOX = (24.5, 29.3, 103.5, 109.7)
"""South, north, west, east: the province lies between 24°37' and 29°13' N, 103°36' and 109°35' E."""


@pytest.fixture(scope="module")
def built(places: tuple[Place, ...]) -> Built:
    return build_province("Guizhou", places=places)


def test_committed_file_is_what_the_builder_makes(built: Built) -> None:
    assert built.text == (TOPOLOGIES / "guizhou.yaml").read_text("utf-8")


def test_order_of_the_places_does_not_matter(built: Built, places: tuple[Place, ...]) -> None:
    assert build_province("Guizhou", places=places[::-1]).text == built.text


def test_every_tier_has_its_hospitals(built: Built) -> None:
    tiers = Counter(site.tier for site in built.sites)
    assert tiers["national"] == tiers["provincial"] == 1
    assert tiers["municipal"] == 9
    assert tiers["grassroots"] >= 150


def test_each_of_the_88_county_level_divisions_is_found_or_listed(built: Built) -> None:
    found = sum(site.tier == "county" for site in built.sites)
    assert found + len(built.missing) == 88
    assert all(name in built.text for name in built.missing)
    assert any(f"{found} of 88" in line for line in built.report)


def test_all_sites_but_the_national_centre_lie_inside_the_province(built: Built) -> None:
    south, north, west, east = GUIZHOU_BOX
    outside = [
        site.id
        for site in built.sites
        if not (south < site.place.latitude < north and west < site.place.longitude < east)
    ]
    assert outside == ["beijing-national"]


def test_county_seats_stand_where_the_public_list_has_them(built: Built) -> None:
    """Towns that share a county's name lie elsewhere: Qinglong, Suiyang and Longli are such."""
    by_id = {site.id: site for site in built.sites}
    assert by_id["jinping-county"].place.longitude == pytest.approx(109.2, abs=0.1)
    assert by_id["xishui-county"].place.latitude == pytest.approx(28.33, abs=0.05)
    for name in ("Qinglong 晴隆县", "Suiyang 绥阳县", "Longli 龙里县"):
        assert name in built.missing


def test_every_grassroots_site_is_served_by_the_nearest_county_hospital(built: Built) -> None:
    hospitals = [site for site in built.sites if site.tier == "county"]
    upper = {line.lower: line.upper for line in built.lines}
    for site in built.sites:
        if site.tier != "grassroots":
            continue
        distances = {
            hospital.id: great_circle_km(
                site.place.latitude, site.place.longitude,
                hospital.place.latitude, hospital.place.longitude,
            )
            for hospital in hospitals
        }  # fmt: skip
        assert distances[upper[site.id]] == min(distances.values())


def test_second_lines_are_of_another_operator_and_stand_by(built: Built) -> None:
    lines = {line.id: line for line in built.lines}
    standby = [line for line in built.lines if line.standby_of]
    assert len(standby) == 1 + 9
    for line in standby:
        first = lines[line.standby_of]
        assert (first.lower, first.upper) == (line.lower, line.upper)
        assert first.operator != line.operator


def test_grassroots_sites_use_every_access_the_paper_names(built: Built) -> None:
    access = Counter(line.technology for line in built.lines)
    rules = shipped_rules()
    sites = sum(site.tier == "grassroots" for site in built.sites)
    assert access["4g"] == round(rules.mobile_4g_share * sites)
    assert access["satellite_geo"] + access["satellite_leo"] == round(rules.satellite_share * sites)
    assert min(access["internet"], access["mpls_vpn"], access["mstp"], access["sdh"]) > 0


def test_satellites_serve_the_remotest_sites(built: Built) -> None:
    technology = {line.lower: line.technology for line in built.lines if not line.standby_of}
    sites = [site for site in built.sites if site.tier == "grassroots"]
    skyward = [s.parent_km for s in sites if technology[s.id].startswith("satellite")]
    others = [s.parent_km for s in sites if not technology[s.id].startswith("satellite")]
    assert min(skyward) >= max(others)


def test_lines_are_sized_by_the_paper(built: Built) -> None:
    """2 Mbit/s for each TB a year behind a line, and never under the tier's least bandwidth."""
    behind = {site.id: site.annual_tb for site in built.sites}
    for site in reversed(built.sites):
        if site.parent:
            behind[site.parent] += behind[site.id]
    tiers = {site.id: site.tier for site in built.sites}
    least = {"municipal": 200, "county": 20, "grassroots": 10}
    for line in built.lines:
        if "rate" in line.rates and tiers[line.lower] in least:
            value, unit = line.rates["rate"].split()
            mbps = float(value) * (1000 if unit == "Gbit/s" else 1)
            assert mbps >= max(2 * behind[line.lower], least[tiers[line.lower]])


def test_ids_are_unique_and_every_end_exists(built: Built) -> None:
    document = yaml.safe_load(built.text)
    ids = [site["id"] for site in document["sites"]]
    links = [link["id"] for link in document["links"]]
    assert len(ids) == len(set(ids))
    assert len(links) == len(set(links))
    assert {end for link in document["links"] for end in link["ends"]} == set(ids)


def test_the_file_says_whom_its_data_comes_from(built: Built) -> None:
    assert "GeoNames" in built.text
    assert "CC BY 4.0" in built.text


def test_sizing_for_the_own_volume_alone_needs_no_more_than_for_all(
    built: Built, places: tuple[Place, ...]
) -> None:
    own = shipped_rules().model_copy(update={"size_for": "own"})
    lone = build_province("Guizhou", rules=own, places=places)
    rates = {line.id: line.rates for line in built.lines}
    assert any(line.rates != rates[line.id] for line in lone.lines)
    assert {line.id for line in lone.lines} == set(rates)
