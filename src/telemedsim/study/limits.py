"""The rows of the tables ``limits`` and ``sites`` of a scenario."""

from collections.abc import Iterator, Mapping
from typing import Any

from telemedsim.catalogue.load import catalogue
from telemedsim.catalogue.rows import Clause
from telemedsim.model.load import Scenario
from telemedsim.model.scenario import Judged
from telemedsim.model.topology import Topology
from telemedsim.network.plan import Nodes

Row = Mapping[str, Any]
OWN = ("statistic", "delay_basis")
"""What a scenario may say of how its delays are compared."""


def limit_rows(scenario: Scenario) -> list[Row]:
    """Return one row a clause for each scenario and connection of an experiment.

    An override keeps the clause's section and says in ``source`` where it stands.
    """
    rows: list[Row] = []
    experiment = scenario.experiment
    for block in experiment.scenarios:
        rows += _rows_of(scenario, block, "scenarios")
    for connection in experiment.connections:
        rows += _rows_of(scenario, connection, "connections")
    return rows


def _rows_of(scenario: Scenario, block: Judged, where: str) -> Iterator[Row]:
    for service in block.judged_by():
        yield from _rows_of_service(scenario, block, service, where)


def _rows_of_service(scenario: Scenario, block: Judged, service: str, where: str) -> Iterator[Row]:
    for clause in catalogue().sla(service).clauses:
        bound, origin = clause.bound_for(_bounded_by(block)), clause.source
        is_delay = bool(clause.delay_basis)
        own = {name for name in OWN if is_delay and getattr(block, name) is not None}
        if clause.clause in block.limits:
            bound = block.limits[clause.clause]
            origin = f"override at {scenario.origin(where, block.id, 'limits', clause.clause)}"
            own.add("bound")
        yield {
            "scenario": block.id,
            "service": service,
            "clause": clause.clause,
            "bound": bound,
            "unit": clause.unit,
            "strict": clause.strict,
            "statistic": (is_delay and block.statistic) or clause.statistic,
            "basis": (is_delay and block.delay_basis) or clause.delay_basis,
            "section": clause.section,
            "source": _source(clause, origin, own),
        }


def _bounded_by(block: Judged) -> str:
    """Return what a block's bounds may depend on: its video format, or its recovery objective."""
    return str(getattr(block, "video", None) or getattr(block, "objective", ""))


def _source(clause: Clause, origin: str, own: "set[str]") -> str:
    """Return where a bound comes from, and what of the clause the scenario or nobody says.

    What the paper leaves open is called an assumption, unless the scenario itself gives it.
    """
    if clause.not_judged:
        return f"{origin}; not judged: {clause.not_judged}"
    given = [name for name in OWN if name in own]
    assumed = [name for name in clause.assumed if name not in own]
    parts = [origin]
    parts += [f"override: {', '.join(given)}"] if given else []
    parts += [f"assumption: {', '.join(assumed)}"] if assumed else []
    return "; ".join(parts)


def site_rows(topology: Topology, nodes: Nodes) -> list[Row]:
    """Return one row a site, with the site that serves it."""
    parent_of = dict(zip(nodes.site, nodes.parent, strict=True))
    return [
        {
            "site": site.id,
            "name": site.name,
            "tier": site.tier,
            "latitude": site.latitude,
            "longitude": site.longitude,
            "parent": parent_of[site.id],
        }
        for site in topology.sites
    ]
