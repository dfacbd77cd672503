"""A sender that adapts: on reports of loss it falls back to a smaller format, and goes up again when it may.

The rule is the loss-based controller of Google congestion control, with the cap of what receivers get
(draft-ietf-rmcat-gcc-02, sections 5.5 and 6), on two rungs; there is nothing below the fallback.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

from telemedsim.control.picture_legs import OpenStream
from telemedsim.control.replication import Replication
from telemedsim.dataplane.base import Received
from telemedsim.network.work import Adaptation, Video

Process = Generator[Any, Any, None]


class Heard(NamedTuple):
    """What the worst of a stream's receivers tell since their last reports."""

    loss: float
    """Share of the packets."""
    received_bps: float


class RateEstimate:
    """What a sender believes that its receivers can get."""

    def __init__(self, rules: Adaptation, most_bps: int) -> None:
        self._rules = rules
        self._most_bps = most_bps
        """Of the encoder: more is never asked for."""
        self.rate_bps = float(most_bps)

    def hear(self, heard: Heard) -> float:
        """Return the estimate after a report."""
        rules = self._rules
        if heard.loss > rules.loss_high:
            self.rate_bps *= 1 - rules.decrease * heard.loss
        elif heard.loss < rules.loss_low:
            grown = rules.increase * self.rate_bps
            # It grows no further beyond what comes through than the rule allows.
            self.rate_bps = max(self.rate_bps, min(grown, rules.headroom * heard.received_bps))
        self.rate_bps = min(self.rate_bps, float(self._most_bps))
        return self.rate_bps


def heard_since(
    before: Sequence[Received], counts: Sequence[Received], sent_bps: int
) -> Heard | None:
    """Return what the receivers tell of the packets since the counts before; None if there were none."""
    losses = []
    for old, new in zip(before, counts, strict=True):
        lost = new.lost_packets - old.lost_packets
        ended = lost + new.delivered_packets - old.delivered_packets
        if ended > 0:
            losses.append(lost / ended)
    if not losses:
        return None
    return Heard(max(losses), (1 - max(losses)) * sent_bps)


def adapt(
    replication: Replication,
    rules: Adaptation,
    best: Video,
    opened: OpenStream,
    reopen: Callable[[Video], OpenStream],
    stop_ns: int,
    way_ns: int,
) -> Process:
    """Hear reports until a stream ends, and let it go on in the format that its sender believes in.

    ``way_ns`` is how long a report travels; ``reopen`` opens the stream and its legs anew, now.
    """
    estimate, shown = RateEstimate(rules, best.target_rate_bps), best
    before = [Received(0, 0)] * len(opened.legs)
    while replication.now_ns + rules.report_ns + way_ns < stop_ns:
        yield replication.environment.timeout(rules.report_ns)
        counts = replication.received(opened.flow)
        heard = heard_since(before, counts, shown.target_rate_bps) if counts else None
        yield replication.environment.timeout(way_ns)
        before = counts or before
        if heard is None:
            continue
        enough = estimate.hear(heard) >= best.target_rate_bps
        wanted = best if enough else rules.fallback
        if wanted is not shown:
            replication.end_stream(opened.flow, opened.legs)
            opened, shown = reopen(wanted), wanted
            before = [Received(0, 0)] * len(opened.legs)
