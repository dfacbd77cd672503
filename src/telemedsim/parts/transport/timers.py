"""The round-trip estimate and the retransmission timeout (RFC 6298)."""

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport.tcp_state import (
    BACKOFF,
    INITIAL_RTO,
    MAX_RTO,
    MIN_RTO,
    NXT,
    RTO_DEADLINE,
    RTTVAR,
    SRTT,
    TIMED_END,
    TIMED_NS,
    UNA,
    Record,
)

MOST_DOUBLINGS = 16
"""Keeps the shift inside 64 bits; the bound of the timeout is reached long before."""


@compiled
def timeout_ns(s: Record) -> int:
    """Return the retransmission timeout: SRTT + max(MIN_RTO, 4 RTTVAR), doubled by back-off.

    The floor stands on the variance term, as in Linux: a delayed ACK on a long steady path would
    otherwise be taken for a loss.
    """
    base = s[SRTT] + max(s[MIN_RTO], 4 * s[RTTVAR]) if s[SRTT] > 0 else s[INITIAL_RTO]
    return min(s[MAX_RTO], base << min(s[BACKOFF], MOST_DOUBLINGS))


@compiled
def take_sample(s: Record, round_trip_ns: int) -> None:
    """Update the estimate by one measurement; it also ends the back-off (Karn's rule)."""
    if s[SRTT] == 0:
        s[SRTT] = round_trip_ns
        s[RTTVAR] = round_trip_ns // 2
    else:
        s[RTTVAR] += (abs(s[SRTT] - round_trip_ns) - s[RTTVAR]) // 4
        s[SRTT] += (round_trip_ns - s[SRTT]) // 8
    s[BACKOFF] = 0


@compiled
def time_segment(s: Record, end: int, now: int) -> None:
    """Begin to time a new segment unless one is being timed: one measurement a round trip."""
    if s[TIMED_END] < 0:
        s[TIMED_END] = end
        s[TIMED_NS] = now


@compiled
def acknowledge_timed(s: Record, start: int, end: int, now: int) -> None:
    """Take a sample if the timed segment is among the bytes just acknowledged or SACKed."""
    if start < s[TIMED_END] <= end:
        take_sample(s, now - s[TIMED_NS])
        s[TIMED_END] = -1


@compiled
def restart_timer(s: Record, now: int) -> None:
    """Set the timer anew, or stop it when nothing is outstanding (RFC 6298, 5.2 and 5.3)."""
    s[RTO_DEADLINE] = now + timeout_ns(s) if s[NXT] > s[UNA] else -1
