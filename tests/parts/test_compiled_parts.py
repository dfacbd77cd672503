"""The parts' functions give the same in Python, on lists, as compiled, on arrays of int64.

Without numba the second machine is Python on memoryviews, as the kernels then run.
"""

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from scheduler_server import CLASSES, EXAMPLES, NS_PER_BYTE, random_jobs
from telemedsim.core import random_streams as rs
from telemedsim.core.compiled import compiles, kernel
from telemedsim.core.normal_quantile import normal_quantile
from telemedsim.dataplane.hybrid import kinds
from telemedsim.parts.drop_policies import DropPolicy
from telemedsim.parts.drop_policies.drop_tail import DropTail
from telemedsim.parts.drop_policies.red import Red
from telemedsim.parts.impairments import DelayVariation, LossProcess
from telemedsim.parts.impairments.bit_error import BitError
from telemedsim.parts.impairments.exponential import Exponential
from telemedsim.parts.impairments.gilbert_elliott import GilbertElliott
from telemedsim.parts.impairments.independent import Independent
from telemedsim.parts.impairments.lognormal import Lognormal
from telemedsim.parts.impairments.none import NoLoss, NoVariation
from telemedsim.parts.impairments.quantiles import Quantiles
from telemedsim.parts.impairments.uniform import Uniform
from telemedsim.parts.schedulers import Scheduler
from telemedsim.records.histogram import bucket_bounds, bucket_of

KEYS = some.integers(0, 2**64 - 1)
PACKETS = 3000
RED = Red(
    min_threshold=0.1,
    max_threshold=0.4,
    max_probability=0.1,
    weight_exponent=4,
    typical_packet_bytes=500,
)
LOSSES: list[LossProcess] = [
    NoLoss(),
    Independent(probability=0.1),
    BitError(bit_error_ratio=1e-5),
    GilbertElliott(p=0.05, r=0.3, loss_good=0.01, loss_bad=0.5),
]
VARIATIONS: list[DelayVariation] = [
    NoVariation(),
    Uniform(low_ms=1, high_ms=4000),
    Exponential(mean_ms=3),
    Lognormal(median_ms=2, sigma=1.5),
    Quantiles(points=((0, 0), (0.5, 1), (0.9, 2.5), (1, 4000))),
]


def array_of(values: list[int]) -> Any:
    """Return the record of a kernel: an array, or without numba a view of one."""
    array = np.array(values, dtype=np.int64)
    return array if compiles() else memoryview(array)


def on_both(script: Callable[..., None], entry: Any, *arguments: Any) -> list[list[Any]]:
    """Run a script on lists in Python and on arrays compiled; return the lists, which are equal."""
    lists = [list(one) if isinstance(one, list) else one for one in arguments]
    arrays = [array_of(one) if isinstance(one, list) else one for one in arguments]
    script(*lists)
    entry(*arrays)
    for in_list, in_array in zip(lists, arrays, strict=True):
        if isinstance(in_list, list):
            assert in_list == in_array.tolist()
    return [one for one in lists if isinstance(one, list)]


def draw_all(key: int, first: int, drawn: Any, children: Any) -> None:
    for place in range(len(drawn)):
        drawn[place] = rs.draw_53(key, first + place)
        children[place] = rs.draw_53(rs.child_key(key, first + place), place)


DRAW_ALL = kernel(draw_all)


@given(KEYS, some.integers(0, 2**62))
def test_draws_are_the_same_compiled_for_both_forms_of_a_key(key: int, first: int) -> None:
    signed = rs.signed_key(key)
    drawn, children = on_both(draw_all, DRAW_ALL, signed, first, [0] * 20, [0] * 20)
    assert drawn == [rs.draw_u64(key, first + place) >> 11 for place in range(20)]
    assert children == [rs.draw_53(rs.child_key(key, first + place), place) for place in range(20)]
    if compiles():
        array = np.zeros(20, dtype=np.int64)
        DRAW_ALL(np.uint64(key), first, array, np.zeros(20, dtype=np.int64))
        assert array.tolist() == drawn


def quantiles_of(draws: Any, quantiles: Any, exponentials: Any, roundings: Any) -> None:
    for place in range(len(draws)):
        uniform = max(draws[place], 0.5) * 2.0**-53
        quantiles[place] = normal_quantile(uniform)
        exponentials[place] = math.log1p(-uniform)
        roundings[place] = round((draws[place] >> 40) / 2)


