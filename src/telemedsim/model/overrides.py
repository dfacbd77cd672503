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
from telemedsim.core.yaml_nodes import NO_LINE, Mark, Node
from telemedsim.model.experiment import Experiment
from telemedsim.model.topology import Topology

LONGEST_SHOWN = 60
"""Characters of an option that a fault repeats."""


@dataclass(frozen=True)
class Override:
    """An option that sets one value, such as ``--seed 7``."""

    option: str
    path: str
    value: str

    def __str__(self) -> str:
        """Return the option as it is typed."""
        return f"{self.option} {self.value}"


@dataclass(frozen=True)
class Setting:
    """One override that could be read: where it goes, what, and the option as typed."""

    path: tuple[str, ...]
    value: Node
    mark: Mark
    text: str


def parse_settings(texts: Iterable[str | Override]) -> tuple[list[Setting], list[Fault]]:
    """Return the overrides of a command line, and a fault for each that cannot be read.

    A text is ``PATH=VALUE``. Faults and origins name the option where a file's name would stand.
    """
    settings: list[Setting] = []
    faults: list[Fault] = []
    for one in texts:
        found = _setting(one)
        if isinstance(found, Fault):
            faults.append(found)
            continue
        earlier = next((other for other in settings if other.path == found.path), None)
        if earlier is None:
            settings.append(found)
        else:
            path = ".".join(found.path)
            message = f"'{path}' is set twice, first by {earlier.mark.file}"
            faults.append(Fault("TM208", *found.mark, "", message, hint="Keep one of them"))
    return settings, faults


def _setting(one: str | Override) -> Setting | Fault:
    if isinstance(one, Override):
        path_text, value_text, typed = one.path, one.value, str(one)
    else:
        path_text, equals, value_text = one.partition("=")
        typed = f"--set {one}"
    mark = Mark(_on_one_line(typed), NO_LINE, NO_LINE)
    path = _parts(path_text.strip())
    hint = "Write PATH=VALUE, such as 'window.duration=60 s'"
    if isinstance(one, str) and not (equals and path and value_text.strip()):
        return Fault("TM208", *mark, "", "is no override", hint=hint)
    value = _value(value_text.strip(), mark)
    if value is None:
        hint = "Write it as it would stand in the file, in quotes if need be"
        return Fault("TM103", *mark, "", "the value cannot be read", value_text, hint)
    return Setting(path, value, mark, typed)


def _on_one_line(typed: str) -> str:
    text = " ".join(typed.split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in re.sub(r"\[([^\]]*)\]", r".\1", path).split(".") if part)


def _value(text: str, mark: Mark) -> Node | None:
    root, faults = read_yaml(f"value: {text}\n".encode("utf-8", "replace"), mark.file)
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
    message = f"the override names no place: '{word}' is unknown"
    return Fault("TM208", *setting.mark, "", message, hint=suggestion(word, legal))


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
