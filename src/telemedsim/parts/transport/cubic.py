"""CUBIC's window (RFC 9438) in integers: bytes and milliseconds; C = 0.4, beta = 0.7.

Windows count bytes and grow by bytes acknowledged, not by ACKs, so that delayed ACKs do not
halve the growth. Products stay inside 64 bits up to windows of 3.6 GB and epochs of 33 minutes.
"""

from telemedsim.core.compiled import compiled
from telemedsim.parts.transport.tcp_state import (
    CREDIT,
    CWND,
    CWND_PRIOR,
    EPOCH_NS,
    K_MS,
    MSS,
    SRTT,
    W_EST,
    W_EST_CREDIT,
    W_MAX,
    Record,
)

NS_PER_MS = 1_000_000
LONGEST_MS = 2_000_000
"""Its cube is the largest that fits 64 bits."""


@compiled
def cube_root(value: int) -> int:
    """Return the floor of the cube root of an integer in [0, 2**63).

    >>> cube_root(26), cube_root(27), cube_root(2**63 - 1)
    (2, 3, 2097151)
    """
    root = 0
    bit = 1 << 20
    while bit > 0:
        trial = root + bit
        if trial * trial * trial <= value:
            root = trial
        bit >>= 1
    return root


@compiled
def window_at(s: Record, epoch_ms: int) -> int:
    """Return W_cubic(t) = C (t - K)^3 + W_max in bytes, t in ms since the epoch began."""
    offset = min(max(epoch_ms - s[K_MS], -LONGEST_MS), LONGEST_MS)
    return s[W_MAX] + (offset * offset * offset // 1_000_000) * 2 * s[MSS] // 5_000


@compiled
def begin_epoch(s: Record, now: int) -> None:
    """Start a stage of congestion avoidance: K from how far the window is below W_max.

    After a timeout, or a slow start that ended without a loss, W_max is the window itself and K = 0.
    """
    s[EPOCH_NS] = now
    s[W_EST] = s[CWND]
    s[W_EST_CREDIT] = 0
    s[CREDIT] = 0
    if s[CWND] < s[W_MAX]:
        # K^3 in ms^3: segments / 0.4 * 10^9.
        s[K_MS] = cube_root((s[W_MAX] - s[CWND]) * 2_500_000_000 // s[MSS])
    else:
        s[K_MS] = 0
        s[W_MAX] = s[CWND]


@compiled
def grow(s: Record, acked: int, now: int) -> None:
    """Grow the window for ``acked`` new bytes: by the cubic, or Reno's estimate where that is more."""
    if s[EPOCH_NS] < 0:
        begin_epoch(s, now)
    grow_estimate(s, acked)
    epoch_ms = (now - s[EPOCH_NS]) // NS_PER_MS
    if window_at(s, epoch_ms) < s[W_EST]:
        s[CWND] = max(s[CWND], s[W_EST])
        return
    ahead = window_at(s, epoch_ms + s[SRTT] // NS_PER_MS)
    target = min(max(ahead, s[CWND]), s[CWND] + s[CWND] // 2)
    s[CREDIT] += (target - s[CWND]) * acked
    gained = s[CREDIT] // s[CWND]
    s[CREDIT] -= gained * s[CWND]
    s[CWND] += gained


@compiled
def grow_estimate(s: Record, acked: int) -> None:
    """Grow W_est by alpha segments a window; alpha = 3 (1 - beta) / (1 + beta) = 9/17, later 1."""
    if s[W_EST] < s[CWND_PRIOR]:
        s[W_EST_CREDIT] += 9 * acked * s[MSS]
        share = 17 * s[CWND]
    else:
        s[W_EST_CREDIT] += acked * s[MSS]
        share = s[CWND]
    gained = s[W_EST_CREDIT] // share
    s[W_EST_CREDIT] -= gained * share
    s[W_EST] += gained


@compiled
def remember_loss(s: Record) -> None:
    """Keep the window of a loss as the next plateau; lower it when windows shrink (4.7)."""
    s[CWND_PRIOR] = s[CWND]
    s[W_MAX] = s[CWND] * 17 // 20 if s[CWND] < s[W_MAX] else s[CWND]
    s[EPOCH_NS] = -1


@compiled
def threshold(flight: int) -> int:
    """Return the slow-start threshold after a loss: beta times what was in flight."""
    return flight * 7 // 10
