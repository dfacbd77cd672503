"""At the end of a window: what is still on its way moves together, so that memory stays bounded."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.array_types import Table
from telemedsim.dataplane.hybrid.layout import (
    BLOCK,
    CELL,
    CELLS_USED,
    CLASSES,
    HELD_AT,
    HELD_CELL,
    HELD_COUNT,
    HELD_HEAD,
    HELD_PID,
    HELD_SIZE,
    INBOX_COUNT,
    INBOX_FIRST,
    MOVED,
    NEXT,
    NEXT_HELD,
    NONE,
    NS,
    PACKETS_USED,
    PART,
    PENDING_COUNT,
    PENDING_FIRST,
    PID,
    PLAIN,
    QUEUE_HEAD,
    QUEUES,
    SENDING,
    SENDING_CELL,
    SENDING_PID,
    World,
)


@compiled
def move_packet(w: World, packets: Table, pid: int) -> int:
    """Move a packet to the new table, once; return its new number."""
    moved = w.packets[pid, MOVED]
    if moved >= 0:
        return moved
    at = w.cursors[PACKETS_USED]
    w.cursors[PACKETS_USED] = at + 1
    for column in range(packets.shape[1]):
        packets[at, column] = w.packets[pid, column]
    w.packets[pid, MOVED] = at
    return at


@compiled
def move_chain(w: World, cells: Table, cell: int) -> int:
    """Move a chain of cells to the new table; return its new beginning."""
    first = NONE if cell < 0 else w.cursors[CELLS_USED]
    at = w.cursors[CELLS_USED]
    while cell >= 0:
        cells[at, PART] = w.cells[cell, PART]
        cells[at, NS] = w.cells[cell, NS]
        cell = w.cells[cell, NEXT]
        cells[at, NEXT] = at + 1 if cell >= 0 else NONE
        at += 1
    w.cursors[CELLS_USED] = at
    return first


@compiled
def move_entries(w: World, packets: Table, cells: Table, block: int, count: int) -> None:
    """Move what a chain of blocks points to."""
    entries = w.entries
    while count > 0:
        begin = block * BLOCK
        for at in range(begin, begin + min(count, BLOCK)):
            entries[at, PID] = move_packet(w, packets, entries[at, PID])
            entries[at, CELL] = move_chain(w, cells, entries[at, CELL])
        count -= BLOCK
        block = w.block_next[block]


@compiled
def move_held(w: World, packets: Table, cells: Table, line: int) -> None:
    """Move what a line holds points to."""
    lines, held = w.lines, w.held
    begin = lines[line, HELD_AT]
    if lines[line, PLAIN]:
        head, last = lines[line, HELD_HEAD], lines[line, HELD_SIZE] - 1
        for k in range(head, head + lines[line, HELD_COUNT]):
            at = begin + (k & last)
            held[at, HELD_PID] = move_packet(w, packets, held[at, HELD_PID])
            held[at, HELD_CELL] = move_chain(w, cells, held[at, HELD_CELL])
        return
    for queue in range(lines[line, QUEUES]):
        table = line * lines[line, CLASSES] + queue
        at = begin + w.queues[table, QUEUE_HEAD]
        for _ in range(w.lengths[table]):
            held[at, HELD_PID] = move_packet(w, packets, held[at, HELD_PID])
            held[at, HELD_CELL] = move_chain(w, cells, held[at, HELD_CELL])
            at = begin + held[at, NEXT_HELD]


@compiled
def compact(w: World, packets: Table, cells: Table) -> None:
    """Move packets and chains to fresh arrays."""
    w.cursors[PACKETS_USED] = w.cursors[CELLS_USED] = 0
    lines = w.lines
    for line in range(len(lines)):
        move_entries(w, packets, cells, lines[line, INBOX_FIRST], lines[line, INBOX_COUNT])
        if lines[line, HELD_COUNT]:
            move_held(w, packets, cells, line)
        if lines[line, SENDING]:
            lines[line, SENDING_PID] = move_packet(w, packets, lines[line, SENDING_PID])
            lines[line, SENDING_CELL] = move_chain(w, cells, lines[line, SENDING_CELL])
    move_entries(w, packets, cells, w.cursors[PENDING_FIRST], w.cursors[PENDING_COUNT])
