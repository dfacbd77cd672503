"""Online consultation: wait for a doctor, write, talk, see each other; or give up before.

Doctors are a resource with a queue, first come, first served. Sessions of the hours before the
window go through the same queue without packets, so that the window opens with doctors at work and
patients waiting. Who gives up is recorded as abandoned; a doctor's time is not lost by it.
"""

from collections.abc import Generator
from itertools import accumulate
from typing import Any

import simpy

from telemedsim.control.face_to_face import FaceToFace
from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.replication import Replication
from telemedsim.control.transfers import ANSWERER, OPENER, TransferUse, Watch, send
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Step
from telemedsim.network.work import OnlineConsultationWork, Patients, Place
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]
Span = tuple[int, int]
"""[begin, end) of a phase, in ns after the window opens."""


class OnlineConsultations(Workflow):
    """The patients of one hospital's doctors."""

    def __init__(
        self, replication: Replication, probes: Probes, work: OnlineConsultationWork
    ) -> None:
        self._replication = replication
        self._work = work
        self._doctors = simpy.Resource(replication.environment, capacity=work.doctors)
        self._waiting: dict[str, tuple[Place, int]] = {}
        """Who waits, by name: where, and since when."""

    def start(self) -> None:
        """Start the arrivals of every site."""
        for patients in self._work.patients:
            self._replication.environment.process(self._arrivals(patients))

    def finish(self) -> None:
        """Record the patients that wait when the run ends."""
        for place, asked_ns in self._waiting.values():
            self._begin(place, asked_ns)

    def _arrivals(self, patients: Patients) -> Process:
        replication, work = self._replication, self._work
        entity = f"{work.scenario}/{patients.place.name}"
        for arrival in replication.arrivals(entity, patients.arrivals, -work.lookback_ns):
            yield replication.environment.timeout(arrival.time_ns - replication.now_ns)
            patient = self._patient(patients.place, f"{entity}/{arrival.number}")
            replication.environment.process(patient)

    def _patient(self, place: Place, entity: str) -> Process:
        """Wait for a doctor as long as patience lasts, then consult him."""
        replication, work = self._replication, self._work
        asked_ns = replication.now_ns
        draws = replication.draws(entity, "patience")
        patience_ns = round(draws.exponential(work.patience_mean_ns))
        self._waiting[entity] = (place, asked_ns)
        with self._doctors.request() as doctor:
            yield doctor | replication.environment.timeout(patience_ns)
            del self._waiting[entity]
            if doctor.triggered:
                yield from self._consult(place, entity, asked_ns)
            elif replication.now_ns >= 0:
                session = self._begin(place, asked_ns)
                replication.abandon(session, resource=f"doctors at {work.doctors_at.site}")

    def _consult(self, place: Place, entity: str, asked_ns: int) -> Process:
        """Live through the three phases; those before the window pass without packets."""
        replication = self._replication
        text, voice, video = self._phases(entity)
        if video[1] <= 0:
            yield replication.environment.timeout(video[1] - replication.now_ns)
            return
        if replication.now_ns < 0:
            yield replication.window_opens
        session = self._begin(place, asked_ns)
        if text[1] > 0:
            yield from self._write(place, session, entity, text)
        call = FaceToFace(replication, self._work, session, entity, place)
        # Sound goes on when the picture joins it.
        call.open_sound(voice[0], video[1])
        if voice[1] > 0:
            yield self._until(voice[1])
        call.open_video(*video)
        yield self._until(video[1])
        replication.complete(session)

    def _phases(self, entity: str) -> tuple[Span, Span, Span]:
        """Return when text, voice and video of a consultation that begins now are on."""
        work, now_ns = self._work, self._replication.now_ns
        draws = self._replication.draws(entity, "phases")
        lasts = [
            max(1, round(draws.lognormal(median_ns, work.duration_sigma)))
            for median_ns in work.phase_medians_ns
        ]
        begin, first, second, end = accumulate(lasts, initial=now_ns)
        return (begin, first), (first, second), (second, end)

    def _write(self, place: Place, session: SessionRecord, entity: str, span: Span) -> Process:
        """Send the messages of both in turns, spread over the phase."""
        texting = self._work.texting
        begin_ns, end_ns = span
        gap_ns = (end_ns - begin_ns) / texting.messages
        for number in range(texting.messages):
            due_ns = begin_ns + round((number + 0.5) * gap_ns)
            if due_ns < self._replication.now_ns:
                continue  # Written before the window opened.
            yield self._until(due_ns)
            self._send(place, session, entity, number)
        yield self._until(end_ns)

    def _send(self, place: Place, session: SessionRecord, entity: str, number: int) -> None:
        """Send one message, the patient's if its number is even; only the first opens a connection."""
        work, texting = self._work, self._work.texting
        sender = OPENER if number % 2 == 0 else ANSWERER
        use = TransferUse(
            entity=f"{entity}/text-{number}",
            session=session,
            role="text",
            opener=place,
            answerer=work.doctors_at,
            judged=sender,
            participant=place,
            class_index=texting.class_index,
            tcp=texting.tcp,
            probe_leg=NO_PROBE,
            connected=number > 0,
        )
        steps = (Step(sender, texting.message_bytes, 0, report=True),)
        watches = (Watch("text", 0, texting.message_bytes),)
        send(self._replication, use, steps, watches, self._replication.now_ns)

    def _begin(self, place: Place, asked_ns: int) -> SessionRecord:
        return self._replication.begin_session(self._work, place.site, place.tier, asked_ns)

    def _until(self, time_ns: int) -> simpy.Event:
        return self._replication.environment.timeout(time_ns - self._replication.now_ns)
