"""The order in which lines work: those that feed a line before it, circles together."""

import networkx as nx
import numpy as np

from telemedsim.dataplane.base import Tree
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray


class Schedule:
    """Knows which line sends to which, and gives an order that changes only when it must."""

    def __init__(self, propagation_ns: IntArray) -> None:
        self._propagation_ns = propagation_ns
        self._graph: nx.DiGraph[int] = nx.DiGraph()
        self._rank: dict[int, int] = {}
        self.is_stale = False

    def add(self, tree: Tree) -> None:
        """Take the lines of a tree into account."""
        graph, rank = self._graph, self._rank
        for line, parent in zip(tree.interface, tree.parent, strict=True):
            self.add_line(line)
            if parent < 0:
                continue
            before = tree.interface[parent]
            if not graph.has_edge(before, line):
                graph.add_edge(before, line)
                if rank.get(before, 0) >= rank.get(line, 0):
                    self.is_stale = True

    def add_line(self, line: int) -> None:
        """Take a line into account."""
        if line not in self._graph:
            self._graph.add_node(line)
            self.is_stale = True

    def table(self) -> IntArray:
        """Return the lines in order, with the size and the shortest propagation of each circle."""
        circles = nx.condensation(self._graph)
        rows: list[tuple[int, int, int]] = []
        for number, circle in enumerate(nx.topological_sort(circles)):
            members = sorted(circles.nodes[circle]["members"])
            ahead_ns = min(int(self._propagation_ns[line]) for line in members)
            if len(members) == 1 and not self._graph.has_edge(members[0], members[0]):
                ahead_ns = layout.NONE
            for place, line in enumerate(members):
                self._rank[line] = number
                rows.append((line, len(members) if place == 0 else 1, ahead_ns))
        self.is_stale = False
        return np.array(rows, np.int64).reshape(-1, layout.GROUP_COLUMNS)
