"""Which frames a receiver shows, and when: jitter buffer, repair, freezes (definitions.md, rule 7).

What is assumed. The receiver shows each frame a fixed time after its capture: the path's base
delay (unloaded) and the jitter buffer. A packet is in time when its one-way delay is at most that
sum. Frames stand alone: a frame that cannot be shown spoils no other one.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from telemedsim.core.compiled import kernel_once_loaded
from telemedsim.core.frozen import Frozen
from telemedsim.parts.traffic import settling
from telemedsim.parts.traffic.settling import end_picture, settle

FREEZE_FRAMES = 3
FREEZE_EXTRA_NS = 150_000_000
"""A gap is a freeze over max(3 d, d + 150 ms), d the frame period: W3C webrtc-stats, freezeCount."""

ALL_BITS, END_OF_TIME_NS = -1, 1 << 62

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
    concealed_gap_ms: float | None = Field(default=None, ge=0)
    """For sound: the longest run of missing frames that concealment hides; what is longer counts as a
    freeze. None, for pictures: the rule of W3C."""

    def budget_ns(self, base_delay_ns: int) -> int:
        """Return the playout deadline's network share: the most a packet may take one way.

        >>> Playout(jitter_buffer_ms=60, frame_period_ns=33_333_333, repair="none").budget_ns(5)
        60000005
        """
        return base_delay_ns + round(self.jitter_buffer_ms * 1_000_000)

    def parameters(self, base_delay_ns: int, round_trip_ns: int | None) -> list[int]:
        """Return what `settling` needs to know of a receiver at the end of a path.

        NACK repairs lost packets when the base delay and one ``round_trip_ns`` (unloaded) fit the
        budget, and when what is sent again is likely to come (`settling.comes_again`); the load of
        the retransmissions and the time to notice a loss are not modelled. FEC repairs when at most
        floor(overhead x packets) are missing.
        """
        budget_ns = self.budget_ns(base_delay_ns)
        repair = settling.NO_REPAIR
        if self.repair == "fec":
            repair = settling.FEC
        elif self.repair == "nack" and round_trip_ns is not None:
            fits = base_delay_ns + round_trip_ns <= budget_ns
            repair = settling.NACK if fits else settling.NO_REPAIR
        period_ns = self.frame_period_ns
        return [
            budget_ns,
            period_ns,
            self._freeze_bound_ns(),
            repair,
            settling.bits_of(self.fec_overhead),
            settling.bits_of(self.concealment),
        ]

    def _freeze_bound_ns(self) -> int:
        """Return the longest gap between shown frames that is no freeze."""
        period_ns = self.frame_period_ns
        if self.concealed_gap_ms is not None:
            return period_ns + round(self.concealed_gap_ms * 1_000_000)
        return max(FREEZE_FRAMES * period_ns, period_ns + FREEZE_EXTRA_NS)


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
    Pass only frames whose deadline has passed; the rule itself is in `settling`.
    """
    missing = packets_sent - packets_in_time
    if packets_late is None:
        packets_late = np.where(packets_in_time == 0, missing, 0)
    state = np.array(settling.new_state(), dtype=np.int64)
    _settle_all(
        np.array(playout.parameters(base_delay_ns, round_trip_ns), dtype=np.int64),
        state,
        capture_ns,
        packets_sent,
        packets_in_time,
        missing - packets_late,
        complete_ns,
    )
    return shown_of(state.tolist())


def shown_of(state: Sequence[int]) -> Shown:
    """Return what a receiver has shown by its state."""
    return Shown(
        frames_shown=state[settling.SHOWN],
        frames_skipped=state[settling.SKIPPED],
        first_shown_ns=state[settling.FIRST_SHOWN_NS],
        freezes=state[settling.FREEZES],
        freeze_ns=state[settling.FREEZE_NS],
    )


@kernel_once_loaded
def _settle_all(
    parameters: Any,
    state: Any,
    capture_ns: Any,
    sent: Any,
    in_time: Any,
    lost: Any,
    complete_ns: Any,
) -> None:
    """Settle whole columns: a ring without a mask, at a time when every frame is final."""
    frames = len(capture_ns)
    settle(
        parameters,
        state,
        capture_ns,
        sent,
        in_time,
        lost,
        complete_ns,
        ALL_BITS,
        frames,
        END_OF_TIME_NS,
        1,
    )
    end_picture(parameters, state)
