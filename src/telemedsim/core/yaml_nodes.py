"""Values of a YAML file that know where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from telemedsim.core.errors import PathParts
from telemedsim.core.yaml_text import Scalar

NO_LINE = 0
"""Line and column of a place that is no file, such as an option of the command line."""


class Mark(NamedTuple):
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def short(self) -> str:
        """Return ``file:line``, or only the first for what is no file."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(slots=True)
class Node:
    """A value with its place; ``value`` is a scalar, a list of nodes or a mapping to nodes."""

    mark: Mark
    value: "Scalar | list[Node] | dict[str, Node]"
    keys: dict[str, Mark] = field(default_factory=dict)
    """Where each key of a mapping stands."""
    weight: int = 1
    """Values in it, itself and aliases written out included."""
    height: int = 1
    """Levels of nesting in it, itself included."""

    def plain(self) -> Any:
        """Return the value without its marks."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def child(self, part: str | int) -> "Node | None":
        """Return what stands at a key or an index, or None."""
        if isinstance(self.value, dict) and isinstance(part, str):
            return self.value.get(part)
        if isinstance(self.value, list) and isinstance(part, int) and 0 <= part < len(self.value):
            return self.value[part]
        return None

    def walk(self, path: PathParts) -> "Iterator[Node]":
        """Yield the node at each step of a path, as far as it exists."""
        node: Node | None = self
        yield self
        for part in path:
            node = node.child(part) if node else None
            if node is None:
                return
            yield node
