"""Replication: a primary's new studies go to a survivor, over so many connections in order.

Blocks with the same primary copy the same studies. A study is released to a connection when it is
written, or at the next period; synchronously it is committed when the acknowledgement is back. When
the primary is lost, nothing more is written there, and what the survivor does not have wholly is lost;
lines through the primary's site stay.
"""

from collections.abc import Generator
from typing import Any

from telemedsim.control.probes import Probes
from telemedsim.control.recovery import Recovery
from telemedsim.control.replication import Replication
from telemedsim.control.study_queue import QueuedStudy, StudyQueue, StudyWay
from telemedsim.control.workflows import Workflow
from telemedsim.network.work import ReplicationWork

Process = Generator[Any, Any, None]


class StudyReplication(Workflow):
    """The copying of one primary's studies, and the recovery when it is lost."""

    def __init__(self, replication: Replication, probes: Probes, work: ReplicationWork) -> None:
        self._replication = replication
        self._work = work
        way = StudyWay(
            work=work,
            role="replication",
            sender=work.primary_at,
            archive=work.survivor_at,
            protocol=work.protocol,
            tcp=work.tcp,
            connections=work.connections,
            standing=True,
            commits=work.mode == "synchronous",
        )
        self._queue = StudyQueue(replication, probes, way)
        self._recovery = Recovery(replication, probes, work) if work.recovery is not None else None

    def start(self) -> None:
        """Start when the window opens, with what is left of the hours before."""
        environment = self._replication.environment
        environment.process(self._window())
        if self._recovery is not None:
            environment.process(self._disaster(self._recovery))

    def finish(self) -> None:
        """Record the studies that are not yet on their way, and a recovery that has not ended."""
        self._queue.record_waiting()
        if self._recovery is not None:
            self._recovery.finish()

    def _disaster(self, recovery: Recovery) -> Process:
        yield self._replication.window_opens
        yield self._replication.environment.timeout(recovery.lost_ns)
        self._queue.lose()
        yield from recovery.run()

    def _window(self) -> Process:
        replication = self._replication
        yield replication.window_opens
        self._queue.open()
        copies = self._copies()
        released_ns = [self._released_ns(copy) for copy in copies]
        earlier = sum(at < 0 for at in released_ns)
        left, _ = self._queue.left(copies[:earlier], released_ns[:earlier])
        for copy in [*left, *copies[earlier:]]:
            yield replication.environment.timeout(max(0, copy.came_ns - replication.now_ns))
            if self._queue.lost:
                return
            replication.environment.process(self._send(copy))

    def _copies(self) -> list[QueuedStudy]:
        """Return the studies of the primary, in order, those shortly before the window included."""
        work, replication = self._work, self._replication
        studies = f"studies/{work.primary_at.name}"
        copies = []
        for came in replication.arrivals(studies, work.arrivals, -work.lookback_ns):
            study = work.mix.draw(replication.draws(f"{studies}/{came.number}", "study"))
            entity = f"{work.scenario}/{work.primary_at.name}/{came.number}"
            copies.append(QueuedStudy(entity, came.time_ns, study, study.objects))
        return copies

    def _released_ns(self, copy: QueuedStudy) -> int:
        """Return when a study may be sent: at once, or when the next period begins."""
        period_ns, first_ns = self._work.period_ns, self._work.first_period_ns
        if not period_ns:
            return copy.came_ns
        return first_ns - (first_ns - copy.came_ns) // period_ns * period_ns

    def _send(self, copy: QueuedStudy) -> Process:
        self._queue.wait(copy)
        wait_ns = self._released_ns(copy) - self._replication.now_ns
        yield self._replication.environment.timeout(max(0, wait_ns))
        if not self._queue.lost:
            yield from self._queue.send(copy)
