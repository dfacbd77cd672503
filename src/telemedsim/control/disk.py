"""A disk that studies lie on until they are sent: who finds no room waits, first come first served."""

from collections.abc import Generator
from typing import Any

import simpy

from telemedsim.control.replication import Replication
from telemedsim.records.sessions import ResourceRecord

Process = Generator[Any, Any, None]


class Disk:
    """The disk of one site's front-end processor, as a SimPy container; its fullness is recorded."""

    def __init__(
        self, replication: Replication, scenario: str, site: str, capacity_bytes: int
    ) -> None:
        self._room = simpy.Container(replication.environment, capacity=capacity_bytes)
        self._record = replication.add_resource(
            ResourceRecord(scenario, site, "front-end processor disk", "bytes", capacity_bytes)
        )

    def share_of(self, size_bytes: int) -> int:
        """Return what a study takes of the disk; one larger than the disk passes through all of it."""
        return max(1, min(size_bytes, self._record.capacity))

    def store(self, size_bytes: int) -> Process:
        """Wait until a study is on the disk."""
        stored = self._room.put(self.share_of(size_bytes))
        if not stored.triggered:
            self._record.waited += 1
        yield stored
        self._record.peak = max(self._record.peak, int(self._room.level))

    def remove(self, size_bytes: int) -> None:
        """Give a study's place to others."""
        self._room.get(self.share_of(size_bytes))
