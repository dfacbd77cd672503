"""What happens on the plane's SimPy clock, and in which order at one instant.

SimPy orders events of one time by priority, then by scheduling. The priorities below are the rules
of time of ARCHITECTURE.md; hosts are served in the order of flows and interfaces accept in the order
of flows and rows, so that nothing depends on the order of scheduling.
"""

from collections.abc import Callable, Sized
from heapq import heappop, heappush
from typing import Any

import simpy

DEPARTURE, CHANGE, HOST = 0, 1, 2
"""Departures; failures and repairs; arrivals at hosts (plus the flow)."""
ACCEPTANCE = 1 << 62
"""Packets that reach an interface (plus flow and row), once all those of an instant are known."""
TIMER = 1 << 63
"""Timers. They concern one endpoint each, so their order among themselves changes nothing."""
FLOW_SHIFT = 32
"""A packet's place in the order of acceptance is its flow, then its row of 32 bits."""
ROW_MASK = (1 << FLOW_SHIFT) - 1

Callbacks = list[Callable[[Any], None]]


def ignore(event: "Happening") -> None:
    """Do nothing."""


NOTHING: Callbacks = [ignore]
"""The callbacks of an event that was called off: SimPy cannot take an event back."""


class Happening:
    """What SimPy's queue asks of an event; it always succeeds and has one callback."""

    __slots__ = ("callbacks",)
    _ok = True

    def __init__(self, callbacks: Callbacks) -> None:
        self.callbacks = callbacks


class Clock(simpy.Environment):
    """SimPy's event queue in whole nanoseconds. An event knows its own time; its callback is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.handled = 0
        """Events handled so far."""

    def schedule_at(self, time_ns: int, priority: int, event: Happening) -> None:
        """Schedule an event for a time that is not before now."""
        heappush(self._queue, (time_ns, priority, next(self._eid), event))  # type: ignore[misc]

    def run_until(self, until_ns: int, reports: Sized) -> int:
        """Handle all events up to a time, or to the end of the first instant with reports.

        `Environment.step` written out: it would take a tenth of the plane's time.
        """
        queue = self._queue
        handled = 0
        while queue and queue[0][0] <= until_ns:
            time_ns, _, _, event = heappop(queue)
            event.callbacks[0](event)
            handled += 1
            if reports:
                until_ns = int(time_ns)
        self._now = max(self._now, until_ns)
        self.handled += handled
        return until_ns

    def waiting(self) -> list[Any]:
        """Return the events still to come, in no particular order."""
        return [event for _, _, _, event in self._queue]
