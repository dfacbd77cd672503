"""A binary heap of timers whose keys change: one for each queue, one for each flow at its cap."""

from typing import Any

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.fluid.state import TIMERS, State


@compiled
def set_timer(s: State, item: int, key: float) -> None:
    """Set an item's time, or take the item out if the time is infinite. O(log timers)."""
    place = s.timers[item].place
    if key == float("inf"):
        if place >= 0:
            take_out(s, item, place)
        return
    if place < 0:
        place = s.counts[TIMERS]
        s.counts[TIMERS] += 1
        s.timers[place].key = float("inf")
    if key < s.timers[place].key:
        rise(s, item, key, place)
    else:
        sink(s, item, key, place)


@compiled
def take_out(s: State, item: int, place: int) -> None:
    """Remove the item at a place; the last one takes its place."""
    s.counts[TIMERS] -= 1
    last = s.counts[TIMERS]
    s.timers[item].place = -1
    if place == last:
        return
    moved = s.timers[last].owner
    key = s.timers[last].key
    if key < s.timers[place].key:
        rise(s, moved, key, place)
    else:
        sink(s, moved, key, place)


@compiled
def put(timers: Any, item: int, key: float, place: int) -> None:
    """Write an item into a place."""
    timers[place].key = key
    timers[place].owner = item
    timers[item].place = place


@compiled
def rise(s: State, item: int, key: float, place: int) -> None:
    """Move an item up from a free place to where it belongs; equal keys stand by item."""
    timers = s.timers
    while place > 0:
        parent = (place - 1) // 2
        if not is_before(key, item, timers[parent].key, timers[parent].owner):
            break
        put(timers, timers[parent].owner, timers[parent].key, place)
        place = parent
    put(timers, item, key, place)


@compiled
def sink(s: State, item: int, key: float, place: int) -> None:
    """Move an item down from a free place to where it belongs."""
    timers = s.timers
    size = s.counts[TIMERS]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        other = child + 1
        if other < size and is_before(
            timers[other].key, timers[other].owner, timers[child].key, timers[child].owner
        ):
            child = other
        if not is_before(timers[child].key, timers[child].owner, key, item):
            break
        put(timers, timers[child].owner, timers[child].key, place)
        place = child
    put(timers, item, key, place)


@compiled
def is_before(key: float, item: int, other_key: float, other_item: int) -> bool:
    """Tell whether a timer comes first: by time, then by item."""
    return key < other_key or (key == other_key and item < other_item)
