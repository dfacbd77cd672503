"""Sound and picture of two people over the way between them, without a bridge."""

from telemedsim.control.picture_legs import LegEnd, Showing, open_picture
from telemedsim.control.replication import Replication
from telemedsim.control.sound_legs import Ear, Speech, open_microphone
from telemedsim.dataplane.base import Tree
from telemedsim.network.work import OnlineConsultationWork, Place
from telemedsim.records.sessions import SessionRecord


class FaceToFace:
    """The streams of one consultation between a patient and a doctor."""

    def __init__(
        self,
        replication: Replication,
        work: OnlineConsultationWork,
        session: SessionRecord,
        entity: str,
        patient: Place,
    ) -> None:
        self._replication = replication
        self._work = work
        self._session = session
        self._entity = entity
        self._patient = patient
        self._ways = (("patient", patient, work.doctors_at), ("doctor", work.doctors_at, patient))
        """Who speaks or is seen, where, and to whom."""

    def open_sound(self, joined_ns: int, stop_ns: int) -> None:
        """Open both microphones now, if the work has sound; they were joined at ``joined_ns``."""
        sound = self._work.sound
        if sound is None:
            return
        speech = Speech(self._session, self._entity, joined_ns, stop_ns)
        for name, speaker, listener in self._ways:
            path = self._replication.routes.path(speaker.node, listener.node)
            ears = [Ear(0, listener, self._session.tier, speaker, path)]
            open_microphone(self._replication, sound, speech, name, Tree.path(path), ears)

    def open_video(self, joined_ns: int, stop_ns: int) -> None:
        """Open both cameras now."""
        replication, work = self._replication, self._work
        showing = Showing(self._session, work.class_index, joined_ns, stop_ns)
        for name, seen, watching in self._ways:
            path = replication.routes.path(seen.node, watching.node)
            direction = "up" if seen == self._patient else "down"
            end = LegEnd(0, name, direction, self._patient, work.doctors_at, path)
            entity = f"{self._entity}/{name}/camera"
            open_picture(replication, showing, entity, work.video, Tree.path(path), [end])
