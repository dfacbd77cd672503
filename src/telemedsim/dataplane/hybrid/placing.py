"""Where a stream's rows, legs and lists stand in the tables: places taken at its opening, given back later."""

from dataclasses import dataclass, field

import numpy as np

from telemedsim.core.random_streams import child_key, signed_key
from telemedsim.core.units import NS_PER_S, framed_bytes, transmission_ns
from telemedsim.dataplane.base import Stream
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.layout import (
    NONE,
)
from telemedsim.dataplane.hybrid.tables import Pieces, Tables
from telemedsim.dataplane.trees import children_of, legs_behind, paths_of
from telemedsim.parts.traffic.settling import COUNTERS, NO_FRAME, new_state
from telemedsim.records.flows import ALL_MEASURED, LOSS_CAUSES
from telemedsim.records.histogram import SUB_BITS, bucket_of

FIRST_RING = 64
"""Frames of a ring at first: two seconds of video."""
OCTAVES = 10
"""A leg's histogram covers delays up to so many doublings of its least one; longer ones are strays."""
BUCKETS = OCTAVES << SUB_BITS


@dataclass(slots=True)
class Leg:
    """One receiver: its place in the tables and the lines of its path."""

    number: int
    path: tuple[int, ...]
    base_delay_ns: int


@dataclass(slots=True)
class Run:
    """A stream under way, and where it stands in the tables."""

    stream: Stream
    number: int
    legs: list[Leg] = field(default_factory=list)
    pieces: list[tuple[str, int, int]] = field(default_factory=list)
    """(array, begin, size) of all places that it took."""
    rows_at: int = 0
    frames_at: int = 0
    frame_ring: int = 1
    goes_on: bool = False
    """It is measured again in a later part of the window, and keeps its places until then."""
    measured_ns: int = ALL_MEASURED
    first_shown_ns: dict[int, int] = field(default_factory=dict)
    """Leg -> when the first frame was shown, as known when the stream was put aside."""
    sees_start: bool = True
    sees_end: bool = True
    """Its start, and its end, lie in parts that are measured."""


