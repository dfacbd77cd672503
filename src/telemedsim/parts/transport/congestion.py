"""When the congestion window grows and shrinks, whatever the algorithm (RFC 5681)."""

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport import cubic, new_reno
from telemedsim.parts.transport.tcp_state import (
    ALGORITHM,
    CREDIT,
    CUBIC,
    CWND,
    EPOCH_NS,
    HEAD,
    INITIAL_WINDOW,
    LAST_SEND_NS,
    LIMITED,
    LOSS,
    MAX_FLIGHT,
    MSS,
    NXT,
    PIPE,
    RESTART,
    SENT_IN_BURST,
    SSTHRESH,
    STATE,
    TAIL,
    UNA,
    USAGE_END,
    W_MAX,
    Record,
)
from telemedsim.parts.transport.timers import timeout_ns


@compiled
def grow(s: Record, acked: int, now: int) -> None:
    """Grow the window for ``acked`` new bytes, if the window is what held the sender back."""
    if not is_window_used(s):
        return
    if s[CWND] < s[SSTHRESH]:
        # RFC 3465, L = 2: a delayed ACK counts for its two segments; L = 1 after a timeout.
        most = s[MSS] if s[STATE] == LOSS else 2 * s[MSS]
        s[CWND] = min(s[CWND] + min(acked, most), s[SSTHRESH])
    elif s[ALGORITHM] == CUBIC:
        cubic.grow(s, acked, now)
    else:
        new_reno.grow(s, acked)


@compiled
def is_window_used(s: Record) -> bool:
    """Tell whether the window may grow: it is full, or half full in slow start (as in Linux)."""
    return s[LIMITED] == 1 or (s[CWND] < s[SSTHRESH] and s[CWND] < 2 * s[MAX_FLIGHT])


@compiled
def note_usage(s: Record, limited: int) -> None:
    """Record, at the end of a burst, how much of the window it used; kept for a round trip."""
    if s[SENT_IN_BURST] == 0 and limited == 0:
        return
    s[SENT_IN_BURST] = 0
    if s[UNA] >= s[USAGE_END] or limited == 1 or (s[LIMITED] == 0 and s[PIPE] > s[MAX_FLIGHT]):
        s[LIMITED] = limited
        s[MAX_FLIGHT] = s[PIPE]
        s[USAGE_END] = s[NXT]


@compiled
def shrink(s: Record) -> None:
    """Set the slow-start threshold for a loss; what limited transmit added does not count."""
    flight = min(s[NXT] - s[UNA], s[CWND])
    if s[ALGORITHM] == CUBIC:
        cubic.remember_loss(s)
        after = cubic.threshold(flight)
    else:
        after = new_reno.threshold(flight)
    s[SSTHRESH] = max(after, 2 * s[MSS])
    s[CREDIT] = 0


@compiled
def collapse(s: Record) -> None:
    """Set the window to one segment after a timeout; CUBIC then starts without a plateau."""
    s[CWND] = s[MSS]
    s[W_MAX] = 0
    s[EPOCH_NS] = -1


@compiled
def resume(s: Record, now: int) -> None:
    """Account for idleness before the first segment after it (RFC 5681, 4.1; RFC 9438, 5.8)."""
    if s[HEAD] != s[TAIL] or s[LAST_SEND_NS] < 0:
        return
    idle_ns = now - s[LAST_SEND_NS]
    if s[RESTART] == 1 and idle_ns > timeout_ns(s):
        s[CWND] = min(s[CWND], s[INITIAL_WINDOW])
        s[EPOCH_NS] = -1
    elif s[EPOCH_NS] >= 0:
        s[EPOCH_NS] = min(s[EPOCH_NS] + idle_ns, now)
