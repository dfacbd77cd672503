"""Compiled online consultations."""

from collections.abc import Iterator
from dataclasses import dataclass

from telemedsim.network.work.base import Place, Sound, StreamWay, Video, Work, streams_both_ways
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True, slots=True)
class Patients:
    """Who asks over one site's access line, and how often."""

    place: Place
    arrivals: ArrivalProcess


@dataclass(frozen=True, slots=True)
class Texting:
    """The written part of a consultation."""

    messages: int
    """Of both together, in turns, the patient first."""
    message_bytes: int
    class_index: int
    tcp: Tcp


@dataclass(frozen=True)
class OnlineConsultationWork(Work):
    """The doctors of one hospital and the patients that ask for them."""

    doctors_at: Place
    doctors: int
    patients: tuple[Patients, ...]
    patience_mean_ns: int
    phase_medians_ns: tuple[int, int, int]
    """Of text, of voice alone, of video with voice."""
    duration_sigma: float
    texting: Texting
    video: Video
    sound: Sound | None
    lookback_ns: int

    @property
    def runs_before_ns(self) -> int:
        """Consultations of that time hold doctors that a later one may wait for."""
        return self.lookback_ns

    def stream_ways(self) -> Iterator[StreamWay]:
        """Between each place of patients and the doctors."""
        for patients in self.patients:
            yield from streams_both_ways(
                patients.place, self.doctors_at, self.class_index, self.sound
            )
