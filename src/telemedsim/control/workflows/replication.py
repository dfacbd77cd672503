"""Replication for disaster recovery: what a primary site stores is copied to a survivor.

Both modes are one queue, first come first served: an asynchronous copy may begin when a study is
stored and has several connections; a periodic one may begin when the next copy is due and has one.
A copy that is due while the one before still runs begins behind it. Studies of the hours before
the window are drained nominally (`control.backlog`), and the window opens with the rest.
"""

from collections.abc import Generator
from typing import Any, NamedTuple

import simpy

from telemedsim.control.backlog import Job, unfinished
from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.replication import Replication
from telemedsim.control.study_messages import lag_watches, study_steps
from telemedsim.control.transfers import (
    OPENER,
    TransferUse,
    nominal_wire_ns,
    record_unsent,
    send,
)
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Step
from telemedsim.network.work import ReplicationWork
from telemedsim.parts.traffic.dicom import store
from telemedsim.parts.traffic.studies import Study
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]


class Copy(NamedTuple):
    """One study at the primary site."""

    entity: str
    stored_ns: int
    due_ns: int
    """When it may be sent."""
    study: Study
    objects_left: int
    under_way: bool


class StudyReplication(Workflow):
    """The copies of one primary site."""

    def __init__(self, replication: Replication, probes: Probes, work: ReplicationWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._slots = simpy.Resource(replication.environment, capacity=work.connections)
        self._probe_leg = NO_PROBE
        self._waiting: dict[str, tuple[Copy, SessionRecord]] = {}

    def start(self) -> None:
        """Start when the window opens, with what is left of the hours before."""
        self._replication.environment.process(self._window())

    def finish(self) -> None:
        """Record the studies that are not yet on their way, with their age."""
        for copy, session in self._waiting.values():
            watches = lag_watches(copy.study, self._steps(copy))
            record_unsent(self._replication, self._use(copy, session), watches, copy.stored_ns)

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        self._probe_leg = self._probes.leg_for(
            work, work.primary_at, work.survivor_at, work.class_index
        )
        entity = f"{work.scenario}/{work.primary_at.name}"
        arrivals = replication.arrivals(entity, work.arrivals, -work.lookback_ns)
        copies = [self._copy(f"{entity}/{came.number}", came.time_ns) for came in arrivals]
        earlier = [copy for copy in copies if copy.due_ns < 0]
        for copy in [*self._left(earlier), *copies[len(earlier) :]]:
            if copy.stored_ns > replication.now_ns:
                yield replication.environment.timeout(copy.stored_ns - replication.now_ns)
            replication.environment.process(self._send(copy))

    def _copy(self, entity: str, stored_ns: int) -> Copy:
        study = self._work.mix.draw(self._replication.draws(entity, "study"))
        return Copy(entity, stored_ns, self._due_ns(stored_ns), study, study.objects, False)

    def _due_ns(self, stored_ns: int) -> int:
        """Return when a study may be sent: at once, or with the next periodic copy."""
        period_ns, since_ns = self._work.period_ns, self._work.since_copy_ns
        if not period_ns:
            return stored_ns
        return -(-(stored_ns + since_ns) // period_ns) * period_ns - since_ns

    def _left(self, copies: list[Copy]) -> list[Copy]:
        """Return what a nominal drain leaves of the studies due before the window."""
        jobs = [self._job(copy) for copy in copies]
        return [
            copies[rest.job]._replace(
                objects_left=max(1, round(copies[rest.job].study.objects * rest.remaining)),
                under_way=rest.began,
            )
            for rest in unfinished(jobs, self._work.connections, at_ns=0)
        ]

    def _job(self, copy: Copy) -> Job:
        """Return a study's nominal times."""
        work, routes = self._work, self._replication.routes
        here, there = work.primary_at.node, work.survivor_at.node
        object_bytes = work.protocol.object_on_wire_bytes(copy.study.object_bytes)
        size_bytes = copy.study.objects * object_bytes
        wire_ns = nominal_wire_ns(routes, routes.path(here, there), size_bytes, work.tcp)
        wait_ns = routes.round_trip_ns(here, there) + work.protocol.archive_ns
        return Job(copy.due_ns, wire_ns, wire_ns + wait_ns)

    def _send(self, copy: Copy) -> Process:
        replication, place = self._replication, self._work.primary_at
        session = replication.begin_session(self._work, place.site, place.tier, copy.stored_ns)
        self._waiting[copy.entity] = (copy, session)
        if copy.due_ns > replication.now_ns:
            yield replication.environment.timeout(copy.due_ns - replication.now_ns)
        with self._slots.request() as slot:
            yield slot
            del self._waiting[copy.entity]
            steps = self._steps(copy)
            watches = lag_watches(copy.study, steps)
            use = self._use(copy, session)
            opened = send(replication, use, steps, watches, copy.stored_ns)
            yield opened.done
        replication.complete(session)

    def _use(self, copy: Copy, session: SessionRecord) -> TransferUse:
        work = self._work
        return TransferUse(
            entity=copy.entity,
            session=session,
            role="replication",
            opener=work.primary_at,
            answerer=work.survivor_at,
            judged=OPENER,
            participant=work.primary_at,
            class_index=work.class_index,
            tcp=work.tcp,
            probe_leg=self._probe_leg,
            connected=copy.under_way,
        )

    def _steps(self, copy: Copy) -> tuple[Step, ...]:
        """Return the study and its acknowledgement, which frees the connection."""
        draws = self._replication.draws(copy.entity, "archive")
        messages = store(self._work.protocol, copy.objects_left, copy.study.object_bytes, draws)
        return study_steps(messages)
