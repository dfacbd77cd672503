"""Loads the catalogue once; everything else asks it and writes no literal of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

from telemedsim.catalogue import sla_rows
from telemedsim.catalogue.files import Record, read, rows_of, source_of
from telemedsim.catalogue.planning_rows import (
    AccessLink,
    HospitalScale,
    RecoveryObjective,
    ScenarioRow,
    Tier,
    VrPhase,
)
from telemedsim.catalogue.rows import (
    ClauseKind,
    Connection,
    Fact,
    Row,
    Service,
    ServiceClass,
    Technology,
)
from telemedsim.catalogue.traffic_rows import (
    Codec,
    DicomProtocolRow,
    Encoder,
    LosslessRatio,
    ModalityRow,
    PlayoutRow,
    VideoFormat,
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
    modalities: Mapping[str, ModalityRow]
    lossless_ratios: Mapping[str, LosslessRatio]
    codecs: Mapping[str, Codec]
    dicom_protocols: Mapping[str, DicomProtocolRow]
    encoders: Mapping[str, Encoder]
    videos: Mapping[str, VideoFormat]
    playouts: Mapping[str, PlayoutRow]
    tiers: Mapping[str, Tier]
    """From the centre outwards."""
    scales: Mapping[str, HospitalScale]
    """Egress sizing, from the smallest hospital to the largest."""
    recovery_objectives: Mapping[str, RecoveryObjective]
    vr_phases: Mapping[str, VrPhase]
    access_links: Mapping[str, AccessLink]
    scenarios: Mapping[str, ScenarioRow]
    facts: Mapping[str, Fact]
    tcp: Mapping[str, Fact]
    """Parameters of TCP by the field of parts/transport Tcp."""

    def sla(self, name: str) -> Connection | Service:
        """Return a connection or service by its id; KeyError for an unknown one."""
        return self.connections[name] if name in self.connections else self.services[name]

    def value(self, path: str) -> Any:
        """Return a fact's value; after dots, the keys of its table. KeyError if there is none.

        >>> catalogue().value("dicom_connection_rtts.tls12")
        2
        """
        name, *keys = path.split(".")
        found = self.facts[name].value
        for key in keys:
            found = found[key]
        return found

    def number(self, path: str) -> float:
        """Return a fact that is a number; TypeError if it is none.

        >>> catalogue().number("weekend_factor")
        0.26
        """
        found = self.value(path)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise TypeError(f"fact '{path}' is no number but {found!r}")
        return float(found)

    def numbers(self, path: str) -> tuple[float, ...]:
        """Return a fact that is a list of numbers."""
        found = self.value(path)
        if not isinstance(found, list):
            raise TypeError(f"fact '{path}' is no list but {found!r}")
        return tuple(float(one) for one in found)


def _by_id(rows: Iterable[RowT]) -> Mapping[str, RowT]:
    found: dict[str, RowT] = {}
    for row in rows:
        if row.id in found:
            raise ValueError(f"the catalogue has two rows called '{row.id}'")
        found[row.id] = row
    return MappingProxyType(found)


def _table(kind: type[RowT], name: str, key: str) -> Mapping[str, RowT]:
    return _by_id(kind.model_validate(record) for record in rows_of(name, key))


def _encoder(record: Record) -> Encoder:
    words = ("id", "kind", "label", "sources")
    parameters = {key: value for key, value in record.items() if key not in words}
    return Encoder.model_validate({**{key: record[key] for key in words}, "parameters": parameters})


def _facts(name: str, key: str) -> list[Fact]:
    return [
        Fact(
            id=record["id"],
            value=record["value"],
            unit=record["unit"],
            topic=record.get("topic", key),
            sources={"value": source_of(name, record)},
        )
        for record in read(name)[key]
    ]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of the installed package.

    >>> catalogue().services["reading.in_hospital"].clause("response_s_max").bound
    5.0
    """
    kinds = sla_rows.clause_kinds()
    return Catalogue(
        technologies=_table(Technology, "technologies", "technologies"),
        classes=_table(ServiceClass, "classes", "classes"),
        clauses=MappingProxyType(kinds),
        connections=MappingProxyType(sla_rows.connections(kinds)),
        services=MappingProxyType(sla_rows.services(kinds)),
        modalities=_table(ModalityRow, "traffic", "modalities"),
        lossless_ratios=_table(LosslessRatio, "traffic", "lossless_ratios"),
        codecs=_table(Codec, "traffic", "codecs"),
        dicom_protocols=_table(DicomProtocolRow, "traffic", "dicom_protocols"),
        encoders=_by_id(_encoder(record) for record in rows_of("traffic", "encoders")),
        videos=_table(VideoFormat, "traffic", "videos"),
        playouts=_table(PlayoutRow, "traffic", "playouts"),
        tiers=_table(Tier, "planning", "tiers"),
        scales=_table(HospitalScale, "planning", "scales"),
        recovery_objectives=_table(RecoveryObjective, "planning", "recovery_objectives"),
        vr_phases=_table(VrPhase, "planning", "vr_phases"),
        access_links=_table(AccessLink, "planning", "access_links"),
        scenarios=_table(ScenarioRow, "planning", "scenarios"),
        facts=_by_id([*_facts("traffic", "facts"), *_facts("planning", "facts")]),
        tcp=_by_id(_facts("transport", "tcp")),
    )
