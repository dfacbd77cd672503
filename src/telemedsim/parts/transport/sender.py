"""The sender: what an acknowledgement, a timeout and the application's writes make it send.

Loss recovery is RFC 6675's with selective acknowledgements, else RFC 6582's (NewReno). After each
`on_ack`, `on_timeout` or `write`, call `next_segment` until it returns -1.
"""

from collections.abc import Sequence

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport import congestion
from telemedsim.parts.transport.scoreboard import (
    append_segment,
    find_lost_edge,
    is_lost,
    mark_all_lost,
    mark_lost,
    mark_lost_below,
    mark_retransmitted,
    mark_sacked,
    next_hole,
    next_lost,
    place,
    remove_acknowledged,
)
from telemedsim.parts.transport.tcp_state import (
    BACKOFF,
    CWND,
    DUPLICATE_THRESHOLD,
    DUPLICATES,
    END,
    FLAGS,
    FORCED,
    HEAD,
    INFLATION,
    LAST_SEND_NS,
    LOSS,
    LOST,
    LOST_EDGE,
    MASK,
    MSS,
    NXT,
    OPEN,
    PARTIAL,
    PIPE,
    RECEIVE_WINDOW,
    RECOVER,
    RECOVERY,
    RETRANSMITTED_SEGMENTS,
    RTO_DEADLINE,
    SACK_ENABLED,
    SEGMENTS_SENT,
    SENT_IN_BURST,
    SSTHRESH,
    START,
    STATE,
    TAIL,
    TIMED_END,
    TIMEOUT_UNA,
    TIMEOUTS,
    UNA,
    WRITTEN,
    Record,
)
from telemedsim.parts.transport.timers import acknowledge_timed, restart_timer, time_segment


@compiled
def write(s: Record, size: int) -> None:
    """Take ``size`` bytes from the application; they join what waits (no Nagle algorithm)."""
    s[WRITTEN] += size


@compiled
def on_ack(s: Record, ack: int, blocks: Sequence[int], block_count: int, now: int) -> None:
    """Process a pure ACK with SACK blocks [start, end, start, end, …]."""
    newly_sacked = 0
    if s[SACK_ENABLED] == 1:
        for block in range(block_count):
            newly_sacked += mark_sacked(s, blocks[2 * block], blocks[2 * block + 1], now)
    if ack > s[UNA]:
        on_new_ack(s, ack, now)
    elif s[NXT] > s[UNA] and ack == s[UNA] and (newly_sacked > 0 or s[SACK_ENABLED] == 0):
        on_duplicate(s)
    if s[SACK_ENABLED] == 1 and s[STATE] != LOSS:
        mark_lost_below(s, find_lost_edge(s))
    if s[STATE] == OPEN and may_recover(s):
        enter_recovery(s)


@compiled
def on_new_ack(s: Record, ack: int, now: int) -> None:
    """Take a cumulative acknowledgement of new data."""
    acked = ack - s[UNA]
    acknowledge_timed(s, s[UNA], ack, now)
    remove_acknowledged(s, ack)
    s[UNA] = ack
    s[DUPLICATES] = 0
    if s[STATE] != RECOVERY:
        s[INFLATION] = 0
        congestion.grow(s, acked, now)
        if s[STATE] == LOSS and ack >= s[RECOVER]:
            s[STATE] = OPEN
    elif ack >= s[RECOVER]:
        leave_recovery(s)
    elif s[SACK_ENABLED] == 0:
        on_partial_ack(s, acked)
        if s[PARTIAL] == 1:
            return
        s[PARTIAL] = 1
    restart_timer(s, now)


@compiled
def on_partial_ack(s: Record, acked: int) -> None:
    """NewReno: the next hole is lost too; deflate by what left the network (RFC 6582, 3.2).

    Only the first partial ACK of a recovery restarts the timer.
    """
    s[INFLATION] -= acked
    if acked >= s[MSS]:
        s[INFLATION] += s[MSS]
    retransmit_head(s)


@compiled
def retransmit_head(s: Record) -> None:
    """Have the oldest segment sent again whatever the window says, unless it was already."""
    mark_lost(s, s[HEAD])
    s[LOST_EDGE] = max(s[LOST_EDGE], s[HEAD] + 1)
    s[FORCED] = 1 if s[place(s, s[HEAD]) + FLAGS] == LOST else 0


@compiled
def on_duplicate(s: Record) -> None:
    """Count a duplicate ACK: a segment has left the network.

    Before recovery the first two let new segments out (limited transmit, RFC 3042); with SACK
    the scoreboard has already taken the segment off the pipe.
    """
    s[DUPLICATES] += 1
    if s[SACK_ENABLED] == 0 and s[STATE] != LOSS:
        s[INFLATION] += s[MSS]


