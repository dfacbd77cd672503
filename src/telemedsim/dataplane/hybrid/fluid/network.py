"""A fluid network for Python: flows by number, changes gathered and solved at one instant."""

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from telemedsim.dataplane.hybrid.fluid.max_min import ADD, CAP, RATE, REMOVE, STREAMS, solve
from telemedsim.dataplane.hybrid.fluid.state import (
    CLASSES,
    FIFO,
    FLOWS,
    TIMERS,
    State,
    grown,
    new_state,
)

FloatArray = NDArray[np.float64]

MOST_VISITS = 2.0
"""An event that looks at more flows than this multiple of all is solved anew as a whole.

A full solve was measured to cost about three looks a flow; a flow counts each time it is looked at.
"""
FEWEST_VISITS = 256
"""A full solve looks at all queues, so small events never need one."""
FIRST_FLOWS = 64


class FluidNetwork:
    """Queues, flows with max-min fair rates, and the time at which the next flow is through.

    Rates are in bytes a ns, times in ns. ``queue = interface * classes + class``; an interface of one
    queue (FIFO) uses the first. Changes take effect together at the next `solve`.

    >>> network = FluidNetwork([10.0, 4.0], [FIFO, FIFO], [[1.0], [1.0]])
    >>> long = network.add([0, 1], [1.0, 1.0], cap=99.0, size=100.0)
    >>> short = network.add([0], [1.0], cap=99.0, size=60.0)
    >>> network.solve(0)
    >>> network.rate(long), network.rate(short), network.next_finish() == (10.0, short)
    (4.0, 6.0, True)
    """

    def __init__(
        self,
        rates: Sequence[float],
        schedulers: Sequence[int],
        shares: Sequence[Sequence[float]],
        longest_path: int = 8,
        visits: tuple[float, float] = (MOST_VISITS, FEWEST_VISITS),
    ) -> None:
        """Take each interface's rate, kind of scheduler and its classes' weights."""
        self.classes = len(shares[0])
        count = len(rates)
        self.width = longest_path
        self.interfaces = count
        state = new_state(
            count * self.classes, count, longest_path, FIRST_FLOWS, FIRST_FLOWS * longest_path
        )
        state.counts[CLASSES] = self.classes
        state.interfaces.scheduler[:] = schedulers
        state.holdings.share[:] = np.asarray(shares, dtype=np.float64).ravel()
        state.queues.is_shared[:] = np.repeat(np.asarray(schedulers) != FIFO, self.classes)
        self._visits = visits
        self._free = list(range(FIRST_FLOWS - 1, -1, -1))
        self._changes: list[tuple[int, int, float]] = []
        self._take(state)
        for interface, rate in enumerate(rates):
            self._changes.append((RATE, interface, rate))
        self.solve(0)

    def _take(self, state: State) -> None:
        """Use these tables from now on; columns that Python reads often have names of their own."""
        self.state = state
        self._hop_queue, self._hop_unit = state.hops["queue"], state.hops["unit"]
        self._waited, self._stopped = state.pasts["waited"], state.pasts["stopped"]
        self._hop_count, self._cap = state.flows["hop_count"], state.flows["cap"]
        self._finish, self._rate = state.flows["finish"], state.flows["rate"]
        self._owner, self._key = state.timers["owner"], state.timers["key"]
        self._first_flow = state.holdings["first_flow"]
        self._level, self._load = state.queues["level"], state.queues["load"]
        self._capacity, self._queues = state.queues["capacity"], len(state.queues)
        self._counts = state.counts

    def add(self, queues: Sequence[int], units: Sequence[float], cap: float, size: float) -> int:
        """Add a flow; return its number, which is free again once it has been removed.

        ``units``: what a rate of 1 takes of each queue; ``size``: what it has to send, both for one
        unit of weight. ValueError for an empty path, or one longer than the network was made for.
        """
        if not 0 < len(queues) <= self.width:
            raise ValueError(f"a flow's path has 1 to {self.width} queues, not {len(queues)}")
        if not self._free:
            count = len(self.state.flows)
            self._take(grown(self.state, 2 * count, len(self.state.members)))
            self._free = list(range(2 * count - 1, count - 1, -1))
        flow = self._free.pop()
        first = flow * self.width
        last = first + len(queues)
        self._hop_queue[first:last] = queues
        self._hop_unit[first:last] = units
        self._hop_count[flow] = len(queues)
        self._cap[flow] = cap
        self._finish[flow] = size
        self._changes.append((ADD, flow, 0.0))
        return flow

    def remove(self, flow: int) -> None:
        """Remove a flow; `waited` and `left` still tell of it until the next `add`."""
        self._changes.append((REMOVE, flow, 0.0))
        self._free.append(flow)

    def set_cap(self, flow: int, cap: float) -> None:
        """Change a flow's cap."""
        self._changes.append((CAP, flow, cap))

    def set_rate(self, interface: int, rate: float) -> None:
        """Change an interface's rate; 0 while it is down."""
        self._changes.append((RATE, interface, rate))

    def set_streams(self, queue: int, rate: float) -> None:
        """Set the expected rate of the streams in a queue."""
        self._changes.append((STREAMS, queue, rate))

    def solve(self, now: float) -> None:
        """Make all changes at one instant, not before that of the last call."""
        count = len(self._changes)
        if not count:
            return
        columns = np.array(self._changes)
        self._changes.clear()
        most_visits = float(max(self._visits[1], self._visits[0] * self._counts[FLOWS]))
        done = 0
        while True:
            done += solve(self.state, columns[done:], float(now), most_visits)
            if done == count:
                return
            s = self.state
            self._take(grown(s, len(s.flows), 2 * len(s.members)))

    def next_finish(self) -> tuple[float, int]:
        """Return when the next flow is through, and which; (inf, -1) if none ever is."""
        if self._counts[TIMERS] == 0:
            return inf, -1
        item, queues = int(self._owner[0]), self._queues
        flow = int(self._first_flow[item]) if item < queues else item - queues
        return float(self._key[0]), flow

    def rate(self, flow: int) -> float:
        """Return a flow's normalised rate."""
        return float(self._rate[flow])

    def waits(self, flow: int, hops: int) -> tuple[list[float], list[float]]:
        """Return, hop by hop, the time that a removed flow waited beyond its cap, and stood still."""
        first = flow * self.width
        return (
            self._waited[first : first + hops].tolist(),
            self._stopped[first : first + hops].tolist(),
        )

    def flows_at(self, interface: int) -> list[int]:
        """Return the flows that cross an interface, in the order of their numbers."""
        s = self.state
        found = []
        for queue in range(interface * self.classes, (interface + 1) * self.classes):
            first, count = int(s.holdings["first"][queue]), int(s.holdings["count"][queue])
            found += (s.members["hop"][first : first + count] // self.width).tolist()
        return sorted(set(found))

    def carried(self, now: float) -> FloatArray:
        """Return the bytes that each interface has carried up to a time not before the last change."""
        table = self.state.queues
        rest = table["load"] * (now - table["since"])
        return np.asarray((table["carried"] + rest).reshape(-1, self.classes).sum(axis=1))

    def offer(self, queues: Sequence[int], units: Sequence[float], cap: float) -> float:
        """Return about what rate a new flow would get: full queues' levels, others' free capacity."""
        level, load, capacity = self._level, self._load, self._capacity
        rate = cap
        for queue, unit in zip(queues, units, strict=True):
            at = float(level[queue])
            free = max(0.0, float(capacity[queue] - load[queue])) / unit if at == inf else at
            rate = min(rate, free)
        return rate
