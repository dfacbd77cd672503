"""The queues whose level must be looked at again, the lowest level first (a binary heap).

Tables come one by one: to pass the whole state costs more than all that is done here.
"""

from typing import Any

from telemedsim.core.compiled import compiled
from telemedsim.dataplane.hybrid.fluid.state import WORK


@compiled
def push(queues: Any, work: Any, counts: Any, queue: int, key: float) -> None:
    """Add a queue unless it is there already."""
    if queues[queue].is_queued == 1:
        return
    queues[queue].is_queued = 1
    place = counts[WORK]
    counts[WORK] += 1
    while place > 0:
        parent = (place - 1) // 2
        if work[parent].key <= key:
            break
        work[place].key = work[parent].key
        work[place].queue = work[parent].queue
        place = parent
    work[place].key = key
    work[place].queue = queue


@compiled
def pop(queues: Any, work: Any, counts: Any) -> int:
    """Take the queue with the least key off the list, which is not empty."""
    first = work[0].queue
    queues[first].is_queued = 0
    counts[WORK] -= 1
    size = counts[WORK]
    key = work[size].key
    queue = work[size].queue
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and work[child + 1].key < work[child].key:
            child += 1
        if key <= work[child].key:
            break
        work[place].key = work[child].key
        work[place].queue = work[child].queue
        place = child
    work[place].key = key
    work[place].queue = queue
    return int(first)
