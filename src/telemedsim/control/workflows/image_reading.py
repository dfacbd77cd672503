"""Image reading: a terminal asks for the first displayable image, then for the rest of the study.

Terminals are an open system: reads come by their own process, whatever the last one took, so that
a slower network does not lower the load. Prefetched studies come from the reader's own archive.
"""

import sys
from collections.abc import Generator
from typing import Any

from telemedsim.control.backlog import Job, unfinished
from telemedsim.control.fetching import Read, fetch, nominal_fetch_ns, read_of
from telemedsim.control.licences import Licensed
from telemedsim.control.probes import Probes
from telemedsim.control.replication import Replication
from telemedsim.control.roaming import Walk, WalkingFetch
from telemedsim.control.workflows import Workflow
from telemedsim.network.work import ReadingWork

Process = Generator[Any, Any, None]


class ImageReading(Workflow):
    """The reads of one site's terminals."""

    def __init__(self, replication: Replication, probes: Probes, work: ReadingWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._probe_legs: dict[int, int] = {}
        self._licensed = (
            None if work.licences is None else Licensed(replication, work, work.licences)
        )
        self._walks: dict[str, Walk] = {}
        """Read -> how its terminal walks, where terminals do."""

    def start(self) -> None:
        """Start every terminal when the window opens, and the fetches under way then."""
        reads = [self._reads(terminal) for terminal in range(self._work.terminals)]
        if self._licensed is not None:
            for own in reads:
                self._licensed.hold_before(read for read in own if read.asked_ns < 0)
        self._replication.environment.process(self._window(reads))

    def _window(self, reads_of: list[list[Read]]) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        for source in dict.fromkeys((work.source_at, work.cache_at)):
            self._probe_legs[source.node] = self._probes.leg_for(
                work, source, work.terminals_at, work.class_index
            )
        before: list[Read] = []
        for terminal, reads in enumerate(reads_of):
            self._let_walk(terminal, reads)
            before += [read for read in reads if read.asked_ns < 0]
            later = [read for read in reads if read.asked_ns >= 0]
            replication.environment.process(self._terminal(later))
        for source in dict.fromkeys((work.source_at, work.cache_at)):
            self._continue([read for read in before if read.source == source])

    def _reads(self, terminal: int) -> list[Read]:
        """Return the reads of a terminal, those shortly before the window included."""
        work, replication = self._work, self._replication
        terminal_name = self._name(terminal)
        return [
            self._read(f"{terminal_name}/{arrival.number}", arrival.time_ns)
            for arrival in replication.arrivals(terminal_name, work.arrivals, -work.lookback_ns)
        ]

    def _name(self, terminal: int) -> str:
        return f"{self._work.scenario}/{self._work.terminals_at.name}/terminal-{terminal}"

    def _let_walk(self, terminal: int, reads: list[Read]) -> None:
        """Let a terminal walk through the window, if those of this work do."""
        if self._work.roaming is None:
            return
        walk = Walk(self._replication, self._work.roaming, self._name(terminal))
        self._walks.update({read.entity: walk for read in reads})

    def _read(self, entity: str, asked_ns: int) -> Read:
        work = self._work
        cached = self._replication.draws(entity, "cached").uniform() < work.cached_share
        study = work.mix.draw(self._replication.draws(entity, "study"))
        source = work.cache_at if cached else work.source_at
        return read_of(work, entity, asked_ns, source, study.size_bytes)

    def _terminal(self, reads: list[Read]) -> Process:
        environment = self._replication.environment
        for read in reads:
            yield environment.timeout(read.asked_ns - self._replication.now_ns)
            fetching = self._fetch(read)
            if self._licensed is not None:
                fetching = self._licensed.run(read, fetching)
            environment.process(fetching)

    def _continue(self, reads: list[Read]) -> None:
        """Open what a nominal drain of a source's path leaves of the reads before the window."""
        replication, work = self._replication, self._work
        if not reads or reads[0].source.node == work.terminals_at.node:
            return
        if self._licensed is not None:
            reads = [read for read in reads if self._licensed.had_one(read)]
        reads = sorted(reads, key=lambda read: (read.asked_ns, read.entity))
        jobs = [
            Job(read.asked_ns, *nominal_fetch_ns(replication.routes, work, read)) for read in reads
        ]
        for left in unfinished(jobs, slots=sys.maxsize, at_ns=0):
            read = reads[left.job]
            if work.patience_ns is not None and read.asked_ns + work.patience_ns <= 0:
                continue  # Who asked so long ago had given up by now.
            remaining = read.left(left.remaining)
            replication.environment.process(self._fetch(remaining, read))

    def _fetch(self, read: Read, whole: Read | None = None) -> Process:
        """Fetch a read, or what is left of a whole one that is under way."""
        probe_leg = self._probe_legs[read.source.node]
        walk = self._walks.pop(read.entity, None)
        if walk is not None:
            walking = WalkingFetch(self._replication, self._work, walk, probe_leg)
            return walking.run(read, whole)
        patience_ns = self._work.patience_ns
        return fetch(self._replication, self._work, read, probe_leg, whole, patience_ns)
