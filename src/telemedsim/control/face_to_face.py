"""Sound and picture of two people over the way between them, without a bridge."""

from telemedsim.control.replication import Replication
from telemedsim.control.sound_legs import Ear, Speech, open_microphone
from telemedsim.dataplane.base import Tree
from telemedsim.network.work import OnlineConsultationWork, Place
from telemedsim.records.sessions import LegUse, SessionRecord


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
        replication, work, video = self._replication, self._work, self._work.video
        for name, seen, watching in self._ways:
            path = replication.routes.path(seen.node, watching.node)
            flow = replication.open_stream(
                f"{self._entity}/{name}/camera",
                work.class_index,
                stop_ns,
                video.source,
                Tree.path(path),
                video.playout,
            )
            replication.add_leg(
                LegUse(
                    leg=replication.next_leg(),
                    session=self._session.session,
                    flow=flow,
                    flow_leg=0,
                    kind="stream",
                    role=name,
                    direction="up" if seen == self._patient else "down",
                    site=self._patient.site,
                    tier=self._session.tier,
                    peer=work.doctors_at.site,
                    path=path,
                    class_index=work.class_index,
                    joined_ns=joined_ns,
                    target_rate_bps=video.target_rate_bps,
                    video=video.name,
                    provisioned_bps=replication.routes.provisioned_bps(path),
                )
            )
