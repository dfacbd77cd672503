"""Which sites take part, by tier, name, scale or technology of access."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import ConfigDict, Field

from telemedsim.core.frozen import Frozen
from telemedsim.core.random_streams import draw_uniform, stream_key
from telemedsim.core.units import Ratio
from telemedsim.model.references import Names
from telemedsim.model.topology import Site, Topology
from telemedsim.model.words import Words


class Selector(Frozen):
    """Sites that meet every condition that is given; {} is every site."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    tier: Annotated[Words, Names(("tier",))] | None = None
    """One tier or several."""
    ids: Annotated[Words, Names(("site",), pattern=True)] | None = None
    """Identifiers or patterns with * and ?."""
    scale: Annotated[Words, Names(("scale",))] | None = None
    """One hospital scale or several."""
    technology: Annotated[Words, Names(("technology",))] | None = None
    """Technology of a site's own (lower-end) active link."""
    share: Annotated[Ratio, Field(gt=0)] = 1.0
    """Share of these sites; each site draws for itself, so that a new site moves no other."""
    except_ids: Annotated[Words, Names(("site",), pattern=True)] | None = Field(
        default=None, alias="except"
    )
    """Identifiers or patterns that are left out."""


def candidates(selector: Selector, topology: Topology) -> tuple[Site, ...]:
    """Return the sites that meet the conditions, before the share is drawn, in the file's order."""
    access = {} if selector.technology is None else access_technologies(topology)
    return tuple(site for site in topology.sites if _meets(selector, site, access.get(site.id, ())))


def select(selector: Selector, topology: Topology, seed: int, entity: str) -> tuple[Site, ...]:
    """Return the sites that take part in ``entity`` (a scenario's or connection's id).

    The share is drawn once for each site by (seed, entity, site), whatever other sites there are.
    """
    found = candidates(selector, topology)
    if selector.share >= 1.0:
        return found
    return tuple(site for site in found if _drawn(site, seed, entity) < selector.share)


def access_technologies(topology: Topology) -> dict[str, tuple[str, ...]]:
    """Return the technologies of each site's own active links: those whose first end it is."""
    found: dict[str, tuple[str, ...]] = {}
    for link in topology.links:
        if link.role == "active":
            found[link.ends[0]] = (*found.get(link.ends[0], ()), link.technology)
    return found


def matches_any(word: str, patterns: Iterable[str]) -> bool:
    """Return whether a word matches one of the patterns with * and ?.

    >>> matches_any("c1", ["c?"]), matches_any("c1", ["d*"])
    (True, False)
    """
    return any(fnmatchcase(word, pattern) for pattern in patterns)


def _drawn(site: Site, seed: int, entity: str) -> float:
    return draw_uniform(stream_key(seed, 0, f"{entity}/{site.id}", "select"), 0)


def _meets(selector: Selector, site: Site, access: tuple[str, ...]) -> bool:
    return (
        (selector.tier is None or site.tier in selector.tier)
        and (selector.scale is None or site.scale in selector.scale)
        and (selector.technology is None or any(one in selector.technology for one in access))
        and (selector.ids is None or matches_any(site.id, selector.ids))
        and (selector.except_ids is None or not matches_any(site.id, selector.except_ids))
    )
