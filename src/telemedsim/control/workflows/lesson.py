"""Lessons on demand: ask the media server, watch the stream that it sends, ask it questions.

Learners are an open system: lessons are started by their own process, whatever the last one took.
The picture's start counts from asking: connection, request, the server's time, the first frame and
what the player holds back. The stream and the learner's connection are then independent.
"""

from collections.abc import Generator
from typing import Any

from telemedsim.control.picture_legs import LegEnd, Showing, open_picture
from telemedsim.control.probes import Probes
from telemedsim.control.questions import Asker, ask
from telemedsim.control.replication import Replication
from telemedsim.control.transfers import OPENER, TransferUse, send
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Step, Tree
from telemedsim.network.work import LessonWork
from telemedsim.parts.arrivals.poisson import InProgress, sessions_in_progress
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]
ROLE = "learner"


class Lessons(Workflow):
    """The learners of one site."""

    def __init__(self, replication: Replication, probes: Probes, work: LessonWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._probe_leg = -1
        self._entity = f"{work.scenario}/{work.learners_at.name}"

    def start(self) -> None:
        """Start the lessons when the window opens, those under way then with what is left of them."""
        self._replication.environment.process(self._window())

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        self._probe_leg = self._probes.leg_for(
            work, work.server_at, work.learners_at, work.questions.class_index
        )
        key = replication.key(self._entity, "arrivals")
        for one in sessions_in_progress(work.arrivals, key, self._lasts_ns, work.longest_ns):
            replication.environment.process(self._continue(one))
        for arrival in replication.arrivals(self._entity, work.arrivals, 0):
            yield replication.environment.timeout(arrival.time_ns - replication.now_ns)
            replication.environment.process(self._lesson(arrival.number))

    def _lasts_ns(self, number: int) -> int:
        work = self._work
        draws = self._replication.draws(f"{self._entity}/{number}", "lesson")
        drawn = draws.lognormal(work.duration_median_ns, work.duration_sigma)
        return min(max(1, round(drawn)), work.longest_ns)

    def _lesson(self, number: int) -> Process:
        """Ask for a lesson now and watch it to its end."""
        replication, work = self._replication, self._work
        asked_ns, place = replication.now_ns, work.learners_at
        session = replication.begin_session(work, place.site, place.tier, asked_ns)
        yield self._request(number, session)
        yield replication.environment.timeout(work.server_ns)
        stop_ns = replication.now_ns + self._lasts_ns(number)
        yield from self._watch(number, session, replication.now_ns, stop_ns)

    def _continue(self, one: InProgress) -> Process:
        """Watch the rest of a lesson that began before the window."""
        place = self._work.learners_at
        session = self._replication.begin_session(self._work, place.site, place.tier, one.start_ns)
        stop_ns = one.start_ns + one.duration_ns
        yield from self._watch(one.number, session, one.start_ns, stop_ns)

    def _request(self, number: int, session: SessionRecord) -> Any:
        """Open the connection and send the request; return the event of its arrival."""
        work = self._work
        use = TransferUse(
            entity=f"{self._entity}/{number}/request",
            session=session,
            role=ROLE,
            opener=work.learners_at,
            answerer=work.server_at,
            judged=OPENER,
            participant=work.learners_at,
            class_index=work.questions.class_index,
            tcp=work.tcp,
            probe_leg=self._probe_leg,
        )
        steps = (Step(OPENER, work.request_bytes, 0, report=True),)
        return send(self._replication, use, steps, (), self._replication.now_ns).done

    def _watch(self, number: int, session: SessionRecord, from_ns: int, stop_ns: int) -> Process:
        """Send the stream from now on and ask questions, both until the lesson's end."""
        replication, work = self._replication, self._work
        entity = f"{self._entity}/{number}"
        path = replication.routes.path(work.server_at.node, work.learners_at.node)
        showing = Showing(session, work.class_index, session.started_ns, stop_ns)
        end = LegEnd(0, ROLE, "down", work.learners_at, work.server_at, path)
        open_picture(replication, showing, entity, work.video, Tree.path(path), [end])
        asker = Asker(
            entity=entity,
            session=session,
            role=ROLE,
            place=work.learners_at,
            answered_at=work.server_at,
            probe_leg=self._probe_leg,
            from_ns=from_ns,
            until_ns=stop_ns,
        )
        answered = replication.environment.process(ask(replication, work.questions, asker))
        yield replication.environment.timeout(stop_ns - replication.now_ns)
        yield answered
        replication.complete(session)
