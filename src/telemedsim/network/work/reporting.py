"""Compiled remote reporting."""

from collections.abc import Mapping
from dataclasses import dataclass

from telemedsim.network.work.base import Work
from telemedsim.network.work.imaging import FetchWork, ReadingTime, UploadWork
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True, slots=True)
class Readers:
    """The readers of a centre and their hours."""

    count: int
    away: int
    """How many of them are away outside of the hours of all."""
    away_ns: tuple[tuple[int, int], ...]
    """(from, to) of these times, counted from the opening of the window, in order."""


@dataclass(frozen=True)
class ReportingWork(Work):
    """The cases of one centre: sites that upload, and readers who report to them.

    Its service judges the whole case; `uploads` and `fetch` have services of their own.
    """

    uploads: tuple[UploadWork, ...]
    fetch: FetchWork
    """How a reader gets the images of a case; without a session of its own kind of arrivals."""
    readers: Readers
    priorities: tuple[tuple[str, float], ...]
    """Classes of the worklist and their weights, the most urgent first."""
    reading: Mapping[str, ReadingTime]
    """By modality."""
    report_bytes: int
    tcp: Tcp
    lookback_ns: int

    @property
    def runs_before_ns(self) -> int:
        """Cases of that time stand in the worklist when the window opens."""
        return self.lookback_ns
