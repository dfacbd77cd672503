"""Where everything was written: dotted path with ids -> file:line."""

from telemedsim.core.yaml_nodes import Node

DEEPEST = 6


def origins_of(node: Node) -> dict[str, str]:
    """Return the place of every key and record of a tree; records of lists go by their ids.

    A value is also found under its record's path: ``links.c1-line`` and ``links.c1-line.rate``.
    """
    found: dict[str, str] = {}
    _collect(node, "", found, DEEPEST)
    return found


def _collect(node: Node, path: str, found: dict[str, str], depth: int) -> None:
    if depth == 0:
        return
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            mark = node.keys.get(key, child.mark)
            mark = child.mark if child.mark.file != mark.file else mark
            here = f"{path}.{key}" if path else key
            found[here] = mark.short()
            _collect(child, here, found, depth - 1)
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            word = child.child("id")
            name = word.value if word is not None and isinstance(word.value, str) else str(index)
            here = f"{path}.{name}"
            found[here] = child.mark.short()
            _collect(child, here, found, depth - 1)
