"""Terminals that walk between access points: how often, and what a handover costs a fetch."""

import math
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest

from control.control_plans import HOUR, NominalPlane, S, Star
from control.test_image_reading import reading
from telemedsim.control.replication import Replication
from telemedsim.control.roaming import Walk, in_pieces
from telemedsim.control.transfers import ANSWERER, OPENER, Watch
from telemedsim.control.world import simulate
from telemedsim.dataplane.base import Step
from telemedsim.dataplane.null import NullPlane
from telemedsim.network.plan import Plan
from telemedsim.network.work import ReadingWork, Roaming
from telemedsim.records.flows import FlowRecords
from telemedsim.records.sessions import ControlRecords, LegUse

Z_99 = 2.576
PIECE = 64 * 1440


def roaming(star: Star, stay_s: float = 2.0, handover_ms: int = 1000) -> Roaming:
    """Return walks between the campuses of two sites, which stand for two access points."""
    points = (star.place("s0.campus"), star.place("s1.campus"))
    return Roaming(points, round(stay_s * S), handover_ms * 1_000_000, PIECE)


def run(star: Star, work: ReadingWork, duration_ns: int) -> tuple[ControlRecords, FlowRecords]:
    plan = star.plan([work], duration_ns)
    return simulate(plan, plane_of(plan))


def plane_of(plan: Plan) -> NullPlane:
    return NullPlane(plan.interfaces, plan.classes, plan.bin_ns, plan.series_bin_ns, 1, 0)


def legs_by_read(control: ControlRecords) -> dict[int, list[LegUse]]:
    """Return the legs of each fetch, by when it was asked for."""
    found: dict[int, list[LegUse]] = defaultdict(list)
    for leg in control.legs:
        if leg.role == "reader" and leg.joined_ns >= 0:
            found[leg.joined_ns].append(leg)
    return found


def fetch_ns(legs: list[LegUse], flows: FlowRecords) -> int | None:
    """Return the time from asking to the last byte; None if it did not come."""
    leg = legs[-1]
    for measure in leg.measures:
        for mark in flows.transfers[leg.flow].marks:
            if measure is leg.measures[-1] and mark.step == measure.step:
                return mark.time_ns - measure.origin_ns
    return None


@pytest.mark.oracle
def test_handovers_are_walking_time_over_stay_and_gap() -> None:
    """A renewal process of cycles stay + gap; exponential stays vary at least as much as the sum."""
    star, terminals, hours = Star(2), 100, 1
    replication = Replication(star.plan([], hours * HOUR), NominalPlane(), opens_ns=0)
    law = roaming(star, stay_s=58.0, handover_ms=2000)
    walks = [Walk(replication, law, f"terminal-{number}") for number in range(terminals)]
    replication.environment.run(until=hours * HOUR)
    expected = terminals * hours * 3600 / (58.0 + 2.0)
    assert abs(sum(walk.handovers for walk in walks) - expected) < Z_99 * math.sqrt(expected)


@pytest.mark.oracle
def test_a_fetch_under_handover_takes_at_least_that_much_longer() -> None:
    """On the plane without queues nothing else differs: the gap, a round trip, pieces sent again."""
    star, duration_ns = Star(2), 2 * HOUR
    plain = reading(star, whole=False)
    walking = replace(plain, roaming=roaming(star, stay_s=5.0))
    still, flows_still = run(star, plain, duration_ns)
    moving, flows = run(star, walking, duration_ns)
    before, after = legs_by_read(still), legs_by_read(moving)
    assert before.keys() == after.keys()
    rtt_ns = 4 * (5_000_000 + 600_000)
    again_ns = PIECE * 8 * S // 20_000_000
    cut = whole = 0
    for asked_ns, legs in after.items():
        alone_ns, took_ns = fetch_ns(before[asked_ns], flows_still), fetch_ns(legs, flows)
        if alone_ns is None or took_ns is None:
            continue
        gaps_ns = sum(ns for name, ns in legs[-1].measures[-1].stages if name == "handover")
        resumed = [leg for leg in legs if leg.handover_ns > 0]
        longer_ns = took_ns - alone_ns
        # A piece may take a nanosecond more than its share of the whole.
        slack_ns = 2000
        assert gaps_ns - slack_ns <= longer_ns
        each_ns = rtt_ns + again_ns + plain.server_ns + S // 100
        assert longer_ns <= gaps_ns + len(legs) * each_ns + slack_ns
        assert all(leg.handover_ns == S for leg in resumed)
        cut += bool(resumed)
        whole += longer_ns <= slack_ns
    assert cut > 20
    assert whole > 20


def test_the_rest_comes_over_another_access_point_and_nothing_is_left_out() -> None:
    star = Star(2)
    work = replace(reading(star, terminals=4), roaming=roaming(star))
    control, flows = run(star, work, HOUR)
    cut = 0
    for legs in legs_by_read(control).values():
        study = legs[-1].measures[-1] if legs[-1].measures else None
        if study is None or fetch_ns(legs, flows) is None:
            continue
        came = [flows.transfers[leg.flow].legs[1].delivered_bytes for leg in legs]
        assert study.object_bytes <= sum(came)
        for leg, following in pairwise(legs):
            cut += 1
            assert leg.path != following.path
            assert 0 <= leg.joined_ns <= leg.ended_ns
            assert following.handover_ns == S
        # Each measure belongs to the leg that brought its last byte, and to no other.
        names = [measure.name for leg in legs for measure in leg.measures]
        assert sorted(names) == ["response", "study"]
    assert cut > 20


def test_an_endless_stay_changes_nothing_but_the_pieces() -> None:
    star = Star(2)
    plain, plain_flows = run(star, reading(star), HOUR)
    law = replace(roaming(star, stay_s=1e9), access_points=(star.place("s0.campus"),))
    still, flows = run(star, replace(reading(star), roaming=law), HOUR)
    before, after = legs_by_read(plain), legs_by_read(still)
    assert before.keys() == after.keys()
    for asked_ns, legs in after.items():
        assert len(legs) == 1
        assert legs[0].handover_ns == 0
        one, other = fetch_ns(before[asked_ns], plain_flows), fetch_ns(legs, flows)
        assert (one is None) == (other is None)
        assert one is None or abs(one - other) < 2000


def test_who_waits_longer_than_patience_gives_up_in_a_handover_too() -> None:
    star = Star(2)
    work = replace(reading(star), roaming=roaming(star), patience_ns=3 * S)
    control, _ = run(star, work, HOUR)
    gave_up = [one for one in control.sessions if one.outcome == "abandoned"]
    assert gave_up
    assert all(one.ended_ns - one.started_ns == 3 * S for one in gave_up if one.started_ns >= 0)


def test_pieces_make_up_the_message() -> None:
    steps = (Step(OPENER, 600, 0), Step(ANSWERER, 250, 7, report=True))
    messages = in_pieces(steps, (Watch("response", 1, 250),), 100)
    assert [step.size_bytes for step in messages.steps] == [600, 100, 100, 50]
    assert [step.delay_ns for step in messages.steps] == [0, 7, 0, 0]
    assert [watch.step for watch in messages.watches] == [3]
    assert [messages.arrived_bytes(reached) for reached in (-1, 0, 1, 3)] == [0, 0, 100, 250]
