"""Where each integer of a sender's record stands, and how a record begins.

All functions of this package take flat records of integers and use integer arithmetic only, so
that the same text runs on Python lists and, compiled, on int64 arrays. Sequence numbers are
byte offsets from 0 that never wrap; times are ns, sizes bytes, flags 0 or 1.
"""

from telemedsim.parts.transport import Tcp

Record = list[int]

# Parameters
MSS, RECEIVE_WINDOW, INITIAL_WINDOW, ALGORITHM, SACK_ENABLED, RESTART = 0, 1, 2, 3, 4, 5
MIN_RTO, INITIAL_RTO, MAX_RTO, FALLBACK_RTO = 6, 7, 8, 9
# Data: written by the application, first unacknowledged, next new byte
WRITTEN, UNA, NXT = 10, 11, 12
# Windows: PIPE is what is thought to be in the network (RFC 6675)
CWND, SSTHRESH, PIPE, INFLATION, CREDIT = 13, 14, 15, 16, 17
# Recovery
STATE, RECOVER, DUPLICATES, FORCED, TIMEOUT_UNA = 18, 19, 20, 21, 22
# Scoreboard, in segment numbers: outstanding are HEAD … TAIL - 1
HEAD, TAIL, RETRANSMIT_NEXT, LOST_EDGE, HIGH_SACKED = 23, 24, 25, 26, 27
# Round trip and timer; -1 where nothing is timed or set
SRTT, RTTVAR, BACKOFF, RTO_DEADLINE, TIMED_END, TIMED_NS, LAST_SEND_NS = 28, 29, 30, 31, 32, 33, 34
# Was the congestion window used?
LIMITED, MAX_FLIGHT, USAGE_END, SENT_IN_BURST = 35, 36, 37, 38
# CUBIC
W_MAX, EPOCH_NS, K_MS, W_EST, W_EST_CREDIT, CWND_PRIOR = 39, 40, 41, 42, 43, 44
# Handshake
PHASE, SYN_NS, SYN_COUNT = 45, 46, 47
# Counters
SEGMENTS_SENT, RETRANSMITTED_SEGMENTS, TIMEOUTS = 48, 49, 50
MASK, PARTIAL = 51, 52
"""PARTIAL: this recovery has seen a partial acknowledgement."""
SEGMENTS = 53
"""From here on: a ring of segments, ``STRIDE`` integers each."""

STRIDE = 4
START, END, FLAGS, JUMP = 0, 1, 2, 3
"""JUMP of a SACKed segment: all segments from that number up to this one are SACKed."""

SACKED, LOST, RETRANSMITTED = 1, 2, 4
"""A segment is in the network when its flags are 0 or LOST | RETRANSMITTED."""
IN_NETWORK_AGAIN = LOST | RETRANSMITTED

OPEN, RECOVERY, LOSS = 0, 1, 2
"""STATE: nothing lost; fast recovery; after a timeout, until RECOVER is acknowledged."""
NEW_RENO, CUBIC = 0, 1
CLOSED, SYN_SENT, SYN_RECEIVED, ESTABLISHED = 0, 1, 2, 3

DUPLICATE_THRESHOLD = 3
"""DupThresh of RFC 5681 and RFC 6675."""
UNBOUNDED = 1 << 40
"""A slow-start threshold that no window reaches."""


def new_sender(tcp: Tcp, total_segments: int) -> Record:
    """Return the record of a sender that will send at most ``total_segments`` segments.

    The ring holds what the receive window lets be outstanding twice over; a full ring (which
    needs windows of segments smaller than half) holds new segments back.
    """
    window_segments = 2 * (tcp.receive_window_bytes // tcp.segment_bytes) + 2
    capacity = 1 << max(2, (min(total_segments, window_segments) - 1).bit_length())
    record = [0] * (SEGMENTS + STRIDE * capacity)
    record[MSS] = tcp.segment_bytes
    record[RECEIVE_WINDOW] = tcp.receive_window_bytes
    record[INITIAL_WINDOW] = tcp.initial_window_segments * tcp.segment_bytes
    record[ALGORITHM] = CUBIC if tcp.algorithm == "cubic" else NEW_RENO
    record[SACK_ENABLED] = int(tcp.sack)
    record[RESTART] = int(tcp.restart_after_idle)
    record[MIN_RTO] = tcp.min_rto_ns
    record[INITIAL_RTO] = tcp.initial_rto_ns
    record[MAX_RTO] = tcp.max_rto_ns
    record[FALLBACK_RTO] = tcp.fallback_rto_ns
    record[CWND] = record[INITIAL_WINDOW]
    record[SSTHRESH] = UNBOUNDED
    for unset in (RECOVER, TIMEOUT_UNA, RTO_DEADLINE, TIMED_END, LAST_SEND_NS, EPOCH_NS):
        record[unset] = -1
    record[MASK] = capacity - 1
    return record
