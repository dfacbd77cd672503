"""Compiled lessons on demand."""

from collections.abc import Iterator
from dataclasses import dataclass

from telemedsim.network.work.base import Place, StreamWay, Video, Work
from telemedsim.network.work.questions import Questions
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True)
class LessonWork(Work):
    """The learners of one site and the media server that sends each of them a lesson."""

    learners_at: Place
    server_at: Place
    arrivals: ArrivalProcess
    """Lessons that the site's learners start."""
    video: Video
    duration_median_ns: int
    duration_sigma: float
    longest_ns: int
    """Lessons are cut there; so far back those under way when the window opens are looked for."""
    request_bytes: int
    server_ns: int
    """From the request's last byte to the first packet of the lesson."""
    questions: Questions
    tcp: Tcp

    def stream_ways(self) -> Iterator[StreamWay]:
        """From the media server to the learners."""
        yield (self.server_at.node, self.learners_at.node), self.class_index
