"""A plain server around a scheduler's kernel, and jobs for it: what a data plane must agree with."""

from collections import deque

from telemedsim.core.random_streams import RandomStream
from telemedsim.parts.schedulers import Scheduler
from telemedsim.parts.schedulers.drr import Drr
from telemedsim.parts.schedulers.fifo import Fifo
from telemedsim.parts.schedulers.strict_priority import StrictPriority
from telemedsim.parts.schedulers.wfq import Wfq

CLASSES = ("gold", "silver", "bronze")
NS_PER_BYTE = 8
"""A link of 1 Gbit/s."""

Job = tuple[int, int, int]
"""(arrival ns, class index, bytes), in the order of arrival."""

EXAMPLES: list[Scheduler] = [
    Fifo(),
    StrictPriority(),
    Wfq(weights={"gold": 5, "silver": 3, "bronze": 1}),
    Drr(quanta_bytes={"gold": 3000, "silver": 1500, "bronze": 500}),
]


def serve(scheduler: Scheduler, jobs: list[Job]) -> list[int]:
    """Return when each job leaves a link with this scheduler and endless queues."""
    kernel = scheduler.kernel()
    state = kernel.new_state(scheduler.parameters(CLASSES))
    count = len(scheduler.parameters(CLASSES))
    queues: list[deque[tuple[int, int]]] = [deque() for _ in range(count)]
    leaves = [0] * len(jobs)
    free_at, taken, left = 0, 0, len(jobs)

    def take_until(now: int) -> None:
        nonlocal taken
        while taken < len(jobs) and jobs[taken][0] <= now:
            arrival, class_index, size = jobs[taken]
            queue = kernel.queue_of(state, class_index)
            tag = kernel.on_accept(state, queue, arrival, size * NS_PER_BYTE)
            queues[queue].append((taken, tag))
            taken += 1

    while left:
        if not any(queues):
            free_at = max(free_at, jobs[taken][0])
        # A departure of this instant chooses before arrivals of the same instant are accepted.
        take_until(free_at if not any(queues) else free_at - 1)
        lengths = [len(queue) for queue in queues]
        head_bytes = [jobs[queue[0][0]][2] if queue else 0 for queue in queues]
        head_tags = [queue[0][1] if queue else 0 for queue in queues]
        chosen = kernel.select(state, lengths, head_bytes, head_tags, free_at)
        job, _ = queues[chosen].popleft()
        free_at += jobs[job][2] * NS_PER_BYTE
        leaves[job] = free_at
        left -= 1
    return leaves


def random_jobs(seed: int, count: int, load: float) -> list[Job]:
    """Return bursts of jobs of 40 to 1500 bytes in all classes."""
    draws, now, jobs = RandomStream(seed), 0, []
    while len(jobs) < count:
        for _ in range(1 + draws.index([4, 2, 1, 1])):
            size = 40 + int(draws.uniform() * 1461)
            jobs.append((now, draws.index([1, 1, 1]), size))
            now += int(draws.exponential(770 * NS_PER_BYTE / load))
    return jobs
