"""Parts from their specifications: {kind: ..., parameters} -> a validated part of a registry."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from telemedsim.core.registry import Registry

PartT = TypeVar("PartT", bound=BaseModel)


def part_from(registry: Registry[PartT], spec: Any) -> Any:
    """Return the part that a mapping with ``kind`` names; a part is returned as it is.

    Raises ValueError with the nearest legal word for an unknown kind.
    """
    if not isinstance(spec, Mapping):
        return spec
    kind = str(spec.get("kind", ""))
    if kind not in registry:
        near = registry.nearest(kind)
        hint = f"did you mean '{near}'?" if near else f"legal: {', '.join(registry)}"
        raise ValueError(f"'{kind}' is none of the {registry.family}: {hint}")
    return registry[kind].model_validate(dict(spec))
