"""Parts found by name: a sorted scan of one folder, then installed entry points."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from types import ModuleType
from typing import Generic, TypeVar

from pydantic import BaseModel

PartT = TypeVar("PartT", bound=BaseModel)


def kind_of(part: type[BaseModel]) -> str:
    """Return the word that chooses a part in YAML: the default of its field ``kind``."""
    return str(part.model_fields["kind"].default)


class Registry(Mapping[str, type[PartT]], Generic[PartT]):
    """The classes of one family by their ``kind``; file name = kind = the word in YAML."""

    def __init__(self, package: ModuleType, base: type[PartT]) -> None:
        self._parts: dict[str, type[PartT]] = {}
        self.family = package.__name__.rsplit(".", 1)[-1]
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
            if not module.name.startswith("_"):
                self._add_from(importlib.import_module(f"{package.__name__}.{module.name}"), base)
        for point in sorted(entry_points(group=f"telemedsim.{self.family}"), key=lambda p: p.name):
            self._add(point.load())

    def _add_from(self, module: ModuleType, base: type[PartT]) -> None:
        for value in vars(module).values():
            is_part = isinstance(value, type) and issubclass(value, base) and value is not base
            if is_part and value.__module__ == module.__name__:
                self._add(value)

    def _add(self, part: type[PartT]) -> None:
        kind = kind_of(part)
        if kind in self._parts:
            first = self._parts[kind]
            raise ValueError(
                f"two {self.family} are called '{kind}': {first.__module__} and {part.__module__}"
            )
        self._parts[kind] = part

    def __getitem__(self, kind: str) -> type[PartT]:
        return self._parts[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def nearest(self, kind: str) -> str | None:
        """Return the legal word nearest to a mistyped one, or None."""
        return next(iter(get_close_matches(kind, list(self._parts), n=1)), None)
