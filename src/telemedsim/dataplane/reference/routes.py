"""A stream's tree cut into runs without a branch, over which a packet goes from hop to hop."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from telemedsim.dataplane.base import Tree

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.interface import Interface

Head = tuple[int, "tuple[Interface, ...]", int]
"""Where a run begins: its first row, the route from the root to the run's end, and the hop there."""


class Branches:
    """The runs of a tree. A run ends where a leg ends or where the next row is not its only child."""

    def __init__(self, tree: Tree, interfaces: "Sequence[Interface]") -> None:
        count = len(tree.interface)
        children: list[list[int]] = [[] for _ in range(count)]
        for row, parent in enumerate(tree.parent):
            if parent >= 0:
                children[parent].append(row)
        self._parent = tree.parent
        self._hop_of = [0] * count
        for row, parent in enumerate(tree.parent):
            self._hop_of[row] = self._hop_of[parent] + 1 if parent >= 0 else 0
        self._all = [interfaces[index] for index in tree.interface]
        self.leg = tree.leg
        self._goes_on = [tree.leg[row] < 0 and children[row] == [row + 1] for row in range(count)]
        self.roots = [self._head(row) for row in range(count) if tree.parent[row] < 0]
        self.onward: list[list[Head]] = [
            [] if self._goes_on[row] else [self._head(child) for child in children[row]]
            for row in range(count)
        ]
        """Row that ends a run -> the runs that begin behind it."""
        self.legs_behind: list[list[int]] = [[] for _ in range(count)]
        """Row -> legs that a packet lost there does not reach."""
        for row in reversed(range(count)):
            mine = [tree.leg[row]] if tree.leg[row] >= 0 else []
            below = [leg for child in children[row] for leg in self.legs_behind[child]]
            self.legs_behind[row] = mine + below

    def path(self, row: int) -> "tuple[Interface, ...]":
        """Return the interfaces from the root to a row."""
        rows = []
        while row >= 0:
            rows.append(row)
            row = self._parent[row]
        return tuple(self._all[row] for row in reversed(rows))

    def leg_paths(self, tree: Tree) -> "list[tuple[Interface, ...]]":
        """Return the path of each leg, legs in their order."""
        rows = {leg: row for row, leg in enumerate(tree.leg) if leg >= 0}
        return [self.path(rows[leg]) for leg in range(len(rows))]

    def _head(self, first: int) -> Head:
        last = first
        while self._goes_on[last]:
            last += 1
        return first, self.path(last), self._hop_of[first]
