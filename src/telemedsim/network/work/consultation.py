"""Compiled consultations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from telemedsim.network.work.base import (
    Adaptation,
    Place,
    Sound,
    StreamWay,
    Video,
    Work,
    streams_both_ways,
)
from telemedsim.network.work.imaging import FetchWork
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True, slots=True)
class Rooms:
    """The consultation rooms of one site."""

    place: Place
    rooms: int
    screens: int
    """Cameras and screens of a room: it sends and shows so many streams."""
    arrivals: ArrivalProcess | None
    """Sessions that this site asks for; None for a site that only answers."""


@dataclass(frozen=True, slots=True)
class ImagePush:
    """The images that the asking room sends before the video begins."""

    size_bytes: int
    class_index: int
    tcp: Tcp


@dataclass(frozen=True)
class ConsultationWork(Work):
    """The rooms of a scenario and the bridge that joins them."""

    bridge_at: Place
    bridge_ports: int
    bridge_kind: Literal["sfu", "mcu"]
    """sfu: the bridge forwards packets of the other rooms; mcu: it sends streams of its own."""
    asking: tuple[Rooms, ...]
    answering: tuple[Rooms, ...]
    parties: int
    """Rooms of a session, the asking one included."""
    video: Video
    duration_median_ns: int
    duration_sigma: float
    push: ImagePush | None
    lookback_ns: int
    sound: Sound | None = None
    """Of each room; None for a consultation whose sound is not simulated."""
    adaptation: Adaptation | None = None
    """None where rooms send the same format whatever happens."""
    shared: Video | None = None
    """What the asking room shows live on one more screen of the others."""
    fetches: tuple[FetchWork, ...] = ()
    """How the rooms of a site fetch the images; none for a site that does not."""
    study_bytes: int = 0
    """The images that are fetched."""

    @property
    def runs_before_ns(self) -> int:
        """Sessions of that time hold rooms that a later one may lack."""
        return self.lookback_ns

    def stream_ways(self) -> Iterator[StreamWay]:
        """Between each site with rooms and the bridge."""
        for rooms in (*self.asking, *self.answering):
            yield from streams_both_ways(rooms.place, self.bridge_at, self.class_index, self.sound)
