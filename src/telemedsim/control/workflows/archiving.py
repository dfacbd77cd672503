"""Archiving by night: batches of studies that have reached an age go to a nearline archive.

All studies due in a night are due when it begins, and their lag counts from there. A batch is one
connection on which they follow one another. No batch begins after the night's end; those left begin
in the next night, before its own. Of a night under way when the window opens a nominal drain leaves
the rest (`control.backlog`); nights before it are taken to have finished.
"""

from collections import deque
from collections.abc import Generator
from typing import Any, NamedTuple

from telemedsim.control.backlog import Job, unfinished
from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.replication import Replication
from telemedsim.control.study_messages import study_steps
from telemedsim.control.transfers import (
    OPENER,
    TransferUse,
    Watch,
    nominal_wire_ns,
    record_unsent,
    send,
)
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Step
from telemedsim.network.work import ArchivingWork, Night
from telemedsim.parts.arrivals.daily_profile import DAY_NS
from telemedsim.parts.traffic.dicom import store
from telemedsim.parts.traffic.studies import Study
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]


class Batch(NamedTuple):
    """Studies that go over one connection."""

    entity: str
    due_ns: int
    studies: tuple[Study, ...]
    under_way: bool = False


class Archiving(Workflow):
    """The nights of one site's online storage."""

    def __init__(self, replication: Replication, probes: Probes, work: ArchivingWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._probe_leg = NO_PROBE
        self._waiting: deque[Batch] = deque()

    def start(self) -> None:
        """Start every night of the window, and what is left of one under way."""
        self._replication.environment.process(self._window())

    def finish(self) -> None:
        """Record the batches that were due and have not begun."""
        for batch in self._waiting:
            use = self._use(batch, self._session(batch))
            record_unsent(self._replication, use, self._watches(batch), batch.due_ns)

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        self._probe_leg = self._probes.leg_for(
            work, work.online_at, work.archive_at, work.class_index
        )
        for night in work.nights:
            yield replication.environment.timeout(max(0, night.start_ns - replication.now_ns))
            batches = self._batches(night)
            self._waiting.extend(self._left(batches) if night.start_ns < 0 else batches)
            for _ in range(work.connections):
                replication.environment.process(self._sender(night))

    def _batches(self, night: Night) -> list[Batch]:
        """Return what is due in a night, in the order in which it was made."""
        work, draws = self._work, self._replication.draws
        entity = f"{work.scenario}/{work.online_at.name}/night-{night.number}"
        made = night.made.arrivals(self._replication.key(entity, "arrivals"), 0, DAY_NS)
        studies = [work.mix.draw(draws(f"{entity}/{one.number}", "study")) for one in made]
        return [
            Batch(
                f"{entity}/batch-{first // work.batch_studies}",
                night.start_ns,
                tuple(studies[first : first + work.batch_studies]),
            )
            for first in range(0, len(studies), work.batch_studies)
        ]

    def _left(self, batches: list[Batch]) -> list[Batch]:
        """Return what a nominal drain since the night's start leaves of its batches."""
        left = unfinished([self._job(one) for one in batches], self._work.connections, at_ns=0)
        return [self._rest(batches[one.job], one.remaining, one.began) for one in left]

    def _job(self, batch: Batch) -> Job:
        """Return a batch's nominal times: a round trip and the archive's time a study."""
        work, routes = self._work, self._replication.routes
        here, archive = work.online_at.node, work.archive_at.node
        wire_bytes = sum(
            study.objects * work.protocol.object_on_wire_bytes(study.object_bytes)
            for study in batch.studies
        )
        wire_ns = nominal_wire_ns(routes, routes.path(here, archive), wire_bytes, work.tcp)
        wait_ns = routes.round_trip_ns(here, archive) + work.protocol.archive_ns
        return Job(batch.due_ns, wire_ns, wire_ns + len(batch.studies) * wait_ns)

    @staticmethod
    def _rest(batch: Batch, remaining: float, began: bool) -> Batch:
        count = max(1, round(len(batch.studies) * remaining))
        return batch._replace(studies=batch.studies[-count:], under_way=began)

    def _sender(self, night: Night) -> Process:
        """Send batches one after another until none is left or the night ends."""
        replication = self._replication
        while self._waiting and replication.now_ns < night.stop_ns:
            batch = self._waiting.popleft()
            session = self._session(batch)
            opened = send(
                replication,
                self._use(batch, session),
                self._steps(batch),
                self._watches(batch),
                batch.due_ns,
            )
            yield opened.done
            replication.complete(session)

    def _session(self, batch: Batch) -> SessionRecord:
        place = self._work.online_at
        return self._replication.begin_session(self._work, place.site, place.tier, batch.due_ns)

    def _use(self, batch: Batch, session: SessionRecord) -> TransferUse:
        work = self._work
        return TransferUse(
            entity=batch.entity,
            session=session,
            role="archiving",
            opener=work.online_at,
            answerer=work.archive_at,
            judged=OPENER,
            participant=work.online_at,
            class_index=work.class_index,
            tcp=work.tcp,
            probe_leg=self._probe_leg,
            connected=batch.under_way,
        )

    def _steps(self, batch: Batch) -> tuple[Step, ...]:
        """Return the messages of all studies; the last acknowledgement ends the batch."""
        draws = self._replication.draws(batch.entity, "archive")
        messages = [
            message
            for study in batch.studies
            for message in store(self._work.protocol, study.objects, study.object_bytes, draws)
        ]
        return study_steps(messages)

    def _watches(self, batch: Batch) -> tuple[Watch, ...]:
        """Return the lag of each study: it ends when its last byte is in the archive."""
        return tuple(
            Watch("lag", 2 * number, study.size_bytes) for number, study in enumerate(batch.studies)
        )
