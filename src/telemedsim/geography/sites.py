"""From seats to sites: which site serves which, how large each is, and places that several share."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telemedsim.core.great_circle import EARTH_RADIUS_KM
from telemedsim.geography.places import Place
from telemedsim.geography.rules import Rules
from telemedsim.geography.seats import ProvinceSeats, Seat, city, distance_km, slug


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
    provinces: Sequence[ProvinceSeats],
    places: Sequence[Place],
    rules: Rules,
    institutions: int | None = None,
) -> tuple[BuiltSite, ...]:
    """Return the sites of some provinces and the national centre, the upper tiers first.

    Of ``institutions`` the townships farthest from their county hospital are kept; where places run
    out, several share one. Raises TelemedsimError where the data does not hold the national centre.
    """
    top = rules.national_centre
    centre_id, national = f"{slug(top)}-national", city(top, places)
    centre = _site_at(centre_id, f"{top} national centre", "national", national, None)
    provincial = [_provincial(one, centre) for one in provinces]
    municipal = _hospitals(_of_all(provinces, "municipal"), "municipal", provincial)
    county = _hospitals(_of_all(provinces, "county"), "county", municipal)
    led = {site.place.province_code for site in county}
    # Townships of a province without any county hospital are served by its cities.
    leaders = [*county, *(site for site in municipal if site.place.province_code not in led)]
    grassroots = _hospitals(_of_all(provinces, "grassroots"), "grassroots", leaders)
    upper = [centre, *provincial, *municipal, *county]
    if institutions is not None:
        wanted = max(0, institutions - len(upper))
        grassroots = _remotest(grassroots, wanted)
        hosts = _of_all(provinces, "grassroots") or _of_all(provinces, "county")
        grassroots += _sharing(hosts, wanted - len(grassroots), leaders, rules)
    return tuple(_sized(site, rules) for site in (*upper, *grassroots))


def _of_all(provinces: Sequence[ProvinceSeats], tier: str) -> list[Seat]:
    return [seat for one in provinces for seat in getattr(one, tier)]


def _site_at(
    site_id: str, name: str, tier: str, place: Place, parent: BuiltSite | None
) -> BuiltSite:
    """Return a site without its size, at its distance from the site that serves it."""
    km = distance_km(place, parent.place) if parent else 0.0
    return BuiltSite(site_id, name, tier, place, parent.id if parent else "", km)


def _provincial(seats: ProvinceSeats, centre: BuiltSite) -> BuiltSite:
    province = seats.province
    title = f"{province.name} provincial centre {province.name_zh}"
    return _site_at(f"{slug(province.name)}-provincial", title, "provincial", seats.capital, centre)


def _hospitals(seats: Sequence[Seat], tier: str, parents: Sequence[BuiltSite]) -> list[BuiltSite]:
    """Return the hospital of each seat, served as the seat says or by the nearest of the parents.

    Only the parents of its own province count where there are some.
    """
    parent_of = _Parents(parents)
    suffix = "" if tier == "grassroots" else f"-{tier}"
    counts = Counter(seat.word for seat in seats)
    sites = []
    for seat in seats:
        alone = seat.word and counts[seat.word] == 1
        # Namesakes carry GeoNames' number, so that no id depends on the order of places.
        name = seat.word if alone else f"{seat.word or 'place'}-{seat.place.number}"
        sites.append(_site_at(name + suffix, seat.name, tier, seat.place, parent_of(seat)))
    return sites


class _Parents:
    """Finds the site that serves a seat."""

    def __init__(self, parents: Sequence[BuiltSite]) -> None:
        self._all = parents
        self._by_place = {site.place.number: site for site in parents}
        self._by_province: dict[str, list[BuiltSite]] = {}
        for parent in parents:
            self._by_province.setdefault(parent.place.province_code, []).append(parent)

    def __call__(self, seat: Seat) -> BuiltSite:
        if seat.served_from is not None:
            return self._by_place[seat.served_from]
        near = self._by_province.get(seat.place.province_code, self._all)
        return min(near, key=lambda site: (distance_km(seat.place, site.place), site.id))


def _remotest(sites: Sequence[BuiltSite], most: int) -> list[BuiltSite]:
    """Return at most so many sites, those farthest from what serves them, in their order."""
    ranked = sorted(sites, key=lambda site: (-site.parent_km, site.place.number))
    kept = {site.id for site in ranked[:most]}
    return [site for site in sites if site.id in kept]


def _sharing(
    hosts: Sequence[Seat], count: int, leaders: Sequence[BuiltSite], rules: Rules
) -> list[BuiltSite]:
    """Return further townships at places that have one: a second at each, the most populous first, then a third.

    The n-th institution of a place stands n - 1 times the rule's offset east of it.
    """
    parent_of = _Parents(leaders)
    ranked = sorted(hosts, key=lambda seat: (-seat.place.population, seat.place.number))
    sites = []
    for number in range(max(0, count) if ranked else 0):
        nth, host = number // len(ranked) + 2, ranked[number % len(ranked)]
        place = _east_of(host.place, (nth - 1) * rules.shared_place_offset_km)
        seat = replace(host, place=place, served_from=None)
        name = f"{host.word or 'place'}-{place.number}-{nth}"
        title = f"{place.name} township hospital {nth} {place.name_zh}".rstrip()
        sites.append(_site_at(name, title, "grassroots", place, parent_of(seat)))
    return sites


def _east_of(place: Place, km: float) -> Place:
    """Return a place moved along its parallel."""
    radius_km = EARTH_RADIUS_KM * math.cos(math.radians(place.latitude))
    return replace(place, longitude=place.longitude + math.degrees(km / radius_km))


def _sized(site: BuiltSite, rules: Rules) -> BuiltSite:
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
