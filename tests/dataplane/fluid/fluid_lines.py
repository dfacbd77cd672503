"""A line of hops for fluid transfers, as `dataplane.transfer_lines.Line` is for packets."""

from typing import Any

from dataplane.transfer_lines import SECOND, Hop, interfaces, tcp
from telemedsim.dataplane.base import Report, Step, Transfer
from telemedsim.dataplane.hybrid.fluid.transfers import FluidTransfers
from telemedsim.parts.transport import Tcp
from telemedsim.records.flows import TransferRecord


class FluidLine:
    """Fluid transfers over one line of hops and back."""

    def __init__(self, *hops: Hop, back: list[Hop] | None = None) -> None:
        both = [*hops, *(back or hops[::-1])]
        self.plane = FluidTransfers(interfaces(both), ("data",), 300 * SECOND, SECOND)
        self.forward = tuple(range(len(hops)))
        self.backward = tuple(range(len(hops), 2 * len(hops)))
        self.reports: list[Report] = []
        self.series: list[dict[int, int]] = []

    def open(
        self,
        *steps: Step,
        parameters: Tcp | None = None,
        flow: int = 0,
        start_ns: int = 0,
        connected: bool = False,
    ) -> None:
        parameters = tcp() if parameters is None else parameters
        self.plane.open(
            Transfer(
                flow,
                1000 + flow,
                0,
                start_ns,
                self.forward,
                self.backward,
                steps,
                parameters,
                connected,
            )
        )

    def run(self, until_ns: int) -> None:
        now = -1
        while now < until_ns:
            now, reports = self.plane.advance(until_ns)
            self.reports += reports

    def finish(self, until_ns: int, flow: int = 0) -> TransferRecord:
        self.run(until_ns)
        records: Any
        records, self.series = self.plane.finish()
        one: TransferRecord = records[flow]
        return one
