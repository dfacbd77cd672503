"""The two ends of each transfer: packets that reach them, their timers, the steps that they write.

What `reference.transfer_end` and `reference.transfers` do with objects, over rows of tables.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    ACCOUNTS_USED,
    BLOCK,
    BLOCKS_USED,
    CELL,
    LIVE,
    MARKS_USED,
    NONE,
    PACKETS_USED,
    PID,
    SEGMENTS_USED,
    WANTED_ACCOUNTS,
    WANTED_BLOCKS,
    WANTED_MARKS,
    WANTED_PACKETS,
    WANTED_SEGMENTS,
    World,
)
from telemedsim.dataplane.hybrid.legs import arrive
from telemedsim.dataplane.hybrid.packets.accounts import account_until, segment_of
from telemedsim.dataplane.hybrid.packets.arrivals import take_arrival
from telemedsim.dataplane.hybrid.packets.calendar import (
    arrival_ns,
    next_host_ns,
    reschedule,
)
from telemedsim.dataplane.hybrid.packets.columns import (
    ACCOUNT_SIZE,
    ACK,
    ACKNOWLEDGED,
    ARRIVED_STEPS,
    BEGUN,
    BLOCK_COUNT,
    BLOCKS,
    DATA,
    DELIVERED_BYTES,
    END_LEG,
    END_SEQUENCE,
    END_STREAM,
    KIND,
    LAST_CELL,
    LAST_EVENT_NS,
    LAST_PID,
    RECEIVER_AT,
    RECEIVER_SIZE,
    SEGMENT_COLUMNS,
    SENDER_AT,
    SENDER_SIZE,
    SEQUENCE,
    STEP_LAST_BYTE,
    STEP_SENDER,
    STEPS,
    STEPS_AT,
    STOPPED,
    SYN,
    SYN_ACK,
    TO_ACKNOWLEDGE_CELL,
    TO_ACKNOWLEDGE_PID,
    WRITE_NS,
)
from telemedsim.dataplane.hybrid.packets.sending import (
    BY_ACK,
    BY_TIMEOUT,
    acknowledge,
    emit_ack,
    emit_opening,
    send,
)
from telemedsim.dataplane.hybrid.packets.steps import begin, complete, follow, write
from telemedsim.dataplane.hybrid.packets.turns import next_turn_ns
from telemedsim.dataplane.hybrid.room import has_room, want_deliveries
from telemedsim.parts.transport import receiver as rx
from telemedsim.parts.transport import sender as tx
from telemedsim.parts.transport.handshake import (
    establish,
    on_handshake_timeout,
    on_syn,
)
from telemedsim.parts.transport.tcp_state import (
    ESTABLISHED,
    MASK,
    PHASE,
    RTO_DEADLINE,
    SYN_SENT,
)


@compiled
def run_hosts(w: World, until_ns: int) -> int:
    """Handle all that happens at ends up to a time, or to the first instant with a report.

    Ends before a turn of lines that is due by then. Returns the time reached; -1, to be called again,
    if space is short.
    """
    while True:
        now = next_host_ns(w)
        known_ns = min(until_ns, next_turn_ns(w) - 1)
        if now > known_ns:
            return known_ns
        end = w.calendar[0]
        if not has_room_for_hosts(w, end):
            return -1
        marks = w.cursors[MARKS_USED]
        if arrival_ns(w, end) <= now:
            at = take_arrival(w, end)
            receive(w, end, w.entries[at, PID], w.entries[at, CELL], now)
        else:
            on_timer(w, end, now)
        reschedule(w, end)
        if w.cursors[MARKS_USED] > marks:
            until_ns = now


@compiled
def has_room_for_hosts(w: World, end: int) -> bool:
    """Tell whether there is space for all that one packet or timer can make an end do."""
    wanted, cursors, transfer = w.wanted, w.cursors, w.transfers
    packets = 2 * (w.tcp[w.ends[end, SENDER_AT] + MASK] + 1) + 4
    steps = transfer[end // 2, STEPS]
    accounts = (8 + 3 * steps) * transfer[end // 2, ACCOUNT_SIZE]
    wanted[WANTED_PACKETS] = cursors[PACKETS_USED] + packets
    wanted[WANTED_BLOCKS] = cursors[BLOCKS_USED] + packets // BLOCK + 4
    wanted[WANTED_SEGMENTS] = cursors[SEGMENTS_USED] + packets * SEGMENT_COLUMNS
    wanted[WANTED_ACCOUNTS] = cursors[ACCOUNTS_USED] + accounts
    wanted[WANTED_MARKS] = cursors[MARKS_USED] + steps
    want_deliveries(w, 1)
    return (
        wanted[WANTED_SEGMENTS] <= len(w.segments)
        and wanted[WANTED_ACCOUNTS] <= len(w.accounts)
        and wanted[WANTED_MARKS] <= len(w.marks)
        and has_room(w)
    )


@compiled
def receive(w: World, end: int, pid: int, cell: int, now: int) -> None:
    """Take a packet that has arrived at an end now."""
    ends, peer = w.ends, end ^ 1
    w.streams[ends[peer, END_STREAM], LIVE] -= 1
    kind = w.segments[segment_of(w, pid) + KIND]
    if kind == DATA:
        arrive(w, ends[peer, END_LEG], now, pid, cell)
    if w.transfers[end // 2, STOPPED]:
        return
    ends[end, LAST_PID] = pid
    ends[end, LAST_CELL] = cell
    ends[end, LAST_EVENT_NS] = now
    first = ends[end, SENDER_AT]
    s = w.tcp[first : first + ends[end, SENDER_SIZE]]
    if kind == SYN:
        if on_syn(s, now):
            emit_opening(w, end, SYN_ACK, pid, cell, now)
        return
    is_first = establish(s, now)
    if kind == SYN_ACK:
        emit_ack(w, end, pid, cell, 0, 0, now)
    if is_first and w.steps[w.transfers[end // 2, STEPS_AT], STEP_SENDER] == end & 1:
        follow(w, end // 2, 0, account_until(w, peer, pid, cell, now, True), now)
    if kind == DATA:
        take_data(w, end, pid, cell, now)
    elif kind == ACK and not is_first:
        segment = segment_of(w, pid)
        blocks = w.segments[segment + BLOCKS : segment + BLOCKS + 6]
        count = w.segments[segment + BLOCK_COUNT]
        tx.on_ack(s, w.segments[segment + ACKNOWLEDGED], blocks, count, now)
        send(w, end, BY_ACK, pid, cell, now)


@compiled
def take_data(w: World, end: int, pid: int, cell: int, now: int) -> None:
    """Take a segment: acknowledge it, and see which steps have wholly arrived."""
    ends, transfers, transfer = w.ends, w.transfers, end // 2
    first = ends[end, RECEIVER_AT]
    r = w.tcp[first : first + ends[end, RECEIVER_SIZE]]
    before = r[rx.NEXT]
    ends[end, TO_ACKNOWLEDGE_PID] = pid
    ends[end, TO_ACKNOWLEDGE_CELL] = cell
    segment = segment_of(w, pid)
    if rx.on_data(r, w.segments[segment + SEQUENCE], w.segments[segment + END_SEQUENCE], now):
        acknowledge(w, end, now)
    reached = r[rx.NEXT]
    if reached == before:
        return
    transfers[transfer, DELIVERED_BYTES] += reached - before
    while transfers[transfer, ARRIVED_STEPS] < transfers[transfer, STEPS]:
        step = transfers[transfer, ARRIVED_STEPS]
        at = transfers[transfer, STEPS_AT] + step
        if w.steps[at, STEP_SENDER] == end & 1 or reached < w.steps[at, STEP_LAST_BYTE]:
            return
        transfers[transfer, ARRIVED_STEPS] = step + 1
        complete(w, end, step, pid, cell, now)


@compiled
def on_timer(w: World, end: int, now: int) -> None:
    """Do all that is due at an end now: acknowledge, retransmit, write."""
    ends = w.ends
    if 0 <= w.tcp[ends[end, RECEIVER_AT] + rx.ACK_DEADLINE] <= now:
        acknowledge(w, end, now)
    first = ends[end, SENDER_AT]
    s = w.tcp[first : first + ends[end, SENDER_SIZE]]
    if 0 <= s[RTO_DEADLINE] <= now:
        if s[PHASE] == ESTABLISHED:
            tx.on_timeout(s, now)
            send(w, end, BY_TIMEOUT, NONE, NONE, now)
        else:
            on_handshake_timeout(s, now)
            kind = SYN if s[PHASE] == SYN_SENT else SYN_ACK
            emit_opening(w, end, kind, NONE, NONE, now)
    if 0 <= ends[end, WRITE_NS] <= now:
        ends[end, WRITE_NS] = -1
        if w.transfers[end // 2, BEGUN]:
            write(w, end // 2, now)
        else:
            begin(w, end // 2, now)
