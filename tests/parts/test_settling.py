"""Frames settled as they pass, in a small ring, against the same rule on whole columns."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from telemedsim.core.compiled import compiles, kernel
from telemedsim.core.random_streams import draw_53
from telemedsim.parts.traffic import Playout, Shown, settling, show
from telemedsim.parts.traffic.playout import shown_of

INT = np.int64
MS = 1_000_000
BASE_NS = 20 * MS
RING_FRAMES = 128
UNKNOWN = 10**6
"""What stands in the ring for a frame that is not final: nothing may depend on it."""


class Frames(NamedTuple):
    """Columns of frames in the order of capture."""

    capture_ns: Any
    sent: Any
    in_time: Any
    lost: Any
    complete_ns: Any

    def first(self, count: int) -> "Frames":
        """Return the first frames."""
        return Frames(*(column[:count] for column in self))


def whole_columns(playout: Playout, frames: Frames, round_trip_ns: int | None) -> Shown:
    """Return what is shown, by arrays over all frames: the oracle."""
    budget_ns, period = playout.budget_ns(BASE_NS), playout.frame_period_ns
    missing = frames.sent - frames.in_time
    repaired = np.zeros(len(missing), dtype=bool)
    if playout.repair == "fec":
        repaired = missing <= np.floor(playout.fec_overhead * frames.sent)
    elif playout.repair == "nack" and round_trip_ns is not None:
        in_budget = BASE_NS + round_trip_ns <= budget_ns
        repaired = (missing == frames.lost) & in_budget & comes_again(frames, budget_ns)
    shown = repaired | (missing <= playout.concealment * frames.sent)
    due_ns = frames.capture_ns[shown] + budget_ns
    shown_ns = np.maximum.accumulate(np.maximum(due_ns, frames.complete_ns[shown]))
    last_due_ns = frames.capture_ns[-1:] + budget_ns
    until_ns = np.maximum(last_due_ns, shown_ns[-1:]) if len(shown_ns) else shown_ns
    gaps = np.diff(np.concatenate((shown_ns, until_ns)))
    frozen = gaps[gaps > max(3 * period, period + 150 * MS)]
    first_ns = int(shown_ns[0]) if len(shown_ns) else -1
    skipped = len(missing) - len(shown_ns)
    return Shown(len(shown_ns), skipped, first_ns, len(frozen), int(frozen.sum()))


def comes_again(frames: Frames, budget_ns: int) -> Any:
    """Return for which frames what was lost is likely to come when it is sent again."""
    behind = np.arange(1, len(frames.sent) + 1)
    reach_ns = frames.capture_ns + budget_ns
    until = np.maximum(np.searchsorted(frames.capture_ns, reach_ns, side="right"), behind)
    all_sent = np.concatenate(([0], np.cumsum(frames.sent)))
    all_lost = np.concatenate(([0], np.cumsum(frames.lost)))
    sent, lost = all_sent[until] - all_sent[behind], all_lost[until] - all_lost[behind]
    alone = sent == 0
    above, below = np.where(alone, frames.lost, lost), np.where(alone, frames.sent, sent)
    return (1.0 - above / np.maximum(below, 1)) ** frames.lost >= 0.5


def some_frames(key: int, count: int, period_ns: int, worst: int, late_share: int) -> Frames:
    """Return frames of 1 to 20 packets; ``worst`` and ``late_share`` are in percent of a packet."""
    draws = np.array([draw_53(key, number) >> 20 for number in range(6 * count)]).reshape(6, count)
    capture_ns = np.cumsum(draws[0] % (2 * period_ns))
    sent = 1 + draws[1] % 20
    # Some stretches lose nothing and some nearly all, so that repair is in doubt either way.
    share = worst * (np.arange(count) // 7 % 4) // 3
    lost = np.minimum(sent, sent * share // 100 + (draws[2] % 100 < share))
    late = np.where(draws[3] % 100 < late_share, np.minimum(1, sent - lost), 0)
    in_time = sent - lost - late
    complete_ns = np.where(in_time > 0, capture_ns + draws[4] % (150 * MS), -1)
    return Frames(capture_ns, sent, in_time, lost, complete_ns)


def settle_once(
    parameters: Any, state: Any, ring: Any, frame_end: int, now_ns: int, at_end: int
) -> int:
    """One array holds the five rings, as a plane may keep them."""
    size = RING_FRAMES
    settled = settling.settle(
        parameters,
        state,
        ring[:size],
        ring[size : 2 * size],
        ring[2 * size : 3 * size],
        ring[3 * size : 4 * size],
        ring[4 * size : 5 * size],
        size - 1,
        frame_end,
        now_ns,
        at_end,
    )
    if at_end == 1:
        settling.end_picture(parameters, state)
    return settled


SETTLE_ONCE = kernel(settle_once)


def as_they_pass(
    machine: Any, playout: Playout, frames: Frames, round_trip_ns: int | None, times_ns: list[int]
) -> Shown:
    """Settle frames at these times, in a ring that is used over and over."""
    budget_ns, period = playout.budget_ns(BASE_NS), playout.frame_period_ns
    plain = machine is settle_once or not compiles()
    view = memoryview if plain else lambda array: array
    parameters = view(np.array(playout.parameters(BASE_NS, round_trip_ns), INT))
    state, ring = view(np.array(settling.new_state(), INT)), np.full((5, RING_FRAMES), UNKNOWN)
    columns = np.array(frames)
    final, settled = 0, 0
    for now_ns in times_ns:
        made = int(np.searchsorted(frames.capture_ns, now_ns, side="right"))
        assert made - settled <= RING_FRAMES
        ring[:, np.arange(final, made) % RING_FRAMES] = UNKNOWN
        ring[0, np.arange(final, made) % RING_FRAMES] = frames.capture_ns[final:made]
        bound_ns = now_ns - budget_ns - period
        final_end = int(np.searchsorted(frames.capture_ns, bound_ns, side="right"))
        ring[:, np.arange(final, final_end) % RING_FRAMES] = columns[:, final:final_end]
        final = final_end
        at_end = int(now_ns == times_ns[-1])
        before, settled = (
            settled,
            machine(parameters, state, view(ring.ravel()), made, now_ns, at_end),
        )
        assert before <= settled <= final
    assert settled == final
    return shown_of(list(state))


RECEIVERS = [
    Playout(jitter_buffer_ms=60, frame_period_ns=33_333_333, repair="none"),
    Playout(jitter_buffer_ms=60, frame_period_ns=33_333_333, repair="none", concealment=0.1),
    Playout(jitter_buffer_ms=100, frame_period_ns=20_000_000, repair="nack"),
    Playout(jitter_buffer_ms=300, frame_period_ns=33_333_333, repair="nack", concealment=0.3),
    Playout(jitter_buffer_ms=60, frame_period_ns=40_000_000, repair="fec", fec_overhead=0.29),
]
NAMES = ["none", "concealed", "nack", "nack_concealed", "fec"]


@pytest.mark.parametrize("playout", RECEIVERS, ids=NAMES)
@settings(max_examples=40)
@given(
    key=some.integers(0, 2**32),
    count=some.integers(1, 300),
    worst=some.sampled_from([0, 10, 40, 100]),
    late_share=some.sampled_from([0, 5, 50]),
    step_ms=some.sampled_from([7, 90, 400]),
    cut=some.floats(0, 1),
)
def test_frames_settled_as_they_pass_give_what_whole_columns_give(
    playout: Playout,
    key: int,
    count: int,
    worst: int,
    late_share: int,
    step_ms: int,
    cut: float,
) -> None:
    frames = some_frames(key, count, playout.frame_period_ns, worst, late_share)
    round_trip_ns = 2 * BASE_NS
    late = frames.sent - frames.in_time - frames.lost
    expected = whole_columns(playout, frames, round_trip_ns)
    columns = frames.capture_ns, frames.sent, frames.in_time, frames.complete_ns
    assert show(playout, *columns, BASE_NS, round_trip_ns, late) == expected
    end_ns = int(cut * (frames.capture_ns[-1] + 600 * MS))
    times_ns = [*range(0, end_ns, step_ms * MS), end_ns]
    due_ns = frames.capture_ns + playout.budget_ns(BASE_NS) + playout.frame_period_ns
    judged = frames.first(int(np.searchsorted(due_ns, end_ns, side="right")))
    expected = whole_columns(playout, judged, round_trip_ns)
    for machine in (settle_once, SETTLE_ONCE):
        assert as_they_pass(machine, playout, frames, round_trip_ns, times_ns) == expected


def test_repair_is_in_doubt_in_some_of_these_frames() -> None:
    """The examples must not all be repaired, nor none: else they would test nothing."""
    frames = some_frames(5, 300, 20 * MS, 40, 5)
    again = comes_again(frames, RECEIVERS[2].budget_ns(BASE_NS))[frames.lost > 0]
    assert 0.1 < again.mean() < 0.9


@pytest.mark.parametrize(("lost", "sent", "comes"), [(1, 2, True), (51, 100, False), (1, 1, False)])
def test_one_packet_comes_again_as_likely_as_not_at_one_half_exactly(
    lost: int, sent: int, comes: bool
) -> None:
    assert settling.comes_again(10, 1, sent, lost) is comes
    assert settling.comes_again(sent, 1, 0, 0) is (sent > 1)


@given(some.floats(allow_nan=False))
def test_bits_keep_a_float(value: float) -> None:
    assert settling.float_of(settling.bits_of(value)) == value
