"""Reno's congestion avoidance (RFC 5681) with byte counting (RFC 3465)."""

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport.tcp_state import CREDIT, CWND, MSS, Record


@compiled
def grow(s: Record, acked: int) -> None:
    """Add one segment to the window for each window of bytes acknowledged (RFC 3465, 2.1)."""
    s[CREDIT] += acked
    if s[CREDIT] >= s[CWND]:
        s[CREDIT] -= s[CWND]
        s[CWND] += s[MSS]


@compiled
def threshold(flight: int) -> int:
    """Return the slow-start threshold after a loss: half of what was in flight."""
    return flight // 2
