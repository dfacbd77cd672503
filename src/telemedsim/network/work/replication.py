"""Compiled replication to a survivor."""

from dataclasses import dataclass
from typing import Literal

from telemedsim.network.work.base import Place, Work
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.traffic.dicom import DicomProtocol
from telemedsim.parts.traffic.studies import StudyMix
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True)
class RecoveryWork(Work):
    """The loss of one primary, and what passes until its users work again."""

    at_ns: int
    detection_ns: int
    switch_over_ns: int
    restart_ns: int
    users_at: Place
    working_set_bytes: int
    request_bytes: int
    server_ns: int


@dataclass(frozen=True)
class ReplicationWork(Work):
    """One primary and its survivor."""

    primary_at: Place
    survivor_at: Place
    mode: Literal["synchronous", "asynchronous", "periodic"]
    period_ns: int
    """Between two copies of all that is new; 0 unless the mode is periodic."""
    first_period_ns: int
    """When the first one of the window begins."""
    connections: int
    arrivals: ArrivalProcess
    mix: StudyMix
    protocol: DicomProtocol
    tcp: Tcp
    lookback_ns: int
    recovery: RecoveryWork | None
