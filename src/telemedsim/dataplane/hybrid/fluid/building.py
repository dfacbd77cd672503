"""A fluid network from a table of interfaces."""

from collections.abc import Sequence

from telemedsim.dataplane.hybrid.fluid.network import FluidNetwork
from telemedsim.dataplane.hybrid.fluid.state import FIFO, STRICT_PRIORITY, WEIGHTED
from telemedsim.network.plan import Interfaces

LONGEST_PATH = 16
KINDS = {"fifo": FIFO, "strict_priority": STRICT_PRIORITY}


def network_of(table: Interfaces, classes: tuple[str, ...], rates: Sequence[float]) -> FluidNetwork:
    """Return the network of a table of interfaces; rates in bytes a ns."""
    shares = []
    for scheduler in table.scheduler:
        parameters = [float(one) for one in scheduler.parameters(classes)]
        shares.append(parameters if len(parameters) == len(classes) else [1.0] * len(classes))
    kinds = [KINDS.get(scheduler.kind, WEIGHTED) for scheduler in table.scheduler]
    return FluidNetwork(rates, kinds, shares, longest_path=LONGEST_PATH)
