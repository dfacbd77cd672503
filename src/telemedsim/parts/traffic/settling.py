"""The receiver's rule frame by frame: marked functions over flat records, one text for all planes.

Frames stand in rings, frame k at place ``k & mask``, in the order of capture. A frame is final when
its capture lies at least a frame period and the budget back: all its packets have come in time, were
lost before their deadline, or are late. It is settled once all frames captured within the budget
behind it are final too, since its repair depends on what those lost (`comes_again`); at the end of a
run, with those that are final.
"""

import math
import struct
from typing import Any

import numpy as np

from telemedsim.core.compiled import compiled, compiled_as

BUDGET_NS, PERIOD_NS, FREEZE_BOUND_NS, REPAIR, OVERHEAD, CONCEALMENT = range(6)
"""Parameters; the last two are floats, kept as their bits (`bits_of`)."""
NO_REPAIR, NACK, FEC = range(3)

SETTLED, SHOWN, SKIPPED, FREEZES, FREEZE_NS, FIRST_SHOWN_NS, LAST_SHOWN_NS, LAST_DUE_NS = range(8)
"""State: frames settled, of them shown and skipped, freezes and the sum of their gaps, then times on
the clock of the captures, -1 for none."""
BEHIND_END, BEHIND_SENT, BEHIND_LOST = 8, 9, 10
"""The frames behind the one last settled, up to this one: their packets sent and lost."""
STATE_SIZE = 11
COUNTERS = (SHOWN, SKIPPED, FREEZES, FREEZE_NS)
NO_FRAME = 1 << 62
"""Behind every frame."""

AS_LIKELY_AS_NOT = 0.5
"""A receiver draws nothing: the likelier of the two outcomes is taken."""


def bits_of(value: float) -> int:
    """Return the bits of a float as an integer.

    >>> float_of(bits_of(0.1))
    0.1
    """
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


def _float_twin(bits: Any) -> Any:
    return np.int64(bits).view(np.float64)


@compiled_as(_float_twin)
def float_of(bits: int) -> float:
    """Return the float that has these bits."""
    return float(struct.unpack("<d", struct.pack("<q", bits))[0])


def new_state() -> list[int]:
    """Return the state of a receiver that has shown nothing."""
    state = [0] * STATE_SIZE
    state[FIRST_SHOWN_NS] = state[LAST_SHOWN_NS] = state[LAST_DUE_NS] = -1
    return state


@compiled
def settle(
    parameters: Any,
    state: Any,
    capture_ns: Any,
    sent: Any,
    in_time: Any,
    lost: Any,
    complete_ns: Any,
    mask: int,
    frame_end: int,
    now_ns: int,
    at_end: int,
    until_frame: int = NO_FRAME,
) -> int:
    """Settle the frames before ``until_frame`` that can be at ``now_ns``; return how many are in all.

    ``frame_end`` is the first frame that is not in the rings; every frame captured by now must be.
    Of each frame the rings hold its packets sent, those in time, those lost before their deadline,
    and when the last of those in time came (-1 if none). With ``at_end`` 1 every final frame is
    settled.
    """
    budget_ns = parameters[BUDGET_NS]
    final_ns = now_ns - budget_ns - parameters[PERIOD_NS]
    frame: int = state[SETTLED]
    while frame < min(frame_end, until_frame):
        captured_ns = capture_ns[frame & mask]
        until_ns = captured_ns + budget_ns
        if captured_ns > final_ns or (at_end == 0 and until_ns > final_ns):
            break
        if parameters[REPAIR] == NACK:
            until_ns = min(until_ns, final_ns)
            look_behind(state, frame, capture_ns, sent, lost, mask, frame_end, until_ns)
        at = frame & mask
        if is_shown(parameters, state, sent[at], in_time[at], lost[at]):
            show_frame(parameters, state, captured_ns + budget_ns, complete_ns[at])
        else:
            state[SKIPPED] += 1
        state[LAST_DUE_NS] = captured_ns + budget_ns
        frame += 1
        state[SETTLED] = frame
    return frame


@compiled
def look_behind(
    state: Any,
    frame: int,
    capture_ns: Any,
    sent: Any,
    lost: Any,
    mask: int,
    frame_end: int,
    until_ns: int,
) -> None:
    """Move the sums to the frames behind one, captured up to a time."""
    if frame < state[BEHIND_END]:
        state[BEHIND_SENT] -= sent[frame & mask]
        state[BEHIND_LOST] -= lost[frame & mask]
    else:
        state[BEHIND_END] = frame + 1
    behind = state[BEHIND_END]
    while behind < frame_end and capture_ns[behind & mask] <= until_ns:
        state[BEHIND_SENT] += sent[behind & mask]
        state[BEHIND_LOST] += lost[behind & mask]
        behind += 1
    state[BEHIND_END] = behind


@compiled
def is_shown(parameters: Any, state: Any, sent: int, in_time: int, lost: int) -> bool:
    """Tell whether a frame is whole, made whole by FEC or NACK, or concealed.

    With no concealment a frame must miss nothing; its share is below 1, so a frame of which nothing
    came is never concealed.
    """
    missing = sent - in_time
    if missing <= float_of(parameters[CONCEALMENT]) * sent:
        return True
    if parameters[REPAIR] == FEC:
        return missing <= math.floor(float_of(parameters[OVERHEAD]) * sent)
    # What is late would be late again: a retransmission queues behind it.
    repairable = parameters[REPAIR] == NACK and missing == lost
    return repairable and comes_again(sent, lost, state[BEHIND_SENT], state[BEHIND_LOST])


@compiled
def comes_again(sent: int, lost: int, behind_sent: int, behind_lost: int) -> bool:
    """Tell whether all lost packets of a frame, sent again once, are as likely as not to come.

    They travel with the frames captured within the budget behind their own and are taken to be
    lost as those are, independently; with none behind, as their own frame. A line that loses a
    third of everything repairs nothing, one that lost a single frame repairs it. The power is a
    product taken packet by packet, the same in Python and compiled.
    """
    chance = 1.0 - behind_lost / behind_sent if behind_sent > 0 else 1.0 - lost / max(sent, 1)
    all_come = 1.0
    for _ in range(lost):
        all_come *= chance
        if all_come < AS_LIKELY_AS_NOT:
            return False
    return True


@compiled
def show_frame(parameters: Any, state: Any, due_ns: int, complete_ns: int) -> None:
    """Show a frame when it is due, or when its last packet came, but not before the one before it.

    A paced frame's last packet may be in time by its own send time and still come after due.
    """
    shown_ns = max(due_ns, complete_ns)
    if state[SHOWN] == 0:
        state[FIRST_SHOWN_NS] = shown_ns
    else:
        shown_ns = max(shown_ns, state[LAST_SHOWN_NS])
        count_freeze(parameters, state, shown_ns - state[LAST_SHOWN_NS])
    state[LAST_SHOWN_NS] = shown_ns
    state[SHOWN] += 1


@compiled
def count_freeze(parameters: Any, state: Any, gap_ns: int) -> None:
    """Count a gap between shown frames if it is a freeze."""
    if gap_ns > parameters[FREEZE_BOUND_NS]:
        state[FREEZES] += 1
        state[FREEZE_NS] += gap_ns


@compiled
def end_picture(parameters: Any, state: Any) -> None:
    """At the end: a picture that stands still is frozen too, at least to the last frame due."""
    if state[SHOWN] > 0 and state[LAST_DUE_NS] > state[LAST_SHOWN_NS]:
        count_freeze(parameters, state, state[LAST_DUE_NS] - state[LAST_SHOWN_NS])
