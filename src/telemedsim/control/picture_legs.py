"""Pictures: a stream of video opened in one format, and a leg for each end of it."""

from collections.abc import Sequence
from typing import NamedTuple

from telemedsim.control.replication import Replication
from telemedsim.dataplane.base import Tree
from telemedsim.network.work import Place, Video
from telemedsim.records.sessions import LegUse, SessionRecord


class LegEnd(NamedTuple):
    """Where a leg of a stream ends, and who takes part there."""

    flow_leg: int
    role: str
    direction: str
    place: Place
    peer: Place
    path: tuple[int, ...]


class Showing(NamedTuple):
    """A session whose pictures are opened, in which class of service, and between when they are seen."""

    session: SessionRecord
    class_index: int
    joined_ns: int
    stop_ns: int
    own_tiers: bool = False
    """Legs count for the tier of who takes part there, not for the session's."""


class OpenStream(NamedTuple):
    """A stream that was opened, and the numbers of its legs."""

    flow: int
    legs: tuple[int, ...]


def open_picture(
    replication: Replication,
    showing: Showing,
    entity: str,
    video: Video,
    tree: Tree,
    ends: Sequence[LegEnd],
) -> OpenStream:
    """Open one stream of video now, and record its legs."""
    flow = replication.open_stream(
        entity, showing.class_index, showing.stop_ns, video.source, tree, video.playout
    )
    first_leg, session = replication.next_leg(), showing.session
    for end in ends:
        replication.add_leg(
            LegUse(
                leg=replication.next_leg(),
                session=session.session,
                flow=flow,
                flow_leg=end.flow_leg,
                kind="stream",
                role=end.role,
                direction=end.direction,
                site=end.place.site,
                tier=end.place.tier if showing.own_tiers else session.tier,
                peer=end.peer.site,
                path=end.path,
                class_index=showing.class_index,
                joined_ns=showing.joined_ns,
                target_rate_bps=video.target_rate_bps,
                provisioned_bps=replication.routes.provisioned_bps(end.path),
                video=video.name,
            )
        )
    return OpenStream(flow, tuple(range(first_leg, replication.next_leg())))
