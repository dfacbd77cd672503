"""From sites to lines: technology, rate, operator, and second lines, by tier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from telemedsim.geography.rules import Rules
from telemedsim.geography.sites import BuiltSite


@dataclass(frozen=True, slots=True)
class BuiltLine:
    """A link of a built topology, from a site to the site that serves it."""

    id: str
    lower: str
    upper: str
    technology: str
    rates: Mapping[str, str]
    """``rate``, or ``rate_up`` and ``rate_down``, as text with its unit."""
    operator: str
    standby_of: str = ""
    distance_km: float | None = None
    """Given where the two ends share a coordinate; else the great circle holds."""


def lay_lines(sites: Sequence[BuiltSite], rules: Rules) -> tuple[BuiltLine, ...]:
    """Return the lines of all sites below the national centre, in the order of the sites."""
    volume = _carried_tb(sites, rules)
    access = _grassroots_access(sites, rules)
    return tuple(line for site in sites if site.parent for line in _of(site, volume, access, rules))


def _carried_tb(sites: Sequence[BuiltSite], rules: Rules) -> dict[str, float]:
    """Return the annual TB that each site's line carries towards the centre."""
    carried = {site.id: site.annual_tb for site in sites}
    if rules.size_for == "subtree":
        for site in reversed(sites):
            if site.parent:
                carried[site.parent] += carried[site.id]
    return carried


def _grassroots_access(sites: Iterable[BuiltSite], rules: Rules) -> dict[str, str]:
    """Return each grassroots site's technology: satellite and 4G for the remotest."""
    ranked = [site for site in sites if site.tier == "grassroots"]
    ranked.sort(key=lambda site: (-site.parent_km, site.id))
    satellites = round(rules.satellite_share * len(ranked))
    mobiles = round(rules.mobile_4g_share * len(ranked))
    access = {
        site.id: "satellite_leo" if number % 2 else "satellite_geo"
        for number, site in enumerate(ranked[:satellites])
    }
    access |= {site.id: "4g" for site in ranked[satellites : satellites + mobiles]}
    others = sorted(ranked[satellites + mobiles :], key=lambda site: (site.annual_tb, site.id))
    kinds = rules.technologies["grassroots"]
    small = round(rules.internet_share * len(others)) if kinds.small else 0
    access |= {site.id: str(kinds.small) for site in others[:small]}
    access |= {site.id: kinds.active for site in others[small:]}
    return access


def _of(
    site: BuiltSite, volume: Mapping[str, float], access: Mapping[str, str], rules: Rules
) -> Iterable[BuiltLine]:
    kinds = rules.technologies[site.tier]
    technology = access.get(site.id, kinds.active)
    in_town = rules.in_town_km if site.parent_km < rules.in_town_km else None
    rates = _rates(site, technology, volume[site.id], rules)
    name = f"{site.id}-line"
    yield BuiltLine(
        name, site.id, site.parent, technology, rates, rules.operators.active, "", in_town
    )
    if kinds.standby:
        yield BuiltLine(
            f"{site.id}-standby", site.id, site.parent, kinds.standby, rates,
            rules.operators.standby, name, in_town,
        )  # fmt: skip


def _rates(site: BuiltSite, technology: str, carried_tb: float, rules: Rules) -> dict[str, str]:
    fixed = {
        "4g": rules.mobile_4g,
        "satellite_geo": rules.satellite_geo,
        "satellite_leo": rules.satellite_leo,
    }
    if technology in fixed:
        return {"rate_up": fixed[technology].rate_up, "rate_down": fixed[technology].rate_down}
    if site.tier == "provincial":
        return {"rate": _text(rules.national_line_mbps)}
    needed = max(rules.minimum_mbps[site.tier], rules.uplink_mbps_per_annual_tb * carried_tb)
    offered = [mbps for mbps in rules.offered_mbps if mbps >= needed]
    return {"rate": _text(offered[0] if offered else rules.offered_mbps[-1])}


def _text(mbps: float) -> str:
    return f"{mbps / 1000:g} Gbit/s" if mbps >= 1000 else f"{mbps:g} Mbit/s"


def campus_rate(site: BuiltSite, rules: Rules) -> str | None:
    """Return the rate of a site's campus network as text, or None for a site without one."""
    mbps = rules.campus_mbps.get(site.tier)
    return None if mbps is None else _text(mbps)
