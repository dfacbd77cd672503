"""What follows from the rows of a stream's tree, the same on every plane."""

from telemedsim.dataplane.base import Tree


def paths_of(tree: Tree) -> list[tuple[int, ...]]:
    """Return, for each row, the interfaces from its root to it."""
    paths: list[tuple[int, ...]] = []
    for interface, parent in zip(tree.interface, tree.parent, strict=True):
        paths.append((*(paths[parent] if parent >= 0 else ()), interface))
    return paths


def children_of(tree: Tree) -> list[list[int]]:
    """Return the rows behind each row."""
    children: list[list[int]] = [[] for _ in tree.interface]
    for row, parent in enumerate(tree.parent):
        if parent >= 0:
            children[parent].append(row)
    return children


def legs_behind(tree: Tree, children: list[list[int]]) -> list[list[int]]:
    """Return, for each row, the legs that a packet lost there does not reach."""
    behind: list[list[int]] = [[] for _ in tree.interface]
    for row in reversed(range(len(behind))):
        mine = [tree.leg[row]] if tree.leg[row] >= 0 else []
        behind[row] = mine + [leg for child in children[row] for leg in behind[child]]
    return behind
