"""Probes: steady small packets that measure a path and a class of service.

One probe serves a connection's SLA and every transfer of its path and class, so that no path is
probed twice (definitions.md, rules 4 and 8).
"""

from dataclasses import dataclass

from telemedsim.control.replication import Replication
from telemedsim.dataplane.base import Tree
from telemedsim.network.work import ConnectionWork, Place, Probe, Work
from telemedsim.records.sessions import LegUse

NO_SESSION = -1
NO_PROBE = -1


@dataclass(frozen=True, slots=True)
class ProbeUse:
    """Why a probe is sent: what its leg is called in the tables."""

    kind: str
    """``connection`` or ``probe``."""
    scenario: str
    service: str
    direction: str
    """``up`` from the participant's place, ``down`` towards it."""


class Probes:
    """The probes of one replication, one for each path and class."""

    def __init__(self, replication: Replication) -> None:
        self._replication = replication
        self._legs: dict[tuple[tuple[int, ...], int], int] = {}

    def leg_for(self, work: Work, tail: Place, head: Place, class_index: int) -> int:
        """Return the leg that gives the loss from one place to another; its probe starts if new.

        -1 when no clause of the work bounds loss, or when no link lies between the places.
        """
        path = self._replication.routes.path(tail.node, head.node)
        if work.probe is None or not path:
            return NO_PROBE
        known = self._legs.get((path, class_index))
        if known is not None:
            return known
        use = ProbeUse("probe", work.scenario, work.service, "up")
        return self._send(use, work.probe, tail, head, class_index)

    def watch(self, work: ConnectionWork) -> None:
        """Probe a connection in both directions until the run ends."""
        ends = (("up", work.place, work.towards), ("down", work.towards, work.place))
        for direction, tail, head in ends:
            use = ProbeUse("connection", work.connection, work.service, direction)
            self._send(use, work.probe, tail, head, work.class_index)

    def _send(self, use: ProbeUse, probe: Probe, tail: Place, head: Place, class_index: int) -> int:
        replication = self._replication
        path = replication.routes.path(tail.node, head.node)
        class_name = replication.plan.classes[class_index]
        flow = replication.open_stream(
            f"{use.kind}/{use.scenario}/{class_name}/{tail.name}/{head.name}",
            class_index,
            replication.plan.duration_ns,
            probe.source,
            Tree.path(path),
            None,
        )
        site, peer = (tail, head) if use.direction == "up" else (head, tail)
        leg = replication.add_leg(
            LegUse(
                leg=replication.next_leg(),
                session=NO_SESSION,
                flow=flow,
                flow_leg=0,
                kind=use.kind,
                role=use.kind,
                direction=use.direction,
                site=site.site,
                tier=site.tier,
                peer=peer.site,
                path=path,
                class_index=class_index,
                joined_ns=replication.now_ns,
                provisioned_bps=replication.routes.provisioned_bps(path),
                scenario=use.scenario,
                service=use.service,
            )
        )
        self._legs.setdefault((path, class_index), leg)
        return leg
