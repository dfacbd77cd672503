"""What the end of a transfer sends, and because of what."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.inbox import put
from telemedsim.dataplane.hybrid.layout import (
    BYTES,
    FRAME,
    LIVE,
    MOVED,
    NONE,
    NUMBER,
    PACKETS_USED,
    ROW_LINE,
    SEGMENTS_USED,
    SENT,
    SENT_BYTES,
    SENT_PACKETS,
    World,
)
from telemedsim.dataplane.hybrid.packets.accounts import WAIT_AT, account_of, add_round, new_account
from telemedsim.dataplane.hybrid.packets.columns import (
    ACCOUNT,
    ACCOUNT_ENDS,
    ACK,
    ACK_BYTES,
    ACK_ROW,
    ACKNOWLEDGED,
    BASE,
    BLOCK_COUNT,
    BLOCKS,
    DATA,
    DATA_ROW,
    END_SEQUENCE,
    END_STREAM,
    FIRST_SEGMENT,
    KIND,
    OPENING_ACCOUNT,
    OPENING_SENT,
    OUTSTANDING_ACCOUNT,
    OUTSTANDING_AT,
    OUTSTANDING_COLUMNS,
    OUTSTANDING_SENT,
    RECEIVER_AT,
    RECEIVER_SIZE,
    RETRANSMITTED_NS,
    SEGMENT_COLUMNS,
    SENDER_AT,
    SENDER_SIZE,
    SENT_COUNT,
    SEQUENCE,
    SYN_BYTES,
    TO_ACKNOWLEDGE_CELL,
    TO_ACKNOWLEDGE_PID,
)
from telemedsim.dataplane.hybrid.packets.turns import expect
from telemedsim.parts.transport import receiver as rx
from telemedsim.parts.transport.scoreboard import place
from telemedsim.parts.transport.sender import next_segment
from telemedsim.parts.transport.tcp_state import END, FLAGS, HEAD, MASK, RETRANSMITTED, START
from telemedsim.records.flows import RETRANSMISSION

BY_WRITE, BY_ACK, BY_TIMEOUT = 0, 1, 2
"""What makes an end send data: the application, an acknowledgement, a retransmission timer."""


@compiled
def emit(
    w: World, end: int, kind: int, ip_bytes: int, account: int, again_ns: int, now: int
) -> int:
    """Send a packet, which reaches its first line 1 ns from now; return where its contents begin."""
    pid, number = w.cursors[PACKETS_USED], w.cursors[SEGMENTS_USED]
    w.cursors[PACKETS_USED] = pid + 1
    w.cursors[SEGMENTS_USED] = number + SEGMENT_COLUMNS
    packets, ends = w.packets, w.ends
    packets[pid, SENT] = now + 1
    packets[pid, BYTES] = ip_bytes
    packets[pid, FRAME] = FIRST_SEGMENT - number // SEGMENT_COLUMNS
    packets[pid, NUMBER] = ends[end, SENT_COUNT]
    packets[pid, MOVED] = NONE
    ends[end, SENT_COUNT] += 1
    w.segments[number + KIND] = kind
    w.segments[number + ACCOUNT] = account
    w.segments[number + RETRANSMITTED_NS] = again_ns
    row = ends[end, DATA_ROW] if kind == DATA else ends[end, ACK_ROW]
    w.streams[ends[end, END_STREAM], LIVE] += 1
    line = w.rows[row, ROW_LINE]
    put(w, line, now + 1, pid, row, NONE)
    expect(w, line, now + 1)
    return number


@compiled
def send(w: World, end: int, cause: int, pid: int, cell: int, now: int) -> None:
    """Send what the windows let out because of ``cause``; an ACK is packet ``pid`` of now."""
    first = w.ends[end, SENDER_AT]
    s = w.tcp[first : first + w.ends[end, SENDER_SIZE]]
    number = next_segment(s, now)
    if number < 0:
        return
    if w.tcp[w.ends[end, RECEIVER_AT] + rx.ACK_DEADLINE] >= 0:
        acknowledge(w, end, now)
    account = NONE
    while number >= 0:
        at = place(s, number)
        outstanding = w.ends[end, OUTSTANDING_AT] + (number & s[MASK]) * OUTSTANDING_COLUMNS
        size = s[at + END] - s[at + START]
        ip_bytes = w.ends[end, ACK_BYTES] + size
        if s[at + FLAGS] & RETRANSMITTED:
            again_ns = now + 1 - w.tcp[outstanding + OUTSTANDING_SENT]
            before = w.tcp[outstanding + OUTSTANDING_ACCOUNT]
            segment = emit(w, end, DATA, ip_bytes, before, again_ns, now)
        else:
            if account < 0:
                account = account_of_burst(w, end, cause, pid, cell, s[HEAD] & s[MASK], now)
            w.tcp[outstanding + OUTSTANDING_ACCOUNT] = account
            w.tcp[outstanding + OUTSTANDING_SENT] = now + 1
            segment = emit(w, end, DATA, ip_bytes, account, 0, now)
        w.segments[segment + SEQUENCE] = s[at + START]
        w.segments[segment + END_SEQUENCE] = s[at + END]
        w.streams[w.ends[end, END_STREAM], SENT_PACKETS] += 1
        w.streams[w.ends[end, END_STREAM], SENT_BYTES] += ip_bytes
        number = next_segment(s, now)


@compiled
def account_of_burst(
    w: World, end: int, cause: int, pid: int, cell: int, head: int, now: int
) -> int:
    """Return the account of what is sent for the first time now."""
    transfer = end // 2
    if cause == BY_ACK:
        account = account_of(w, transfer, pid)
        add_round(w, account, end ^ 1, pid, cell, now + 1)
        return account
    if cause == BY_WRITE:
        account = new_account(w, transfer, w.transfers[transfer, BASE])
        w.accounts[account + WAIT_AT] += 1
        return account
    first = w.ends[end, OUTSTANDING_AT] + head * OUTSTANDING_COLUMNS
    account = new_account(w, transfer, w.tcp[first + OUTSTANDING_ACCOUNT])
    waited_ns = now + 1 - w.tcp[first + OUTSTANDING_SENT]
    w.accounts[account + ACCOUNT_ENDS + RETRANSMISSION] += waited_ns
    return account


@compiled
def acknowledge(w: World, end: int, now: int) -> None:
    """Acknowledge all that has come in order, with SACK blocks of the rest."""
    first = w.ends[end, RECEIVER_AT]
    r = w.tcp[first : first + w.ends[end, RECEIVER_SIZE]]
    pid, cell = w.ends[end, TO_ACKNOWLEDGE_PID], w.ends[end, TO_ACKNOWLEDGE_CELL]
    number = rx.take_ack(r)
    count = r[rx.BLOCK_COUNT]
    segment = emit_ack(w, end, pid, cell, number, count, now)
    for k in range(2 * count):
        w.segments[segment + BLOCKS + k] = r[rx.BLOCKS + k]


@compiled
def emit_ack(w: World, end: int, pid: int, cell: int, number: int, blocks: int, now: int) -> int:
    """Send an acknowledgement that packet ``pid`` caused; return where its contents begin."""
    account = account_of(w, end // 2, pid)
    add_round(w, account, end ^ 1, pid, cell, now + 1)
    segment = emit(w, end, ACK, w.ends[end, ACK_BYTES + blocks], account, 0, now)
    w.segments[segment + ACKNOWLEDGED] = number
    w.segments[segment + BLOCK_COUNT] = blocks
    return segment


@compiled
def emit_opening(w: World, end: int, kind: int, pid: int, cell: int, now: int) -> None:
    """Send a SYN or SYN-ACK; packet ``pid`` caused the first one (-1: nothing did), that one the others."""
    ends, again_ns = w.ends, 0
    if ends[end, OPENING_ACCOUNT] >= 0:
        again_ns = now + 1 - ends[end, OPENING_SENT]
    else:
        if pid >= 0:
            account = account_of(w, end // 2, pid)
            add_round(w, account, end ^ 1, pid, cell, now + 1)
        else:
            account = new_account(w, end // 2, NONE)
            w.accounts[account + WAIT_AT] += 1
        ends[end, OPENING_ACCOUNT] = account
        ends[end, OPENING_SENT] = now + 1
    emit(w, end, kind, ends[end, SYN_BYTES], ends[end, OPENING_ACCOUNT], again_ns, now)
