"""What is unfinished when the window opens: a nominal drain of the work of the hours before.

The time before the window has no packets. Its transfers share the provisioned rate of their path
as processor sharing with a limit of slots, first come first served behind them: Lindley's
recursion of the workload (Lindley 1952), which also says what is left of each transfer. A
transfer that waits for acknowledgements uses only a part of the rate, `Job.alone_ns` says which.
"""

import heapq
from collections import deque
from typing import NamedTuple

HALF_NS = 0.5


class Job(NamedTuple):
    """A transfer before the window."""

    arrived_ns: int
    wire_ns: int
    """Its bits at the provisioned rate."""
    alone_ns: int
    """How long it takes with the path to itself, at least ``wire_ns``."""


class Unfinished(NamedTuple):
    """A job that the window finds."""

    job: int
    """Its position among the jobs given."""
    remaining: float
    """Share still to be sent; 1.0 for a job that has not begun."""
    began: bool
    """False while it waits for a slot."""


class Drained(NamedTuple):
    """What became of jobs by some time."""

    left: list[Unfinished]
    ended_ns: dict[int, int]
    """Position of a job that is through -> when, in the order of their ends."""


def unfinished(jobs: list[Job], slots: int, at_ns: int) -> list[Unfinished]:
    """Return what is left at ``at_ns`` of jobs in order of arrival, all of them arrived by then.

    >>> unfinished([Job(0, 10, 10), Job(4, 10, 10)], slots=1, at_ns=14)
    [Unfinished(job=1, remaining=0.6, began=True)]
    """
    return drained(jobs, slots, at_ns).left


def drained(jobs: list[Job], slots: int, at_ns: int) -> Drained:
    """Return what is left at ``at_ns`` of jobs in order of arrival, and when the others ended.

    >>> drained([Job(0, 10, 10), Job(4, 10, 10)], slots=1, at_ns=14).ended_ns
    {0: 10}
    """
    ended_ns: dict[int, int] = {}
    sharing = _Sharing(jobs)
    waiting = deque(range(len(jobs)))
    now = float(jobs[0].arrived_ns) if jobs else 0.0
    while waiting or sharing.active:
        while waiting and len(sharing.active) < slots and jobs[waiting[0]].arrived_ns <= now:
            sharing.begin(waiting.popleft())
        until = min(now + sharing.next_end_in_ns(), float(at_ns))
        if waiting and len(sharing.active) < slots:
            until = min(until, float(jobs[waiting[0]].arrived_ns))
        ended_ns |= dict.fromkeys(sharing.pass_time(until - now), round(until))
        now = until
        if now >= at_ns:
            break
    queued = [Unfinished(job, 1.0, False) for job in waiting if jobs[job].arrived_ns < at_ns]
    return Drained(sorted(sharing.left() + queued), ended_ns)


class _Sharing:
    """Processor sharing in virtual time: each job takes its time alone of it, O(log n) a change.

    Virtual time (Parekh and Gallager 1993) passes at 1 / load while the jobs ask for more than the rate.
    """

    def __init__(self, jobs: list[Job]) -> None:
        self._jobs = jobs
        self._passed = 0.0
        self._load = 0.0
        self.active: list[tuple[float, int]] = []
        """Heap of (virtual time at its end, job)."""

    def begin(self, job: int) -> None:
        """Let a job share from now on."""
        alone_ns = self._jobs[job].alone_ns
        heapq.heappush(self.active, (self._passed + alone_ns, job))
        self._load += self._jobs[job].wire_ns / alone_ns

    def next_end_in_ns(self) -> float:
        """Return how long until a job ends, if nothing changes; infinite without jobs."""
        if not self.active:
            return float("inf")
        return (self.active[0][0] - self._passed) * max(1.0, self._load)

    def pass_time(self, ns: float) -> list[int]:
        """Let time pass, at most until a job ends; return the jobs that end with it, in their order."""
        self._passed += ns / max(1.0, self._load)
        ended = []
        # Less than half a nanosecond left is none: a float clock would not move for it.
        while self.active and self.next_end_in_ns() <= HALF_NS:
            ended.append(heapq.heappop(self.active)[1])
        # The load of those that end together is taken together, so that it does not hasten some of them.
        for job in ended:
            self._load -= self._jobs[job].wire_ns / self._jobs[job].alone_ns
        if not self.active:
            self._passed = self._load = 0.0
        return sorted(ended)

    def left(self) -> list[Unfinished]:
        """Return what is left of each job that shares."""
        jobs = self._jobs
        return [
            Unfinished(job, (end - self._passed) / jobs[job].alone_ns, True)
            for end, job in self.active
        ]
