"""Which frames a receiver shows, and when: jitter buffer, repair, freezes (definitions.md, rule 7).

What is assumed. The receiver shows each frame a fixed time after its capture: the path's base
delay (unloaded) and the jitter buffer. A packet is in time when its one-way delay is at most that
sum. Frames stand alone: a frame that cannot be shown spoils no other one.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from telemedsim.core.frozen import Frozen

FREEZE_FRAMES = 3
FREEZE_EXTRA_NS = 150_000_000
"""A gap is a freeze over max(3 d, d + 150 ms), d the frame period: W3C webrtc-stats, freezeCount."""

AS_LIKELY_AS_NOT = 0.5
"""A receiver draws nothing: the likelier of the two outcomes is taken."""

IntArray = NDArray[np.int64]


class Playout(Frozen):
    """How a receiver repairs and shows frames."""

    jitter_buffer_ms: float = Field(ge=0)
    """What the receiver waits beyond the path's base delay."""
    frame_period_ns: int = Field(gt=0)
    """Mean interval between frames, d in the rule of freezes."""
    repair: Literal["none", "nack", "fec"]
    """`nack`: lost packets are asked for again, once. `fec`: redundancy inside the sent packets."""
    fec_overhead: float = Field(default=0.0, ge=0, lt=1)
    """Redundant share of a frame's packets, carried within the encoder's rate; for `fec` only."""
    concealment: float = Field(default=0.0, ge=0, lt=1)
    """A frame that misses at most this share of its packets is shown, its damage concealed."""

    def budget_ns(self, base_delay_ns: int) -> int:
        """Return the playout deadline's network share: the most a packet may take one way.

        >>> Playout(jitter_buffer_ms=60, frame_period_ns=33_333_333, repair="none").budget_ns(5)
        60000005
        """
        return base_delay_ns + round(self.jitter_buffer_ms * 1_000_000)


class Shown(NamedTuple):
    """What a receiver showed of a stream."""

    frames_shown: int
    frames_skipped: int
    """Frames never shown."""
    first_shown_ns: int
    """When the first frame was shown, on the clock of the captures; -1 if none was."""
    freezes: int
    freeze_ns: int
    """Sum of the gaps that are freezes: from one shown frame to the next, or to the last one due."""


def show(
    playout: Playout,
    capture_ns: IntArray,
    packets_sent: IntArray,
    packets_in_time: IntArray,
    complete_ns: IntArray,
    base_delay_ns: int,
    round_trip_ns: int | None = None,
    packets_late: IntArray | None = None,
) -> Shown:
    """Return what the receiver showed, from one row a frame in the order of capture.

    ``packets_in_time`` counts the packets whose delay was within `Playout.budget_ns`, and
    ``complete_ns`` is the arrival of the last of them (-1 if none). ``packets_late`` counts those
    that came after it: FEC makes up for them, a retransmission cannot (it would queue behind them).
    Where it is None, a frame of which nothing came in time counts as late as a whole.
    Pass only frames whose deadline has passed.

    NACK repairs lost packets when the base delay and one ``round_trip_ns`` (unloaded) fit the
    budget, and when what is sent again is likely to come (`_comes_again`); the load of the
    retransmissions and the time to notice a loss are not modelled. FEC repairs when at most
    floor(overhead x packets) are missing.
    """
    missing = packets_sent - packets_in_time
    repaired = _repaired(
        playout, packets_sent, packets_in_time, packets_late, base_delay_ns, round_trip_ns
    )
    if playout.repair == "nack":
        budget_ns = playout.budget_ns(base_delay_ns)
        lost = missing if packets_late is None else missing - packets_late
        repaired &= _comes_again(capture_ns, packets_sent, lost, budget_ns)
    # With no concealment this says that nothing is missing; its share is below 1, so a frame of
    # which nothing came is never concealed.
    shown = repaired | (missing <= playout.concealment * packets_sent)
    due_ns = capture_ns[shown] + playout.budget_ns(base_delay_ns)
    # A paced frame's last packet may be in time by its own send time and still come after due.
    shown_ns = np.maximum.accumulate(np.maximum(due_ns, complete_ns[shown]))
    # A picture that stands still to the end is frozen too: its gap lasts at least to the last frame due.
    last_due_ns = capture_ns[-1:] + playout.budget_ns(base_delay_ns)
    until_ns = np.maximum(last_due_ns, shown_ns[-1:]) if len(shown_ns) else shown_ns
    gaps = np.diff(np.concatenate((shown_ns, until_ns)))
    period = playout.frame_period_ns
    frozen = gaps[gaps > max(FREEZE_FRAMES * period, period + FREEZE_EXTRA_NS)]
    count = len(shown_ns)
    return Shown(
        frames_shown=count,
        frames_skipped=len(capture_ns) - count,
        first_shown_ns=int(shown_ns[0]) if count else -1,
        freezes=len(frozen),
        freeze_ns=int(frozen.sum()),
    )


def _repaired(
    playout: Playout,
    packets_sent: IntArray,
    packets_in_time: IntArray,
    packets_late: IntArray | None,
    base_delay_ns: int,
    round_trip_ns: int | None,
) -> NDArray[np.bool_]:
    """Return which frames NACK or FEC makes whole."""
    whole: NDArray[np.bool_] = np.zeros(len(packets_sent), dtype=np.bool_)
    if playout.repair == "fec":
        missing = packets_sent - packets_in_time
        whole = missing <= np.floor(playout.fec_overhead * packets_sent)
    elif playout.repair == "nack" and round_trip_ns is not None:
        in_budget = base_delay_ns + round_trip_ns <= playout.budget_ns(base_delay_ns)
        repairable = packets_in_time > 0 if packets_late is None else packets_late == 0
        whole = repairable & in_budget
    return whole


def _comes_again(
    capture_ns: IntArray, packets_sent: IntArray, packets_lost: IntArray, budget_ns: int
) -> NDArray[np.bool_]:
    """Return for which frames all lost packets, sent again once, are as likely as not to come.

    They travel with the frames captured within the budget behind their own and are taken to be
    lost as those are, independently; with none behind, as their own frame. A line that loses a
    third of everything repairs nothing, one that lost a single frame repairs it.
    """
    behind = np.arange(1, len(capture_ns) + 1)
    until = np.maximum(np.searchsorted(capture_ns, capture_ns + budget_ns, side="right"), behind)
    all_sent = np.concatenate(([0], np.cumsum(packets_sent)))
    all_lost = np.concatenate(([0], np.cumsum(packets_lost)))
    sent = all_sent[until] - all_sent[behind]
    lost = all_lost[until] - all_lost[behind]
    alone = sent == 0
    share = np.where(alone, packets_lost, lost) / np.maximum(np.where(alone, packets_sent, sent), 1)
    likely: NDArray[np.bool_] = (1.0 - share) ** packets_lost >= AS_LIKELY_AS_NOT
    return likely
