"""Frames: a source of them as numbers, their sizes drawn from their laws, and frames cut into packets."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from telemedsim.core.compiled import compiled, kernel_once_loaded
from telemedsim.core.random_streams import draw_uniform, signed_key
from telemedsim.parts.traffic._size_laws import (
    FIRST,
    LAW,
    LAW_FLOATS,
    LEAST,
    MEAN,
    quantile_of,
)

IntArray = NDArray[np.int64]
SECOND_NS = 1_000_000_000


TYPES = 3
"""Types of frames that a source may have; behind their laws stands that of the jitter."""

(
    STEP_NS,
    STEP_REST,
    RATE_NUM,
    PHASE_NS,
    SPAN_NS,
    PAYLOAD,
    OVERHEAD,
    GROUP_FRAMES,
    SPACING,
    FIRST_PLACE,
    SIZE_KEY,
    ROUNDING_KEY,
    JITTER_KEY,
    FRAMES_ARE,
    HAS_JITTER,
    RECIPE_INTEGERS,
) = range(16)
"""Where each integer of a `Recipe` stands. A frame's period is STEP_NS and STEP_REST / RATE_NUM ns."""

ALIKE, DRAWN, WRITTEN = range(3)
"""What frames are: packets of one size, drawn, or packets that are written down."""


class Recipe(NamedTuple):
    """All that a loop needs to make one stream's packets: integers, and the laws of frame sizes.

    Frame k is captured floor(k x period) after the stream's phase. Its size is drawn from the law of
    its type: the first frame of a group of GROUP_FRAMES is of type 0, each SPACING-th one of type 1,
    others of type 2; frame 0 stands at FIRST_PLACE. Its packets have PAYLOAD bytes but the last one, and are
    spread over SPAN_NS. Frames that are `ALIKE` are one packet of PAYLOAD + OVERHEAD bytes each; of
    `WRITTEN` ones the laws hold the time of each packet in ns after the start, and its IP size.
    """

    integers: tuple[int, ...]
    laws: tuple[float, ...]


def written_recipe(send_ns: Sequence[int], ip_bytes: Sequence[int]) -> Recipe:
    """Return the recipe of packets that are written down, below 2**53 ns."""
    numbers = [0] * RECIPE_INTEGERS
    numbers[RATE_NUM] = numbers[GROUP_FRAMES] = 1
    numbers[FRAMES_ARE] = WRITTEN
    pairs = zip(send_ns, ip_bytes, strict=True)
    return Recipe(tuple(numbers), tuple(float(value) for pair in pairs for value in pair))


def recipe(
    period_ns: tuple[int, int],
    phase_ns: int,
    span_ns: int,
    packet: tuple[int, int],
    group: tuple[int, int, int] = (1, 1, 0),
    keys: tuple[int, int, int] = (0, 0, 0),
    laws: Sequence[float] = (),
    jitter: Sequence[float] = (),
) -> Recipe:
    """Return the recipe of a stream; the period is a numerator and a denominator, keys are unsigned."""
    step_ns, rest = divmod(period_ns[0], period_ns[1])
    flags = DRAWN if laws else ALIKE, int(bool(jitter))
    signed = [signed_key(key) for key in keys]
    numbers = (step_ns, rest, period_ns[1], phase_ns, span_ns, *packet, *group, *signed, *flags)
    padded = [*laws, *([0.0] * (TYPES * LAW_FLOATS - len(laws))), *jitter]
    return Recipe(numbers, tuple(padded))


@compiled
def frame_bytes_of(
    laws: Any, at: int, place: int, spacing: int, size_key: int, rounding_key: int, frame: int
) -> int:
    """Return the size of a frame: the mean of its type times the quantile of its draw, at least 1.

    It is rounded up or down by a draw of its own, so that the mean stays exact.
    """
    law = at
    if place != 0:
        law += LAW_FLOATS if place % spacing == 0 else 2 * LAW_FLOATS
    factor = quantile_of(int(laws[law + LAW]), laws, law + FIRST, draw_uniform(size_key, frame))
    return max(1, int(laws[law + MEAN] * factor + draw_uniform(rounding_key, frame)))


@compiled
def jitter_ns_of(laws: Any, at: int, jitter_key: int, frame: int) -> int:
    """Return the time from a frame's capture to its first packet: its draw in ms, less the least one."""
    first = at + TYPES * LAW_FLOATS + FIRST
    number = int(laws[first - FIRST + LAW])
    jitter_ms = quantile_of(number, laws, first, draw_uniform(jitter_key, frame))
    return int((jitter_ms - laws[first + LEAST]) * 1e6)


def _size_frames(
    laws: Any,
    group_frames: int,
    spacing: int,
    position: int,
    size_key: int,
    rounding_key: int,
    first_frame: int,
    sizes: Any,
) -> None:
    """Write the sizes of some frames, the first one ``position`` frames after a group's beginning."""
    place = position % group_frames
    for at in range(len(sizes)):
        sizes[at] = frame_bytes_of(
            laws, 0, place, spacing, size_key, rounding_key, first_frame + at
        )
        place += 1
        if place == group_frames:
            place = 0


size_frames = kernel_once_loaded(_size_frames)


def _jitter_frames(laws: Any, jitter_key: int, first_frame: int, beginnings_ns: Any) -> None:
    """Add the time from each frame's capture to its first packet."""
    for at in range(len(beginnings_ns)):
        beginnings_ns[at] += jitter_ns_of(laws, 0, jitter_key, first_frame + at)


jitter_frames = kernel_once_loaded(_jitter_frames)


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
