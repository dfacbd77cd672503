"""A link's figures made whole: its own where given, its technology's where not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from telemedsim.catalogue.load import Catalogue
from telemedsim.catalogue.rows import Technology
from telemedsim.core.great_circle import great_circle_km
from telemedsim.core.units import NS_PER_US
from telemedsim.model.topology import Link, Site, Topology
from telemedsim.parts.drop_policies import DropPolicy
from telemedsim.parts.impairments import DelayVariation, LossProcess
from telemedsim.parts.schedulers import Scheduler

RATES = {"rate_up_bps", "rate_down_bps", "monthly_cost"}
OVERRIDABLE = sorted(
    set(Technology.model_fields) & set(Link.model_fields) - {"id", "technology"} - RATES
)
"""Figures of a technology that a link may give itself."""
CAMPUS_SUFFIX = ".campus"


@dataclass(frozen=True)
class ResolvedLink:
    """Both directions of one link, in the engine's units; up is from ``ends[0]`` to ``ends[1]``."""

    id: str
    ends: tuple[str, str]
    """Names of nodes."""
    technology: str
    operator: str
    rates_bps: tuple[int, int]
    """Up, down."""
    distance_km: float
    propagation_ns: int
    overhead_bytes: int
    min_frame_bytes: int
    queue_limits: tuple[tuple[int, bool], tuple[int, bool]]
    """Up, down: (limit of each queue, True if in bytes)."""
    scheduler: Scheduler
    drop_policy: DropPolicy
    loss: LossProcess
    delay_variation: DelayVariation
    active: bool
    monthly_cost: float
    """Index: broadband Internet at 1 Mbit/s = 1."""


def campus_node(site: Site) -> str:
    """Return the node where a site's terminals, readers, rooms and viewers are."""
    return campus_nodes(site)[0] if site.campus is not None else site.id


def campus_nodes(site: Site) -> tuple[str, ...]:
    """Return the nodes of a site's access points, the first one without a number; none without a campus.

    >>> from telemedsim.model.topology import Campus
    >>> site = Site(id="a", tier="county", latitude=0, longitude=0)
    >>> campus_nodes(site.model_copy(update={"campus": Campus(technology="wifi", access_points=2)}))
    ('a.campus', 'a.campus-2')
    """
    if site.campus is None:
        return ()
    first = site.id + CAMPUS_SUFFIX
    return (first, *(f"{first}-{number + 2}" for number in range(site.campus.access_points - 1)))


def node_names(topology: Topology) -> tuple[tuple[str, str], ...]:
    """Return (node, site) for every node: each site, then its access points where it has a campus."""
    names: list[tuple[str, str]] = []
    for site in topology.sites:
        names.append((site.id, site.id))
        names += [(node, site.id) for node in campus_nodes(site)]
    return tuple(names)


def technologies_of(topology: Topology, catalogue: Catalogue) -> Mapping[str, Technology]:
    """Return the catalogue's technologies and the topology's own, which come first."""
    return {**catalogue.technologies, **{row.id: row for row in topology.technologies}}


def resolve_links(topology: Topology, catalogue: Catalogue) -> tuple[ResolvedLink, ...]:
    """Return every link, the topology's in the order of its file, then the campus links."""
    technologies = technologies_of(topology, catalogue)
    sites = {site.id: site for site in topology.sites}
    lines = []
    for link in topology.links:
        row = _with_own_figures(technologies[link.technology], link)
        lines.append(_resolve(link, row, _distance_km(link, row, sites)))
    length_km = catalogue.number("campus_route_km")
    return (*lines, *_campus_links(topology, technologies, length_km))


def _with_own_figures(row: Technology, link: Link) -> Technology:
    """Return the technology with every figure that the link itself gives in its place."""
    own = {name: getattr(link, name) for name in OVERRIDABLE}
    return row.model_copy(update={name: value for name, value in own.items() if value is not None})


def _distance_km(link: Link, row: Technology, sites: Mapping[str, Site]) -> float:
    """Return the given distance, or the great circle times the route factor."""
    if link.distance_km is not None:
        return link.distance_km
    lower, upper = (sites[end] for end in link.ends)
    direct = great_circle_km(lower.latitude, lower.longitude, upper.latitude, upper.longitude)
    return direct * row.route_factor


def _resolve(link: Link, row: Technology, distance_km: float) -> ResolvedLink:
    rates_bps = (
        link.rate_up_bps or link.rate_bps or row.rate_up_bps,
        link.rate_down_bps or link.rate_bps or row.rate_down_bps,
    )
    cost = row.monthly_cost(max(rates_bps), distance_km)
    return ResolvedLink(
        id=link.id,
        ends=link.ends,
        technology=row.id,
        operator=link.operator or "",
        rates_bps=rates_bps,
        distance_km=distance_km,
        propagation_ns=row.propagation_ns(distance_km) + round(row.node_transit_us * NS_PER_US),
        overhead_bytes=row.overhead_bytes,
        min_frame_bytes=row.min_frame_bytes,
        queue_limits=(_queue_limit(link, row, rates_bps[0]), _queue_limit(link, row, rates_bps[1])),
        scheduler=row.scheduler,
        drop_policy=row.drop_policy,
        loss=row.loss,
        delay_variation=row.delay_variation,
        active=link.role == "active",
        monthly_cost=cost if link.monthly_cost is None else link.monthly_cost,
    )


def _queue_limit(link: Link, row: Technology, rate_bps: int) -> tuple[int, bool]:
    """Return (limit, in bytes) of a direction: the link's own, else its technology's."""
    if link.queue_limit_packets is not None:
        return link.queue_limit_packets, False
    if link.queue_limit_bytes is not None:
        return link.queue_limit_bytes, True
    return row.queue_limit_of(rate_bps)


def _campus_links(
    topology: Topology, technologies: Mapping[str, Technology], length_km: float
) -> list[ResolvedLink]:
    """Return the links between each site's access points and its server room."""
    links = []
    for site in topology.sites:
        if site.campus is not None:
            link = Link(
                id=site.id + CAMPUS_SUFFIX,
                ends=(site.id, site.id),
                technology=site.campus.technology,
                rate_bps=site.campus.rate_bps,
                distance_km=length_km,
            )
            row = technologies[site.campus.technology]
            resolved = _resolve(link, row, length_km)
            links += [
                replace(resolved, id=node, ends=(node, site.id)) for node in campus_nodes(site)
            ]
    return links
