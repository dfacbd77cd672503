"""What lines hold: each line's packets in a place of its own, those of several queues linked to queues."""

import numpy as np

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.layout import (
    CLASSES,
    HELD_AT,
    HELD_COUNT,
    HELD_FRAME,
    HELD_FREE,
    HELD_HEAD,
    HELD_SIZE,
    NEXT_HELD,
    NONE,
    PLAIN,
    QUEUE_HEAD,
    QUEUE_TAIL,
    TAG,
    WAITING,
    World,
)

LEAST_PLACES = 8
"""Packets that a line's first place has room for."""


@compiled
def append(w: World, line: int, queue: int, at: int) -> None:
    """Link a held packet to the end of a queue."""
    queues, held = w.queues, w.held
    table = line * w.lines[line, CLASSES] + queue
    held[at, NEXT_HELD] = NONE
    place = at - w.lines[line, HELD_AT]
    if w.lengths[table] == 0:
        queues[table, QUEUE_HEAD] = place
        w.head_bytes[table] = held[at, HELD_FRAME]
        w.head_tags[table] = held[at, TAG]
    else:
        held[w.lines[line, HELD_AT] + queues[table, QUEUE_TAIL], NEXT_HELD] = place
    queues[table, QUEUE_TAIL] = place
    w.lengths[table] += 1
    w.lines[line, WAITING] += 1
    w.lines[line, HELD_COUNT] += 1


@compiled
def take_place(w: World, line: int) -> int:
    """Return where a packet may be held; there is such a place."""
    place = w.lines[line, HELD_FREE]
    at = w.lines[line, HELD_AT] + place
    w.lines[line, HELD_FREE] = w.held[at, NEXT_HELD]
    return at


@compiled
def free_place(w: World, line: int, at: int) -> None:
    """Give a place back."""
    w.held[at, NEXT_HELD] = w.lines[line, HELD_FREE]
    w.lines[line, HELD_FREE] = at - w.lines[line, HELD_AT]
    w.lines[line, HELD_COUNT] -= 1


def places_wanted(line: IntArray) -> int:
    """Return how many places a line should have that has too few."""
    return max(LEAST_PLACES, 2 * int(line[HELD_SIZE]))


def move_to(line: IntArray, held: IntArray, begin: int, size: int) -> None:
    """Move what a line holds to a larger place of the table, which begins there."""
    old, old_size, head = int(line[HELD_AT]), int(line[HELD_SIZE]), int(line[HELD_HEAD])
    if old_size and line[PLAIN]:
        ring = old + (head + np.arange(old_size)) % old_size
        held[begin : begin + old_size] = held[ring]
    else:
        held[begin : begin + old_size] = held[old : old + old_size]
    line[HELD_AT], line[HELD_SIZE], line[HELD_HEAD] = begin, size, 0
    link_free(line, held, old_size)


def link_free(line: IntArray, held: IntArray, first: int) -> None:
    """Put a line's places from one on into its list of free ones; places of plain lines need none."""
    begin, size = int(line[HELD_AT]), int(line[HELD_SIZE])
    if line[PLAIN] or first == size:
        return
    held[begin + first : begin + size, NEXT_HELD] = np.arange(first + 1, size + 1)
    held[begin + size - 1, NEXT_HELD] = line[HELD_FREE]
    line[HELD_FREE] = first
