"""Compiled monitoring by wearable terminals."""

from dataclasses import dataclass

from telemedsim.network.work.base import Place, Work
from telemedsim.parts.arrivals import ArrivalProcess
from telemedsim.parts.traffic import PacketSource
from telemedsim.parts.transport import Tcp


@dataclass(frozen=True)
class MonitoringWork(Work):
    """The wearable terminals of one site and the centre that they report to."""

    patients_at: Place
    centre_at: Place
    telemetry: PacketSource
    """The regular messages of all terminals of the site together."""
    alarms: ArrivalProcess
    """Of all terminals of the site together."""
    alarm_bytes: int
    tcp: Tcp
