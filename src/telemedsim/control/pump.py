"""Turns the SimPy clock and the data plane's clock together.

Neither clock forecasts the other: the pump asks SimPy when its next event is, lets the plane
run up to it, and the plane comes back earlier when something was reported.
"""

from collections.abc import Callable

import simpy

from telemedsim.dataplane.base import DataPlane, Report

PROGRESS_STEPS = 200
"""The plane is called at least this often, so that progress is seen in a quiet window."""


class Pump:
    """Runs one replication's two clocks; both are int64 nanoseconds after the window opens."""

    def __init__(
        self,
        environment: simpy.Environment,
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

        Nothing lies between, since the plane never passes the next event. `Environment.run` would
        leave its stop event behind in the queue.
        """
        if until_ns > self._environment.now:
            self._environment.timeout(until_ns - self._environment.now)
            self._step_events_until(until_ns)
            self.control_events -= 1

    def _step_events_until(self, until_ns: int) -> None:
        while self._environment.peek() <= until_ns:
            self._environment.step()
            self.control_events += 1
