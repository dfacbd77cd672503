"""Examinations: everyone opens the start page, gets the paper at one moment, and sends answers.

A candidate keeps the connection that the start page opened: paper and answers need no handshake,
and each begins with a fresh window, as TCP does after idling. A paper is asked for when it is
handed out, or when the start page has come, whichever is later; so is an answer with the paper.
"""

from collections.abc import Generator
from typing import Any

from telemedsim.control.probes import Probes
from telemedsim.control.replication import OpenTransfer, Replication
from telemedsim.control.transfers import ANSWERER, OPENER, TransferUse, Watch, send
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Step
from telemedsim.network.work import ExaminationWork
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]


class Examinations(Workflow):
    """The candidates of one site."""

    def __init__(self, replication: Replication, probes: Probes, work: ExaminationWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._probe_leg = -1

    def start(self) -> None:
        """Start every candidate of every examination when the window opens."""
        self._replication.environment.process(self._window())

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        self._probe_leg = self._probes.leg_for(
            work, work.server_at, work.candidates_at, work.class_index
        )
        for number, (start_ns, stop_ns) in enumerate(work.sittings):
            for candidate in range(work.candidates):
                name = f"{work.scenario}/{work.candidates_at.name}/{number}/candidate-{candidate}"
                replication.environment.process(self._candidate(name, start_ns, stop_ns))

    def _candidate(self, name: str, start_ns: int, stop_ns: int) -> Process:
        """Sit one examination; what lies before the window has been done."""
        replication, work = self._replication, self._work
        enters_ns = start_ns - self._drawn(name, "entry", work.entry_ns)
        released_ns = start_ns + self._drawn(name, "release", work.release_ns)
        if enters_ns >= 0:
            yield from self._until(enters_ns)
        place = work.candidates_at
        session = replication.begin_session(work, place.site, place.tier, enters_ns)
        if enters_ns >= 0:
            yield self._start_page(name, session).done
        if released_ns >= 0:
            yield from self._until(released_ns)
            yield self._paper(name, session).done
        answers = []
        for answer, sent_ns in enumerate(self._answer_times(name, released_ns, stop_ns)):
            if sent_ns >= 0:
                yield from self._until(sent_ns)
                answers.append(self._answer(f"{name}/answer-{answer}", session).done)
        yield replication.environment.all_of(answers)
        yield from self._until(stop_ns)
        replication.complete(session)

    def _drawn(self, name: str, purpose: str, within_ns: int) -> int:
        return int(self._replication.draws(name, purpose).uniform() * within_ns)

    def _answer_times(self, name: str, released_ns: int, stop_ns: int) -> list[int]:
        """Return when a candidate has each answer ready: random times while the paper is theirs."""
        draws = self._replication.draws(name, "answers")
        left_ns = max(0, stop_ns - released_ns)
        return sorted(
            released_ns + int(draws.uniform() * left_ns) for _ in range(self._work.answers)
        )

    def _until(self, time_ns: int) -> Process:
        """Wait for a time; one that has passed is now."""
        replication = self._replication
        if time_ns > replication.now_ns:
            yield replication.environment.timeout(time_ns - replication.now_ns)

    def _start_page(self, name: str, session: SessionRecord) -> OpenTransfer:
        work = self._work
        steps = (
            Step(OPENER, work.request_bytes, 0),
            Step(ANSWERER, work.page_bytes, work.server_ns, report=True),
        )
        watch = Watch("start", 1, work.page_bytes)
        return self._send(f"{name}/start", session, steps, watch, ANSWERER, connected=False)

    def _paper(self, name: str, session: SessionRecord) -> OpenTransfer:
        """Ask for the paper and, when its text has come, for all its images at once."""
        work = self._work
        request = Step(OPENER, work.request_bytes, 0)
        steps = [request, Step(ANSWERER, work.paper_bytes, work.server_ns, work.images_bytes == 0)]
        if work.images_bytes > 0:
            steps += [request, Step(ANSWERER, work.images_bytes, 0, report=True)]
        watch = Watch("download", len(steps) - 1, work.paper_bytes + work.images_bytes)
        return self._send(f"{name}/paper", session, tuple(steps), watch, ANSWERER)

    def _answer(self, name: str, session: SessionRecord) -> OpenTransfer:
        work = self._work
        steps = (
            Step(OPENER, work.answer_bytes, 0),
            Step(ANSWERER, work.confirmation_bytes, work.server_ns, report=True),
        )
        watch = Watch("interaction", 1, work.answer_bytes)
        return self._send(name, session, steps, watch, OPENER)

    def _send(
        self,
        entity: str,
        session: SessionRecord,
        steps: tuple[Step, ...],
        watch: Watch,
        judged: int,
        connected: bool = True,
    ) -> OpenTransfer:
        work = self._work
        use = TransferUse(
            entity=entity,
            session=session,
            role="candidate",
            opener=work.candidates_at,
            answerer=work.server_at,
            judged=judged,
            participant=work.candidates_at,
            class_index=work.class_index,
            tcp=work.tcp,
            probe_leg=self._probe_leg,
            connected=connected,
        )
        return send(self._replication, use, steps, (watch,), self._replication.now_ns)
