"""Checks of a topology's shape: every site can be reached, and a tree is a tree where required."""

from collections.abc import Callable, Iterator

from telemedsim.core.errors import Fault
from telemedsim.core.validation import fault_at
from telemedsim.model.drafts import TopologyDraft
from telemedsim.model.topology import Topology


def shape_checks() -> tuple[Callable[[TopologyDraft], Iterator[Fault]], ...]:
    """Return the checks; they judge whole topologies only, since a part has another shape."""
    return (_unreachable, _two_parents, _cycles)


def _unreachable(draft: TopologyDraft) -> Iterator[Fault]:
    topology = draft.whole
    if topology is None or topology.allow_isolated:
        return
    known = {site.id for site in topology.sites}
    if any(end not in known for link in topology.links for end in link.ends):
        return  # A mistyped end says enough; the site it meant is not really apart.
    apart = sites_apart(topology)
    linked = {end for link in topology.links for end in link.ends}
    for index, site in enumerate(topology.sites):
        if site.id in apart:
            what = "has no active link to the others" if site.id in linked else "has no link"
            hint = "Add a link, or write 'allow_isolated: true'"
            path = ("sites", index, "id")
            yield fault_at(draft.node, path, "TM304", f"site {what}", value=site.id, hint=hint)


def sites_apart(topology: Topology) -> frozenset[str]:
    """Return the sites outside the largest group that active links connect."""
    group = _groups(topology)
    sizes: dict[str, int] = {}
    for site in topology.sites:
        sizes[group[site.id]] = sizes.get(group[site.id], 0) + 1
    main = max(sizes, key=lambda one: sizes[one])
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


def _parents(topology: Topology) -> dict[str, list[tuple[str, int]]]:
    """Return for each site the sites that serve it, with the index of the first link to each."""
    parents: dict[str, list[tuple[str, int]]] = {}
    for index, link in enumerate(topology.links):
        lower, upper = link.ends
        known = parents.setdefault(lower, [])
        if link.role == "active" and upper not in [name for name, _ in known]:
            known.append((upper, index))
    return parents


def _two_parents(draft: TopologyDraft) -> Iterator[Fault]:
    topology = draft.whole
    if topology is None or topology.tier_tree == "free":
        return
    for site, parents in _parents(topology).items():
        for name, index in parents[1:]:
            message = f"site '{site}' is served by '{parents[0][0]}' and by '{name}'"
            hint = "Make one a standby, or write 'tier_tree: free'"
            yield fault_at(draft.node, ("links", index, "ends"), "TM305", message, hint=hint)


def _cycles(draft: TopologyDraft) -> Iterator[Fault]:
    topology = draft.whole
    if topology is None or topology.tier_tree == "free":
        return
    parents = {site: found[0] for site, found in _parents(topology).items() if found}
    done: set[str] = set()
    for start in parents:
        way: list[str] = []
        here = start
        while here in parents and here not in done and here not in way:
            way.append(here)
            here = parents[here][0]
        if here in way and len(way) > 1:
            cycle = way[way.index(here) :]
            message = f"sites serve each other in a cycle: {' -> '.join([*cycle, here])}"
            hint = "Turn the ends of one link, or write 'tier_tree: free'"
            path = ("links", parents[here][1], "ends")
            yield fault_at(draft.node, path, "TM305", message, hint=hint)
        done.update(way)
