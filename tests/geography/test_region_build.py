"""Several provinces in one topology, shares of hospitals, and places that several institutions share."""

from collections import Counter, defaultdict

import pytest

from telemedsim.core.errors import TelemedsimError
from telemedsim.core.great_circle import great_circle_km
from telemedsim.geography import Built, build_province, build_region, recipe_of
from telemedsim.geography.divisions import province_named
from telemedsim.geography.places import Place
from telemedsim.geography.rules import shipped_rules

PROVINCES = ("Guizhou", "Hainan", "Ningxia")
"""With a list of divisions, with listed prefecture seats, and with neither."""


@pytest.fixture(scope="module")
def built(places: tuple[Place, ...]) -> Built:
    return build_region(recipe_of(PROVINCES), places=places)


def _standing(built: Built) -> set[tuple[str, int]]:
    return {(site.tier, site.place.number) for site in built.sites}


def test_the_sites_are_those_of_each_province_and_one_national_centre(
    built: Built, places: tuple[Place, ...]
) -> None:
    alone = [build_province(name, places=places) for name in PROVINCES]
    assert _standing(built) == set.union(*(_standing(one) for one in alone))
    assert len(built.sites) == sum(len(one.sites) - 1 for one in alone) + 1
    for one in alone:
        assert set(one.missing) <= set(built.missing)


def test_ids_are_unique_and_all_sites_reach_the_national_centre(built: Built) -> None:
    ids = [site.id for site in built.sites]
    assert len(set(ids)) == len(ids)
    serves = {line.lower: line.upper for line in built.lines if not line.standby_of}
    assert set(serves) == set(ids[1:])
    for site in ids:
        steps = 0
        while site != ids[0]:
            site, steps = serves[site], steps + 1
            assert steps <= 4, "there are four tiers below the national one"


def test_no_line_but_those_of_the_provincial_centres_leaves_its_province(built: Built) -> None:
    by_id = {site.id: site for site in built.sites}
    for line in built.lines:
        lower, upper = by_id[line.lower], by_id[line.upper]
        if lower.tier != "provincial":
            assert lower.place.province_code == upper.place.province_code


def test_the_same_recipe_gives_the_same_bytes(built: Built, places: tuple[Place, ...]) -> None:
    assert build_region(recipe_of(PROVINCES), places=places[::-1]).text == built.text
    assert '--province "Guizhou" --province "Hainan" --province "Ningxia"' in built.text
    assert "name: guizhou-hainan-ningxia" in built.text


def test_namesakes_in_two_provinces_are_told_apart() -> None:
    places = [
        Place(1, "Beijing", (), 40.0, 116.0, 9_000_000, "22"),
        Place(2, "Chengdu", (), 30.6, 104.0, 5_000_000, "32"),
        Place(3, "Hangzhou", (), 30.3, 120.2, 5_000_000, "02"),
        Place(8, "Xinmin", (), 30.1, 104.1, 900, "32"),
        Place(9, "Xinmin", (), 30.2, 120.3, 900, "02"),
    ]
    built = build_region(recipe_of(["Sichuan", "Zhejiang"]), places=places)
    by_id = {site.id: site for site in built.sites}
    assert by_id["xinmin-8"].parent == "chengdu-municipal"
    assert by_id["xinmin-9"].parent == "hangzhou-municipal"


def test_county_hospitals_are_shared_out_by_the_number_of_counties(
    places: tuple[Place, ...],
) -> None:
    """25 and 44 county-level divisions: 20 hospitals are 7.2 and 12.8 of them."""
    recipe = recipe_of(["Hainan", "Qinghai"], county_hospitals=20)
    built = build_region(recipe, places=places)
    found = Counter(site.place.province_code for site in built.sites if site.tier == "county")
    assert found == {province_named("Hainan").code: 7, province_named("Qinghai").code: 13}
    assert "20 county hospitals for 69 divisions, 49 are missing" in built.text


def test_where_places_run_out_several_institutions_share_one(places: tuple[Place, ...]) -> None:
    """The n-th stands n - 1 offsets east of the first; no place gets a third before all have two."""
    alone = build_province("Hainan", places=places)
    first = {site.place.number: site for site in alone.sites if site.tier == "grassroots"}
    wanted = len(alone.sites) + len(first) + 5
    built = build_region(recipe_of(["Hainan"], institutions=wanted), places=places)
    assert len(built.sites) == wanted
    assert len({site.id for site in built.sites}) == wanted
    groups = defaultdict(list)
    for site in built.sites:
        if site.tier == "grassroots":
            groups[site.place.number].append(site)
    assert Counter(len(group) for group in groups.values()) == {3: 5, 2: len(first) - 5}
    for number, group in groups.items():
        origin = first[number]
        assert group[0] == origin
        for nth, site in enumerate(group[1:], 1):
            there = great_circle_km(
                origin.place.latitude, origin.place.longitude,
                site.place.latitude, site.place.longitude,
            )  # fmt: skip
            offset_km = nth * shipped_rules().shared_place_offset_km
            assert there == pytest.approx(offset_km, rel=1e-6)
            assert site.place.longitude > origin.place.longitude
            assert site.id == f"{site.id.rsplit('-', 2)[0]}-{number}-{nth + 1}"
    assert f"{len(first) + 5} townships share that of another one, each 2 km" in built.text


def test_fewer_institutions_keep_the_remotest_townships(places: tuple[Place, ...]) -> None:
    alone = build_province("Hainan", places=places)
    fewer = build_region(recipe_of(["Hainan"], institutions=len(alone.sites) - 10), places=places)
    kept = {site.id for site in fewer.sites}
    dropped = [site.parent_km for site in alone.sites if site.id not in kept]
    assert len(dropped) == 10
    assert max(dropped) <= min(s.parent_km for s in fewer.sites if s.tier == "grassroots")


@pytest.mark.parametrize(
    ("recipe", "message", "remedy"),
    [
        (recipe_of(["Tibet"], county_hospitals=9), "counties is listed for Tibet", "leave out"),
        (recipe_of(["Hainan", "海南"]), "named twice: Hainan", "once"),
    ],
)
def test_a_recipe_that_cannot_be_followed_says_why(recipe, message: str, remedy: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TelemedsimError, match=message) as caught:
        build_region(recipe, places=())
    assert remedy in str(caught.value.remedy)
