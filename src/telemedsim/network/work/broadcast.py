"""Compiled broadcasts."""

from dataclasses import dataclass
from typing import Literal

from telemedsim.network.work.base import Place, Sound, Video, Work


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
