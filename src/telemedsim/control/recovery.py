"""After the loss of a primary: detection, switch-over, restart, and the working set over the WAN."""

from collections.abc import Generator
from typing import Any

from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.replication import Replication
from telemedsim.control.transfers import (
    ANSWERER,
    OPENER,
    TransferUse,
    Watch,
    record_unsent,
    send,
)
from telemedsim.dataplane.base import Step
from telemedsim.network.work import ReplicationWork
from telemedsim.records.sessions import SessionRecord

Process = Generator[Any, Any, None]


class Recovery:
    """The recovery of one primary's service at its survivor."""

    def __init__(self, replication: Replication, probes: Probes, work: ReplicationWork) -> None:
        assert work.recovery is not None
        self._replication = replication
        self._probes = probes
        self._work = work
        self._recovery = work.recovery
        self._preparing: SessionRecord | None = None

    @property
    def lost_ns(self) -> int:
        """When the primary is lost, from the opening of the window."""
        return self._recovery.at_ns

    def run(self) -> Process:
        """Recover from now on; the session ends when the users have their working set."""
        replication, recovery = self._replication, self._recovery
        place, lost_ns = recovery.users_at, replication.now_ns
        session = replication.begin_session(recovery, place.site, place.tier, lost_ns)
        self._preparing = session
        yield replication.environment.timeout(sum(ns for _, ns in self._stages()))
        self._preparing = None
        steps = (
            Step(OPENER, recovery.request_bytes, 0),
            Step(ANSWERER, recovery.working_set_bytes, recovery.server_ns, report=True),
        )
        opened = send(replication, self._use(session), steps, self._watches(), lost_ns)
        yield opened.done
        replication.complete(session)

    def finish(self) -> None:
        """Record a recovery whose working set is not asked for yet."""
        if self._preparing is not None:
            use, lost_ns = self._use(self._preparing), self._preparing.started_ns
            record_unsent(self._replication, use, self._watches(), lost_ns)

    def _stages(self) -> tuple[tuple[str, int], ...]:
        recovery = self._recovery
        return (
            ("detection", recovery.detection_ns),
            ("switch_over", recovery.switch_over_ns),
            ("restart", recovery.restart_ns),
        )

    def _watches(self) -> tuple[Watch, ...]:
        size_bytes = self._recovery.working_set_bytes
        return (Watch("recovery", 1, size_bytes, stages=self._stages()),)

    def _use(self, session: SessionRecord) -> TransferUse:
        recovery, survivor = self._recovery, self._work.survivor_at
        probe_leg = NO_PROBE
        if recovery.probe is not None:
            probe_leg = self._probes.leg_for(
                recovery, survivor, recovery.users_at, recovery.class_index
            )
        return TransferUse(
            entity=f"{recovery.scenario}/{self._work.primary_at.name}/recovery",
            session=session,
            role="recovery",
            opener=recovery.users_at,
            answerer=survivor,
            judged=ANSWERER,
            participant=recovery.users_at,
            class_index=recovery.class_index,
            tcp=self._work.tcp,
            probe_leg=probe_leg,
        )
