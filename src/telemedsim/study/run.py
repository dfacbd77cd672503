"""One replication: from a Scenario to judged tables."""

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from telemedsim.control.world import simulate
from telemedsim.core.errors import TelemedsimError
from telemedsim.core.garbage import rare_collections
from telemedsim.core.units import NS_PER_S
from telemedsim.dataplane.base import DataPlane
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.dataplane.hybrid.warming import Tell, warm
from telemedsim.dataplane.null import NullPlane
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.model.load import Scenario
from telemedsim.network.check_sampling import SAMPLES
from telemedsim.network.compile import compile_plan
from telemedsim.network.plan import Plan
from telemedsim.network.shared_queues import media_classes
from telemedsim.records.assemble import Timing, assemble
from telemedsim.records.flows import FlowRecords
from telemedsim.records.links import InterfaceColumns
from telemedsim.records.manifest import Facts, manifest_of
from telemedsim.records.sessions import ControlRecords
from telemedsim.sla.evaluate import evaluate
from telemedsim.stats.summarise import summarise
from telemedsim.study.limits import limit_rows, site_rows
from telemedsim.study.retention import stored_by_scenario

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int], None]
PLANES: Mapping[str, Callable[..., DataPlane]] = {
    "hybrid": HybridPlane,
    "reference": ReferencePlane,
    "null": NullPlane,
}
"""Engines by name; ``null`` delivers everything at once and is for tests."""


@dataclass(frozen=True)
class Run:
    """A judged replication: tables by name, the manifest, and the resolved scenario as YAML."""

    tables: "dict[str, pd.DataFrame]"
    manifest: dict[str, Any]
    scenario_text: str


def make_plane(engine: str, plan: Plan, transfers: str = "auto") -> DataPlane:
    """Return a fresh data plane of the named engine for a plan; `hybrid` moves transfers as told.

    Raises TelemedsimError for a sampled plan on an engine that moves every packet.
    """
    extra: dict[str, Any] = {}
    if engine == SAMPLES:
        extra = {"media": media_classes(plan), "sampled": plan.sampled, "transfers": transfers}
    elif plan.sampled is not None:
        raise TelemedsimError(
            f"engine '{engine}' simulates every packet and cannot sample",
            remedy=f"use engine {SAMPLES}, or --set stream_sampling=1 and a shorter window",
        )
    return PLANES[engine](
        plan.interfaces,
        plan.classes,
        bin_ns=plan.bin_ns,
        series_bin_ns=plan.series_bin_ns,
        seed=plan.seed,
        replication=plan.replication,
        **extra,
    )


def run_once(
    scenario: Scenario,
    *,
    engine: str | None = None,
    replication: int = 0,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Run:
    """Simulate one replication of a scenario and judge it; same input, same tables.

    ``tell`` takes lines about what is done once before the first packet: compiling kernels.
    """
    chosen = engine or scenario.experiment.engine
    if chosen == "hybrid":
        warm(tell)
    began, started = time.perf_counter(), datetime.now(UTC)
    with rare_collections():
        plan = compile_plan(scenario, replication=replication)
        control, flows = simulate(
            plan, make_plane(chosen, plan, scenario.experiment.transfers), progress
        )
        facts = _facts(plan, chosen, started, time.perf_counter() - began, control, flows)
        manifest = {**_sizes(plan, control), **_stored(scenario, plan)}
        measured = tables_of(scenario, plan, control, flows)
        # A country's records are as large as its tables: they make room for the verdicts.
        del control, flows
        tables = judge(measured)
    facts = replace(facts, peak_memory_bytes=peak_memory_bytes())
    return Run(tables, {**manifest_of(facts), **manifest}, scenario.resolved_text())


def tables_of(
    scenario: Scenario, plan: Plan, control: ControlRecords, flows: FlowRecords
) -> "dict[str, pd.DataFrame]":
    """Return what was measured as tables, before any verdict."""
    interfaces, nodes = plan.interfaces, plan.nodes
    columns = InterfaceColumns(
        name=interfaces.name,
        link=interfaces.link,
        technology=interfaces.technology,
        origin=interfaces.origin,
        from_site=tuple(nodes.site[node] for node in interfaces.tail),
        to_site=tuple(nodes.site[node] for node in interfaces.head),
        rate_bps=tuple(map(int, interfaces.rate_bps)),
        monthly_cost=tuple(map(float, interfaces.monthly_cost)),
    )
    timing = Timing(plan.duration_ns, plan.bin_ns, plan.series_bin_ns)
    sites, limits = site_rows(scenario.topology, nodes), limit_rows(scenario)
    return assemble(columns, plan.classes, flows, control, timing, sites, limits)


def judge(tables: "dict[str, pd.DataFrame]") -> "dict[str, pd.DataFrame]":
    """Return the tables with verdicts and summary made anew from their limits."""
    judged = {**tables, "verdicts": evaluate(tables)}
    return {**judged, "summary": summarise(judged)}


def _facts(
    plan: Plan,
    engine: str,
    started: datetime,
    wall_s: float,
    control: ControlRecords,
    flows: FlowRecords,
) -> Facts:
    return Facts(
        experiment=plan.name,
        scenario_hash=plan.fingerprint,
        seed=plan.seed,
        replication=plan.replication,
        engine=engine,
        started_utc=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        duration_s=plan.duration_ns / NS_PER_S,
        wall_time_s=round(wall_s, 3),
        argv=tuple(sys.argv[1:]),
        sessions=len(control.sessions),
        packet_hops=flows.packet_hops,
        simpy_events=control.control_events,
        plane_events=flows.events,
        peak_memory_bytes=peak_memory_bytes(),
        transfer_rule=flows.transfer_rule,
        packet_transfers=flows.packet_transfers,
        fluid_transfers=flows.fluid_transfers,
    )


def _sizes(plan: Plan, control: ControlRecords) -> dict[str, Any]:
    """Return how large the run was, for its heading."""
    return {
        "window_start_s": plan.window_start_ns / NS_PER_S,
        "sites": len(set(plan.nodes.site)),
        "links": len(set(plan.interfaces.link)),
        "legs": len(control.legs),
        **_sampling(plan),
    }


def _stored(scenario: Scenario, plan: Plan) -> dict[str, Any]:
    """Return what archives must keep, in TB year by year, where anything is archived."""
    stored = stored_by_scenario(scenario, plan)
    return {"stored_tb_by_year": stored} if stored else {}


def _sampling(plan: Plan) -> dict[str, Any]:
    """Return how much of the window the packets of streams were measured in."""
    sampled, duration_s = plan.sampled, plan.duration_ns / NS_PER_S
    return {
        "stream_sampling": 1.0 if sampled is None else 1 / sampled.turns,
        "sampled_blocks": 0 if sampled is None else sampled.blocks,
        "measured_s": duration_s if sampled is None else sampled.measured_ns() / NS_PER_S,
    }


def peak_memory_bytes() -> int:
    """Return the greatest resident size of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
