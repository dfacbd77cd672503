"""From places to sites: who stands where, how large, and which site serves it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telemedsim.core.errors import TelemedsimError
from telemedsim.core.great_circle import great_circle_km
from telemedsim.geography.divisions import Divisions, Province, Seats, find_seats
from telemedsim.geography.places import Place, plain
from telemedsim.geography.rules import Rules


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """A site of a built topology; ``parent`` serves it, at ``parent_km`` (great circle)."""

    id: str
    name: str
    tier: str
    place: Place
    parent: str
    parent_km: float
    scale: str = ""
    beds: int = 0
    annual_tb: float = 0.0


def place_sites(
    province: Province, divisions: Divisions | None, places: Sequence[Place], rules: Rules
) -> tuple[tuple[BuiltSite, ...], Seats | None]:
    """Return all sites, the upper tiers first, and the seats where a list of divisions is shipped.

    Raises TelemedsimError where the data holds too few places to build a province.
    """
    own = [place for place in places if place.province_code == province.code]
    capital = city(province.capital, own)
    national = city(rules.national_centre, places)
    seats = find_seats(divisions, own) if divisions else None
    top = rules.national_centre
    centre = site_at(f"{slug(top)}-national", f"{top} national centre", "national", national, None)
    title = f"{province.name} provincial centre {province.name_zh}"
    centres = [
        centre,
        site_at(f"{slug(province.name)}-provincial", title, "provincial", capital, centre),
    ]
    if seats is not None:
        municipal, county = _listed(seats, centres[1])
    else:
        municipal, county = _by_population(own, capital, centres[1], rules)
    upper = [*centres, *municipal, *county]
    taken = {site.place.number for site in upper}
    rest = [place for place in own if place.number not in taken]
    rest.sort(key=lambda place: (slug(place.name), place.number))
    sites = [*upper, *hospitals(rest, "grassroots", county or municipal)]
    return tuple(sized(site, rules) for site in sites), seats


def slug(name: str) -> str:
    """Return a name as a safe identifier.

    >>> slug("Xi’an"), slug("Inner Mongolia")
    ('xian', 'inner-mongolia')
    """
    words = (plain(word) for word in name.replace("-", " ").split())
    return "-".join("".join(c for c in word if c.isascii()) for word in words if word)


def distance_km(first: Place, second: Place) -> float:
    """Return the great-circle distance of two places in km."""
    return great_circle_km(first.latitude, first.longitude, second.latitude, second.longitude)


def city(name: str, places: Sequence[Place]) -> Place:
    """Return the most populous place of a name; TelemedsimError where there is none."""
    found = [place for place in places if plain(place.name) == plain(name)]
    if not found:
        raise TelemedsimError(f"the place data holds no city '{name}'")
    return max(found, key=lambda place: (place.population, -place.number))


def site_at(
    site_id: str, name: str, tier: str, place: Place, parent: BuiltSite | None
) -> BuiltSite:
    """Return a site without its size, at its distance from the site that serves it."""
    km = distance_km(place, parent.place) if parent else 0.0
    return BuiltSite(site_id, name, tier, place, parent.id if parent else "", km)


def _listed(seats: Seats, centre: BuiltSite) -> tuple[list[BuiltSite], list[BuiltSite]]:
    municipal = {
        prefecture.name: site_at(
            f"{slug(place.name)}-municipal",
            f"{place.name} municipal hospital {prefecture.name_zh}",
            "municipal", place, centre,
        )
        for prefecture, place in seats.prefectures
    }  # fmt: skip
    county = [
        site_at(
            f"{slug(division.name)}-county",
            f"{division.name} {division.kind} hospital {division.name_zh}",
            "county", place, municipal[division.prefecture],
        )
        for division, place in seats.counties
    ]  # fmt: skip
    return list(municipal.values()), county


def _by_population(
    places: Sequence[Place], capital: Place, centre: BuiltSite, rules: Rules
) -> tuple[list[BuiltSite], list[BuiltSite]]:
    limits = rules.by_population
    ranked = sorted(
        places, key=lambda place: (place is not capital, -place.population, place.number)
    )
    cities = places_apart(
        ranked, limits.municipal_least, limits.municipal_apart_km, limits.municipal_most
    )
    cities = cities or [capital]
    others = [place for place in ranked if place not in cities]
    towns = places_apart(others, limits.county_least, limits.county_apart_km, limits.county_most)
    municipal = hospitals(cities, "municipal", [centre])
    return municipal, hospitals(towns, "county", municipal)


def hospitals(places: Sequence[Place], tier: str, parents: Sequence[BuiltSite]) -> list[BuiltSite]:
    """Return a hospital of a tier for each place, each served by the nearest of the parents.

    Only the parents of its own province count where there are some.
    """
    served_by: dict[str, list[BuiltSite]] = {}
    for parent in parents:
        served_by.setdefault(parent.place.province_code, []).append(parent)
    suffix, title = ("", "township") if tier == "grassroots" else (f"-{tier}", tier)
    slugs = [slug(place.name) for place in places]
    counts = Counter(slugs)
    sites = []
    for place, word in zip(places, slugs, strict=True):
        alone = word and counts[word] == 1
        # Namesakes carry GeoNames' number, so that no id depends on the order of places.
        name = word if alone else f"{word or 'place'}-{place.number}"
        title_zh = f"{place.name} {title} hospital {place.name_zh}".rstrip()
        parent = _nearest(place, served_by.get(place.province_code, parents))
        sites.append(site_at(name + suffix, title_zh, tier, place, parent))
    return sites


def places_apart(ranked: Sequence[Place], least: int, apart_km: float, most: int) -> list[Place]:
    """Return the first places of at least a population that lie so far apart, at most so many."""
    chosen: list[Place] = []
    for place in ranked:
        if place.population < least or len(chosen) == most:
            continue
        if all(distance_km(place, other) >= apart_km for other in chosen):
            chosen.append(place)
    return chosen


def _nearest(place: Place, sites: Sequence[BuiltSite]) -> BuiltSite:
    return min(sites, key=lambda site: (distance_km(place, site.place), site.id))


def sized(site: BuiltSite, rules: Rules) -> BuiltSite:
    """Return a site with the scale, beds and volume that its place's population gives it."""
    population = site.place.population or rules.unrecorded_population[site.tier]
    steps = [step for step in rules.tier_scales[site.tier] if step.from_population <= population]
    scale = steps[-1].scale
    low, high = rules.population_ranges[site.tier]
    share = math.log(population / low) / math.log(high / low)
    share = min(1.0, max(0.0, share))
    sizes = rules.scales[scale]
    return replace(
        site,
        scale=scale,
        beds=round(sizes.beds[0] + share * (sizes.beds[1] - sizes.beds[0])),
        annual_tb=round(sizes.annual_tb[0] + share * (sizes.annual_tb[1] - sizes.annual_tb[0]), 1),
    )
