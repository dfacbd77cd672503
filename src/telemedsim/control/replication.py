"""What the processes of one replication share: clocks, numbering, records, flows.

Every draw is keyed by an entity's name; numbers of sessions, legs and flows only identify.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import simpy

from telemedsim.control.pump import SettableEnvironment
from telemedsim.control.routes import Routes
from telemedsim.core.random_streams import RandomStream, stream_key
from telemedsim.dataplane.base import DataPlane, Received, Report, Step, Stream, Transfer, Tree
from telemedsim.network.plan import Plan
from telemedsim.network.work import Work
from telemedsim.parts.arrivals import Arrival, ArrivalProcess
from telemedsim.parts.traffic import PacketSource, Playout
from telemedsim.parts.transport import Tcp
from telemedsim.records.sessions import (
    ABANDONED,
    BLOCKED,
    COMPLETED,
    LOST,
    ControlRecords,
    LegUse,
    ResourceRecord,
    SessionRecord,
)

NOT_SENT = -1
"""Flow of a unit that never began to send."""


@dataclass(frozen=True, slots=True)
class OpenTransfer:
    """A transfer that was opened, and the SimPy event of its end."""

    flow: int
    start_ns: int
    done: simpy.Event
    """Its last step has wholly arrived; the value is the Report."""


class Replication:
    """The shared state of one replication's processes; filled by them, read once at the end."""

    def __init__(self, plan: Plan, plane: DataPlane, opens_ns: int) -> None:
        self.plan = plan
        self.routes = Routes(plan)
        self.environment = SettableEnvironment(initial_time=opens_ns)
        self.window_opens = self.environment.timeout(-opens_ns)
        """Happens at time 0, when the first flows may be opened."""
        self._plane = plane
        self._flows = 0
        self._sessions: list[SessionRecord] = []
        self._legs: list[LegUse] = []
        self._resources: list[ResourceRecord] = []
        self._done: dict[int, simpy.Event] = {}
        self._shared: dict[str, simpy.Resource] = {}
        self._reached: dict[int, int] = {}
        """Flow -> its last reported step, of transfers that go on."""

    @property
    def now_ns(self) -> int:
        """The time after the window opens; negative before it."""
        return int(self.environment.now)

    def key(self, entity: str, purpose: str) -> int:
        """Return the key of an entity's draws in this replication."""
        return stream_key(self.plan.seed, self.plan.replication, entity, purpose)

    def shared(self, name: str, make: Callable[[], simpy.Resource]) -> simpy.Resource:
        """Return the resource of that name, made when it is first asked for."""
        if name not in self._shared:
            self._shared[name] = make()
        return self._shared[name]

    def draws(self, entity: str, purpose: str) -> RandomStream:
        """Return an entity's draws in order."""
        return RandomStream(self.key(entity, purpose))

    def arrivals(self, entity: str, process: ArrivalProcess, begin_ns: int) -> list[Arrival]:
        """Return an entity's arrivals from ``begin_ns`` (negative: before the window) to the end."""
        return process.arrivals(self.key(entity, "arrivals"), begin_ns, self.plan.duration_ns)

    def begin_session(self, work: Work, site: str, tier: str, started_ns: int) -> SessionRecord:
        """Record a session; one that began before the window is marked as in progress."""
        session = SessionRecord(
            session=len(self._sessions),
            scenario=work.scenario,
            service=work.service,
            site=site,
            tier=tier,
            started_ns=started_ns,
            in_progress=started_ns < 0,
        )
        self._sessions.append(session)
        return session

    def complete(self, session: SessionRecord) -> None:
        """Record that a session came to its end now."""
        session.ended_ns = self.now_ns
        session.outcome = COMPLETED

    def block(self, session: SessionRecord, resource: str) -> None:
        """Record that a session was refused now for lack of a resource."""
        session.ended_ns = self.now_ns
        session.outcome = BLOCKED
        session.blocked_by = resource

    def abandon(
        self, session: SessionRecord, opened: OpenTransfer | None = None, resource: str = ""
    ) -> None:
        """Record that a session's user gave up now, waiting for a transfer, which ends, or a resource."""
        self._end_early(session, opened, ABANDONED)
        session.blocked_by = resource

    def lose(self, session: SessionRecord, opened: OpenTransfer | None = None) -> None:
        """Record that a failure cut a session off now, and end its transfer."""
        self._end_early(session, opened, LOST)

    def _end_early(self, session: SessionRecord, opened: OpenTransfer | None, outcome: str) -> None:
        session.ended_ns = self.now_ns
        session.outcome = outcome
        if opened is not None and self._done.pop(opened.flow, None) is not None:
            self._plane.close(opened.flow)
            self._reached.pop(opened.flow, None)

    def cut_off(self, opened: OpenTransfer, leg: int) -> int:
        """End a transfer now, and its leg; return its last step that was reported, -1 for none.

        Times of steps that had not arrived are taken off the leg: another transfer brings them.
        """
        del self._done[opened.flow]
        self._plane.close(opened.flow)
        reached = self._reached.pop(opened.flow, -1)
        use = self._legs[leg]
        use.ended_ns = self.now_ns
        use.measures = tuple(one for one in use.measures if one.step <= reached)
        return reached

    def open_stream(
        self,
        entity: str,
        class_index: int,
        stop_ns: int,
        source: PacketSource,
        tree: Tree,
        playout: Playout | None,
    ) -> int:
        """Open a stream now and return its flow; it ends by itself at ``stop_ns``."""
        flow = self._next_flow()
        self._plane.open(
            Stream(
                flow=flow,
                key=self.key(entity, "packets"),
                class_index=class_index,
                start_ns=self._start_ns(),
                stop_ns=stop_ns,
                source=source,
                tree=tree,
                playout=playout,
            )
        )
        return flow

    def received(self, flow: int) -> list[Received]:
        """Return what each leg of a stream has seen up to now."""
        return self._plane.received(flow)

    def end_stream(self, flow: int, legs: Sequence[int]) -> None:
        """End a stream and its legs now, before its announced stop."""
        self._plane.close(flow)
        for leg in legs:
            self._legs[leg].ended_ns = self.now_ns

    def open_transfer(
        self,
        entity: str,
        class_index: int,
        ends: tuple[int, int],
        steps: tuple[Step, ...],
        tcp: Tcp,
        connected: bool = False,
        service: str = "",
    ) -> OpenTransfer:
        """Open a transfer between two nodes now, judged by a service; the event of its end comes back.

        Raises ValueError where the plane would not report the last step.
        """
        if not steps[-1].report:
            raise ValueError("the last step of a transfer must be reported")
        flow, start_ns = self._next_flow(), self._start_ns()
        done = self._done[flow] = self.environment.event()
        self._plane.open(
            Transfer(
                flow=flow,
                key=self.key(entity, "transfer"),
                class_index=class_index,
                start_ns=start_ns,
                forward=self.routes.path(ends[0], ends[1]),
                backward=self.routes.path(ends[1], ends[0]),
                steps=steps,
                tcp=tcp,
                connected=connected,
                delay_judged=service in self.plan.delay_judged,
            )
        )
        return OpenTransfer(flow, start_ns, done)

    def wake(self, report: Report) -> None:
        """Wake whoever waits for a transfer's end; its other reports are kept by the plane."""
        if not report.last:
            if report.flow in self._done:
                self._reached[report.flow] = report.step
        else:
            self._reached.pop(report.flow, None)
            # Who gave up, or was cut off, in this very instant is not woken any more.
            done = self._done.pop(report.flow, None)
            if done is not None:
                done.succeed(report)

    def next_leg(self) -> int:
        """Return the number that the next leg added must carry."""
        return len(self._legs)

    def add_leg(self, leg: LegUse) -> int:
        """Record a leg; return its number."""
        self._legs.append(leg)
        return leg.leg

    def add_resource(self, resource: ResourceRecord) -> ResourceRecord:
        """Record a resource, whose figures its owner keeps up to date; return it."""
        self._resources.append(resource)
        return resource

    def records(self, control_events: int) -> ControlRecords:
        """Return what was recorded."""
        return ControlRecords(self._sessions, self._legs, control_events, self._resources)

    def _next_flow(self) -> int:
        self._flows += 1
        return self._flows - 1

    def _start_ns(self) -> int:
        """Return the first instant at which a decision of now acts (rule 2 of ARCHITECTURE.md)."""
        return self.now_ns + 1
