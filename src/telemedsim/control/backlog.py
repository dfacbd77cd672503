"""What is unfinished when the window opens: a nominal drain of the work of the hours before.

The time before the window has no packets. Its transfers share the provisioned rate of their path
as processor sharing with a limit of slots, first come first served behind them: Lindley's
recursion of the workload (Lindley 1952), which also says what is left of each transfer. A
transfer that waits for acknowledgements uses only a part of the rate, `Job.alone_ns` says which.
"""

from typing import NamedTuple


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
    waiting = list(range(len(jobs)))
    active: dict[int, float] = {}
    now = float(jobs[0].arrived_ns) if jobs else 0.0
    while waiting or active:
        while waiting and len(active) < slots and jobs[waiting[0]].arrived_ns <= now:
            active[waiting.pop(0)] = 1.0
        speed = _speeds(jobs, active)
        until = min(_next_change(jobs, waiting, active, speed, now, slots), float(at_ns))
        for job in active:
            active[job] -= speed[job] * (until - now)
        # Less than half a nanosecond left is none: a float clock would not move for it.
        ended_ns |= {job: round(until) for job, left in active.items() if left <= 0.5 * speed[job]}
        active = {job: left for job, left in active.items() if job not in ended_ns}
        now = until
        if now >= at_ns:
            break
    begun = [Unfinished(job, left, True) for job, left in active.items()]
    queued = [Unfinished(job, 1.0, False) for job in waiting if jobs[job].arrived_ns < at_ns]
    return Drained(sorted(begun + queued), ended_ns)


def _speeds(jobs: list[Job], active: dict[int, float]) -> dict[int, float]:
    """Return each active job's share a nanosecond: alone, or scaled down to the rate they share."""
    load = sum(jobs[job].wire_ns / jobs[job].alone_ns for job in active)
    return {job: 1.0 / (jobs[job].alone_ns * max(1.0, load)) for job in active}


def _next_change(
    jobs: list[Job],
    waiting: list[int],
    active: dict[int, float],
    speed: dict[int, float],
    now: float,
    slots: int,
) -> float:
    """Return when a job ends, or when one arrives that finds a slot."""
    ends = min((now + left / speed[job] for job, left in active.items()), default=float("inf"))
    if waiting and len(active) < slots:
        return min(ends, float(jobs[waiting[0]].arrived_ns))
    return ends
