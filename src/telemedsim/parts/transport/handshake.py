"""Opening a connection: SYN, SYN-ACK, ACK, each sent again when its timer expires."""

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport.tcp_state import (
    BACKOFF,
    CLOSED,
    CWND,
    ESTABLISHED,
    FALLBACK_RTO,
    INITIAL_RTO,
    MSS,
    PHASE,
    RTO_DEADLINE,
    SYN_COUNT,
    SYN_NS,
    SYN_RECEIVED,
    SYN_SENT,
    TIMEOUTS,
    Record,
)
from telemedsim.parts.transport.timers import take_sample, timeout_ns


@compiled
def open_active(s: Record, now: int) -> None:
    """Begin a connection: the caller sends a SYN."""
    s[PHASE] = SYN_SENT
    count_syn(s, now)


@compiled
def on_syn(s: Record, now: int) -> bool:
    """Take a SYN; return True if a SYN-ACK answers it (again, while it is not acknowledged)."""
    if s[PHASE] == CLOSED:
        s[PHASE] = SYN_RECEIVED
        count_syn(s, now)
        return True
    if s[PHASE] == SYN_RECEIVED:
        s[SYN_COUNT] += 1
        return True
    return False


@compiled
def count_syn(s: Record, now: int) -> None:
    """Count one SYN or SYN-ACK and set its timer."""
    s[SYN_NS] = now
    s[SYN_COUNT] += 1
    s[RTO_DEADLINE] = now + timeout_ns(s)


@compiled
def on_handshake_timeout(s: Record, now: int) -> None:
    """The timer of a SYN or SYN-ACK has expired: the caller sends it again."""
    s[BACKOFF] += 1
    s[TIMEOUTS] += 1
    count_syn(s, now)


@compiled
def establish(s: Record, now: int) -> bool:
    """The other end has answered: return True if this opens the connection.

    A handshake sent again gives no round trip (Karn); data then begin with the timeout of RFC
    6298, 5.7, and after more than one repetition with a window of one segment (RFC 5681; as in
    Linux not after the first, which a round trip over 1 s causes without any loss).
    """
    if s[PHASE] == ESTABLISHED:
        return False
    s[PHASE] = ESTABLISHED
    s[RTO_DEADLINE] = -1
    s[BACKOFF] = 0
    if s[SYN_COUNT] == 1:
        take_sample(s, max(1, now - s[SYN_NS]))
    elif s[SYN_COUNT] > 1:
        s[INITIAL_RTO] = s[FALLBACK_RTO]
        if s[SYN_COUNT] > 2:
            s[CWND] = s[MSS]
    return True