@compiled
def may_recover(s: Record) -> bool:
    """Tell whether the oldest segment is to be taken for lost now.

    Without SACK, only when the ACK covers more than the last recovery did (RFC 6582): duplicates
    after a timeout say nothing.
    """
    if s[HEAD] == s[TAIL]:
        return False
    if s[SACK_ENABLED] == 0:
        return s[DUPLICATES] >= DUPLICATE_THRESHOLD and s[UNA] > s[RECOVER]
    return s[DUPLICATES] >= DUPLICATE_THRESHOLD or is_lost(s, s[HEAD])


@compiled
def enter_recovery(s: Record) -> None:
    """Begin fast retransmit and recovery: one reduction of the window for all losses in flight."""
    congestion.shrink(s)
    s[CWND] = s[SSTHRESH]
    s[RECOVER] = s[NXT]
    s[STATE] = RECOVERY
    s[PARTIAL] = 0
    s[INFLATION] = 0 if s[SACK_ENABLED] == 1 else DUPLICATE_THRESHOLD * s[MSS]
    retransmit_head(s)


@compiled
def leave_recovery(s: Record) -> None:
    """End fast recovery; without SACK the window avoids a burst (RFC 6582, 3.2, option 1)."""
    s[STATE] = OPEN
    s[INFLATION] = 0
    if s[SACK_ENABLED] == 0:
        flight = max(s[NXT] - s[UNA], s[MSS])
        s[CWND] = min(s[SSTHRESH], flight + s[MSS])


@compiled
def on_timeout(s: Record, now: int) -> None:
    """The retransmission timer has expired: all is lost, start again with one segment."""
    if s[TIMEOUT_UNA] != s[UNA]:
        congestion.shrink(s)
    s[TIMEOUT_UNA] = s[UNA]
    congestion.collapse(s)
    mark_all_lost(s)
    s[STATE] = LOSS
    s[RECOVER] = s[NXT]
    s[DUPLICATES] = 0
    s[INFLATION] = 0
    s[TIMED_END] = -1
    s[BACKOFF] += 1
    s[TIMEOUTS] += 1
    restart_timer(s, now)


@compiled
def next_segment(s: Record, now: int) -> int:
    """Return the number of the segment to send now, or -1; the record counts it as sent.

    The order is RFC 6675's NextSeg: lost ones, new data, then holes not yet taken for lost.
    """
    number = next_lost(s)
    if number >= 0:
        if s[FORCED] == 0 and not fits(s, s[place(s, number) + END] - s[place(s, number) + START]):
            return end_burst(s, 1)
        return send_again(s, number, now)
    size = new_size(s)
    if size > 0:
        congestion.resume(s, now)
        return send_new(s, size, now) if fits(s, size) else end_burst(s, 1)
    if s[STATE] == RECOVERY and s[SACK_ENABLED] == 1 and fits(s, s[MSS]):
        number = next_hole(s)
        if number >= 0:
            mark_lost_below(s, number + 1)
            return send_again(s, number, now)
    return end_burst(s, 0 if fits(s, s[MSS]) else 1)


@compiled
def fits(s: Record, size: int) -> bool:
    """Tell whether the congestion window lets ``size`` more bytes into the network."""
    return s[PIPE] + size <= s[CWND] + s[INFLATION]


@compiled
def new_size(s: Record) -> int:
    """Return the size of the next new segment, 0 if there is nothing to send.

    A segment cut short by the receive window waits for it to open (silly window avoidance).
    """
    size = min(s[MSS], s[WRITTEN] - s[NXT])
    if s[NXT] + size > s[UNA] + s[RECEIVE_WINDOW] or s[TAIL] - s[HEAD] > s[MASK]:
        return 0
    return size


@compiled
def send_new(s: Record, size: int, now: int) -> int:
    """Send the next new segment; return its number."""
    number = append_segment(s, s[NXT], s[NXT] + size)
    s[NXT] += size
    time_segment(s, s[NXT], now)
    count_sending(s, now)
    return number


@compiled
def send_again(s: Record, number: int, now: int) -> int:
    """Send a lost segment again; return its number. Karn: a round trip in doubt is not timed."""
    mark_retransmitted(s, number)
    if s[SACK_ENABLED] == 0 or s[TIMED_END] == s[place(s, number) + END]:
        s[TIMED_END] = -1
    s[FORCED] = 0
    s[RETRANSMITTED_SEGMENTS] += 1
    count_sending(s, now)
    return number


@compiled
def count_sending(s: Record, now: int) -> None:
    """Note a segment as sent, and let the timer run (RFC 6298, 5.1)."""
    s[SENT_IN_BURST] = 1
    s[SEGMENTS_SENT] += 1
    s[LAST_SEND_NS] = now
    if s[RTO_DEADLINE] < 0:
        restart_timer(s, now)


@compiled
def end_burst(s: Record, limited: int) -> int:
    """Note whether the congestion window ended the burst; return -1."""
    congestion.note_usage(s, limited)
    return -1
