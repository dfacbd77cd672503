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


Entry = tuple["Packet", Size, int, Snapshot]
"""A waiting packet, its size, when it was accepted, and what was busy then."""


class Queues:
    """All queues of one interface. What is held counts the packet in transmission, too."""

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
        self._queue_of = [scheduler.queue_of(self._state, c) for c in range(class_count)]
        count = max(self._queue_of) + 1
        self.single = count == 1
        """One queue: the scheduler has nothing to decide, so it is not asked."""
        self.waiting = 0
        """Packets in all queues, without the one in transmission."""
        self._entries: list[deque[Entry]] = [deque() for _ in range(count)]
        self._tags: list[deque[int]] = [deque() for _ in range(count)]
        self._lengths = [0] * count
        self._head_bytes = [0] * count
        self._head_tags = [0] * count
        self._held_packets = [0] * count
        self._held_bytes = [0] * count
        self._emptied_ns = [0] * count
        self._drop_accept = drop_policy.accept
        self._drop_states = [drop_policy.new_state(drop_parameters) for _ in range(count)]

    def admit(self, class_index: int, frame_bytes: int, now: int, draw: int) -> int:
        """Return the queue that takes a packet of this class, or -1 if it refuses it."""
        queue = self._queue_of[class_index]
        held = self._held_packets[queue]
        held_bytes = self._held_bytes[queue]
        state, emptied_ns = self._drop_states[queue], self._emptied_ns[queue]
        if not self._drop_accept(state, held, held_bytes, frame_bytes, now, emptied_ns, draw):
            return -1
        self._held_packets[queue] = held + 1
        self._held_bytes[queue] = held_bytes + frame_bytes
        return queue

    def pass_through(self, queue: int, size: Size, clock_ns: int) -> None:
        """Let the scheduler see an admitted packet that is sent at once, as nothing waits."""
        if self.single:
            return
        lengths = self._lengths
        self._head_tags[queue] = self._on_accept(self._state, queue, clock_ns, size[1])
        self._head_bytes[queue] = size[0]
        lengths[queue] = 1
        self._select(self._state, lengths, self._head_bytes, self._head_tags, clock_ns)
        lengths[queue] = 0

    def push(self, queue: int, entry: Entry, clock_ns: int) -> None:
        """Put an admitted packet at the end of its queue; the clock stands while the link is down."""
        self.waiting += 1
        self._entries[queue].append(entry)
        if self.single:
            return
        size, lengths = entry[1], self._lengths
        tag = self._on_accept(self._state, queue, clock_ns, size[1])
        if lengths[queue] == 0:
            self._head_bytes[queue] = size[0]
            self._head_tags[queue] = tag
        self._tags[queue].append(tag)
        lengths[queue] += 1

    def pop(self, clock_ns: int) -> tuple[int, Entry]:
        """Take the packet that is sent next: its queue and what was put there."""
        self.waiting -= 1
        if self.single:
            return 0, self._entries[0].popleft()
        queue = self._select(
            self._state, self._lengths, self._head_bytes, self._head_tags, clock_ns
        )
        entries, tags = self._entries[queue], self._tags[queue]
        entry = entries.popleft()
        tags.popleft()
        self._lengths[queue] -= 1
        if entries:
            self._head_bytes[queue] = entries[0][1][0]
            self._head_tags[queue] = tags[0]
        return queue, entry

    def release(self, queue: int, frame_bytes: int, now: int) -> None:
        """Free the place of a packet whose transmission has ended."""
        held = self._held_packets[queue] - 1
        self._held_packets[queue] = held
        self._held_bytes[queue] -= frame_bytes
        if held == 0:
            self._emptied_ns[queue] = now
