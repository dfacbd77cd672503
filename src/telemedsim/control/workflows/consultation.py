"""Consultation: take the rooms and the bridge's ports, push the images, talk, leave.

A session that finds no free room or port is blocked at once and goes away (no retrial). Sessions
of the hours before the window run through the same rooms without packets, so that the window
opens with rooms held as they would be, and with the calls that are still under way.
"""

from collections.abc import Generator
from typing import Any

from telemedsim.control.fetching import fetch_when_asked, read_of
from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.replication import Replication
from telemedsim.control.rooms import RoomPool
from telemedsim.control.sound_legs import Speech, open_sound
from telemedsim.control.transfers import (
    OPENER,
    TransferUse,
    Watch,
    nominal_wire_ns,
    send,
)
from telemedsim.control.video_legs import VideoLegs
from telemedsim.control.workflows import Workflow
from telemedsim.core.random_streams import RandomStream
from telemedsim.dataplane.base import Step
from telemedsim.network.work import ConsultationWork, ImagePush, Rooms
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]


class Consultations(Workflow):
    """The consultations of one scenario."""

    def __init__(self, replication: Replication, probes: Probes, work: ConsultationWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._pool = RoomPool(replication.environment, work)
        self._probe_legs: dict[str, int] = {}
        self._fetches = {one.terminals_at.name: one for one in work.fetches}
        self._fetch_probes: dict[str, int] = {}

    def start(self) -> None:
        """Start the arrivals of every asking site, and the probes when the window opens."""
        environment = self._replication.environment
        if self._work.push is not None:
            environment.process(self._probe_pushes(self._work.push))
        if self._fetches:
            environment.process(self._probe_fetches())
        for rooms in self._work.asking:
            environment.process(self._arrivals(rooms))

    def _probe_pushes(self, push: ImagePush) -> Process:
        yield self._replication.window_opens
        for rooms in self._work.asking:
            self._probe_legs[rooms.place.name] = self._probes.leg_for(
                self._work, rooms.place, self._work.bridge_at, push.class_index
            )

    def _probe_fetches(self) -> Process:
        yield self._replication.window_opens
        for name, one in self._fetches.items():
            self._fetch_probes[name] = self._probes.leg_for(
                one, one.source_at, one.terminals_at, one.class_index
            )

    def _arrivals(self, rooms: Rooms) -> Process:
        replication, work = self._replication, self._work
        if rooms.arrivals is None:
            return
        entity = f"{work.scenario}/{rooms.place.name}"
        for arrival in replication.arrivals(entity, rooms.arrivals, -work.lookback_ns):
            yield replication.environment.timeout(arrival.time_ns - replication.now_ns)
            session = self._session(rooms, f"{entity}/{arrival.number}")
            replication.environment.process(session)

    def _session(self, rooms: Rooms, entity: str) -> Process:
        replication, work = self._replication, self._work
        asked_ns = replication.now_ns
        draws = replication.draws(entity, "consultation")
        talk_ns = max(1, round(draws.lognormal(work.duration_median_ns, work.duration_sigma)))
        parties = (rooms, *self._choose_others(rooms, draws))
        lacking = self._pool.lacking(parties)
        if lacking:
            if asked_ns >= 0:
                replication.block(self._begin(rooms, asked_ns), lacking)
            return
        held = self._pool.hold(parties)
        if asked_ns < 0:
            yield from self._continue(parties, entity, talk_ns)
        else:
            yield from self._run(parties, entity, talk_ns)
        self._pool.release(held)

    def _run(self, parties: tuple[Rooms, ...], entity: str, talk_ns: int) -> Process:
        """Push the images and talk, both inside the window."""
        session = self._begin(parties[0], self._replication.now_ns)
        if self._work.push is not None:
            size_bytes = self._work.push.size_bytes
            yield from self._push(self._work.push, parties[0], session, entity, size_bytes)
        yield from self._talk(parties, session, entity, self._replication.now_ns, talk_ns)

    def _continue(self, parties: tuple[Rooms, ...], entity: str, talk_ns: int) -> Process:
        """Live through a session that began before the window; record it if the window sees it."""
        replication, push = self._replication, self._work.push
        asked_ns = replication.now_ns
        push_ns = self._nominal_push_ns(parties[0], push) if push is not None else 0
        joined_ns = asked_ns + push_ns
        if joined_ns + talk_ns <= 0:
            yield replication.environment.timeout(push_ns + talk_ns)
            return
        yield replication.window_opens
        session = self._begin(parties[0], asked_ns)
        if push is not None and joined_ns > 0:
            rest = max(1, push.size_bytes * joined_ns // push_ns)
            yield from self._push(push, parties[0], session, entity, rest)
            joined_ns = replication.now_ns
        yield from self._talk(parties, session, entity, joined_ns, talk_ns)

    def _begin(self, rooms: Rooms, asked_ns: int) -> SessionRecord:
        place = rooms.place
        return self._replication.begin_session(self._work, place.site, place.tier, asked_ns)

    def _push(
        self, push: ImagePush, rooms: Rooms, session: SessionRecord, entity: str, size_bytes: int
    ) -> Process:
        place, bridge = rooms.place, self._work.bridge_at
        if place.node == bridge.node:
            return
        use = TransferUse(
            entity=f"{entity}/images",
            session=session,
            role="images",
            opener=place,
            answerer=bridge,
            judged=OPENER,
            participant=place,
            class_index=push.class_index,
            tcp=push.tcp,
            probe_leg=self._probe_legs.get(place.name, NO_PROBE),
            connected=session.in_progress,
        )
        steps = (Step(OPENER, size_bytes, 0, report=True),)
        watches = (Watch("study", 0, size_bytes),)
        opened = send(self._replication, use, steps, watches, session.started_ns)
        yield opened.done

    def _nominal_push_ns(self, rooms: Rooms, push: ImagePush) -> int:
        """Return the push's time at the provisioned rate, for the time before the window."""
        routes = self._replication.routes
        path = routes.path(rooms.place.node, self._work.bridge_at.node)
        return nominal_wire_ns(routes, path, push.size_bytes, push.tcp) if path else 0

    def _talk(
        self,
        parties: tuple[Rooms, ...],
        session: SessionRecord,
        entity: str,
        joined_ns: int,
        talk_ns: int,
    ) -> Process:
        stop_ns = joined_ns + talk_ns
        legs = VideoLegs(self._replication, self._work, session, entity, joined_ns, stop_ns)
        legs.open(parties)
        if self._work.sound is not None:
            speech = Speech(session, entity, joined_ns, stop_ns)
            places = [rooms.place for rooms in parties]
            open_sound(self._replication, self._work.sound, speech, self._work.bridge_at, places)
        self._fetch_images(parties, entity, joined_ns)
        yield self._replication.environment.timeout(stop_ns - self._replication.now_ns)
        self._replication.complete(session)

    def _fetch_images(self, parties: tuple[Rooms, ...], entity: str, joined_ns: int) -> None:
        """Let each room fetch the images as it joins, a session of its own."""
        replication = self._replication
        for rooms in parties:
            work = self._fetches.get(rooms.place.name)
            if work is None:
                continue
            name = f"{entity}/{rooms.place.name}/reading"
            read = read_of(work, name, joined_ns, work.source_at, self._work.study_bytes)
            probe_leg = self._fetch_probes[rooms.place.name]
            replication.environment.process(fetch_when_asked(replication, work, read, probe_leg))

    def _choose_others(self, rooms: Rooms, draws: RandomStream) -> list[Rooms]:
        """Return the other parties, drawn without replacement from the sites that answer."""
        candidates = [other for other in self._work.answering if other.place != rooms.place]
        chosen: list[Rooms] = []
        while candidates and len(chosen) < self._work.parties - 1:
            chosen.append(candidates.pop(int(draws.uniform() * len(candidates))))
        return chosen
