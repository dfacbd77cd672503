"""Small reference planes for transfers: two ends, a way there and a way back."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from telemedsim.catalogue.files import read
from telemedsim.dataplane.base import Report, Step, Transfer
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.network.plan import Interfaces
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.parts.impairments import DelayVariation, LossProcess
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.transport import Tcp
from telemedsim.records.flows import FlowRecords, TransferRecord

MS = 1_000_000
SECOND = 1_000_000_000
UNBOUNDED_PACKETS = 10**9
NO_LOSS, NO_VARIATION = NoLoss(), NoVariation()


def tcp(**changes: Any) -> Tcp:
    """Return the catalogue's parameters with some changed."""
    defaults = {row["id"]: row["value"] for row in read("transport")["tcp"]}
    return Tcp(**{**defaults, **changes})


@dataclass(frozen=True)
class Hop:
    """One hop of a way."""

    rate_bps: int = 10**9
    propagation_ns: int = MS
    queue_packets: int = UNBOUNDED_PACKETS
    overhead_bytes: int = 0
    loss: LossProcess = NO_LOSS
    variation: DelayVariation = NO_VARIATION


def interfaces(both: list[Hop]) -> Interfaces:
    """Return the interfaces of a line of hops: forward 0, 1, …, then back from the far end."""
    count = len(both)

    def integers(name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([getattr(hop, name) for hop in both], dtype=np.int64)

    zeros = np.zeros(count, dtype=np.int64)
    nodes = list(range(count // 2 + 1))
    tails = nodes[:-1] + nodes[:0:-1]
    heads = nodes[1:] + nodes[-2::-1]
    names = tuple(f"line-{number}" for number in range(count))
    return Interfaces(
        name=names,
        link=names,
        technology=("test",) * count,
        origin=("",) * count,
        tail=np.array(tails, dtype=np.int64),
        head=np.array(heads, dtype=np.int64),
        rate_bps=integers("rate_bps"),
        propagation_ns=integers("propagation_ns"),
        overhead_bytes=integers("overhead_bytes"),
        min_frame_bytes=zeros,
        queue_limit=integers("queue_packets"),
        queue_in_bytes=zeros,
        scheduler=(Fifo(),) * count,
        drop_policy=(DropTail(),) * count,
        loss=tuple(hop.loss for hop in both),
        delay_variation=tuple(hop.variation for hop in both),
        active=zeros + 1,
        monthly_cost=np.zeros(count),
    )


class Line:
    """A reference plane over one line of hops."""

    def __init__(self, *hops: Hop, back: list[Hop] | None = None, seed: int = 1) -> None:
        """The way back is that of the hops in reverse, unless it is given."""
        both = [*hops, *(back or hops[::-1])]
        self.plane = self.plane_over(interfaces(both), seed)
        self.forward = tuple(range(len(hops)))
        self.backward = tuple(range(len(hops), 2 * len(hops)))
        self.reports: list[Report] = []
        self.records: FlowRecords | None = None

    def plane_over(self, table: Interfaces, seed: int) -> Any:
        """Return the plane that the line's transfers run on."""
        return ReferencePlane(table, ("data",), 300 * SECOND, SECOND, seed, 0)

    def open(
        self,
        *steps: Step,
        parameters: Tcp | None = None,
        flow: int = 0,
        start_ns: int = 0,
        connected: bool = False,
    ) -> None:
        """Open a transfer."""
        parameters = tcp() if parameters is None else parameters
        key = 1000 + flow
        self.plane.open(
            Transfer(
                flow, key, 0, start_ns, self.forward, self.backward, steps, parameters, connected
            )
        )

    def run(self, until_ns: int) -> None:
        """Run to a time; reports are kept."""
        now = -1
        while now < until_ns:
            now, reports = self.plane.advance(until_ns)
            self.reports += reports

    def finish(self, until_ns: int, flow: int = 0) -> TransferRecord:
        """Run to a time and return a transfer's record."""
        self.run(until_ns)
        if self.records is None:
            self.records = self.plane.finish()
        return self.records.transfers[flow]
