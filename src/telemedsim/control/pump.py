"""Turns the SimPy clock and the data plane's clock together.

Neither clock forecasts the other: the pump asks SimPy when its next event is, lets the plane
run up to it, and the plane comes back earlier when something was reported.
"""

from collections.abc import Callable

import simpy

from telemedsim.dataplane.base import DataPlane, Report

PROGRESS_STEPS = 200
"""The plane is called at least this often, so that progress is seen in a quiet window."""


class SettableEnvironment(simpy.Environment):
    """SimPy's environment, whose clock may also be set between two events.

    `Environment.run` would leave a stop event in the queue at each of a day's million stops.
    """

    def move_to(self, now_ns: int) -> None:
        """Set the clock; no event may lie before that time, and it never goes back."""
        if self.peek() < now_ns or now_ns < self._now:
            raise ValueError(f"the clock cannot be set from {self._now} to {now_ns}")
        self._now = now_ns


class Pump:
    """Runs one replication's two clocks; both are int64 nanoseconds after the window opens."""

    def __init__(
        self,
        environment: SettableEnvironment,
        plane: DataPlane,
        wake: Callable[[Report], None],
    ) -> None:
        self._environment = environment
        self._plane = plane
        self._wake = wake
        self.control_events = 0

    def run(self, duration_ns: int, progress: Callable[[int], None] | None) -> None:
        """Run the time before the window without packets, then the window with them."""
        self._move_clock(0)
        self._step_events_until(0)
        granule_ns = max(1, duration_ns // PROGRESS_STEPS)
        reached_ns, reports = 0, list[Report]()
        while reached_ns < duration_ns or reports:
            target_ns = min(self._next_event_ns(duration_ns), reached_ns + granule_ns)
            reached_ns, reports = self._plane.advance(target_ns)
            self._move_clock(reached_ns)
            for report in reports:
                self._wake(report)
            self._step_events_until(reached_ns)
            if progress is not None:
                progress(reached_ns)

    def _next_event_ns(self, duration_ns: int) -> int:
        peek = self._environment.peek()
        return duration_ns if peek >= duration_ns else int(peek)

    def _move_clock(self, until_ns: int) -> None:
        """Set SimPy's clock; its own events of that instant come before the reports.

        Nothing lies between, since the plane never passes the next event.
        """
        self._step_events_until(until_ns)
        self._environment.move_to(until_ns)

    def _step_events_until(self, until_ns: int) -> None:
        peek, step = self._environment.peek, self._environment.step
        while peek() <= until_ns:
            step()
            self.control_events += 1
