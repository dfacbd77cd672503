"""Small networks and scripted sources for tests of data planes."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from telemedsim.dataplane.base import Stream, Tree
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.network.plan import Interfaces
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.traffic import Packets, PacketSource, Playout, Recipe
from telemedsim.parts.traffic._frames import written_recipe

SECOND_NS = 1_000_000_000
BIN_NS = 300 * SECOND_NS


class Trace(PacketSource):
    """A source whose packets are written down; each packet is a frame of its own."""

    kind: Literal["trace"] = "trace"
    send_ns: Any
    sizes: Any

    def capture_ns(self, key: int, first_frame: int, frame_count: int) -> NDArray[np.int64]:
        return self.send_ns[first_frame : first_frame + frame_count]

    def frames_before(self, key: int, time_ns: int) -> int:
        return int(np.searchsorted(self.send_ns, time_ns))

    def packets(self, key: int, first_frame: int, frame_count: int) -> Packets:
        frames = np.arange(first_frame, first_frame + frame_count)
        return Packets(self.send_ns[frames], self.sizes[frames], frames)

    def recipe(self, key: int) -> Recipe:
        return written_recipe(self.send_ns.tolist(), self.sizes.tolist())

    def largest_packet_bytes(self) -> int:
        return int(max(self.sizes, default=1))

    def expected_rate_bps(self) -> float:
        return 1.0


def trace(send_ns: Sequence[int], sizes: Sequence[int] | int) -> Trace:
    """Return a source that sends at these times; one size may stand for all."""
    times = np.array(send_ns, dtype=np.int64)
    return Trace.model_construct(
        send_ns=times, sizes=np.broadcast_to(np.array(sizes, dtype=np.int64), times.shape)
    )


def stream(
    flow: int,
    source: PacketSource,
    tree: Tree | tuple[int, ...],
    class_index: int = 0,
    stop_ns: int = 10**15,
    playout: Playout | None = None,
    start_ns: int = 0,
) -> Stream:
    """Return a stream that begins at 0 and never stops by itself."""
    where = tree if isinstance(tree, Tree) else Tree.path(tree)
    return Stream(flow, 1000 + flow, class_index, start_ns, stop_ns, source, where, playout)


def interfaces(
    rates_bps: Sequence[int],
    *,
    propagation_ns: int | Sequence[int] = 0,
    limit: int | Sequence[int] = 10**9,
    in_bytes: int = 0,
    overhead_bytes: int = 0,
    min_frame_bytes: int = 0,
    scheduler: Any = None,
    drop_policy: Any = None,
    loss: Any = None,
    variation: Any = None,
) -> Interfaces:
    """Return interfaces of these rates; a single value holds for all of them."""
    count = len(rates_bps)

    def column(value: int | Sequence[int]) -> NDArray[np.int64]:
        return np.array(np.broadcast_to(np.array(value, dtype=np.int64), (count,)))

    def each(value: Any, default: Any) -> tuple[Any, ...]:
        return tuple(value) if isinstance(value, list) else (value or default,) * count

    names = tuple(f"link{index}/up" for index in range(count))
    return Interfaces(
        name=names,
        link=names,
        technology=names,
        origin=names,
        tail=column(0),
        head=column(1),
        rate_bps=column(rates_bps),
        propagation_ns=column(propagation_ns),
        overhead_bytes=column(overhead_bytes),
        min_frame_bytes=column(min_frame_bytes),
        queue_limit=column(limit),
        queue_in_bytes=column(in_bytes),
        scheduler=each(scheduler, Fifo()),
        drop_policy=each(drop_policy, DropTail()),
        loss=each(loss, NoLoss()),
        delay_variation=each(variation, NoVariation()),
        active=column(1),
        monthly_cost=np.zeros(count),
    )


def reference_plane(
    table: Interfaces, classes: tuple[str, ...] = ("high", "low"), seed: int = 1
) -> ReferencePlane:
    """Return a reference plane with series bins of a second."""
    return ReferencePlane(table, classes, BIN_NS, SECOND_NS, seed, 0)


class Log:
    """Writes down (flow, number, time) of every delivery at a plane's stream legs, in order."""

    def __init__(self, plane: ReferencePlane) -> None:
        self.deliveries: list[tuple[int, int, int]] = []
        self.splits: list[tuple[int, Any]] = []
        self._plane = plane

    def watch(self, flow: int) -> None:
        """Watch a stream that has been opened."""
        from telemedsim.dataplane.reference.packet import split_of_packet

        for leg in self._plane._streams[flow]._legs:
            deliver = leg.meter.deliver

            def logged(packet: Any, now: int, deliver: Any = deliver) -> bool:
                self.deliveries.append((packet.flow, packet.number, now))
                self.splits.append((now - packet.sent_ns, split_of_packet(packet)))
                return bool(deliver(packet, now))

            leg.meter.deliver = logged  # type: ignore[method-assign]
