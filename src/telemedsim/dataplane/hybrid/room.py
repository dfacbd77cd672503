"""Whether the arrays have room for what a kernel is about to do: it notes what it wants, and goes on or stops."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    BIN_BUCKETS,
    CHAIN_CELLS,
    EXEMPLARS_USED,
    STRAY_USED,
    WANTED_ARRIVALS,
    WANTED_BLOCKS,
    WANTED_CELLS,
    WANTED_EXEMPLARS,
    WANTED_PACKETS,
    WANTED_SERIES,
    WANTED_STRAYS,
    World,
)


@compiled
def want_deliveries(w: World, count: int) -> None:
    """Note the room for so many deliveries, each packet written down twice."""
    cursors, wanted = w.cursors, w.wanted
    cells = 4 * count * (1 + cursors[CHAIN_CELLS])
    wanted[WANTED_EXEMPLARS] = cursors[EXEMPLARS_USED] + cells
    wanted[WANTED_STRAYS] = cursors[STRAY_USED] + 4 * count + cursors[BIN_BUCKETS]


@compiled
def has_room(w: World) -> bool:
    """Tell whether all arrays are as long as wanted."""
    wanted = w.wanted
    return (
        wanted[WANTED_ARRIVALS] <= len(w.runs)
        and wanted[WANTED_BLOCKS] <= len(w.block_next)
        and wanted[WANTED_CELLS] <= len(w.cells)
        and wanted[WANTED_EXEMPLARS] <= len(w.exemplars)
        and wanted[WANTED_STRAYS] <= len(w.strays)
        and wanted[WANTED_SERIES] <= len(w.series)
        and wanted[WANTED_PACKETS] <= len(w.packets)
    )
