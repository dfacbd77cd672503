"""The tables of links: what each interface did, over the run and bin by bin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from telemedsim.core.units import NS_PER_S
from telemedsim.records.columns import Coded
from telemedsim.records.flows import InterfaceRecord
from telemedsim.records.interface_series import (
    BIN,
    BUSY_NS,
    CARRIED_BYTES,
    LOST_PACKETS,
    IntArray,
    column_of,
)
from telemedsim.records.tables import Columns


@dataclass(frozen=True)
class InterfaceColumns:
    """What is known of each direction of each link before the run; tuples of equal length."""

    name: tuple[str, ...]
    link: tuple[str, ...]
    technology: tuple[str, ...]
    origin: tuple[str, ...]
    from_site: tuple[str, ...]
    to_site: tuple[str, ...]
    rate_bps: tuple[int, ...]
    monthly_cost: tuple[float, ...]


def link_columns(
    interfaces: InterfaceColumns,
    records: Sequence[InterfaceRecord],
    duration_ns: int,
) -> dict[str, Any]:
    """Return the columns of table ``links``: one row for each interface."""
    return {
        "interface": interfaces.name,
        "link": interfaces.link,
        "from_site": interfaces.from_site,
        "to_site": interfaces.to_site,
        "technology": interfaces.technology,
        "origin": interfaces.origin,
        "rate_bps": interfaces.rate_bps,
        "utilisation": [record.busy_ns / duration_ns for record in records],
        "carried_packets": [record.carried_packets for record in records],
        "carried_bytes": [record.carried_bytes for record in records],
        "arrived_packets": [record.arrived_packets for record in records],
        "delivered_packets": [record.delivered_packets for record in records],
        "queued_packets": [record.queued_packets for record in records],
        "lost_impairment": [record.lost_packets[0] for record in records],
        "lost_overflow": [record.lost_packets[1] for record in records],
        "lost_policer": [record.lost_packets[2] for record in records],
        "lost_outage": [record.lost_packets[3] for record in records],
        "max_queue_packets": [record.max_queue_packets for record in records],
        "down_s": [record.down_ns / NS_PER_S for record in records],
        "monthly_cost": interfaces.monthly_cost,
    }


def series_columns(
    names: Sequence[str],
    records: Sequence[InterfaceRecord],
    duration_ns: int,
    bin_ns: int,
    sampled_parts: tuple[tuple[int, int], ...] = (),
) -> Columns:
    """Return the columns of table ``link_series``; bins without traffic have no row."""
    series = [record.series for record in records]
    counts = [len(one.rows) for one in series]
    begin_ns = column_of(series, BIN) * bin_ns
    width_ns = np.minimum(bin_ns, duration_ns - begin_ns)
    busy_ns = column_of(series, BUSY_NS)
    utilisation = np.zeros(len(busy_ns))
    np.divide(busy_ns, width_ns, out=utilisation, where=width_ns > 0)
    return {
        "interface": Coded(np.repeat(np.arange(len(names), dtype=np.int32), counts), tuple(names)),
        "bin_s": begin_ns / NS_PER_S,
        "bin_width_s": width_ns / NS_PER_S,
        "measured_s": _measured_ns(begin_ns, width_ns, sampled_parts) / NS_PER_S,
        "utilisation": utilisation,
        "carried_bytes": column_of(series, CARRIED_BYTES),
        "lost_packets": column_of(series, LOST_PACKETS),
    }


def _measured_ns(
    begin_ns: IntArray, width_ns: IntArray, sampled_parts: tuple[tuple[int, int], ...]
) -> IntArray:
    """Return how much of each bin was measured; all of it where time was not sampled."""
    if not sampled_parts:
        return np.maximum(0, width_ns)
    bins, place = np.unique(begin_ns, return_inverse=True)
    ends = bins + width_ns[np.unique(begin_ns, return_index=True)[1]]
    measured = np.zeros(len(bins), np.int64)
    for part_begin, part_end in sampled_parts:
        measured += np.maximum(0, np.minimum(ends, part_end) - np.maximum(bins, part_begin))
    return measured[place]
