"""Licences of a reading platform: a reader holds one from asking until he has read, or is refused.

The licences of a block at one source are one pool for all its sites. Reads of the hours before the window
hold licences too, without packets, so that the window opens with as many taken as there would be.
"""

from collections.abc import Generator, Iterable
from typing import Any

import simpy

from telemedsim.control.fetching import Read, begin_fetch, nominal_fetch_ns
from telemedsim.control.replication import Replication
from telemedsim.network.work import Licences, ReadingWork

Process = Generator[Any, Any, None]


class Licensed:
    """The reads of one site, as far as licences let them be."""

    def __init__(self, replication: Replication, work: ReadingWork, licences: Licences) -> None:
        self._replication = replication
        self._work = work
        self._licences = licences
        self._pool: simpy.Resource = replication.shared(
            licences.pool, lambda: simpy.Resource(replication.environment, licences.count)
        )
        self._refused: set[str] = set()

    def hold_before(self, reads: Iterable[Read]) -> None:
        """Let reads asked for before the window take their licences; called before any of them."""
        for read in reads:
            self._replication.environment.process(self._before(read))

    def had_one(self, read: Read) -> bool:
        """Tell whether a read before the window got a licence."""
        return read.entity not in self._refused

    def run(self, read: Read, fetching: Process) -> Process:
        """Fetch and read under a licence now, or be refused."""
        replication = self._replication
        if self._none_left():
            fetching.close()
            replication.block(begin_fetch(replication, self._work, read), self._licences.pool)
            return
        with self._pool.request():
            yield from fetching
            patience_ns = self._work.patience_ns
            if patience_ns is not None and replication.now_ns >= read.asked_ns + patience_ns:
                return  # Who gave up reads nothing.
            yield replication.environment.timeout(self._reading_ns(read))

    def _before(self, read: Read) -> Process:
        environment = self._replication.environment
        yield environment.timeout(read.asked_ns - self._replication.now_ns)
        if self._none_left():
            self._refused.add(read.entity)
            return
        with self._pool.request():
            _, alone_ns = nominal_fetch_ns(self._replication.routes, self._work, read)
            patience_ns = self._work.patience_ns
            if patience_ns is not None and alone_ns >= patience_ns:
                yield environment.timeout(patience_ns)
            else:
                yield environment.timeout(alone_ns + self._reading_ns(read))

    def _none_left(self) -> bool:
        return bool(self._pool.count >= self._pool.capacity)

    def _reading_ns(self, read: Read) -> int:
        """Return how long the reader looks at a study; the draws name the read."""
        draws = self._replication.draws
        study = self._work.mix.draw(draws(read.entity, "study"))
        return self._licences.reading[study.modality].draw_ns(draws(read.entity, "reading"))
