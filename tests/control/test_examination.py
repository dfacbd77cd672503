"""Examinations: who begins when, and what page, paper and confirmation take on lines worked by hand."""

from dataclasses import replace
from typing import Any

import pytest

from control.control_plans import (
    GEO_NS,
    PROPAGATION_NS,
    READING_CLASS,
    TCP,
    NominalPlane,
    S,
    Star,
    times_s,
    wire_s,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import ExaminationWork
from telemedsim.records.sessions import ControlRecords

SOME_NS = 10
"""Decisions and answers act 1 ns later (ARCHITECTURE.md, rule 2)."""
BOUND_S = 0.5
START_NS, STOP_NS = 60 * S, 660 * S


def examination(star: Star, **changes: Any) -> ExaminationWork:
    work = ExaminationWork(
        scenario="exam",
        service="education.exam",
        class_index=READING_CLASS,
        probe=None,
        candidates_at=star.place("s0"),
        server_at=star.place("centre"),
        candidates=1,
        sittings=((START_NS, STOP_NS),),
        entry_ns=60 * S,
        release_ns=0,
        request_bytes=600,
        page_bytes=60_000,
        paper_bytes=32_000,
        images_bytes=600_000,
        answers=6,
        answer_bytes=2000,
        confirmation_bytes=500,
        server_ns=50_000_000,
        tcp=TCP,
    )
    return replace(work, **changes)


def run(work: ExaminationWork, star: Star, seed: int = 1) -> tuple[ControlRecords, NominalPlane]:
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], 700 * S, seed=seed), plane)
    return control, plane


@pytest.mark.oracle
def test_an_interaction_on_an_idle_line_is_two_messages_two_ways_and_the_server() -> None:
    star = Star(1)
    found = times_s(star.plan([examination(star)], 700 * S))
    theory = wire_s(2000) + wire_s(500) + 2 * PROPAGATION_NS / S + 0.050
    assert len(found["interaction"]) == 6
    for simulated in found["interaction"]:
        assert simulated == pytest.approx(theory, abs=SOME_NS / S)


@pytest.mark.oracle
def test_one_paper_takes_its_bits_and_two_exchanges_at_least() -> None:
    """Above that only the rounds of slow start, whose doubling window from 10 fills the line."""
    star = Star(1)
    (simulated,) = times_s(star.plan([examination(star)], 700 * S))["download"]
    round_trip_s = 2 * PROPAGATION_NS / S
    least = wire_s(32_000) + wire_s(600_000) + 2 * wire_s(600) + 2 * round_trip_s + 0.050
    assert least <= simulated <= least + 3 * round_trip_s


def test_no_answer_over_a_geostationary_satellite_is_confirmed_in_time() -> None:
    star = Star(1)
    near = times_s(star.plan([examination(star)], 700 * S))
    far = times_s(star.plan([examination(star)], 700 * S), propagation_ns=GEO_NS)
    assert max(near["interaction"]) < BOUND_S < 2 * GEO_NS / S < min(far["interaction"])
    assert min(far["start"]) > 2 * 2 * GEO_NS / S


def test_papers_for_more_candidates_take_longer_at_one_moment_and_not_when_spread() -> None:
    """At one moment the line sends all papers before the last one is there."""
    star = Star(1)

    def longest(candidates: int, release_ns: int = 0) -> float:
        work = examination(star, candidates=candidates, answers=1, release_ns=release_ns)
        return max(times_s(star.plan([work], 700 * S))["download"])

    alone, together, spread = longest(1), longest(10), longest(10, release_ns=300 * S)
    paper_s = wire_s(32_000) + wire_s(600_000)
    assert together >= 10 * paper_s > 2 * alone
    assert spread < together / 2


def test_all_ask_for_the_paper_at_one_moment_and_enter_before() -> None:
    star = Star(1)
    control, plane = run(examination(star, candidates=30), star)
    starts = {"start": [], "download": [], "interaction": []}
    for leg in control.legs:
        starts[leg.measures[0].name].append(leg.joined_ns)
        assert plane.transfers[leg.flow].connected == (leg.measures[0].name != "start")
    assert set(starts["download"]) == {START_NS}
    assert len(starts["start"]) == 30
    assert len(set(starts["start"])) == 30
    assert all(0 <= time <= START_NS for time in starts["start"])
    assert len(starts["interaction"]) == 30 * 6
    assert all(START_NS < time <= STOP_NS for time in starts["interaction"])
    assert {session.outcome for session in control.sessions} == {"completed"}


def test_what_lies_before_the_window_is_not_sent_again() -> None:
    star = Star(1)
    under_way = examination(star, candidates=20, sittings=((-300 * S, 300 * S),), answers=40)
    control, _ = run(under_way, star)
    assert {leg.measures[0].name for leg in control.legs} == {"interaction"}
    assert all(session.in_progress for session in control.sessions)
    # Half of 800 answers are left: binomial, within four deviations.
    assert abs(len(control.legs) - 400) < 4 * (800 / 4) ** 0.5


def test_another_site_changes_no_candidates_times() -> None:
    star = Star(2)
    here = examination(star, candidates=5)
    there = examination(star, candidates=5, candidates_at=star.place("s1"))
    times = []
    for works in ([here], [there, here]):
        control, _ = simulate(star.plan(works, 700 * S), NominalPlane())
        times.append(sorted(leg.joined_ns for leg in control.legs if leg.site == "s0"))
    assert times[0] == times[1]
