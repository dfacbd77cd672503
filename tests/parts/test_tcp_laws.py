"""Long transfers against the laws of the literature: Mathis for Reno, RFC 8312's table for CUBIC.

Every n-th packet is lost and nothing queues, as the laws assume. They leave out the round trip in
which a loss is repaired and the one before the window begins to grow, so that an epoch lasts as many
round trips as the law says, or up to two more.
"""

import math

import pytest

from parts.tcp_loop import MS, Loop, tcp
from telemedsim.parts.transport import tcp_state as st

MSS = 1448
RTT_S = 0.1


def rounds_an_epoch(algorithm: str, every: int, epochs: int, window: float) -> float:
    """Return the round trips between two losses, every ``every``-th packet being lost."""
    loop = Loop(
        tcp(algorithm=algorithm, receive_window_bytes=1 << 30),
        every * epochs * MSS,
        one_way_ns=round(RTT_S * 500 * MS),
        lose_data=lambda number: number % every == every - 1,
    )
    loop.sender[st.SSTHRESH] = int(0.7 * window) * MSS
    loop.run()
    assert loop.sender[st.TIMEOUTS] == 0
    repaired = [time for time, _, repeated in loop.sendings if repeated][2:-1]
    return (repaired[-1] - repaired[0]) / (len(repaired) - 1) / (RTT_S * 1000 * MS)


@pytest.mark.oracle
@pytest.mark.parametrize("every", [100, 300, 1000])
def test_reno_follows_the_law_of_mathis(every: int) -> None:
    law = math.sqrt(1.5 * every)
    measured = rounds_an_epoch("new_reno", every, 20, law)
    low, high = every / (every / law + 2), law
    window = every / measured
    print(f"NewReno window at loss 1/{every}: {law:.1f}, {window:.1f}, [{low:.1f}, {high:.1f}]")
    assert low <= window <= high


@pytest.mark.oracle
def test_cubic_follows_the_table_of_rfc_8312() -> None:
    """One tooth of the table's own saw: from 0.7 of its peak to the loss of packet 1/p at the peak.

    The mean window is then the table's. Packets leave once a round trip, which moves the loss by up
    to one, and the window reaches the curve within one more.
    """
    every, law = 10_000, 187
    peak = round(law / 0.925) * MSS
    loop = Loop(tcp(receive_window_bytes=1 << 30), 2 * every * MSS, one_way_ns=50 * MS)
    s = loop.sender
    s[st.CWND_PRIOR] = s[st.W_MAX] = peak
    s[st.CWND] = s[st.SSTHRESH] = peak * 7 // 10
    s[st.SRTT] = 100 * MS
    windows: dict[int, int] = {}
    loop.on_event = lambda one: windows.update({len(one.sendings): one.sender[st.CWND]})
    loop.run()
    window = every / (loop.sendings[every][0] / (100 * MS))
    rounds = every / law
    low, high = every / (rounds + 1), every / (rounds - 1)
    print(f"CUBIC window at loss 1/{every}: {law}, {window:.1f}, [{low:.1f}, {high:.1f}]")
    assert low <= window <= high
    assert abs(windows[min(n for n in windows if n >= every)] - peak) <= MSS, (
        "the peak comes when the table loses its packet"
    )


@pytest.mark.oracle
def test_cubic_is_reno_where_the_bandwidth_delay_product_is_small() -> None:
    """W_est's average is Reno's: sqrt(3 / (2 p)) (RFC 9438, section 4.3)."""
    law = math.sqrt(1.5 * 100)
    measured = rounds_an_epoch("cubic", 100, 40, law)
    window = 100 / measured
    low, high = 100 / (100 / law + 2), law
    print(f"CUBIC window at loss 1/100: {law:.1f}, {window:.1f}, [{low:.1f}, {high:.1f}]")
    assert low <= window <= high * 1.05
