"""What is measured where time is sampled: packets by their send time, frames by their number."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    BYTES,
    FRAME_FROM,
    FRAME_STOP,
    MEASURE_BEGIN,
    MEASURE_END,
    SENT,
    SENT_BYTES,
    SENT_PACKETS,
    World,
)
from telemedsim.dataplane.hybrid.wire import close_bin


@compiled
def is_measured_frame(w: World, stream: int, frame: int) -> int:
    """Return 1 for a frame of a stream that is measured, else 0."""
    return int(w.streams[stream, FRAME_FROM] <= frame < w.streams[stream, FRAME_STOP])


@compiled
def count_sent(w: World, stream: int, first: int, end: int, sent_bytes: int) -> None:
    """Count packets that a stream has just sent, in the order of sending, if they are measured."""
    if end == first:
        return
    streams, packets = w.streams, w.packets
    begin_ns, end_ns = w.cursors[MEASURE_BEGIN], w.cursors[MEASURE_END]
    if packets[first, SENT] < begin_ns or packets[end - 1, SENT] >= end_ns:
        for pid in range(first, end):
            if begin_ns <= packets[pid, SENT] < end_ns:
                streams[stream, SENT_PACKETS] += 1
                streams[stream, SENT_BYTES] += packets[pid, BYTES]
        return
    streams[stream, SENT_PACKETS] += end - first
    streams[stream, SENT_BYTES] += sent_bytes


def close_bins(w: World) -> None:
    """Write what lines have counted since the last time into their series."""
    for line in range(len(w.lines)):
        close_bin(w, line)
