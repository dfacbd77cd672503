"""Consultations: blocking, legs, streams, and what the window finds when it opens."""

import math
import statistics
from dataclasses import replace

import pytest
import simpy

from control.control_plans import (
    HOUR,
    PROBE,
    READING_CLASS,
    TCP,
    VIDEO,
    VIDEO_CLASS,
    NominalPlane,
    S,
    Star,
)
from telemedsim.control.rooms import RoomPool
from telemedsim.control.video_legs import Camera, shown_cameras
from telemedsim.control.world import simulate
from telemedsim.network.work import ConsultationWork, FetchWork, ImagePush, Rooms

MEAN_HOURS = 0.5 * math.exp(0.5 * 0.5**2)
"""Mean of the lognormal with median 30 min and sigma 0.5."""
T_99_OF_7 = 3.499
"""Student's t, two-sided 99 %, 7 degrees of freedom."""
Z_99 = 2.576


def consultation(
    star: Star,
    asking: tuple[Rooms, ...],
    answering: tuple[Rooms, ...],
    ports: int = 1000,
    kind: str = "sfu",
    parties: int = 2,
    push: ImagePush | None = None,
) -> ConsultationWork:
    return ConsultationWork(
        scenario="consult",
        service="consult.regular_room",
        class_index=VIDEO_CLASS,
        probe=None,
        bridge_at=star.place("centre"),
        bridge_ports=ports,
        bridge_kind=kind,
        asking=asking,
        answering=answering,
        parties=parties,
        video=VIDEO,
        duration_median_ns=1800 * S,
        duration_sigma=0.5,
        push=push,
        lookback_ns=8 * HOUR,
    )


def erlang_b(load: float, servers: int) -> float:
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


@pytest.mark.oracle
@pytest.mark.parametrize("limit", ["rooms", "bridge ports"])
def test_blocking_is_erlang_b(limit: str) -> None:
    """Erlang 1917: no queue, Poisson arrivals, any law of the holding time."""
    star = Star(4)
    servers, per_hour = 5, 2.0
    rooms = servers if limit == "rooms" else 1000
    ports = 2 * servers if limit == "bridge ports" else 1000
    asking = tuple(star.rooms(f"s{i}", 1000, per_hour) for i in range(4))
    work = consultation(star, asking, (star.rooms("centre", rooms),), ports)
    shares = []
    for seed in range(8):
        control, _ = simulate(star.plan([work], 120 * HOUR, seed=seed), NominalPlane())
        offered = [session for session in control.sessions if session.started_ns >= 0]
        blocked = [session for session in offered if session.outcome == "blocked"]
        shares.append(len(blocked) / len(offered))
        assert {session.blocked_by for session in blocked} == {f"{limit} at centre"}
    expected = erlang_b(4 * per_hour * MEAN_HOURS, servers)
    half_width = T_99_OF_7 * statistics.stdev(shares) / math.sqrt(len(shares))
    assert abs(statistics.mean(shares) - expected) < half_width


def test_window_opens_with_the_calls_in_progress() -> None:
    """By Little's law a station without blocking holds load calls on average at any time."""
    star = Star(30)
    per_hour = 1.0
    asking = tuple(star.rooms(f"s{i}", 1000, per_hour) for i in range(30))
    work = consultation(star, asking, (star.rooms("centre", 100_000),), 100_000)
    found = 0
    for seed in range(10):
        plane = NominalPlane()
        control, _ = simulate(star.plan([work], S, seed=seed), plane)
        running = [session for session in control.sessions if session.in_progress]
        assert all(session.started_ns < 0 for session in running)
        assert all(plane.opened_ns[leg.flow] == 0 for leg in control.legs if leg.joined_ns < 0)
        found += len(running)
    load = 10 * 30 * per_hour * MEAN_HOURS
    assert abs(found - load) < Z_99 * math.sqrt(load)


def test_session_still_running_at_the_end_stays_running() -> None:
    star = Star(1)
    work = consultation(star, (star.rooms("s0", 10, 60.0),), (star.rooms("centre", 100),))
    control, _ = simulate(star.plan([work], 600 * S), NominalPlane())
    outcomes = {session.outcome for session in control.sessions}
    assert "running" in outcomes
    for session in control.sessions:
        assert (session.ended_ns >= 0) == (session.outcome != "running")


def test_sfu_sends_each_camera_once_and_forwards_it() -> None:
    star = Star(1)
    work = consultation(
        star, (star.rooms("s0", 50, 20.0, screens=2),), (star.rooms("centre", 50, screens=3),)
    )
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR), plane)
    session = next(session for session in control.sessions if session.started_ns >= 0)
    legs = [leg for leg in control.legs if leg.session == session.session]
    streams = [plane.streams[flow] for flow in sorted({leg.flow for leg in legs})]
    # 2 cameras up from the site (site's campus and line), 3 from the centre's campus.
    assert sorted(leg.site for leg in legs if leg.direction == "up") == ["centre"] * 3 + ["s0"] * 2
    # The site shows 2 of 3 cameras, the centre both of the site's.
    assert (
        sorted(leg.site for leg in legs if leg.direction == "down") == ["centre"] * 2 + ["s0"] * 2
    )
    assert len(streams) == 5
    for leg in legs:
        rows = plane.streams[leg.flow].tree
        row, path = rows.leg.index(leg.flow_leg), []
        while row >= 0:
            path.append(rows.interface[row])
            row = rows.parent[row]
        assert tuple(path[::-1]) == leg.path


