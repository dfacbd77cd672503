"""What can be read of a record although parts of it are at fault, so that all is reported at once."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Generic, Optional, TypeVar

from pydantic import BaseModel, Field, ValidationError, create_model

from telemedsim.core.errors import PathParts
from telemedsim.core.frozen import written_key
from telemedsim.core.validation import location, written_path
from telemedsim.core.yaml_nodes import Node

RecordT = TypeVar("RecordT", bound=BaseModel)
MOST_ROUNDS = 20
"""A record whose every round brings new errors is given up after so many."""


@dataclass(frozen=True)
class Salvaged(Generic[RecordT]):
    """A record as far as it can be read: fields at fault are None, whatever their type says."""

    record: RecordT
    faulty: frozenset[str]
    """Fields that are missing, or hold something at fault."""
    clean: bool
    """Nothing at all is wrong, unknown keys included."""


def salvaged(model: type[RecordT], node: Node) -> Salvaged[RecordT] | None:
    """Return what a tree holds of a record; None where it holds no mapping."""
    data = node.plain()
    if not isinstance(data, dict):
        return None
    partial = _partial(model)
    faulty = frozenset(_missing(model, data))
    clean = not faulty
    for _ in range(MOST_ROUNDS):
        try:
            record = partial.model_validate(data)
        except ValidationError as error:
            clean = False
            for place in (location(one) for one in error.errors(include_url=False)):
                faulty |= {_field(model, place[0])} if place else frozenset()
                _cut(data, written_path(node, place))
        else:
            # What is at fault is not at its default either.
            gone = dict.fromkeys(faulty & set(model.model_fields))
            return Salvaged(record.model_copy(update=gone), faulty, clean)
    return None


@cache
def _partial(model: type[RecordT]) -> type[RecordT]:
    """Return the same model with no field required; a missing one is None."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if field.is_required():
            kind: Any = field.annotation
            for one in field.metadata:
                kind = Annotated[kind, one]
            fields[name] = (Optional[kind], Field(default=None, alias=field.alias))  # noqa: UP045
    return create_model(f"Partial{model.__name__}", __base__=model, **fields)


def _missing(model: type[BaseModel], data: dict[str, Any]) -> list[str]:
    """Return the required fields of which nothing is written."""
    return [
        name
        for name, field in model.model_fields.items()
        if field.is_required()
        and data.get(written_key(data, name), data.get(field.alias or name)) is None
    ]


def _field(model: type[BaseModel], key: str | int) -> str:
    """Return the name of the field behind a key of pydantic's errors."""
    names = [name for name, field in model.model_fields.items() if key in (name, field.alias)]
    return names[0] if names else str(key)


def _cut(data: dict[str, Any], path: PathParts) -> None:
    """Take out what stands at a path; of a list all, and around a missing key its mapping."""
    here: Any = data
    steps: list[tuple[dict[str, Any], str]] = []
    for part in path:
        if not isinstance(here, dict) or not isinstance(part, str) or part not in here:
            break
        steps.append((here, part))
        here = here[part]
    if steps:
        mapping, key = steps[-1]
        del mapping[key]
