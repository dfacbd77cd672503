"""Where a transfer's time went, kept as sums: what the reference finds by walking back the chain of causes.

Each packet's account is the time from its transfer's start to its sending, taken apart. It follows from
the account of the packet that caused it by adding one round, so no chain needs to be kept; the packets of
one burst share an account. The rules are those of `reference.causes.split_until`.
"""

from telemedsim.core.compiled import compiled
from telemedsim.core.units import framed_bytes, transmission_ns
from telemedsim.dataplane.hybrid.layout import (
    ACCOUNTS_USED,
    BYTES,
    FRAME,
    MIN_FRAME,
    NEXT,
    NS,
    OVERHEAD,
    PART,
    PARTS_A_HOP,
    PROPAGATION,
    RATE,
    ROW_LINE,
    SENT,
    VARIES,
    World,
)
from telemedsim.dataplane.hybrid.packets.columns import (
    ACCOUNT,
    ACCOUNT_ENDS,
    ACCOUNT_HOPS,
    ACCOUNT_SIZE,
    ACCOUNT_WIDTH,
    DATA,
    DATA_ROW,
    FIRST_HOP,
    FIRST_SEGMENT,
    HOPS,
    KIND,
    RETRANSMITTED_NS,
    SEGMENT_COLUMNS,
)
from telemedsim.records.flows import ACKNOWLEDGEMENT_WAIT, RETRANSMISSION, TRANSMISSION
from telemedsim.records.flows import PROPAGATION as PROPAGATION_PART

WAIT_AT = ACCOUNT_ENDS + ACKNOWLEDGEMENT_WAIT


@compiled
def new_account(w: World, transfer: int, like: int) -> int:
    """Return a new account that begins as another, or empty if that is -1."""
    at, width = w.cursors[ACCOUNTS_USED], w.transfers[transfer, ACCOUNT_SIZE]
    w.cursors[ACCOUNTS_USED] = at + width
    for k in range(ACCOUNT_ENDS, width):
        w.accounts[at + k] = w.accounts[like + k] if like >= 0 else 0
    w.accounts[at] = -1
    w.accounts[at + ACCOUNT_WIDTH] = width
    return at


@compiled
def segment_of(w: World, pid: int) -> int:
    """Return where what a transfer's packet carries begins."""
    return (FIRST_SEGMENT - w.packets[pid, FRAME]) * SEGMENT_COLUMNS


@compiled
def account_of(w: World, transfer: int, pid: int) -> int:
    """Return a new account of the time until a packet was sent."""
    segment = segment_of(w, pid)
    account = new_account(w, transfer, w.segments[segment + ACCOUNT])
    w.accounts[account + ACCOUNT_ENDS + RETRANSMISSION] += w.segments[segment + RETRANSMITTED_NS]
    return account


@compiled
def add_bits(w: World, account: int, end: int, pid: int) -> int:
    """Add a packet's own transmission on all hops of its way; return its time."""
    total_ns, size = 0, w.cursors[PARTS_A_HOP]
    lines, row = w.lines, w.ends[end, DATA_ROW]
    at = account + ACCOUNT_HOPS + w.ends[end, FIRST_HOP] * (size + 1)
    for hop in range(w.ends[end, HOPS]):
        line = w.rows[row + hop, ROW_LINE]
        ip_bytes = w.packets[pid, BYTES]
        frame_bytes = framed_bytes(ip_bytes, lines[line, OVERHEAD], lines[line, MIN_FRAME])
        service_ns = transmission_ns(frame_bytes, lines[line, RATE])
        w.accounts[at] = 1
        w.accounts[at + 1 + TRANSMISSION] += service_ns
        total_ns += service_ns
        at += size + 1
    return total_ns


@compiled
def add_waits(w: World, account: int, end: int, cell: int, is_data: bool) -> int:
    """Add what a packet waited on its hops by name (an ACK not for its own flow); return the sum."""
    named_ns, size = 0, w.cursors[PARTS_A_HOP]
    first = account + ACCOUNT_HOPS + w.ends[end, FIRST_HOP] * (size + 1)
    row = w.ends[end, DATA_ROW]
    for hop in range(w.ends[end, HOPS]):
        if w.lines[w.rows[row + hop, ROW_LINE], VARIES]:
            w.accounts[first + hop * (size + 1)] = 1
    while cell >= 0:
        depth = w.cells[cell, PART] // size
        part = w.cells[cell, PART] - depth * size
        at = first + depth * (size + 1)
        w.accounts[at] = 1
        if is_data or part != TRANSMISSION:
            w.accounts[at + 1 + part] += w.cells[cell, NS]
            named_ns += w.cells[cell, NS]
        cell = w.cells[cell, NEXT]
    return named_ns


@compiled
def add_round(w: World, account: int, end: int, pid: int, cell: int, until_ns: int) -> None:
    """Add the time from the sending of a packet of ``end`` to ``until_ns``: one trip of the protocol."""
    is_data = w.segments[segment_of(w, pid) + KIND] == DATA
    named_ns = add_waits(w, account, end, cell, is_data)
    if is_data:
        named_ns += add_bits(w, account, end, pid)
    w.accounts[account + WAIT_AT] += until_ns - w.packets[pid, SENT] - named_ns


@compiled
def add_flight(w: World, account: int, end: int, pid: int, cell: int) -> None:
    """Add the flight of a packet of ``end`` that has arrived, part by part."""
    add_waits(w, account, end, cell, True)
    add_bits(w, account, end, pid)
    size, row = w.cursors[PARTS_A_HOP], w.ends[end, DATA_ROW]
    at = account + ACCOUNT_HOPS + w.ends[end, FIRST_HOP] * (size + 1)
    for hop in range(w.ends[end, HOPS]):
        line = w.rows[row + hop, ROW_LINE]
        w.accounts[at + 1 + PROPAGATION_PART] += w.lines[line, PROPAGATION]
        at += size + 1


@compiled
def account_until(w: World, end: int, pid: int, cell: int, now: int, by_parts: bool) -> int:
    """Return the account of the time until a packet of ``end`` arrived now."""
    account = account_of(w, end // 2, pid)
    if by_parts and w.segments[segment_of(w, pid) + KIND] == DATA:
        add_flight(w, account, end, pid, cell)
    else:
        add_round(w, account, end, pid, cell, now)
    return account
