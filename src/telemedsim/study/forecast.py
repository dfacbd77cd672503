"""A dry run: what an experiment would do, before any packet is simulated."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from telemedsim.catalogue.load import catalogue
from telemedsim.control.world import simulate
from telemedsim.core.units import NS_PER_S
from telemedsim.dataplane.base import Stream, Tree
from telemedsim.dataplane.demand import DemandPlane
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.model.load import Scenario
from telemedsim.network.compile import compile_plan
from telemedsim.network.plan import Plan
from telemedsim.parts.traffic.constant import Constant
from telemedsim.study.retention import stored_by_scenario

if TYPE_CHECKING:
    import pandas as pd

BUSIEST = 15
BYTES_AT_REST = 250e6
"""Of a process with all libraries loaded; measured on CPython 3.11."""
BYTES_A_LEG = 350e3
"""Histograms of a leg and what is kept of their first packets; measured on guizhou_day."""
MIXED_WORK = 3.0
"""How much longer a packet-hop takes among a thousand flows than in the calibration, which has one;
measured on guizhou_day: its objects do not fit the processor's cache."""
HYBRID_GAIN = 40.0
"""Packet-hops of engine `hybrid` in the time of one of `reference`; measured on guizhou_day."""
CALIBRATION_NS = 300_000_000
CALIBRATION_PERIOD_NS = 40_000


@dataclass(frozen=True)
class Forecast:
    """Figures by name (units in the names), and the most loaded interfaces."""

    figures: Mapping[str, Any]
    loads: "pd.DataFrame"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"figures": dict(self.figures), "loads": self.loads.to_dict(orient="records")}


def forecast(scenario: Scenario) -> Forecast:
    """Return what a run would do: control runs in full, on a plane that only adds up."""
    plan = compile_plan(scenario)
    plane = DemandPlane(plan.interfaces, plan.classes, plan.duration_ns)
    control, _ = simulate(plan, plane)
    load = plane.offered_bits / (plan.interfaces.rate_bps * (plan.duration_ns / NS_PER_S))
    packets, hops = plane.stream_packets + plane.segments, float(plane.offered_packets.sum())
    if plan.sampled is not None:
        # All transfers are a fluid then, and packets of streams move in parts of the window only.
        share = plan.sampled.simulated_ns / plan.duration_ns
        packets, hops = plane.stream_packets * share, plane.stream_hops * share
    speed = hops_per_s(plan) / MIXED_WORK
    if scenario.experiment.engine == "hybrid":
        speed *= HYBRID_GAIN
    figures = {
        "experiment": plan.name,
        "engine": scenario.experiment.engine,
        "simulated_s": plan.duration_ns / NS_PER_S,
        "sites": len(set(plan.nodes.site)),
        "links": len(set(plan.interfaces.link)),
        "sessions": len(control.sessions),
        "legs": len(control.legs),
        "stream_sampling": scenario.experiment.stream_sampling,
        "sampled_blocks": 0 if plan.sampled is None else plan.sampled.blocks,
        "packets": round(packets),
        "packet_hops": round(hops),
        "packet_hops_per_s_here": round(speed, -3),
        "expected_wall_s": round(hops / speed, 1),
        "expected_memory_mb": round((BYTES_AT_REST + BYTES_A_LEG * len(control.legs)) / 1e6),
        "overloaded_interfaces": int((load > 1).sum()),
        **_stored(scenario, plan),
    }
    return Forecast(figures, _loads(plan, plane, load))


def _stored(scenario: Scenario, plan: Plan) -> Mapping[str, float]:
    """Return the TB that archives keep at the end of the years in which a retention ends."""
    ends = sorted(int(years) for years in catalogue().value("records.retention_years").values())
    return {
        f"stored_tb_after_{year}_years_{block}": stored[year - 1]
        for block, stored in stored_by_scenario(scenario, plan).items()
        for year in ends
        if year <= len(stored)
    }


def _loads(plan: Plan, plane: DemandPlane, load: "np.ndarray") -> "pd.DataFrame":
    import pandas as pd

    table, seconds = plan.interfaces, plan.duration_ns / NS_PER_S
    order = sorted(range(len(load)), key=lambda i: (-load[i], i))[:BUSIEST]
    return pd.DataFrame(
        {
            "interface": [table.name[i] for i in order],
            "technology": [table.technology[i] for i in order],
            "rate_mbps": [float(table.rate_bps[i]) / 1e6 for i in order],
            "offered_mbps": [round(float(plane.offered_bits[i]) / seconds / 1e6, 3) for i in order],
            "load": [round(float(load[i]), 4) for i in order],
        }
    )


def hops_per_s(plan: Plan) -> float:
    """Return the packet-hops a second of one stream here, measured in about 0.2 s on the plan's links."""
    plane = ReferencePlane(
        plan.interfaces, plan.classes, plan.bin_ns, plan.series_bin_ns, plan.seed, plan.replication
    )
    route = max(plan.routes.values(), key=len)
    source = Constant(period_ns=CALIBRATION_PERIOD_NS, ip_bytes=200)
    plane.open(Stream(0, 0, 0, 0, CALIBRATION_NS, source, Tree.path(route), None))
    began = time.perf_counter()
    plane.advance(CALIBRATION_NS)
    return plane.finish().packet_hops / (time.perf_counter() - began)
