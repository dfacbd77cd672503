"""Compiled broadcasts."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from telemedsim.network.work.base import Place, Sound, StreamWay, Video, Work, stream_classes
from telemedsim.network.work.questions import Questions


@dataclass(frozen=True, slots=True)
class Viewers:
    """The viewers at one place, and the relay that serves them."""

    place: Place
    count: int
    relay_at: Place | None
    """None when the source serves them itself."""


@dataclass(frozen=True)
class BroadcastWork(Work):
    """One source, many viewers."""

    source_at: Place
    viewers: tuple[Viewers, ...]
    delivery: Literal["unicast", "multicast", "relay"]
    video: Video
    shows: tuple[tuple[int, int], ...]
    """(start, stop) of each session; a start may lie before the window."""
    sound: Sound | None = None
    """Beside the picture; None for a broadcast whose sound is not simulated."""
    cameras: tuple[str, ...] = ("",)
    """Each sends a stream of the format to every viewer; a single one has no name."""
    questions: Questions | None = None
    """What each viewer asks the source; None where nobody asks."""

    def stream_ways(self) -> Iterator[StreamWay]:
        """From the source to each place of viewers, by its relay if it has one."""
        classes = stream_classes(self.class_index, self.sound)
        for viewers in self.viewers:
            stops = [one.node for one in (self.source_at, viewers.relay_at, viewers.place) if one]
            for ends in pairwise(stops):
                yield from ((ends, index) for index in classes)
