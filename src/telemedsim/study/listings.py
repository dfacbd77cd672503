"""What commands list without running anything: the catalogue's rows, a topology's tables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from telemedsim.catalogue.listing import TOPICS, records
from telemedsim.catalogue.load import catalogue
from telemedsim.core.errors import TelemedsimError, suggestion
from telemedsim.network.links import ResolvedLink, resolve_links

if TYPE_CHECKING:
    import pandas as pd

    from telemedsim.model.topology import Topology

BPS_PER_MBPS = 1e6


def topology_table(topology: "Topology", what: str) -> "pd.DataFrame":
    """Return the sites, the links, or a count of both by tier and technology."""
    import pandas as pd

    builders = {"summary": _summary, "sites": _sites, "links": _links}
    if what not in builders:
        raise TelemedsimError(
            f"a topology has no table '{what}'", remedy=suggestion(what, list(builders))
        )
    return pd.DataFrame(builders[what](topology))


def _sites(topology: "Topology") -> list[Mapping[str, Any]]:
    return [
        {
            "site": site.id,
            "name": site.name,
            "tier": site.tier,
            "latitude": site.latitude,
            "longitude": site.longitude,
            "beds": site.beds,
            "annual_tb": site.annual_tb,
            "operator": site.operator,
        }
        for site in topology.sites
    ]


def _links(topology: "Topology") -> list[Mapping[str, Any]]:
    return [_link(link) for link in resolve_links(topology, catalogue())]


def _link(link: ResolvedLink) -> Mapping[str, Any]:
    return {
        "link": link.id,
        "from_site": link.ends[0].split(".", 1)[0],
        "to_site": link.ends[1].split(".", 1)[0],
        "technology": link.technology,
        "rate_up_mbps": link.rates_bps[0] / BPS_PER_MBPS,
        "rate_down_mbps": link.rates_bps[1] / BPS_PER_MBPS,
        "distance_km": round(link.distance_km, 1),
        "delay_ms": round(link.propagation_ns / 1e6, 3),
        "operator": link.operator,
        "role": "active" if link.active else "standby",
        "monthly_cost": round(link.monthly_cost, 1),
    }


def _summary(topology: "Topology") -> list[Mapping[str, Any]]:
    """Return counts: sites by tier, then links by technology."""
    links = resolve_links(topology, catalogue())
    tiers = [site.tier for site in topology.sites]
    rows: list[Mapping[str, Any]] = [
        {"of": "sites", "kind": tier, "count": tiers.count(tier), "rate_up_mbps": None}
        for tier in catalogue().tiers
        if tier in tiers
    ]
    for technology in dict.fromkeys(link.technology for link in links):
        rates = [
            link.rates_bps[0] / BPS_PER_MBPS for link in links if link.technology == technology
        ]
        rows.append(
            {"of": "links", "kind": technology, "count": len(rates), "rate_up_mbps": sum(rates)}
        )
    return rows


def topics() -> dict[str, str]:
    """Return the topics of the catalogue and what each lists."""
    return dict(TOPICS)


def catalogue_frame(topic: str, name: str | None = None) -> "pd.DataFrame":
    """Return a topic's rows, or those whose id begins with ``name``."""
    import pandas as pd

    if topic not in TOPICS:
        raise TelemedsimError(f"no topic '{topic}'", remedy=suggestion(topic, list(TOPICS)))
    rows = records(catalogue(), topic)
    found = [row for row in rows if name is None or str(row["id"]).startswith(name)]
    if not found:
        raise TelemedsimError(
            f"no row '{name}' in {topic}",
            remedy=suggestion(name or "", [str(row["id"]) for row in rows]),
        )
    return pd.DataFrame(found)
