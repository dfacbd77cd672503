"""TCP gives the same conversations in Python, on lists, as compiled, on arrays of int64."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from parts.tcp_loop import MS, Loop, Machine, tcp
from telemedsim.core.compiled import compiles, kernel
from telemedsim.core.random_streams import draw_53
from telemedsim.parts.transport import handshake as hs
from telemedsim.parts.transport import receiver as rx
from telemedsim.parts.transport import sender as tx
from telemedsim.parts.transport import tcp_state as st
from telemedsim.parts.transport.cubic import cube_root
from telemedsim.parts.transport.timers import timeout_ns

WRITE, NEXT, ON_ACK, TIMEOUT, ON_DATA, TAKE_ACK, OPEN, SYN, SYN_TIMEOUT, ESTABLISH, RTO, ROOT = (
    range(12)
)


def do(what: int, record: Any, a: int, b: int, blocks: Any, now: int) -> int:  # noqa: C901 (one kernel)
    """Call one of TCP's functions: all of them in one kernel are compiled once."""
    if what == WRITE:
        tx.write(record, a)
    elif what == NEXT:
        return tx.next_segment(record, now)
    elif what == ON_ACK:
        tx.on_ack(record, a, blocks, b, now)
    elif what == TIMEOUT:
        tx.on_timeout(record, now)
    elif what == ON_DATA:
        return 1 if rx.on_data(record, a, b, now) else 0
    elif what == TAKE_ACK:
        return rx.take_ack(record)
    elif what == OPEN:
        hs.open_active(record, now)
    elif what == SYN:
        return 1 if hs.on_syn(record, now) else 0
    elif what == SYN_TIMEOUT:
        hs.on_handshake_timeout(record, now)
    elif what == ESTABLISH:
        return 1 if hs.establish(record, now) else 0
    elif what == RTO:
        return timeout_ns(record)
    elif what == ROOT:
        return cube_root(a)
    return 0


DO = kernel(do)


def array_of(values: Any) -> Any:
    """Return the record of a kernel: an array, or without numba a view of one."""
    array = np.array(values, dtype=np.int64)
    return array if compiles() else memoryview(array)


NOTHING = array_of([0])

COMPILED = Machine(
    array_of,
    lambda s, size: DO(WRITE, s, size, 0, NOTHING, 0),
    lambda s, now: DO(NEXT, s, 0, 0, NOTHING, now),
    lambda s, ack, blocks, count, now: DO(ON_ACK, s, ack, count, array_of([*blocks, 0]), now),
    lambda s, now: DO(TIMEOUT, s, 0, 0, NOTHING, now),
    lambda r, start, end, now: DO(ON_DATA, r, start, end, NOTHING, now),
    lambda r: DO(TAKE_ACK, r, 0, 0, NOTHING, 0),
)


def conversation(machine: Machine, parameters: Any, size: int, key: int, loss: int) -> Any:
    """Return all that a conversation over a lossy, reordering line shows, and both records."""
    loop = Loop(
        parameters,
        size,
        one_way_ns=20 * MS,
        gap_ns=MS // 4,
        lose_data=lambda number: draw_53(key, number) % 1000 < loss,
        lose_ack=lambda number: draw_53(key + 1, number) % 1000 < loss,
        delay_data=lambda number: (draw_53(key + 2, number) >> 30) if number % 7 == 0 else 0,
        machine=machine,
    )
    end = loop.run()
    return end, loop.sendings, loop.delivered, list(loop.sender), list(loop.receiver)


@pytest.mark.parametrize("sack", [True, False])
@pytest.mark.parametrize("algorithm", ["new_reno", "cubic"])
@settings(max_examples=8)
@given(some.integers(0, 2**32), some.integers(1, 400_000), some.sampled_from([0, 3, 20, 100]))
def test_conversations_are_the_same_compiled(
    algorithm: str, sack: bool, key: int, size: int, loss: int
) -> None:
    parameters = tcp(algorithm=algorithm, sack=sack, receive_window_bytes=200_000)
    here = conversation(Machine(), parameters, size, key, loss)
    assert conversation(COMPILED, parameters, size, key, loss) == here
    assert here[2][-1][1] == size


def test_a_long_cubic_transfer_is_the_same_compiled() -> None:
    """Long enough for the plateau and the growth beyond it."""
    parameters = tcp(algorithm="cubic")
    here = conversation(Machine(), parameters, 6_000_000, 5, 1)
    assert conversation(COMPILED, parameters, 6_000_000, 5, 1) == here


HANDSHAKES = some.lists(
    some.tuples(
        some.sampled_from([OPEN, SYN, SYN_TIMEOUT, ESTABLISH, RTO]), some.integers(0, 10**9)
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(HANDSHAKES)
def test_handshakes_are_the_same_compiled(steps: list[tuple[int, int]]) -> None:
    here = st.new_sender(tcp(), 10)
    there = array_of(here)
    now = 0
    for what, later in steps:
        now += later
        assert DO(what, there, 0, 0, NOTHING, now) == do(what, here, 0, 0, [], now)
        assert there.tolist() == here


@given(some.integers(0, 2**63 - 1))
def test_cube_roots_are_the_same_compiled(value: int) -> None:
    assert DO(ROOT, NOTHING, value, 0, NOTHING, 0) == cube_root(value)
