"""Words that name something else: a site, a link, or a row of the catalogue.

A field is annotated with what its word names; one check then serves every such field, and the
JSON Schema lists the catalogue's words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from telemedsim.catalogue.files import read
from telemedsim.core.errors import PathParts
from telemedsim.core.yaml_nodes import Node

ENGINES = ("hybrid", "reference", "null")
"""Data planes that an experiment may name; 'null' delivers at once and serves tests."""

_CATALOGUE = {
    "tier": ("planning", "tiers"),
    "scale": ("planning", "scales"),
    "technology": ("technologies", "technologies"),
    "class of service": ("classes", "classes"),
    "clause": ("clauses", "clauses"),
    "service": ("services", "services"),
    "connection service": ("services", "connections"),
    "modality": ("traffic", "modalities"),
    "video format": ("traffic", "videos"),
    "codec": ("traffic", "codecs"),
}
_OPEN = ("technology", "site", "link")
"""Kinds whose words a user's own file may add."""


@dataclass(frozen=True)
class Names:
    """Annotates a text (or the keys of a mapping) that names one of some kinds of thing."""

    kinds: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Words of other meaning, such as 'parent'."""
    pattern: bool = False
    """True: the word may hold * and ?."""

    @property
    def what(self) -> str:
        """What the word names, for messages."""
        return " or ".join(self.kinds)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        words = [*self.also, *(w for kind in self.kinds for w in catalogue_words(kind))]
        if not words or described.get("type") != "string":
            return described
        if any(kind in _OPEN for kind in self.kinds):
            return {"anyOf": [{"enum": words}, described]}
        return {**described, "enum": words}


@cache
def catalogue_words(kind: str) -> tuple[str, ...]:
    """Return the catalogue's words of a kind, in the order of its file; () for other kinds."""
    if kind == "engine":
        return ENGINES
    if kind not in _CATALOGUE:
        return ()
    file, key = _CATALOGUE[kind]
    return tuple(str(row["id"]) for row in read(file)[key])


def catalogue_kinds() -> tuple[str, ...]:
    """Return the kinds of which the catalogue holds words."""
    return tuple(_CATALOGUE)


SiteName = Annotated[str, Names(("site",))]
SiteOrTier = Annotated[str, Names(("site", "tier"))]
LinkName = Annotated[str, Names(("link",))]
TierName = Annotated[str, Names(("tier",))]
ScaleName = Annotated[str, Names(("scale",))]
TechnologyName = Annotated[str, Names(("technology",))]
ClassName = Annotated[str, Names(("class of service",))]
ClauseName = Annotated[str, Names(("clause",))]
ServiceName = Annotated[str, Names(("service",))]
ConnectionServiceName = Annotated[str, Names(("connection service",))]
ModalityName = Annotated[str, Names(("modality",))]
VideoName = Annotated[str, Names(("video format",))]
CodecName = Annotated[str, Names(("codec",))]
EngineName = Annotated[str, Names(("engine",))]


@dataclass(frozen=True)
class Reference:
    """One word in a record that names something."""

    path: PathParts
    word: str
    names: Names
    is_key: bool = False


def references(model: type[BaseModel], node: Node, path: PathParts = ()) -> Iterator[Reference]:
    """Yield every word in a record's tree that names something, whatever else is wrong there."""
    if not isinstance(node.value, dict):
        return
    for keys, marker, inner in _naming_fields(model):
        key = next((one for one in keys if one in node.value), None)
        if key is None:
            continue
        child, here = node.value[key], (*path, key)
        if marker is not None:
            yield from _words(child, here, marker)
        elif inner is not None:
            for place, one in _records(child, here):
                yield from references(inner, one, place)


@cache
def _naming_fields(
    model: type[BaseModel],
) -> tuple[tuple[tuple[str, ...], Names | None, type[BaseModel] | None], ...]:
    """Return the fields with words or records in them: keys as written, words' kinds, record."""
    found = []
    for name, field in model.model_fields.items():
        keys = tuple(one for one in (field.alias, name) if one)
        marker, inner = marker_of(model, name), model_in(field.annotation)
        if marker is not None or inner is not None:
            found.append((keys, marker, inner))
    return tuple(found)


@cache
def marker_of(model: type[BaseModel], name: str) -> Names | None:
    """Return what a field's words name, or None."""
    field = model.model_fields[name]
    own = next((one for one in field.metadata if isinstance(one, Names)), None)
    return own or _marker_in(field.annotation)


def _marker_in(annotation: Any) -> Names | None:
    for part in get_args(annotation):
        found = part if isinstance(part, Names) else _marker_in(part)
        if found is not None:
            return found
    return None


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the record that a field holds, one or several of it; None for other fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(
        (found for part in get_args(annotation) if (found := model_in(part)) is not None), None
    )


def _records(node: Node, path: PathParts) -> Iterator[tuple[PathParts, Node]]:
    if isinstance(node.value, list):
        for index, one in enumerate(node.value):
            yield (*path, index), one
    else:
        yield path, node


def _words(node: Node, path: PathParts, marker: Names) -> Iterator[Reference]:
    if isinstance(node.value, str):
        yield Reference(path, node.value, marker)
    elif isinstance(node.value, dict):
        for key in node.value:
            yield Reference((*path, key), key, marker, is_key=True)
    elif isinstance(node.value, list):
        for place, one in _records(node, path):
            if isinstance(one.value, str):
                yield Reference(place, one.value, marker)
