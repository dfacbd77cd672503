"""TCP as plain functions over records of integers, and its parameters."""

from typing import Literal

from pydantic import Field

from telemedsim.core.frozen import Frozen

MAX_SACK_BLOCKS = 3
"""What fits beside timestamps into the 40 bytes of TCP options (RFC 2018, section 3)."""


class Tcp(Frozen):
    """A connection's parameters; `catalogue/data/transport.yaml` holds the defaults and sources.

    Every field is required: build it with ``Tcp(**{row id: row value})`` from those rows.
    """

    algorithm: Literal["new_reno", "cubic"]
    """Congestion control: NewReno (RFC 6582) or CUBIC (RFC 9438)."""
    mss_bytes: int = Field(ge=64)
    """Maximum segment size as announced: TCP data and options (RFC 6691)."""
    header_bytes: int = Field(ge=40)
    """IP and TCP header without options."""
    timestamp_option_bytes: int = Field(ge=0, le=12)
    """Options on every segment; taken from the segment's data."""
    syn_option_bytes: int = Field(ge=0, le=40)
    """Options on SYN and SYN-ACK."""
    initial_window_segments: int = Field(ge=1)
    """Congestion window at the beginning (RFC 6928)."""
    receive_window_bytes: int = Field(ge=1)
    """Advertised window: constant, as the receiver reads at once."""
    sack: bool
    """Selective acknowledgements (RFC 2018) and recovery by RFC 6675; else RFC 6582 alone."""
    delayed_ack: bool
    """False: each segment is acknowledged at once."""
    delayed_ack_ns: int = Field(ge=1)
    """Longest delay of an acknowledgement."""
    segments_per_ack: int = Field(ge=1)
    """Acknowledged at once when more than one segment less than this has arrived."""
    min_rto_ns: int = Field(ge=1)
    """Least allowance of the retransmission timeout above the smoothed round trip, as in Linux."""
    initial_rto_ns: int = Field(ge=1)
    """Timeout before the first measurement of the round trip (RFC 6298)."""
    fallback_rto_ns: int = Field(ge=1)
    """Timeout of the first data when the handshake was retransmitted (RFC 6298, 5.7)."""
    max_rto_ns: int = Field(ge=1)
    """Bound of the exponential back-off."""
    restart_after_idle: bool
    """Window falls to the initial one after a timeout's length of idleness (RFC 5681, 4.1)."""

    @property
    def segment_bytes(self) -> int:
        """Most application bytes in one segment.

        RFC 6691: options are taken from the announced segment size.
        """
        return self.mss_bytes - self.timestamp_option_bytes

    @property
    def packet_overhead_bytes(self) -> int:
        """IP and TCP bytes of a data segment beside its data, and of an ACK without SACK."""
        return self.header_bytes + self.timestamp_option_bytes

    def ack_bytes(self, sack_blocks: int) -> int:
        """Return the IP bytes of a pure ACK: two bytes of padding, two and 8 a block (RFC 2018)."""
        return self.packet_overhead_bytes + (4 + 8 * sack_blocks if sack_blocks else 0)
