"""Studies that go from one place to another, so many at a time, first come first served.

Front-end processors and copies to a survivor are both this queue. Studies of the hours before the
window are drained nominally (`control.backlog`), and the window opens with the rest.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import simpy

from telemedsim.control.backlog import Job, drained
from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.replication import OpenTransfer, Replication
from telemedsim.control.study_messages import lag_watches, study_steps
from telemedsim.control.transfers import (
    OPENER,
    TransferUse,
    Watch,
    nominal_wire_ns,
    record_unsent,
    send,
)
from telemedsim.dataplane.base import Step
from telemedsim.network.work import Place, Work
from telemedsim.parts.traffic.dicom import DicomProtocol, store
from telemedsim.parts.traffic.studies import Study
from telemedsim.parts.transport import Tcp
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]
ASSOCIATION_MESSAGES = 2
"""Request and accept, which a study that is under way has behind it."""


class QueuedStudy(NamedTuple):
    """One study where it is sent from."""

    entity: str
    came_ns: int
    """When it was there; its lag counts from then."""
    study: Study
    objects_left: int
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class StudyWay:
    """Where studies go, and how."""

    work: Work
    role: str
    sender: Place
    archive: Place
    protocol: DicomProtocol
    tcp: Tcp
    connections: int
    standing: bool = False
    """True: the connections stand open all day."""
    commits: bool = False
    """True: a study counts as stored when the archive's acknowledgement is back, which is measured."""


def at_once(_: Study) -> int:
    """Return the time to compress a study that is sent as it is, in ns."""
    return 0


class StudyQueue:
    """The studies of one way."""

    def __init__(
        self,
        replication: Replication,
        probes: Probes,
        way: StudyWay,
        compression_ns: Callable[[Study], int] = at_once,
    ) -> None:
        self._replication = replication
        self._probes = probes
        self._way = way
        self._compression_ns = compression_ns
        self._slots = simpy.Resource(replication.environment, capacity=way.connections)
        self._probe_leg = NO_PROBE
        self._waiting: dict[str, tuple[QueuedStudy, SessionRecord]] = {}
        self._sending: dict[str, tuple[SessionRecord, OpenTransfer]] = {}
        self.lost = False
        """True once the place that sends has been lost."""

    def open(self) -> None:
        """Begin to probe the way; the window has opened."""
        way = self._way
        self._probe_leg = self._probes.leg_for(
            way.work, way.sender, way.archive, way.work.class_index
        )

    def left(
        self, studies: Sequence[QueuedStudy], released_ns: Sequence[int]
    ) -> tuple[list[QueuedStudy], dict[int, int]]:
        """Return what a nominal drain leaves of studies before the window, and when the others ended.

        The ends are in ns by the study's position; ``released_ns`` is when each might be sent.
        """
        jobs = [self._job(one, at) for one, at in zip(studies, released_ns, strict=True)]
        left, ended_ns = drained(jobs, self._way.connections, at_ns=0)
        rest = [
            studies[one.job]._replace(
                objects_left=max(1, round(studies[one.job].study.objects * one.remaining)),
                under_way=one.began,
            )
            for one in left
        ]
        return rest, ended_ns

    def wait(self, queued: QueuedStudy) -> SessionRecord:
        """Begin the session of a study, which waits from now on."""
        place = self._way.sender
        session = self._replication.begin_session(
            self._way.work, place.site, place.tier, queued.came_ns
        )
        self._waiting[queued.entity] = (queued, session)
        return session

    def send(self, queued: QueuedStudy) -> Process:
        """Send a study that waits, as soon as a connection is free, until it is acknowledged."""
        with self._slots.request() as slot:
            yield slot
            if self.lost:
                return
            _, session = self._waiting.pop(queued.entity)
            steps = self._steps(queued)
            watches, use = self._watches(queued, steps), self._use(queued, session)
            opened = send(self._replication, use, steps, watches, queued.came_ns)
            self._sending[queued.entity] = (session, opened)
            yield opened.done
            if self._sending.pop(queued.entity, None) is None:
                return  # Lost in this very instant.
        self._replication.complete(session)

    def record_waiting(self) -> None:
        """Record the studies that are not on their way, with their age."""
        for queued, session in self._waiting.values():
            watches = self._watches(queued, self._steps(queued))
            use = self._use(queued, session)
            record_unsent(self._replication, use, watches, queued.came_ns)
        self._waiting.clear()

    def lose(self) -> None:
        """Lose the place that sends, now: what is not wholly in the archive is lost with it."""
        self.lost = True
        for _, session in self._waiting.values():
            self._replication.lose(session)
        self.record_waiting()
        for session, opened in self._sending.values():
            self._replication.lose(session, opened)
        self._sending.clear()

    def _job(self, queued: QueuedStudy, released_ns: int) -> Job:
        """Return a study's nominal times: for C-STORE a round trip and the archive an object."""
        way, routes, study = self._way, self._replication.routes, queued.study
        here, archive = way.sender.node, way.archive.node
        wire_bytes = study.objects * way.protocol.object_on_wire_bytes(study.object_bytes)
        wire_ns = nominal_wire_ns(routes, routes.path(here, archive), wire_bytes, way.tcp)
        waits = -(-study.objects // way.protocol.window)
        if way.protocol.kind == "streamed":
            waits = 1
        wait_ns = routes.round_trip_ns(here, archive) + way.protocol.archive_ns
        alone_ns = wire_ns + waits * wait_ns + self._compression_ns(study)
        return Job(released_ns, wire_ns, alone_ns)

    def _use(self, queued: QueuedStudy, session: SessionRecord) -> TransferUse:
        way = self._way
        return TransferUse(
            entity=queued.entity,
            session=session,
            role=way.role,
            opener=way.sender,
            answerer=way.archive,
            judged=OPENER,
            participant=way.sender,
            class_index=way.work.class_index,
            tcp=way.tcp,
            probe_leg=self._probe_leg,
            connected=way.standing or queued.under_way,
        )

    def _steps(self, queued: QueuedStudy) -> tuple[Step, ...]:
        """Return the messages still to be sent; the last one frees the connection."""
        protocol = self._way.protocol
        draws = self._replication.draws(queued.entity, "archive")
        messages = store(protocol, queued.objects_left, queued.study.object_bytes, draws)
        if queued.under_way and protocol.kind == "c_store":
            messages = messages[ASSOCIATION_MESSAGES:]
        compression_ns = 0 if queued.under_way else self._compression_ns(queued.study)
        return study_steps(messages, compression_ns)

    def _watches(self, queued: QueuedStudy, steps: tuple[Step, ...]) -> tuple[Watch, ...]:
        """Return the lag, and how long the commit took where one waits for the archive."""
        watches = lag_watches(queued.study, steps)
        if self._way.commits:
            watches += (Watch("commit", len(steps) - 1, queued.study.size_bytes),)
        return watches
