"""The receiver: data in order and out of order, delayed ACKs, SACK blocks.

A record of integers like the sender's. Ranges out of order stand in a ring, in the order of
their bytes; FIRST is the place of the lowest one.
"""

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport import MAX_SACK_BLOCKS, Tcp
from telemedsim.parts.transport.tcp_state import Record

NEXT, UNACKED_BYTES, ACK_DEADLINE = 0, 1, 2
"""Next byte expected; bytes in order not yet acknowledged; when to acknowledge them, or -1."""
DELAYED_ACK_NS, ACK_ABOVE_BYTES, USES_SACK = 3, 4, 5
FIRST, COUNT, RANGE_MASK = 6, 7, 8
RECENT = 9
"""Three bytes recently received out of order, the latest first; -1 where there is none."""
BLOCK_COUNT = 12
BLOCKS = 13
"""SACK blocks of the next ACK: start, end, start, end, start, end."""
RANGES = 19


def new_receiver(tcp: Tcp, total_segments: int) -> Record:
    """Return the record of a receiver of at most ``total_segments`` segments."""
    window_segments = 2 * (tcp.receive_window_bytes // tcp.segment_bytes) + 2
    capacity = 1 << max(2, (min(total_segments, window_segments) - 1).bit_length())
    record = [0] * (RANGES + 2 * capacity)
    record[ACK_DEADLINE] = -1
    record[DELAYED_ACK_NS] = tcp.delayed_ack_ns
    ack_segments = tcp.segments_per_ack if tcp.delayed_ack else 1
    record[ACK_ABOVE_BYTES] = (ack_segments - 1) * tcp.segment_bytes
    record[USES_SACK] = int(tcp.sack)
    record[RANGE_MASK] = capacity - 1
    for recent in range(MAX_SACK_BLOCKS):
        record[RECENT + recent] = -1
    return record


@compiled
def on_data(r: Record, start: int, end: int, now: int) -> bool:
    """Take a segment; return True if it is acknowledged at once.

    At once: what is out of order, fills a gap or repeats old data (RFC 5681, 4.2), and more than
    ``segments_per_ack - 1`` full segments in order; else the delayed-ACK timer runs.
    """
    if start > r[NEXT]:
        insert_range(r, start, end)
        return True
    if end <= r[NEXT]:
        return True
    had_gap = r[COUNT] > 0
    r[UNACKED_BYTES] += end - r[NEXT]
    r[NEXT] = end
    take_joined(r)
    if had_gap or r[UNACKED_BYTES] > r[ACK_ABOVE_BYTES]:
        return True
    if r[ACK_DEADLINE] < 0:
        r[ACK_DEADLINE] = now + r[DELAYED_ACK_NS]
    return False


@compiled
def take_joined(r: Record) -> None:
    """Move NEXT over the ranges that it has reached."""
    while r[COUNT] > 0:
        at = range_place(r, 0)
        if r[at] > r[NEXT]:
            return
        r[NEXT] = max(r[NEXT], r[at + 1])
        r[FIRST] = (r[FIRST] + 1) & r[RANGE_MASK]
        r[COUNT] -= 1


@compiled
def range_place(r: Record, position: int) -> int:
    """Return where the range at a position (0: lowest) stands in the record."""
    return RANGES + 2 * ((r[FIRST] + position) & r[RANGE_MASK])


@compiled
def range_reaching(r: Record, sequence: int) -> int:
    """Return the position of the first range that ends at ``sequence`` or later."""
    low = 0
    high = r[COUNT]
    while low < high:
        middle = (low + high) // 2
        if r[range_place(r, middle) + 1] < sequence:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def insert_range(r: Record, start: int, end: int) -> None:
    """Add bytes out of order: join the ranges they touch, or make a new one."""
    low = range_reaching(r, start)
    high = low
    from_byte = start
    to_byte = end
    while high < r[COUNT] and r[range_place(r, high)] <= end:
        at = range_place(r, high)
        from_byte = min(from_byte, r[at])
        to_byte = max(to_byte, r[at + 1])
        high += 1
    if high == low:
        move_ranges(r, low, 1)
    elif high > low + 1:
        move_ranges(r, high, low + 1 - high)
    at = range_place(r, low)
    r[at] = from_byte
    r[at + 1] = to_byte
    remember_recent(r, start, from_byte, to_byte)


@compiled
def move_ranges(r: Record, position: int, by: int) -> None:
    """Move the ranges from a position on up (by 1) or down, and count them anew."""
    if by > 0:
        for moved in range(r[COUNT] - 1, position - 1, -1):
            copy_range(r, moved, moved + by)
    else:
        for moved in range(position, r[COUNT]):
            copy_range(r, moved, moved + by)
    r[COUNT] += by


@compiled
def copy_range(r: Record, source: int, target: int) -> None:
    """Copy a range from one position to another."""
    here = range_place(r, source)
    there = range_place(r, target)
    r[there] = r[here]
    r[there + 1] = r[here + 1]


@compiled
def remember_recent(r: Record, byte: int, from_byte: int, to_byte: int) -> None:
    """Put a byte before the recent ones; drop those of the same range, and the oldest."""
    carried = byte
    for recent in range(RECENT, RECENT + MAX_SACK_BLOCKS):
        older = r[recent]
        r[recent] = carried
        if older < 0 or from_byte <= older <= to_byte:
            return
        carried = older


@compiled
def take_ack(r: Record) -> int:
    """Return the number to acknowledge, with its SACK blocks in the record; ends the delay."""
    r[UNACKED_BYTES] = 0
    r[ACK_DEADLINE] = -1
    r[BLOCK_COUNT] = 0
    if r[COUNT] > 0 and r[USES_SACK] == 1:
        for recent in range(RECENT, RECENT + MAX_SACK_BLOCKS):
            if r[recent] > r[NEXT]:
                add_block(r, r[recent])
        for lowest in range(min(r[COUNT], MAX_SACK_BLOCKS)):
            add_block(r, r[range_place(r, lowest)])
    return r[NEXT]


@compiled
def add_block(r: Record, byte: int) -> None:
    """Add the range that holds a byte to the SACK blocks, unless it is there or they are full.

    RFC 2018: the latest ranges first, and as many as fit.
    """
    if r[BLOCK_COUNT] == MAX_SACK_BLOCKS:
        return
    at = range_place(r, range_reaching(r, byte + 1))
    for block in range(r[BLOCK_COUNT]):
        if r[BLOCKS + 2 * block] == r[at]:
            return
    r[BLOCKS + 2 * r[BLOCK_COUNT]] = r[at]
    r[BLOCKS + 2 * r[BLOCK_COUNT] + 1] = r[at + 1]
    r[BLOCK_COUNT] += 1
