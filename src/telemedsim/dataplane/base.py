"""The seam between decisions and packets: flows go in, reports and records come out."""

from dataclasses import dataclass
from typing import Protocol

from telemedsim.parts.traffic import PacketSource, Playout
from telemedsim.parts.transport import Tcp
from telemedsim.records.flows import FlowRecords

INTERRUPTION_NS = 2_000_000_000
"""Nothing delivered for this long is an interruption (definitions.md, rule 7)."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Where a stream's packets go: one row a copy of the packet on an interface.

    A unicast path is a chain. Multicast branches at a site; a relay is a branch with one row
    for each viewer; unicast to many viewers is many roots. ``leg[i]`` is the leg that ends
    behind row i, or -1. Rows stand in order, parents before children.
    """

    interface: tuple[int, ...]
    parent: tuple[int, ...]
    leg: tuple[int, ...]

    @classmethod
    def path(cls, interfaces: tuple[int, ...]) -> "Tree":
        """Return the tree of a single path with leg 0 at its end."""
        last = len(interfaces) - 1
        return cls(
            interfaces,
            tuple(range(-1, last)),
            tuple(0 if i == last else -1 for i in range(last + 1)),
        )


@dataclass(frozen=True, slots=True)
class Stream:
    """An open-loop flow: its packets are known from its source and its key."""

    flow: int
    key: int
    class_index: int
    start_ns: int
    stop_ns: int
    """No packet is sent at or after this time."""
    source: PacketSource
    tree: Tree
    playout: Playout | None
    """How the receivers show frames; None for streams without frames (probes)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a transfer, written ``delay_ns`` after the one before.

    After the one before has wholly arrived, if its sender is the receiver of that one; if the same
    end sends again, after its own writing, without waiting for any arrival. The first step is
    written ``delay_ns`` after its sender knows that the connection is open.
    """

    sender: int
    """0: the end that opened the connection, 1: the other."""
    size_bytes: int
    delay_ns: int
    """Server or application time at the sender before the first byte."""
    report: bool = False
    """True: the arrival of the last byte is reported to control and recorded as a mark."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """An elastic flow: a TCP connection (three-way handshake first) that runs its steps in order."""

    flow: int
    key: int
    class_index: int
    start_ns: int
    forward: tuple[int, ...]
    """Interfaces from end 0 to end 1."""
    backward: tuple[int, ...]
    steps: tuple[Step, ...]
    tcp: Tcp
    connected: bool = False
    """True for a transfer in progress when the window opens: no handshake."""
    delay_judged: bool = False
    """True where a clause bounds the delay of its packets."""


Flow = Stream | Transfer


@dataclass(frozen=True, slots=True)
class Report:
    """A marked step of a transfer has wholly arrived."""

    flow: int
    step: int
    time_ns: int
    last: bool


class DataPlane(Protocol):
    """What every data plane offers; times never go back, and a decision at t acts from t + 1 ns on.

    ``advance`` stops at the first instant at which something is reported, so control needs no
    forecast: it asks for the time of its own next event and gets what happened before.
    """

    def open(self, flow: Flow) -> None:
        """Begin a flow; its start is not before now."""

    def close(self, flow: int) -> None:
        """End a flow now: nothing more is sent; packets on their way go on."""

    def set_link(self, interface: int, up: bool) -> None:
        """Take an interface down (its queue waits, its packet on the wire is lost) or up again."""

    def advance(self, until_ns: int) -> tuple[int, list[Report]]:
        """Move to ``until_ns`` or to the first reports; return the time reached and the reports."""

    def finish(self) -> FlowRecords:
        """Return all that was measured; packets not yet delivered are counted as in flight."""
