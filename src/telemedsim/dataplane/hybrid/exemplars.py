"""Packets that were written down: those that a leg may still name move together when there are many."""

from collections.abc import Sequence

import numpy as np

from telemedsim.dataplane.hybrid import layout
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.placing import BUCKETS
from telemedsim.dataplane.hybrid.tables import Tables

LEGS_AT_ONCE = 1024


def live_legs(legs: IntArray) -> IntArray:
    """Return the legs that have written any packet down and are not kept yet (`Collector.keep`).

    Where time is sampled, legs see packets that are not measured, and write none of them down.
    """
    return np.flatnonzero((legs[:, layout.HISTOGRAM_SIZE] > 0) & (legs[:, layout.DELAY_MIN] >= 0))


def first_places(tables: Tables, live: IntArray) -> IntArray:
    """Return the places in the histogram whose first packet is written down."""
    found = [np.zeros(0, np.int64)]
    for begin in range(0, len(live), LEGS_AT_ONCE):
        at = tables.arrays["legs"][live[begin : begin + LEGS_AT_ONCE], layout.HISTOGRAM_AT]
        places = at[:, None] + np.arange(BUCKETS)
        found.append(places[tables.arrays["histogram"][places] > 0])
    return np.concatenate(found)


def move_exemplars(tables: Tables, others: Sequence[int]) -> list[int]:
    """Move all packets written down that live legs name, and ``others``, to a fresh array.

    Returns where the others are now.
    """
    legs, firsts, old = (tables.arrays[name] for name in ("legs", "firsts", "exemplars"))
    live = live_legs(legs)
    places = first_places(tables, live)
    begins = np.concatenate(
        (firsts[places], legs[live, layout.SLOWEST], np.array(others, np.int64))
    )
    sizes = 2 + 2 * old[begins + 1]
    ends = np.cumsum(sizes)
    moved = ends - sizes
    used = int(sizes.sum())
    fresh = np.zeros(len(old), np.int64)
    fresh[:used] = old[np.repeat(begins - moved, sizes) + np.arange(used)]
    firsts[places] = moved[: len(places)]
    legs[live, layout.SLOWEST] = moved[len(places) : len(places) + len(live)]
    tables.put("exemplars", fresh)
    tables.arrays["cursors"][layout.EXEMPLARS_USED] = used
    rest: list[int] = moved[len(places) + len(live) :].tolist()
    return rest
