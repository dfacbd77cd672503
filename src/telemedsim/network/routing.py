"""Routes: least delay over the active links, the same way out and back."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import networkx as nx

from telemedsim.core.units import FULL_PACKET_BYTES, transmission_ns
from telemedsim.network.links import ResolvedLink


def weight_ns(link: ResolvedLink) -> int:
    """Return a link's routing weight: propagation and a full packet at its slower rate."""
    return link.propagation_ns + transmission_ns(FULL_PACKET_BYTES, min(link.rates_bps))


def build_graph(nodes: Sequence[str], links: Sequence[ResolvedLink]) -> nx.MultiGraph:
    """Return the multigraph of active links; each edge holds its row in ``links``."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(nodes)
    for row, link in enumerate(links):
        if link.active:
            graph.add_edge(*link.ends, key=link.id, row=row, weight=weight_ns(link))
    return graph


class Router:
    """Answers which interfaces lead from node to node.

    Trees that hang on the rest of the network have one way only, which is climbed; what is left
    when they are taken off (rings, meshes) gets one Dijkstra a node at which it is entered, kept.
    A country's tree of 13,000 sites therefore costs a few steps a pair.
    """

    def __init__(self, nodes: Sequence[str], links: Sequence[ResolvedLink]) -> None:
        self._graph = build_graph(nodes, links)
        self._links = links
        self._above = _hanging_trees(self._graph)
        self._core = self._graph.copy()
        self._core.remove_nodes_from(self._above)
        self._paths: dict[str, dict[str, list[str]]] = {}

    def path(self, source: str, target: str) -> list[str] | None:
        """Return the nodes from source to target, both included, or None if there is no way."""
        root, leaf = min(source, target), max(source, target)
        if root not in self._graph or leaf not in self._graph:
            return None
        up, down = self._climb(root), self._climb(leaf)
        between = self._between(up[-1], down[-1])
        if between is None:
            return None
        # Both ways up share what lies above the node at which they meet.
        while len(between) == 1 and len(up) > 1 and len(down) > 1 and up[-2] == down[-2]:
            up, down = up[:-1], down[:-1]
            between = [up[-1]]
        found = [*up[:-1], *between, *down[-2::-1]]
        return found if root == source else found[::-1]

    def _climb(self, node: str) -> list[str]:
        """Return the nodes from a node to where its tree hangs, both included."""
        way = [node]
        while (above := self._above.get(way[-1])) is not None:
            way.append(above)
        return way

    def _between(self, root: str, leaf: str) -> list[str] | None:
        if root == leaf:
            return [root]
        if root not in self._paths:
            self._paths[root] = nx.single_source_dijkstra_path(self._core, root)
        return self._paths[root].get(leaf)

    def interfaces(self, source: str, target: str) -> tuple[int, ...] | None:
        """Return the interfaces from source to target (empty at one place), or None."""
        nodes = self.path(source, target)
        if nodes is None:
            return None
        return tuple(self._best(a, b) for a, b in pairwise(nodes))

    def _best(self, tail: str, head: str) -> int:
        """Return the interface of the lightest active link between two neighbours."""
        edges = self._graph[tail][head].values()
        row = min(edges, key=lambda edge: (edge["weight"], edge["row"]))["row"]
        return 2 * int(row) + (0 if self._links[row].ends[0] == tail else 1)


def _hanging_trees(graph: nx.MultiGraph) -> dict[str, str]:
    """Return for each node of a tree that hangs on the rest the next one towards the rest.

    Nodes with one neighbour are taken off until none is left; parallel links are one way.
    """
    neighbours = {node: {one: None for one in graph[node] if one != node} for node in graph}
    leaves = [node for node, near in neighbours.items() if len(near) == 1]
    above: dict[str, str] = {}
    for node in leaves:
        if len(neighbours[node]) != 1:
            continue  # Its only neighbour was taken off before it: it is where its tree hangs.
        above[node] = next(iter(neighbours[node]))
        near = neighbours[above[node]]
        del near[node]
        if len(near) == 1:
            leaves.append(above[node])
    return above


def parents(router: Router, sites: Iterable[str], roots: Sequence[str]) -> dict[str, str]:
    """Return for each site the next site on its way to the nearest root; a root has none."""
    found: dict[str, str] = {}
    for site in sites:
        ways = [way for root in roots if (way := router.path(site, root)) is not None]
        if ways:
            best = min(ways, key=lambda way: (len(way), way[-1]))
            if len(best) > 1:
                found[site] = best[1]
    return found
