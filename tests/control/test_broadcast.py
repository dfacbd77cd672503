"""Broadcasts: how many copies cross each link, who gets a leg, and when they are on."""

from collections import Counter

import pytest

from control.control_plans import HOUR, VIDEO, VIDEO_CLASS, NominalPlane, S, Star
from telemedsim.control.routes import Routes
from telemedsim.control.workflows.broadcast import delivery_tree
from telemedsim.control.world import simulate
from telemedsim.network.work import BroadcastWork, Viewers

SITES, EACH = 3, 2


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
