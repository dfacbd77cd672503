"""Compiled replication of studies for disaster recovery."""

from dataclasses import dataclass

from telemedsim.network.work.base import Place, Work
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.studies import StudyMix
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True)
class ReplicationWork(Work):
    """One primary site and its survivor."""

    primary_at: Place
    survivor_at: Place
    arrivals: ArrivalProcess
    """Of studies stored at the primary site."""
    mix: StudyMix
    connections: int
    """Studies copied at the same time."""
    period_ns: int
    """Between two copies of all that is new; 0: each study is copied at once."""
    since_copy_ns: int
    """How long before the window the latest copy was due."""
    protocol: DicomProtocol
    tcp: Tcp
    lookback_ns: int
    """How much of the time before the window decides what is still waiting when it opens."""
