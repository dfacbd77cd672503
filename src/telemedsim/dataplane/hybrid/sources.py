"""Sources at work: a stream's next packets made when they are sent, frame by frame, from its recipe.

A stream's row holds the frame that is being sent and the clock of the one after it. While no packet of
a frame is left, SEND_NS is when the next frame is captured: its packets are not sent before.
"""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.array_types import IntArray
from telemedsim.dataplane.hybrid.inbox import NEVER, end_run, next_block, put, write_entry
from telemedsim.dataplane.hybrid.layout import (
    BLOCK,
    BLOCKS_USED,
    BYTES,
    CAPTURED_NS,
    CLEARED,
    CLOCK_NS,
    CLOCK_REST,
    FRAME,
    FRAME_END,
    FRAME_MASK,
    FRAME_PACKETS,
    FRAMES_AT,
    FRAMES_SENT,
    INBOX_FILL,
    INBOX_LAST,
    LAST_BYTES,
    LAST_FRAME,
    LAST_SENT,
    LAWS_AT,
    LIVE,
    MOVED,
    NEXT_FRAME,
    NEXT_NS,
    NEXT_NUMBER,
    NONE,
    NUMBER,
    PACKETS_LEFT,
    PACKETS_USED,
    PLACE,
    RECIPE,
    ROOTS,
    ROOTS_AT,
    ROW_LINE,
    SEND_NS,
    SENT,
    SHOWING,
    SPREAD_CARRIED,
    SPREAD_NS,
    SPREAD_REST,
    STOP_NS,
    WANTED_BLOCKS,
    WANTED_PACKETS,
    World,
)
from telemedsim.dataplane.hybrid.measured import count_sent, is_measured_frame
from telemedsim.dataplane.hybrid.room import has_room
from telemedsim.parts.traffic import PacketSource
from telemedsim.parts.traffic import _frames as parts

AT_ONCE = 1024
"""Packets for which there must be room before a stream sends some."""


def set_clock(row: IntArray, source: PacketSource, key: int, frames: range, start_ns: int) -> None:
    """Have a stream send some frames; it began at ``start_ns``."""
    numbers = [int(value) for value in row[RECIPE:]]
    first = frames.start
    row[SEND_NS] = NEVER
    if frames:
        row[SEND_NS] = row[CLOCK_NS] = start_ns + int(source.capture_ns(key, first, 1)[0])
    # Of frame k x period the part of a ns that the clock leaves out.
    row[CLOCK_REST] = first * numbers[parts.STEP_REST] % numbers[parts.RATE_NUM]
    row[PLACE] = (numbers[parts.FIRST_PLACE] + first) % numbers[parts.GROUP_FRAMES]
    row[NEXT_FRAME], row[FRAME_END] = first, frames.stop
    row[PACKETS_LEFT] = 0


