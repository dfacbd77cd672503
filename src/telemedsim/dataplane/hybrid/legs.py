"""What a receiver counts of the packets that reach it, and of those that do not."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.base import INTERRUPTION_NS
from telemedsim.dataplane.hybrid.layout import (
    BIN_BUCKETS,
    BIN_DELIVERED,
    BIN_HISTOGRAM_AT,
    BIN_LATE,
    BIN_LOST_PACKETS,
    BIN_NS,
    BYTES,
    DELAY_MAX,
    DELAY_MIN,
    DELAY_SUM,
    EXEMPLARS_USED,
    FRAME,
    FRAME_MASK,
    HISTOGRAM_AT,
    HISTOGRAM_OFFSET,
    HISTOGRAM_SIZE,
    INTERRUPTED_NS,
    INTERRUPTIONS,
    LAST_NS,
    LATE,
    LEG_BIN,
    LEG_BIN_BEGIN,
    LEG_BIN_END,
    LEG_BUDGET,
    LEG_FRAMES_AT,
    LEG_SHOWS,
    LEG_STREAM,
    LOST_AT,
    MEASURE_BEGIN,
    MEASURE_END,
    NEXT,
    NS,
    PART,
    PARTS_AT,
    SENT,
    SHIFT,
    SIZES_AT,
    SLOWEST,
    STRAY_A,
    STRAY_B,
    STRAY_BIN,
    STRAY_BUCKET,
    STRAY_BUCKETS,
    STRAY_C,
    STRAY_COUNTS,
    STRAY_DELAY,
    STRAY_KIND,
    STRAY_LEG,
    STRAY_USED,
    World,
)
from telemedsim.records.flows import LOSS_CAUSES
from telemedsim.records.histogram import SUB_BITS

CAUSES = len(LOSS_CAUSES)
FULL = 1 << (SUB_BITS + 1)
"""A delay shifted right by the shift of its bucket is below this."""


@compiled
def keep_exemplar(w: World, pid: int, cell: int) -> int:
    """Write a packet down: its size, the number of its waits, and each; return where."""
    begin = w.cursors[EXEMPLARS_USED]
    at = begin + 2
    while cell >= 0:
        w.exemplars[at] = w.cells[cell, PART]
        w.exemplars[at + 1] = w.cells[cell, NS]
        at += 2
        cell = w.cells[cell, NEXT]
    w.exemplars[begin] = w.packets[pid, BYTES]
    w.exemplars[begin + 1] = (at - begin - 2) // 2
    w.cursors[EXEMPLARS_USED] = at
    return begin


@compiled
def stray(w: World, kind: int, leg: int, in_bin: int, bucket: int, a: int, b: int, c: int) -> None:
    """Note something rare."""
    at = w.cursors[STRAY_USED]
    w.cursors[STRAY_USED] = at + 1
    strays = w.strays
    strays[at, STRAY_KIND] = kind
    strays[at, STRAY_LEG] = leg
    strays[at, STRAY_BIN] = in_bin
    strays[at, STRAY_BUCKET] = bucket
    strays[at, STRAY_A] = a
    strays[at, STRAY_B] = b
    strays[at, STRAY_C] = c


@compiled
def close_leg_bin(w: World, leg: int) -> None:
    """Note the counts of the current bin of send times, and begin anew."""
    legs = w.legs
    in_bin, delivered, late, lost = (
        legs[leg, LEG_BIN],
        legs[leg, BIN_DELIVERED],
        legs[leg, BIN_LATE],
        legs[leg, BIN_LOST_PACKETS],
    )
    if delivered == 0 and lost == 0:
        return
    stray(w, STRAY_COUNTS, leg, in_bin, 0, delivered, late, lost)
    legs[leg, BIN_DELIVERED] = legs[leg, BIN_LATE] = legs[leg, BIN_LOST_PACKETS] = 0
    first = legs[leg, BIN_HISTOGRAM_AT]
    if first < 0:
        return
    for place in range(legs[leg, HISTOGRAM_SIZE]):
        count = w.histogram[first + place]
        if count:
            bucket = legs[leg, HISTOGRAM_OFFSET] + place
            stray(w, STRAY_BUCKETS, leg, in_bin, bucket, count, 0, 0)
            w.histogram[first + place] = 0
            w.cursors[BIN_BUCKETS] -= 1


@compiled
def open_leg_bin(w: World, leg: int, sent_ns: int) -> None:
    """Make the bin of a send time the current one."""
    legs = w.legs
    close_leg_bin(w, leg)
    width = legs[leg, BIN_NS]
    number = sent_ns // width
    legs[leg, LEG_BIN] = number
    legs[leg, LEG_BIN_BEGIN] = max(number * width, w.cursors[MEASURE_BEGIN])
    legs[leg, LEG_BIN_END] = min((number + 1) * width, w.cursors[MEASURE_END])


@compiled
def count_bucket(w: World, leg: int, pid: int, cell: int, delay_ns: int) -> None:
    """Count a delay in the leg's histogram; the first packet of each bucket is written down."""
    legs = w.legs
    shift = legs[leg, SHIFT]
    while delay_ns >> shift >= FULL:
        shift += 1
    bucket = (shift << SUB_BITS) + (delay_ns >> shift)
    place = bucket - legs[leg, HISTOGRAM_OFFSET]
    if 0 <= place < legs[leg, HISTOGRAM_SIZE]:
        at = legs[leg, HISTOGRAM_AT] + place
        count = w.histogram[at]
        w.histogram[at] = count + 1
        if count == 0:
            w.firsts[at] = keep_exemplar(w, pid, cell)
        if legs[leg, BIN_HISTOGRAM_AT] >= 0:
            at = legs[leg, BIN_HISTOGRAM_AT] + place
            w.histogram[at] += 1
            if w.histogram[at] == 1:
                w.cursors[BIN_BUCKETS] += 1
    else:
        stray(w, STRAY_DELAY, leg, legs[leg, LEG_BIN], bucket, keep_exemplar(w, pid, cell), 0, 0)


