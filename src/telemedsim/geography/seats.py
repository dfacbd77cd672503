"""Where the hospitals of a province stand: at listed seats, or at its most populous places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from telemedsim.core.errors import TelemedsimError
from telemedsim.core.great_circle import great_circle_km
from telemedsim.geography.divisions import Divisions, Province, Seats, find_seats
from telemedsim.geography.places import Place, plain
from telemedsim.geography.rules import Rules

TITLES = {"municipal": "municipal", "county": "county", "grassroots": "township"}
"""What hospitals of a tier are called."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A place that gets a hospital."""

    place: Place
    word: str
    """What the hospital's id is made of."""
    name: str
    served_from: int | None = None
    """Number of the place whose hospital serves it; None: the nearest one."""


@dataclass(frozen=True)
class ProvinceSeats:
    """The places of a province, told apart by the tier of what stands there."""

    province: Province
    capital: Place
    municipal: tuple[Seat, ...]
    county: tuple[Seat, ...]
    grassroots: tuple[Seat, ...]
    missing: tuple[str, ...]
    """Divisions that the place data does not hold."""
    report: tuple[str, ...]


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


def of_province(province: Province, places: Sequence[Place]) -> list[Place]:
    """Return a province's places by their numbers, so that their order decides nothing."""
    own = [place for place in places if place.province_code == province.code]
    return sorted(own, key=lambda place: place.number)


def seat_at(place: Place, tier: str) -> Seat:
    """Return the seat of a hospital that is named after its place."""
    title = f"{place.name} {TITLES[tier]} hospital {place.name_zh}".rstrip()
    return Seat(place, slug(place.name), title)


def by_name(places: Iterable[Place], tier: str) -> tuple[Seat, ...]:
    """Return the seats of a tier at some places, in the order of their names."""
    ordered = sorted(places, key=lambda place: (slug(place.name), place.number))
    return tuple(seat_at(place, tier) for place in ordered)


def townships(own: Iterable[Place], taken: Iterable[Place]) -> tuple[Seat, ...]:
    """Return the grassroots seats: a province's places at which nothing else stands."""
    numbers = {place.number for place in taken}
    return by_name((place for place in own if place.number not in numbers), "grassroots")


def listed_seats(
    province: Province, divisions: Divisions, places: Sequence[Place]
) -> ProvinceSeats:
    """Return the seats of a province whose divisions are listed, as far as the data holds them."""
    own = of_province(province, places)
    found = find_seats(divisions, own)
    by_prefecture = {prefecture.name: place.number for prefecture, place in found.prefectures}
    municipal = tuple(
        Seat(place, slug(place.name), f"{place.name} municipal hospital {prefecture.name_zh}")
        for prefecture, place in found.prefectures
    )
    county = tuple(
        Seat(
            place,
            slug(division.name),
            f"{division.name} {division.kind} hospital {division.name_zh}",
            by_prefecture[division.prefecture],
        )
        for division, place in found.counties
    )
    capital = city(province.capital, own)
    taken = [capital, *(seat.place for seat in (*municipal, *county))]
    missing = tuple(f"{one.name} {one.name_zh}" for one in found.missing)
    return ProvinceSeats(
        province, capital, municipal, county, townships(own, taken), missing, _listed_report(found)
    )


def _listed_report(seats: Seats) -> tuple[str, ...]:
    total = len(seats.counties) + len(seats.missing)
    lines = [
        f"county-level divisions: {len(seats.counties)} of {total} are held by the place data,"
        f" {len(seats.missing)} are missing:"
    ]
    for prefecture, _ in seats.prefectures:
        names = [f"{c.name} {c.name_zh}" for c in seats.missing if c.prefecture == prefecture.name]
        if names:
            lines.append(f"  {prefecture.name}: {', '.join(names)}")
    return tuple(lines)


def populous_seats(province: Province, places: Sequence[Place], rules: Rules) -> ProvinceSeats:
    """Return the seats of a province without a list: its most populous places that lie apart."""
    limits = rules.by_population
    own = of_province(province, places)
    capital = city(province.capital, own)
    ranked = sorted(own, key=lambda place: (place != capital, -place.population, place.number))
    cities = places_apart(
        ranked, limits.municipal_least, limits.municipal_apart_km, limits.municipal_most
    )
    cities = cities or [capital]
    numbers = {place.number for place in cities}
    others = [place for place in ranked if place.number not in numbers]
    towns = places_apart(others, limits.county_least, limits.county_apart_km, limits.county_most)
    return ProvinceSeats(
        province,
        capital,
        tuple(seat_at(place, "municipal") for place in cities),
        tuple(seat_at(place, "county") for place in towns),
        townships(own, [capital, *cities, *towns]),
        (),
        (
            "assumed: no list of divisions is shipped for this province, so its most populous"
            " places that lie apart stand for prefecture and county seats",
        ),
    )


def places_apart(ranked: Sequence[Place], least: int, apart_km: float, most: int) -> list[Place]:
    """Return the first places of at least a population that lie so far apart, at most so many."""
    chosen: list[Place] = []
    for place in ranked:
        if place.population < least or len(chosen) == most:
            continue
        if all(distance_km(place, other) >= apart_km for other in chosen):
            chosen.append(place)
    return chosen