def test_transforms_have_the_same_bits_compiled_and_as_in_the_standard_library() -> None:
    """Normal quantile in the middle and in both tails, log1p, and rounding of halves to even."""
    tails = [n for n in range(200)] + [(1 << 53) - 1 - n for n in range(200)]
    tails += [1 << bits for bits in range(53)] + [(1 << 53) - (1 << bits) for bits in range(53)]
    middle = [rs.draw_53(3, number) for number in range(20_000)]
    draws = tails + middle
    count = len(draws)
    floats: list[Any] = [np.zeros(count), np.zeros(count)]
    wholes = np.zeros(count, dtype=np.int64)
    kernel(quantiles_of)(np.array(draws), *floats, wholes)
    plain: list[list[Any]] = [[0.0] * count, [0.0] * count, [0] * count]
    quantiles_of(draws, *plain)
    assert [floats[0].tolist(), floats[1].tolist(), wholes.tolist()] == plain
    normal = NormalDist()
    assert plain[0] == [normal.inv_cdf(max(draw, 0.5) * 2.0**-53) for draw in draws]


def bucket_all(values: Any, buckets: Any, lows: Any) -> None:
    for place in range(len(values)):
        buckets[place] = bucket_of(values[place])
        lows[place] = bucket_bounds(buckets[place])[0]


def test_histogram_buckets_are_the_same_compiled() -> None:
    values = [0, 1, 2, 127, 128, 255, 256, 2**63 - 1]
    values += [(1 << bits) + change for bits in range(3, 63) for change in (-1, 0, 1)]
    _, buckets, lows = on_both(
        bucket_all, kernel(bucket_all), values, [0] * len(values), [0] * len(values)
    )
    assert all(low <= value for low, value in zip(lows, values, strict=True))
    assert buckets[:6] == [0, 1, 2, 127, 128, 255]


def lose_all(number: int, state: Any, threshold: int, lost: Any) -> None:
    for packet in range(len(lost)):
        draw, second = rs.draw_53(7, 2 * packet), rs.draw_53(7, 2 * packet + 1)
        lost[packet] = kinds.is_lost(number, state, draw, second, threshold)


LOSE_ALL = kernel(lose_all)


@pytest.mark.parametrize("process", LOSSES, ids=lambda process: process.kind)
def test_losses_are_the_same_compiled(process: LossProcess) -> None:
    behaviour = process.kernel()
    # A state without entries cannot be told from others by its type, so it gets one.
    state = [*behaviour.new_state(process.parameters(), 5), 0]
    threshold = process.threshold(1500)
    number = kinds.loss_kinds().number(process)
    after, lost = on_both(lose_all, LOSE_ALL, number, state, threshold, [0] * PACKETS)
    expected = [
        behaviour.is_lost(state, rs.draw_53(7, 2 * n), rs.draw_53(7, 2 * n + 1), threshold)
        for n in range(PACKETS)
    ]
    assert lost == expected
    assert after == state
    assert sum(lost) == 0 if process.kind == "none" else 0 < sum(lost) < PACKETS


def vary_all(number: int, parameters: Any, varied: Any) -> None:
    for packet in range(len(varied)):
        varied[packet] = kinds.variation_ns(number, parameters, rs.draw_53(9, packet))
    varied[0] = kinds.variation_ns(number, parameters, 0)
    varied[1] = kinds.variation_ns(number, parameters, (1 << 53) - 1)


VARY_ALL = kernel(vary_all)


@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda variation: variation.kind)
def test_delay_variations_are_the_same_compiled(variation: DelayVariation) -> None:
    number = kinds.variation_kinds().number(variation)
    parameters = [*variation.parameters(), 0]
    _, varied = on_both(vary_all, VARY_ALL, number, parameters, [0] * PACKETS)
    own = variation.kernel().variation_ns
    expected = [own(parameters, rs.draw_53(9, packet)) for packet in range(2, PACKETS)]
    assert varied[2:] == expected


