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


def fifo_network(rates: list[float], visits: tuple[float, float] = (2.0, 256)) -> FluidNetwork:
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

    def found(self) -> list[float]:
        """Return the network's rates."""
        return [float(self.network.state.flows.rate[number]) for number in self.flows]

    def plain(self) -> list[float]:
        """Return the rates of progressive filling."""
        return fill(self.rates, list(self.flows.values()))


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
        found = mirror.found()
        assert broken_certificates(mirror.rates, list(mirror.flows.values()), found) == []
        assert found == pytest.approx(mirror.plain(), rel=1e-9, abs=1e-12)


def plain_finishes(
    rates: list[float], flows: list[PlainFlow], starts: list[int], sizes: list[float]
) -> list[float]:
    """Return when each flow is through, by progressive filling at each start and end; inf if never."""
    left, ends, now = list(sizes), [inf] * len(flows), 0.0
    while True:
        running = [i for i in range(len(flows)) if starts[i] <= now and ends[i] == inf]
        shares = fill(rates, [flows[i] for i in running])
        dues = [
            now + left[i] / rate for i, rate in zip(running, shares, strict=True) if rate > 0
        ] + [float(start) for start in starts if start > now]
        if not dues:
            return ends
        following = min(dues)
        for i, rate in zip(running, shares, strict=True):
            left[i] -= rate * (following - now)
            if rate > 0 and left[i] <= 1e-9 * sizes[i]:
                ends[i] = following
        now = following


@pytest.mark.parametrize("visits", [(0.0, inf), (0.0, 0.0)])
@given(
    rates=some.lists(some.sampled_from([1.0, 2.0, 7.5]), min_size=QUEUES, max_size=QUEUES),
    flows=some.lists(
        some.tuples(
            PATHS, some.sampled_from([0.5, 2.0, 50.0]), some.integers(1, 40), some.integers(0, 60)
        ),
        min_size=1,
        max_size=12,
    ),
)
@settings(max_examples=60)
def test_flows_end_when_their_rates_have_carried_them(
    visits: tuple[float, float], rates: list[float], flows: list[tuple[list[int], float, int, int]]
) -> None:
    plain = [PlainFlow(tuple(path), (1.0,) * len(path), cap) for path, cap, _, _ in flows]
    starts, sizes = [flow[3] for flow in flows], [float(flow[2]) for flow in flows]
    network = fifo_network(rates, visits)
    waiting = sorted(range(len(flows)), key=lambda i: starts[i])
    numbers: dict[int, int] = {}
    ends = [inf] * len(flows)
    while waiting or numbers:
        due, number = network.next_finish()
        if waiting and starts[waiting[0]] <= due:
            i = waiting.pop(0)
            now: float = starts[i]
            numbers[network.add(plain[i].queues, plain[i].units, plain[i].cap, sizes[i])] = i
        else:
            now = ends[numbers.pop(number)] = due
            network.remove(number)
        network.solve(now)
    # The plain version calls a flow through when a thousand-millionth is left.
    assert ends == pytest.approx(plain_finishes(rates, plain, starts, sizes), rel=1e-7, abs=1e-6)
