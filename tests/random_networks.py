"""Random small networks with streams on them, for comparing data planes packet by packet.

Times stand on coarse grids, so that many things happen at one instant; queues are short, so that packets
are dropped; every scheduler, drop policy, loss and delay variation takes part.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from plane_networks import interfaces, trace
from telemedsim.core.random_streams import RandomStream, stream_key
from telemedsim.dataplane.base import DataPlane, Stream, Tree
from telemedsim.network.plan import Interfaces
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.parts.drop_policies.red import Red
from telemedsim.parts.impairments.bit_error import BitError
from telemedsim.parts.impairments.exponential import Exponential
from telemedsim.parts.impairments.gilbert_elliott import GilbertElliott
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.impairments.uniform import Uniform
from telemedsim.parts.schedulers.drr import Drr
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq
from telemedsim.parts.traffic import Playout
from telemedsim.records.flows import FlowRecords

CLASSES = ("voice", "video", "data")
MS = 1_000_000
NEVER_NS = 10**15
SHAPES = ("tree", "ring", "mesh")
One = TypeVar("One")


class Draws:
    """Choices of one random network."""

    def __init__(self, number: int) -> None:
        self._stream = RandomStream(stream_key(number, 0, "random network", "test"))

    def below(self, count: int) -> int:
        return int(self._stream.uniform() * count)

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def one_of(self, values: Sequence[One]) -> One:
        return values[self.below(len(values))]

    def chance(self, probability: float) -> bool:
        return self._stream.uniform() < probability


@dataclass(frozen=True)
class Network:
    """A network, its streams, and what happens to them until the end."""

    number: int
    table: Interfaces
    streams: tuple[Stream, ...]
    until_ns: int


def network(number: int) -> Network:
    """Return one random network; trees, rings and meshes take turns."""
    draws = Draws(number)
    grain_ns = draws.one_of((1, 1_000, 100_000))
    lines = draws.between(1, 8)
    table = _interfaces(draws, lines, grain_ns)
    shape = SHAPES[number % len(SHAPES)]
    count = draws.between(1, 6)
    streams = tuple(_stream(draws, flow, shape, lines, grain_ns) for flow in range(count))
    return Network(number, table, streams, draws.one_of((400, 1_500, 4_000)) * MS)


def _interfaces(draws: Draws, count: int, grain_ns: int) -> Interfaces:
    weights = {name: draws.between(1, 4) for name in CLASSES}
    quanta = {name: draws.one_of((300, 1_500, 9_000)) for name in CLASSES}
    schedulers = (Fifo(), StrictPriority(), Wfq(weights=weights), Drr(quanta_bytes=quanta))
    red = Red(
        min_threshold=0.2,
        max_threshold=0.7,
        max_probability=0.2,
        weight_exponent=3,
        typical_packet_bytes=500,
    )
    bursts = GilbertElliott(p=0.05, r=0.3)
    losses = (NoLoss(), Independent(probability=0.05), bursts, BitError(bit_error_ratio=1e-5))
    variations = (NoVariation(), NoVariation(), Uniform(high_ms=2), Exponential(mean_ms=1))

    def each(values: Sequence[Any]) -> list[Any]:
        return [draws.one_of(values) for _ in range(count)]

    table = interfaces(
        each((1_000_000, 2_000_000, 8_000_000)),
        propagation_ns=each((0, grain_ns, 10 * grain_ns, 3 * MS)),
        limit=each((2, 5, 40)),
        overhead_bytes=draws.one_of((0, 38)),
        min_frame_bytes=draws.one_of((0, 84)),
        scheduler=each(schedulers),
        drop_policy=each((DropTail(), DropTail(), red)),
        loss=each(losses),
        variation=each(variations),
    )
    if draws.chance(0.3):
        table = replace(
            table, queue_limit=table.queue_limit * 1_500, queue_in_bytes=table.queue_in_bytes + 1
        )
    return table


def _stream(draws: Draws, flow: int, shape: str, lines: int, grain_ns: int) -> Stream:
    packets = draws.between(1, 150)
    spread = 2_000 * MS // grain_ns
    times = sorted(
        draws.below(spread) * grain_ns if draws.chance(0.7) else 500 * MS for _ in range(packets)
    )
    sizes = [draws.one_of((40, 100, 500, 1_200)) for _ in times]
    playout = None
    if draws.chance(0.5):
        playout = Playout(
            jitter_buffer_ms=draws.one_of((1, 20)),
            frame_period_ns=33 * MS,
            repair=draws.one_of(("none", "nack", "fec")),  # type: ignore[arg-type]
            fec_overhead=0.2,
        )
    stop_ns = draws.one_of((NEVER_NS, 1_000 * MS))
    tree, class_index = _tree(draws, flow, shape, lines), draws.below(len(CLASSES))
    return Stream(flow, 1_000 + flow, class_index, 0, stop_ns, trace(times, sizes), tree, playout)


def _tree(draws: Draws, flow: int, shape: str, lines: int) -> Tree:
    """Return where a stream goes; multicast branches anywhere, and some legs end on the way."""
    rows = draws.between(1, 5)
    parents = tuple(draws.between(-1, row - 1) if row else -1 for row in range(rows))
    if shape == "tree":
        places = tuple(min(row, lines - 1) for row in range(rows))
    elif shape == "ring":
        places = tuple((flow + row) % lines for row in range(rows))
    else:
        places = tuple(draws.below(lines) for _ in range(rows))
    legs, count = [], 0
    for row in range(rows):
        ends = row not in parents or draws.chance(0.2)
        legs.append(count if ends else -1)
        count += ends
    return Tree(places, parents, tuple(legs))


def records_of(plane: DataPlane, one: Network) -> FlowRecords:
    """Run a network on a plane, with streams closed and links failing at the same random times."""
    draws = Draws(one.number + 1_000_000)
    for stream in one.streams:
        plane.open(stream)
    now = 0
    while now < one.until_ns:
        now = min(one.until_ns, now + draws.between(1, one.until_ns // 4))
        plane.advance(now)
        if draws.chance(0.3):
            plane.close(draws.below(len(one.streams)))
        if draws.chance(0.4):
            plane.set_link(draws.below(len(one.table.name)), draws.chance(0.5))
    return plane.finish()


def differences(one: FlowRecords, other: FlowRecords) -> list[str]:
    """Return every field of every record in which two planes differ."""
    found: list[str] = []
    for name in ("streams", "transfers", "interfaces"):
        mine, yours = getattr(one, name), getattr(other, name)
        keys = sorted(mine) if isinstance(mine, Mapping) else range(len(mine))
        assert len(mine) == len(yours)
        for key in keys:
            _compare(f"{name}[{key}]", mine[key], yours[key], found)
    return found


def _compare(where: str, mine: Any, yours: Any, found: list[str]) -> None:
    if isinstance(mine, list | tuple) and mine and dataclasses.is_dataclass(mine[0]):
        for place, (a, b) in enumerate(zip(mine, yours, strict=True)):
            _compare(f"{where}[{place}]", a, b, found)
    elif dataclasses.is_dataclass(mine):
        for field in dataclasses.fields(mine):
            _compare(
                f"{where}.{field.name}",
                getattr(mine, field.name),
                getattr(yours, field.name),
                found,
            )
    elif mine != yours:
        found.append(f"{where}: {mine} and {yours}")
