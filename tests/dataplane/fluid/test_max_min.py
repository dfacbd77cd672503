"""Max-min fair rates, event by event, against progressive filling of the whole network."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from telemedsim.dataplane.hybrid.fluid.network import FluidNetwork
from telemedsim.dataplane.hybrid.fluid.progressive_filling import (
    PlainFlow,
    broken_certificates,
    fill,
)
from telemedsim.dataplane.hybrid.fluid.state import FIFO

QUEUES = 6
CAPACITIES = some.sampled_from([0.0, 1.0, 2.0, 3.0, 7.5, 10.0, 100.0])
UNITS = some.sampled_from([1.0, 1.0, 1.04, 2.0])
CAPS = some.sampled_from([0.0, 0.5, 1.0, 2.5, 1e3])
PATHS = some.lists(some.integers(0, QUEUES - 1), min_size=1, max_size=4, unique=True)
ADDITION = some.tuples(some.just("add"), PATHS, some.lists(UNITS, min_size=4, max_size=4), CAPS)
REMOVAL = some.tuples(some.just("remove"), some.integers(0, 99))
NEW_CAP = some.tuples(some.just("cap"), some.integers(0, 99), CAPS)
NEW_RATE = some.tuples(some.just("rate"), some.integers(0, QUEUES - 1), CAPACITIES)
EVENTS = some.lists(
    some.one_of(ADDITION, ADDITION, REMOVAL, NEW_CAP, NEW_RATE), min_size=1, max_size=40
)


def fifo_network(rates: list[float], visits: tuple[float, float] = (0.25, 256)) -> FluidNetwork:
    return FluidNetwork(rates, [FIFO] * len(rates), [[1.0]] * len(rates), visits=visits)


class Mirror:
    """A network and, beside it, what is known of its flows."""

    def __init__(self, rates: list[float], visits: tuple[float, float]) -> None:
        self.network = fifo_network(rates, visits)
        self.rates = list(rates)
        self.flows: dict[int, PlainFlow] = {}
        self.now = 0

    def do(self, event: tuple) -> None:  # type: ignore[type-arg]
        kind, *rest = event
        numbers = sorted(self.flows)
        if kind == "add":
            path, units, cap = rest
            flow = PlainFlow(tuple(path), tuple(units[: len(path)]), cap)
            self.flows[self.network.add(flow.queues, flow.units, cap, 1e6)] = flow
        elif kind == "rate":
            self.rates[rest[0]] = rest[1]
            self.network.set_rate(rest[0], rest[1])
        elif numbers:
            number = numbers[rest[0] % len(numbers)]
            flow = self.flows.pop(number)
            if kind == "remove":
                self.network.remove(number)
            else:
                self.network.set_cap(number, rest[1])
                self.flows[number] = PlainFlow(flow.queues, flow.units, rest[1])
        self.now += 7
        self.network.solve(self.now)

    def compare(self) -> None:
        flows = list(self.flows.values())
        state = self.network.state
        rates = [float(state.flows.rate[number]) for number in self.flows]
        assert broken_certificates(self.rates, flows, rates) == []
        assert rates == pytest.approx(fill(self.rates, flows), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("visits", [(0.0, inf), (0.0, 0.0)])
@given(rates=some.lists(CAPACITIES, min_size=QUEUES, max_size=QUEUES), events=EVENTS)
@settings(max_examples=120)
def test_the_certificate_holds_after_each_event(
    visits: tuple[float, float],
    rates: list[float],
    events: list[tuple],  # type: ignore[type-arg]
) -> None:
    mirror = Mirror(rates, visits)
    for event in events:
        mirror.do(event)
        mirror.compare()
