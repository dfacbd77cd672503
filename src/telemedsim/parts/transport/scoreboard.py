"""What the sender knows of each outstanding segment: acknowledged, SACKed, lost, sent again.

Segments are numbered in the order of their data; number k stands in the ring at k & MASK. The
bounds of a segment never change, so a retransmission repeats it exactly.
"""

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport.tcp_state import (
    DUPLICATE_THRESHOLD,
    END,
    FLAGS,
    HEAD,
    HIGH_SACKED,
    IN_NETWORK_AGAIN,
    JUMP,
    LOST,
    LOST_EDGE,
    MASK,
    MSS,
    PIPE,
    RETRANSMIT_NEXT,
    RETRANSMITTED,
    SACKED,
    SEGMENTS,
    START,
    STRIDE,
    TAIL,
    UNA,
    Record,
)
from telemedsim.parts.transport.timers import acknowledge_timed


@compiled
def place(s: Record, number: int) -> int:
    """Return where segment ``number`` stands in the record."""
    return SEGMENTS + (number & s[MASK]) * STRIDE


@compiled
def append_segment(s: Record, start: int, end: int) -> int:
    """Add a new segment, in the network from now on; return its number."""
    number = s[TAIL]
    at = place(s, number)
    s[at + START] = start
    s[at + END] = end
    s[at + FLAGS] = 0
    s[TAIL] = number + 1
    s[PIPE] += end - start
    return number


@compiled
def remove_acknowledged(s: Record, ack: int) -> None:
    """Drop the segments that a cumulative acknowledgement covers."""
    number = s[HEAD]
    tail = s[TAIL]
    while number < tail:
        at = SEGMENTS + (number & s[MASK]) * STRIDE
        if s[at + END] > ack:
            break
        flags = s[at + FLAGS]
        if flags == 0 or flags == IN_NETWORK_AGAIN:
            s[PIPE] -= s[at + END] - s[at + START]
        number += 1
    s[HEAD] = number
    if s[RETRANSMIT_NEXT] < number:
        s[RETRANSMIT_NEXT] = number
    if s[LOST_EDGE] < number:
        s[LOST_EDGE] = number


@compiled
def first_from(s: Record, sequence: int) -> int:
    """Return the number of the first outstanding segment that begins at ``sequence`` or later.

    No segment is larger than the maximum, which bounds the number from below: exact if all are full.
    """
    low = s[HEAD]
    high = s[TAIL]
    if low == high:
        return low
    ahead = sequence - s[place(s, low) + START]
    if ahead > 0:
        low += -(-ahead // s[MSS])
        if low >= high:
            return high
    if s[place(s, low) + START] >= sequence:
        return low
    while low < high:
        middle = (low + high) // 2
        if s[SEGMENTS + (middle & s[MASK]) * STRIDE + START] < sequence:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def mark_sacked(s: Record, start: int, end: int, now: int) -> int:
    """Mark a SACK block; return how many of its bytes were not known before.

    Goes down from the end and jumps over what is marked, as blocks are repeated and grow.
    """
    first = first_from(s, max(start, s[UNA]))
    last = first_from(s, end) - 1
    if last < first:
        return 0
    newly = 0
    number = last
    while number >= first:
        at = place(s, number)
        if s[at + FLAGS] & SACKED:
            number = s[at + JUMP] - 1
            continue
        size = s[at + END] - s[at + START]
        if s[at + FLAGS] == 0 or s[at + FLAGS] == IN_NETWORK_AGAIN:
            s[PIPE] -= size
        acknowledge_timed(s, s[at + START], s[at + END], now)
        s[at + FLAGS] |= SACKED
        s[at + JUMP] = number
        newly += size
        number -= 1
    s[place(s, last) + JUMP] = min(first, number + 1)
    s[HIGH_SACKED] = max(s[HIGH_SACKED], last + 1)
    return newly


@compiled
def find_lost_edge(s: Record) -> int:
    """Return the number below which every segment not SACKed is lost (IsLost of RFC 6675).

    Lost is what has three separate SACKed ranges above it, or SACKed bytes of more than two
    segments. The edge never goes back.
    """
    ranges = 0
    sacked = 0
    joined = False
    number = s[HIGH_SACKED] - 1
    while number > s[LOST_EDGE]:
        at = place(s, number)
        if not s[at + FLAGS] & SACKED:
            joined = False
            number -= 1
            continue
        first = max(s[at + JUMP], s[HEAD])
        ranges += 0 if joined else 1
        sacked += s[at + END] - s[place(s, first) + START]
        if ranges >= DUPLICATE_THRESHOLD or sacked > (DUPLICATE_THRESHOLD - 1) * s[MSS]:
            return max(first, s[LOST_EDGE])
        joined = True
        number = first - 1
    return s[LOST_EDGE]


@compiled
def mark_lost_below(s: Record, edge: int) -> None:
    """Mark every segment below ``edge`` as lost that is neither SACKed nor marked."""
    for number in range(s[LOST_EDGE], edge):
        mark_lost(s, number)
    s[LOST_EDGE] = max(s[LOST_EDGE], edge)


@compiled
def mark_lost(s: Record, number: int) -> None:
    """Mark one outstanding segment as lost unless it is SACKed or already marked."""
    at = place(s, number)
    if s[at + FLAGS] == 0:
        s[at + FLAGS] = LOST
        s[PIPE] -= s[at + END] - s[at + START]


@compiled
def mark_all_lost(s: Record) -> None:
    """After a timeout: all that is not SACKed is lost and to be sent again, the oldest first."""
    for number in range(s[HEAD], s[TAIL]):
        at = place(s, number)
        if not s[at + FLAGS] & SACKED:
            s[at + FLAGS] = LOST
    s[PIPE] = 0
    s[LOST_EDGE] = s[TAIL]
    s[RETRANSMIT_NEXT] = s[HEAD]


@compiled
def next_lost(s: Record) -> int:
    """Return the oldest segment that is lost and not sent again, or -1."""
    number = s[RETRANSMIT_NEXT]
    while number < s[LOST_EDGE]:
        if s[place(s, number) + FLAGS] == LOST:
            s[RETRANSMIT_NEXT] = number
            return number
        number += 1
    s[RETRANSMIT_NEXT] = number
    return -1


@compiled
def next_hole(s: Record) -> int:
    """Return the oldest segment below the highest SACKed one with no flag at all, or -1.

    Flags are never taken back but by a timeout, so the edge moves over what has one for good.
    """
    while s[LOST_EDGE] < s[HIGH_SACKED]:
        if s[place(s, s[LOST_EDGE]) + FLAGS] == 0:
            return s[LOST_EDGE]
        s[LOST_EDGE] += 1
    return -1


@compiled
def is_lost(s: Record, number: int) -> bool:
    """Tell whether an outstanding segment is marked lost."""
    return number < s[TAIL] and s[place(s, number) + FLAGS] & (SACKED | LOST) == LOST


@compiled
def mark_retransmitted(s: Record, number: int) -> None:
    """Put a lost segment into the network again."""
    at = place(s, number)
    s[at + FLAGS] |= RETRANSMITTED
    s[PIPE] += s[at + END] - s[at + START]