@compiled
def send(w: World, stream: int, until_ns: int) -> bool:
    """Put a stream's packets that are sent until a time into the inboxes of its first lines.

    Returns False, to be called again, if space is short.
    """
    streams, cursors = w.streams, w.cursors
    last_ns = min(until_ns, streams[stream, STOP_NS] - 1)
    while streams[stream, SEND_NS] <= last_ns:
        w.wanted[WANTED_PACKETS] = cursors[PACKETS_USED] + AT_ONCE
        blocks = (AT_ONCE // BLOCK + 2) * streams[stream, ROOTS]
        w.wanted[WANTED_BLOCKS] = cursors[BLOCKS_USED] + blocks
        if not has_room(w) or not send_some(w, stream, last_ns):
            return False
    return True


@compiled
def send_some(w: World, stream: int, last_ns: int) -> bool:
    """Send the next packets, at most `AT_ONCE`; return False if the ring of frames is full."""
    streams, packets, frames = w.streams, w.packets, w.frames
    mask, first_frame = streams[stream, FRAME_MASK], streams[stream, FRAMES_AT]
    full_bytes = streams[stream, RECIPE + parts.PAYLOAD] + streams[stream, RECIPE + parts.OVERHEAD]
    row = w.links[streams[stream, ROOTS_AT]]
    line = w.rows[row, ROW_LINE]
    # The first root's inbox is filled in one run; others, which are rare, packet by packet.
    block, fill = w.lines[line, INBOX_LAST], w.lines[line, INBOX_FILL]
    before = pid = w.cursors[PACKETS_USED]
    number, sent_bytes, has_space = streams[stream, NEXT_NUMBER], 0, True
    send_ns, left = streams[stream, SEND_NS], streams[stream, PACKETS_LEFT]
    first_ns, frame = send_ns, streams[stream, NEXT_FRAME] - 1
    while send_ns <= last_ns and pid - before < AT_ONCE:
        if left == 0:
            if streams[stream, SHOWING] and frame + 1 - streams[stream, CLEARED] > mask:
                has_space = False
                break
            send_ns = begin_frame(w, stream)
            left = streams[stream, FRAME_PACKETS]
            frame += 1
            if send_ns > last_ns:
                break
        ip_bytes = full_bytes if left > 1 else streams[stream, LAST_BYTES]
        packets[pid, SENT] = send_ns
        packets[pid, BYTES] = ip_bytes
        packets[pid, FRAME] = frame
        packets[pid, NUMBER] = number
        packets[pid, MOVED] = NONE
        sent_bytes += ip_bytes
        if frame != streams[stream, LAST_FRAME]:
            streams[stream, LAST_FRAME] = frame
            frames[first_frame + (frame & mask)] = streams[stream, CAPTURED_NS]
            streams[stream, FRAMES_SENT] += is_measured_frame(w, stream, frame)
        frames[first_frame + mask + 1 + (frame & mask)] += 1
        if block < 0 or fill == BLOCK:
            block = next_block(w, line, block)
            fill = 0
        write_entry(w, block * BLOCK + fill, send_ns, pid, row, NONE)
        fill += 1
        pid += 1
        number += 1
        left -= 1
        send_ns = next_send_ns(w, stream, send_ns, left)
    streams[stream, SEND_NS], streams[stream, PACKETS_LEFT] = send_ns, left
    if pid > before:
        end_run(w, line, block, fill, pid - before, min(w.lines[line, NEXT_NS], first_ns))
        note_sent(w, stream, before, pid, sent_bytes)
    return has_space


@compiled
def note_sent(w: World, stream: int, before: int, pid: int, sent_bytes: int) -> None:
    """Put packets just sent into the inboxes of further roots, and count them."""
    streams, packets = w.streams, w.packets
    first, roots = streams[stream, ROOTS_AT], streams[stream, ROOTS]
    for root in range(first + 1, first + roots):
        for one in range(before, pid):
            put(w, w.rows[w.links[root], ROW_LINE], packets[one, SENT], one, w.links[root], NONE)
    streams[stream, LAST_SENT] = packets[pid - 1, SENT]
    streams[stream, NEXT_NUMBER] += pid - before
    count_sent(w, stream, before, pid, sent_bytes)
    streams[stream, LIVE] += (pid - before) * roots
    w.cursors[PACKETS_USED] = pid


@compiled
def next_send_ns(w: World, stream: int, send_ns: int, left: int) -> int:
    """Return when the packet after one is sent, or when the frame after its frame is captured."""
    streams = w.streams
    if left == 0:
        if streams[stream, NEXT_FRAME] == streams[stream, FRAME_END]:
            return NEVER
        return streams[stream, CLOCK_NS]
    # Packet i of n is sent floor(i x span / n) after the first.
    send_ns += streams[stream, SPREAD_NS]
    carried = streams[stream, SPREAD_CARRIED] + streams[stream, SPREAD_REST]
    if carried >= streams[stream, FRAME_PACKETS]:
        carried -= streams[stream, FRAME_PACKETS]
        send_ns += 1
    streams[stream, SPREAD_CARRIED] = carried
    return send_ns


@compiled
def begin_frame(w: World, stream: int) -> int:
    """Draw a stream's next frame and set the clock for the one after it; return when it is sent first."""
    streams = w.streams
    frame, captured_ns = streams[stream, NEXT_FRAME], streams[stream, CLOCK_NS]
    streams[stream, NEXT_FRAME] = frame + 1
    streams[stream, CAPTURED_NS] = captured_ns
    kind = streams[stream, RECIPE + parts.FRAMES_ARE]
    if kind == parts.WRITTEN:
        at = streams[stream, LAWS_AT] + 2 * frame
        streams[stream, FRAME_PACKETS] = 1
        streams[stream, LAST_BYTES] = int(w.laws[at + 1])
        if frame + 1 < streams[stream, FRAME_END]:
            streams[stream, CLOCK_NS] = captured_ns + int(w.laws[at + 2] - w.laws[at])
        return captured_ns
    set_next_clock(w, stream)
    payload, overhead = streams[stream, RECIPE + parts.PAYLOAD], RECIPE + parts.OVERHEAD
    if kind == parts.ALIKE:
        streams[stream, FRAME_PACKETS] = 1
        streams[stream, LAST_BYTES] = payload + streams[stream, overhead]
        return captured_ns
    place = streams[stream, PLACE]
    frame_bytes = parts.frame_bytes_of(
        w.laws,
        streams[stream, LAWS_AT],
        place,
        streams[stream, RECIPE + parts.SPACING],
        streams[stream, RECIPE + parts.SIZE_KEY],
        streams[stream, RECIPE + parts.ROUNDING_KEY],
        frame,
    )
    place += 1
    streams[stream, PLACE] = 0 if place == streams[stream, RECIPE + parts.GROUP_FRAMES] else place
    count = (frame_bytes + payload - 1) // payload
    streams[stream, FRAME_PACKETS] = count
    streams[stream, LAST_BYTES] = frame_bytes - (count - 1) * payload + streams[stream, overhead]
    span_ns = streams[stream, RECIPE + parts.SPAN_NS]
    streams[stream, SPREAD_NS], streams[stream, SPREAD_REST] = span_ns // count, span_ns % count
    streams[stream, SPREAD_CARRIED] = 0
    if streams[stream, RECIPE + parts.HAS_JITTER]:
        key = streams[stream, RECIPE + parts.JITTER_KEY]
        captured_ns += parts.jitter_ns_of(w.laws, streams[stream, LAWS_AT], key, frame)
    return captured_ns


@compiled
def set_next_clock(w: World, stream: int) -> None:
    """Set a stream's clock to the next frame, floor(k x period): what is left of a ns is carried on."""
    streams = w.streams
    next_ns = streams[stream, CLOCK_NS] + streams[stream, RECIPE + parts.STEP_NS]
    rest = streams[stream, CLOCK_REST] + streams[stream, RECIPE + parts.STEP_REST]
    if rest >= streams[stream, RECIPE + parts.RATE_NUM]:
        rest -= streams[stream, RECIPE + parts.RATE_NUM]
        next_ns += 1
    streams[stream, CLOCK_NS], streams[stream, CLOCK_REST] = next_ns, rest
