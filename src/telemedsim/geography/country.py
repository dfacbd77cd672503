"""The country's provinces: the list of them, and the seats of their share of the county hospitals.

No list of county-level divisions with their seats is shipped for all provinces. Each province gets
its share of the counties that are asked for, at the places that most look like seats.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from pydantic import Field

from telemedsim.core.errors import TelemedsimError
from telemedsim.core.frozen import Frozen
from telemedsim.geography.divisions import Province, read_data
from telemedsim.geography.places import Place, spellings
from telemedsim.geography.rules import Rules
from telemedsim.geography.seats import (
    ProvinceSeats,
    by_name,
    city,
    distance_km,
    of_province,
    places_apart,
    townships,
)

COUNTY_RANKS_ZH = ("县", "市", "区", "旗")
"""Last characters of the Chinese names of county-level divisions."""


class Figure(Frozen):
    """A number with where it comes from."""

    value: int
    source: str
    confidence: str


class ListedProvince(Frozen):
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
    provinces: tuple[ListedProvince, ...] = Field(min_length=1)


@cache
def shipped_country() -> Country:
    """Return the list of the data file."""
    return Country(**read_data("country.yaml"))


def county_shares(country: Country, provinces: Sequence[str], hospitals: int) -> Mapping[str, int]:
    """Return how many county hospitals each province gets: its share, by largest remainders.

    No province gets more than it has county-level divisions. Raises TelemedsimError for a province
    that is not among the country's.

    >>> country = shipped_country()
    >>> county_shares(country, ["Hainan", "Qinghai"], 30)
    {'Hainan': 11, 'Qinghai': 19}
    """
    divisions = {one.name: one.county_divisions for one in country.provinces}
    unknown = [name for name in provinces if name not in divisions]
    if unknown:
        raise TelemedsimError(
            f"no number of counties is listed for {', '.join(unknown)}, so that county hospitals"
            " cannot be shared out",
            remedy="leave out county_hospitals, or these provinces",
        )
    total = sum(divisions[name] for name in provinces)
    wanted = min(hospitals, total)
    whole = {name: wanted * divisions[name] // total for name in provinces}
    rest = {name: wanted * divisions[name] % total for name in provinces}
    ranked = sorted(rest, key=lambda name: (-rest[name], name))
    for name in ranked[: wanted - sum(whole.values())]:
        whole[name] += 1
    return whole


def shared_seats(
    province: Province, country: Country, share: int, places: Sequence[Place], rules: Rules
) -> ProvinceSeats:
    """Return the seats of a province that gets a share of the county hospitals."""
    listed = next(one for one in country.provinces if one.name == province.name)
    own = of_province(province, places)
    cities, missing = _prefecture_seats(listed, own)
    taken = {place.number for place in cities}
    rest = [place for place in own if place.number not in taken]
    towns = _county_seats(rest, share, rules)
    return ProvinceSeats(
        province,
        city(province.capital, own),
        by_name(cities, "municipal"),
        by_name(towns, "county"),
        townships(own, [*cities, *towns]),
        missing,
        (),
    )


def _prefecture_seats(
    listed: ListedProvince, own: Sequence[Place]
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


def shares_report(country: Country, provinces: Sequence[ProvinceSeats]) -> tuple[str, ...]:
    """Return what was found of the provinces' divisions, in lines of words."""
    listed = {one.name: one for one in country.provinces}
    rows = [(listed[one.province.name], len(one.county)) for one in provinces]
    divisions = sum(one.county_divisions for one, _ in rows)
    hospitals = sum(count for _, count in rows)
    lines = [
        f"county-level divisions: {hospitals} county hospitals for {divisions} divisions,"
        f" {divisions - hospitals} are missing;",
        "assumed: no list of their seats is shipped, so the most populous places that lie apart,",
        "then places named as counties, stand for them. By province (hospitals of divisions):",
    ]
    words = [f"{one.name} {count} of {one.county_divisions}" for one, count in rows]
    lines += [f"  {', '.join(words[at : at + 5])}" for at in range(0, len(words), 5)]
    seats = sum(len(one.prefecture_seats) for one, _ in rows)
    missing = [seat for one in provinces for seat in one.missing]
    lines.append(f"prefecture seats: {seats - len(missing)} of {seats} are held by the place data")
    lines += [f"  missing: {', '.join(missing)}"] if missing else []
    return tuple(lines)
