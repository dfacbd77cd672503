"""Broadcast: one source, one tree of copies, one leg a viewer and camera, and what viewers ask."""

from collections import Counter
from collections.abc import Generator
from typing import Any, NamedTuple

from simpy import Event

from telemedsim.control.picture_legs import LegEnd, Showing, open_picture
from telemedsim.control.probes import NO_PROBE, Probes
from telemedsim.control.questions import Asker, ask
from telemedsim.control.replication import Replication
from telemedsim.control.routes import Routes
from telemedsim.control.sound_legs import Ear, Speech, open_microphone
from telemedsim.control.trees import NO_ROW, TreeBuilder
from telemedsim.control.workflows import Workflow
from telemedsim.dataplane.base import Tree
from telemedsim.network.work import BroadcastWork, Questions, Viewers

Process = Generator[Any, Any, None]


class Reception(NamedTuple):
    """One viewer: which leg of the stream ends there, and over which interfaces."""

    viewers: Viewers
    flow_leg: int
    path: tuple[int, ...]


def delivery_tree(routes: Routes, work: BroadcastWork) -> tuple[Tree, list[Reception]]:
    """Return the tree of a broadcast and its viewers, in their order.

    Unicast: a copy from the source for each viewer. Multicast: one copy a link; the viewers of
    one place share its last copy, and with it a leg of the stream. Relay: one copy from the
    source to each relay, and from there a copy for each viewer. A viewer at the source's own
    node is behind no link and has no leg.
    """
    builder, receptions = TreeBuilder(), list[Reception]()
    source, relay_rows = work.source_at.node, dict[int, int]()
    for viewers in work.viewers:
        relay = viewers.relay_at
        begin = routes.path(source, relay.node) if relay is not None else ()
        if relay is not None and relay.node not in relay_rows:
            relay_rows[relay.node] = builder.branch(begin)
        parent = relay_rows[relay.node] if relay is not None else NO_ROW
        rest = routes.path(relay.node if relay is not None else source, viewers.place.node)
        if not begin + rest:
            continue
        for _ in range(viewers.count):
            shared = work.delivery == "multicast"
            row = builder.share(rest) if shared else builder.branch(rest, parent)
            receptions.append(Reception(viewers, builder.end_leg(row), begin + rest))
    return builder.tree(), receptions


class Broadcasts(Workflow):
    """The broadcasts of one scenario."""

    def __init__(self, replication: Replication, probes: Probes, work: BroadcastWork) -> None:
        self._replication = replication
        self._work = work

    def start(self) -> None:
        """Start each show of the schedule."""
        for number, (start_ns, stop_ns) in enumerate(self._work.shows):
            self._replication.environment.process(self._show(number, start_ns, stop_ns))

    def _show(self, number: int, start_ns: int, stop_ns: int) -> Process:
        replication, work = self._replication, self._work
        if stop_ns <= 0 or start_ns >= replication.plan.duration_ns:
            return
        yield replication.window_opens
        if start_ns > 0:
            yield replication.environment.timeout(start_ns)
        source = work.source_at
        session = replication.begin_session(work, source.site, source.tier, start_ns)
        tree, receptions = delivery_tree(replication.routes, work)
        show = Speech(session, f"{work.scenario}/{source.name}/{number}", start_ns, stop_ns)
        for camera in work.cameras if receptions else ():
            self._film(show, camera, tree, receptions)
        if work.sound is not None:
            ears = [
                Ear(one.flow_leg, one.viewers.place, one.viewers.place.tier, source, one.path)
                for one in receptions
            ]
            open_microphone(replication, work.sound, show, source.name, tree, ears)
        asking = [] if work.questions is None else self._ask(show, receptions, work.questions)
        yield replication.environment.timeout(stop_ns - replication.now_ns)
        if asking:
            yield replication.environment.all_of(asking)
        replication.complete(session)

    def _film(self, show: Speech, camera: str, tree: Tree, receptions: list[Reception]) -> None:
        """Send the stream of one camera to everybody."""
        work = self._work
        entity = f"{show.entity}/{camera}" if camera else show.entity
        role = f"viewer:{camera}" if camera else "viewer"
        showing = Showing(
            show.session, work.class_index, show.joined_ns, show.stop_ns, own_tiers=True
        )
        ends = [
            LegEnd(one.flow_leg, role, "down", one.viewers.place, work.source_at, one.path)
            for one in receptions
        ]
        open_picture(self._replication, showing, entity, work.video, tree, ends)

    def _ask(self, show: Speech, receptions: list[Reception], questions: Questions) -> list[Event]:
        """Let each viewer ask the source until the end; return the events of their last answers."""
        seats: Counter[str] = Counter()
        asking: list[Event] = []
        for viewers, *_ in receptions:
            place = viewers.place
            asker = Asker(
                entity=f"{show.entity}/{place.name}/viewer-{seats[place.name]}",
                session=show.session,
                role="viewer",
                place=place,
                answered_at=self._work.source_at,
                probe_leg=NO_PROBE,
                from_ns=show.joined_ns,
                until_ns=show.stop_ns,
            )
            seats[place.name] += 1
            process = ask(self._replication, questions, asker)
            asking.append(self._replication.environment.process(process))
        return asking
