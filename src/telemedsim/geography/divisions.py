"""Provinces, prefectures and counties: public lists, and the places that are their seats."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import Field

from telemedsim.core.errors import TelemedsimError, nearest, shown
from telemedsim.core.frozen import Frozen
from telemedsim.core.great_circle import great_circle_km
from telemedsim.geography.places import Place, plain, spellings

SEAT_TOLERANCE_KM = 35.0
"""A place of the right name further from the listed position is another place of that name."""


class Province(Frozen):
    """A province-level division."""

    name: str
    name_zh: str
    code: str
    """GeoNames' first-level code."""
    capital: str


class Prefecture(Frozen):
    """A prefecture-level division and the place in which its government sits."""

    name: str
    name_zh: str
    seat: str
    near: tuple[float, float]


class County(Frozen):
    """A county-level division."""

    name: str
    name_zh: str
    prefecture: str
    kind: str
    near: tuple[float, float]
    """Latitude and longitude of the seat to a tenth of a degree."""
    also: tuple[str, ...] = ()


class Divisions(Frozen):
    """The list of a province's divisions."""

    province: str
    source: str
    confidence: str
    prefectures: tuple[Prefecture, ...] = Field(min_length=1)
    counties: tuple[County, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Seats:
    """Places found for divisions, and the county-level divisions that the data does not hold."""

    prefectures: tuple[tuple[Prefecture, Place], ...]
    counties: tuple[tuple[County, Place], ...]
    missing: tuple[County, ...]


class UnknownProvinceError(TelemedsimError):
    """A name that is not one of the province-level divisions."""


def read_data(name: str) -> Any:
    """Return the content of one of this room's YAML data files."""
    return yaml.safe_load(files("telemedsim.geography").joinpath("data", name).read_text("utf-8"))


@cache
def provinces() -> tuple[Province, ...]:
    """Return the province-level divisions that can be built."""
    return tuple(Province(**row) for row in read_data("provinces.yaml")["provinces"])


def province_named(name: str) -> Province:
    """Return the province of an English or Chinese name; raises `UnknownProvinceError`.

    >>> province_named("guizhou").capital
    'Guiyang'
    """
    by_name: dict[str, Province] = {}
    for province in provinces():
        for form in (plain(province.name), province.name_zh, _short(province.name_zh)):
            by_name[form] = province
    found = by_name.get(plain(name))
    if found is None:
        names = [province.name for province in provinces()]
        near = nearest(name, names)
        hint = f"did you mean '{near}'?" if near else f"use one of: {', '.join(names)}"
        raise UnknownProvinceError(f"unknown province {shown(name)}", remedy=hint)
    return found


def _short(name_zh: str) -> str:
    """Return a province's Chinese name without its rank."""
    for rank in ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"):
        if name_zh.endswith(rank):
            return name_zh.removesuffix(rank)
    return name_zh


@cache
def divisions_of(province: str) -> Divisions | None:
    """Return the shipped list of a province's divisions, or None where none is shipped."""
    name = f"divisions_{plain(province)}.yaml"
    if not files("telemedsim.geography").joinpath("data", name).is_file():
        return None
    return Divisions(**read_data(name))


def find_seats(divisions: Divisions, places: Sequence[Place]) -> Seats:
    """Return the place of each division's seat, by its names and within SEAT_TOLERANCE_KM.

    A place serves one county-level division only; a prefecture's seat may serve one as well.
    Raises TelemedsimError where a prefecture's seat is not among the places.
    """
    index = _index(places)
    prefectures = []
    for prefecture in divisions.prefectures:
        place = _nearest(index, (prefecture.seat,), prefecture.near, frozenset())
        if place is None:
            raise TelemedsimError(
                f"the place data holds no seat '{prefecture.seat}' near its position"
            )
        prefectures.append((prefecture, place))
    counties, missing, taken = [], [], frozenset[int]()
    for county in divisions.counties:
        names = (county.name, county.name_zh, *county.also)
        place = _nearest(index, names, county.near, taken)
        if place is None:
            missing.append(county)
        else:
            counties.append((county, place))
            taken |= {place.number}
    return Seats(tuple(prefectures), tuple(counties), tuple(missing))


def _index(places: Sequence[Place]) -> dict[str, list[Place]]:
    index: dict[str, list[Place]] = {}
    for place in places:
        forms = {form for name in (place.name, *place.also) for form in spellings(name)}
        for form in sorted(forms):
            index.setdefault(form, []).append(place)
    return index


def _nearest(
    index: dict[str, list[Place]],
    names: Iterable[str],
    near: tuple[float, float],
    taken: frozenset[int],
) -> Place | None:
    forms = sorted({form for name in names for form in spellings(name)})
    found = {
        place.number: (great_circle_km(*near, place.latitude, place.longitude), place)
        for form in forms
        for place in index.get(form, ())
        if place.number not in taken
    }
    ranked = sorted(found.values(), key=lambda pair: (pair[0], pair[1].number))
    if ranked and ranked[0][0] <= SEAT_TOLERANCE_KM:
        return ranked[0][1]
    return None
