"""The streams of a consultation: which room's screens see which room's cameras, and over what.

A selective forwarding unit (sfu) hands on the packets that it gets, so one stream goes from a
camera over the bridge to every screen that shows it, and a loss before the bridge is seen behind
it. A multipoint control unit (mcu) decodes and encodes: each room gets a fresh stream a screen.
"""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple, Protocol

from telemedsim.control.adaptation import adapt
from telemedsim.control.picture_legs import LegEnd, OpenStream, Showing, open_picture
from telemedsim.control.replication import Replication
from telemedsim.control.trees import NO_ROW, TreeBuilder
from telemedsim.network.work import Adaptation, Place, Rooms, Video
from telemedsim.records.sessions import SessionRecord


class Bridged(Protocol):
    """Work whose rooms meet over a bridge."""

    @property
    def class_index(self) -> int: ...
    @property
    def bridge_at(self) -> Place: ...
    @property
    def bridge_kind(self) -> str: ...
    @property
    def video(self) -> Video: ...
    @property
    def shared(self) -> Video | None: ...
    @property
    def adaptation(self) -> Adaptation | None: ...


class Camera(NamedTuple):
    """One stream of a room: the party's position in the session, and which of its cameras."""

    party: int
    number: int


def shown_cameras(parties: Sequence[Rooms], party: int) -> tuple[Camera, ...]:
    """Return which cameras of the others a room shows: one a screen, first cameras first."""
    cameras = (
        Camera(other, number)
        for number in range(max(rooms.screens for rooms in parties))
        for other, rooms in enumerate(parties)
        if other != party and number < rooms.screens
    )
    return tuple(cameras)[: parties[party].screens]


class VideoLegs:
    """Opens the streams of one session, from now to a known end.

    Legs count for the tier of the session, or for each room's own.
    """

    def __init__(
        self,
        replication: Replication,
        work: Bridged,
        session: SessionRecord,
        entity: str,
        joined_ns: int,
        stop_ns: int,
        own_tiers: bool = False,
    ) -> None:
        self._replication = replication
        self._work = work
        self._entity = entity
        self._showing = Showing(session, work.class_index, joined_ns, stop_ns, own_tiers)

    def open(self, parties: Sequence[Rooms]) -> None:
        """Open every stream of the session."""
        shown_by: dict[Camera, list[int]] = {}
        for party in range(len(parties)):
            for camera in shown_cameras(parties, party):
                shown_by.setdefault(camera, []).append(party)
        for party, rooms in enumerate(parties):
            for number in range(rooms.screens):
                watching = shown_by.get(Camera(party, number), [])
                others = [parties[other] for other in watching]
                self._open_sent(rooms, f"camera-{number}", others, self._work.video)
        if self._work.bridge_kind == "mcu":
            for rooms in parties:
                for number in range(rooms.screens):
                    self._open_composed(rooms, f"screen-{number}", self._work.video)
        if self._work.shared is not None:
            self._open_shared(parties, self._work.shared)

    def _open_shared(self, parties: Sequence[Rooms], video: Video) -> None:
        """Show the images of the first party, the asking room or the host, on one more screen of the others."""
        first, *others = parties
        self._open_sent(first, "shared", others, video)
        for rooms in others if self._work.bridge_kind == "mcu" else ():
            self._open_composed(rooms, "shared-screen", video)

    def _open_sent(self, rooms: Rooms, name: str, watching: Sequence[Rooms], video: Video) -> None:
        """Send one stream of a room to the bridge, which forwards it unless it is an mcu."""
        routes, bridge, room = self._replication.routes, self._work.bridge_at, rooms.place
        builder, ends = TreeBuilder(), list[LegEnd]()
        up = routes.path(room.node, bridge.node)
        at_bridge = builder.branch(up)
        if at_bridge != NO_ROW:
            flow_leg = builder.end_leg(at_bridge)
            ends.append(LegEnd(flow_leg, "bridge", "up", room, bridge, up))
        for other in watching if self._work.bridge_kind == "sfu" else ():
            down = routes.path(bridge.node, other.place.node)
            if down:
                flow_leg = builder.end_leg(builder.branch(down, at_bridge))
                ends.append(LegEnd(flow_leg, "room", "down", other.place, room, up + down))
        self._open_stream(f"{self._entity}/{room.name}/{name}", builder, ends, video)

    def _open_composed(self, rooms: Rooms, name: str, video: Video) -> None:
        """Send what the mcu composed for one screen of a room."""
        bridge, room = self._work.bridge_at, rooms.place
        builder = TreeBuilder()
        down = self._replication.routes.path(bridge.node, room.node)
        row = builder.branch(down)
        if row != NO_ROW:
            ends = [LegEnd(builder.end_leg(row), "room", "down", room, bridge, down)]
            self._open_stream(f"{self._entity}/{room.name}/{name}", builder, ends, video)

    def _open_stream(
        self, entity: str, builder: TreeBuilder, ends: list[LegEnd], video: Video
    ) -> None:
        """Open a stream and its legs now; its sender adapts where those of the work do."""
        if not ends:
            return
        replication, showing, tree = self._replication, self._showing, builder.tree()
        opened = open_picture(replication, showing, entity, video, tree, ends)
        rules = self._work.adaptation
        if rules is None or video is not self._work.video:
            return
        numbers = count(1)

        def reopen(other: Video) -> OpenStream:
            name = f"{entity}/{next(numbers)}"
            from_now = showing._replace(joined_ns=replication.now_ns)
            return open_picture(replication, from_now, name, other, tree, ends)

        way_ns = max(replication.routes.propagation_ns(end.path) for end in ends)
        process = adapt(replication, rules, video, opened, reopen, showing.stop_ns, way_ns)
        replication.environment.process(process)
