"""What a line with several queues holds between two turns: its queues, brought into the ring and kept again."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    CLASSES,
    HELD_AT,
    HELD_COUNT,
    HELD_FRAME,
    HELD_QUEUE,
    HELD_USED,
    NEXT_HELD,
    NONE,
    QUEUE_HEAD,
    QUEUE_TAIL,
    QUEUES,
    TAG,
    WAITING,
    World,
)


@compiled
def append(w: World, line: int, queue: int, at: int) -> None:
    """Link a place of the ring to the end of a queue."""
    queues, ring = w.queues, w.ring
    table = line * w.lines[line, CLASSES] + queue
    ring[at, NEXT_HELD] = NONE
    if w.lengths[table] == 0:
        queues[table, QUEUE_HEAD] = at
        w.head_bytes[table] = ring[at, HELD_FRAME]
        w.head_tags[table] = ring[at, TAG]
    else:
        ring[queues[table, QUEUE_TAIL], NEXT_HELD] = at
    queues[table, QUEUE_TAIL] = at
    w.lengths[table] += 1
    w.lines[line, WAITING] += 1


@compiled
def restore(w: World, line: int) -> int:
    """Bring what the line holds into the ring and its queues; return the places used."""
    lines, count = w.lines, w.lines[line, HELD_COUNT]
    first = lines[line, HELD_AT]
    for queue in range(lines[line, QUEUES]):
        w.lengths[line * lines[line, CLASSES] + queue] = 0
    lines[line, WAITING] = 0
    for k in range(count):
        for column in range(w.ring.shape[1]):
            w.ring[k, column] = w.held[first + k, column]
        append(w, line, w.ring[k, HELD_QUEUE], k)
    return count


@compiled
def save(w: World, line: int) -> None:
    """Keep what waits for the line's next turn, queue by queue."""
    lines, first = w.lines, w.cursors[HELD_USED]
    lines[line, HELD_AT] = first
    lines[line, HELD_COUNT] = lines[line, WAITING]
    target = first
    for queue in range(lines[line, QUEUES]):
        table = line * lines[line, CLASSES] + queue
        at = w.queues[table, QUEUE_HEAD]
        for _ in range(w.lengths[table]):
            for column in range(w.ring.shape[1]):
                w.held[target, column] = w.ring[at, column]
            at = w.ring[at, NEXT_HELD]
            target += 1
    w.cursors[HELD_USED] = target
