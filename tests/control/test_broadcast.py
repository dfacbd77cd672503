"""Broadcasts: how many copies cross each link, who gets a leg, and when they are on."""

import math
from collections import Counter
from dataclasses import replace

import pytest

from control.control_plans import (
    HOUR,
    READING_CLASS,
    TCP,
    VIDEO,
    VIDEO_CLASS,
    NominalPlane,
    S,
    Star,
)
from telemedsim.control.routes import Routes
from telemedsim.control.workflows.broadcast import delivery_tree
from telemedsim.control.world import simulate
from telemedsim.network.work import BroadcastWork, Questions, Viewers

SITES, EACH = 3, 2
CAMERAS = ("surgical_field", "operating_room")
QUESTIONS = Questions(60.0, 1000, 2000, 50_000_000, READING_CLASS, TCP)


def broadcast(
    star: Star, delivery: str, source: str = "s0", shows: tuple[tuple[int, int], ...] = ((0, HOUR),)
) -> BroadcastWork:
    """Return a broadcast from a site to the others, two viewers a site, relayed at the centre."""
    relay = star.place("centre") if delivery == "relay" else None
    names = [f"s{i}.campus" for i in range(SITES + 1) if f"s{i}" != source]
    return BroadcastWork(
        scenario="lesson",
        service="education.broadcast_4k",
        class_index=VIDEO_CLASS,
        probe=None,
        source_at=star.place(source),
        viewers=tuple(Viewers(star.place(name), EACH, relay) for name in names),
        delivery=delivery,
        video=VIDEO,
        shows=shows,
    )


@pytest.mark.parametrize(
    ("delivery", "on_uplink", "on_each_line"),
    [("unicast", SITES * EACH, EACH), ("relay", 1, EACH), ("multicast", 1, 1)],
)
def test_copies_on_each_link(delivery: str, on_uplink: int, on_each_line: int) -> None:
    star = Star(SITES + 1)
    work = broadcast(star, delivery)
    tree, receptions = delivery_tree(Routes(star.plan([work], HOUR)), work)
    copies = Counter(tree.interface)
    uplink = star.path(star.place("s0").node, star.place("centre").node)
    assert copies[uplink[0]] == on_uplink
    for viewers in work.viewers:
        line = star.path(star.place("centre").node, viewers.place.node)
        assert [copies[interface] for interface in line] == [on_each_line] * len(line)
    assert len(receptions) == SITES * EACH
    assert all(parent < row for row, parent in enumerate(tree.parent))


@pytest.mark.parametrize("delivery", ["unicast", "relay", "multicast"])
def test_each_viewer_has_a_leg_that_ends_at_its_site(delivery: str) -> None:
    star = Star(SITES + 1)
    work = broadcast(star, delivery)
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR), plane)
    assert len(control.sessions) == 1
    assert len(plane.streams) == 1
    assert Counter(leg.site for leg in control.legs) == {f"s{i}": EACH for i in range(1, SITES + 1)}
    tree = plane.streams[0].tree
    for leg in control.legs:
        row, path = tree.leg.index(leg.flow_leg), []
        while row >= 0:
            path.append(tree.interface[row])
            row = tree.parent[row]
        assert tuple(path[::-1]) == leg.path
        assert leg.path == star.path(star.place("s0").node, star.place(f"{leg.site}.campus").node)


def test_viewers_at_one_place_share_the_last_copy_of_a_multicast() -> None:
    star = Star(SITES + 1)
    control, _ = simulate(star.plan([broadcast(star, "multicast")], HOUR), NominalPlane())
    legs = [leg for leg in control.legs if leg.site == "s1"]
    assert len({leg.leg for leg in legs}) == EACH
    assert len({leg.flow_leg for leg in legs}) == 1


def test_shows_before_within_and_after_the_window() -> None:
    star = Star(SITES + 1)
    shows = ((-HOUR, 60 * S), (60 * S, 120 * S), (90 * S, HOUR), (-HOUR, -S), (600 * S, HOUR))
    plane = NominalPlane()
    control, _ = simulate(star.plan([broadcast(star, "unicast", shows=shows)], 300 * S), plane)
    assert [
        (one.started_ns, one.ended_ns, one.outcome, one.in_progress) for one in control.sessions
    ] == [
        (-HOUR, 60 * S, "completed", True),
        (60 * S, 120 * S, "completed", False),
        (90 * S, -1, "running", False),
    ]
    assert [stream.stop_ns for stream in plane.streams.values()] == [60 * S, 120 * S, HOUR]
    assert all(leg.joined_ns == -HOUR for leg in control.legs if leg.session == 0)


def test_every_viewer_sees_every_camera_over_the_same_ways() -> None:
    star = Star(SITES + 1)
    work = replace(broadcast(star, "multicast"), cameras=CAMERAS)
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR), plane)
    first, second = plane.streams.values()
    assert first.tree == second.tree
    assert first.key != second.key
    assert Counter((leg.site, leg.role) for leg in control.legs) == {
        (f"s{site}", f"viewer:{camera}"): EACH for site in range(1, SITES + 1) for camera in CAMERAS
    }


def test_each_viewer_asks_the_source_while_the_show_is_on() -> None:
    star = Star(SITES + 1)
    shows = ((-HOUR // 2, HOUR // 2),)
    work = replace(broadcast(star, "relay", shows=shows), questions=QUESTIONS)
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR), plane)
    asked = [leg for leg in control.legs if leg.kind == "transfer"]
    # Poisson: within four deviations of so many an hour for each viewer's half hour in the window.
    mean = SITES * EACH * QUESTIONS.per_hour / 2
    assert abs(len(asked) - mean) < 4 * math.sqrt(mean)
    assert all(0 <= leg.joined_ns < HOUR // 2 for leg in asked)
    assert {(leg.site, leg.peer, leg.tier) for leg in asked} == {
        (f"s{site}", "s0", "county") for site in range(1, SITES + 1)
    }
    for leg in asked:
        viewer = star.place(f"{leg.site}.campus").node
        # Past the relay, and back.
        assert plane.transfers[leg.flow].forward == star.path(viewer, star.place("s0").node)
    assert [session.outcome for session in control.sessions] == ["completed"]


def test_another_site_changes_no_viewers_questions() -> None:
    star = Star(SITES + 1)
    work = replace(broadcast(star, "multicast"), questions=QUESTIONS)
    times = []
    for viewers in (work.viewers, work.viewers[1:]):
        plan = star.plan([replace(work, viewers=viewers)], HOUR)
        control, _ = simulate(plan, NominalPlane())
        times.append(
            [leg.joined_ns for leg in control.legs if leg.site == "s2" and leg.kind == "transfer"]
        )
    assert sorted(times[0]) == sorted(times[1]) != []
