"""What TCP can do at most at a loss ratio and a round trip, and how a window opens.

Padhye, Firoiu, Towsley and Kurose (SIGCOMM 1998), full form, for NewReno; the response function of RFC
9438 for CUBIC. The window grows by bytes acknowledged (RFC 3465), so delayed ACKs do not slow it:
``acks_every`` is 1 here, whatever ``segments_per_ack`` says.
"""

from math import inf, sqrt

from telemedsim.core.units import NS_PER_S
from telemedsim.parts.transport import Tcp

CUBIC_FACTOR = 1.054
"""[C (3 + beta) / (4 (1 - beta))]^(1/4) with C = 0.4, beta = 0.7 (RFC 8312, section 5.1)."""


def backoffs(p: float) -> float:
    """Return f(p): the expected number of doubled timeouts, in first timeouts."""
    return float(1 + p + 2 * p**2 + 4 * p**3 + 8 * p**4 + 16 * p**5 + 32 * p**6)


def timeout_share(p: float, window: float) -> float:
    """Return Q(w): the probability that a loss in a window of w segments ends in a timeout."""
    q = 1 - p
    if window < 3:
        return 1.0
    lost = 1 - q**window
    return float(min(1.0, (1 - q**3) * (1 + q**3 * (1 - q ** (window - 3))) / lost))


def new_reno_segments_per_s(
    p: float, round_trip_s: float, timeout_s: float, most_window: float = inf, acks_every: int = 1
) -> float:
    """Return NewReno's long-run sending rate in segments a second (PFTK, full form).

    >>> round(new_reno_segments_per_s(1e-3, 0.05, 0.2, acks_every=2) * 8 * 1460 / 1e6, 2)
    6.29
    """
    b = acks_every
    third = (2 + b) / (3 * b)
    window = third + sqrt(8 * (1 - p) / (3 * b * p) + third**2)
    if window < most_window:
        rounds = b * window / 2 + 1
    else:
        window = most_window
        rounds = b * window / 8 + (1 - p) / (p * window) + 2
    q = timeout_share(p, window)
    sent = (1 - p) / p + window + q / (1 - p)
    return sent / (round_trip_s * rounds + q * timeout_s * backoffs(p) / (1 - p))


def cubic_segments_per_s(p: float, round_trip_s: float) -> float:
    """Return CUBIC's long-run rate in segments a second, timeouts not counted.

    >>> round(cubic_segments_per_s(1e-3, 0.6) * 8 * 1460 / 1e6, 2)
    2.49
    """
    window = max(CUBIC_FACTOR * (round_trip_s / p) ** 0.75, sqrt(1.5 / p))
    return float(window / round_trip_s)


def loss_limit(tcp: Tcp, p: float, round_trip_ns: int) -> float:
    """Return the bytes of data a ns that a connection carries in the long run; infinite without loss."""
    if p <= 0:
        return inf
    if p >= 1:
        return 0.0
    round_trip_s = round_trip_ns / NS_PER_S
    if tcp.algorithm == "cubic":
        segments_per_s = cubic_segments_per_s(p, round_trip_s)
    else:
        most_window = tcp.receive_window_bytes / tcp.segment_bytes
        timeout_s = (round_trip_ns + tcp.min_rto_ns) / NS_PER_S
        segments_per_s = new_reno_segments_per_s(p, round_trip_s, timeout_s, most_window)
    return segments_per_s * tcp.segment_bytes / NS_PER_S


def idle_in_slow_start(
    size_bytes: float, window_bytes: float, rate: float, round_trip_ns: int
) -> float:
    """Return how long a sender of so many bytes waits for acknowledgements while its window doubles.

    A round sends a window at ``rate`` (bytes a ns) and waits for the rest of the round trip; waiting ends
    when a window lasts a round trip, or with the last byte.

    >>> idle_in_slow_start(100_000, 10_000, 1.0, 50_000)
    80000.0
    """
    idle_ns = 0.0
    while 0 < window_bytes < size_bytes and window_bytes < rate * round_trip_ns:
        idle_ns += round_trip_ns - window_bytes / rate
        size_bytes -= window_bytes
        window_bytes *= 2
    return idle_ns


def window_after(size_bytes: int, window_bytes: int, most_bytes: int) -> int:
    """Return the window after a message: grown by what was acknowledged if half of it was used."""
    if 2 * size_bytes <= window_bytes:
        return window_bytes
    return min(window_bytes + size_bytes, max(window_bytes, most_bytes))


def loss_free_segments(p: float, sent: int, segments: int) -> float:
    """Return how many of the next segments are expected before the connection's first loss.

    Cardwell, Savage and Anderson (INFOCOM 2000), E[d_ss], for segments that follow ``sent`` others.

    >>> round(loss_free_segments(1e-3, 0, 1000) , 1)
    631.7
    """
    if p <= 0:
        return float(segments)
    return float((1 - p) ** (sent + 1) * (1 - (1 - p) ** segments) / p)
