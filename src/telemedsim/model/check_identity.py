"""Checks that hold for both kinds of file: identifiers are unique, and words name something."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from pydantic import BaseModel

from telemedsim.core.errors import Fault, PathParts, suggestion
from telemedsim.core.validation import fault_at
from telemedsim.core.yaml_nodes import Node
from telemedsim.model.references import Reference, catalogue_kinds, catalogue_words, references


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


def dangling(
    model: type[BaseModel],
    node: Node,
    own: Mapping[str, Iterable[str]],
) -> Iterator[Reference]:
    """Yield every word in a record's tree that names nothing; ``own`` adds words by kind.

    A site or link is judged only where ``own`` holds some.
    """
    for one in references(model, node):
        if any(kind in ("site", "link") and kind not in own for kind in one.names.kinds):
            continue
        legal = legal_words(one, own)
        if one.word not in legal and not _matches(one, legal):
            yield one


def dangling_fault(
    node: Node, path: PathParts, one: Reference, own: Mapping[str, Iterable[str]]
) -> Fault:
    """Return the fault of a word that names nothing, in the record at a path of the tree."""
    return fault_at(
        node,
        (*path, *one.path),
        "TM302",
        f"unknown {one.names.what}",
        value=one.word,
        hint=_other_kind(one) or suggestion(one.word, legal_words(one, own)),
        on_key=one.is_key,
    )


def _other_kind(one: Reference) -> str:
    """Return what else a word names, '' if nothing: a service is no connection's service."""
    kind = next((kind for kind in catalogue_kinds() if one.word in catalogue_words(kind)), None)
    return f"'{one.word}' names a {kind}, not a {one.names.what}" if kind else ""


def legal_words(one: Reference, own: Mapping[str, Iterable[str]]) -> list[str]:
    """Return every word that a reference may be."""
    words = list(one.names.also)
    for kind in one.names.kinds:
        words += [*own.get(kind, ()), *catalogue_words(kind)]
    return words


def _matches(one: Reference, legal: Iterable[str]) -> bool:
    if not one.names.pattern or not any(sign in one.word for sign in "*?["):
        return False
    return any(fnmatchcase(word, one.word) for word in legal)
