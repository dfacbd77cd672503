"""Every row of the catalogue as flat records, for the command that lists them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from telemedsim.catalogue.load import Catalogue
from telemedsim.catalogue.planning_rows import ScenarioRow
from telemedsim.catalogue.rows import Clause, Fact, Row, Sla, Source
from telemedsim.core.registry import Registry
from telemedsim.parts.drop_policies import drop_policies
from telemedsim.parts.impairments import delay_variations, loss_processes
from telemedsim.parts.schedulers import schedulers

Record = dict[str, str | float | bool | None]
"""Column -> a value that fits a table's cell."""

TOPICS: Mapping[str, str] = {
    "technologies": "what links are like, by technology",
    "services": "services of the white paper with their clauses",
    "connections": "connections of the white paper with their clauses",
    "clauses": "each bound of each service and connection",
    "clause_kinds": "what each clause means and how it is measured",
    "classes": "classes of service, the highest priority first",
    "schedulers": "which packet an interface sends next",
    "drop_policies": "which packet a queue refuses",
    "loss": "loss processes of links",
    "delay_variation": "delay variations of links",
    "tiers": "levels of the hierarchy, from the centre outwards",
    "access_links": "how institutions reach the centres",
    "scales": "sizes of hospitals and their egress lines",
    "recovery_objectives": "how soon services must be back",
    "scenarios": "the white paper's scenarios and what judges them",
    "experiments": "the files that run them, and those that test the paper's figures",
    "modalities": "kinds of examinations and their studies",
    "lossless_ratios": "what lossless compression saves",
    "codecs": "lossless codecs",
    "dicom_protocols": "how studies cross",
    "videos": "video formats",
    "encoders": "how encoders' frames vary",
    "playouts": "how receivers repair and show frames",
    "vr_phases": "phases of VR and what they ask",
    "tcp": "parameters of TCP",
    "facts": "all other figures",
}
"""Topic -> what it lists."""


def records(catalogue: Catalogue, topic: str) -> list[Record]:
    """Return a topic's rows as flat records, all with the same columns; KeyError if unknown.

    Each record begins with ``id``; ``sources`` names where its figures come from.
    """
    if topic not in TOPICS:
        raise KeyError(topic)
    special: Mapping[str, Callable[[], list[Record]]] = {
        "services": lambda: [_sla(row) for row in catalogue.services.values()],
        "connections": lambda: [_sla(row) for row in catalogue.connections.values()],
        "clauses": lambda: _clauses(catalogue),
        "clause_kinds": lambda: [_row(row) for row in catalogue.clauses.values()],
        "schedulers": lambda: _parts(schedulers()),
        "drop_policies": lambda: _parts(drop_policies()),
        "loss": lambda: _parts(loss_processes()),
        "delay_variation": lambda: _parts(delay_variations()),
        "experiments": lambda: [_experiment(row) for row in catalogue.scenarios.values()],
        "facts": lambda: [_fact(row) for row in catalogue.facts.values()],
        "tcp": lambda: [_fact(row) for row in catalogue.tcp.values()],
    }
    if topic in special:
        return special[topic]()
    table: Mapping[str, Row] = getattr(catalogue, topic)
    return _same_columns(_row(row) for row in table.values())


def _cell(value: Any) -> str | float | bool | None:
    """Return a value as one cell: parts and tables as ``name=value`` words, lists with commas."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, BaseModel):
        return _cell(value.model_dump())
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_cell(one)}" for key, one in value.items())
    return ", ".join(str(_cell(one)) for one in value)


def _same_columns(rows: Iterable[Record]) -> list[Record]:
    listed = list(rows)
    columns = list(dict.fromkeys(column for row in listed for column in row))
    return [{column: row.get(column) for column in columns} for row in listed]


def _row(row: Row) -> Record:
    fields = {name: getattr(row, name) for name in type(row).model_fields if name != "sources"}
    return {
        **{name: _cell(value) for name, value in fields.items()},
        "sources": _sources(row.sources),
    }


def _sources(sources: Mapping[str, Source]) -> str:
    """Return ``field: citation (confidence)`` for each figure, one after another."""
    return "; ".join(f"{name}: {_source(one)}" for name, one in sources.items())


def _source(one: Source) -> str:
    note = f", {one.note}" if one.note else ""
    return f"{one.source} ({one.confidence}{note})"


def _sla(row: Sla) -> Record:
    cells = _row(row)
    cells["clauses"] = ", ".join(bound_text(clause) for clause in row.clauses)
    return cells


def bound_text(clause: Clause) -> str:
    """Return a clause as a person reads it.

    >>> from telemedsim.catalogue.load import catalogue
    >>> bound_text(catalogue().services["mobile.ward_round"].clause("response_s_max"))
    'response_s_max < 4 s'
    """
    sign = {True: ">", False: "<"}[clause.is_minimum] + ("" if clause.strict else "=")
    mark = " (assumed)" if "bound" in clause.assumed else ""
    return f"{clause.clause} {sign} {clause.bound:g} {clause.unit}{mark}"


def _clauses(catalogue: Catalogue) -> list[Record]:
    every: list[Sla] = [*catalogue.connections.values(), *catalogue.services.values()]
    return [
        {
            "id": row.id,
            "section": clause.section,
            **{
                name: _cell(getattr(clause, name))
                for name in type(clause).model_fields
                if name != "section"
            },
        }
        for row in every
        for clause in row.clauses
    ]


def _parts(registry: Registry[Any]) -> list[Record]:
    """Return the parts of a family: their kind, first line of their docstring, parameters."""
    return [
        {
            "id": kind,
            "meaning": (part.__doc__ or "").strip().split("\n")[0],
            "parameters": ", ".join(name for name in part.model_fields if name != "kind"),
        }
        for kind, part in registry.items()
    ]


def _experiment(row: ScenarioRow) -> Record:
    return {
        "id": row.id,
        "category": row.category,
        "file": row.file,
        "judged_by": ", ".join((*row.services, *row.connections)),
    }


def _fact(row: Fact) -> Record:
    return {
        "id": row.id,
        "topic": row.topic,
        "value": _cell(row.value),
        "unit": row.unit,
        "source": row.source.source,
        "confidence": row.source.confidence,
        "note": row.source.note,
    }
