"""Lessons on demand: when one begins, who is in one, and what a question takes on lines worked by hand."""

import math
from dataclasses import replace
from typing import Any

import pytest

from control.control_plans import (
    GEO_NS,
    HOUR,
    PROPAGATION_NS,
    READING_CLASS,
    TCP,
    VIDEO,
    VIDEO_CLASS,
    NominalPlane,
    S,
    Star,
    arrivals,
    packet_by_packet,
    times_s,
    wire_s,
)
from telemedsim.control.world import simulate
from telemedsim.network.work import LessonWork, Questions
from telemedsim.records.sessions import ControlRecords

QUESTION_BYTES, ANSWER_BYTES = 1000, 2000
SERVER_S = 0.050
BOUND_S = 0.5
MEDIAN_S, SIGMA, SPREAD = 1200, 0.5, 4
"""Of a lesson's length; how many standard deviations a count may lie from its mean."""
MEAN_S = MEDIAN_S * math.exp(SIGMA**2 / 2)
SOME_NS = 10
"""Decisions and answers act 1 ns later (ARCHITECTURE.md, rule 2)."""


def questions(per_hour: float) -> Questions:
    return Questions(
        per_hour, QUESTION_BYTES, ANSWER_BYTES, round(SERVER_S * S), READING_CLASS, TCP
    )


def lesson(star: Star, per_hour: float = 30.0, asked: float = 0.0, **changes: Any) -> LessonWork:
    """Return the learners at s0, who start lessons and ask questions so often an hour."""
    work = LessonWork(
        scenario="lesson",
        service="education.lesson",
        class_index=VIDEO_CLASS,
        probe=None,
        learners_at=star.place("s0"),
        server_at=star.place("centre"),
        arrivals=arrivals(per_hour),
        video=replace(VIDEO, name="lesson_1080p30/h264"),
        duration_median_ns=MEDIAN_S * S,
        duration_sigma=SIGMA,
        longest_ns=3 * HOUR,
        request_bytes=600,
        server_ns=round(SERVER_S * S),
        questions=questions(asked),
        tcp=TCP,
    )
    return replace(work, **changes)


def short(star: Star, asked: float) -> LessonWork:
    """Return lessons of some 3 s, a few a minute, for a run packet by packet."""
    return lesson(
        star, 600.0, asked, duration_median_ns=3 * S, duration_sigma=0.1, longest_ns=10 * S
    )


def run(work: LessonWork, star: Star, seed: int = 1) -> tuple[ControlRecords, NominalPlane]:
    plane = NominalPlane()
    control, _ = simulate(star.plan([work], HOUR, seed=seed), plane)
    return control, plane


@pytest.mark.oracle
def test_an_interaction_is_two_messages_two_ways_and_the_server() -> None:
    """The answer may wait behind what the line has of the picture: some frames of pictures at 30 a second."""
    star = Star(1)
    found = times_s(star.plan([short(star, 3000.0)], 20 * S))["interaction"]
    theory = wire_s(QUESTION_BYTES) + wire_s(ANSWER_BYTES) + 2 * PROPAGATION_NS / S + SERVER_S
    assert len(found) > 5
    assert min(found) == pytest.approx(theory, abs=SOME_NS / S)
    assert max(found) < theory + 0.1


@pytest.mark.oracle
def test_the_picture_starts_after_connection_request_server_first_frame_and_buffer() -> None:
    star = Star(1)
    way_s = PROPAGATION_NS / S
    buffer_s = VIDEO.playout.jitter_buffer_ms / 1000
    least = 3 * way_s + wire_s(600) + SERVER_S + way_s + buffer_s
    frame_s = VIDEO.playout.frame_period_ns / S
    started = []
    for seed in range(4):
        control, flows = packet_by_packet(star.plan([short(star, 0.0)], 20 * S, seed=seed))
        for leg in control.legs:
            shown_ns = flows.streams[leg.flow][0].first_shown_ns if leg.kind == "stream" else -1
            if shown_ns >= 0 and leg.joined_ns >= 0:
                started.append((shown_ns - leg.joined_ns) / S)
    assert len(started) >= 5
    for simulated in started:
        assert least < simulated < least + 2 * frame_s


def test_no_question_over_a_geostationary_satellite_is_answered_in_time() -> None:
    star = Star(1)
    work = short(star, 3000.0)
    near, far = (times_s(star.plan([work], 20 * S), way) for way in (PROPAGATION_NS, GEO_NS))
    assert max(near["interaction"]) < BOUND_S < 2 * GEO_NS / S < min(far["interaction"])


@pytest.mark.oracle
def test_so_many_are_in_a_lesson_as_start_while_one_lasts() -> None:
    """M/G/infinity: those under way at any time are Poisson, of mean rate times length."""
    star, seeds, per_hour = Star(1), 20, 60.0
    under_way = at_the_end = 0
    for seed in range(seeds):
        control, _ = run(lesson(star, per_hour), star, seed)
        under_way += sum(session.in_progress for session in control.sessions)
        at_the_end += sum(session.outcome == "running" for session in control.sessions)
    mean = seeds * per_hour * MEAN_S / 3600
    assert abs(under_way - mean) < SPREAD * math.sqrt(mean)
    assert abs(at_the_end - mean) < SPREAD * math.sqrt(mean)


def test_a_learner_asks_so_often_an_hour_and_nothing_before_the_window() -> None:
    star, asked = Star(1), 120.0
    control, plane = run(lesson(star, 60.0, asked), star)
    streams = [leg for leg in control.legs if leg.kind == "stream"]
    assert {leg.video for leg in streams} == {"lesson_1080p30/h264"}, "a picture's score needs it"
    watched_ns = sum(
        min(plane.streams[leg.flow].stop_ns, HOUR) - plane.streams[leg.flow].start_ns
        for leg in streams
    )
    asking = [leg for leg in control.legs if leg.kind == "transfer" and leg.measures]
    mean = asked * watched_ns / HOUR
    assert abs(len(asking) - mean) < SPREAD * math.sqrt(mean)
    assert all(leg.joined_ns >= 0 for leg in asking)
    assert all(plane.transfers[leg.flow].connected for leg in asking)


def test_a_lesson_lasts_from_the_servers_first_packet_to_its_end() -> None:
    star = Star(1)
    control, plane = run(lesson(star, 60.0, 12.0), star)
    legs = {leg.session: leg for leg in control.legs if leg.kind == "stream"}
    for session in control.sessions:
        leg = legs[session.session]
        stream = plane.streams[leg.flow]
        assert leg.joined_ns == session.started_ns
        if not session.in_progress:
            # Connection and request take three ways at least in any plane; here one and its bits.
            assert stream.start_ns >= session.started_ns + PROPAGATION_NS + round(SERVER_S * S)
        if session.outcome == "completed":
            # Answers to the last questions may come a little later.
            assert 0 <= session.ended_ns - stream.stop_ns < S
        assert stream.stop_ns - stream.start_ns <= 3 * HOUR


def test_another_site_changes_no_learners_times() -> None:
    star = Star(2)
    here = lesson(star, 60.0, 12.0)
    there = replace(here, learners_at=star.place("s1"))
    times = []
    for works in ([here], [there, here]):
        control, _ = simulate(star.plan(works, HOUR), NominalPlane())
        times.append(sorted(leg.joined_ns for leg in control.legs if leg.site == "s0"))
    assert times[0] == times[1]
