"""``--set path=value``: a value put into a file's tree before it is checked.

A path is made of keys and of the ids (or places) of records in lists: ``links.c1-line.rate``,
``scenarios[0].limits.delay_ms_max``, ``window.duration``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from telemedsim.core.errors import Fault, suggestion
from telemedsim.core.frozen import legal_keys, shorter_keys
from telemedsim.core.yaml_marks import read_yaml
from telemedsim.core.yaml_nodes import Mark, Node
from telemedsim.model.experiment import Experiment
from telemedsim.model.topology import Topology

SOURCE = "--set"
"""Stands where a file's name stands in origins and faults; the line counts the overrides."""


@dataclass(frozen=True)
class Setting:
    """One override: where, what, and the how-manieth it is."""

    path: tuple[str, ...]
    value: Node
    mark: Mark
    text: str


def parse_settings(texts: Iterable[str]) -> tuple[list[Setting], list[Fault]]:
    """Return the overrides of a command line, and a fault for each that cannot be read."""
    settings: list[Setting] = []
    faults: list[Fault] = []
    for number, text in enumerate(texts, start=1):
        mark = Mark(SOURCE, number, 1)
        path_text, equals, value_text = text.partition("=")
        path = _parts(path_text.strip())
        if not equals or not path:
            hint = "Write PATH=VALUE, such as window.duration=60 s"
            faults.append(Fault("TM208", *mark, "", "is no override", text, hint))
            continue
        value = _value(value_text.strip(), mark)
        if value is None:
            hint = "Write it as it would stand in the file, in quotes if need be"
            faults.append(
                Fault("TM103", *mark, path_text, "the value is no YAML", value_text, hint)
            )
        else:
            settings.append(Setting(path, value, mark, text))
    return settings, faults


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in re.sub(r"\[([^\]]*)\]", r".\1", path).split(".") if part)


def _value(text: str, mark: Mark) -> Node | None:
    root, faults = read_yaml(f"value: {text}\n".encode("utf-8", "replace"), SOURCE)
    node = root.child("value") if root is not None else None
    if node is None or faults or root is None or len(root.keys) != 1:
        return None
    return _marked(node, mark)


def _marked(node: Node, mark: Mark) -> Node:
    if isinstance(node.value, dict):
        children = {key: _marked(child, mark) for key, child in node.value.items()}
        return Node(mark, children, dict.fromkeys(children, mark), node.weight, node.height)
    if isinstance(node.value, list):
        items = [_marked(child, mark) for child in node.value]
        return Node(mark, items, {}, node.weight, node.height)
    return Node(mark, node.value)


def belongs_to_topology(setting: Setting) -> bool:
    """Return whether an override's first word is a key of topologies and not of experiments."""
    first = setting.path[0]
    return first in legal_keys(Topology) and first not in legal_keys(Experiment)


def apply_settings(
    node: Node, settings: Sequence[Setting], legal: Sequence[str]
) -> tuple[Node, list[Fault]]:
    """Return a tree with the overrides put in (the given one stays), and what found no place.

    ``legal`` lists the words a path may begin with.
    """
    faults: list[Fault] = []
    for setting in settings:
        if setting.path[0] not in legal:
            faults.append(_unknown(setting, setting.path[0], legal))
            continue
        try:
            node = _put(node, setting.path, setting)
        except _NoPlaceError as error:
            faults.append(_unknown(setting, error.word, error.legal))
    return node, faults


class _NoPlaceError(Exception):
    """A word of a path names nothing here."""

    def __init__(self, word: str, legal: Sequence[str]) -> None:
        super().__init__(word)
        self.word = word
        self.legal = legal


def _unknown(setting: Setting, word: str, legal: Sequence[str]) -> Fault:
    path = ".".join(setting.path)
    message = f"the override names no place: '{word}' is unknown"
    return Fault("TM208", *setting.mark, path, message, setting.text, suggestion(word, legal))


def _put(node: Node, path: Sequence[str], setting: Setting) -> Node:
    """Return a copy of a tree with the value at the path; what lies beside it is shared."""
    if not path:
        return setting.value
    if isinstance(node.value, dict):
        return _put_in_mapping(node, node.value, path, setting)
    if isinstance(node.value, list):
        index, rest = _index(node.value, path)
        items = list(node.value)
        items[index] = _put(items[index], rest, setting)
        return replace(node, value=items)
    raise _NoPlaceError(path[0], ())


def _put_in_mapping(
    node: Node, mapping: dict[str, Node], path: Sequence[str], setting: Setting
) -> Node:
    # A key may hold dots itself (clauses do not, patterns of ids may), so the longest one wins.
    key, rest = path[0], path[1:]
    if key not in mapping and not rest:
        other = [name for name in mapping if name in shorter_keys(key) or key in shorter_keys(name)]
        mapping = {name: child for name, child in mapping.items() if name not in other}
    child = mapping.get(key)
    if child is None or child.value is None:
        child = Node(setting.mark, {}) if rest else setting.value
    children = {**mapping, key: _put(child, rest, setting)}
    keys = {name: node.keys.get(name, setting.mark) for name in children}
    keys[key] = setting.mark if not rest else keys[key]
    return replace(node, value=children, keys=keys)


def _index(items: list[Node], path: Sequence[str]) -> tuple[int, Sequence[str]]:
    """Return the place of the record that a path goes on with, by id (dots and all) or number."""
    ids = [str(one.child("id").value) if one.child("id") else "" for one in items]  # type: ignore[union-attr]
    for length in range(len(path), 0, -1):
        word = ".".join(path[:length])
        if word in ids:
            return ids.index(word), path[length:]
    if path[0].isascii() and path[0].isdigit() and int(path[0]) < len(items):
        return int(path[0]), path[1:]
    raise _NoPlaceError(path[0], [word for word in ids if word] or [f"0 to {len(items) - 1}"])
