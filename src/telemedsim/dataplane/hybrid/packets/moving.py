"""At the end of a window: what transfers still point to moves together, with all other packets."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.array_types import Table
from telemedsim.dataplane.hybrid.compacting import compact, move_chain, move_packet
from telemedsim.dataplane.hybrid.layout import (
    ACCOUNTS_USED,
    BLOCK,
    CALENDAR_USED,
    CELL,
    FRAME,
    PACKETS_USED,
    PID,
    SEGMENTS_USED,
    World,
)
from telemedsim.dataplane.hybrid.packets.columns import (
    ACCOUNT,
    ACCOUNT_WIDTH,
    ARRIVALS_COUNT,
    ARRIVALS_FIRST,
    ARRIVALS_TAKEN,
    BASE,
    FIRST_SEGMENT,
    LAST_CELL,
    LAST_PID,
    OPENING_ACCOUNT,
    OUTSTANDING_ACCOUNT,
    OUTSTANDING_AT,
    OUTSTANDING_COLUMNS,
    SEGMENT_COLUMNS,
    SENDER_AT,
    TO_ACKNOWLEDGE_CELL,
    TO_ACKNOWLEDGE_PID,
)
from telemedsim.parts.transport.tcp_state import HEAD, MASK, TAIL


def compact_all(w: World, packets: Table, cells: Table, segments: Table, accounts: Table) -> None:
    """Move packets, chains, and what transfers know of their packets."""
    compact(w, packets, cells)
    for place in range(w.cursors[CALENDAR_USED]):
        move_packets_of_end(w, packets, cells, w.calendar[place])
    w.cursors[SEGMENTS_USED] = w.cursors[ACCOUNTS_USED] = 0
    for pid in range(w.cursors[PACKETS_USED]):
        if packets[pid, FRAME] <= FIRST_SEGMENT:
            old = (FIRST_SEGMENT - packets[pid, FRAME]) * SEGMENT_COLUMNS
            at = w.cursors[SEGMENTS_USED]
            w.cursors[SEGMENTS_USED] = at + SEGMENT_COLUMNS
            for column in range(SEGMENT_COLUMNS):
                segments[at + column] = w.segments[old + column]
            segments[at + ACCOUNT] = move_account(w, accounts, w.segments[old + ACCOUNT])
            packets[pid, FRAME] = FIRST_SEGMENT - at // SEGMENT_COLUMNS
    for place in range(w.cursors[CALENDAR_USED]):
        move_accounts_of_end(w, accounts, w.calendar[place])


@compiled
def move_account(w: World, accounts: Table, old: int) -> int:
    """Move an account to the new array, once; return its new place."""
    if old < 0 or w.accounts[old] >= 0:
        return w.accounts[old] if old >= 0 else old
    at, width = w.cursors[ACCOUNTS_USED], w.accounts[old + ACCOUNT_WIDTH]
    w.cursors[ACCOUNTS_USED] = at + width
    for k in range(width):
        accounts[at + k] = w.accounts[old + k]
    w.accounts[old] = at
    return at


@compiled
def move_packets_of_end(w: World, packets: Table, cells: Table, end: int) -> None:
    """Move the packets on the last wire to an end, and those that it remembers."""
    ends, entries = w.ends, w.entries
    block, skip = ends[end, ARRIVALS_FIRST], ends[end, ARRIVALS_TAKEN]
    left = ends[end, ARRIVALS_COUNT]
    while left > 0:
        begin = block * BLOCK
        count = min(left, BLOCK - skip)
        for at in range(begin + skip, begin + skip + count):
            entries[at, PID] = move_packet(w, packets, entries[at, PID])
            entries[at, CELL] = move_chain(w, cells, entries[at, CELL])
        left -= count
        skip = 0
        block = w.block_next[block]
    if ends[end, LAST_PID] >= 0:
        ends[end, LAST_PID] = move_packet(w, packets, ends[end, LAST_PID])
        ends[end, LAST_CELL] = move_chain(w, cells, ends[end, LAST_CELL])
    if ends[end, TO_ACKNOWLEDGE_PID] >= 0:
        pid, cell = ends[end, TO_ACKNOWLEDGE_PID], ends[end, TO_ACKNOWLEDGE_CELL]
        ends[end, TO_ACKNOWLEDGE_PID] = move_packet(w, packets, pid)
        ends[end, TO_ACKNOWLEDGE_CELL] = move_chain(w, cells, cell)


@compiled
def move_accounts_of_end(w: World, accounts: Table, end: int) -> None:
    """Move the accounts that an end, and its transfer, will add to."""
    ends, sender = w.ends, w.ends[end, SENDER_AT]
    ends[end, OPENING_ACCOUNT] = move_account(w, accounts, ends[end, OPENING_ACCOUNT])
    for number in range(w.tcp[sender + HEAD], w.tcp[sender + TAIL]):
        place = number & w.tcp[sender + MASK]
        at = ends[end, OUTSTANDING_AT] + place * OUTSTANDING_COLUMNS + OUTSTANDING_ACCOUNT
        w.tcp[at] = move_account(w, accounts, w.tcp[at])
    if end & 1 == 0:
        base = w.transfers[end // 2, BASE]
        w.transfers[end // 2, BASE] = move_account(w, accounts, base)
