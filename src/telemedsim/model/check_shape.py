"""Checks of a topology's shape: every site can be reached, and a tree is a tree where required."""

from collections.abc import Callable, Iterator

from telemedsim.core.errors import Fault
from telemedsim.core.validation import fault_at
from telemedsim.model.drafts import TopologyDraft
from telemedsim.model.topology import Topology


def shape_checks() -> tuple[Callable[[TopologyDraft], Iterator[Fault]], ...]:
    """Return the checks."""
    return (_unreachable, _two_parents, _cycles)


def _unreachable(draft: TopologyDraft) -> Iterator[Fault]:
    if draft.partial.allow_isolated or draft.doubts_links("ends", "role"):
        return  # A mistyped end says enough; the site it meant is not really apart.
    if not draft.links and len(draft.partial.sites) > 1:
        if not draft.unknown_keys:
            hint = "Add them under 'links', or write 'allow_isolated: true'"
            yield fault_at(draft.node, (), "TM304", "no link joins the sites", hint=hint)
        return
    apart = sites_apart(draft.partial)
    linked = {end for link in draft.partial.links for end in link.ends}
    for one in draft.sites:
        site = one.record
        if site.id in apart:
            what = "has no active link to the others" if site.id in linked else "has no link"
            hint = "Add a link, or write 'allow_isolated: true'"
            path = (*one.path, "id")
            yield fault_at(draft.node, path, "TM304", f"site {what}", value=site.id, hint=hint)


def sites_apart(topology: Topology) -> frozenset[str]:
    """Return the sites outside the largest group that active links connect."""
    group = _groups(topology)
    sizes: dict[str, int] = {}
    for site in topology.sites:
        sizes[group[site.id]] = sizes.get(group[site.id], 0) + 1
    main = max(sizes, key=lambda one: sizes[one], default="")
    return frozenset(site.id for site in topology.sites if group[site.id] != main)


def _groups(topology: Topology) -> dict[str, str]:
    """Return for each site the name of the connected group it belongs to, over active links."""
    leader = {site.id: site.id for site in topology.sites}

    def find(site: str) -> str:
        while leader[site] != site:
            leader[site] = leader[leader[site]]
            site = leader[site]
        return site

    for link in topology.links:
        lower, upper = link.ends
        if link.role == "active" and lower in leader and upper in leader:
            leader[find(lower)] = find(upper)
    return {site.id: find(site.id) for site in topology.sites}


def _parents(draft: TopologyDraft) -> dict[str, list[tuple[str, int]]]:
    """Return for each site the sites that serve it, with the row of the first link to each."""
    parents: dict[str, list[tuple[str, int]]] = {}
    for one in draft.links:
        link = one.record
        if link.ends is None or link.role != "active":
            continue
        lower, upper = link.ends
        known = parents.setdefault(lower, [])
        if upper not in [name for name, _ in known]:
            known.append((upper, int(one.path[1])))
    return parents


def _two_parents(draft: TopologyDraft) -> Iterator[Fault]:
    if draft.partial.tier_tree == "free":
        return
    for site, parents in _parents(draft).items():
        for name, row in parents[1:]:
            message = f"site '{site}' is served by '{parents[0][0]}' and by '{name}'"
            hint = "Make one a standby, or write 'tier_tree: free'"
            yield fault_at(draft.node, ("links", row, "ends"), "TM305", message, hint=hint)


def _cycles(draft: TopologyDraft) -> Iterator[Fault]:
    if draft.partial.tier_tree == "free":
        return
    parents = {site: found[0] for site, found in _parents(draft).items()}
    done: set[str] = set()
    for start in parents:
        way: list[str] = []
        here = start
        while here in parents and here not in done and here not in way:
            way.append(here)
            here = parents[here][0]
        cycle = way[way.index(here) :] if here in way else []
        if len(cycle) > 1:  # A link from a site to itself is told already.
            message = f"sites serve each other in a cycle: {' -> '.join([*cycle, here])}"
            hint = "Turn the ends of one link, or write 'tier_tree: free'"
            path = ("links", parents[here][1], "ends")
            yield fault_at(draft.node, path, "TM305", message, hint=hint)
        done.update(way)
