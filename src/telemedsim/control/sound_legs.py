"""The sound of a session: each microphone's stream over the bridge to everybody else.

Either kind of bridge hands the packets of sound on; that a multipoint control unit would mix them,
and take its time for it, is left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

from telemedsim.control.replication import Replication
from telemedsim.control.trees import NO_ROW, TreeBuilder
from telemedsim.dataplane.base import Tree
from telemedsim.network.work import Place, Sound
from telemedsim.records.sessions import SOUND, LegUse, SessionRecord


class Ear(NamedTuple):
    """Where a stream of sound is heard: its leg, the listener, the speaker, and the way."""

    flow_leg: int
    listener: Place
    tier: str
    """Tier that the leg counts for."""
    speaker: Place
    path: tuple[int, ...]


class Speech(NamedTuple):
    """A session whose sound is opened, and between when it is heard."""

    session: SessionRecord
    entity: str
    joined_ns: int
    stop_ns: int
    own_tiers: bool = False
    """Legs count for the tier of each listener, not for the session's."""


def open_sound(
    replication: Replication,
    sound: Sound,
    speech: Speech,
    bridge: Place,
    parties: Sequence[Place],
    open_microphones: int | None = None,
) -> None:
    """Open the microphones of the first parties now, or of all; all others hear them over the bridge."""
    routes = replication.routes
    for number, speaker in enumerate(parties[:open_microphones]):
        builder, ears = TreeBuilder(), list[Ear]()
        up = routes.path(speaker.node, bridge.node)
        at_bridge = builder.branch(up)
        for other, listener in enumerate(parties):
            if other == number:
                continue
            down = routes.path(bridge.node, listener.node)
            row = builder.branch(down, at_bridge)
            if row != NO_ROW:
                tier = listener.tier if speech.own_tiers else speech.session.tier
                ears.append(Ear(builder.end_leg(row), listener, tier, speaker, up + down))
        open_microphone(
            replication, sound, speech, f"{speaker.name}-{number}", builder.tree(), ears
        )


def open_microphone(
    replication: Replication,
    sound: Sound,
    speech: Speech,
    name: str,
    tree: Tree,
    ears: Sequence[Ear],
) -> None:
    """Open one stream of sound now, and record the legs of those who hear it; none, no stream."""
    if not ears:
        return
    entity = f"{speech.entity}/{name}/sound"
    flow = replication.open_stream(
        entity, sound.class_index, speech.stop_ns, sound.source, tree, sound.playout
    )
    for ear in ears:
        replication.add_leg(
            LegUse(
                leg=replication.next_leg(),
                session=speech.session.session,
                flow=flow,
                flow_leg=ear.flow_leg,
                kind="stream",
                role=SOUND,
                direction="down",
                site=ear.listener.site,
                tier=ear.tier,
                peer=ear.speaker.site,
                path=ear.path,
                class_index=sound.class_index,
                joined_ns=speech.joined_ns,
                target_rate_bps=sound.rate_bps,
                provisioned_bps=replication.routes.provisioned_bps(ear.path),
            )
        )