@compiled
def is_measured(w: World, sent_ns: int) -> bool:
    """Tell whether packets sent at a time are measured."""
    return w.cursors[MEASURE_BEGIN] <= sent_ns < w.cursors[MEASURE_END]


@compiled
def complete_frame(w: World, leg: int, now: int, pid: int) -> None:
    """Count a packet of a frame that comes in time."""
    mask = w.streams[w.legs[leg, LEG_STREAM], FRAME_MASK]
    at = w.legs[leg, LEG_FRAMES_AT] + (w.packets[pid, FRAME] & mask)
    w.frames[at] += 1
    w.frames[at + 2 * (mask + 1)] = now


@compiled
def arrive_unmeasured(w: World, leg: int, now: int, pid: int) -> None:
    """Let a packet that is not measured complete its frame, and end an interruption."""
    legs = w.legs
    legs[leg, LAST_NS] = now
    if legs[leg, LEG_SHOWS] and now - w.packets[pid, SENT] <= legs[leg, LEG_BUDGET]:
        complete_frame(w, leg, now, pid)


@compiled
def arrive(w: World, leg: int, now: int, pid: int, cell: int) -> None:
    """Count a packet that reaches its receiver now."""
    legs, packets = w.legs, w.packets
    sent_ns = packets[pid, SENT]
    delay_ns = now - sent_ns
    if not legs[leg, LEG_BIN_BEGIN] <= sent_ns < legs[leg, LEG_BIN_END]:
        if not is_measured(w, sent_ns):
            arrive_unmeasured(w, leg, now, pid)
            return
        open_leg_bin(w, leg, sent_ns)
    w.sizes[legs[leg, SIZES_AT] + packets[pid, BYTES]] += 1
    legs[leg, DELAY_SUM] += delay_ns
    count_bucket(w, leg, pid, cell, delay_ns)
    if delay_ns > legs[leg, DELAY_MAX]:
        legs[leg, DELAY_MAX] = delay_ns
        legs[leg, SLOWEST] = keep_exemplar(w, pid, cell)
    if delay_ns < legs[leg, DELAY_MIN] or legs[leg, DELAY_MIN] < 0:
        legs[leg, DELAY_MIN] = delay_ns
    first = legs[leg, PARTS_AT]
    while cell >= 0:
        w.parts_ns[first + w.cells[cell, PART]] += w.cells[cell, NS]
        cell = w.cells[cell, NEXT]
    legs[leg, BIN_DELIVERED] += 1
    last_ns = legs[leg, LAST_NS]
    if now - last_ns > INTERRUPTION_NS and last_ns >= 0:
        legs[leg, INTERRUPTIONS] += 1
        legs[leg, INTERRUPTED_NS] += now - last_ns
    legs[leg, LAST_NS] = now
    budget_ns = legs[leg, LEG_BUDGET]
    if 0 <= budget_ns < delay_ns:
        legs[leg, LATE] += 1
        legs[leg, BIN_LATE] += 1
    elif legs[leg, LEG_SHOWS]:
        complete_frame(w, leg, now, pid)


@compiled
def lose_at_leg(w: World, leg: int, pid: int, depth: int, cause: int, now: int) -> None:
    """Count a packet that was lost on its way to a leg."""
    legs, sent_ns = w.legs, w.packets[pid, SENT]
    if is_measured(w, sent_ns):
        w.losses[legs[leg, LOST_AT] + depth * CAUSES + cause] += 1
        if legs[leg, LEG_BIN_BEGIN] <= sent_ns < legs[leg, LEG_BIN_END]:
            legs[leg, BIN_LOST_PACKETS] += 1
        else:
            stray(w, STRAY_COUNTS, leg, sent_ns // legs[leg, BIN_NS], 0, 0, 0, 1)
    if legs[leg, LEG_SHOWS] and now - sent_ns <= legs[leg, LEG_BUDGET]:
        mask = w.streams[legs[leg, LEG_STREAM], FRAME_MASK]
        w.frames[legs[leg, LEG_FRAMES_AT] + mask + 1 + (w.packets[pid, FRAME] & mask)] += 1
