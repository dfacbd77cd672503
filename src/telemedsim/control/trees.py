"""Which way a stream's copies go: trees of interfaces for unicast, multicast, relays, bridges."""

from collections.abc import Sequence

from telemedsim.dataplane.base import Tree

NO_ROW = -1
NO_LEG = -1


class TreeBuilder:
    """Adds paths to a tree and numbers the legs that end on them."""

    def __init__(self) -> None:
        self._interface: list[int] = []
        self._parent: list[int] = []
        self._leg: list[int] = []
        self._row_of: dict[tuple[int, int], int] = {}
        self.legs = 0

    def branch(self, path: Sequence[int], parent: int = NO_ROW) -> int:
        """Add an own copy along a path behind a row; return its last row."""
        for interface in path:
            self._interface.append(interface)
            self._parent.append(parent)
            self._leg.append(NO_LEG)
            parent = len(self._interface) - 1
        return parent

    def share(self, path: Sequence[int], parent: int = NO_ROW) -> int:
        """Add a path that uses the rows already there as far as it can; return its last row."""
        for interface in path:
            row = self._row_of.get((parent, interface))
            if row is None:
                row = self._row_of[(parent, interface)] = self.branch((interface,), parent)
            parent = row
        return parent

    def end_leg(self, row: int) -> int:
        """Return the number of the leg that ends behind a row; one row has one leg."""
        if self._leg[row] == NO_LEG:
            self._leg[row] = self.legs
            self.legs += 1
        return self._leg[row]

    def tree(self) -> Tree:
        """Return the tree as the data plane takes it."""
        return Tree(tuple(self._interface), tuple(self._parent), tuple(self._leg))
