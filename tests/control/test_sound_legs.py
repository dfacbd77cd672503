"""Sound of a session: who hears whom, over which way, and that the picture is left as it was."""

from dataclasses import replace

import pytest

from control.control_plans import HOUR, READING_CLASS, VIDEO_CLASS, NominalPlane, S, Star
from control.test_broadcast import broadcast
from control.test_consultation import consultation
from telemedsim.control.world import simulate
from telemedsim.network.work import ConsultationWork, Sound
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.playout import Playout

MS = 1_000_000
SOUND = Sound(
    source=Constant(period_ns=20 * MS, ip_bytes=210),
    playout=Playout(
        jitter_buffer_ms=60, frame_period_ns=20 * MS, repair="none", concealed_gap_ms=60
    ),
    class_index=READING_CLASS,
    rate_bps=64_000,
)


def talk(star: Star, kind: str = "sfu") -> ConsultationWork:
    asking = (star.rooms("s0", 1, 1.0),)
    answering = (star.rooms("s1", 5), star.rooms("s2", 5))
    work = consultation(star, asking, answering, kind=kind, parties=3)
    return replace(work, sound=SOUND)


@pytest.mark.parametrize("kind", ["sfu", "mcu"])
def test_everybody_hears_everybody_else_over_the_bridge(kind: str) -> None:
    star, plane = Star(3), NominalPlane()
    control, _ = simulate(star.plan([talk(star, kind)], 10 * HOUR), plane)
    talked = [one for one in control.sessions if one.outcome == "completed" and not one.in_progress]
    assert talked
    for session in talked:
        ears = [
            one for one in control.legs if one.session == session.session and one.role == "sound"
        ]
        assert len(ears) == 3 * 2
        assert {(one.peer, one.site) for one in ears} == {
            (a, b) for a in ("s0", "s1", "s2") for b in ("s0", "s1", "s2") if a != b
        }
        centre = star.place("centre").node
        for one in ears:
            speaker, listener = star.place(f"{one.peer}.campus"), star.place(f"{one.site}.campus")
            way = star.path(speaker.node, centre) + star.path(centre, listener.node)
            assert one.path == way
            assert one.class_index == READING_CLASS
        assert len({one.flow for one in ears}) == 3, "one stream a microphone"


def test_sound_changes_nothing_of_the_picture() -> None:
    star = Star(3)
    heard, mute = NominalPlane(), NominalPlane()
    with_sound, _ = simulate(star.plan([talk(star)], 5 * HOUR), heard)
    without, _ = simulate(star.plan([replace(talk(star), sound=None)], 5 * HOUR), mute)
    assert with_sound.sessions == without.sessions

    def pictures(plane: NominalPlane) -> list[tuple[int, int, int]]:
        videos = [one for one in plane.streams.values() if one.class_index == VIDEO_CLASS]
        return [(one.key, one.start_ns, one.stop_ns) for one in videos]

    assert pictures(heard) == pictures(mute)


@pytest.mark.parametrize("delivery", ["unicast", "multicast", "relay"])
def test_a_broadcast_is_heard_where_it_is_seen(delivery: str) -> None:
    star, plane = Star(4), NominalPlane()
    work = replace(broadcast(star, delivery), sound=SOUND)
    control, _ = simulate(star.plan([work], HOUR), plane)
    seen = [
        (one.site, one.tier, one.path, one.flow_leg) for one in control.legs if one.role == "viewer"
    ]
    heard = [
        (one.site, one.tier, one.path, one.flow_leg) for one in control.legs if one.role == "sound"
    ]
    assert seen == heard
    picture, sound = plane.streams.values()
    assert (picture.tree, picture.start_ns, picture.stop_ns) == (
        sound.tree,
        sound.start_ns,
        sound.stop_ns,
    )
    assert sound.stop_ns == 3600 * S
