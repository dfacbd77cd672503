"""The queues of an interface: whom the drop policy lets in, and whom the scheduler sends next."""

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from telemedsim.dataplane.reference.waiting import Snapshot
from telemedsim.parts.drop_policies import DropKernel
from telemedsim.parts.schedulers import SchedulerKernel

if TYPE_CHECKING:
    from telemedsim.dataplane.reference.packet import Packet


class Size(NamedTuple):
    """What the size of an IP packet means on one interface."""

    frame_bytes: int
    service_ns: int
    loss_threshold: int


Entry = tuple["Packet", Size, int, Snapshot, int]
"""A waiting packet, its size, when it was accepted, what was busy then, the scheduler's tag."""


class Queue:
    """One queue. What it holds counts the packet in transmission, if it came from here."""

    __slots__ = ("drop_state", "emptied_ns", "entries", "held_bytes", "held_packets", "number")

    def __init__(self, number: int, drop_state: list[int]) -> None:
        self.number = number
        self.drop_state = drop_state
        self.entries: deque[Entry] = deque()
        """Packets that wait."""
        self.held_packets = 0
        self.held_bytes = 0
        self.emptied_ns = 0

    def release(self, frame_bytes: int, now: int) -> None:
        """Free the place of a packet whose transmission has ended."""
        held = self.held_packets = self.held_packets - 1
        self.held_bytes -= frame_bytes
        if held == 0:
            self.emptied_ns = now


class Queues:
    """All queues of one interface."""

    __slots__ = (
        "_head_bytes",
        "_head_tags",
        "_lengths",
        "_on_accept",
        "_queues",
        "_select",
        "_state",
        "drop_accept",
        "of_class",
        "single",
        "waiting",
    )

    def __init__(
        self,
        class_count: int,
        scheduler: SchedulerKernel,
        scheduler_parameters: list[int],
        drop_policy: DropKernel,
        drop_parameters: list[int],
    ) -> None:
        self._state = scheduler.new_state(scheduler_parameters)
        self._on_accept, self._select = scheduler.on_accept, scheduler.select
        numbers = [scheduler.queue_of(self._state, c) for c in range(class_count)]
        count = max(numbers) + 1
        self.single = count == 1
        """One queue: the scheduler has nothing to decide, so it is not asked."""
        self.waiting = 0
        """Packets in all queues, without the one in transmission."""
        self._queues = [Queue(n, drop_policy.new_state(drop_parameters)) for n in range(count)]
        self.of_class = [self._queues[number] for number in numbers]
        self._lengths = [0] * count
        self._head_bytes = [0] * count
        self._head_tags = [0] * count
        self.drop_accept = drop_policy.accept
        """Whether a queue takes a packet."""

    def pass_through(self, queue: Queue, size: Size, clock_ns: int) -> None:
        """Let the scheduler see an admitted packet that is sent at once, as nothing waits."""
        number, lengths = queue.number, self._lengths
        self._head_tags[number] = self._on_accept(self._state, number, clock_ns, size[1])
        self._head_bytes[number] = size[0]
        lengths[number] = 1
        self._select(self._state, lengths, self._head_bytes, self._head_tags, clock_ns)
        lengths[number] = 0

    def push(
        self,
        queue: Queue,
        packet: "Packet",
        size: Size,
        now: int,
        snapshot: Snapshot,
        clock_ns: int,
    ) -> None:
        """Put an admitted packet at the end of its queue; the clock stands while the link is down."""
        self.waiting += 1
        if self.single:
            queue.entries.append((packet, size, now, snapshot, 0))
            return
        number, lengths = queue.number, self._lengths
        tag = self._on_accept(self._state, number, clock_ns, size[1])
        if lengths[number] == 0:
            self._head_bytes[number] = size[0]
            self._head_tags[number] = tag
        queue.entries.append((packet, size, now, snapshot, tag))
        lengths[number] += 1

    def pop(self, clock_ns: int) -> tuple[Queue, Entry]:
        """Take the packet that is sent next: its queue and what was put there."""
        self.waiting -= 1
        if self.single:
            queue = self._queues[0]
            return queue, queue.entries.popleft()
        number = self._select(
            self._state, self._lengths, self._head_bytes, self._head_tags, clock_ns
        )
        queue = self._queues[number]
        entries = queue.entries
        entry = entries.popleft()
        self._lengths[number] -= 1
        if entries:
            following = entries[0]
            self._head_bytes[number] = following[1][0]
            self._head_tags[number] = following[4]
        return queue, entry
