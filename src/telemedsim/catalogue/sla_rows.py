"""Builds the rows of clauses, connections and services out of their data files."""

from typing import Any

from telemedsim.catalogue.files import Record, citation, read, rows_of
from telemedsim.catalogue.rows import Clause, ClauseKind, Connection, Service

FILE = "services"


def clause_kinds() -> dict[str, ClauseKind]:
    """Return what each clause means, by name."""
    rows = (ClauseKind.model_validate(record) for record in rows_of("clauses", "clauses"))
    return {row.id: row for row in rows}


def connections(kinds: dict[str, ClauseKind]) -> dict[str, Connection]:
    """Return the connections of the white paper, by id."""
    rows = (Connection.model_validate(_sla(r, kinds)) for r in rows_of(FILE, "connections"))
    return {row.id: row for row in rows}


def services(kinds: dict[str, ClauseKind]) -> dict[str, Service]:
    """Return the services of the white paper, by id."""
    rows = (Service.model_validate(_sla(r, kinds)) for r in rows_of(FILE, "services"))
    return {row.id: row for row in rows}


def _sla(record: Record, kinds: dict[str, ClauseKind]) -> Record:
    section = record["section"]
    clauses = tuple(clause_of(kinds, one, section) for one in record["clauses"])
    of_class = {**read(FILE)["class_source"], "note": ""}
    sources = {**record["sources"], "class_of_service": of_class}
    if "transfer_class_of_service" in record:
        sources["transfer_class_of_service"] = of_class
    return {**record, "clauses": clauses, "sources": sources}


def clause_of(kinds: dict[str, ClauseKind], entry: Record, section: str) -> Clause:
    """Return a clause: its entry in a service, completed by what its name means.

    An entry without a source is the white paper's own figure.
    """
    kind = kinds[entry["clause"]]
    assumed: tuple[str, ...] = kind.assumed
    if entry.get("confidence") == "assumption":
        assumed = ("bound", *assumed)
    completed: dict[str, Any] = {
        "unit": kind.unit,
        "statistic": kind.statistic,
        "delay_basis": kind.delay_basis,
        "measure": kind.measure,
        "rule": kind.rule,
        "section": section,
        "confidence": "sourced",
        **entry,
        "assumed": assumed,
        "source": citation(FILE, entry.get("source", f"white paper {section}")),
    }
    return Clause.model_validate(completed)
