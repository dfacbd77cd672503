"""The plane's arrays: built from the Plan's interfaces, given out in pieces, grown when space is short."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from telemedsim.core.array_set import ArraySet
from telemedsim.core.compiled import compiles
from telemedsim.core.random_streams import draw_53, signed_key
from telemedsim.dataplane.draws import DrawKey
from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray, Table
from telemedsim.dataplane.hybrid.holding import move_to, places_wanted
from telemedsim.dataplane.hybrid.inbox import NEVER
from telemedsim.dataplane.hybrid.kinds import (
    drop_policy_kinds,
    loss_kinds,
    scheduler_kinds,
    variation_kinds,
)
from telemedsim.dataplane.hybrid.layout import (
    NONE,
    World,
)
from telemedsim.dataplane.hybrid.packets import columns
from telemedsim.network.plan import Interfaces
from telemedsim.records.flows import QUEUEING

FIRST_ROOM = 1024
"""Rows of a growing array at first."""
KINDS: dict[str, Any] = {"histogram": np.int32, "sizes": np.int32, "laws": np.float64}
"""Of arrays that do not hold int64."""


class Pieces:
    """Gives out pieces of a growing array, and takes them back for others of the same size."""

    def __init__(self) -> None:
        self.used = 0
        self._free: dict[int, list[int]] = {}

    def take(self, size: int) -> int:
        """Return where a piece of this size begins."""
        free = self._free.get(size)
        if free:
            return free.pop()
        self.used += size
        return self.used - size

    def give_back(self, at: int, size: int) -> None:
        """Let a piece be given out again."""
        self._free.setdefault(size, []).append(at)


class Tables:
    """All arrays, as numpy sees them; `world` is what kernels see."""

    def __init__(
        self,
        interfaces: Interfaces,
        classes: tuple[str, ...],
        series_bin_ns: int,
        seed: int,
        replication: int,
    ) -> None:
        self.parts_a_hop = QUEUEING + len(classes)
        self._interfaces = interfaces
        self.queue_of: list[list[int]] = []
        """Line -> class -> queue."""
        self.wire_keys: list[tuple[int, int]] = []
        """Line -> keys of its losses and of its delay variations."""
        self._states: list[int] = []
        self._held = Pieces()
        count = len(interfaces.name)
        lines = np.zeros((count, layout.LINE_COLUMNS), np.int64)
        for index in range(count):
            key = DrawKey(seed, replication, interfaces.name[index])
            self._describe(lines[index], index, classes, key)
        lines[:, layout.SERIES_BIN_NS] = series_bin_ns
        self.arrays = self._empty(lines, len(classes))
        self._world: World | None = None
        self.sizes_known = 0
        """Frame sizes for which loss thresholds are known."""

    def _describe(self, line: IntArray, index: int, classes: tuple[str, ...], key: DrawKey) -> None:
        """Fill the row of one interface."""
        table = self._interfaces
        line[layout.RATE] = table.rate_bps[index]
        line[layout.PROPAGATION] = table.propagation_ns[index]
        line[layout.OVERHEAD] = table.overhead_bytes[index]
        line[layout.MIN_FRAME] = table.min_frame_bytes[index]
        limit, in_bytes = int(table.queue_limit[index]), int(table.queue_in_bytes[index])
        line[layout.LIMIT], line[layout.IN_BYTES] = limit, in_bytes
        line[layout.CLASSES] = len(classes)
        scheduler, policy = table.scheduler[index], table.drop_policy[index]
        state = scheduler.kernel().new_state(scheduler.parameters(classes))
        queue_of = [scheduler.kernel().queue_of(state, one) for one in range(len(classes))]
        self.queue_of.append(queue_of)
        queues = line[layout.QUEUES] = max(queue_of) + 1
        line[layout.PLAIN] = int(queues == 1)
        line[layout.SCHEDULER] = scheduler_kinds().number(scheduler)
        line[layout.SCHEDULER_AT], line[layout.SCHEDULER_SIZE] = self._keep(state)
        drop = policy.kernel()
        drop_state = drop.new_state(policy.parameters(limit, in_bytes, int(table.rate_bps[index])))
        line[layout.DROP] = drop_policy_kinds().number(policy)
        line[layout.DROP_AT], line[layout.DROP_SIZE] = self._keep(drop_state)
        for _ in range(queues - 1):
            self._keep(drop_state)
        line[layout.DROP_DRAWS] = int(drop.needs_draw)
        line[layout.DROP_KEY] = signed_key(key.of("drop"))
        loss, variation = table.loss[index], table.delay_variation[index]
        line[layout.LOSS] = loss_kinds().number(loss)
        line[layout.LOSS_DRAWS] = loss.kernel().draws
        self.wire_keys.append((key.of("loss"), key.of("delay_variation")))
        beginning = draw_53(key.of("loss"), 0)
        loss_state = loss.kernel().new_state(loss.parameters(), beginning)
        line[layout.LOSS_AT], line[layout.LOSS_SIZE] = self._keep(loss_state)
        line[layout.VARIATION] = variation_kinds().number(variation)
        line[layout.VARIES] = int(variation.kernel().draws > 0)
        line[layout.VARIATION_AT], line[layout.VARIATION_SIZE] = self._keep(variation.parameters())
        line[layout.CLEAN] = int(not loss.kernel().draws and not line[layout.VARIES])
        line[layout.UP] = 1
        line[layout.BIN_END] = NONE
        line[layout.NEXT_NS] = NEVER
        for none in (
            layout.INBOX_FIRST,
            layout.INBOX_LAST,
            layout.CHANGE_AT,
            layout.SIZE_BYTES,
            layout.HELD_FREE,
        ):
            line[none] = NONE

    def _keep(self, state: Sequence[int]) -> tuple[int, int]:
        """Append a part's integers; return where they are and how many."""
        self._states.extend(state)
        return len(self._states) - len(state), len(state)

    def _empty(self, lines: IntArray, classes: int) -> dict[str, np.ndarray]:
        """Return all arrays at their first size."""
        per_class = len(lines) * classes
        widths = {
            "rows": layout.ROW_COLUMNS,
            "streams": layout.STREAM_COLUMNS,
            "legs": layout.LEG_COLUMNS,
            "packets": layout.PACKET_COLUMNS,
            "cells": layout.CELL_COLUMNS,
            "held": layout.CLASS_BUSY + classes,
            "series": layout.SERIES_COLUMNS,
            "strays": layout.STRAY_COLUMNS,
            "changes": layout.CHANGE_COLUMNS,
            "ends": columns.END_COLUMNS,
            "components": columns.COMPONENT_COLUMNS,
            "component_lines": layout.GROUP_COLUMNS,
            "transfers": columns.TRANSFER_COLUMNS,
            "steps": columns.STEP_COLUMNS,
            "marks": columns.MARK_COLUMNS,
        }
        arrays: dict[str, np.ndarray] = {
            name: np.zeros((FIRST_ROOM, width), np.int64) for name, width in widths.items()
        }
        for name in World._fields:
            if name not in arrays:
                kind = KINDS.get(name, np.int64)
                arrays[name] = np.zeros(FIRST_ROOM, kind)
        blocks = 2 * len(lines) + FIRST_ROOM
        arrays |= {
            "lines": lines,
            "line_states": np.array(self._states or [0], np.int64),
            "queues": np.zeros((per_class, layout.QUEUE_COLUMNS), np.int64),
            "lengths": np.zeros(per_class, np.int64),
            "head_bytes": np.zeros(per_class, np.int64),
            "head_tags": np.zeros(per_class, np.int64),
            "class_ns": np.zeros(per_class, np.int64),
            "host_ahead": np.full(len(lines), columns.FAR_NS, np.int64),
            "component_of": np.full(len(lines), NONE, np.int64),
            "entries": np.zeros((blocks * layout.BLOCK, layout.ENTRY_COLUMNS), np.int64),
            "block_next": np.zeros(blocks, np.int64),
            "times": np.zeros(2 * FIRST_ROOM, np.int64),
            "order": np.zeros(2 * FIRST_ROOM, np.int64),
            "schedule": np.zeros((0, layout.GROUP_COLUMNS), np.int64),
            "wanted": np.zeros(len(layout.WANTED), np.int64),
            "cursors": np.zeros(layout.CURSORS, np.int64),
        }
        cursors = arrays["cursors"]
        empty = (layout.FREE_BLOCK, layout.PENDING_FIRST, layout.PENDING_LAST, layout.CRAMPED)
        cursors[list(empty)] = NONE
        cursors[layout.PARTS_A_HOP] = self.parts_a_hop
        cursors[layout.MEASURE_END] = NEVER
        return arrays

    def world(self) -> World:
        """Return the arrays for a kernel; without numba memoryviews, which are faster then."""
        if self._world is None:
            if compiles():
                self._world = cast(World, ArraySet(self.arrays))
            else:
                views = {name: self.seen(array) for name, array in self.arrays.items()}
                self._world = World(**views)
        return self._world

    def put(self, name: str, array: IntArray) -> None:
        """Put an array in the place of another."""
        self.arrays[name] = array
        if isinstance(self._world, ArraySet):
            self._world.replace(name, array)
        else:
            self._world = None

    def seen(self, array: IntArray) -> Table:
        """Return an array as a kernel sees it."""
        return cast(Table, array if compiles() else memoryview(array))  # type: ignore[arg-type]

    def need(self, name: str, room: int) -> bool:
        """Make an array at least so long; what it holds stays. Tell whether it grew."""
        array = self.arrays[name]
        if room > len(array):
            grown = np.zeros((max(room, 2 * len(array)), *array.shape[1:]), array.dtype)
            grown[: len(array)] = array
            self.put(name, grown)
            return True
        return False

    def make_room(self) -> bool:
        """Make all arrays as long as the last kernel wanted them; tell whether any grew."""
        wanted = zip(layout.WANTED, self.arrays["wanted"].tolist(), strict=True)
        grown = [self.need(name, room) for name, room in wanted]
        for scratch in ("times", "order"):
            self.need(scratch, 2 * len(self.arrays["runs"]))
        self.need("entries", layout.BLOCK * len(self.arrays["block_next"]))
        line = int(self.arrays["cursors"][layout.CRAMPED])
        if line >= 0:
            self.arrays["cursors"][layout.CRAMPED] = NONE
            self.widen_held(line)
        return line >= 0 or any(grown)

    def give_first_places(self, lines: IntArray) -> None:
        """Give lines that hold nothing yet their first place for what they will hold."""
        for line in lines[self.arrays["lines"][lines, layout.HELD_SIZE] == 0].tolist():
            self.widen_held(line)

    def widen_held(self, line: int) -> None:
        """Give a line a larger place for what it holds."""
        row = self.arrays["lines"][line]
        size = places_wanted(row)
        begin = self._held.take(size)
        self.need("held", begin + size)
        if row[layout.HELD_SIZE]:
            self._held.give_back(int(row[layout.HELD_AT]), int(row[layout.HELD_SIZE]))
        move_to(row, self.arrays["held"], begin, size)

    def know_sizes(self, largest_ip_bytes: int) -> None:
        """Have loss thresholds for frames of packets up to a size."""
        lines, interfaces = self.arrays["lines"], self._interfaces
        largest = int(
            max(
                (interfaces.overhead_bytes + largest_ip_bytes).max(initial=0),
                interfaces.min_frame_bytes.max(initial=0),
            )
        )
        if largest < self.sizes_known:
            return
        self.sizes_known = max(2 * self.sizes_known, largest + 1)
        tables: dict[str, int] = {}
        values: list[int] = []
        for index, loss in enumerate(interfaces.loss):
            name = f"{loss.kind} {loss!r}"
            if name not in tables:
                tables[name] = len(values)
                values += [loss.threshold(size) for size in range(self.sizes_known)]
            lines[index, layout.THRESHOLDS_AT] = tables[name]
        self.put("thresholds", np.array(values, np.int64))
