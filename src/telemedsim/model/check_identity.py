"""Checks that hold for both kinds of file: identifiers are unique, and words name something."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from pydantic import BaseModel

from telemedsim.core.errors import Fault, PathParts, suggestion
from telemedsim.core.validation import fault_at
from telemedsim.core.yaml_nodes import Node
from telemedsim.model.drafts import written_ids
from telemedsim.model.references import Reference, catalogue_words, references


def duplicates(node: Node, *keys: str) -> Iterator[Fault]:
    """Yield a fault for every identifier that another record of these lists already has.

    Texts that differ only in case or Unicode form count as one, since people and file systems
    cannot tell them apart.
    """
    first: dict[str, tuple[PathParts, str]] = {}
    for path, word in (one for key in keys for one in written_ids(node, key)):
        folded = unicodedata.normalize("NFC", word).casefold()
        if folded not in first:
            first[folded] = (path, word)
            continue
        earlier, known = first[folded]
        mark = list(node.walk(earlier))[-1].mark
        same = "is taken" if known == word else f"differs from '{known}' only by case or form"
        message = f"identifier {same}, first in line {mark.line}"
        yield fault_at(node, path, "TM301", message, value=word, hint="Give each its own id")


def dangling(
    node: Node, path: PathParts, record: BaseModel, own: Mapping[str, Iterable[str]]
) -> Iterator[Fault]:
    """Yield a fault for every word in a record that names nothing; ``own`` adds words by kind.

    A kind that ``own`` maps to nothing at all is unknown here and not judged.
    """
    for one in references(record, path):
        if any(kind in ("site", "link") and kind not in own for kind in one.names.kinds):
            continue
        legal = [*one.names.also, *_legal_words(one, own)]
        if one.word not in legal and not _matches(one, legal):
            yield fault_at(
                node,
                one.path,
                "TM302",
                f"unknown {one.names.what}",
                value=one.word,
                hint=suggestion(one.word, legal),
                on_key=one.is_key,
            )


def _legal_words(one: Reference, own: Mapping[str, Iterable[str]]) -> list[str]:
    words: list[str] = []
    for kind in one.names.kinds:
        words += [*own.get(kind, ()), *catalogue_words(kind)]
    return words


def _matches(one: Reference, legal: Iterable[str]) -> bool:
    if not one.names.pattern or not any(sign in one.word for sign in "*?["):
        return False
    return any(fnmatchcase(word, one.word) for word in legal)
