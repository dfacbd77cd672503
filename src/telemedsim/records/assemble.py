"""From what was measured to the tables of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from telemedsim.core.units import NS_PER_S
from telemedsim.records.columns import GrowingTable
from telemedsim.records.flows import FlowRecords
from telemedsim.records.legs import LegTables, Timing, seconds
from telemedsim.records.links import InterfaceColumns, link_columns, series_columns
from telemedsim.records.sessions import ControlRecords, ResourceRecord, SessionRecord
from telemedsim.records.tables import Columns, Rows, typed

__all__ = ["Timing", "assemble"]


def assemble(
    interfaces: InterfaceColumns,
    classes: tuple[str, ...],
    flows: FlowRecords,
    control: ControlRecords,
    timing: Timing,
    sites: Rows,
    limits: Rows,
) -> dict[str, pd.DataFrame]:
    """Return the tables of a run before any verdict, exactly as in `records.schema`.

    ``sites`` and ``limits`` are rows of the tables of that name. Each flow of ``flows`` is asked for
    once, in the order of the legs, and nothing of its record is kept.
    """
    legs = LegTables(interfaces.name, classes, flows, control, timing, _judged_delays(limits))
    for use in control.legs:
        legs.add(use)
    duration_ns = timing.duration_ns
    links = link_columns(interfaces, flows.interfaces, duration_ns)
    parts = flows.sampled_parts
    series = series_columns(
        interfaces.name, flows.interfaces, duration_ns, timing.series_bin_ns, parts
    )
    return {
        "sessions": typed("sessions", _sessions(control.sessions)),
        **legs.frames(),
        "links": typed("links", links),
        "link_series": typed("link_series", series),
        "sampled_parts": typed(
            "sampled_parts",
            [{"begin_s": begin / NS_PER_S, "end_s": end / NS_PER_S} for begin, end in parts],
        ),
        "resources": typed("resources", [_resource(one) for one in control.resources]),
        "sites": typed("sites", sites),
        "limits": typed("limits", limits),
    }


def _judged_delays(limits: Rows) -> frozenset[tuple[str, str]]:
    """Return (scenario, service) of which a clause bounds the delay of packets."""
    return frozenset(
        (str(limit["scenario"]), str(limit["service"]))
        for limit in limits
        if str(limit["clause"]).startswith("delay_")
    )


def _sessions(sessions: Sequence[SessionRecord]) -> Columns:
    table = GrowingTable("sessions")
    for session in sessions:
        table.append(_session(session))
    return table.columns()


def _resource(one: ResourceRecord) -> Mapping[str, object]:
    return {**asdict(one), "peak_share": one.peak / one.capacity}


def _session(session: SessionRecord) -> Mapping[str, object]:
    return {
        "session": session.session,
        "scenario": session.scenario,
        "service": session.service,
        "site": session.site,
        "tier": session.tier,
        "started_s": session.started_ns / NS_PER_S,
        "ended_s": seconds(session.ended_ns),
        "outcome": session.outcome,
        "in_progress": session.in_progress,
        "blocked_by": session.blocked_by,
    }
