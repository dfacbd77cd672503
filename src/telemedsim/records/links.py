"""The tables of links: what each interface did, over the run and bin by bin."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from telemedsim.core.units import NS_PER_S
from telemedsim.records.columns import GrowingTable
from telemedsim.records.flows import InterfaceRecord
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
    table = GrowingTable("link_series")

    @cache
    def measured(number: int) -> float:
        begin_ns, end_ns = number * bin_ns, min((number + 1) * bin_ns, duration_ns)
        parts = sampled_parts or ((begin_ns, end_ns),)
        overlaps = (max(0, min(end_ns, end) - max(begin_ns, begin)) for begin, end in parts)
        return sum(overlaps) / NS_PER_S

    for name, record in zip(names, records, strict=True):
        numbers = sorted(record.series)
        bins = [record.series[number] for number in numbers]
        widths = [min(bin_ns, duration_ns - number * bin_ns) for number in numbers]
        busy = [one[0] for one in bins]
        each: dict[str, Sequence[object]] = {
            "bin_s": [number * bin_ns / NS_PER_S for number in numbers],
            "bin_width_s": [width / NS_PER_S for width in widths],
            "measured_s": [measured(number) for number in numbers],
            "utilisation": [
                busy_ns / width if width > 0 else 0.0
                for busy_ns, width in zip(busy, widths, strict=True)
            ],
            "carried_bytes": [one[1] for one in bins],
            "lost_packets": [one[2] for one in bins],
        }
        table.extend(len(numbers), {"interface": name}, each)
    return table.columns()
