"""Checks that hold for both kinds of file: identifiers are unique, and words name something."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from pydantic import BaseModel

from telemedsim.core.errors import Fault, PathParts, suggestion
from telemedsim.core.validation import fault_at
from telemedsim.core.yaml_nodes import Node
from telemedsim.model.references import (
    Names,
    Reference,
    catalogue_kinds,
    catalogue_words,
    references,
)


def duplicates(node: Node, *keys: str) -> Iterator[Fault]:
    """Yield a fault for every identifier that another record of these lists already has.

    Texts that differ only in case or Unicode form count as one, since people and file systems
    cannot tell them apart.
    """
    first: dict[str, tuple[PathParts, str]] = {}
    for path, word in (one for key in keys for one in written_ids(node, key)):
        folded = unicodedata.normalize("NFKC", word).casefold()
        if folded not in first:
            first[folded] = (path, word)
            continue
        earlier, known = first[folded]
        mark = list(node.walk(earlier))[-1].mark
        same = "is taken" if known == word else f"differs from '{known}' only by case or form"
        message = f"identifier {same}, first in line {mark.line}"
        yield fault_at(node, path, "TM301", message, value=word, hint="Give each its own id")


def written_ids(node: Node, key: str) -> list[tuple[PathParts, str]]:
    """Return the path and text of every ``id`` in a list of records."""
    found: list[tuple[PathParts, str]] = []
    for index, one in enumerate(rows_of(node, key)):
        word = one.child("id")
        if word is not None and isinstance(word.value, str):
            found.append(((key, index, "id"), word.value))
    return found


def rows_of(node: Node, key: str) -> Sequence[Node]:
    """Return the records under a key, () where no list stands there."""
    child = node.child(key)
    return child.value if child is not None and isinstance(child.value, list) else ()


class LegalWords:
    """Which words a reference may be: the catalogue's, and those that a file adds by kind.

    A file of a country names a hundred thousand things, so that each kind's words are collected once.
    """

    def __init__(self, own: Mapping[str, Iterable[str]]) -> None:
        self._own = own
        self._known: dict[Names, frozenset[str]] = {}

    def judges(self, names: Names) -> bool:
        """Return whether all kinds are known; a site or link only where the file has some."""
        return all(kind in self._own for kind in names.kinds if kind in ("site", "link"))

    def holds(self, one: Reference) -> bool:
        """Return whether a word is legal, or a pattern that matches a legal one."""
        known = self._known.get(one.names)
        if known is None:
            known = self._known[one.names] = frozenset(self.of(one.names))
        if one.word in known:
            return True
        if not one.names.pattern or not any(sign in one.word for sign in "*?["):
            return False
        return any(fnmatchcase(word, one.word) for word in self.of(one.names))

    def of(self, names: Names) -> list[str]:
        """Return every word that a reference may be, in the order of files and catalogue."""
        words = list(names.also)
        for kind in names.kinds:
            words += [*self._own.get(kind, ()), *catalogue_words(kind)]
        return words


def dangling(model: type[BaseModel], node: Node, legal: LegalWords) -> Iterator[Reference]:
    """Yield every word in a record's tree that names nothing."""
    for one in references(model, node):
        if legal.judges(one.names) and not legal.holds(one):
            yield one


def dangling_fault(node: Node, path: PathParts, one: Reference, legal: LegalWords) -> Fault:
    """Return the fault of a word that names nothing, in the record at a path of the tree."""
    return fault_at(
        node,
        (*path, *one.path),
        "TM302",
        f"unknown {one.names.what}",
        value=one.word,
        hint=_other_kind(one) or suggestion(one.word, legal.of(one.names)),
        on_key=one.is_key,
    )


def _other_kind(one: Reference) -> str:
    """Return what else a word names, '' if nothing: a service is no connection's service."""
    kind = next((kind for kind in catalogue_kinds() if one.word in catalogue_words(kind)), None)
    return f"'{one.word}' names a {kind}, not a {one.names.what}" if kind else ""
