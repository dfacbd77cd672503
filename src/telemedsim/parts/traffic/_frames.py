"""Loops over frames: sizes drawn from their laws, and frames cut into packets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from telemedsim.core.compiled import kernel_once_loaded
from telemedsim.parts.traffic._size_laws import FIRST, LAW, LAW_FLOATS, MEAN, quantile_of

IntArray = NDArray[np.int64]
SECOND_NS = 1_000_000_000


def _draw_frames(
    laws: Any, group_frames: int, spacing: int, position: int, uniforms: Any, sizes: Any
) -> None:
    """Write the size of each frame: the mean of its type times the quantile of its uniform."""
    place = position % group_frames
    for frame in range(len(uniforms)):
        at = 0
        if place != 0:
            at = LAW_FLOATS if place % spacing == 0 else 2 * LAW_FLOATS
        factor = quantile_of(int(laws[at + LAW]), laws, at + FIRST, uniforms[frame])
        sizes[frame] = laws[at + MEAN] * factor
        place += 1
        if place == group_frames:
            place = 0


draw_frames = kernel_once_loaded(_draw_frames)


def _time_frames(
    first_frame: int, rate_num: int, rate_den: int, phase_ns: int, times_ns: Any
) -> None:
    """Write floor(frame x 10^9 x den / num) + phase for some frames.

    Whole rounds of the ratio first: the product of a day's frames would overflow int64. Then the
    remainder is carried on, as a division a frame would take longer than all the rest.
    """
    round_ns = SECOND_NS * rate_den
    step, step_rest = round_ns // rate_num, round_ns % rate_num
    in_round = first_frame % rate_num * round_ns
    now = first_frame // rate_num * round_ns + in_round // rate_num + phase_ns
    rest = in_round % rate_num
    for place in range(len(times_ns)):
        times_ns[place] = now
        now += step
        rest += step_rest
        if rest >= rate_num:
            rest -= rate_num
            now += 1


def _time_frames_at_once(
    first_frame: int, rate_num: int, rate_den: int, phase_ns: int, times_ns: IntArray
) -> None:
    frames = np.arange(first_frame, first_frame + len(times_ns), dtype=np.int64)
    rounds, rest = np.divmod(frames, rate_num)
    round_ns = SECOND_NS * rate_den
    np.add(rounds * round_ns + rest * round_ns // rate_num, phase_ns, out=times_ns)


time_frames = kernel_once_loaded(_time_frames, _time_frames_at_once)


def _cut_frames(
    sizes: Any,
    beginnings_ns: Any,
    first_frame: int,
    span_ns: int,
    payload_bytes: int,
    overhead_bytes: int,
    send_ns: Any,
    ip_bytes: Any,
    frames: Any,
) -> int:
    """Write the packets of some frames, all of ``payload_bytes`` but the last; return their count.

    Packet i of n of a frame is sent floor(i x span / n) after the frame's beginning.
    """
    at = 0
    for place in range(len(sizes)):
        count = (sizes[place] + payload_bytes - 1) // payload_bytes
        now = beginnings_ns[place]
        step = span_ns // count
        rest = span_ns % count
        carried = 0
        for packet in range(at, at + count):
            send_ns[packet] = now
            ip_bytes[packet] = payload_bytes + overhead_bytes
            frames[packet] = first_frame + place
            now += step
            carried += rest
            if carried >= count:
                carried -= count
                now += 1
        at += count
        ip_bytes[at - 1] = sizes[place] - (count - 1) * payload_bytes + overhead_bytes
    return at


def _cut_frames_at_once(
    sizes: IntArray,
    beginnings_ns: IntArray,
    first_frame: int,
    span_ns: int,
    payload_bytes: int,
    overhead_bytes: int,
    send_ns: IntArray,
    ip_bytes: IntArray,
    frames: IntArray,
) -> int:
    counts = -(-sizes // payload_bytes)
    ends = np.cumsum(counts)
    made = int(counts.sum())
    position = np.arange(made, dtype=np.int64) - np.repeat(ends - counts, counts)
    ip_bytes[:made] = payload_bytes + overhead_bytes
    ip_bytes[ends - 1] = sizes - (counts - 1) * payload_bytes + overhead_bytes
    send_ns[:made] = np.repeat(beginnings_ns, counts)
    if span_ns > 0:
        send_ns[:made] += position * span_ns // np.repeat(counts, counts)
    frames[:made] = np.repeat(np.arange(first_frame, first_frame + len(sizes)), counts)
    return made


cut_frames = kernel_once_loaded(_cut_frames, _cut_frames_at_once)
