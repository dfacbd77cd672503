"""How long a connection takes to open on an empty path."""

from telemedsim.dataplane.hybrid.fluid.ways import Way


def opening_ns(ways: tuple[Way, Way], first_sender: int) -> int:
    """Return the time from the first SYN until the first sender may write.

    Its data leave behind the handshake's last acknowledgement.
    """
    there, back = ways
    tcp = there.tcp
    syn_bytes = tcp.header_bytes + tcp.syn_option_bytes
    lines, ack_bytes = there.lines, tcp.ack_bytes(0)
    both_ns = lines.one_way_ns(there.path, syn_bytes) + lines.one_way_ns(back.path, syn_bytes)
    if first_sender == 1:
        return both_ns + lines.one_way_ns(there.path, ack_bytes)
    return both_ns + lines.transmission_ns(there.slowest, ack_bytes)


def repeated_ns(ways: tuple[Way, Way]) -> int:
    """Return the expected time for SYNs lost and sent again (Cardwell, Savage, Anderson 2000, E[L_h]).

    A loss ratio of a half or more would need for ever; it counts as 0.49.
    """
    first_ns = ways[0].tcp.initial_rto_ns
    times = -2.0
    for way in ways:
        p = min(way.loss, 0.49)
        times += (1 - p) / (1 - 2 * p)
    return round(first_ns * times)
