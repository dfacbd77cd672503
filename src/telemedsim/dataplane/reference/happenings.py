"""What happens on the plane's SimPy clock, and in which order at one instant.

SimPy orders events of one time by priority, then by scheduling. The priorities below are the rules
of time of ARCHITECTURE.md; hosts are served in the order of flows and interfaces accept in the order
of flows and rows, so that nothing depends on the order of scheduling.
"""

from collections.abc import Callable, Iterator, Sized
from heapq import heapify, heappop, heappush
from typing import Any, cast

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

SLOT_BITS = 21
"""Later events wait in slots of 2**21 ns, two milliseconds."""

Callback = Callable[[Any], None]


def ignore(event: "Happening") -> None:
    """Do nothing: the callback of an event that was called off, as SimPy takes no event back."""


class Happening:
    """An event of the plane's clock: it always succeeds and has one callback."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callback) -> None:
        self.callback = callback


Entry = tuple[int, int, int, Happening]
"""SimPy's: time, priority, number in the order of scheduling, event."""


class Clock(simpy.Environment):
    """SimPy's event queue in whole nanoseconds. An event knows its own time; its callback is kept.

    Only events of the present slot of time stand in SimPy's queue, which is a heap. Later ones wait
    in their slots, unsorted, until the clock comes to them: a heap of all of them would be too large
    for the processor's cache. The order in which events happen is the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.handled = 0
        """Events handled so far."""
        self._heap = cast(list[Entry], self._queue)
        self._slots: dict[int, list[Entry]] = {}
        self._slot_numbers: list[int] = []
        """A heap of the slots that hold events."""
        self._present_end_ns = 0

    def schedule_at(self, time_ns: int, priority: int, event: Happening) -> None:
        """Schedule an event for a time that is not before now."""
        entry = (time_ns, priority, next(self._eid), event)
        if time_ns < self._present_end_ns:
            heappush(self._heap, entry)
            return
        number = time_ns >> SLOT_BITS
        slot = self._slots.get(number)
        if slot is None:
            self._slots[number] = [entry]
            heappush(self._slot_numbers, number)
        else:
            slot.append(entry)

    def run_until(self, until_ns: int, reports: Sized) -> int:
        """Handle all events up to a time, or to the end of the first instant with reports.

        `Environment.step` written out: it would take a tenth of the plane's time.
        """
        queue = self._heap
        handled = 0
        while queue or self._open_slot(until_ns):
            if queue[0][0] > until_ns:
                break
            time_ns, _, _, event = heappop(queue)
            event.callback(event)
            handled += 1
            if reports:
                until_ns = time_ns
        self._now = max(self._now, until_ns)
        self.handled += handled
        return until_ns

    def _open_slot(self, until_ns: int) -> bool:
        """Move the first slot into SimPy's queue, unless it lies after ``until_ns``."""
        if not self._slot_numbers or self._slot_numbers[0] << SLOT_BITS > until_ns:
            return False
        number = heappop(self._slot_numbers)
        self._present_end_ns = (number + 1) << SLOT_BITS
        self._heap.extend(self._slots.pop(number))
        heapify(self._heap)
        return True

    def waiting(self) -> Iterator[Happening]:
        """Give the events still to come, in no particular order."""
        for entries in [self._heap, *self._slots.values()]:
            yield from (entry[3] for entry in entries)
