"""Sources give the same packets by numpy and Python as compiled, whichever a process uses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from parts.test_traffic_sources import NAMES, SOURCES
from telemedsim.core import random_streams
from telemedsim.core.compiled import compiles, kernel
from telemedsim.parts.traffic import PacketSource, _framed, _frames

INT = np.int64


def on_views(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run a kernel's text in Python."""

    def run(*arguments: Any) -> Any:
        return function(
            *(memoryview(one) if isinstance(one, np.ndarray) else one for one in arguments)
        )

    return run


def on_arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run a kernel's text compiled, or without numba in Python again."""
    return kernel(function) if compiles() else on_views(function)


TEXTS = {
    "size_frames": _frames._size_frames,
    "jitter_frames": _frames._jitter_frames,
    "time_frames": _frames._time_frames,
    "cut_frames": _frames._cut_frames,
    "fill_uniforms": random_streams._fill_uniforms,
}
PYTHON = {name: on_views(text) for name, text in TEXTS.items()}
COMPILED = {name: on_arrays(text) for name, text in TEXTS.items()}
AT_ONCE = {
    **PYTHON,
    "time_frames": _frames._time_frames_at_once,
    "cut_frames": _frames._cut_frames_at_once,
    "fill_uniforms": random_streams._fill_uniforms_at_once,
}


def packets_by(
    machine: dict[str, Any], source: PacketSource, key: int, first: int, count: int
) -> list[list[int]]:
    """Return a source's packets as made by these functions."""
    with pytest.MonkeyPatch.context() as patch:
        for name, function in machine.items():
            for module in (_framed, random_streams):
                if hasattr(module, name):
                    patch.setattr(module, name, function)
        return [column.tolist() for column in source.packets(key, first, count)]


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
@settings(max_examples=15)
@given(
    key=some.integers(0, 2**64 - 1), first=some.integers(0, 80_000_000), count=some.integers(1, 60)
)
def test_packets_are_the_same_compiled(
    source: PacketSource, key: int, first: int, count: int
) -> None:
    plain = packets_by(AT_ONCE, source, key, first, count)
    assert packets_by(PYTHON, source, key, first, count) == plain
    assert packets_by(COMPILED, source, key, first, count) == plain


@given(
    first=some.integers(0, 10**9),
    count=some.integers(1, 50),
    num=some.integers(1, 90_000),
    den=some.integers(1, 2000),
)
def test_frame_times_never_drift(first: int, count: int, num: int, den: int) -> None:
    exact = [frame * 10**9 * den // num + 7 for frame in range(first, first + count)]
    if exact[-1] < 2**62:
        for machine in (PYTHON, COMPILED, AT_ONCE):
            times_ns = np.zeros(count, INT)
            machine["time_frames"](first, num, den, 7, times_ns)
            assert times_ns.tolist() == exact


@given(
    sizes=some.lists(some.integers(1, 5000), min_size=1, max_size=30),
    span_ns=some.integers(0, 10**9),
    payload=some.integers(1, 2000),
)
def test_a_frames_packets_are_spread_over_the_span(
    sizes: list[int], span_ns: int, payload: int
) -> None:
    exact = [
        (
            5 * place + i * span_ns // -(-size // payload),
            min(payload, size - i * payload) + 40,
            place,
        )
        for place, size in enumerate(sizes)
        for i in range(-(-size // payload))
    ]
    for machine in (PYTHON, COMPILED, AT_ONCE):
        columns = np.zeros((3, len(exact) + 3), INT)
        begin = np.arange(len(sizes), dtype=INT) * 5
        made = machine["cut_frames"](np.array(sizes), begin, 0, span_ns, payload, 40, *columns)
        assert made == len(exact)
        assert list(zip(*columns[:, :made].tolist(), strict=True)) == exact
