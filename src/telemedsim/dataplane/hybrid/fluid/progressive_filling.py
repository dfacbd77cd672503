"""Weighted max-min fair rates the plain way: the simple version that the kernels are tested against.

Bertsekas and Gallager, Data Networks, section 6.5: all rates grow together, for each unit of weight;
where a queue is full or a cap is reached, its flows stop and the others go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class PlainFlow:
    """A flow: its queues, what a normalised rate of 1 takes of each, and its normalised cap."""

    queues: tuple[int, ...]
    units: tuple[float, ...]
    cap: float


def fill(capacity: Sequence[float], flows: Sequence[PlainFlow]) -> list[float]:
    """Return the max-min fair normalised rate of each flow, in O(flows * queues).

    >>> fill([10.0, 4.0], [PlainFlow((0, 1), (1.0, 1.0), 99.0), PlainFlow((0,), (1.0,), 99.0)])
    [4.0, 6.0]
    >>> fill([10.0], [PlainFlow((0,), (1.0,), 2.0), PlainFlow((0,), (2.0,), 99.0)])
    [2.0, 4.0]
    """
    rates = [0.0] * len(flows)
    rising = list(range(len(flows)))
    while rising:
        level, full = _next_level(capacity, flows, rates, rising)
        stopped = [
            number
            for number in rising
            if flows[number].cap <= level or any(queue in full for queue in flows[number].queues)
        ]
        for number in stopped:
            rates[number] = min(level, flows[number].cap)
        rising = [number for number in rising if number not in stopped]
    return rates


def _next_level(
    capacity: Sequence[float],
    flows: Sequence[PlainFlow],
    rates: Sequence[float],
    rising: Sequence[int],
) -> tuple[float, list[int]]:
    """Return the level at which the next queues are full or the next cap is reached, and them."""
    taken, units = [0.0] * len(capacity), [0.0] * len(capacity)
    for number, flow in enumerate(flows):
        for queue, unit in zip(flow.queues, flow.units, strict=True):
            if number in rising:
                units[queue] += unit
            else:
                taken[queue] += unit * rates[number]
    levels = [
        max(0.0, room - used) / unit if unit else inf
        for room, used, unit in zip(capacity, taken, units, strict=True)
    ]
    level = min(min(levels), min(flows[number].cap for number in rising))
    return level, [queue for queue, at in enumerate(levels) if at <= level]


def broken_certificates(
    capacity: Sequence[float],
    flows: Sequence[PlainFlow],
    rates: Sequence[float],
    tolerance: float = 1e-9,
) -> list[int]:
    """Return the flows whose rate is not max-min fair; -1 stands for a queue filled beyond capacity.

    Fair is a flow at its cap, or with a full queue on which no flow has a greater normalised rate.
    """
    load, greatest = [0.0] * len(capacity), [0.0] * len(capacity)
    for flow, rate in zip(flows, rates, strict=True):
        for queue, unit in zip(flow.queues, flow.units, strict=True):
            load[queue] += unit * rate
            greatest[queue] = max(greatest[queue], rate)
    over = [used > room * (1 + tolerance) for used, room in zip(load, capacity, strict=True)]
    broken = [-1] if any(over) else []
    for number, (flow, rate) in enumerate(zip(flows, rates, strict=True)):
        is_held = any(
            load[queue] >= capacity[queue] * (1 - tolerance)
            and rate >= greatest[queue] * (1 - tolerance)
            for queue in flow.queues
        )
        if not is_held and rate < flow.cap * (1 - tolerance):
            broken.append(number)
    return broken
