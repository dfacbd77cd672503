"""Compiled archiving by night."""

from dataclasses import dataclass

from telemedsim.network.work.base import Place, Work
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.studies import StudyMix
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True, slots=True)
class Night:
    """One night, and the day whose studies are due in it."""

    number: int
    """Days from the day on which the window opens to that on which the night begins."""
    start_ns: int
    """May lie before the window."""
    stop_ns: int
    """No batch is begun from then on."""
    made: ArrivalProcess
    """The studies of the day that has reached the age, counted from its midnight."""


@dataclass(frozen=True)
class ArchivingWork(Work):
    """One site's online storage and the archive that it is relieved by."""

    online_at: Place
    archive_at: Place
    nights: tuple[Night, ...]
    mix: StudyMix
    batch_studies: int
    connections: int
    protocol: DicomProtocol
    tcp: Tcp
    annual_tb: float
    """What the site makes in a year, after compression."""
