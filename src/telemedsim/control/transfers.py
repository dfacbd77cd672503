"""Transfers of a session: what is opened, recorded and waited for."""

from dataclasses import dataclass

from telemedsim.control.replication import NOT_SENT, OpenTransfer, Replication
from telemedsim.control.routes import Routes
from telemedsim.core.units import transmission_ns
from telemedsim.dataplane.base import Step
from telemedsim.network.work import Place
from telemedsim.parts.transport import Tcp
from telemedsim.records.sessions import LegUse, Measure, SessionRecord

OPENER, ANSWERER = 0, 1
"""Senders of a step: the end that opened the connection, and the other."""


@dataclass(frozen=True, slots=True)
class TransferUse:
    """What a transfer is in its session, apart from its steps."""

    entity: str
    session: SessionRecord
    role: str
    opener: Place
    answerer: Place
    judged: int
    """Whose data is judged: OPENER (an upload) or ANSWERER (a download)."""
    participant: Place
    class_index: int
    tcp: Tcp
    probe_leg: int
    connected: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """A measure of a step, before it is known when the transfer starts."""

    name: str
    step: int
    object_bytes: int
    server_after_ns: int = 0
    stages: tuple[tuple[str, int], ...] = ()
    """What the waiting before the transfer consisted of, in ns."""


def nominal_wire_ns(routes: Routes, path: tuple[int, ...], size_bytes: int, tcp: Tcp) -> int:
    """Return the time of application bytes at a path's provisioned rate, TCP and IP included."""
    segments = -(-size_bytes // tcp.segment_bytes)
    ip_bytes = size_bytes + segments * tcp.packet_overhead_bytes
    return transmission_ns(ip_bytes, routes.provisioned_bps(path))


def send(
    replication: Replication,
    use: TransferUse,
    steps: tuple[Step, ...],
    watches: tuple[Watch, ...],
    origin_ns: int,
) -> OpenTransfer:
    """Open a transfer now and record its leg; the time since ``origin_ns`` is waiting."""
    opened = replication.open_transfer(
        use.entity,
        use.class_index,
        (use.opener.node, use.answerer.node),
        steps,
        use.tcp,
        use.connected,
    )
    _record(replication, use, watches, origin_ns, opened.flow, opened.start_ns - origin_ns)
    return opened


def record_unsent(
    replication: Replication, use: TransferUse, watches: tuple[Watch, ...], origin_ns: int
) -> None:
    """Record the leg of a transfer that never began: all its time was waiting."""
    _record(replication, use, watches, origin_ns, NOT_SENT, replication.now_ns - origin_ns)


def _record(
    replication: Replication,
    use: TransferUse,
    watches: tuple[Watch, ...],
    origin_ns: int,
    flow: int,
    waiting_ns: int,
) -> None:
    sender, receiver = (use.opener, use.answerer)
    if use.judged == ANSWERER:
        sender, receiver = receiver, sender
    peer = receiver if use.participant == sender else sender
    path = replication.routes.path(sender.node, receiver.node)
    measures = tuple(
        Measure(
            watch.name,
            watch.step,
            origin_ns,
            watch.object_bytes,
            waiting_ns=waiting_ns,
            server_after_ns=watch.server_after_ns,
            stages=watch.stages,
        )
        for watch in watches
    )
    replication.add_leg(
        LegUse(
            leg=replication.next_leg(),
            session=use.session.session,
            flow=flow,
            flow_leg=use.judged,
            kind="transfer",
            role=use.role,
            direction="up" if use.participant == sender else "down",
            site=use.participant.site,
            tier=use.session.tier,
            peer=peer.site,
            path=path,
            class_index=use.class_index,
            joined_ns=origin_ns,
            provisioned_bps=replication.routes.provisioned_bps(path),
            measures=measures,
            probe_leg=use.probe_leg,
        )
    )