class Places:
    """Gives streams their places."""

    def __init__(self, tables: Tables, bin_ns: int) -> None:
        self._tables = tables
        self._bin_ns = bin_ns
        self._pieces: dict[str, Pieces] = {}
        self._laws: dict[tuple[float, ...], int] = {}
        """Laws of frame sizes -> where they stand; few, as they are of kinds of sources."""

    def take(self, run: Run, name: str, size: int, beside: str | None = None) -> int:
        """Return a piece of an array (and of one beside it), zeroed, that the run gives back."""
        at = self.take_for_good(name, size, beside)
        run.pieces.append((name, at, size))
        return at

    def take_for_good(self, name: str, size: int, beside: str | None = None) -> int:
        """Return a piece of an array, zeroed."""
        at = self._pieces.setdefault(name, Pieces()).take(size)
        for array in (name, beside):
            if array is not None:
                self._tables.need(array, at + size)
                self._tables.arrays[array][at : at + size] = 0
        return at

    def give_back(self, name: str, at: int, size: int) -> None:
        """Let a piece be taken again."""
        self._pieces[name].give_back(at, size)

    def clear(self, run: Run) -> None:
        """Take back all places of a run."""
        for name, at, size in run.pieces:
            self.give_back(name, at, size)
            if name == "rows":
                self._tables.arrays[name][at : at + size, layout.ROW_STREAM] = NONE
        run.pieces.clear()

    def used(self, name: str) -> int:
        """Return how much of an array has ever been taken."""
        pieces = self._pieces.get(name)
        return pieces.used if pieces else 0

    def place(self, stream: Stream) -> Run:
        """Give a stream its places."""
        tables, tree = self._tables, stream.tree
        largest = stream.source.largest_packet_bytes()
        tables.know_sizes(largest)
        run = Run(stream, self.take_for_good("streams", 1))
        run.pieces.append(("streams", run.number, 1))
        run.rows_at = self.take(run, "rows", len(tree.interface))
        paths = paths_of(tree)
        cursors = tables.arrays["cursors"]
        cursors[layout.LARGEST_BYTES] = max(cursors[layout.LARGEST_BYTES], largest)
        cells = max(map(len, paths)) * (tables.parts_a_hop + 1)
        cursors[layout.CHAIN_CELLS] = max(cursors[layout.CHAIN_CELLS], cells)
        if stream.playout is not None:
            run.frame_ring = FIRST_RING
        run.frames_at = self.take(run, "frames", 2 * run.frame_ring)
        for leg in range(max(tree.leg) + 1):
            self._place_leg(run, paths[tree.leg.index(leg)], largest)
        self._place_rows(run, paths)
        roots = [run.rows_at + row for row, parent in enumerate(tree.parent) if parent < 0]
        playout = stream.playout
        grace_ns = 0
        if playout is not None:
            budgets = [playout.budget_ns(leg.base_delay_ns) for leg in run.legs]
            grace_ns = max(budgets) + playout.frame_period_ns
        first_root = self._list(run, roots)
        showing = [leg.number for leg in run.legs] if playout is not None else []
        first_showing = self._list(run, showing)
        row = tables.arrays["streams"][run.number]
        row[layout.SEND_NS] = NEVER
        row[layout.STOP_NS] = stream.stop_ns
        row[layout.FRAME_STOP] = NO_FRAME
        row[layout.LAST_FRAME] = NONE
        row[layout.FRAMES_AT] = run.frames_at
        row[layout.FRAME_MASK] = run.frame_ring - 1
        row[layout.ROOTS_AT], row[layout.ROOTS] = first_root, len(roots)
        row[layout.LAST_SENT] = stream.start_ns
        row[layout.GRACE] = grace_ns
        row[layout.SHOWING_AT], row[layout.SHOWING] = first_showing, len(showing)
        return run

    def place_source(self, run: Run) -> IntArray:
        """Put down how a stream's packets are made; return its row, its clock still to be set."""
        numbers, laws = run.stream.source.recipe(run.stream.key)
        laws_at = self._laws_at(laws)
        row: IntArray = self._tables.arrays["streams"][run.number]
        row[layout.RECIPE :], row[layout.LAWS_AT] = numbers, laws_at
        return row

    def _laws_at(self, laws: tuple[float, ...]) -> int:
        """Return where laws of frame sizes stand, after putting them there if they are new."""
        if laws not in self._laws:
            self._laws[laws] = self.take_for_good("laws", len(laws))
            self._tables.arrays["laws"][self._laws[laws] :][: len(laws)] = laws
        return self._laws[laws]

    def widen_frames(self, run: Run) -> None:
        """Double the rings of a stream's frames."""
        arrays, size = self._tables.arrays, run.frame_ring
        places = [(run.frames_at, 2)]
        places += [(int(arrays["legs"][leg.number, layout.LEG_FRAMES_AT]), 3) for leg in run.legs]
        run.frame_ring = 2 * size
        cleared = int(arrays["streams"][run.number, layout.CLEARED])
        frames = np.arange(cleared, cleared + size)
        fresh = []
        for old, rings in places:
            new = self.take(run, "frames", rings * run.frame_ring)
            fresh.append(new)
            arrays = self._tables.arrays
            for ring in range(rings):
                source = arrays["frames"][old + ring * size :][:size]
                target = arrays["frames"][new + ring * run.frame_ring :][: run.frame_ring]
                target[frames % run.frame_ring] = source[frames % size]
            run.pieces.remove(("frames", old, rings * size))
            self.give_back("frames", old, rings * size)
        run.frames_at = fresh[0]
        row = arrays["streams"][run.number]
        row[layout.FRAMES_AT], row[layout.FRAME_MASK] = run.frames_at, run.frame_ring - 1
        for leg, at in zip(run.legs, fresh[1:], strict=True):
            arrays["legs"][leg.number, layout.LEG_FRAMES_AT] = at

    def _list(self, run: Run, values: list[int]) -> int:
        """Keep a list of numbers; return where."""
        if not values:
            return 0
        at = self.take(run, "links", len(values))
        self._tables.arrays["links"][at : at + len(values)] = values
        return at

    def _place_leg(self, run: Run, path: tuple[int, ...], largest: int) -> None:
        """Give one receiver its places."""
        tables, playout = self._tables, run.stream.playout
        number = self.take(run, "legs", 1)
        propagation_ns = sum(int(tables.arrays["lines"][i, layout.PROPAGATION]) for i in path)
        base_delay_ns = propagation_ns + sum(self.service_ns(i, largest) for i in path)
        run.legs.append(Leg(number, path, base_delay_ns))
        histogram_at = self.take(run, "histogram", BUCKETS, "firsts")
        bin_histogram_at = frames_at = settling_at = NONE
        if playout is None:
            bin_histogram_at = self.take(run, "histogram", BUCKETS, "firsts")
        else:
            frames_at = self.take(run, "frames", 3 * run.frame_ring)
            parameters = playout.parameters(base_delay_ns, 2 * base_delay_ns)
            values = [*parameters, *new_state(), *([0] * len(COUNTERS))]
            settling_at = self.take(run, "settling", len(values))
            tables.arrays["settling"][settling_at : settling_at + len(values)] = values
        sizes_at = self.take(run, "sizes", largest + 1)
        parts_at = self.take(run, "parts_ns", len(path) * tables.parts_a_hop)
        lost_at = self.take(run, "losses", len(path) * len(LOSS_CAUSES))
        row = tables.arrays["legs"][number]
        row[layout.LEG_STREAM] = run.number
        row[layout.LEG_BUDGET] = NONE if playout is None else playout.budget_ns(base_delay_ns)
        row[layout.LEG_SHOWS] = int(playout is not None)
        row[layout.LAST_NS] = row[layout.DELAY_MIN] = row[layout.LEG_BIN_END] = NONE
        row[layout.SHIFT] = max(0, propagation_ns.bit_length() - SUB_BITS - 1)
        row[layout.HISTOGRAM_OFFSET], row[layout.HISTOGRAM_SIZE] = (
            bucket_of(propagation_ns),
            BUCKETS,
        )
        row[layout.HISTOGRAM_AT], row[layout.BIN_HISTOGRAM_AT] = histogram_at, bin_histogram_at
        row[layout.SIZES_AT], row[layout.PARTS_AT], row[layout.LOST_AT] = (
            sizes_at,
            parts_at,
            lost_at,
        )
        row[layout.SETTLING_AT] = settling_at
        row[layout.LEG_FRAMES_AT], row[layout.BIN_NS] = frames_at, self._bin_ns

    def service_ns(self, line: int, ip_bytes: int) -> int:
        """Return the time to send a packet of this size on a line."""
        row = self._tables.arrays["lines"][line]
        frame_bytes = framed_bytes(ip_bytes, int(row[layout.OVERHEAD]), int(row[layout.MIN_FRAME]))
        return transmission_ns(frame_bytes, int(row[layout.RATE]))

    def services_ns(self, line: int, ip_bytes: IntArray) -> IntArray:
        """Return the times to send packets of these sizes: `service_ns` of each, at once."""
        row = self._tables.arrays["lines"][line]
        frame_bytes = np.maximum(ip_bytes + row[layout.OVERHEAD], row[layout.MIN_FRAME])
        times: IntArray = np.maximum(1, -(-frame_bytes * (8 * NS_PER_S) // row[layout.RATE]))
        return times

    def _place_rows(self, run: Run, paths: list[tuple[int, ...]]) -> None:
        """Fill the rows of the stream's tree."""
        tables, stream, tree = self._tables, run.stream, run.stream.tree
        children = children_of(tree)
        behind = legs_behind(tree, children)
        slots = {line: self.take(run, "slot_ns", 1) for line in dict.fromkeys(tree.interface)}
        lines = tables.arrays["lines"]
        for row, line in enumerate(tree.interface):
            leg, parent = tree.leg[row], tree.parent[row]
            kids = [run.rows_at + child for child in children[row]]
            legs = [run.legs[one].number for one in behind[row]]
            copies = len(kids) + (leg >= 0)
            lines[line, layout.COPIES] = max(lines[line, layout.COPIES], copies)
            kids_at, legs_at = self._list(run, kids), self._list(run, legs)
            entry = tables.arrays["rows"][run.rows_at + row]
            entry[layout.ROW_LINE] = line
            entry[layout.ROW_PARENT] = run.rows_at + parent if parent >= 0 else NONE
            entry[layout.ROW_STREAM] = run.number
            entry[layout.ROW_ORDER] = (stream.flow << 32) + row
            entry[layout.ROW_CLASS] = stream.class_index
            entry[layout.ROW_QUEUE] = tables.queue_of[line][stream.class_index]
            entry[layout.ROW_LEG] = run.legs[leg].number if leg >= 0 else NONE
            entry[layout.ROW_DEPTH] = len(paths[row]) - 1
            entry[layout.ROW_SLOT] = slots[line]
            entry[layout.ROW_KIDS_AT], entry[layout.ROW_KIDS] = kids_at, len(kids)
            entry[layout.ROW_NEXT] = entry[layout.ROW_NEXT_LINE] = NONE
            if len(kids) == 1 and leg < 0:
                entry[layout.ROW_NEXT] = kids[0]
                entry[layout.ROW_NEXT_LINE] = tree.interface[children[row][0]]
            entry[layout.ROW_LEGS_AT], entry[layout.ROW_LEGS] = legs_at, len(legs)
            loss_key, variation_key = tables.wire_keys[line]
            entry[layout.ROW_LOSS_KEY] = signed_key(child_key(child_key(loss_key, stream.key), row))
            entry[layout.ROW_VARIATION_KEY] = signed_key(
                child_key(child_key(variation_key, stream.key), row)
            )
