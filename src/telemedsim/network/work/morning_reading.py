"""Compiled joint readings."""

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
from telemedsim.network.work.consultation import Rooms
from telemedsim.network.work.imaging import FetchWork
from telemedsim.parts.traffic.studies import StudyMix


@dataclass(frozen=True)
class MorningReadingWork(Work):
    """One host, the hospitals that meet there, and the cases that they open."""

    bridge_at: Place
    bridge_kind: Literal["sfu", "mcu"]
    rooms: tuple[Rooms, ...]
    """One of each site, the host's first."""
    meetings: tuple[tuple[int, int], ...]
    """(start, stop) of each; a start may lie before the window."""
    video: Video
    shared: Video | None
    """What the host shows live on one more screen of the others."""
    sound: Sound | None
    open_microphones: int
    """Rooms that are heard, the first ones."""
    cases: int
    """Of one meeting, at even intervals."""
    mix: StudyMix
    fetches: tuple[FetchWork, ...]
    """How the terminals of a site fetch a case."""
    terminals: int
    """At each of these sites."""
    opening_ns: int
    """Terminals open a case at random times in so long after its moment."""

    adaptation: Adaptation | None = None
    """How senders answer reports of loss; None for those who keep their format."""

    def stream_ways(self) -> Iterator[StreamWay]:
        """Between each room and the bridge."""
        for one in self.rooms:
            yield from streams_both_ways(one.place, self.bridge_at, self.class_index, self.sound)
