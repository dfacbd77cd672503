"""Study upload: a front-end processor queues studies, compresses them and sends them to an archive.

It sends so many at a time as it has associations, first come first served. A study lies on its disk,
as large as it came, until the archive has acknowledged all of it; one that finds no room waits at its
modality. Studies of the hours before the window are drained nominally (`control.backlog`), and the
window opens with the rest.
"""

from collections.abc import Generator
from typing import Any, NamedTuple

import simpy

from telemedsim.control.backlog import Job, drained
from telemedsim.control.disk import Disk
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
from telemedsim.core.units import transmission_ns
from telemedsim.dataplane.base import Step
from telemedsim.network.work import UploadWork
from telemedsim.parts.traffic.dicom import store
from telemedsim.parts.traffic.studies import Study
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]
ASSOCIATION_MESSAGES = 2
"""Request and accept, which a study that is under way has behind it."""


class Upload(NamedTuple):
    """One study at the front-end processor."""

    entity: str
    came_ns: int
    study: Study
    objects_left: int
    under_way: bool


class Follower:
    """What follows an upload; after this one nothing does."""

    def came(self, upload: Upload) -> None:
        """Hear of a study that is at the front-end processor in the window."""

    def arrived(self, upload: Upload, at_ns: int) -> None:
        """Hear that a study is wholly in the archive: now, or at a time before the window."""


class StudyUpload(Workflow):
    """The front-end processor of one site."""

    def __init__(
        self,
        replication: Replication,
        probes: Probes,
        work: UploadWork,
        follower: Follower | None = None,
    ) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._slots = simpy.Resource(replication.environment, capacity=work.processor.associations)
        self._follower = follower or Follower()
        self._disk = Disk(
            replication, work.scenario, work.processor_at.site, work.processor.disk_bytes
        )
        self._probe_leg = NO_PROBE
        self._waiting: dict[str, tuple[Upload, SessionRecord]] = {}

    def start(self) -> None:
        """Start when the window opens, with what is left of the hours before.

        What arrived in those hours is told when the replication begins.
        """
        self._replication.environment.process(self._window())

    def finish(self) -> None:
        """Record the studies that still wait for the disk or an association."""
        for upload, session in self._waiting.values():
            steps = self._steps(upload)
            watches = lag_watches(upload.study, steps)
            record_unsent(self._replication, self._use(upload, session), watches, upload.came_ns)

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        entity = f"{work.scenario}/{work.processor_at.name}"
        arrivals = replication.arrivals(entity, work.arrivals, -work.lookback_ns)
        uploads = [self._upload(f"{entity}/{came.number}", came.time_ns) for came in arrivals]
        left = self._left([upload for upload in uploads if upload.came_ns < 0])
        yield replication.window_opens
        self._probe_leg = self._probes.leg_for(
            work, work.processor_at, work.archive_at, work.class_index
        )
        for upload in left:
            replication.environment.process(self._send(upload))
        for upload in uploads:
            if upload.came_ns >= 0:
                yield replication.environment.timeout(upload.came_ns - replication.now_ns)
                replication.environment.process(self._send(upload))

    def _upload(self, entity: str, came_ns: int) -> Upload:
        study = self._work.mix.draw(self._replication.draws(entity, "study"))
        return Upload(entity, came_ns, study, study.objects, under_way=False)

    def _left(self, uploads: list[Upload]) -> list[Upload]:
        """Return what a nominal drain leaves of the studies before the window, tell the others."""
        jobs = [self._job(upload) for upload in uploads]
        left, ended_ns = drained(jobs, self._work.processor.associations, at_ns=0)
        for job, at_ns in ended_ns.items():
            self._follower.arrived(uploads[job], at_ns)
        return [
            uploads[rest.job]._replace(
                objects_left=max(1, round(uploads[rest.job].study.objects * rest.remaining)),
                under_way=rest.began,
            )
            for rest in left
        ]

    def _job(self, upload: Upload) -> Job:
        """Return a study's nominal times: for C-STORE a round trip and the archive an object."""
        work, routes, study = self._work, self._replication.routes, upload.study
        here, archive = work.processor_at.node, work.archive_at.node
        object_bytes = work.protocol.object_on_wire_bytes(study.object_bytes)
        path = routes.path(here, archive)
        wire_ns = nominal_wire_ns(routes, path, study.objects * object_bytes, work.tcp)
        waits = -(-study.objects // work.protocol.window)
        if work.protocol.kind == "streamed":
            waits = 1
        wait_ns = routes.round_trip_ns(here, archive) + work.protocol.archive_ns
        return Job(upload.came_ns, wire_ns, wire_ns + waits * wait_ns + self._compression_ns(study))

    def _compression_ns(self, study: Study) -> int:
        rate_bps = self._work.processor.compression_bps
        return transmission_ns(study.raw_bytes, rate_bps) if rate_bps else 0

    def _send(self, upload: Upload) -> Process:
        replication, place = self._replication, self._work.processor_at
        session = replication.begin_session(self._work, place.site, place.tier, upload.came_ns)
        self._waiting[upload.entity] = (upload, session)
        self._follower.came(upload)
        yield from self._disk.store(upload.study.raw_bytes)
        with self._slots.request() as slot:
            yield slot
            del self._waiting[upload.entity]
            steps = self._steps(upload)
            opened = send(
                replication,
                self._use(upload, session),
                steps,
                lag_watches(upload.study, steps),
                upload.came_ns,
            )
            yield opened.done
        self._disk.remove(upload.study.raw_bytes)
        replication.complete(session)
        self._follower.arrived(upload, replication.now_ns)

    def _use(self, upload: Upload, session: SessionRecord) -> TransferUse:
        work = self._work
        return TransferUse(
            entity=upload.entity,
            session=session,
            role="upload",
            opener=work.processor_at,
            answerer=work.archive_at,
            judged=OPENER,
            participant=work.processor_at,
            class_index=work.class_index,
            tcp=work.tcp,
            probe_leg=self._probe_leg,
            connected=upload.under_way,
        )

    def _steps(self, upload: Upload) -> tuple[Step, ...]:
        """Return the messages still to be sent; the last one frees the association."""
        draws = self._replication.draws(upload.entity, "archive")
        messages = store(self._work.protocol, upload.objects_left, upload.study.object_bytes, draws)
        if upload.under_way and self._work.protocol.kind == "c_store":
            messages = messages[ASSOCIATION_MESSAGES:]
        compression_ns = 0 if upload.under_way else self._compression_ns(upload.study)
        return study_steps(messages, compression_ns)
