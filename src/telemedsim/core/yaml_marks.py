"""YAML 1.2 core schema over PyYAML's C parser: every value knows its file, line and column.

Built from events, without recursion, so that limits hold before anything is built. Texts that
YAML 1.1 turned into something else (``no``, ``010``, ``1:30``, ``1_000``, dates) stay texts.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from telemedsim.core.errors import NOTHING, Fault, dotted
from telemedsim.core.yaml_nodes import Mark, Node
from telemedsim.core.yaml_text import (
    CONTROL,
    MAX_DIGITS,
    MAX_SCALAR,
    decoded,
    is_long_number,
    parser_fault,
    resolve,
)

MAX_DEPTH = 32
MAX_NODES = 1_000_000
"""Nodes of a file, aliases counted with all they stand for."""


class _ReadingEndedError(Exception):
    """Nothing more can be read of this file."""


@dataclass
class _Open:
    """A mapping or list that is being built."""

    node: Node
    anchor: str | None
    key: str | None = None
    key_mark: Mark | None = None
    skip: bool = False
    """The value of this key is read and thrown away."""


class _Builder:
    """Builds one document's nodes from events and collects what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node | None] = {}
        self.nodes = 0
        self.root: Node | None = None
        self.documents = 0

    def fault(
        self, code: str, mark: Mark, message: str, hint: str = "", value: object = NOTHING
    ) -> None:
        path: list[str | int] = []
        for one in self.stack:
            if isinstance(one.node.value, list):
                path.append(len(one.node.value))
            elif one.key is not None:
                path.append(one.key)
        self.faults.append(Fault(code, *mark, dotted(tuple(path)), message, value, hint))

    def stop(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        self.fault(code, mark, message, hint)
        raise _ReadingEndedError

    def mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._begin_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            opened = self.stack.pop()
            if opened.anchor is not None:
                self.anchors[opened.anchor] = opened.node
            self._place(opened.node)

    def _begin_document(self, event: Any) -> None:
        self.documents += 1
        mark = self.mark(event)
        if self.documents > 1:
            self.stop("TM108", mark, "a second document begins here", "Use one file for each")
        if event.tags or event.version not in (None, (1, 2)):
            self.fault("TM105", mark, "directives are not read", "Remove the line with '%'")

    def _alias(self, event: Any) -> None:
        mark = self.mark(event)
        if event.anchor not in self.anchors:
            hint = "Put a text that begins with * in quotes"
            self.stop("TM106", mark, f"alias '*{event.anchor}' has no anchor before it", hint)
        target = self.anchors[event.anchor]
        if target is None:
            self.stop("TM106", mark, f"alias '*{event.anchor}' stands inside its own anchor")
            raise _ReadingEndedError
        if self._wants_key():
            self.stop("TM106", mark, "a key must be a word, not an alias")
        if len(self.stack) + target.height > MAX_DEPTH + 1:
            self.stop("TM107", mark, f"values are nested deeper than {MAX_DEPTH} levels")
        self._count(mark, target.weight, "TM106")
        self._place(target)

    def _count(self, mark: Mark, weight: int, code: str) -> None:
        self.nodes += weight
        if self.nodes > MAX_NODES:
            what = "with its aliases written out, " if code == "TM106" else ""
            self.stop(code, mark, f"{what}the file has more than {MAX_NODES:,} values")

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None:
            self.fault(
                "TM105",
                self.mark(event),
                "tags are not allowed",
                "Write the plain value",
                event.tag,
            )

    def _begin(self, event: Any) -> None:
        mark = self.mark(event)
        if len(self.stack) >= MAX_DEPTH:
            self.stop("TM107", mark, f"values are nested deeper than {MAX_DEPTH} levels")
        self._count(mark, 1, "TM107")
        self._check_tag(event)
        if self._wants_key():
            self.stop("TM103", mark, "a key must be a word, not a list or a mapping")
        node = Node(mark, [] if isinstance(event, yaml.SequenceStartEvent) else {})
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(node, event.anchor))

    def _wants_key(self) -> bool:
        return (
            bool(self.stack)
            and isinstance(self.stack[-1].node.value, dict)
            and self.stack[-1].key is None
        )

    def _scalar(self, event: Any) -> None:
        mark = self.mark(event)
        if len(event.value) > MAX_SCALAR:
            self.stop("TM107", mark, f"a value is longer than {MAX_SCALAR} characters")
        self._count(mark, 1, "TM107")
        self._check_tag(event)
        # The text as such holds none; only an escape in double quotes can bring one in.
        if event.style == '"' and CONTROL.search(event.value):
            self.fault("TM102", mark, "a control character stands in the text", value=event.value)
        if self._wants_key():
            self._key(event, mark)
            return
        value = resolve(event.value) if event.implicit[0] else event.value
        if isinstance(value, str) and event.implicit[0] and is_long_number(event.value):
            self.fault(
                "TM109", mark, f"a number has more than {MAX_DIGITS} digits", value=event.value
            )
        node = Node(mark, value)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self._place(node)

    def _key(self, event: Any, mark: Mark) -> None:
        opened = self.stack[-1]
        opened.skip = False
        if event.value == "<<" and event.implicit[0]:
            opened.key, opened.skip = event.value, True
            self.fault("TM105", mark, "merge keys are not read", "Write the keys out")
        elif event.value in opened.node.keys:
            opened.key, opened.skip = event.value, True
            first = opened.node.keys[event.value]
            self.fault(
                "TM104", mark, f"key '{event.value}' stands twice, first in line {first.line}"
            )
        else:
            opened.key, opened.node.keys[event.value] = event.value, mark

    def _place(self, node: Node) -> None:
        opened = self.stack[-1] if self.stack else None
        if opened is None:
            self.root = node
            return
        if isinstance(opened.node.value, list):
            opened.node.value.append(node)
        elif isinstance(opened.node.value, dict) and opened.key is not None:
            if not opened.skip:
                opened.node.value[opened.key] = node
            opened.key, opened.skip = None, False
        opened.node.weight += node.weight
        opened.node.height = max(opened.node.height, node.height + 1)


def read_yaml(data: bytes, file: str) -> tuple[Node | None, list[Fault]]:
    """Return the marked mapping of a file (None where none can be read) and its faults."""
    text, faults = decoded(data, file)
    if text is None:
        return None, faults
    builder = _Builder(file)
    try:
        loader = yaml.CSafeLoader(text)
        try:
            while loader.check_event():
                builder.take(loader.get_event())
        finally:
            loader.dispose()
    except _ReadingEndedError:
        return None, builder.faults
    except yaml.MarkedYAMLError as error:
        return None, [*builder.faults, parser_fault(error, file, text)]
    except yaml.YAMLError as error:
        return None, [*builder.faults, Fault("TM103", file, 1, 1, "", f"is no YAML: {error}")]
    return _mapping(builder)


def _mapping(builder: _Builder) -> tuple[Node | None, list[Fault]]:
    """Return the root if it is a mapping, else a fault that says what was expected."""
    root, faults = builder.root, builder.faults
    if root is not None and isinstance(root.value, dict):
        return root, faults
    empty = root is None or root.value is None
    what = "the file is empty" if empty else "the file must hold a mapping at its top"
    value = NOTHING if root is None or empty else root.plain()
    mark = root.mark if root is not None else Mark(builder.file, 1, 1)
    hint = "Begin with 'telemedsim: 1' and 'kind: ...'"
    return None, [*faults, Fault("TM108", *mark, "", what, value, hint)]
