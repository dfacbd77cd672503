"""Loads the catalogue once; everything else asks it and writes no literal of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from telemedsim.catalogue import sla_rows
from telemedsim.catalogue.files import rows_of
from telemedsim.catalogue.rows import (
    ClauseKind,
    Connection,
    Row,
    Service,
    ServiceClass,
    Technology,
)

RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True)
class Catalogue:
    """All facts by id; every mapping is read-only and in the order of its file."""

    technologies: Mapping[str, Technology]
    classes: Mapping[str, ServiceClass]
    """Classes of service, the highest priority first."""
    clauses: Mapping[str, ClauseKind]
    connections: Mapping[str, Connection]
    services: Mapping[str, Service]

    def sla(self, name: str) -> Connection | Service:
        """Return a connection or service by its id; KeyError for an unknown one."""
        return self.connections[name] if name in self.connections else self.services[name]


def by_id(rows: Iterable[RowT]) -> Mapping[str, RowT]:
    """Return rows by id, read-only; ValueError names an id that stands twice."""
    found: dict[str, RowT] = {}
    for row in rows:
        if row.id in found:
            raise ValueError(f"the catalogue has two rows called '{row.id}'")
        found[row.id] = row
    return MappingProxyType(found)


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of the installed package.

    >>> catalogue().services["reading.in_hospital"].clause("response_s_max").bound
    5.0
    """
    kinds = sla_rows.clause_kinds()
    return Catalogue(
        technologies=by_id(
            Technology.model_validate(r) for r in rows_of("technologies", "technologies")
        ),
        classes=by_id(ServiceClass.model_validate(r) for r in rows_of("classes", "classes")),
        clauses=MappingProxyType(kinds),
        connections=MappingProxyType(sla_rows.connections(kinds)),
        services=MappingProxyType(sla_rows.services(kinds)),
    )
