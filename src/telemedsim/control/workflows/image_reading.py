"""Image reading: a terminal asks for the first displayable image, then for the rest of the study.

Terminals are an open system: reads come by their own process, whatever the last one took, so that
a slower network does not lower the load. Prefetched studies come from the reader's own archive.
Where people are not paid to wait (patients), they give up after a while, and their transfer ends.
"""

import sys
from collections.abc import Generator
from typing import Any, NamedTuple

from telemedsim.control.backlog import Job, unfinished
from telemedsim.control.probes import Probes
from telemedsim.control.replication import Replication
from telemedsim.control.transfers import (
    ANSWERER,
    OPENER,
    TransferUse,
    Watch,
    nominal_wire_ns,
    send,
)
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Step
from telemedsim.network.work import Place, ReadingWork

Process = Generator[Any, Any, None]


class Read(NamedTuple):
    """One read of a study at a terminal."""

    entity: str
    asked_ns: int
    source: Place
    first_bytes: int
    rest_bytes: int
    """What follows the first image; 0 when there is no more."""


class ImageReading(Workflow):
    """The reads of one site's terminals."""

    def __init__(self, replication: Replication, probes: Probes, work: ReadingWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._probe_legs: dict[int, int] = {}

    def start(self) -> None:
        """Start every terminal when the window opens, and the fetches under way then."""
        self._replication.environment.process(self._window())

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        for source in dict.fromkeys((work.source_at, work.cache_at)):
            self._probe_legs[source.node] = self._probes.leg_for(
                work, source, work.terminals_at, work.class_index
            )
        before: list[Read] = []
        for terminal in range(work.terminals):
            reads = self._reads(terminal)
            before += [read for read in reads if read.asked_ns < 0]
            later = [read for read in reads if read.asked_ns >= 0]
            replication.environment.process(self._terminal(later))
        for source in dict.fromkeys((work.source_at, work.cache_at)):
            self._continue([read for read in before if read.source == source])

    def _reads(self, terminal: int) -> list[Read]:
        """Return the reads of a terminal, those shortly before the window included."""
        work, replication = self._work, self._replication
        terminal_name = f"{work.scenario}/{work.terminals_at.name}/terminal-{terminal}"
        return [
            self._read(f"{terminal_name}/{arrival.number}", arrival.time_ns)
            for arrival in replication.arrivals(terminal_name, work.arrivals, -work.lookback_ns)
        ]

    def _read(self, entity: str, asked_ns: int) -> Read:
        work = self._work
        cached = self._replication.draws(entity, "cached").uniform() < work.cached_share
        study = work.mix.draw(self._replication.draws(entity, "study"))
        rest = max(0, study.size_bytes - work.first_image_bytes) if work.whole_study else 0
        source = work.cache_at if cached else work.source_at
        return Read(entity, asked_ns, source, work.first_image_bytes, rest)

    def _terminal(self, reads: list[Read]) -> Process:
        environment = self._replication.environment
        for read in reads:
            yield environment.timeout(read.asked_ns - self._replication.now_ns)
            environment.process(self._fetch(read))

    def _continue(self, reads: list[Read]) -> None:
        """Open what a nominal drain of a source's path leaves of the reads before the window."""
        replication, work = self._replication, self._work
        if not reads or reads[0].source.node == work.terminals_at.node:
            return
        source, terminals = reads[0].source.node, work.terminals_at.node
        path = replication.routes.path(source, terminals)
        round_trip_ns = replication.routes.round_trip_ns(terminals, source)
        reads = sorted(reads, key=lambda read: (read.asked_ns, read.entity))
        jobs = []
        for read in reads:
            size_bytes = read.first_bytes + read.rest_bytes
            wire_ns = nominal_wire_ns(replication.routes, path, size_bytes, work.tcp)
            # Connection, request and, for the rest of the study, a second request.
            alone_ns = wire_ns + 3 * round_trip_ns + 2 * work.server_ns
            jobs.append(Job(read.asked_ns, wire_ns, alone_ns))
        for left in unfinished(jobs, slots=sys.maxsize, at_ns=0):
            read = reads[left.job]
            if work.patience_ns is not None and read.asked_ns + work.patience_ns <= 0:
                continue  # Who asked so long ago had given up by now.
            bytes_left = max(1, round((read.first_bytes + read.rest_bytes) * left.remaining))
            rest = min(read.rest_bytes, bytes_left)
            remaining = read._replace(first_bytes=bytes_left - rest, rest_bytes=rest)
            replication.environment.process(self._fetch(remaining, read))

    def _fetch(self, read: Read, whole: Read | None = None) -> Process:
        """Fetch a read, or what is left of a whole one that is under way."""
        replication, work = self._replication, self._work
        place = work.terminals_at
        session = replication.begin_session(work, place.site, place.tier, read.asked_ns)
        if read.source.node == place.node:
            # The images lie behind no link: nothing to measure.
            yield replication.environment.timeout(work.server_ns + work.rendering_ns)
            replication.complete(session)
            return
        steps, watches = self._steps(read, whole)
        use = TransferUse(
            entity=read.entity,
            session=session,
            role="reader",
            opener=place,
            answerer=read.source,
            judged=ANSWERER,
            participant=place,
            class_index=work.class_index,
            tcp=work.tcp,
            probe_leg=self._probe_legs[read.source.node],
            connected=whole is not None,
        )
        opened = send(replication, use, steps, watches, read.asked_ns)
        if work.patience_ns is None:
            yield opened.done
        else:
            gives_up_ns = max(read.asked_ns + work.patience_ns, replication.now_ns)
            patience = replication.environment.timeout(gives_up_ns - replication.now_ns)
            yield opened.done | patience
            if not opened.done.triggered:
                replication.abandon(session, opened)
                return
        replication.complete(session)

    def _steps(self, read: Read, whole: Read | None) -> tuple[tuple[Step, ...], tuple[Watch, ...]]:
        """Return the messages of a read and what is measured of them.

        Of a read under way only the messages still to come; its measures name the whole objects.
        """
        work, asked = self._work, whole or read
        request = Step(OPENER, work.request_bytes, 0)
        server_ns = work.server_ns if whole is None else 0
        steps: list[Step] = []
        watches: list[Watch] = []
        if read.first_bytes > 0:
            steps += [request] if whole is None else []
            steps.append(Step(ANSWERER, read.first_bytes, server_ns, report=True))
            response = len(steps) - 1
            watches.append(Watch("response", response, asked.first_bytes, work.rendering_ns))
        if read.rest_bytes > 0:
            under_way = whole is not None and read.first_bytes == 0
            steps += [] if under_way else [request]
            delay_ns = 0 if under_way else work.server_ns
            steps.append(Step(ANSWERER, read.rest_bytes, delay_ns, report=True))
        if asked.first_bytes + asked.rest_bytes > 0 and work.whole_study:
            watches.append(Watch("study", len(steps) - 1, asked.first_bytes + asked.rest_bytes))
        return tuple(steps), tuple(watches)
