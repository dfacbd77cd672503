"""At the end of a window: frames whose fate is sealed are judged, and their places in the rings freed."""

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.layout import (
    ACTIVE,
    CLEARED,
    FRAME_MASK,
    FRAMES_AT,
    LAST_FRAME,
    LEG_FRAMES_AT,
    SETTLING_AT,
    SHOWING,
    SHOWING_AT,
    World,
)
from telemedsim.parts.traffic.settling import STATE_SIZE, settle

PARAMETERS = 6
"""Integers of `Playout.parameters`; a receiver's state stands behind them."""


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
        before = state[0]
        settled = settle(
            parameters, state, capture_ns, sent, in_time, lost, complete_ns, mask, end, now, at_end
        )
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
