"""Remote reporting: upload a study, wait for a reader, fetch, read, send the report back.

The readers of a centre are one resource with a worklist: the most urgent class first, then first
come; nobody who reads is interrupted. Cases of the hours before the window run through the same
worklist without packets, so that the window opens with the one that it would have.
"""

from collections.abc import Generator
from typing import Any

import simpy

from telemedsim.control.fetching import fetch, left_at_opening, nominal_fetch_ns, read_of
from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.replication import Replication
from telemedsim.control.study_queue import QueuedStudy
from telemedsim.control.transfers import (
    OPENER,
    TransferUse,
    Watch,
    nominal_wire_ns,
    record_unsent,
    send,
)
from telemedsim.control.workflows import Workflow
from telemedsim.control.workflows.study_upload import Follower, StudyUpload
from telemedsim.dataplane.base import Step
from telemedsim.network.work import Place, ReportingWork
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]
UPLOAD, WORKLIST, FETCH, READING, REPORT = "upload", "worklist", "fetch", "reading", "report"
"""Stages of a case, as its time is taken apart."""
LEAVING = -1
"""Rank in the worklist of a reader who goes off duty: before every case."""


class Case:
    """One examination on its way to a report."""

    def __init__(self, upload: QueuedStudy, asking: Place, rank: int) -> None:
        self.upload = upload
        self.asking = asking
        self.rank = rank
        """Place of its class in the worklist, 0 the most urgent."""
        self.session: SessionRecord | None = None
        """None until the window opens."""
        self._begun: list[tuple[str, int]] = [(UPLOAD, upload.came_ns)]

    @property
    def stage(self) -> str:
        """Where it is now."""
        return self._begun[-1][0]

    def enter(self, stage: str, now_ns: int) -> None:
        """Begin the next stage."""
        self._begun.append((stage, now_ns))

    def stages(self, now_ns: int) -> tuple[tuple[str, int], ...]:
        """Return each stage before the report and how long it took, until now at most."""
        ends = [*(began for _, began in self._begun[1:]), now_ns]
        return tuple(
            (stage, end - began)
            for (stage, began), end in zip(self._begun, ends, strict=True)
            if stage != REPORT
        )