def test_mcu_sends_streams_of_its_own() -> None:
    star = Star(1)
    work = consultation(
        star,
        (star.rooms("s0", 50, 20.0, screens=2),),
        (star.rooms("centre", 50, screens=3),),
        kind="mcu",
    )
    control, _ = simulate(star.plan([work], HOUR), NominalPlane())
    session = next(session for session in control.sessions if session.started_ns >= 0)
    legs = [leg for leg in control.legs if leg.session == session.session]
    assert len(legs) == len({leg.flow for leg in legs}) == 2 * (2 + 3)
    assert all(
        leg.path[0] == star.path(0, 3)[0]
        for leg in legs
        if leg.peer == "centre" and leg.site == "s0" and leg.direction == "down"
    )


def test_a_room_shows_the_first_camera_of_each_other_before_the_second() -> None:
    star = Star(3)
    parties = (
        star.rooms("s0", 1, screens=3),
        star.rooms("s1", 1, screens=2),
        star.rooms("s2", 1, screens=2),
    )
    assert shown_cameras(parties, 0) == (Camera(1, 0), Camera(2, 0), Camera(1, 1))
    assert shown_cameras(parties, 1) == (Camera(0, 0), Camera(2, 0))


def test_video_begins_when_the_images_have_arrived() -> None:
    star = Star(1)
    push = ImagePush(size_bytes=50_000_000, class_index=1, tcp=TCP)
    work = consultation(star, (star.rooms("s0", 50, 20.0),), (star.rooms("centre", 50),), push=push)
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR), plane)
    begun = [session for session in control.sessions if session.started_ns >= 0]
    push_ns = 50_000_000 * 8 * S // 20_000_000 + 2 * 5_000_000
    complete = 0
    for session in begun:
        legs = [leg for leg in control.legs if leg.session == session.session]
        images, video = legs[0], legs[1:]
        assert images.role == "images"
        assert images.measures[0].object_bytes == 50_000_000
        for leg in video:
            assert leg.joined_ns == session.started_ns + 1 + push_ns
        complete += bool(video)
    assert complete > 0


def test_a_session_is_blocked_when_one_port_is_left_for_two_rooms() -> None:
    star = Star(2)
    parties = (star.rooms("s0", 3), star.rooms("centre", 3))
    pool = RoomPool(simpy.Environment(), consultation(star, parties[:1], parties[1:], ports=3))
    assert pool.lacking(parties) == ""
    held = pool.hold(parties)
    assert pool.lacking(parties) == "bridge ports at centre"
    pool.release(held)
    assert pool.lacking(parties) == ""


def test_images_are_shown_live_in_every_other_room_and_fetched_by_each() -> None:
    star = Star(4)
    places = [star.place(f"s{site}.campus") for site in range(4)]
    fetches = tuple(
        FetchWork(
            scenario="consult",
            service="reading.cloud_desktop",
            class_index=READING_CLASS,
            probe=PROBE,
            terminals_at=place,
            source_at=star.place("centre"),
            whole_study=True,
            first_image_bytes=5_000_000,
            request_bytes=600,
            server_ns=0,
            rendering_ns=0,
            tcp=TCP,
        )
        for place in places
    )
    plain = consultation(
        star,
        (star.rooms("s0", 50, 6.0),),
        tuple(star.rooms(f"s{site}", 50) for site in (1, 2, 3)),
        parties=4,
    )
    for kind in ("sfu", "mcu"):
        work = replace(
            plain, bridge_kind=kind, shared=VIDEO, fetches=fetches, study_bytes=60_000_000
        )
        plane = NominalPlane()
        control, _ = simulate(star.plan([work], HOUR), plane)
        bare, _ = simulate(star.plan([replace(plain, bridge_kind=kind)], HOUR), NominalPlane())
        talk = next(s for s in control.sessions if s.started_ns >= 0 and "consult" in s.service)
        other = next(s for s in bare.sessions if s.started_ns == talk.started_ns)
        more = [leg.site for leg in control.legs if leg.session == talk.session]
        for leg in bare.legs:
            if leg.session == other.session:
                more.remove(leg.site)
        # One more stream up from the presenting room, and one down to each of the three others.
        assert sorted(more) == ["s0", "s1", "s2", "s3"]
        reads = [s for s in control.sessions if s.started_ns == talk.started_ns and s != talk]
        assert sorted(s.site for s in reads) == ["s0", "s1", "s2", "s3"]
        assert {s.service for s in reads} == {"reading.cloud_desktop"}
        numbers = {s.session for s in reads}
        legs = [leg for leg in control.legs if leg.session in numbers]
        assert all(leg.measures[-1].object_bytes == 60_000_000 for leg in legs)
        assert all(leg.probe_leg >= 0 for leg in legs)
