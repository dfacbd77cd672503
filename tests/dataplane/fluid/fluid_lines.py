"""A line of hops for fluid transfers, as `dataplane.transfer_lines.Line` is for packets."""

from typing import Any

from dataplane.transfer_lines import SECOND, Line
from telemedsim.dataplane.hybrid.fluid.transfers import FluidTransfers
from telemedsim.network.plan import Interfaces
from telemedsim.records.flows import TransferRecord
from telemedsim.records.interface_series import IntArray


class FluidLine(Line):
    """Fluid transfers over one line of hops and back."""

    carried: IntArray
    """Rows of (interface, bin, bytes), once finished."""

    def plane_over(self, table: Interfaces, seed: int) -> Any:
        return FluidTransfers(table, ("data",), 300 * SECOND, SECOND)

    def finish(self, until_ns: int, flow: int = 0) -> TransferRecord:
        self.run(until_ns)
        records, self.carried = self.plane.finish()
        one: TransferRecord = records[flow]
        return one