class RemoteReporting(Workflow):
    """The cases of one centre."""

    def __init__(self, replication: Replication, probes: Probes, work: ReportingWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._readers = simpy.PriorityResource(replication.environment, work.readers.count)
        self._cases: dict[str, Case] = {}
        """Those that are seen by the window or may be, by entity."""
        self._uploads = [
            StudyUpload(replication, probes, one, AskingSite(self, one.processor_at))
            for one in work.uploads
        ]
        self._fetch_probe = NO_PROBE
        self._report_probes: dict[str, int] = {}

    def start(self) -> None:
        """Start the uploads, the readers' hours, and the sessions when the window opens."""
        environment = self._replication.environment
        environment.process(self._window())
        environment.process(self._off_duty())
        for upload in self._uploads:
            upload.start()

    def finish(self) -> None:
        """Record the studies that still wait, and the cases whose report was not sent."""
        for upload in self._uploads:
            upload.finish()
        for case in self._cases.values():
            if case.stage != REPORT and case.session is not None:
                use, watches = self._use(case, case.session), self._watches(case)
                record_unsent(self._replication, use, watches, case.upload.came_ns)

    def came(self, upload: QueuedStudy, asking: Place) -> None:
        """Begin the case of a study that is at its front-end processor in the window."""
        self._begin(self._case(upload, asking))

    def arrived(self, upload: QueuedStudy, asking: Place, at_ns: int) -> None:
        """Put a study that is wholly in the archive at a time into the worklist."""
        self._replication.environment.process(self._reported(upload, asking, at_ns))

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        fetching = work.fetch
        self._fetch_probe = self._probes.leg_for(
            fetching, fetching.source_at, fetching.terminals_at, fetching.class_index
        )
        for upload in work.uploads:
            asking = upload.processor_at
            self._report_probes[asking.name] = self._probes.leg_for(
                work, fetching.terminals_at, asking, work.class_index
            )
        for case in self._cases.values():
            self._begin(case)

    def _off_duty(self) -> Process:
        """Keep the places of readers who are away; who reads then ends the case first."""
        environment, readers = self._replication.environment, self._work.readers
        for begin_ns, end_ns in readers.away_ns:
            yield environment.timeout(begin_ns - self._replication.now_ns)
            leaving = [self._readers.request(priority=LEAVING) for _ in range(readers.away)]
            yield environment.timeout(end_ns - begin_ns)
            for request in leaving:
                if request.triggered:
                    self._readers.release(request)
                else:
                    request.cancel()

    def _case(self, upload: QueuedStudy, asking: Place) -> Case:
        weights = [weight for _, weight in self._work.priorities]
        rank = self._replication.draws(upload.entity, "priority").index(weights)
        case = self._cases[upload.entity] = Case(upload, asking, rank)
        return case

    def _begin(self, case: Case) -> None:
        place, came_ns = case.asking, case.upload.came_ns
        begin = self._replication.begin_session
        case.session = begin(self._work, place.site, place.tier, came_ns)

    def _reported(self, upload: QueuedStudy, asking: Place, at_ns: int) -> Process:
        """Take a case from its arrival in the worklist to the arrival of its report."""
        replication = self._replication
        environment = replication.environment
        yield environment.timeout(at_ns - replication.now_ns)
        case = self._cases.get(upload.entity) or self._case(upload, asking)
        case.enter(WORKLIST, replication.now_ns)
        with self._readers.request(priority=case.rank) as reader:
            yield reader
            case.enter(FETCH, replication.now_ns)
            yield from self._fetch(case)
            case.enter(READING, replication.now_ns)
            yield environment.timeout(self._reading_ns(upload))
        case.enter(REPORT, replication.now_ns)
        yield from self._send(case)
        del self._cases[upload.entity]

    def _fetch(self, case: Case) -> Process:
        """Fetch the whole study; before the window, as long as it takes on an empty path."""
        replication, work, upload = self._replication, self._work.fetch, case.upload
        entity, asked_ns = f"{upload.entity}/reading", replication.now_ns
        read = read_of(work, entity, asked_ns, work.source_at, upload.study.size_bytes)
        if asked_ns >= 0:
            yield from fetch(replication, work, read, self._fetch_probe)
            return
        rest = left_at_opening(replication.routes, work, read)
        if rest is None:
            _, alone_ns = nominal_fetch_ns(replication.routes, work, read)
            yield replication.environment.timeout(alone_ns)
            return
        yield replication.window_opens
        yield from fetch(replication, work, rest, self._fetch_probe, read)

    def _reading_ns(self, upload: QueuedStudy) -> int:
        time = self._work.reading[upload.study.modality]
        return time.draw_ns(self._replication.draws(upload.entity, "reading"))

    def _send(self, case: Case) -> Process:
        """Send the report to the asking site, or what is left of it when the window opens."""
        replication, work = self._replication, self._work
        size_bytes, under_way = work.report_bytes, replication.now_ns < 0
        if under_way:
            nominal_ns = self._nominal_report_ns(case)
            left_ns = replication.now_ns + nominal_ns
            if left_ns <= 0:
                yield replication.environment.timeout(nominal_ns)
                return
            yield replication.window_opens
            size_bytes = max(1, size_bytes * left_ns // nominal_ns)
        assert case.session is not None
        use = self._use(case, case.session, connected=under_way)
        steps = (Step(OPENER, size_bytes, 0, report=True),)
        opened = send(replication, use, steps, self._watches(case), case.upload.came_ns)
        yield opened.done
        replication.complete(case.session)

    def _nominal_report_ns(self, case: Case) -> int:
        routes, centre = self._replication.routes, self._work.fetch.terminals_at.node
        path = routes.path(centre, case.asking.node)
        wire_ns = nominal_wire_ns(routes, path, self._work.report_bytes, self._work.tcp)
        return wire_ns + routes.round_trip_ns(centre, case.asking.node)

    def _use(self, case: Case, session: SessionRecord, connected: bool = False) -> TransferUse:
        work = self._work
        return TransferUse(
            entity=f"{case.upload.entity}/report",
            session=session,
            role=f"report:{work.priorities[case.rank][0]}",
            opener=work.fetch.terminals_at,
            answerer=case.asking,
            judged=OPENER,
            participant=case.asking,
            class_index=work.class_index,
            tcp=work.tcp,
            probe_leg=self._report_probes.get(case.asking.name, NO_PROBE),
            connected=connected,
        )

    def _watches(self, case: Case) -> tuple[Watch, ...]:
        stages = case.stages(self._replication.now_ns)
        return (Watch("result", 0, self._work.report_bytes, stages=stages),)


class AskingSite(Follower):
    """What follows the uploads of one site: their cases at the centre."""

    def __init__(self, reporting: RemoteReporting, place: Place) -> None:
        self._reporting = reporting
        self._place = place

    def came(self, upload: QueuedStudy) -> None:
        """Begin the study's case."""
        self._reporting.came(upload, self._place)

    def arrived(self, upload: QueuedStudy, at_ns: int) -> None:
        """Put the study's case into the worklist."""
        self._reporting.arrived(upload, self._place, at_ns)
