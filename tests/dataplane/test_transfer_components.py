"""Which lines move in step with transfers by packets, and that it changes nothing which do."""

import pytest

from dataplane.transfer_lines import tcp
from plane_networks import stream, trace
from random_networks import CLASSES, MS, Draws, differences
from random_networks import interfaces as table_of
from telemedsim.dataplane.base import DataPlane, Report, Step, Stream, Transfer, Tree
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.collecting import Collector
from telemedsim.dataplane.hybrid.packets import columns
from telemedsim.dataplane.hybrid.packets.transfers import PacketTransfers
from telemedsim.dataplane.hybrid.placing import Places
from telemedsim.dataplane.hybrid.plane import HybridPlane
from telemedsim.dataplane.hybrid.scheduling import Schedule
from telemedsim.dataplane.hybrid.streams import Streams
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.dataplane.reference.plane import ReferencePlane
from telemedsim.network.plan import Interfaces
from telemedsim.records.flows import FlowRecords

SECOND_NS = 1_000 * MS
BIN_NS, SERIES_BIN_NS = 300 * MS, 100 * MS
LINES = 8
ONE, OTHER = ((0,), (1,)), ((2,), (3,))
"""The ways of two transfers that share no line."""
BOTH = Tree((4, 0, 2, 5), (-1, 0, 0, 0), (-1, 0, 1, 2))
"""A tree that feeds a line of each from line 4."""
ROOTS = Tree((0, 2), (-1, -1), (0, 1))
"""The same without a line before them."""


def lines() -> Interfaces:
    built: Interfaces = table_of(
        [2_000_000] * LINES, propagation_ns=[MS, 3 * MS, 7 * MS, MS, 0, MS, 2 * MS, MS], limit=20
    )
    return built


def transfer(flow: int, ways: tuple[tuple[int, ...], tuple[int, ...]], size_bytes: int) -> Transfer:
    steps = (Step(0, size_bytes, 0, report=True), Step(1, 3_000, 2 * MS, report=True)) * 3
    return Transfer(flow, 77 + flow, flow % len(CLASSES), 0, *ways, steps, tcp())


def a_stream(flow: int, tree: Tree | tuple[int, ...], start_ns: int = 0) -> Stream:
    source = trace(range(0, SECOND_NS, 5 * MS), 900)
    made: Stream = stream(flow, source, tree, flow % len(CLASSES), start_ns=start_ns)
    return made


class Lines:
    """Tables with flows, and the components that they make."""

    def __init__(self) -> None:
        table = lines()
        self.tables = Tables(table, CLASSES, SERIES_BIN_NS, 1, 0)
        places = Places(self.tables, BIN_NS)
        collector = Collector(self.tables, places)
        self.streams = Streams(self.tables, places, collector)
        self.schedule = Schedule(table.propagation_ns)
        self.packets = PacketTransfers(self.tables, places, collector, self.schedule)
        for flow, ways in enumerate((ONE, OTHER)):
            self.packets.open(transfer(flow, ways, 1_000))

    def open(self, one: Stream) -> int:
        """Open a stream; return its number."""
        self.schedule.add(one.tree)
        self.packets.touch(one.tree)
        return self.streams.open(one).number

    def components(self) -> list[int]:
        """Return the component of each line; -1 for one that is not in step."""
        self.tables.put("schedule", self.schedule.table())
        self.packets.join_lines(self.streams.active)
        found: list[int] = self.tables.arrays["component_of"].tolist()
        return found

    def fed(self, component: int) -> list[int]:
        """Return the numbers of the streams that feed a component."""
        row = self.tables.arrays["components"][component]
        at, end = row[columns.SOURCES_AT], row[columns.SOURCES_END]
        found: list[int] = self.tables.arrays["component_streams"][at:end].tolist()
        return found


def test_transfers_that_share_no_line_are_components_of_their_own() -> None:
    world = Lines()
    world.open(a_stream(2, (4, 5)))
    assert world.components() == [0, 0, 1, 1, -1, -1, -1, -1]
    assert world.fed(0) == world.fed(1) == []


def test_a_line_before_one_in_step_is_in_step_and_one_behind_it_is_not() -> None:
    world = Lines()
    number = world.open(a_stream(2, (6, 4, 0, 5)))
    assert world.components() == [0, 0, 1, 1, 0, -1, 0, -1]
    assert world.fed(0) == [number]
    table = world.tables.arrays["component_lines"][:4, layout.GROUP_LINE].tolist()
    assert table.index(6) < table.index(4) < table.index(0)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [(BOTH, [0, 0, 0, 0, 0, -1, -1, -1]), (ROOTS, [0, 0, 0, 0, -1, -1, -1, -1])],
)
def test_a_stream_to_both_joins_components_until_it_ends(tree: Tree, expected: list[int]) -> None:
    world = Lines()
    assert world.components() == [0, 0, 1, 1, -1, -1, -1, -1]
    number = world.open(a_stream(2, tree))
    assert world.components() == expected
    assert world.fed(0) == [number]
    world.streams.finish(number, 0)
    world.packets.touch(None)
    assert world.components() == [0, 0, 1, 1, -1, -1, -1, -1]


def run(plane: DataPlane, number: int) -> tuple[FlowRecords, list[tuple[int, list[Report]]]]:
    """Let control answer each report: streams to one, both or none of the transfers come and go."""
    draws = Draws(number)
    for flow, ways in enumerate((ONE, OTHER, ((7,), (5,)))):
        plane.open(transfer(flow, ways, draws.one_of((40_000, 90_000))))
    flows, now, stops = 3, 0, []
    while now < SECOND_NS:
        now, reports = plane.advance(min(SECOND_NS, now + 200 * MS))
        stops.append((now, reports))
        tree = draws.one_of((BOTH, ROOTS, (4, 0), (6, 4, 2), (6,), (5, 6), (0, 4)))
        plane.open(a_stream(flows, tree, now + draws.between(1, 3 * MS)))
        flows += 1
        if draws.chance(0.5):
            plane.close(draws.between(3, flows - 1))
        if draws.chance(0.2):
            plane.set_link(draws.below(LINES), draws.chance(0.7))
    return plane.finish(), stops


@pytest.mark.parametrize("number", range(6))
def test_control_that_answers_reports_sees_the_same_on_both_planes(number: int) -> None:
    reference = ReferencePlane(lines(), CLASSES, BIN_NS, SERIES_BIN_NS, number, 0)
    wanted, stops = run(reference, number)
    assert sum(len(reports) for _, reports in stops) > 6
    for window_ns in (7 * MS, 250 * MS):
        settings = (BIN_NS, SERIES_BIN_NS, number, 0, window_ns)
        hybrid = HybridPlane(lines(), CLASSES, *settings, transfers="packets")
        found, other_stops = run(hybrid, number)
        assert other_stops == stops
        assert differences(wanted, found) == []
