"""Study upload: a front-end processor queues studies, compresses them and sends them to an archive.

It sends so many at a time as it has associations, first come first served. A study lies on its disk,
as large as it came, until the archive has acknowledged all of it; one that finds no room waits at its
modality.
"""

from collections.abc import Generator
from typing import Any

from telemedsim.control.disk import Disk
from telemedsim.control.probes import Probes
from telemedsim.control.replication import Replication
from telemedsim.control.study_queue import QueuedStudy, StudyQueue, StudyWay
from telemedsim.control.workflows import Workflow
from telemedsim.core.units import transmission_ns
from telemedsim.network.work import UploadWork
from telemedsim.parts.traffic.studies import Study

Process = Generator[Any, Any, None]


class Follower:
    """What follows an upload; after this one nothing does."""

    def came(self, upload: QueuedStudy) -> None:
        """Hear of a study that is at the front-end processor in the window."""

    def arrived(self, upload: QueuedStudy, at_ns: int) -> None:
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
        self._work = work
        way = StudyWay(
            work=work,
            role="upload",
            sender=work.processor_at,
            archive=work.archive_at,
            protocol=work.protocol,
            tcp=work.tcp,
            connections=work.processor.associations,
        )
        self._queue = StudyQueue(replication, probes, way, self._compression_ns)
        self._follower = follower or Follower()
        self._disk = Disk(
            replication, work.scenario, work.processor_at.site, work.processor.disk_bytes
        )

    def start(self) -> None:
        """Start when the window opens, with what is left of the hours before.

        What arrived in those hours is told when the replication begins.
        """
        self._replication.environment.process(self._window())

    def finish(self) -> None:
        """Record the studies that still wait for the disk or an association."""
        self._queue.record_waiting()

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        entity = f"{work.scenario}/{work.processor_at.name}"
        arrivals = replication.arrivals(entity, work.arrivals, -work.lookback_ns)
        uploads = [self._upload(f"{entity}/{came.number}", came.time_ns) for came in arrivals]
        left = self._left([upload for upload in uploads if upload.came_ns < 0])
        yield replication.window_opens
        self._queue.open()
        for upload in left:
            replication.environment.process(self._send(upload))
        for upload in uploads:
            if upload.came_ns >= 0:
                yield replication.environment.timeout(upload.came_ns - replication.now_ns)
                replication.environment.process(self._send(upload))

    def _upload(self, entity: str, came_ns: int) -> QueuedStudy:
        study = self._work.mix.draw(self._replication.draws(entity, "study"))
        return QueuedStudy(entity, came_ns, study, study.objects)

    def _left(self, uploads: list[QueuedStudy]) -> list[QueuedStudy]:
        """Return what the window finds of the studies before it, tell when the others arrived."""
        left, ended_ns = self._queue.left(uploads, [upload.came_ns for upload in uploads])
        for position, at_ns in ended_ns.items():
            self._follower.arrived(uploads[position], at_ns)
        return left

    def _compression_ns(self, study: Study) -> int:
        rate_bps = self._work.processor.compression_bps
        return transmission_ns(study.raw_bytes, rate_bps) if rate_bps else 0

    def _send(self, upload: QueuedStudy) -> Process:
        self._queue.wait(upload)
        self._follower.came(upload)
        yield from self._disk.store(upload.study.raw_bytes)
        yield from self._queue.send(upload)
        self._disk.remove(upload.study.raw_bytes)
        self._follower.arrived(upload, self._replication.now_ns)
