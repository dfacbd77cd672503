"""Nights of archiving: what is due, when batches begin and end, what goes on in the next night."""

import math
from dataclasses import replace

from control.control_plans import (
    FLAT,
    HOUR,
    MIX,
    PROPAGATION_NS,
    PROTOCOL,
    RATE_BPS,
    TCP,
    UPLOAD_CLASS,
    NominalPlane,
    S,
    Star,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import ArchivingWork, Night
from telemedsim.parts.arrivals.poisson import Poisson
from telemedsim.records.sessions import LegUse

DAY = 24 * HOUR
STREAMED = PROTOCOL.model_copy(update={"kind": "streamed", "archive_sigma": 0.0})
SLACK_NS = 10
"""A decision acts 1 ns later, and each step is rounded."""


def night(number: int, start_ns: int, length_ns: int, studies: float) -> Night:
    made = Poisson(profile=FLAT, per_weekday=studies, opens_ns=number * DAY)
    return Night(number, start_ns, start_ns + length_ns, made)


def archiving(star: Star, *nights: Night, site: str = "s0", connections: int = 1) -> ArchivingWork:
    return ArchivingWork(
        scenario="archive",
        service="storage.archive",
        class_index=UPLOAD_CLASS,
        probe=None,
        online_at=star.place(site),
        archive_at=star.place("centre"),
        nights=nights,
        mix=MIX,
        batch_studies=10,
        connections=connections,
        protocol=STREAMED,
        tcp=TCP,
        annual_tb=1.0,
    )


def run(star: Star, duration_ns: int, *works: ArchivingWork) -> tuple[list[LegUse], NominalPlane]:
    plane = NominalPlane()
    control, _ = simulate(star.plan(works, duration_ns), plane)
    return [leg for leg in control.legs if leg.role == "archiving"], plane


def test_a_night_sends_all_that_a_day_made_one_batch_after_another() -> None:
    star, expected = Star(1), 100.0
    legs, plane = run(star, 10 * HOUR, archiving(star, night(0, 0, 8 * HOUR, expected)))
    studies = [measure for leg in legs for measure in leg.measures]
    assert abs(len(studies) - expected) < 2.576 * math.sqrt(expected)
    assert {measure.origin_ns for measure in studies} == {0}
    assert all(len(leg.measures) == 10 for leg in legs[:-1])
    # Each begins when the one before has ended: its bits, and a path, for every message.
    began_ns = 0
    for leg in legs:
        transfer = plane.transfers[leg.flow]
        assert abs(plane.opened_ns[leg.flow] - began_ns) <= SLACK_NS * (len(transfer.steps) + 1)
        began_ns = plane.opened_ns[leg.flow] + sum(
            step.delay_ns + step.size_bytes * 8 * S // RATE_BPS + PROPAGATION_NS
            for step in transfer.steps
        )


def test_what_a_short_night_leaves_goes_first_in_the_next() -> None:
    star = Star(1)
    short = night(0, 0, HOUR // 60, 300.0)
    legs, plane = run(star, 30 * HOUR, archiving(star, short, night(1, DAY, 6 * HOUR, 50.0)))
    began = [(plane.opened_ns[leg.flow], leg.joined_ns) for leg in legs]
    in_first = [joined for opened, joined in began if opened < DAY]
    in_second = [joined for opened, joined in began if opened >= DAY]
    assert all(opened < short.stop_ns for opened, _ in began if opened < DAY)
    assert set(in_first) == {0}
    assert set(in_second) == {0, DAY}
    assert in_second == sorted(in_second)


def test_a_night_that_began_before_the_window_goes_on_with_the_rest() -> None:
    star = Star(1)
    whole, _ = run(star, 10 * HOUR, archiving(star, night(0, 0, 8 * HOUR, 300.0)))
    earlier = archiving(star, night(0, -HOUR // 6, 8 * HOUR, 300.0))
    legs, plane = run(star, 10 * HOUR, earlier)
    assert 0 < len(legs) < len(whole)
    assert [plane.transfers[leg.flow].connected for leg in legs] == [True] + [False] * (
        len(legs) - 1
    )
    assert {leg.joined_ns for leg in legs} == {-HOUR // 6}


def test_what_is_due_and_has_not_begun_is_recorded_at_the_end() -> None:
    star = Star(1)
    legs, _ = run(star, HOUR, archiving(star, night(0, 0, HOUR // 60, 300.0)))
    unsent = [leg for leg in legs if leg.flow < 0]
    assert unsent
    assert all(leg.measures[0].waiting_ns == HOUR for leg in unsent)


def test_another_site_changes_nothing_and_more_connections_end_sooner() -> None:
    star = Star(2)
    one = night(0, 0, 8 * HOUR, 100.0)
    alone, plane = run(star, 10 * HOUR, archiving(star, one))
    both, _ = run(star, 10 * HOUR, archiving(star, one), archiving(star, one, site="s1"))
    mine = [leg for leg in both if leg.site == "s0"]
    assert [leg.measures for leg in mine] == [leg.measures for leg in alone]
    # The plane of this test has no queues, so two connections are twice as fast.
    legs, faster = run(star, 10 * HOUR, replace(archiving(star, one), connections=2))
    assert max(faster.opened_ns[leg.flow] for leg in legs) < max(
        plane.opened_ns[leg.flow] for leg in alone
    )
