"""A stream's tree cut into runs without a branch, over which a packet goes from hop to hop."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from telemedsim.dataplane.base import Tree
from telemedsim.dataplane.trees import children_of, legs_behind, paths_of

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface

Head = tuple[int, "tuple[Interface, ...]", int]
"""Where a run begins: its first row, the route from the root to the run's end, and the hop there."""


class Branches:
    """The runs of a tree. A run ends where a leg ends or where the next row is not its only child."""

    def __init__(self, tree: Tree, interfaces: "Sequence[Interface]") -> None:
        rows = range(len(tree.interface))
        children = children_of(tree)
        self._paths = [tuple(interfaces[i] for i in path) for path in paths_of(tree)]
        self.leg = tree.leg
        self._goes_on = [tree.leg[row] < 0 and children[row] == [row + 1] for row in rows]
        self.roots = [self._head(row) for row in rows if tree.parent[row] < 0]
        self.onward: list[list[Head]] = [
            [] if self._goes_on[row] else [self._head(child) for child in children[row]]
            for row in rows
        ]
        """Row that ends a run -> the runs that begin behind it."""
        self.legs_behind = legs_behind(tree, children)
        """Row -> legs that a packet lost there does not reach."""

    def leg_paths(self, tree: Tree) -> "list[tuple[Interface, ...]]":
        """Return the path of each leg, legs in their order."""
        rows = {leg: row for row, leg in enumerate(tree.leg) if leg >= 0}
        return [self._paths[rows[leg]] for leg in range(len(rows))]

    def _head(self, first: int) -> Head:
        last = first
        while self._goes_on[last]:
            last += 1
        return first, self._paths[last], len(self._paths[first]) - 1
