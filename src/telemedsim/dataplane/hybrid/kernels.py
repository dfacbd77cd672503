"""All kernels of the hybrid plane, with arguments of the types that runs give them.

The types do not depend on the network: a plane without a line has them all. A kernel that is missing
here still compiles when it is first called.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from telemedsim.core.random_streams import fill_uniforms
from telemedsim.dataplane.hybrid.fluid.max_min import change_and_solve
from telemedsim.dataplane.hybrid.fluid.state import new_state
from telemedsim.dataplane.hybrid.frames import settle_all, settle_last
from telemedsim.dataplane.hybrid.measured import close_bins
from telemedsim.dataplane.hybrid.packets.lockstep import run_lockstep
from telemedsim.dataplane.hybrid.packets.moving import compact_all
from telemedsim.dataplane.hybrid.plane import SPARE
from telemedsim.dataplane.hybrid.series import end_lines
from telemedsim.dataplane.hybrid.span import run_span
from telemedsim.dataplane.hybrid.tables import Tables
from telemedsim.dataplane.hybrid.window import deliver_pending, search
from telemedsim.network.plan import Interfaces
from telemedsim.parts.traffic._frames import cut_frames, jitter_frames, size_frames, time_frames


class Called(NamedTuple):
    """A kernel's function, and arguments as a run gives them."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


def lines_group() -> list[Called]:
    """Return the kernels of streams, lines and the fluid: half of the time to compile."""
    tables = Tables(no_interfaces(), ("any",), 1, 0, 0)
    world = tables.world()
    whole, real = np.zeros(1, np.int64), np.zeros(1)
    spare = tuple(tables.seen(tables.arrays[name]) for name in SPARE)
    return [
        Called(run_span, (world, 0)),
        Called(search, (world,)),
        Called(compact_all, (world, *spare)),
        Called(settle_all, (world, 0)),
        Called(settle_last, (world, 0, 0)),
        Called(deliver_pending, (world, 0)),
        Called(end_lines, (world, 0)),
        Called(close_bins, (world,)),
        Called(fill_uniforms, (0, 0, real)),
        Called(size_frames, (real, 0, 0, 0, 0, 0, 0, whole)),
        Called(jitter_frames, (real, 0, 0, whole)),
        Called(time_frames, (0, 0, 0, 0, whole)),
        Called(change_and_solve, (new_state(1, 1, 1, 1, 1), np.zeros((1, 3)), 0.0, 0.0)),
        Called(cut_frames, (whole, whole, 0, 0, 0, 0, whole, whole, whole)),
    ]


def transfers_group() -> list[Called]:
    """Return the kernels of transfers by packets, which call those of lines."""
    world = Tables(no_interfaces(), ("any",), 1, 0, 0).world()
    return [
        Called(run_lockstep, (world, 0)),
    ]


GROUPS: tuple[Callable[[], list[Called]], ...] = (lines_group, transfers_group)
"""For two processes at once: what calls the same functions is together, and halves last equally long."""


def no_interfaces() -> Interfaces:
    """Return a network without a line."""
    none: Any = np.zeros(0, np.int64)
    columns = {name: none for name in Interfaces.__annotations__}
    tuples = (
        "name", "link", "technology", "origin", "scheduler", "drop_policy", "loss", "delay_variation",
    )  # fmt: skip
    return Interfaces(**{**columns, **dict.fromkeys(tuples, ())})
