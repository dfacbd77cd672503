"""Monitoring: the steady telemetry of a site's wearable terminals, and an alarm now and then.

Telemetry is background: its leg is counted in the tables and judged by no clause. An alarm opens a
connection of its own, so that its time holds the handshake too.
"""

from collections.abc import Generator
from typing import Any

from telemedsim.control.probes import NO_PROBE, NO_SESSION, Probes
from telemedsim.control.replication import Replication
from telemedsim.control.transfers import OPENER, TransferUse, Watch, send
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Step, Tree
from telemedsim.network.work import MonitoringWork
from telemedsim.records.sessions import LegUse

Process = Generator[Any, Any, None]


class Monitored(Workflow):
    """The wearable terminals of one site."""

    def __init__(self, replication: Replication, probes: Probes, work: MonitoringWork) -> None:
        self._replication = replication
        self._probes = probes
        self._work = work
        self._entity = f"{work.scenario}/{work.patients_at.name}"
        self._probe_leg = NO_PROBE

    def start(self) -> None:
        """Start telemetry and alarms when the window opens; alarms of before it have arrived."""
        self._replication.environment.process(self._window())

    def _window(self) -> Process:
        replication, work = self._replication, self._work
        yield replication.window_opens
        self._probe_leg = self._probes.leg_for(
            work, work.patients_at, work.centre_at, work.class_index
        )
        self._send_telemetry()
        for alarm in replication.arrivals(self._entity, work.alarms, 0):
            yield replication.environment.timeout(alarm.time_ns - replication.now_ns)
            replication.environment.process(self._alarm(f"{self._entity}/{alarm.number}"))

    def _send_telemetry(self) -> None:
        replication, work = self._replication, self._work
        path = replication.routes.path(work.patients_at.node, work.centre_at.node)
        flow = replication.open_stream(
            f"{self._entity}/telemetry",
            work.class_index,
            replication.plan.duration_ns,
            work.telemetry,
            Tree.path(path),
            None,
        )
        replication.add_leg(
            LegUse(
                leg=replication.next_leg(),
                session=NO_SESSION,
                flow=flow,
                flow_leg=0,
                kind="probe",
                role="telemetry",
                direction="up",
                site=work.patients_at.site,
                tier=work.patients_at.tier,
                peer=work.centre_at.site,
                path=path,
                class_index=work.class_index,
                joined_ns=replication.now_ns,
                provisioned_bps=replication.routes.provisioned_bps(path),
                scenario=work.scenario,
                service=work.service,
            )
        )

    def _alarm(self, entity: str) -> Process:
        """Send an alarm with its strip; it is there when its last byte is."""
        replication, work = self._replication, self._work
        place, raised_ns = work.patients_at, replication.now_ns
        session = replication.begin_session(work, place.site, place.tier, raised_ns)
        use = TransferUse(
            entity=entity,
            session=session,
            role="alarm",
            opener=place,
            answerer=work.centre_at,
            judged=OPENER,
            participant=place,
            class_index=work.class_index,
            tcp=work.tcp,
            probe_leg=self._probe_leg,
        )
        steps = (Step(OPENER, work.alarm_bytes, 0, report=True),)
        opened = send(replication, use, steps, (Watch("alarm", 0, work.alarm_bytes),), raised_ns)
        yield opened.done
        replication.complete(session)
