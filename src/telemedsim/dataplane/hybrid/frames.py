"""At the end of a window: frames whose fate is sealed are judged, and their places in the rings freed."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    ACTIVE,
    CLEARED,
    FRAME_FROM,
    FRAME_MASK,
    FRAME_STOP,
    FRAMES_AT,
    LAST_FRAME,
    LEG_FRAMES_AT,
    SETTLING_AT,
    SHOWING,
    SHOWING_AT,
    World,
)
from telemedsim.parts.traffic.settling import COUNTERS, NO_FRAME, SETTLED, SHOWN, STATE_SIZE, settle

PARAMETERS = 6
"""Integers of `Playout.parameters`; a receiver's state stands behind them, and then its counters of
the frames that are measured, less what the state has counted of the present ones."""
KEPT = len(COUNTERS)


@compiled
def keep_counters(state: list[int], kept: list[int], sign: int) -> None:
    """Add what a receiver has counted, or take it away: only what lies between is measured."""
    for counter in range(KEPT):
        kept[counter] += sign * state[SHOWN + counter]


@compiled
def until_frame(w: World, stream: int, frame: int) -> tuple[int, int]:
    """Return before which frame the frames from one on are measured all alike, and what is kept there."""
    if frame < w.streams[stream, FRAME_FROM]:
        return w.streams[stream, FRAME_FROM], -1
    if frame < w.streams[stream, FRAME_STOP]:
        return w.streams[stream, FRAME_STOP], 1
    return NO_FRAME, 0


@compiled
def settle_stream(w: World, stream: int, now: int, at_end: int) -> None:
    """Judge the frames of a stream at each receiver, and free those that all have judged."""
    streams, frames = w.streams, w.frames
    size = streams[stream, FRAME_MASK] + 1
    mask, end = size - 1, streams[stream, LAST_FRAME] + 1
    first = streams[stream, FRAMES_AT]
    capture_ns, sent = frames[first : first + size], frames[first + size : first + 2 * size]
    least = end
    for at in range(
        streams[stream, SHOWING_AT], streams[stream, SHOWING_AT] + streams[stream, SHOWING]
    ):
        leg = w.links[at]
        own = w.legs[leg, LEG_FRAMES_AT]
        in_time = frames[own : own + size]
        lost = frames[own + size : own + 2 * size]
        complete_ns = frames[own + 2 * size : own + 3 * size]
        place = w.legs[leg, SETTLING_AT]
        parameters = w.settling[place : place + PARAMETERS]
        state = w.settling[place + PARAMETERS : place + PARAMETERS + STATE_SIZE]
        kept = w.settling[place + PARAMETERS + STATE_SIZE : place + PARAMETERS + STATE_SIZE + KEPT]
        before = settled = state[SETTLED]
        is_through = False
        while not is_through:
            until, sign = until_frame(w, stream, settled)
            settled = settle(
                parameters,
                state,
                capture_ns,
                sent,
                in_time,
                lost,
                complete_ns,
                mask,
                end,
                now,
                at_end,
                until,
            )
            is_through = settled < until
            if not is_through:
                keep_counters(state, kept, sign)
        for frame in range(before, settled):
            in_time[frame & mask] = lost[frame & mask] = complete_ns[frame & mask] = 0
        least = min(least, settled)
    for frame in range(streams[stream, CLEARED], least):
        sent[frame & mask] = 0
    streams[stream, CLEARED] = max(streams[stream, CLEARED], least)


def settle_all(w: World, now: int) -> None:
    """Judge the frames of all open streams."""
    for place in range(w.cursors[ACTIVE]):
        if w.streams[w.active[place], SHOWING]:
            settle_stream(w, w.active[place], now, 0)


def settle_last(w: World, stream: int, now: int) -> None:
    """Judge all frames of a stream that can be judged now."""
    settle_stream(w, stream, now, 1)
