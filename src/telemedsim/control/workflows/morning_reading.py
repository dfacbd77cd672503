"""Joint reading: hospitals meet by video and open the same cases at the same moments.

A meeting is a session, and so is each terminal's fetch of a case. All terminals fetch the same
study, so that they load the lines, and the host's above all, at one moment.
"""

from collections.abc import Generator
from typing import Any

from telemedsim.control.fetching import fetch_when_asked, read_of
from telemedsim.control.probes import Probes
from telemedsim.control.replication import Replication
from telemedsim.control.sound_legs import Speech, open_sound
from telemedsim.control.video_legs import VideoLegs
from telemedsim.control.workflows import Workflow
from telemedsim.network.work import FetchWork, MorningReadingWork

Process = Generator[Any, Any, None]


class MorningReadings(Workflow):
    """The meetings of one host."""

    def __init__(self, replication: Replication, probes: Probes, work: MorningReadingWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work

    def start(self) -> None:
        """Start each meeting that the window sees."""
        for number, (start_ns, stop_ns) in enumerate(self._work.meetings):
            if stop_ns > 0 and start_ns < self._replication.plan.duration_ns:
                self._replication.environment.process(self._meeting(number, start_ns, stop_ns))

    def _meeting(self, number: int, start_ns: int, stop_ns: int) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        if start_ns > 0:
            yield replication.environment.timeout(start_ns)
        host, *_ = work.rooms
        session = replication.begin_session(work, host.place.site, host.place.tier, start_ns)
        entity = f"{work.scenario}/{work.bridge_at.name}/{number}"
        legs = VideoLegs(replication, work, session, entity, start_ns, stop_ns, own_tiers=True)
        legs.open(work.rooms)
        if work.sound is not None:
            speech = Speech(session, entity, start_ns, stop_ns, own_tiers=True)
            places = [rooms.place for rooms in work.rooms]
            open_sound(
                replication, work.sound, speech, work.bridge_at, places, work.open_microphones
            )
        for case in range(work.cases):
            opens_ns = start_ns + case * (stop_ns - start_ns) // work.cases
            for one in work.fetches:
                self._open_case(f"{entity}/case-{case}", opens_ns, one)
        yield replication.environment.timeout(stop_ns - replication.now_ns)
        replication.complete(session)

    def _open_case(self, case: str, opens_ns: int, one: FetchWork) -> None:
        """Let the terminals of a site fetch a case at its moment, or what is left of it by now."""
        replication, work = self._replication, self._work
        size_bytes = work.mix.draw(replication.draws(case, "study")).size_bytes
        probe_leg = self._probes.leg_for(one, one.source_at, one.terminals_at, one.class_index)
        for terminal in range(work.terminals):
            name = f"{case}/{one.terminals_at.name}/terminal-{terminal}"
            later_ns = round(replication.draws(name, "opening").uniform() * work.opening_ns)
            read = read_of(one, name, opens_ns + later_ns, one.source_at, size_bytes)
            replication.environment.process(fetch_when_asked(replication, one, read, probe_leg))