def accept_all(number: int, records: Any, first: int, last: int, taken: Any) -> None:
    """One server that sends a packet in 4 us; the policy's state is a slice of all records."""
    state = records[first:last]
    held, held_bytes, emptied_ns, leaves_ns = 0, 0, 0, 0
    now_ns = 0
    for packet in range(len(taken)):
        draw = rs.draw_53(11, packet)
        now_ns += (draw >> 40) if packet % 500 else 1_000_000
        while held > 0 and leaves_ns <= now_ns:
            held -= 1
            held_bytes -= 500
            emptied_ns = leaves_ns
            leaves_ns += 4000
        if kinds.accept(number, state, held, held_bytes, 500, now_ns, emptied_ns, draw) == 1:
            taken[packet] = 1
            if held == 0:
                leaves_ns = now_ns + 4000
            held += 1
            held_bytes += 500


ACCEPT_ALL = kernel(accept_all)


@pytest.mark.parametrize("in_bytes", [0, 1])
@pytest.mark.parametrize("policy", [DropTail(), RED], ids=lambda policy: policy.kind)
def test_drop_policies_are_the_same_compiled_on_slices(policy: DropPolicy, in_bytes: int) -> None:
    limit = 20 * 500 if in_bytes else 20
    state = policy.kernel().new_state(policy.parameters(limit, in_bytes, 1_000_000_000))
    arguments = (kinds.drop_policy_kinds().number(policy), 3, 3 + len(state))
    records = memoryview(np.array([-1, -1, -1, *state, -1], dtype=np.int64))
    taken = [0] * PACKETS
    accept_all(arguments[0], records, *arguments[1:], taken)
    array, taken_there = array_of([-1, -1, -1, *state, -1]), array_of([0] * PACKETS)
    ACCEPT_ALL(arguments[0], array, *arguments[1:], taken_there)
    assert taken_there.tolist() == taken
    assert array.tolist() == records.tolist()
    assert 0 < sum(taken) < PACKETS
    if policy.kind == "red":
        assert array.tolist() != [-1, -1, -1, *state, -1]


def serve_all(
    number: int, state: Any, arrivals: Any, queues: Any, sizes: Any, tags: Any, order: Any
) -> None:
    """Send the jobs in the order that the scheduler chooses; each queue keeps its own order."""
    count = len(sizes)
    lengths, head_bytes, head_tags = order[count:][:3], order[count:][3:6], order[count:][6:9]
    now, taken = 0, 0
    for place in range(count):
        waiting = taken - place
        while taken < count and (arrivals[taken] <= now or waiting == 0):
            now, queue = max(now, arrivals[taken]), queues[taken]
            tag = kinds.on_accept(number, state, queue, now, sizes[taken] * NS_PER_BYTE)
            tags[taken] = tag
            if lengths[queue] == 0:
                head_bytes[queue], head_tags[queue] = sizes[taken], tag
            lengths[queue] += 1
            waiting, taken = waiting + 1, taken + 1
        queue = kinds.select(number, state, lengths, head_bytes, head_tags, now)
        lengths[queue] -= 1
        job = 0
        while order[job] != 0 or queues[job] != queue:
            job += 1
        order[job] = place + 1
        now += sizes[job] * NS_PER_BYTE
        while job < count and (order[job] != 0 or queues[job] != queue):
            job += 1
        if job < count:
            head_bytes[queue], head_tags[queue] = sizes[job], tags[job]


SERVE_ALL = kernel(serve_all)


@pytest.mark.parametrize("scheduler", EXAMPLES, ids=lambda scheduler: scheduler.kind)
@settings(max_examples=20)
@given(some.integers(0, 2**32), some.floats(0.5, 1.5))
def test_schedulers_are_the_same_compiled(scheduler: Scheduler, seed: int, load: float) -> None:
    behaviour = scheduler.kernel()
    state = behaviour.new_state(scheduler.parameters(CLASSES))
    jobs = random_jobs(seed, 60, load)
    records = [
        state,
        [arrival for arrival, _, _ in jobs],
        [behaviour.queue_of(state, class_index) for _, class_index, _ in jobs],
        [size for _, _, size in jobs],
        [0] * len(jobs),
        [0] * (len(jobs) + 9),
    ]
    number = kinds.scheduler_kinds().number(scheduler)
    plain = [memoryview(np.array(one, dtype=np.int64)) for one in records]
    serve_all(number, *plain)
    there = [array_of(one) for one in records]
    SERVE_ALL(number, *there)
    assert [one.tolist() for one in there] == [one.tolist() for one in plain]
    assert sorted(plain[-1].tolist()[: len(jobs)]) == list(range(1, len(jobs) + 1))
